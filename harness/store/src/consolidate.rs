//! This module makes one run's tables of all that lies in its folder.

use super::StoreError;
use super::conflict::Conflict;
use super::duplicates::conflicts;
use super::file::{self, Seal, Sealing};
use super::layout::{ATTIC, PARTS, SHARDS, STAGED, promote, set_aside};
use super::manifest::Seals;
use super::metadata::metadata;
use super::part::{Block, Origin};
use super::planned::{Planned, planned};
use super::sorted::{Room, Sorted};
use super::survey::{Survey, Winners, wins};
use super::table::{StoredTable, write};
use super::writer::RunWriter;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use study::record::{Memory, Recall, Status, Timing};

/// Says what a consolidation has put into the tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consolidated {
    /// Cells of the plan, by status.
    pub cells: BTreeMap<Status, u64>,
    /// Cells of the plan that are not computed.
    pub missing: u64,
    /// Cells that the plan does not name; they wait in the attic.
    pub unplanned: u64,
}

/// A `Merge` says what a merge of shards has come to.
#[derive(Debug)]
pub struct Merge {
    /// Parts that are damaged; what they held counts as not computed.
    pub damaged: Vec<StoreError>,
    /// Kinds of machine and program that computed cells, where shards did.
    pub kinds: usize,
    /// The rest.
    pub outcome: Merged,
}

/// Says how a merge of shards has ended.
#[derive(Debug)]
pub enum Merged {
    /// The tables hold every cell.
    Complete(Consolidated),
    /// These cells are not computed; nothing was changed.
    Missing(Vec<String>),
    /// These cells have records that differ; nothing was changed.
    Conflicting(Vec<Conflict>),
}

impl RunWriter {
    /// Merges the parts and the present tables into new tables of the cells in `plan`, and removes the parts.
    /// Rows are sorted by cell id, whatever the order of the plan; within a cell recalls go by dynamics, then
    /// flips. The same rows give the same bytes, except in `timings.parquet`. Cells that the plan does not
    /// name are not in the tables: they wait in the attic for a plan that names them again. Damaged files are
    /// set aside in `damaged/`.
    ///
    /// # Errors
    /// If the file system refuses, or shards have left records of a cell that differ; what was there then stays.
    pub fn consolidate(&mut self, plan: &[impl AsRef<str>]) -> Result<Consolidated, StoreError> {
        let survey = Survey::beside(self.own(), self.folder().path())?;
        let winners = survey.winners();
        if let Some(conflict) = conflicts(&survey, &winners)?.into_iter().next() {
            return Err(StoreError::Conflict(Box::new(conflict)));
        }
        self.put_together(&survey, &winners, &planned(plan))
    }

    /// Does as [`consolidate`](Self::consolidate), where the merge is complete. That is where every cell of
    /// the plan is there and no two records of one differ; otherwise it says so and changes nothing.
    ///
    /// # Errors
    /// If the file system refuses; what was there then stays.
    pub fn merge(&mut self, plan: &[impl AsRef<str>]) -> Result<Merge, StoreError> {
        let mut survey = Survey::of(self.folder().path())?;
        let winners = survey.winners();
        let conflicting = conflicts(&survey, &winners)?;
        let kinds = survey.workers.len();
        let cells = plan.iter().map(AsRef::as_ref);
        let missing: Vec<String> =
            cells.filter(|cell| !winners.contains_key(cell)).map(str::to_owned).collect();
        let outcome = if !conflicting.is_empty() {
            Merged::Conflicting(conflicting)
        } else if !missing.is_empty() {
            Merged::Missing(missing)
        } else {
            Merged::Complete(self.put_together(&survey, &winners, &planned(plan))?)
        };
        drop(winners);
        let damaged = survey.broken.drain(..).map(|broken| broken.error).collect();
        Ok(Merge { damaged, kinds, outcome })
    }

    /// Writes the tables and removes what they were made of.
    fn put_together(
        &mut self,
        survey: &Survey,
        winners: &Winners<'_>,
        planned: &Planned<'_>,
    ) -> Result<Consolidated, StoreError> {
        let root = self.folder().path().to_owned();
        let report = report(winners, planned);
        let staged = root.join(STAGED);
        file::create_folder(&staged)?;
        let written = self.stage(survey, winners, planned, report.cells.clone());
        if !matches!(written, Ok(true)) {
            let _ = fs::remove_dir_all(&staged);
        }
        if written? {
            for path in survey.broken.iter().flat_map(|broken| &broken.files) {
                set_aside(&root, path)?;
            }
            promote(&root)?;
            tidy(&root, survey, planned)?;
        }
        Ok(report)
    }

