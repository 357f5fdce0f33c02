//! This module holds the one process that writes into a folder of results.

use super::file::{self, Lock};
use super::layout::{ATTIC, MANIFEST, PARTS, SHARDS, promote, set_aside};
use super::manifest::{Manifest, Sidecar};
use super::part::Block;
use super::planned::{Labels, planned};
use super::survey::Survey;
use super::{Finished, MANY, PartWriter, RunFolder, StoreError};
use crate::provenance::Provenance;
use crate::runs::{self, StoredRun};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use study::cell_id::CellId;
use study::record::{CellRecords, SharedText, Status};
use study::stopping::Stopping;

/// A `Standing` says what is there when a sweep comes to a folder.
#[derive(Debug)]
pub struct Standing {
    /// The cells that need not be computed; absent where all of [`MANY`] are there, which nobody needs one by one.
    pub finished: Option<Finished>,
    /// How many cells are stored, the attic aside, that the plan does not name.
    pub unplanned: usize,
    /// Where the tables hold the cells of the plan, and no others, under their labels, and nothing else is there: a
    /// consolidation would find nothing to do.
    pub settled: Option<Settled>,
}

/// A `Settled` is a run with which a sweep has nothing to do.
#[derive(Debug)]
pub enum Settled {
    /// All that it holds.
    Read(Box<StoredRun>),
    /// It has [`MANY`] cells, whose rows were looked at and not kept. They are counted by how they ended.
    Unread(BTreeMap<Status, u64>),
}

/// A `RunWriter` writes into a folder of results, which it keeps locked. Dropping it gives the lock back.
#[derive(Debug)]
pub struct RunWriter {
    folder: RunFolder,
    pub(super) run: Provenance,
    /// Whether the manifest names this run already.
    begun: Mutex<bool>,
    pub(super) labels: Labels,
    /// What the manifest is to say of sequential stopping.
    pub(super) sequential: Option<Stopping>,
    /// Sequence number of the next part.
    sequence: AtomicU64,
    /// The sidecars of the parts that this process has written.
    own: Mutex<HashSet<PathBuf>>,
    _lock: Lock,
}

impl RunWriter {
    /// Locks the folder `path`. It creates the folder where it is missing, and finishes what a killed process
    /// left half done. The manifest names `run` from its first part on: a run that has nothing to compute
    /// leaves no trace.
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
                labels: Labels::default(),
                sequential: manifest.ok().flatten().and_then(|manifest| manifest.sequential),
                sequence: sequence.into(),
                own: Mutex::default(),
                _lock: lock,
            }),
        }
    }

    /// Returns the folder, for reading.
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// Makes all cells count as not computed, until the next consolidation. Only what is computed from now on
    /// is finished. Readers see the old records until new ones replace them. A rerun that was begun and has
    /// not ended goes on. `plan` is as for [`RunWriter::consolidate`].
    ///
    /// # Errors
    /// If the file system refuses; what was there then stays.
    pub fn rerun_all(&mut self, plan: &[impl AsRef<str>]) -> Result<(), StoreError> {
        let under_way = self.folder.manifest().ok().flatten().is_some_and(|manifest| manifest.rerun);
        if under_way || self.folder.finished()?.cells.is_empty() {
            return Ok(());
        }
        // Parts then hold nothing older than the rerun.
        self.consolidate(plan)?;
        self.begin()?;
        let manifest = self.folder.manifest()?.unwrap_or_default();
        Manifest { rerun: true, ..manifest }.write(self.folder.path())?;
        file::sync_folder(self.folder.path())
    }

    /// Says what the protocols of cells are called now: (cell id, label). A label is no part of a cell's
    /// identity, so a cell may have been computed under another; the tables then take this one.
    pub fn set_labels(&mut self, labels: impl IntoIterator<Item = (CellId, SharedText)>) {
        self.labels = Labels::of(labels);
    }

    /// Looks at what is there when a sweep comes to it. `plan` is as for [`RunWriter::consolidate`].
    ///
    /// # Errors
    /// If a file cannot be read or is of another schema version.
    pub fn standing(&self, plan: &[impl AsRef<str>]) -> Result<Standing, StoreError> {
        let root = self.folder.path();
        // Rows are of use only where the tables are all that there is.
        let has_parts = || -> Result<bool, StoreError> {
            Ok(!file::names(&root.join(PARTS))?.is_empty() || !file::names(&root.join(SHARDS))?.is_empty())
        };
        let is_kept = plan.len() < MANY && !has_parts()?;
        let survey = if is_kept { Survey::with_rows(root)? } else { Survey::of(root)? };
        let plan = planned(plan);
        let is_settled = survey.is_settled(&plan, &self.labels);
        if is_settled && plan.len() >= MANY {
            let cells = survey.sets.iter().flat_map(|set| &set.cells);
            let settled = Some(Settled::Unread(Status::counted(cells.map(|cell| cell.status))));
            return Ok(Standing { finished: None, unplanned: 0, settled });
        }
        let winners = survey.winners();
        let (cells, unplanned) = (Finished::cells_of(&survey, &winners), survey.unplanned(&winners, &plan));
        drop(winners);
        if !is_settled || !is_kept {
            let finished = Some(Finished::with_damage(cells, survey));
            return Ok(Standing { finished, unplanned, settled: None });
        }
        let finished = Some(Finished { cells, damaged: Vec::new() });
        let settled = runs::in_order(survey.records(|_| true), self.folder.manifest()?, Vec::new());
        Ok(Standing { finished, unplanned, settled: Some(Settled::Read(Box::new(settled))) })
    }

    /// Returns what this process has written since.
    pub(super) fn own(&self) -> HashSet<PathBuf> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets the next consolidation write down how trials were added look by look, or that they were not.
    pub fn set_sequential(&mut self, outcome: Option<Stopping>) {
        self.sequential = outcome;
    }

    /// Names this run in the manifest, once.
    pub(super) fn begin(&self) -> Result<(), StoreError> {
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

    pub(super) fn write_block(&self, folder: &str, block: &Block<'_>) -> Result<(), StoreError> {
        let sequence = self.sequence.fetch_add(1, Ordering::Relaxed);
        let sidecar = block.write(&self.folder.path().join(folder), sequence, &self.run, None)?;
        self.own.lock().unwrap_or_else(PoisonError::into_inner).extend(sidecar);
        Ok(())
    }
}

impl PartWriter for RunWriter {
    /// Any number of threads may write parts at once. Cells that are there already are replaced.
    fn write_part(&self, cells: &[CellRecords]) -> Result<(), StoreError> {
        self.begin()?;
        self.write_block(PARTS, &Block::of(cells))
    }
}
