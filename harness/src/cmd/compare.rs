//! The command `compare` puts two result sets side by side.

use crate::named::named;
use crate::outcome::Outcome;
use crate::results::records;
use crate::stderr::tell;
use crate::stdout::print;
use crate::typeset::{Kind, Sheet, Typeset};
use crate::width::{columns, wrapped};
use analysis::comparison::{By, Comparison, ComparisonRow, LEVEL, Shift, compare};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::provenance::Provenance;
use store::runs::folder;
use study::measure::Measure;
use study::records::Records;

/// Arguments of `compare`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness compare reference/quick quick                did anything change since the committed run?
  harness compare before after --by condition          every load, noise level and dynamics for itself
  harness compare a b --measure overlap --measure strict-minima --json
  harness compare before after --measure write-seconds times, on one machine

Results are joined on protocol label, source, N, M, trial, dynamics and flips. Equal root seeds and streams mean equal
messages and queries, and then trials are paired. Differences are B less A with 95 % intervals; p-values are \
adjusted (Holm) over all
rows. Exit code: 0 where B is not worse; 1 where it is significantly worse in a row, or a cell fails in B that did not
in A, or after an error; 5 where nothing could be compared.")]
pub(crate) struct Args {
    /// Results to compare with: a name, or a path to a folder.
    pub a: String,
    /// Results to judge.
    pub b: String,
    /// Folder of results.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
    /// What is compared; by default fixed-points and recovered. Also bit-errors, strict-minima, recovered-first,
    /// recovered-checkpoint, overlap, write-seconds. May be given several times.
    #[arg(long, value_parser = named::<Measure>)]
    pub measure: Vec<Measure>,
    /// One row a protocol, or one a condition.
    #[arg(long, value_enum, default_value = "protocol")]
    pub by: By,
    /// Compare times though they were measured on different machines.
    #[arg(long)]
    pub force: bool,
    /// All rows as JSON.
    #[arg(long, conflicts_with = "Typeset")]
    pub json: bool,
    /// The rows as CSV.
    #[arg(long, conflicts_with_all = ["json", "Typeset"])]
    pub csv: bool,
    #[command(flatten)]
    pub typeset: Typeset,
}

/// What is printed as JSON.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    found: &'a Comparison,
    outcome: Outcome,
}

/// One of the two sides.
struct Side {
    records: Records,
    /// The run that wrote it last.
    run: Provenance,
}

impl Side {
    fn open(root: &Path, name: &str) -> Result<Self> {
        let records = records(root, name)?;
        let path = folder(root, name);
        let manifest = path.manifest()?.and_then(|manifest| manifest.runs.into_iter().next_back());
        let run =
            manifest.with_context(|| format!("{}: its manifest.json names no run", path.path().display()))?;
        Ok(Self { records, run })
    }

    /// Returns what must be equal for times to be comparable.
    fn machine(&self) -> String {
        let cores = self.run.cores.map_or("unknown".to_owned(), |cores| cores.to_string());
        format!("{} ({}, {cores} cores)", self.run.host, self.run.cpu)
    }
}

/// Compares two result sets and prints the differences.
///
/// # Errors
/// If results cannot be read, or times of different machines are asked for without `--force`.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let (a, b) = (Side::open(&args.results, &args.a)?, Side::open(&args.results, &args.b)?);
    let mut measures = args.measure.clone();
    if measures.is_empty() {
        measures = vec![Measure::FixedPoints, Measure::Recovered];
    }
    let times = measures.contains(&Measure::WriteSeconds);
    ensure!(
        !times || args.force || a.machine() == b.machine(),
        "times of different machines do not compare programs: {} ran on {}, {} on {}; run both on one machine, or give \
         --force to compare them all the same",
        args.a,
        a.machine(),
        args.b,
        b.machine()
    );
    let drawn = |run: &Provenance| (run.root_seed, run.stream, run.rng.clone());
    let paired = drawn(&a.run) == drawn(&b.run);
    let found = compare(&a.records, &b.records, paired, &measures, args.by);
    let outcome = Outcome::of(found.rows.len(), !found.is_worse());
    if outcome == Outcome::Nothing {
        let names: Vec<&str> = measures.iter().map(|measure| measure.name()).collect();
        tell(format_args!(
            "Nothing could be compared: {} and {} have nothing in common in {}: {} cells are joined on protocol \
             label, source, N, M and trial; `harness show NAME --csv` lists what each has",
            args.a,
            args.b,
            names.join(" and "),
            found.joined
        ));
    }
    if args.json {
        print(&(serde_json::to_string_pretty(&Report { found: &found, outcome })? + "\n"))?;
    } else if args.csv {
        print(&Sheet::csv(&sheets(args, &found)))?;
    } else if outcome != Outcome::Nothing && !args.typeset.print(|| sheets(args, &found))? {
        print(&text(args, &found, &a.run, &b.run))?;
    }
    Ok(outcome.into())
}

