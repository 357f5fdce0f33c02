//! This module says what can go wrong with a results folder, and what to do about it.

use super::conflict::Conflict;
use std::io;
use std::path::{Path, PathBuf};
use study::schema::SCHEMA_VERSION;

/// A `StoreError` says why results could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refused.
    #[error("cannot {action} {}; {}", path.display(), remedy(source.kind()))]
    Io {
        /// What was tried: read, write, ...
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Another process writes into the folder.
    #[error(
        "{} is being written by another sweep ({holder}); wait for it, stop it, or give this one another folder \
         with --out",
        path.display()
    )]
    Locked {
        /// The folder.
        path: PathBuf,
        /// Who holds it, as the lock file says.
        holder: String,
    },
    /// Something else has the name of a file that is only written.
    #[error("{} cannot be locked: {what}; remove it", path.display())]
    Irregular {
        /// Which.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// A folder is a link to one that is not there.
    #[error(
        "{} is a link to {}, which is not there; make that folder, or remove the link",
        path.display(),
        to.display()
    )]
    Dangling {
        /// The link.
        path: PathBuf,
        /// Where it leads.
        to: PathBuf,
    },
    /// There is nothing to read.
    #[error("{} holds no results; `harness sweep` makes them, or check the name", path.display())]
    NoResults {
        /// The folder.
        path: PathBuf,
    },
    /// A file is not what was written.
    #[error(
        "{} is damaged: {reason}; put back a copy of it, or run its sweep again, which recomputes what it held",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A column of a Parquet file is not what the schema says.
    #[error(
        "{}: column `{column}` {problem}; FORMAT.md says what it holds, and running the sweep again rewrites the file",
        path.display()
    )]
    Column {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A file of another schema version.
    #[error("{} has schema version {found}, this program has {SCHEMA_VERSION}; \
     {}", path.display(), version_remedy(*found))]
    Schema {
        /// The file.
        path: PathBuf,
        /// The version found in it.
        found: u64,
    },
    /// A cell's id cannot name a file.
    #[error("`{id}` is no cell id: it must be 1 to 64 letters, digits, `-` or `_`")]
    CellId {
        /// The id.
        id: String,
    },
    /// A block names a cell twice, or mixes records of different cells.
    #[error(
        "the records of cell {id} are not one memory, its recalls and one timing; this is a bug, please report it"
    )]
    Block {
        /// The cell.
        id: String,
    },
    /// Shards have left two records of a cell that differ.
    #[error(
        "{0}; remove the folder of the attempt that is wrong and run the same command again (`harness replay` \
         and the names          of the machines may tell which)"
    )]
    Conflict(Box<Conflict>),
    /// The records could not be encoded.
    #[error("cannot encode {table} as Parquet: {reason}; this is a bug, please report it")]
    Encode {
        /// The table.
        table: &'static str,
        /// What polars said.
        reason: String,
    },
}

impl StoreError {
    /// Makes the error of a file system that refuses, ready for `map_err`.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }

    /// Makes the error of a file that is not what was written.
    pub(super) fn damaged(path: &Path, reason: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), reason: reason.into() }
    }

    /// Returns whether the content of a file is at fault, so that what it held counts as not computed. A file
    /// system that refuses to read, or another schema version, is no reason to compute anything again.
    pub(super) fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged { .. } | Self::Column { .. })
    }
}

/// Says what to do about a refusal of the file system.
fn remedy(kind: io::ErrorKind) -> &'static str {
    use io::ErrorKind::*;
    match kind {
        StorageFull | QuotaExceeded => {
            "free some space and run the same command again: what is finished is kept"
        }
        PermissionDenied | ReadOnlyFilesystem => "give a folder that you may write to with --out",
        NotADirectory | AlreadyExists => "a file is where a folder is due: give another folder with --out",
        NotFound => "check the name",
        _ => "check the disk and run the same command again: what is finished is kept",
    }
}

/// Says what to do about another schema version.
fn version_remedy(found: u64) -> &'static str {
    if found < u64::from(SCHEMA_VERSION) {
        "run the sweep into a new folder with --out, or read this one with the older program that its manifest names"
    } else {
        "it was written by a newer program: update this one"
    }
}
