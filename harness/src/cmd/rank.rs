//! The command `rank` puts the rules of a study in order under each reader, every one with the settings that were
//! chosen for that reader.

use crate::amounts::duration;
use crate::completing;
use crate::stdout::{print, print_painted};
use crate::studied::studied;
use crate::typeset::{Sheet, Typeset};
use crate::width::{columns, wrapped};
use analysis::rank::{HalfLoad, RankedRule, Ranking, ranking};
use anyhow::{Result, ensure};
use base::paint::{faint, good, head};
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use study::effects::EffectStudy;

/// Arguments of `rank`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness rank                  the rules of the field, each at its best under each reader
  harness rank --reader soft    under one reader
  harness rank settle           the rules of another study
  harness rank --latex          tables for a paper
  harness rank my.toml --json   a study of your own, for programs

A share is the mean recovered share over the region of the study. Behind it stands how far a rule is behind the first,
with half of an interval; all intervals of one N hold together. A star marks the first and the rules that are level with
it. load50 is the load M/N at which half of the queries are recovered, by the share of units that are flipped, with its
interval over message sets. Margin, asymmetry |W - W^T| / |W + W^T|, steps of a read and seconds of a write are those at
the load nearest to one half. A rule is local if W_ij depends on what the messages have at i and j alone.")]
pub(crate) struct Args {
    /// A shipped study, or the path of one of your own.
    #[arg(default_value = "field", add = completing::studies())]
    pub study: String,
    /// Folder of results.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
    /// Only under this reader, as the study names it.
    #[arg(long, value_name = "READER")]
    pub reader: Option<String>,
    /// Everything as JSON, for programs.
    #[arg(long, conflicts_with = "Typeset")]
    pub json: bool,
    /// The tables as CSV.
    #[arg(long, conflicts_with_all = ["json", "Typeset"])]
    pub csv: bool,
    #[command(flatten)]
    pub typeset: Typeset,
}

/// Ranks the rules and prints them.
///
/// # Errors
/// If the study or its runs cannot be read, or it has no such reader.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let (study, runs) = studied(&args.study, &args.results)?;
    let mut rankings = ranking(&study, &runs);
    if let Some(reader) = &args.reader {
        rankings.retain(|ranking| ranking.reading == *reader);
        let readings: Vec<&str> = study.readings().into_iter().collect();
        ensure!(!rankings.is_empty(), "the study has no reader {reader:?}; it has {}", readings.join(", "));
    }
    if args.json {
        print(&(serde_json::to_string_pretty(&rankings)? + "\n"))?;
    } else if args.csv {
        print(&Sheet::csv(&sheets(&rankings)))?;
    } else if !args.typeset.print(|| sheets(&rankings))? {
        print_painted(&text(&study, &rankings, columns()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Columns that a rule's name may take before it is broken.
const NAME: usize = 16;

fn text(study: &EffectStudy, rankings: &[Ranking], room: usize) -> String {
    let mut text = wrapped(study.question.trim(), room, 0) + "\n";
    for sheet in sheets(rankings) {
        let sheet = narrow(sheet);
        write!(text, "\n{}\n{}\n", head(&wrapped(&sheet.title, room, 0)), sheet.text(room))
            .expect("a text can be written to");
    }
    let runs: Vec<&str> = study.size.iter().flat_map(|size| size.runs.iter().map(String::as_str)).collect();
    let runs = format!("Runs: {}. A star marks the first, and those level with it.", runs.join(", "));
    text + "\n" + &faint(&wrapped(&runs, room, 2)) + "\n"
}

/// Breaks names and heads that are long, and marks the first rule.
fn narrow(mut sheet: Sheet) -> Sheet {
    for (name, _) in &mut sheet.heads {
        *name = name.replace("asymmetry", "asym-\nmetry");
    }
    for (i, row) in sheet.rows.iter_mut().enumerate() {
        let name = wrapped(&row[0], NAME, 1);
        row[0] = if i == 0 { name.lines().map(good).collect::<Vec<_>>().join("\n") } else { name };
    }
    sheet
}

/// Two tables for every ranking: where the rules stand, and the loads that they bear.
fn sheets(rankings: &[Ranking]) -> Vec<Sheet> {
    let known = rankings.iter().filter(|ranking| !ranking.rules.is_empty());
    known.flat_map(|ranking| [standing(ranking), half_loads(ranking)]).collect()
}

/// How far every rule has come, and what its memories are like.
fn standing(ranking: &Ranking) -> Sheet {
    let heads = ["", "share", "behind", "margin", "asymmetry", "local", "steps", "write"];
    let short = |x: Option<f64>| x.map_or_else(String::new, |x| format!("{x:.2}"));
    let row = |rule: &RankedRule| -> Vec<String> {
        let memory = &rule.memory;
        let behind = rule.behind.map_or_else(String::new, |behind| {
            format!("{:.3} ±{:.3}", behind.value, (behind.high - behind.low) / 2.0)
        });
        let star = if rule.behind.is_none_or(|behind| behind.high >= 0.0) { "*" } else { " " };
        let cells = [
            rule.rule.clone(),
            format!("{:.3}{star}", rule.share),
            behind,
            short(memory.margin),
            short(memory.asymmetry),
            if memory.local { "yes" } else { "no" }.to_owned(),
            short(memory.steps),
            memory.write_seconds.map_or_else(String::new, duration),
        ];
        cells.to_vec()
    };
    let load = ranking.rules[0].memory.load;
    let title = format!("Read by {}, N = {}, memories at load {load:.2}", ranking.reading, ranking.n);
    Sheet::of_numbers(title, heads, ranking.rules.iter().map(row))
}

/// The loads at which half of the queries are recovered.
fn half_loads(ranking: &Ranking) -> Sheet {
    let mut noise: Vec<f64> =
        ranking.rules.iter().flat_map(|rule| rule.load50.iter().map(|load| load.noise)).collect();
    noise.sort_by(f64::total_cmp);
    noise.dedup();
    let levels = noise.iter().map(|level| format!("{level:.2}"));
    let heads: Vec<String> = std::iter::once(String::new()).chain(levels).collect();
    let row = |rule: &RankedRule| -> Vec<String> {
        let at = |level: &f64| rule.load50.iter().find(|load| load.noise == *level);
        let loads = noise.iter().map(|level| at(level).map_or_else(String::new, half_load));
        std::iter::once(rule.rule.clone()).chain(loads).collect()
    };
    let title = format!("load50 by noise, read by {}, N = {}", ranking.reading, ranking.n);
    Sheet::of_numbers(title, heads, ranking.rules.iter().map(row))
}

/// Writes `.62 [.60 .64]`; an end beyond the loads of the run is left open.
fn half_load(load: &HalfLoad) -> String {
    let short = |x: f64| format!("{x:.2}").trim_start_matches('0').to_owned();
    let Some(value) = load.load else {
        return faint(if load.beyond { "beyond" } else { "below" });
    };
    let end = |end: Option<f64>| end.map_or_else(|| "..".to_owned(), short);
    format!("{} {}", short(value), faint(&format!("[{} {}]", end(load.low), end(load.high))))
}
