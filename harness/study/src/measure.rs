//! This module says what can be measured of a memory. It has the probes that measure, and the quantities that
//! are estimated from what they count.

use crate::record::{Memory, Recall};
use serde::{Deserialize, Serialize};
use stats::Interval;

/// Holds the confidence of every interval, unless the records ask for more.
pub const CONFIDENCE: f64 = 0.95;

/// A `Probe` says what is measured of a memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Probe {
    /// Fixed points, wrong bits and margins of the messages.
    Stability,
    /// Reads from noisy queries.
    Recovery,
    /// Symmetry, diagonal, energy minima and energy along reads.
    Structure,
    /// Single flipped bits that one step corrects.
    Correction,
    /// Where reads from random states end.
    Starts,
}

impl Probe {
    /// Returns the name used in definitions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stability => "stability",
            Self::Recovery => "recovery",
            Self::Structure => "structure",
            Self::Correction => "correction",
            Self::Starts => "starts",
        }
    }

    /// Returns whether it reads noisy queries.
    pub(crate) fn reads_queries(self) -> bool {
        matches!(self, Self::Recovery | Self::Structure)
    }
}

/// A `Measure` is a quantity that a summary estimates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Share of the messages that are fixed points.
    FixedPoints,
    /// Share of the messages' bits that are unstable, wrong or tied.
    BitErrors,
    /// Share of the messages that are strict local minima.
    StrictMinima,
    /// Share of the memories whose W is symmetric, up to rounding.
    Symmetric,
    /// Share of the memories whose W has a zero diagonal, up to rounding.
    ZeroDiagonal,
    /// Share of the flips in asynchronous reads that do not raise the energy.
    EnergyDescent,
    /// Share of the messages' bits that one step corrects when they alone are flipped.
    BitCorrections,
    /// Share of the messages' bits of which the diagonal says rightly whether they are corrected.
    BitPredictions,
    /// Share of the states one flip away from a message that one synchronous step brings there.
    NeighbourReturns,
    /// Share of the reads from random states that settle at a message or its negative.
    RandomStored,
    /// Share of the reads from random states that settle at another fixed point.
    RandomSpurious,
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
    /// Holds the measures of a written memory.
    pub const OF_MEMORIES: [Self; 11] = [
        Self::FixedPoints,
        Self::BitErrors,
        Self::StrictMinima,
        Self::Symmetric,
        Self::ZeroDiagonal,
        Self::EnergyDescent,
        Self::BitCorrections,
        Self::BitPredictions,
        Self::NeighbourReturns,
        Self::RandomStored,
        Self::RandomSpurious,
    ];
    /// Holds the measures of reads.
    pub const OF_RECALLS: [Self; 4] =
        [Self::Recovered, Self::RecoveredFirst, Self::RecoveredCheckpoint, Self::Overlap];

    /// Returns this measure of one memory as a pair (numerator, denominator). There is none for another kind
    /// of measure, for a cell that failed, and where no probe took it.
    pub fn of_memory(self, memory: &Memory) -> Option<(f64, f64)> {
        let figures = memory.figures.as_ref()?;
        let (n, m) = (f64::from(memory.at.n), f64::from(memory.at.m));
        match self {
            Self::FixedPoints => figures.fixed.map(|fixed| (f64::from(fixed), m)),
            Self::BitErrors => {
                figures.wrong_bits.zip(figures.tied_bits).map(|(wrong, tied)| ((wrong + tied) as f64, n * m))
            }
            Self::StrictMinima => figures.strict_minima.map(|minima| (f64::from(minima), m)),
            Self::Symmetric => figures.asymmetry.map(vanishes),
            Self::ZeroDiagonal => figures.diagonal_ratio.map(vanishes),
            Self::EnergyDescent => {
                let flips = figures.energy_flips.zip(figures.energy_rises);
                flips.map(|(flips, rises)| ((flips - rises) as f64, flips as f64))
            }
            Self::BitCorrections => figures.correction.map(|found| (found.corrected as f64, n * m)),
            Self::BitPredictions => figures.correction.map(|found| (found.agreeing as f64, n * m)),
            Self::NeighbourReturns => figures.correction.map(|found| (found.returned as f64, n * m)),
            Self::RandomStored => figures.starts.map(|found| (found.stored.into(), found.starts.into())),
            Self::RandomSpurious => figures.starts.map(|found| (found.spurious.into(), found.starts.into())),
            _ => None,
        }
    }

    /// Returns this measure of the reads of one memory as a pair (numerator, denominator). There is none for
    /// another kind of measure.
    pub fn of_recall(self, recall: &Recall) -> Option<(f64, f64)> {
        let sum = match self {
            Self::Recovered => recall.reads.recovered.into(),
            Self::RecoveredFirst => recall.reads.first.into(),
            Self::RecoveredCheckpoint => recall.reads.at_checkpoint.into(),
            Self::Overlap => recall.reads.overlap_sum,
            _ => return None,
        };
        Some((sum, recall.reads.queries.into()))
    }

    /// Returns the probe that takes it. There is none where it is no deterministic number.
    pub fn probe(self) -> Option<Probe> {
        match self {
            Self::FixedPoints | Self::BitErrors => Some(Probe::Stability),
            Self::StrictMinima | Self::Symmetric | Self::ZeroDiagonal | Self::EnergyDescent => {
                Some(Probe::Structure)
            }
            Self::BitCorrections | Self::BitPredictions | Self::NeighbourReturns => Some(Probe::Correction),
            Self::RandomStored | Self::RandomSpurious => Some(Probe::Starts),
            Self::WriteSeconds => None,
            _ => Some(Probe::Recovery),
        }
    }

    /// Returns where the measure of one trial can lie.
    pub fn range(self) -> Interval {
        match self {
            Self::Overlap => Interval::OVERLAP,
            Self::WriteSeconds => Interval { low: 0.0, high: f64::INFINITY },
            _ => Interval::PROPORTION,
        }
    }

    /// Returns whether a larger value is a better memory.
    pub fn more_is_better(self) -> bool {
        !matches!(self, Self::BitErrors | Self::RandomSpurious | Self::WriteSeconds)
    }

    /// Returns the name used on the command line and in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::FixedPoints => "fixed-points",
            Self::BitErrors => "bit-errors",
            Self::StrictMinima => "strict-minima",
            Self::Symmetric => "symmetric",
            Self::ZeroDiagonal => "zero-diagonal",
            Self::EnergyDescent => "energy-descent",
            Self::BitCorrections => "bit-corrections",
            Self::BitPredictions => "bit-predictions",
            Self::NeighbourReturns => "neighbour-returns",
            Self::RandomStored => "random-stored",
            Self::RandomSpurious => "random-spurious",
            Self::Recovered => "recovered",
            Self::RecoveredFirst => "recovered-first",
            Self::RecoveredCheckpoint => "recovered-checkpoint",
            Self::Overlap => "overlap",
            Self::WriteSeconds => "write-seconds",
        }
    }
}

/// Whether a ratio of norms is 0 but for the rounding of f32, as a share of one memory.
fn vanishes(ratio: f64) -> (f64, f64) {
    /// Ten times what sums of f32 leave.
    const ROUNDING: f64 = 1e-6;
    (f64::from(ratio <= ROUNDING), 1.0)
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
