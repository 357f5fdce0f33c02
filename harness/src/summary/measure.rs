//! The quantities that a summary estimates.

use crate::record::Recall;
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
    /// Median wall time of a write, seconds; its interval is the middle half of the trials.
    WriteSeconds,
}

impl Measure {
    /// Those of a written memory.
    pub const OF_MEMORIES: [Self; 3] = [Self::FixedPoints, Self::BitErrors, Self::StrictMinima];
    /// Those of reads.
    pub const OF_RECALLS: [Self; 4] =
        [Self::Recovered, Self::RecoveredFirst, Self::RecoveredCheckpoint, Self::Overlap];

    /// The sum over the queries of a record, for measures of reads.
    ///
    /// # Panics
    /// For another measure.
    pub(super) fn total(self, recall: &Recall) -> f64 {
        match self {
            Self::Recovered => recall.recovered.into(),
            Self::RecoveredFirst => recall.recovered_first.into(),
            Self::RecoveredCheckpoint => recall.recovered_checkpoint.into(),
            Self::Overlap => recall.overlap_sum,
            _ => panic!("{self:?} is no measure of reads"),
        }
    }
}
