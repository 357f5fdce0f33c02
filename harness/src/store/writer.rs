//! The one process that writes into a folder of results.

use super::file::{self, Lock, Seal};
use super::manifest::{MANIFEST, Manifest, Seals, Sidecar};
use super::metadata::metadata;
use super::part::{Block, Origin};
use super::survey::{ATTIC, PARTS, STAGED, Survey, Winners, wins};
use super::table::{Stored, encode};
use super::{RunFolder, StoreError};
use crate::provenance::Provenance;
use crate::record::{CellRecords, Memory, Recall, Status, Timing};
use crate::schema::Table;
use crate::sequential::Outcome;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Folder of files that were damaged when the tables were consolidated.
const DAMAGED: &str = "damaged";

/// Writes into a folder of results, which it keeps locked; dropping it gives the lock back.
#[derive(Debug)]
pub struct RunWriter {
    folder: RunFolder,
    run: Provenance,
    /// Whether the manifest names this run already.
    begun: Mutex<bool>,
    /// What the manifest is to say of sequential stopping.
    sequential: Option<Outcome>,
    /// Sequence number of the next part.
    sequence: AtomicU64,
    _lock: Lock,
}

/// What a consolidation has put into the tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consolidated {
    /// Cells of the plan, by status.
    pub cells: BTreeMap<Status, u64>,
    /// Cells of the plan that are not computed.
    pub missing: u64,
    /// Cells that the plan does not name; they wait in the attic.
    pub unplanned: u64,
}

/// The place of every planned cell.
type Order<'a> = HashMap<&'a str, usize>;

impl RunWriter {
    /// Locks the folder `path`, creates it where it is missing, and finishes what a killed process left half done. The
    /// manifest names `run` from its first part on: a run that has nothing to compute leaves no trace.
    ///
    /// # Errors
    /// If another process writes into the folder, if its manifest is of another schema version, or if the file system
    /// refuses.
    pub fn lock(path: impl AsRef<Path>, run: Provenance) -> Result<Self, StoreError> {
        let path = path.as_ref();
        file::create_folder(path)?;
        let lock = Lock::acquire(path)?;
        promote(path)?;
        let mut sequence = 0;
        for folder in [path.to_owned(), path.join(PARTS), path.join(ATTIC)] {
            file::remove_temporary(&folder)?;
            for name in
                file::names(&folder)?.iter().filter(|name| name.ends_with(".json") && *name != MANIFEST)
            {
                // A damaged sidecar is reported where it matters, by `finished`.
                if let Ok(Some(sidecar)) = Sidecar::read(&folder.join(name)) {
                    sequence = sequence.max(sidecar.sequence + 1);
                }
            }
        }
        let folder = RunFolder::new(path);
        match folder.manifest() {
            Err(error) if !error.is_damage() => Err(error),
            manifest => Ok(Self {
                folder,
                run,
                begun: Mutex::new(false),
                sequential: manifest.ok().flatten().and_then(|manifest| manifest.sequential),
                sequence: sequence.into(),
                _lock: lock,
            }),
        }
    }

    /// The folder, for reading.
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// Puts a block of finished cells on disk as a part. When this returns they will not be lost; where it fails,
    /// nothing of the block stays behind. Any number of threads may call it at once. Cells that are there already are
    /// replaced.
    ///
    /// # Errors
    /// If the file system refuses, an id cannot name a file, or the block is not whole.
    pub fn write_part(&self, cells: &[CellRecords]) -> Result<(), StoreError> {
        let block = Block {
            memories: cells.iter().map(|cell| &cell.memory).collect(),
            recalls: cells.iter().flat_map(|cell| &cell.recalls).collect(),
            timings: cells.iter().map(|cell| &cell.timing).collect(),
        };
        self.begin()?;
        self.write_block(PARTS, &block)
    }

