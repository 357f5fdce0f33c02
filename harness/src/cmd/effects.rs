//! The command `effects` prints what each part of a rule or a reader does, by paired differences over several runs.

use crate::completing;
use crate::stdout::{print, print_painted};
use crate::studied::studied;
use crate::typeset::{Sheet, Typeset};
use crate::width::{columns, wrapped};
use analysis::effects::{EffectAt, EffectRow, effects};
use anyhow::{Result, ensure};
use base::next::Next;
use base::paint::{faint, good, head};
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use study::effects::{EffectSpec, EffectStudy};

/// Arguments of `effects`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness effects                      the shipped study
  harness effects my.toml --json       a study of your own, for programs
  harness effects --only diagonal      only the effects whose name has this word

A number is a difference of recovered shares, one side less the other, in the mean over the loads and noise levels
of the study; after ± stands half of its interval. All intervals of one N hold together with the study's confidence. A
star marks an effect whose interval leaves 0 out, and whose sign is the same under every root seed by itself. Under
large N stands where a line in 1/N leads, if an effect is a mean over the same rules at three sizes.")]
pub(crate) struct Args {
    /// A shipped study of effects, or the path of one of your own.
    #[arg(default_value = "settle", add = completing::studies())]
    pub study: String,
    /// Folder of results.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
    /// Only effects whose name contains this.
    #[arg(long, value_name = "WORD")]
    pub only: Option<String>,
    /// Everything as JSON, with the pairs that are compared.
    #[arg(long, conflicts_with = "Typeset")]
    pub json: bool,
    /// All effects as CSV.
    #[arg(long, conflicts_with_all = ["json", "Typeset"])]
    pub csv: bool,
    #[command(flatten)]
    pub typeset: Typeset,
    /// Draw them too: SVG, PNG, PDF and CSV in this folder, such as paper-figs.
    #[cfg(feature = "report")]
    #[arg(long, value_name = "FOLDER")]
    pub figure: Option<PathBuf>,
}

/// Estimates the effects and prints them.
///
/// # Errors
/// If the study or its runs cannot be read, or nothing is left to show.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let (study, runs) = studied(&args.study, &args.results)?;
    ensure!(
        !study.effect.is_empty(),
        "the study {0:?} has no effects; `{1}` puts its rules in order",
        args.study,
        Next::harness("rank").name(&args.study)
    );
    let mut rows = effects(&study, &runs);
    if let Some(word) = &args.only {
        rows.retain(|row| row.effect.contains(word.as_str()));
        let names: Vec<&str> = study.effect.iter().map(|effect| effect.name.as_str()).collect();
        ensure!(!rows.is_empty(), "no effect's name contains {word:?}; there are {}", names.join(", "));
    }
    #[cfg(feature = "report")]
    if let Some(folder) = &args.figure {
        figure::save(&figure::draw_effects("effects", &study, &rows)?, folder)?;
    }
    if args.json {
        print(&(serde_json::to_string_pretty(&rows)? + "\n"))?;
    } else if args.csv {
        print(&Sheet::csv(&sheets(&study, &rows)))?;
    } else if !args.typeset.print(|| sheets(&study, &rows))? {
        print_painted(&text(&study, &rows))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes every effect as a small table: a row a reading, a column a size.
fn text(study: &EffectStudy, rows: &[EffectRow]) -> String {
    let mut text = format!("{}\n", wrapped(study.question.trim(), columns(), 0));
    for sheet in sheets(study, rows) {
        let title = wrapped(&sheet.title, columns(), 2);
        let (name, question) = title.split_once(':').unwrap_or((&title, ""));
        write!(text, "\n{}:{question}\n{}\n", head(name), sheet.text(columns())).expect("writing to a text");
    }
    let sizes = study.size.iter().map(|size| format!("{} at N = {}", size.runs.join(", "), size.n));
    let runs = wrapped(&format!("Runs: {}", sizes.collect::<Vec<_>>().join("; ")), columns(), 2);
    let runs: Vec<String> = runs.lines().map(faint).collect();
    text + "\n" + &runs.join("\n") + "\n"
}

/// Returns the columns of a table of effects: a head and the cells of every row.
fn cells(study: &EffectStudy, rows: &[&EffectRow]) -> (Vec<String>, Vec<Vec<String>>) {
    let sizes = study.size.iter().map(|size| format!("N = {}", size.n));
    let limits = rows.iter().any(|row| row.limit.is_some());
    let heads = std::iter::once(String::new()).chain(sizes).chain(limits.then(|| "large N".to_owned()));
    let row = |row: &&EffectRow| {
        let sizes = row.sizes.iter().map(|at| at.as_ref().map_or_else(String::new, number));
        let limit = row.limit.map(|limit| difference(limit.value, (limit.high - limit.low) / 2.0));
        let limit = limits.then(|| limit.unwrap_or_default());
        std::iter::once(row.reading.clone()).chain(sizes).chain(limit).collect()
    };
    (heads.collect(), rows.iter().map(row).collect())
}

/// Returns a table an effect, for other programs.
fn sheets(study: &EffectStudy, rows: &[EffectRow]) -> Vec<Sheet> {
    let of = |name: &str| rows.iter().filter(|row| row.effect == name).collect::<Vec<&EffectRow>>();
    let shown =
        study.effect.iter().map(|effect| (effect, of(&effect.name))).filter(|(_, rows)| !rows.is_empty());
    let sheet = |(effect, rows): (&EffectSpec, Vec<&EffectRow>)| {
        let (heads, rows) = cells(study, &rows);
        Sheet::of_numbers(format!("{}: {}", effect.name, effect.question), heads, rows)
    };
    shown.map(sheet).collect()
}

/// Writes an effect at one N: the difference, half of its interval, and a star where it is shown.
fn number(at: &EffectAt) -> String {
    let (Some(value), Some(low), Some(high)) = (at.value, at.low, at.high) else {
        return format!("none of {} sets", at.lacking);
    };
    let text = difference(value, (high - low) / 2.0);
    let text = if at.is_shown() { format!("{}*", good(&text)) } else { format!("{text} ") };
    if at.lacking > 0 { format!("{text} {} sets lack", at.lacking) } else { text }
}

fn difference(value: f64, half: f64) -> String {
    let short = |value: f64| format!("{value:.3}").replacen("0.", ".", 1);
    format!("{}{} ±{}", if value < 0.0 { "-" } else { "+" }, short(value.abs()), short(half))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_short() {
        assert_eq!(difference(0.0314, 0.0099), "+.031 ±.010");
        assert_eq!(difference(-1.2, 0.5), "-1.200 ±.500");
        assert_eq!(difference(0.0, 0.0), "+.000 ±.000");
    }
}
