//! Reading a memory iterates x <- sign(W x + U p + b) from each query p until it settles.
//!
//! sign(0) keeps the unit's present state. A read ends at a fixed point, in a cycle (synchronous reads only) or at
//! `max_steps`, and says which. Ties, units that meet a field of exactly 0, are counted.

mod asynchronous;
mod fields;
mod synchronous;

use crate::patterns::Patterns;
use crate::seed::Stream;
use crate::weights::Weights;
use serde::{Deserialize, Serialize};

/// The `Dynamics` are the order in which units are updated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dynamics {
    /// All units at once; a step is one update of all.
    Sync,
    /// One unit after another, in a fresh random order every sweep; a step is a sweep.
    Async,
}

impl Dynamics {
    /// Returns the name used in definitions and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Async => "async",
        }
    }
}

/// The `Settings` say how to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The order of updates.
    pub dynamics: Dynamics,
    /// Steps at most.
    pub max_steps: u32,
}

/// An `End` says how a read ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// No unit wants to change.
    Fixed,
    /// The states repeat with this period, at least 2.
    Cycle {
        /// Its period.
        length: u32,
    },
    /// `max_steps` were taken and nothing repeated.
    Unsettled,
}

/// `Reads` says where a batch of reads ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Reads {
    /// Final states, in the order of the queries; for a cycle the state after `max_steps` steps.
    pub states: Patterns,
    /// How each read ended.
    pub ends: Vec<End>,
    /// Steps until the fixed point or the first state of the cycle was reached; else `max_steps`.
    pub steps: Vec<u32>,
    /// Units that met a field of exactly 0, over all states visited.
    pub ties: u64,
    /// For each checkpoint asked for, the states after that many steps.
    pub checkpoints: Vec<Patterns>,
}

/// Reads every query, N units each. `stream` orders the units of asynchronous reads and is not touched by synchronous
/// ones.
///
/// # Panics
/// If the queries have another number of units than the weights.
pub fn read(weights: &Weights, queries: &Patterns, settings: Settings, stream: &mut Stream) -> Reads {
    read_with_checkpoints(weights, queries, settings, &[], stream)
}

/// Reads every query and keeps the states after each number of steps in `checkpoints`.
///
/// # Panics
/// If the queries have another number of units than the weights.
pub fn read_with_checkpoints(
    weights: &Weights,
    queries: &Patterns,
    settings: Settings,
    checkpoints: &[u32],
    stream: &mut Stream,
) -> Reads {
    assert_eq!(weights.n(), queries.n(), "weights and queries differ in their number of units");
    let mut log = Log::new(queries, checkpoints);
    // Fields of a batch in f32 stay below 32 MiB, whatever the number of queries.
    let batch = ((8 << 20) / queries.n()).max(1);
    for start in (0..queries.count()).step_by(batch) {
        let part = queries.slice(start, batch.min(queries.count() - start));
        match settings.dynamics {
            Dynamics::Sync => synchronous::read(weights, &part, settings.max_steps, checkpoints, &mut log),
            Dynamics::Async => {
                asynchronous::read(weights, &part, settings.max_steps, checkpoints, stream, &mut log)
            }
        }
    }
    log.finish(queries.n())
}

/// The reads so far, in the order of the queries.
struct Log {
    states: Vec<i8>,
    ends: Vec<End>,
    steps: Vec<u32>,
    ties: u64,
    checkpoints: Vec<Vec<i8>>,
}

impl Log {
    fn new(queries: &Patterns, checkpoints: &[u32]) -> Self {
        Self {
            states: Vec::with_capacity(queries.signs().len()),
            ends: Vec::with_capacity(queries.count()),
            steps: Vec::with_capacity(queries.count()),
            ties: 0,
            checkpoints: checkpoints.iter().map(|_| Vec::with_capacity(queries.signs().len())).collect(),
        }
    }

    fn push(&mut self, state: &[i8], end: End, steps: u32, ties: u64) {
        self.states.extend_from_slice(state);
        self.ends.push(end);
        self.steps.push(steps);
        self.ties += ties;
    }

    fn finish(self, n: usize) -> Reads {
        let patterns = |signs| Patterns::known(n, signs);
        Reads {
            states: patterns(self.states),
            ends: self.ends,
            steps: self.steps,
            ties: self.ties,
            checkpoints: self.checkpoints.into_iter().map(patterns).collect(),
        }
    }
}
