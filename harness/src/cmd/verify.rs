//! The command `verify` computes a sample of stored cells again and compares.

use crate::completing;
use crate::limits::{THREADS, up_to};
use crate::outcome::Outcome;
use crate::rerun::Rerunnable;
use crate::rerun::recompute;
use crate::stderr::tell;
use crate::stdout::{print, print_painted};
use crate::typeset::{Kind, Sheet};
use crate::width::{columns, wrapped};
use analysis::agreement::{self, Agreement, Checked, Drift, Findings, SampleSize};
use anyhow::Result;
use base::next::Next;
use indexmap::{IndexMap, IndexSet};
use serde::Serialize;
use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use store::provenance::Change;
use study::plan::Cell;
use study::record::{Coordinates, Timing};

/// Arguments of `verify`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness verify quick                          one cell in twenty of every protocol, computed again
  harness verify reference/quick --sample 100%  every cell of a committed run
  harness verify reference/noise --sample 12 --seed 7

On the processor and build of the run every bit must agree. On others floating-point sums differ in the last digits, so
counts are compared within intervals; the output says which of the two was done. --exact demands bits anywhere.
Exit code: 0 where the results agree; 1 where they do not, or after an error; 5 where nothing could be compared, since
every cell of the sample had been ended by a budget of time or memory: run those again by `sweep --rerun failed`.")]
pub(crate) struct Args {
    /// Name of the results, or a path to their folder.
    #[arg(add = completing::runs())]
    pub name: String,
    /// Folder of results.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
    /// Cells to compute again: a share of every protocol's, or a number.
    #[arg(long, default_value = "5%")]
    pub sample: SampleSize,
    /// Which cells: another seed, other cells.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Demand equal bits, whatever the machine and build.
    #[arg(long)]
    pub exact: bool,
    /// Threads; by default every core.
    #[arg(long, value_parser = up_to::<THREADS, NonZeroUsize>)]
    pub threads: Option<NonZeroUsize>,
    /// Everything that was compared, as JSON.
    #[arg(long)]
    pub json: bool,
}

/// A `Mode` says how results are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    /// Every bit must agree.
    Bits,
    /// Counts must agree within intervals.
    Intervals,
}

/// A `Report` is the outcome of a verification.
#[derive(Debug, Serialize)]
struct Report {
    results: String,
    sample: String,
    seed: u64,
    mode: Mode,
    changes: Vec<Change>,
    /// Labels of the stored protocols, in their order.
    protocols: Vec<String>,
    /// Cells that are stored.
    stored: usize,
    /// Sampled cells that this program plans no more, by id.
    unplanned: Vec<String>,
    /// Sampled cells that a budget ended: not computed again.
    skipped: Vec<String>,
    checked: Vec<Checked>,
    drifts: Vec<Drift>,
    outcome: Outcome,
    /// Null where nothing could be compared.
    agrees: Option<bool>,
}

/// Computes a sample of the cells again and prints how well they agree.
///
/// # Errors
/// If the results cannot be read or their cells not be planned.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let stored = Rerunnable::open(&args.results, &args.name)?;
    let changes = stored.changes();
    let mode = if args.exact || changes.is_empty() { Mode::Bits } else { Mode::Intervals };
    let places: Vec<&Coordinates> = stored.findings.iter().map(|cell| &cell.memory.at).collect();
    let picked: Vec<&Findings> =
        args.sample.pick(&places, args.seed).into_iter().map(|i| &stored.findings[i]).collect();
    let id = |cell: &&Findings| cell.memory.at.cell.to_string();
    let (skipped, rest): (Vec<&Findings>, Vec<_>) =
        picked.into_iter().partition(|cell| agreement::exceeded_budget(&cell.memory));
    let (due, unplanned): (Vec<&Findings>, Vec<_>) =
        rest.into_iter().partition(|cell| stored.cells.contains_key(cell.memory.at.cell.as_str()));
    announce(&due, &stored.timings);
    let cells: Vec<&Cell> = due.iter().map(|cell| &stored.cells[cell.memory.at.cell.as_str()]).collect();
    let now = recompute(&cells, args.threads)?;
    let pairs: Vec<(Findings, Findings)> = due.into_iter().cloned().zip(now).collect();
    let (checked, drifts) = (agreement::check(&pairs), agreement::drifts(&pairs));
    let cells_agree = checked.iter().all(|cell| match mode {
        Mode::Bits => cell.verdict == Agreement::Equal,
        Mode::Intervals => cell.verdict != Agreement::Apart,
    });
    let well = cells_agree && unplanned.is_empty() && !drifts.iter().any(Drift::is_significant);
    let outcome = Outcome::of(checked.len(), well);
    let report = Report {
        results: args.name.clone(),
        sample: args.sample.to_string(),
        seed: args.seed,
        mode,
        changes,
        protocols: places
            .iter()
            .map(|at| at.protocol.to_string())
            .collect::<IndexSet<_>>()
            .into_iter()
            .collect(),
        stored: stored.findings.len(),
        unplanned: unplanned.iter().map(id).collect(),
        skipped: skipped.iter().map(id).collect(),
        checked,
        drifts,
        outcome,
        agrees: outcome.agrees(),
    };
    if args.json {
        print(&(serde_json::to_string_pretty(&report)? + "\n"))?;
    } else {
        print_painted(&report.text(args))?;
    }
    Ok(outcome.into())
}

