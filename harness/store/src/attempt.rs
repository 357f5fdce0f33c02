//! An attempt at a shard is a process that computes a share of a frozen plan. It alone writes the folder that
//! it has.
//!
//! The folder is made by the attempt itself, under a name that no other can have: making a folder that is
//! there fails, on network file systems too, where locks of files are not to be relied on. So two processes
//! that work on the same shard at once, because a scheduler took one for dead, cannot meet: each leaves parts
//! of its own, and whoever reads them finds cells twice, with the same numbers.

use super::attempt_state::{AttemptState, now};
use super::layout::{ATTEMPT, SHARDS};
use super::manifest::Maker;
use super::part::Block;
use super::survey::Survey;
use super::{Finished, PartWriter, StoreError, file, sealed};
use crate::provenance::rfc3339;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use study::record::CellRecords;

/// An `Attempt` writes the parts of one attempt at a shard.
#[derive(Debug)]
pub struct Attempt {
    folder: PathBuf,
    state: Mutex<AttemptState>,
    maker: Maker,
    /// Sequence number of the next part.
    sequence: AtomicU64,
}

impl Attempt {
    /// Begins an attempt at a shard of the run in the folder `root`.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn begin(root: &Path, state: AttemptState) -> Result<Self, StoreError> {
        let shard = shard_folder(root, state.shard);
        file::create_folder(&shard)?;
        let host: String =
            state.run.host.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let time = rfc3339(SystemTime::now()).replace([':', '-'], "");
        let name = format!("{time}-{host}-{}", state.process);
        let folder = (0..)
            .map(|number| shard.join(if number == 0 { name.clone() } else { format!("{name}-{number}") }))
            .find_map(|folder| match fs::create_dir(&folder) {
                Ok(()) => Some(Ok(folder)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => None,
                Err(error) => Some(Err(StoreError::io("create the folder", &folder)(error))),
            })
            .expect("some number is free")?;
        let maker = Maker { host: state.run.host.clone(), code: state.code.clone() };
        let attempt = Self { folder, state: Mutex::new(state), maker, sequence: AtomicU64::new(0) };
        attempt.beat()?;
        Ok(attempt)
    }

    /// Returns the folder of the attempt.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Says that the attempt is alive, and how far it is.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn beat(&self) -> Result<(), StoreError> {
        let mut state = self.state();
        state.beat = now();
        sealed::write(&self.folder.join(ATTEMPT), &*state)
    }

    /// Says why the attempt ended.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn end(&self, why: &str) -> Result<(), StoreError> {
        {
            let mut state = self.state();
            state.ending = Some(why.to_owned());
            state.run.finish();
        }
        self.beat()
    }

    fn state(&self) -> MutexGuard<'_, AttemptState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PartWriter for Attempt {
    fn write_part(&self, cells: &[CellRecords]) -> Result<(), StoreError> {
        let sequence = self.sequence.fetch_add(1, Ordering::Relaxed);
        let run = self.state().run.clone();
        Block::of(cells).write(&self.folder, sequence, &run, Some(&self.maker))?;
        self.state().done += cells.len() as u64;
        Ok(())
    }
}

/// Returns the folder of a shard.
fn shard_folder(root: &Path, shard: u32) -> PathBuf {
    root.join(SHARDS).join(format!("{shard:05}"))
}

/// Returns the cells of the run in the folder `root` that a shard need not compute again. They are, as far as
/// a shard need know, those that its own attempts have finished, and those that the tables hold.
///
/// # Errors
/// If a file cannot be read or is of another schema version.
pub fn finished_of_shard(root: &Path, shard: u32) -> Result<Finished, StoreError> {
    Survey::of_shard(root, &shard_folder(root, shard)).map(Finished::of)
}

/// Returns every attempt at a shard of the run in the folder `root` that says how it stands. They come by
/// shard and the time of their start.
///
/// # Errors
/// If a folder cannot be listed.
pub fn attempts(root: &Path) -> Result<Vec<AttemptState>, StoreError> {
    let mut states = Vec::new();
    for shard in file::folders(&root.join(SHARDS))? {
        let shard = root.join(SHARDS).join(shard);
        for name in file::folders(&shard)? {
            states.extend(sealed::read(&shard.join(name).join(ATTEMPT)).ok().flatten());
        }
    }
    Ok(states)
}
