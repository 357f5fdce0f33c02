//! This module asks whether a cell that is computed again says the same. That is: to the bit, or within what
//! chance allows.
//!
//! On one machine type and build every bit must agree. Elsewhere sums of f32 differ in their last digits,
//! training takes another path, and a message more or less may be recovered. Then two questions are asked,
//! and both must be answered well:
//!
//! - *Every cell*: does each of its shares agree with the stored one as two draws of as many independent
//!   messages would? The interval of their difference (`newcombe` in [`stats`]) must hold 0. Its confidence
//!   is Bonferroni's, so that the chance of any false alarm among all cells is 5 % at most. It finds a cell
//!   that is wrong.
//! - *Every protocol*: do the shares drift to one side over its cells? The sign-flip test on their
//!   differences, adjusted by Holm, must not reject at 5 %. It finds a small fault that all cells share.

mod bits;
mod chance;
mod sample;

pub use bits::{Deviation, conditions, deviations};
pub use chance::{Drift, Share, drifts, shares};
pub use sample::{ParseSampleError, SampleSize};

use serde::Serialize;
use stats;
use std::collections::HashMap;
use study::record::{CellRecords, Coordinates, Memory, Recall, SharedText, Status};

/// Holds the chance of a false alarm among all cells, and again among all protocols.
pub const LEVEL: f64 = 0.05;

/// Holds the deterministic records of a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Findings {
    /// The memory.
    pub memory: Memory,
    /// Its reads.
    pub recalls: Vec<Recall>,
}

impl From<CellRecords> for Findings {
    fn from(records: CellRecords) -> Self {
        Self { memory: records.memory, recalls: records.recalls }
    }
}

/// Returns the records of a run, cell by cell, in the order of the memories.
pub fn by_cell(memories: Vec<Memory>, recalls: Vec<Recall>) -> Vec<Findings> {
    let mut of_cell: HashMap<SharedText, Vec<Recall>> = HashMap::new();
    for recall in recalls {
        of_cell.entry(recall.at.cell.clone()).or_default().push(recall);
    }
    let findings = |memory: Memory| {
        let recalls = of_cell.remove(&memory.at.cell).unwrap_or_default();
        Findings { memory, recalls }
    };
    memories.into_iter().map(findings).collect()
}

/// An `Agreement` says how well two computations of a cell agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Agreement {
    /// To the bit.
    Equal,
    /// Within the intervals.
    Within,
    /// Not even that, or one of them failed.
    Apart,
}

/// A `Checked` is a cell that was computed again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Checked {
    /// Its id.
    pub cell: String,
    /// Its protocol's label.
    pub protocol: String,
    /// How well it agrees.
    pub verdict: Agreement,
    /// Every value that is another.
    pub deviations: Vec<Deviation>,
    /// The shares whose difference chance does not explain.
    pub apart: Vec<Share>,
}

/// Compares every cell with what it gave when it was computed again.
pub fn check(pairs: &[(Findings, Findings)]) -> Vec<Checked> {
    let shares: Vec<Vec<Share>> = pairs.iter().map(|(stored, now)| chance::shares(stored, now)).collect();
    let compared: usize = shares.iter().map(Vec::len).sum();
    let confidence = 1.0 - LEVEL / compared.max(1) as f64;
    let outside = |share: &Share| {
        let proportion = |x: f64| (x, share.units);
        let difference =
            stats::difference_of_proportions(proportion(share.now), proportion(share.stored), confidence);
        !difference.contains(0.0)
    };
    let one = |((stored, now), shares): (&(Findings, Findings), Vec<Share>)| {
        let deviations = deviations(stored, now);
        let apart: Vec<Share> = shares.into_iter().filter(|share| outside(share)).collect();
        let alike = stored.memory.status == now.memory.status && stored.recalls.len() == now.recalls.len();
        let verdict = match deviations.is_empty() {
            true => Agreement::Equal,
            false if alike && apart.is_empty() => Agreement::Within,
            false => Agreement::Apart,
        };
        let Coordinates { cell, protocol, .. } = &stored.memory.at;
        Checked { cell: cell.to_string(), protocol: protocol.to_string(), verdict, deviations, apart }
    };
    pairs.iter().zip(shares).map(one).collect()
}

/// Returns whether a budget ended the cell. That hangs on the machine and the command, so computing it again
/// proves nothing.
pub fn exceeded_budget(memory: &Memory) -> bool {
    matches!(memory.status, Status::Timeout | Status::Memory)
}

#[cfg(test)]
mod tests;