    /// Writes the tables and then the manifest that vouches for them into the staging folder. It returns
    /// false where they are there already and there is nothing else to do.
    fn stage(
        &mut self,
        survey: &Survey,
        winners: &Winners<'_>,
        planned: &Planned<'_>,
        cells: BTreeMap<Status, u64>,
    ) -> Result<bool, StoreError> {
        let root = self.folder().path().to_owned();
        let memories = self.table::<Memory>(survey, winners, planned)?;
        let recalls = self.table::<Recall>(survey, winners, planned)?;
        let present = self.folder().manifest().ok().flatten().unwrap_or_default();
        let same = |old: &Seals| (&old.memories, &old.recalls) == (&memories, &recalls);
        let unchanged = present.sequential == self.sequential && present.tables.as_ref().is_some_and(same);
        let nothing_else = survey.broken.is_empty() && survey.attempts.is_empty();
        if unchanged && nothing_else && file::names(&root.join(PARTS))?.is_empty() {
            return Ok(false);
        }
        self.begin()?;
        self.run.finish();
        let timings = self.table::<Timing>(survey, winners, planned)?;
        self.retire(survey, winners, planned)?;
        let mut manifest = self.folder().manifest()?.unwrap_or_default();
        manifest.tables = Some(Seals { memories, recalls, timings });
        manifest.cells = cells;
        manifest.rerun = false;
        manifest.sequential.clone_from(&self.sequential);
        manifest.runs.pop();
        for worker in &survey.workers {
            if !manifest.runs.iter().any(|run| run.is_same_kind(worker)) {
                manifest.runs.push(worker.clone());
            }
        }
        manifest.runs.push(self.run.clone());
        let staged = root.join(STAGED);
        file::sync_folder(&staged)?;
        manifest.write(&staged)?;
        file::sync_folder(&staged)?;
        Ok(true)
    }

    /// Writes a table of the planned cells, sorted by their ids, into the staging folder.
    fn table<R: StoredTable>(
        &self,
        survey: &Survey,
        winners: &Winners<'_>,
        planned: &Planned<'_>,
    ) -> Result<Seal, StoreError> {
        let staged = self.folder().path().join(STAGED);
        let rows = Sorted::<R>::of(survey, winners, planned, (&staged, &self.run), Room::USUAL)?;
        let present = rows.present();
        let rows = rows.map(|row: Result<R, _>| row.map(|row| self.labelled(row)));
        let mut sink = Sealing::begin(&staged.join(R::TABLE.file()))?;
        match write(&mut sink, rows, &present, metadata(R::TABLE, &self.run), planned.len()) {
            Ok(rows) => sink.finish(rows),
            Err(error) => Err(sink.refusal().unwrap_or(error)),
        }
    }

    /// Returns a row under the label that its protocol has in the plan.
    fn labelled<R: StoredTable>(&self, mut row: R) -> R {
        if let Some(label) = self.labels.get(row.at().cell.as_str()) {
            row.at_mut().protocol = label.clone();
        }
        row
    }

    /// Writes the cells that the plan does not name into the attic, unless they are there.
    fn retire(
        &self,
        survey: &Survey,
        winners: &Winners<'_>,
        planned: &Planned<'_>,
    ) -> Result<(), StoreError> {
        let leaves = |set: usize, cell: &str| {
            !planned.contains(cell) && wins(winners, set, cell) && survey.sets[set].origin != Origin::Attic
        };
        let memories: Vec<Memory> = survey.gather(leaves)?;
        let recalls: Vec<Recall> = survey.gather(leaves)?;
        let timings: Vec<Timing> = survey.gather(leaves)?;
        let block = Block {
            memories: memories.iter().collect(),
            recalls: recalls.iter().collect(),
            timings: timings.iter().collect(),
        };
        self.write_block(ATTIC, &block)
    }
}

/// Counts what the tables will hold.
fn report(winners: &Winners<'_>, planned: &Planned<'_>) -> Consolidated {
    let mut report = Consolidated::default();
    for (cell, (_, status)) in winners {
        if planned.contains(cell) {
            *report.cells.entry(*status).or_default() += 1;
        } else {
            report.unplanned += 1;
        }
    }
    report.missing = planned.len() as u64 - report.cells.values().sum::<u64>();
    report
}

/// Removes what the tables hold now. That is: merged parts, parts of the attic that came back, tables of
/// interrupted parts, and what attempts at shards had left when they were looked at. An attempt that is still
/// writing keeps what it writes from then on.
fn tidy(root: &Path, survey: &Survey, planned: &Planned<'_>) -> Result<(), StoreError> {
    for set in &survey.sets {
        let is_planned = || set.cells.iter().all(|cell| planned.contains(cell.cell.as_str()));
        if set.origin == Origin::Part || set.origin == Origin::Attic && is_planned() {
            set.files().try_for_each(|path| file::remove(path))?;
        }
    }
    survey.unfinished.iter().try_for_each(|path| file::remove(path))?;
    for (folder, names) in &survey.attempts {
        names.iter().try_for_each(|name| file::remove(&folder.join(name)))?;
        // It stays where something new lies in it; so does that of the shard.
        let _ = fs::remove_dir(folder).and_then(|()| fs::remove_dir(folder.parent().unwrap_or(folder)));
    }
    for folder in [PARTS, ATTIC, SHARDS] {
        // It stays where something else lies in it.
        let _ = fs::remove_dir(root.join(folder));
    }
    file::sync_folder(root)
}