fn text(args: &Args, found: &Comparison, a: &Provenance, b: &Provenance) -> String {
    let mut text = String::new();
    let mut line = |words: String| writeln!(text, "{}", lines_of(&words)).expect("text can be written to");
    line(format!("A: {}, B: {}", args.a, args.b));
    line(match found.paired {
        true => format!("Paired: both drew the same messages and queries (root seed {}).", a.root_seed),
        false => format!("Not paired: other messages and queries ({}).", drawn_apart(a, b)),
    });
    if found.only_a + found.only_b > 0 {
        line(format!(
            "{} cells are joined; {} of A and {} of B have no counterpart.",
            found.joined, found.only_a, found.only_b
        ));
    }
    for (label, a, b) in &found.other_parameters {
        line(format!("{label} has other parameters: {a} in A, {b} in B."));
    }
    let is_shown =
        |row: &&ComparisonRow| args.by == By::Protocol || matches!(row.verdict, Shift::Better | Shift::Worse);
    let shown: Vec<&ComparisonRow> = found.rows.iter().filter(is_shown).collect();
    if !shown.is_empty() {
        line(format!("\n{}\n", sheet(args, found, &shown).text(columns())));
    }
    for failure in found.newly_failed.iter().take(5) {
        let (cell, status) = (&failure.cell, failure.status.name());
        line(format!("{} {cell} failed in B only: {status}, {}", failure.protocol, failure.message));
    }
    line(conclusion(found));
    text
}

/// Breaks sentences that are wider than the terminal; tables are laid out already.
fn lines_of(words: &str) -> String {
    if words.contains('\n') { words.to_owned() } else { wrapped(words, columns(), 2) }
}

/// Returns what makes the messages of two runs differ.
fn drawn_apart(a: &Provenance, b: &Provenance) -> String {
    if a.stream != b.stream {
        return format!("streams {} and {}", a.stream.name(), b.stream.name());
    }
    format!("root seeds {} and {}", a.root_seed, b.root_seed)
}

/// Counts of verdicts, and whether anything could have been shown.
fn conclusion(found: &Comparison) -> String {
    let count = |verdict| found.rows.iter().filter(|row| row.verdict == verdict).count();
    let mut words = format!(
        "{} comparisons: B is better in {}, worse in {}; {} may be chance, {} are identical.",
        found.rows.len(),
        count(Shift::Better),
        count(Shift::Worse),
        count(Shift::Open),
        count(Shift::Identical)
    );
    let most = found.rows.iter().map(|row| row.sets).max().unwrap_or(0);
    let least = 0.5_f64.powi(most.saturating_sub(1).min(1000) as i32);
    let least = if found.paired { least } else { least.max(1.0 / 10_001.0) };
    if least * found.rows.len() as f64 > LEVEL && count(Shift::Open) > 0 {
        let remark = " With so few message sets for so many rows no difference can be significant: compare by \
         protocol, or run more trials.";
        words.push_str(remark);
    }
    match found.newly_failed.len() {
        0 => {}
        failed => words.push_str(&format!(" {failed} cells fail in B that did not in A.")),
    }
    words
}

/// Returns all rows as a table for other programs.
fn sheets(args: &Args, found: &Comparison) -> Vec<Sheet> {
    vec![sheet(args, found, &found.rows.iter().collect::<Vec<_>>())]
}

fn sheet(args: &Args, found: &Comparison, rows: &[&ComparisonRow]) -> Sheet {
    let kind = |right| if right { Kind::Numbers } else { Kind::Words };
    let all = columns_of(rows);
    let (a, b) = (&args.a, &args.b);
    Sheet {
        title: format!("A: {a}, B: {b}, {}", if found.paired { "paired" } else { "not paired" }),
        heads: all.iter().map(|&(name, right, _)| (name.to_owned(), kind(right))).collect(),
        rows: rows.iter().map(|row| all.iter().map(|(.., cell)| cell(row)).collect()).collect(),
    }
}

/// A column of a comparison: its head, whether it holds numbers, and its cell of a row.
type ComparisonColumn = (&'static str, bool, fn(&ComparisonRow) -> String);

/// Returns the columns; those of conditions only where rows are of conditions.
fn columns_of(rows: &[&ComparisonRow]) -> Vec<ComparisonColumn> {
    let by_condition = rows.iter().any(|row| row.key.m.is_some());
    let place: [ComparisonColumn; 3] = [
        ("protocol", false, |row| row.key.protocol.clone()),
        ("messages", false, |row| row.key.source.name().to_owned()),
        ("N", true, |row| row.key.n.to_string()),
    ];
    let condition: [ComparisonColumn; 3] = [
        ("M", true, |row| row.key.m.map(|m| m.to_string()).unwrap_or_default()),
        ("read", false, |row| row.key.dynamics.map_or("", |d| d.name()).to_owned()),
        ("flips", true, |row| row.key.flips.map(|flips| flips.to_string()).unwrap_or_default()),
    ];
    let rest: [ComparisonColumn; 7] = [
        ("measure", false, |row| row.measure.name().to_owned()),
        ("A", true, |row| numbers(row)[0].clone()),
        ("B", true, |row| numbers(row)[1].clone()),
        ("B less A", true, |row| numbers(row)[2].clone()),
        ("p", true, |row| format!("{:.3}", row.p_value)),
        ("sets", true, |row| row.sets.to_string()),
        ("B is", false, |row| {
            let verdict = match row.verdict {
                Shift::Better => "better",
                Shift::Worse => "WORSE",
                Shift::Open => "",
                Shift::Identical => "identical",
            };
            verdict.to_owned()
        }),
    ];
    let condition = condition.into_iter().filter(|_| by_condition);
    place.into_iter().chain(condition).chain(rest).collect()
}

/// Writes A, B and their difference with its interval; of times the ratio.
fn numbers(row: &ComparisonRow) -> [String; 3] {
    if row.measure == Measure::WriteSeconds {
        let ratio = format!("x{:.3} [{:.3} {:.3}]", row.difference, row.low, row.high);
        return [format!("{:.2e} s", row.a), format!("{:.2e} s", row.b), ratio];
    }
    let difference = format!("{:+.4} [{:+.4} {:+.4}]", row.difference, row.low, row.high);
    [format!("{:.4}", row.a), format!("{:.4}", row.b), difference]
}
