//! This crate holds statistics over trials: intervals, paired differences, adjusted p-values, fits and
//! crossings.
//!
//! The unit is the *trial*, one message set. What happens to the queries of one trial is not independent, so a
//! share of queries is a ratio of sums over trials, one pair (numerator, denominator) a trial, and its interval
//! resamples trials, never queries. A mean is the same thing with a sum on top: [`cluster_ratio`] takes the range
//! in which a trial's ratio can lie, [`Interval::PROPORTION`] for shares and [`Interval::OVERLAP`] for overlaps.
//!
//! Everything here is pure: numbers in, numbers out. What is drawn, resamples of trials and patterns of
//! exchanged pairs, depends on how many there are, and on nothing else.
//!
//! Where it is weak: with fewer than about ten trials a bootstrap knows little of the tails, and under five it cannot
//! reach 95 % (see `bootstrap`); an event that happens in few trials is known only through those few. Trials that
//! failed carry a denominator of 0 and drop out, so what remains speaks for the trials that ended well.

mod bootstrap;
mod crossing;
mod crossing_difference;
mod crossing_exchange;
mod curve_pairs;
mod draws;
mod exchange;
mod fixed_cost;
mod growth;
mod holm;
mod line;
mod newcombe;
mod paired;
mod quantile;
mod ratio;
mod sign_flip;
mod strata;
pub mod theory;
mod unpaired;
mod wilson;

pub use bootstrap::{RESAMPLES, resampled};
pub use crossing::{Crossing, CrossingInterval, crossing, crossing_interval};
pub use crossing_difference::{CrossingDifference, crossing_difference};
pub use fixed_cost::{FixedCost, fit_fixed_cost};
pub use growth::{GrowthFit, fit_growth};
pub use holm::holm;
pub use line::{Line, fit_line};
pub use newcombe::difference_of_proportions;
pub use paired::{RatioDifference, paired_difference};
pub use quantile::{median, quantile};
pub use ratio::{cluster_ratio, cluster_ratio_of_units};
pub use strata::{Limit, StratifiedMean};
pub use unpaired::unpaired_difference;
pub use wilson::wilson;

/// An `Interval` is a closed interval, in the unit of what it bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// Shares lie in [0, 1].
    pub const PROPORTION: Self = Self { low: 0.0, high: 1.0 };
    /// Overlaps lie in [-1, 1].
    pub const OVERLAP: Self = Self { low: -1.0, high: 1.0 };

    /// Tells whether `x` lies inside or at an end.
    pub fn contains(self, x: f64) -> bool {
        self.low <= x && x <= self.high
    }

    /// Returns the upper end minus the lower end.
    pub fn width(self) -> f64 {
        self.high - self.low
    }
}

/// The probability below the upper end of a central interval, (1 + confidence)/2.
///
/// # Panics
/// If `confidence` lies outside (0, 1).
fn upper_probability(confidence: f64) -> f64 {
    assert!(0.0 < confidence && confidence < 1.0, "confidence {confidence} lies outside (0, 1)");
    0.5 * (1.0 + confidence)
}
