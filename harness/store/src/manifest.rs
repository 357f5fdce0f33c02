//! This module holds the JSON beside the tables: `manifest.json` of a run and the sidecar of a part.

use super::StoreError;
use super::file::{self, Seal};
use super::layout::MANIFEST;
use super::sealed;
use super::sealed::SEAL;
use crate::provenance::Provenance;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use study::record::Status;
use study::schema::{Key, key};
use study::schema::{SCHEMA_VERSION, Table};
use study::stopping::Stopping;

/// A `Manifest` says what a folder of results holds and how it came about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the schema.
    pub schema_version: u32,
    /// What the tables must hold; absent until they are written for the first time.
    pub tables: Option<Seals>,
    /// Cells in the tables, by status.
    pub cells: BTreeMap<Status, u64>,
    /// Whether all cells are being computed again; those of the tables then do not count as finished.
    #[serde(default)]
    pub rerun: bool,
    /// How trials were added look by look; absent where every condition ran all of its trials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequential: Option<Stopping>,
    /// The runs that computed something, oldest first.
    pub runs: Vec<Provenance>,
}

/// Holds the keys of [`Manifest`] as FORMAT.md lists them.
pub const MANIFEST_KEYS: &[Key] = &[
    key("schema_version", "Version of the schema."),
    key(
        "tables",
        "For each table its `rows`, its `bytes` and its `blake3`; null until they are first written.",
    ),
    key("cells", "Number of cells in the tables, by status."),
    key("rerun", "Whether all cells are being computed again, by `sweep --rerun all`."),
    key(
        "sequential",
        "Only where the definition says so: the `rule` of sequential stopping, and where every size stopped.",
    ),
    key("runs", "Provenance of every run that computed something here, oldest first."),
    key(SEAL, "BLAKE3 of this file's other keys as compact JSON, in their order."),
];

impl Default for Manifest {
    fn default() -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            tables: None,
            cells: BTreeMap::new(),
            rerun: false,
            sequential: None,
            runs: Vec::new(),
        }
    }
}

impl Manifest {
    /// Reads the manifest at `path`; `None` where there is none.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, StoreError> {
        file::read(path)?.map(|bytes| Self::parse(path, &bytes)).transpose()
    }

    /// Makes the manifest of the content of `path`. The first manifests had no hash of their own; they are
    /// taken as they are.
    pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Self, StoreError> {
        let mut value = sealed::parse(path, bytes)?;
        sealed::version_of(path, &value)?;
        match sealed::unsealed(&mut value) {
            Some(seal) if seal != sealed::hash(&value) => Err(sealed::changed(path)),
            _ => sealed::decoded(path, value),
        }
    }

    /// Writes the manifest into `folder`.
    pub(super) fn write(&self, folder: &Path) -> Result<(), StoreError> {
        let json = serde_json::to_vec_pretty(&sealed::sealed(self)).expect("a value is JSON");
        file::write(&folder.join(MANIFEST), &[&json[..], b"\n"].concat())
    }
}

/// Holds the seals of a set of tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seals {
    /// Of the memories.
    pub memories: Seal,
    /// Of the recalls.
    pub recalls: Seal,
    /// Of the timings.
    pub timings: Seal,
}

impl Seals {
    /// Returns the seal of one table.
    pub fn of(&self, table: Table) -> &Seal {
        match table {
            Table::Memories => &self.memories,
            Table::Recalls => &self.recalls,
            Table::Timings => &self.timings,
        }
    }
}

/// A `Sidecar` vouches for a part. It is written after its tables, so that a part without it was interrupted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sidecar {
    /// Version of the schema.
    pub(super) schema_version: u32,
    /// Grows with every part of a folder: of two parts that hold the same cell the later one counts.
    pub(super) sequence: u64,
    /// The cells and how they ended.
    pub(super) cells: Vec<CellStatus>,
    /// What the part's tables must hold.
    pub(super) tables: Seals,
    /// Who computed it; only where a shard did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) maker: Option<Maker>,
}

/// A `Maker` is the machine and the program that computed a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Maker {
    /// Name of the machine.
    pub(super) host: String,
    /// BLAKE3 of the program's file.
    pub(super) code: String,
}

/// Holds a cell and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CellStatus {
    /// Its id.
    pub(super) cell: String,
    /// How it ended.
    pub(super) status: Status,
}

/// Holds the keys of `Sidecar` as FORMAT.md lists them.
pub const SIDECAR_KEYS: &[Key] = &[
    key("schema_version", "Version of the schema."),
    key(
        "sequence",
        "Grows with every part of the folder: of two parts with the same cell the later one counts.",
    ),
    key("cells", "The cells in the part, each with its `cell` id and `status`."),
    key("tables", "For each table its `rows`, its `bytes`, its `blake3` and its `sha256`."),
    key(
        "maker",
        "Only in parts of a shard: the `host` that computed it, and `code`, the BLAKE3 of the program's file.",
    ),
    key(SEAL, "BLAKE3 of this file's other keys as compact JSON, in their order."),
];

impl Sidecar {
    /// Reads the sidecar at `path`; `None` where there is none.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, StoreError> {
        sealed::read(path)
    }

    /// Makes the sidecar of the content of `path`.
    #[cfg(test)]
    pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Self, StoreError> {
        sealed::parsed(path, bytes)
    }

    /// Writes the sidecar to `path`.
    pub(super) fn write(&self, path: &Path) -> Result<(), StoreError> {
        sealed::write(path, self)
    }
}
