//! This crate keeps results on disk. A run has a folder, written in parts and consolidated into three Parquet
//! files.
//!
//! FORMAT.md describes the layout. What it is made to survive: a process killed at any moment (every file is written
//! whole under a temporary name, synced and renamed; a part counts only once its sidecar vouches for it; consolidated
//! tables go into place together, by a staging folder that the next writer finishes), bytes that changed (BLAKE3 of
//! every file is checked before anything is made of it), a full disk (what was there stays), two sweeps at once (a
//! lock), and another schema version (refused).
//!
//! [`RunFolder`] reads without a lock, also while a sweep is going; [`RunWriter`] holds the lock.
//! [`Attempt`]s, the processes of a sweep in shards, need none: each writes into a folder of its own.

mod attempt;
mod attempt_state;
pub mod benchmarks;
mod conflict;
mod consolidate;
mod decode;
mod duplicates;
mod error;
mod file;
mod layout;
mod manifest;
mod messages;
mod metadata;
mod pages;
mod part;
mod plan_order;
mod planned;
pub mod provenance;
pub mod replan;
pub mod runs;
pub mod sealed;
mod sorted;
mod survey;
mod table;
#[cfg(test)]
mod tests;
mod writer;

pub use attempt::{Attempt, attempts, finished_of_shard};
pub use attempt_state::{ATTEMPT_KEYS, AttemptState, Placement};
pub use conflict::Conflict;
pub use consolidate::{Consolidated, Merge, Merged};
pub use error::StoreError;
pub use file::{Seal, create_folder};
pub use manifest::{MANIFEST_KEYS, SIDECAR_KEYS};
pub use manifest::{Manifest, Seals};
pub use messages::read_messages;
pub use metadata::METADATA_KEYS;
pub use writer::{RunWriter, Settled, Standing};

/// From so many cells on, a run is written to be done with and not to be small, and a sweep of it does not hold all of
/// its rows at once.
pub const MANY: usize = 1 << 17;

use part::Origin;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use study::record::{CellRecords, Status};
use study::records::Records;
use survey::{Survey, Winners, place};

/// A `RunFolder` is a folder of results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFolder {
    path: PathBuf,
}

/// Holds the cells that need not be computed again.
#[derive(Debug, Default)]
pub struct Finished {
    /// Their ids, and how each ended: a failure counts as finished, and the caller decides whether to try again.
    pub cells: BTreeMap<String, Status>,
    /// What is damaged or was interrupted, by file; the cells in it count as not computed.
    pub damaged: Vec<StoreError>,
}

impl Finished {
    fn of(survey: Survey) -> Self {
        let cells = Self::cells_of(&survey, &survey.winners());
        Self::with_damage(cells, survey)
    }

    /// Returns the cells that a survey has found, and how they ended.
    fn cells_of(survey: &Survey, winners: &Winners<'_>) -> BTreeMap<String, Status> {
        survey.finished(winners).map(|(cell, status)| (cell.to_owned(), status)).collect()
    }

    /// Puts the damage that the survey has found beside these cells.
    fn with_damage(cells: BTreeMap<String, Status>, survey: Survey) -> Self {
        let unfinished = survey
            .unfinished
            .iter()
            .map(|path| StoreError::damaged(path, "its sidecar is missing: its write was interrupted"));
        let damaged = survey.broken.into_iter().map(|broken| broken.error).chain(unfinished).collect();
        Self { cells, damaged }
    }
}

/// A `PartWriter` takes finished cells in, block by block.
pub trait PartWriter {
    /// Puts a block of finished cells on disk as a part. When this returns they will not be lost; where it fails,
    /// nothing of the block stays behind.
    ///
    /// # Errors
    /// If the file system refuses, an id cannot name a file, or the block is not whole.
    fn write_part(&self, cells: &[CellRecords]) -> Result<(), StoreError>;
}

/// Holds everything that a run has recorded, in the order of the files. [`crate::runs::read`] puts it in that
/// of the plan.
#[derive(Debug)]
pub struct Contents {
    /// By cell id where they are consolidated, then those of later parts.
    pub records: Records,
    /// Damaged parts, which are left out: what they held has to be computed again.
    pub damaged: Vec<StoreError>,
}

