//! The quantities that a summary estimates.

use crate::definition::Probe;
use crate::record::{Memory, Recall};
use crate::stats::Interval;
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

    /// This measure of one memory as a pair (numerator, denominator); none for another kind of measure, for a cell that
    /// failed, and where no probe took it.
    pub fn of_memory(self, memory: &Memory) -> Option<(f64, f64)> {
        let figures = memory.figures.as_ref()?;
        let (n, m) = (f64::from(memory.at.n), f64::from(memory.at.m));
        match self {
            Self::FixedPoints => figures.fixed.map(|fixed| (f64::from(fixed), m)),
            Self::BitErrors => {
                figures.wrong_bits.zip(figures.tied_bits).map(|(wrong, tied)| ((wrong + tied) as f64, n * m))
            }
            Self::StrictMinima => figures.strict_minima.map(|minima| (f64::from(minima), m)),
            _ => None,
        }
    }

    /// This measure of the reads of one memory as a pair (numerator, denominator); none for another kind of measure.
    pub fn of_recall(self, recall: &Recall) -> Option<(f64, f64)> {
        let sum = match self {
            Self::Recovered => recall.recovered.into(),
            Self::RecoveredFirst => recall.recovered_first.into(),
            Self::RecoveredCheckpoint => recall.recovered_checkpoint.into(),
            Self::Overlap => recall.overlap_sum,
            _ => return None,
        };
        Some((sum, recall.queries.into()))
    }

    /// The probe that takes it; none where it is no deterministic number.
    pub fn probe(self) -> Option<Probe> {
        match self {
            Self::FixedPoints | Self::BitErrors => Some(Probe::Stability),
            Self::StrictMinima => Some(Probe::Structure),
            Self::WriteSeconds => None,
            _ => Some(Probe::Recovery),
        }
    }

    /// Where the measure of one trial can lie.
    pub fn range(self) -> Interval {
        match self {
            Self::Overlap => Interval::OVERLAP,
            Self::WriteSeconds => Interval { low: 0.0, high: f64::INFINITY },
            _ => Interval::PROPORTION,
        }
    }

    /// Whether a larger value is a better memory.
    pub fn more_is_better(self) -> bool {
        !matches!(self, Self::BitErrors | Self::WriteSeconds)
    }

    /// The name used on the command line and in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::FixedPoints => "fixed-points",
            Self::BitErrors => "bit-errors",
            Self::StrictMinima => "strict-minima",
            Self::Recovered => "recovered",
            Self::RecoveredFirst => "recovered-first",
            Self::RecoveredCheckpoint => "recovered-checkpoint",
            Self::Overlap => "overlap",
            Self::WriteSeconds => "write-seconds",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_serde() {
        let all = [&Measure::OF_MEMORIES[..], &Measure::OF_RECALLS, &[Measure::WriteSeconds]].concat();
        for measure in all {
            assert_eq!(serde_json::to_value(measure).unwrap(), measure.name());
        }
    }
}