    /// Makes all cells count as not computed, until the next consolidation: only what is computed from now on is finished.
    /// Readers see the old records until new ones replace them. A rerun that was begun and has not ended goes on. `order`
    /// is the plan, as for [`RunWriter::consolidate`].
    ///
    /// # Errors
    /// If the file system refuses; what was there then stays.
    pub fn rerun_all(&mut self, order: &[String]) -> Result<(), StoreError> {
        let under_way = self.folder.manifest().ok().flatten().is_some_and(|manifest| manifest.rerun);
        if under_way || self.folder.finished()?.cells.is_empty() {
            return Ok(());
        }
        // Parts then hold nothing older than the rerun.
        self.consolidate(order)?;
        self.begin()?;
        let manifest = self.folder.manifest()?.unwrap_or_default();
        Manifest { rerun: true, ..manifest }.write(self.folder.path())?;
        file::sync_folder(self.folder.path())
    }

    /// Lets the next consolidation write down how trials were added look by look, or that they were not.
    pub fn set_sequential(&mut self, outcome: Option<Outcome>) {
        self.sequential = outcome;
    }

    /// Merges the parts and the present tables into new tables, and removes the parts. The cells stand in the order
    /// of `order`, the plan; within a cell recalls go by dynamics, then flips. The same rows give the same bytes,
    /// except in `timings.parquet`. Cells that the plan does not name are not in the tables: they wait in the attic
    /// for a plan that names them again. Damaged files are set aside in `damaged/`.
    ///
    /// # Errors
    /// If the file system refuses; what was there then stays.
    pub fn consolidate(&mut self, order: &[String]) -> Result<Consolidated, StoreError> {
        let root = self.folder.path().to_owned();
        let survey = Survey::of(&root)?;
        let winners = survey.winners();
        let order: Order<'_> = order.iter().enumerate().map(|(i, cell)| (cell.as_str(), i)).collect();
        let report = report(&winners, &order);
        let memories = self.table::<Memory>(&survey, &winners, &order)?;
        let recalls = self.table::<Recall>(&survey, &winners, &order)?;
        let present = self.folder.manifest().ok().flatten().unwrap_or_default();
        let same = |old: Seals| (old.memories, old.recalls) == (memories.1.clone(), recalls.1.clone());
        let unchanged = present.sequential == self.sequential && present.tables.is_some_and(same);
        if unchanged && survey.broken.is_empty() && file::names(&root.join(PARTS))?.is_empty() {
            return Ok(report);
        }
        self.begin()?;
        self.run.finish();
        let timings = self.table::<Timing>(&survey, &winners, &order)?;
        self.retire(&survey, &winners, &order)?;
        self.stage([memories, recalls, timings], report.cells.clone())?;
        for path in survey.broken.iter().flat_map(|broken| &broken.files) {
            set_aside(&root, path)?;
        }
        promote(&root)?;
        tidy(&root, &survey, &order)?;
        Ok(report)
    }

    /// Names this run in the manifest, once.
    fn begin(&self) -> Result<(), StoreError> {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if *begun {
            return Ok(());
        }
        let root = self.folder.path();
        let mut manifest = match self.folder.manifest() {
            Err(error) if error.is_damage() => {
                set_aside(root, &root.join(MANIFEST))?;
                Manifest::default()
            }
            manifest => manifest?.unwrap_or_default(),
        };
        manifest.runs.push(self.run.clone());
        manifest.write(root)?;
        file::sync_folder(root)?;
        *begun = true;
        Ok(())
    }

    fn write_block(&self, folder: &str, block: &Block<'_>) -> Result<(), StoreError> {
        let sequence = self.sequence.fetch_add(1, Ordering::Relaxed);
        block.write(&self.folder.path().join(folder), sequence, &self.run)
    }

    /// A table of the planned cells in their order.
    fn table<R: Stored>(
        &self,
        survey: &Survey,
        winners: &Winners<'_>,
        order: &Order<'_>,
    ) -> Result<(Vec<u8>, Seal), StoreError> {
        let mut rows: Vec<R> =
            survey.gather(|set, cell| order.contains_key(cell) && wins(winners, set, cell))?;
        rows.sort_by_key(|row| (order[row.at().cell.as_str()], row.rank()));
        let bytes = encode(&rows.iter().collect::<Vec<_>>(), metadata(R::TABLE, &self.run))?;
        let seal = Seal::of(rows.len(), &bytes);
        Ok((bytes, seal))
    }