impl RunFolder {
    /// Names the folder `path`, which need not exist yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Returns the path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the manifest; `None` where no run has computed anything yet.
    ///
    /// # Errors
    /// If it is damaged, of another schema version, or cannot be read.
    pub fn manifest(&self) -> Result<Option<Manifest>, StoreError> {
        Manifest::read(&place(&self.path, layout::MANIFEST))
    }

    /// Returns the cells that need not be computed again. They are in the tables, in the parts, in those of
    /// shards, and in the attic, where cells wait that an earlier plan named. While all are being computed
    /// again, only those computed since. Every file is checked against its checksum.
    ///
    /// # Errors
    /// If a file cannot be read or is of another schema version. Damage is no error: it is reported in the result.
    pub fn finished(&self) -> Result<Finished, StoreError> {
        Survey::of(&self.path).map(Finished::of)
    }

    /// Reads all records. They are those of the tables and of the parts that a sweep has written since,
    /// damaged parts left out and named.
    ///
    /// # Errors
    /// If there is nothing, if the consolidated tables are damaged, if a file cannot be read, or if one is of another
    /// schema version.
    pub fn read(&self) -> Result<Contents, StoreError> {
        self.undisturbed(Self::read_once, |contents| contents.damaged.is_empty())
    }

    /// Looks at the folder until no consolidation came between, or what is not whole stays so.
    fn undisturbed<T>(
        &self,
        look: impl Fn(&Self) -> Result<T, StoreError>,
        is_whole: impl Fn(&T) -> bool,
    ) -> Result<T, StoreError> {
        // A sweep that consolidates meanwhile moves rows between files. Its manifest changes then; and after that the
        // merged parts go, one file after another, so that one that was listed is missing when it is read. In both
        // cases the read starts over. It happens twice a sweep, so even beside sweeps that are over in no time a read
        // is left alone at last. Bytes are compared: a manifest that names many runs takes long to understand.
        let manifest = || file::read(&place(&self.path, layout::MANIFEST));
        for _ in 0..100 {
            let (before, there) = (manifest(), self.listed());
            let seen = look(self);
            let is_whole = seen.as_ref().is_ok_and(&is_whole);
            let stays = matches!((before, manifest()), (Ok(before), Ok(after)) if before == after);
            if stays && (is_whole || there == self.listed()) {
                return seen;
            }
        }
        look(self)
    }

    /// The names of all files that a consolidation may move or remove; none of a folder that cannot be listed.
    fn listed(&self) -> Vec<Vec<String>> {
        let folders = ["", layout::PARTS, layout::ATTIC, layout::STAGED, layout::SHARDS];
        folders.map(|folder| file::names(&self.path.join(folder)).unwrap_or_default()).into()
    }

    /// Reads the records behind [`finished`](Self::finished). Those of the attic are among them, and nothing
    /// that is damaged. Their order means nothing. For the process that holds the lock: meanwhile nobody may
    /// move them.
    ///
    /// # Errors
    /// If a file cannot be read or is of another schema version.
    pub fn finished_records(&self) -> Result<Records, StoreError> {
        Ok(Survey::with_rows(&self.path)?.records(|_| true))
    }

    fn read_once(&self) -> Result<Contents, StoreError> {
        let mut survey = Survey::with_rows(&self.path)?;
        let broken = std::mem::take(&mut survey.broken);
        let (tables, parts): (Vec<_>, Vec<_>) =
            broken.into_iter().partition(|broken| broken.origin == Origin::Tables);
        if let Some(broken) = tables.into_iter().next() {
            return Err(broken.error);
        }
        if parts.is_empty() && survey.sets.is_empty() {
            return Err(StoreError::NoResults { path: self.path.clone() });
        }
        let records = survey.records(|origin| origin != Origin::Attic);
        Ok(Contents { records, damaged: parts.into_iter().map(|broken| broken.error).collect() })
    }
}
