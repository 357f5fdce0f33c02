//! This module computes stored cells again.

use crate::results::records;
use analysis::agreement::{self, Findings};
use anyhow::{Context, Result};
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use run::block::groups;
use run::execute::execute;
use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::path::Path;
use store::Manifest;
use store::provenance::{Change, Provenance, host};
use store::replan::replan;
use store::runs::folder;
use study::cell_id::CellId;
use study::plan::Cell;
use study::record::Timing;
use worker::{External, Workers};

/// A `Rerunnable` is a run whose cells can be computed again.
pub(crate) struct Rerunnable {
    /// What it says of itself.
    pub(crate) manifest: Manifest,
    /// Its deterministic records, cell by cell.
    pub(crate) findings: Vec<Findings>,
    /// Its times.
    pub(crate) timings: Vec<Timing>,
    /// Its cells, by id, those that this program plans alike.
    pub(crate) cells: HashMap<CellId, Cell>,
}

impl Rerunnable {
    /// Reads the results `name` and plans their cells.
    pub(crate) fn open(root: &Path, name: &str) -> Result<Self> {
        let records = records(root, name)?;
        let folder = folder(root, name);
        let path = folder.path().join("manifest.json");
        let manifest =
            folder.manifest()?.with_context(|| format!("{}: there is no such file", path.display()))?;
        let cells = replan(&manifest, &path, &records.memories)?;
        let findings = agreement::by_cell(records.memories, records.recalls);
        Ok(Self { manifest, findings, timings: records.timings, cells })
    }

    /// Leaves out the cells that need what somebody else named: a program of its own, which would be run, or a file
    /// of messages. Returns how many there are.
    #[cfg(feature = "report")]
    pub(crate) fn leave_strangers(&mut self) -> usize {
        let is_strange = |cell: &Cell| {
            let runs_program =
                cell.spec.downcast_ref::<External>().is_some() || !cell.task.programs.is_empty();
            runs_program || matches!(cell.source, protocols::Source::File(_))
        };
        let before = self.findings.len();
        let cells = &self.cells;
        self.findings
            .retain(|one| cells.get(one.memory.at.cell.as_str()).is_none_or(|cell| !is_strange(cell)));
        before - self.findings.len()
    }

    /// Returns what differs between this machine and build and those of its runs.
    pub(crate) fn changes(&self) -> Vec<Change> {
        let here = Provenance::collect("", "", 0);
        let mut changes: Vec<Change> =
            self.manifest.runs.iter().flat_map(|run| here.changes_since(run)).collect();
        let mut seen = HashSet::new();
        changes.retain(|change| seen.insert((change.what, change.then.clone())));
        changes
    }
}

/// The files of messages that cells name are there, and hold what they held.
fn same_messages(cells: &[&Cell]) -> Result<()> {
    let mut seen = HashSet::new();
    for cell in cells.iter().filter(|cell| seen.insert(cell.source)) {
        messages::need(cell.source).context("cells cannot be computed again")?;
    }
    Ok(())
}

/// The programs that wrote cells and recalled from them are the same still.
fn same_programs(cells: &[&Cell]) -> Result<()> {
    let mut seen = HashSet::new();
    let readers = cells.iter().flat_map(|cell| &cell.task.programs);
    for reader in readers.filter(|reader| seen.insert(reader.name())) {
        let folder = reader.program().folder();
        let folder = folder.with_context(|| format!("nobody knows where {:?} stands", reader.name()))?;
        let settled = reader.program().settled(folder);
        settled.with_context(|| format!("{:?} cannot recall again", reader.name()))?;
    }
    let mut seen = HashSet::new();
    for cell in cells.iter().filter(|cell| seen.insert(cell.label.as_str())) {
        let Some(external) = cell.spec.downcast_ref::<External>() else { continue };
        let folder =
            external.folder().with_context(|| format!("nobody knows where {:?} stands", cell.label))?;
        external.settled(folder).with_context(|| format!("{:?} cannot be computed again", cell.label))?;
    }
    Ok(())
}

/// Computes the findings of `cells` now, in their order.
pub(crate) fn recompute(cells: &[&Cell], threads: Option<NonZeroUsize>) -> Result<Vec<Findings>> {
    same_programs(cells)?;
    same_messages(cells)?;
    let threads = threads.map_or(0, NonZeroUsize::get);
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().context("cannot start the threads")?;
    let host = host();
    let (groups, workers) = (groups(cells.iter().copied()), Workers::default());
    let run = |group: &Vec<usize>| {
        let members: Vec<&Cell> = group.iter().map(|&place| cells[place]).collect();
        execute(&members, &host, &workers)
    };
    let done: Vec<_> = pool.install(|| groups.par_iter().with_max_len(1).map(run).collect());
    let mut found: Vec<(usize, Findings)> = groups
        .into_iter()
        .zip(done)
        .flat_map(|(group, records)| group.into_iter().zip(records.into_iter().map(Findings::from)))
        .collect();
    found.sort_by_key(|(place, _)| *place);
    Ok(found.into_iter().map(|(_, findings)| findings).collect())
}
