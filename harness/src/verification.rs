//! This module computes a sample of stored cells again, and says how well they agree with what is stored.

use crate::outcome::Outcome;
use crate::rerun::{Rerunnable, recompute};
use crate::stderr::tell;
use crate::typeset::{Kind, Sheet};
use crate::width::{columns, wrapped};
use analysis::agreement::{self, Agreement, Checked, Drift, Findings, SampleSize};
use anyhow::Result;
use base::next::Next;
use indexmap::{IndexMap, IndexSet};
use serde::Serialize;
use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::path::Path;
use store::provenance::Change;
use study::plan::Cell;
use study::record::{Coordinates, Timing};

/// A `Request` says what is to be computed again, and how strictly it is compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    /// Name of the results.
    pub name: &'a str,
    /// The folder of results, for commands that look closer; absent where it does not stay.
    pub results: Option<&'a Path>,
    /// Cells to compute again.
    pub sample: SampleSize,
    /// Which cells.
    pub seed: u64,
    /// Whether bits must agree whatever the machine and build.
    pub exact: bool,
    /// Threads; by default every core.
    pub threads: Option<NonZeroUsize>,
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

/// A `Verification` is what computing a sample again has shown.
#[derive(Debug, Serialize)]
pub(crate) struct Verification {
    results: String,
    sample: String,
    seed: u64,
    mode: Mode,
    /// What differs between this machine and build and those of the run.
    changes: Vec<Change>,
    /// Labels of the stored protocols, in their order.
    protocols: Vec<String>,
    /// Cells that are stored.
    stored: usize,
    /// Sampled cells that this program plans no more, by id.
    unplanned: Vec<String>,
    /// Sampled cells that a budget ended: not computed again.
    skipped: Vec<String>,
    /// Cells that were computed again.
    pub(crate) checked: Vec<Checked>,
    drifts: Vec<Drift>,
    /// What all of it comes to.
    pub(crate) outcome: Outcome,
    /// Null where nothing could be compared.
    agrees: Option<bool>,
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

impl Verification {
    /// Computes a sample of the cells of `stored` again.
    ///
    /// # Errors
    /// If a program or a file that cells need is not there, or another.
    pub(crate) fn of(stored: Rerunnable, asked: &Request<'_>) -> Result<Self> {
        let changes = stored.changes();
        let mode = if asked.exact || changes.is_empty() { Mode::Bits } else { Mode::Intervals };
        let places: Vec<&Coordinates> = stored.findings.iter().map(|cell| &cell.memory.at).collect();
        let picked: Vec<&Findings> =
            asked.sample.pick(&places, asked.seed).into_iter().map(|i| &stored.findings[i]).collect();
        let id = |cell: &&Findings| cell.memory.at.cell.to_string();
        let (skipped, rest): (Vec<&Findings>, Vec<_>) =
            picked.into_iter().partition(|cell| agreement::exceeded_budget(&cell.memory));
        let (due, unplanned): (Vec<&Findings>, Vec<_>) =
            rest.into_iter().partition(|cell| stored.cells.contains_key(cell.memory.at.cell.as_str()));
        announce(&due, &stored.timings);
        let cells: Vec<&Cell> = due.iter().map(|cell| &stored.cells[cell.memory.at.cell.as_str()]).collect();
        let now = recompute(&cells, asked.threads)?;
        let pairs: Vec<(Findings, Findings)> = due.into_iter().cloned().zip(now).collect();
        let (checked, drifts) = (agreement::check(&pairs), agreement::drifts(&pairs));
        let cells_agree = checked.iter().all(|cell| match mode {
            Mode::Bits => cell.verdict == Agreement::Equal,
            Mode::Intervals => cell.verdict != Agreement::Apart,
        });
        let well = cells_agree && unplanned.is_empty() && !drifts.iter().any(Drift::is_significant);
        let outcome = Outcome::of(checked.len(), well);
        Ok(Self {
            results: asked.name.to_owned(),
            sample: asked.sample.to_string(),
            seed: asked.seed,
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
        })
    }

    /// Writes what was found, with the marks of [`base::paint`].
    pub(crate) fn text(&self, asked: &Request<'_>) -> String {
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
        lines.push(match (self.mode, asked.exact) {
            (Mode::Bits, true) => "Every bit must agree, as asked by --exact.".to_owned(),
            (Mode::Bits, false) => {
                "Processor and build are those of the run: every bit must agree.".to_owned()
            }
            (Mode::Intervals, _) => {
                "Processor or build is another, so every column but the coordinates may differ in last digits and in \
                 what follows from them: counts must agree within intervals; bits are shown."
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
        let remarks =
            self.columns().into_iter().chain(self.remarks(asked.results)).chain([outcome.to_owned()]);
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

    /// Says which columns are not those of the run to the bit; none where all are.
    fn columns(&self) -> Option<String> {
        let mut values: IndexMap<&str, usize> = IndexMap::new();
        for deviation in self.checked.iter().flat_map(|cell| &cell.deviations) {
            *values.entry(deviation.column).or_default() += 1;
        }
        let named: Vec<String> = values.iter().map(|(column, count)| format!("{column} ({count})")).collect();
        (!named.is_empty()).then(|| format!("Columns with values that differ: {}.", named.join(", ")))
    }

    /// Says what did not agree, and what to do about it.
    fn remarks(&self, results: Option<&Path>) -> Vec<String> {
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
            let look = results.map(|results| format!("; look: {}", replay.results(results)));
            remarks.push(format!(
                "{} {}: {} values differ, first {}{}",
                cell.protocol,
                cell.cell,
                cell.deviations.len(),
                first.unwrap_or_default(),
                look.unwrap_or_default()
            ));
        }
        remarks
    }
}
