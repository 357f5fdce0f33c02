//! The command `rank` puts the rules of a study in order under each reader, every one with the settings that were
//! chosen for that reader.

use crate::amounts::duration;
use crate::completing;
use crate::stdout::{print, print_painted};
use crate::studied::studied;
use crate::width::{columns, wrapped};
use analysis::rank::{HalfLoad, RankedRule, Ranking, ranking};
use anyhow::{Result, ensure};
use base::paint::{faint, good, head};
use comfy_table::{CellAlignment, Table, presets};
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
    #[arg(long)]
    pub json: bool,
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
    } else {
        print_painted(&text(&study, &rankings, columns()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Columns that a rule's name may take before it is broken.
const NAME: usize = 16;

fn text(study: &EffectStudy, rankings: &[Ranking], room: usize) -> String {
    let mut text = wrapped(study.question.trim(), room, 0) + "\n";
    for ranking in rankings.iter().filter(|ranking| !ranking.rules.is_empty()) {
        let load = ranking.rules[0].memory.load;
        let title = format!("Read by {}, N = {}, memories at load {load:.2}", ranking.reading, ranking.n);
        let loads = format!("load50 by noise, read by {}, N = {}", ranking.reading, ranking.n);
        for (title, table) in [(title, standing(ranking)), (loads, half_loads(ranking))] {
            write!(text, "\n{}\n{table}\n", head(&wrapped(&title, room, 0)))
                .expect("a text can be written to");
        }
    }
    let runs: Vec<&str> = study.size.iter().flat_map(|size| size.runs.iter().map(String::as_str)).collect();
    let runs = format!("Runs: {}. A star marks the first, and those level with it.", runs.join(", "));
    text + "\n" + &faint(&wrapped(&runs, room, 2)) + "\n"
}

/// How far every rule has come, and what its memories are like.
fn standing(ranking: &Ranking) -> String {
    let heads = ["", "share", "behind", "margin", "asym-\nmetry", "local", "steps", "write"];
    let short = |x: Option<f64>| x.map_or_else(String::new, |x| format!("{x:.2}"));
    let row = |rule: &RankedRule| -> Vec<String> {
        let memory = &rule.memory;
        let behind = rule.behind.map_or_else(String::new, |behind| {
            format!("{:.3} +-{:.3}", behind.value, (behind.high - behind.low) / 2.0)
        });
        let star = if rule.behind.is_none_or(|behind| behind.high >= 0.0) { "*" } else { " " };
        let cells = [
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
    table(&heads, ranking.rules.iter().map(|rule| (rule, row(rule))))
}

/// The loads at which half of the queries are recovered.
fn half_loads(ranking: &Ranking) -> String {
    let mut noise: Vec<f64> =
        ranking.rules.iter().flat_map(|rule| rule.load50.iter().map(|load| load.noise)).collect();
    noise.sort_by(f64::total_cmp);
    noise.dedup();
    let heads: Vec<String> =
        std::iter::once(String::new()).chain(noise.iter().map(|level| format!("{level:.2}"))).collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let row = |rule: &RankedRule| -> Vec<String> {
        let at = |level: &f64| rule.load50.iter().find(|load| load.noise == *level);
        noise.iter().map(|level| at(level).map_or_else(String::new, half_load)).collect()
    };
    table(&heads, ranking.rules.iter().map(|rule| (rule, row(rule))))
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

fn table<'a>(heads: &[&str], rows: impl Iterator<Item = (&'a RankedRule, Vec<String>)>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header(heads.iter().map(|text| head(text)));
    for (i, (rule, cells)) in rows.enumerate() {
        let name = wrapped(&rule.rule, NAME, 1);
        let name = if i == 0 { name.lines().map(good).collect::<Vec<_>>().join("\n") } else { name };
        table.add_row(std::iter::once(name).chain(cells));
    }
    table.column_iter_mut().skip(1).for_each(|column| column.set_cell_alignment(CellAlignment::Right));
    table.trim_fmt()
}
