//! Records are what a cell leaves behind. There is one record of the written memory, one a read condition,
//! and what was measured of time.
//!
//! Records hold counts and full floats, never means, so that no later question needs the sweep to run again. A failure
//! is a record too. Deterministic columns and measured ones ([`Timing`]) never share a table: the first are byte-equal
//! between reruns.

pub mod sample;
mod shared_text;

use protocols::probe::{Correction, RandomStarts, Recovery};
use protocols::reading::Reader;
use protocols::{Corruption, Source};
use serde::{Deserialize, Serialize};
pub use shared_text::SharedText;
use std::collections::BTreeMap;
pub use worker::ProgramTimes;

/// A `Status` says how a cell ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// With numbers.
    Ok,
    /// Training gave NaN or infinity.
    Diverged,
    /// It exceeded its time budget.
    Timeout,
    /// It exceeded its memory budget.
    Memory,
    /// The code panicked.
    Panic,
    /// Parameters and messages do not fit, or the result is no memory.
    Invalid,
}

impl Status {
    /// Returns the name used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Diverged => "diverged",
            Self::Timeout => "timeout",
            Self::Memory => "memory",
            Self::Panic => "panic",
            Self::Invalid => "invalid",
        }
    }

    /// Counts cells by how they ended.
    pub fn counted(cells: impl IntoIterator<Item = Self>) -> BTreeMap<Self, u64> {
        let mut counts = BTreeMap::new();
        cells.into_iter().for_each(|status| *counts.entry(status).or_default() += 1);
        counts
    }

    /// Returns whether a budget ended the cell. If so it may end otherwise on another machine, or in another
    /// minute.
    pub fn is_of_budget(self) -> bool {
        matches!(self, Self::Timeout | Self::Memory)
    }
}

/// Holds the coordinates of a cell: everything that names it in tables and figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Coordinates {
    /// Identity of the cell, a hash of all that can change its numbers.
    pub cell: SharedText,
    /// The protocol's label in the definition.
    pub protocol: SharedText,
    /// Its parameters, canonical JSON with every default spelled out.
    pub parameters: SharedText,
    /// Where the messages come from.
    pub source: Source,
    /// Units N.
    pub n: u32,
    /// Messages M.
    pub m: u32,
    /// The message set's number.
    pub trial: u32,
}

/// A `Memory` is a written memory and what its stability and structure are.
#[derive(Clone, Debug, PartialEq)]
pub struct Memory {
    /// Where it belongs.
    pub at: Coordinates,
    /// How the cell ended; where it is not `Ok`, `figures` is absent.
    pub status: Status,
    /// Why it failed, in words; empty where it did not.
    pub message: String,
    /// The numbers.
    pub figures: Option<MemoryFigures>,
}

/// Holds the stability, the structure and the report of a write. Counts are out of M, or of M N bits. What no
/// probe of the definition measures is absent.
#[derive(Clone, Debug, PartialEq)]
pub struct MemoryFigures {
    /// Iterations of the write.
    pub iterations: u64,
    /// Evaluations of objective and gradient.
    pub evaluations: u64,
    /// The objective reached.
    pub objective: Option<f64>,
    /// Why the write ended.
    pub stop: String,
    /// Numerical rank of the messages, where the protocol determines it.
    pub rank: Option<u32>,
    /// Messages that are fixed points.
    pub fixed: Option<u32>,
    /// Bits of the messages whose field points the wrong way.
    pub wrong_bits: Option<u64>,
    /// Bits of the messages whose field is exactly 0.
    pub tied_bits: Option<u64>,
    /// Smallest margin kappa = xi h / |W_i| over all bits; absent where a row of W is zero.
    pub margin_min: Option<f64>,
    /// Mean margin.
    pub margin_mean: Option<f64>,
    /// |W - W^T| / |W + W^T| in the Frobenius norm: 0 symmetric, 1 for equal parts, infinite if antisymmetric.
    pub asymmetry: Option<f64>,
    /// Mean |W_ii| over root mean square of the off-diagonal.
    pub diagonal_ratio: Option<f64>,
    /// Messages that are strict local minima of the energy.
    pub strict_minima: Option<u32>,
    /// Units updated by the asynchronous reads of the energy probe that changed their state.
    pub energy_flips: Option<u64>,
    /// Those of them that raised the energy.
    pub energy_rises: Option<u64>,
    /// Single flips that one step corrects, out of M N.
    pub correction: Option<Correction>,
    /// Where reads from random states end.
    pub starts: Option<RandomStarts>,
}

/// A `Recall` holds the reads of one memory under one condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Recall {
    /// Where it belongs.
    pub at: Coordinates,
    /// The reader.
    pub dynamics: Reader,
    /// How each query was corrupted, mostly by d flipped bits.
    pub flips: Corruption,
    /// The checkpoint L, in steps.
    pub checkpoint: u32,
    /// Where the reads arrived.
    pub reads: Recovery,
    /// Units that the queries' messages do not have, of all queries together; only of queries of one's own.
    pub differing: Option<u64>,
}

/// A `Timing` is what was measured of a cell. It differs from run to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Timing {
    /// Where it belongs.
    pub at: Coordinates,
    /// Wall time of the write, seconds.
    pub write_seconds: f64,
    /// Wall time of all reads and probes, seconds.
    pub read_seconds: f64,
    /// The machine.
    pub host: String,
    /// The times of the program that wrote it, where one did.
    pub program: Option<ProgramTimes>,
}

/// Holds everything that a cell leaves behind.
#[derive(Clone, Debug, PartialEq)]
pub struct CellRecords {
    /// The memory.
    pub memory: Memory,
    /// Its reads; empty where the write failed.
    pub recalls: Vec<Recall>,
    /// Its times.
    pub timing: Timing,
}
