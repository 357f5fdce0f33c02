//! Estimates with intervals: what figures, tables and claims read instead of records.

use crate::record::Status;
use protocols::Source;
use protocols::reading::Dynamics;
use serde::{Deserialize, Serialize};

/// A quantity that a summary estimates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Share of the messages that are fixed points.
    FixedPoints,
    /// Share of the messages' bits that are unstable, wrong or tied.
    BitErrors,
    /// Share of the messages that are strict local minima.
    StrictMinima,
    /// Share of the queries that settle at their message.
    Recovered,
    /// Share of the queries that are at their message after one step.
    RecoveredFirst,
    /// Share of the queries that are at their message after L steps.
    RecoveredCheckpoint,
    /// Mean final overlap with the message.
    Overlap,
    /// Median wall time of a write, seconds.
    WriteSeconds,
}

/// One estimate over the trials of one condition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The protocol's label.
    pub protocol: String,
    /// Its parameters, canonical JSON.
    pub parameters: String,
    /// Where the messages come from.
    pub source: Source,
    /// Units N.
    pub n: u32,
    /// Messages M.
    pub m: u32,
    /// M/N.
    pub load: f64,
    /// Read dynamics, for measures of reading.
    pub dynamics: Option<Dynamics>,
    /// Flipped bits, for measures of reading.
    pub flips: Option<u32>,
    /// What is estimated.
    pub measure: Measure,
    /// The estimate; absent where every trial failed.
    pub value: Option<f64>,
    /// Lower end of the 95 % interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Trials that the estimate rests on.
    pub trials: u32,
    /// Trials that failed.
    pub failed: u32,
    /// The worst status among the failed.
    pub status: Status,
}

impl Estimate {
    /// Noise level d/N, for measures of reading.
    pub fn noise(&self) -> Option<f64> {
        self.flips.map(|d| f64::from(d) / f64::from(self.n))
    }
}
