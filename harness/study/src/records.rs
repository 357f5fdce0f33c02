//! This module holds the records of a run together, with the confidence that its intervals have.

use crate::measure::CONFIDENCE;
use crate::record::{Memory, Recall, Timing};

/// Holds the records of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Records {
    /// One a cell.
    pub memories: Vec<Memory>,
    /// One a cell, dynamics and noise level.
    pub recalls: Vec<Recall>,
    /// One a cell.
    pub timings: Vec<Timing>,
    /// Confidence of every interval: [`CONFIDENCE`], or more where trials were added look by look.
    pub confidence: f64,
}

impl Default for Records {
    fn default() -> Self {
        Self { memories: Vec::new(), recalls: Vec::new(), timings: Vec::new(), confidence: CONFIDENCE }
    }
}