/// Says what is about to be done and about how long it took when it was done first.
fn announce(due: &[&Findings], timings: &[Timing]) {
    if due.is_empty() {
        return;
    }
    let due: HashSet<&str> = due.iter().map(|cell| cell.memory.at.cell.as_str()).collect();
    let of_due = timings.iter().filter(|timing| due.contains(timing.at.cell.as_str()));
    let seconds: f64 = of_due.map(|timing| timing.write_seconds + timing.read_seconds).sum();
    tell(format_args!(
        "computing {} cells again; the first time they took {seconds:.1} s of one core",
        due.len()
    ));
}

impl Report {
    fn text(&self, args: &Args) -> String {
        let room = columns();
        let mut lines = vec![format!(
            "{}: {} of {} cells computed again (sample {}, seed {}); {} of the sample are no longer planned, {} were \
             left out",
            self.results,
            self.checked.len(),
            self.stored,
            self.sample,
            self.seed,
            self.unplanned.len(),
            self.skipped.len()
        )];
        let changes = self.changes.iter();
        lines.extend(
            changes.map(|Change { what, then, now }| format!("  {what}: {now} here, {then} in the run")),
        );
        lines.push(match (self.mode, args.exact) {
            (Mode::Bits, true) => "Every bit must agree, as asked by --exact.".to_owned(),
            (Mode::Bits, false) => {
                "Processor and build are those of the run: every bit must agree.".to_owned()
            }
            (Mode::Intervals, _) => {
                "Processor or build is another: counts must agree within intervals; bits are shown."
                    .to_owned()
            }
        });
        let equal = self.checked.iter().all(|cell| cell.verdict == Agreement::Equal);
        let outcome = match (self.outcome, equal) {
            (Outcome::Agrees, true) => "The results agree to the bit.",
            (Outcome::Agrees, false) => "The results agree within intervals.",
            (Outcome::Differs, _) => "The results do NOT agree.",
            (Outcome::Nothing, _) => "Nothing could be compared: no cell of the sample was computed again.",
        };
        let remarks = self.remarks(args).into_iter().chain([outcome.to_owned()]);
        let wrap = |line: String| wrapped(&line, room, 4);
        let before: Vec<String> = lines.into_iter().map(wrap).collect();
        let after: Vec<String> = remarks.map(wrap).collect();
        format!("{}\n\n{}\n\n{}\n", before.join("\n"), self.table().text(room), after.join("\n"))
    }

    /// Makes a table with a row for each protocol.
    fn table(&self) -> Sheet {
        let mut rows: IndexMap<&str, [usize; 4]> =
            self.protocols.iter().map(|protocol| (protocol.as_str(), [0; 4])).collect();
        for cell in &self.checked {
            let row = &mut rows[cell.protocol.as_str()];
            row[0] += 1;
            row[1 + cell.verdict as usize] += 1;
        }
        let row = |(protocol, counts): (&str, [usize; 4])| -> Vec<String> {
            let drifts: Vec<String> = self
                .drifts
                .iter()
                .filter(|drift| drift.protocol == protocol && drift.is_significant())
                .map(|d| format!("{} {:+.4} (p = {:.2})", d.measure.name(), d.difference, d.p_value))
                .collect();
            let drift = if drifts.is_empty() { "none".to_owned() } else { drifts.join(", ") };
            let counts = counts.map(|count| count.to_string());
            std::iter::once(protocol.to_owned()).chain(counts).chain([drift]).collect()
        };
        let numbers = ["cells", "equal to the bit", "within intervals", "apart"];
        let numbers = numbers.map(|name| (name.to_owned(), Kind::Numbers));
        let words = |name: &str| (name.to_owned(), Kind::Words);
        Sheet {
            title: String::new(),
            heads: [words("protocol")].into_iter().chain(numbers).chain([words("drift")]).collect(),
            rows: rows.into_iter().map(row).collect(),
        }
    }

    /// Says what did not agree, and what to do about it.
    fn remarks(&self, args: &Args) -> Vec<String> {
        /// Cells named; the rest is in --json.
        const NAMED: usize = 5;
        let mut remarks = Vec::new();
        if let Some(first) = self.skipped.first() {
            remarks.push(format!(
                "{} cells, such as {first}, were left out: a budget of time or memory had ended them; run them again \
                 by `sweep --rerun failed`",
                self.skipped.len()
            ));
        }
        if let Some(first) = self.unplanned.first() {
            remarks.push(format!(
                "{} cells, such as {first}, are no longer planned by this program: a protocol's version, a default or \
                 the schema has changed; check out the commit of the run to verify them",
                self.unplanned.len()
            ));
        }
        let bad = |cell: &&Checked| match self.mode {
            Mode::Bits => cell.verdict != Agreement::Equal,
            Mode::Intervals => cell.verdict == Agreement::Apart,
        };
        for cell in self.checked.iter().filter(bad).take(NAMED) {
            let first = cell.deviations.first();
            let first = first.map(|d| format!("{}: {} stored, {} now", d.column, d.stored, d.now));
            let replay = Next::harness("replay").name(&self.results).option("--cell", &cell.cell);
            remarks.push(format!(
                "{} {}: {} values differ, first {}; look: {}",
                cell.protocol,
                cell.cell,
                cell.deviations.len(),
                first.unwrap_or_default(),
                replay.results(&args.results)
            ));
        }
        remarks
    }
}