    /// Writes the cells that the plan does not name into the attic, unless they are there.
    fn retire(&self, survey: &Survey, winners: &Winners<'_>, order: &Order<'_>) -> Result<(), StoreError> {
        let leaves = |set: usize, cell: &str| {
            !order.contains_key(cell) && wins(winners, set, cell) && survey.sets[set].origin != Origin::Attic
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

    /// Writes the tables and then the manifest that vouches for them into the staging folder.
    fn stage(&self, tables: [(Vec<u8>, Seal); 3], cells: BTreeMap<Status, u64>) -> Result<(), StoreError> {
        let staged = self.folder.path().join(STAGED);
        let mut manifest = self.folder.manifest()?.unwrap_or_default();
        file::create_folder(&staged)?;
        for (table, (bytes, _)) in Table::ALL.iter().zip(&tables) {
            file::write(&staged.join(table.file()), bytes)
                .inspect_err(|_| drop(fs::remove_dir_all(&staged)))?;
        }
        let [memories, recalls, timings] = tables.map(|(_, seal)| seal);
        manifest.tables = Some(Seals { memories, recalls, timings });
        manifest.cells = cells;
        manifest.rerun = false;
        manifest.sequential.clone_from(&self.sequential);
        if let Some(run) = manifest.runs.last_mut() {
            *run = self.run.clone();
        }
        file::sync_folder(&staged)?;
        manifest.write(&staged).inspect_err(|_| drop(fs::remove_dir_all(&staged)))?;
        file::sync_folder(&staged)
    }
}

/// Counts of what the tables will hold.
fn report(winners: &Winners<'_>, order: &Order<'_>) -> Consolidated {
    let mut report = Consolidated::default();
    for (cell, (_, status)) in winners {
        if order.contains_key(cell) {
            *report.cells.entry(*status).or_default() += 1;
        } else {
            report.unplanned += 1;
        }
    }
    report.missing = order.len() as u64 - report.cells.values().sum::<u64>();
    report
}

/// Moves staged tables into place, the manifest last; without a manifest they are incomplete and dropped.
fn promote(root: &Path) -> Result<(), StoreError> {
    let staged = root.join(STAGED);
    if staged.join(MANIFEST).exists() {
        for table in Table::ALL {
            file::rename(&staged.join(table.file()), &root.join(table.file()))?;
        }
        file::sync_folder(root)?;
        file::rename(&staged.join(MANIFEST), &root.join(MANIFEST))?;
        file::sync_folder(root)?;
    }
    if staged.exists() {
        fs::remove_dir_all(&staged).map_err(StoreError::io("remove", &staged))?;
    }
    Ok(())
}

/// Removes what the tables hold now: merged parts, parts of the attic that came back, tables of interrupted parts.
fn tidy(root: &Path, survey: &Survey, order: &Order<'_>) -> Result<(), StoreError> {
    for set in &survey.sets {
        let planned = || set.cells.iter().all(|cell| order.contains_key(cell.cell.as_str()));
        if set.origin == Origin::Part || set.origin == Origin::Attic && planned() {
            set.files().try_for_each(|path| file::remove(path))?;
        }
    }
    survey.unfinished.iter().try_for_each(|path| file::remove(path))?;
    for folder in [PARTS, ATTIC] {
        // It stays where something else lies in it.
        let _ = fs::remove_dir(root.join(folder));
    }
    file::sync_folder(root)
}

/// Moves a damaged file where nobody reads it and nobody overwrites it soon.
fn set_aside(root: &Path, path: &Path) -> Result<(), StoreError> {
    let folder = root.join(DAMAGED);
    file::create_folder(&folder)?;
    file::rename(path, &folder.join(path.file_name().unwrap_or_default()))
}
