//! This module holds how an attempt at a shard stands, as it says in a file of its own.

use crate::provenance::Provenance;
use crate::sealed;
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use study::schema::{Key, key};

/// An `AttemptState` says how an attempt stands, by its own account. It is written at the start, about once a
/// minute, and at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttemptState {
    /// Version of the schema.
    pub schema_version: u32,
    /// The shard.
    pub shard: u32,
    /// The process.
    pub process: u32,
    /// Where a scheduler put it; absent where none did.
    pub place: Option<Placement>,
    /// BLAKE3 of the program's file.
    pub code: String,
    /// How it came about.
    pub run: Provenance,
    /// Cells that it set out to compute: those of the shard that were not finished.
    pub cells: u64,
    /// Cells of these that are on disk.
    pub done: u64,
    /// When this was written, seconds since 1970.
    pub beat: u64,
    /// Why it ended; absent while it runs, and for ever where it was killed.
    pub ending: Option<String>,
}

/// Holds the keys of [`AttemptState`] as FORMAT.md lists them.
pub const ATTEMPT_KEYS: &[Key] = &[
    key("schema_version", "Version of the schema."),
    key("shard", "The shard."),
    key("process", "Number of the process on its machine."),
    key(
        "place",
        "Where a scheduler put it: `job`, `restart` (how often it was queued again) and `node`; null where none did.",
    ),
    key("code", "BLAKE3 of the program's file."),
    key("run", "Its provenance, as in `runs` of manifest.json."),
    key("cells", "Cells that it set out to compute: those of the shard that were not finished."),
    key("done", "Cells of these that are on disk."),
    key(
        "beat",
        "When this was written: seconds since 1970. A running attempt writes it about once a minute.",
    ),
    key(
        "ending",
        "Why it ended: `complete`, the name of a signal, `failures`, or an error; null while it runs, and for \
         ever where it was killed.",
    ),
    key(sealed::SEAL, "BLAKE3 of this file's other keys as compact JSON, in their order."),
];

/// A `Placement` says where a scheduler put an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// The job, as the scheduler names it.
    pub job: String,
    /// How often it was queued again.
    pub restart: u32,
    /// The node.
    pub node: String,
}

impl AttemptState {
    /// Returns the time since this was written, by this machine's clock.
    pub fn age(&self) -> Duration {
        Duration::from_secs(now().saturating_sub(self.beat))
    }
}

/// Returns the seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
