//! This module lists what failed in a run, condition by condition.

use indexmap::IndexMap;
use serde::Serialize;
use study::record::{Memory, Status};

/// A `FailureGroup` counts the cells of one condition that failed in the same way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailureGroup {
    /// How they ended.
    pub status: &'static str,
    /// The protocol's label.
    pub protocol: String,
    /// Where the messages come from.
    pub source: &'static str,
    /// Units N.
    pub n: u32,
    /// Messages M.
    pub m: u32,
    /// How many.
    pub count: usize,
    /// The reason of the first.
    pub message: String,
    /// The first, to be replayed.
    pub cell: String,
}

/// Returns the failures among `memories`, in the order of the run.
pub(super) fn failures(memories: &[Memory]) -> Vec<FailureGroup> {
    let mut found: IndexMap<(&str, Status, &str, u32, u32), FailureGroup> = IndexMap::new();
    for memory in memories.iter().filter(|memory| memory.status != Status::Ok) {
        let at = &memory.at;
        let (status, source) = (memory.status.name(), at.source.name());
        let entry = found.entry((&at.protocol, memory.status, source, at.n, at.m));
        let first = entry.or_insert_with(|| FailureGroup {
            status,
            protocol: at.protocol.to_string(),
            source,
            n: at.n,
            m: at.m,
            count: 0,
            message: memory.message.clone(),
            cell: at.cell.to_string(),
        });
        first.count += 1;
    }
    found.into_values().collect()
}
