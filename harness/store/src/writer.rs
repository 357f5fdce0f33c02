//! This module holds the one process that writes into a folder of results.

use super::file::{self, Lock};
use super::layout::{ATTIC, MANIFEST, PARTS, promote, set_aside};
use super::manifest::{Manifest, Sidecar};
use super::part::Block;
use super::{PartWriter, RunFolder, StoreError};
use crate::provenance::Provenance;
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use study::record::CellRecords;
use study::stopping::Stopping;

/// A `RunWriter` writes into a folder of results, which it keeps locked. Dropping it gives the lock back.
#[derive(Debug)]
pub struct RunWriter {
    folder: RunFolder,
    pub(super) run: Provenance,
    /// Whether the manifest names this run already.
    begun: Mutex<bool>,
    /// What the plan calls the protocols of cells, by their ids.
    pub(super) labels: HashMap<String, String>,
    /// What the manifest is to say of sequential stopping.
    pub(super) sequential: Option<Stopping>,
    /// Sequence number of the next part.
    sequence: AtomicU64,
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
                labels: HashMap::new(),
                sequential: manifest.ok().flatten().and_then(|manifest| manifest.sequential),
                sequence: sequence.into(),
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
    pub fn rerun_all(&mut self, plan: &[String]) -> Result<(), StoreError> {
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
    pub fn set_labels(&mut self, labels: impl IntoIterator<Item = (String, String)>) {
        self.labels = labels.into_iter().collect();
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
        block.write(&self.folder.path().join(folder), sequence, &self.run, None)
    }
}

impl PartWriter for RunWriter {
    /// Any number of threads may write parts at once. Cells that are there already are replaced.
    fn write_part(&self, cells: &[CellRecords]) -> Result<(), StoreError> {
        self.begin()?;
        self.write_block(PARTS, &Block::of(cells))
    }
}
