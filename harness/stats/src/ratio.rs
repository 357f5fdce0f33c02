//! This module computes a ratio of sums over trials, with its interval. It is a share of queries, or a mean
//! over them.
//!
//! The estimate is sum_t numerator_t / sum_t denominator_t. Its interval bootstraps the trials (see `bootstrap`).
//! Two cases have no spread to resample, and an interval of width 0 would claim certainty:
//!
//! - *Every trial has the same ratio*, mostly all 0 or all 1. The interval is then Wilson's over the number of
//!   trials, the ratio being scaled from its range to [0, 1]. This is conservative: among variables in [0, 1] with
//!   a given mean none varies more than a coin, so that many trials of one query each would bear it out; that the
//!   queries agree within trials is not counted as evidence. The price is a jump: one trial that differs a little
//!   gives a bootstrap interval that is narrower than Wilson's.
//! - *One trial*. Nothing is known of how trials vary, so the interval is the whole range.

use super::bootstrap::percentile_interval;
use super::draws::Draws;
use super::wilson::score_interval;
use super::{Interval, upper_probability};

/// Relative spread below which ratios are equal but for rounding.
const ROUNDING: f64 = 1e-12;

/// Computes the ratio of sums over `trials`, pairs (numerator, denominator), and its interval.
///
/// `range` is where the ratio of a trial can lie: [`Interval::PROPORTION`] for counts out of counts,
/// [`Interval::OVERLAP`] for sums of overlaps; infinite ends are allowed, and then one trial, or equal trials, give
/// the range itself. Trials with denominator 0 (nothing attempted) drop out. None where no trial remains or a number
/// is not finite.
///
/// # Panics
/// If a denominator is negative, there are no resamples, or `confidence` lies outside (0, 1).
///
/// ```
/// use stats::{Interval, RESAMPLES, cluster_ratio};
/// let trials = [(90.0, 100.0), (95.0, 100.0), (88.0, 100.0), (99.0, 100.0)];
/// let (value, interval) =
///     cluster_ratio(&trials, Interval::PROPORTION, 0.95, RESAMPLES).ok_or("no trials")?;
/// assert_eq!(value, 0.93);
/// assert!(interval.contains(value) && interval.low > 0.85);
/// # Ok::<(), &str>(())
/// ```
pub fn cluster_ratio(
    trials: &[(f64, f64)],
    range: Interval,
    confidence: f64,
    resamples: usize,
) -> Option<(f64, Interval)> {
    cluster_ratio_of_units(trials, 1, range, confidence, resamples)
}

/// Computes the same as [`cluster_ratio`] for trials of `units` parts that vary independently. Parts may be
/// its messages, for example. Where all trials have the same ratio, Wilson's interval is then over all their
/// units: a trial of many messages that were all recovered says more than one that could only be right or
/// wrong. Parts that vary together make it too narrow; as soon as trials differ the bootstrap sees that, and
/// the units play no part.
///
/// # Panics
/// As [`cluster_ratio`], and if there are no units.
pub fn cluster_ratio_of_units(
    trials: &[(f64, f64)],
    units: u32,
    range: Interval,
    confidence: f64,
    resamples: usize,
) -> Option<(f64, Interval)> {
    assert!(units > 0, "a trial has at least one unit");
    upper_probability(confidence);
    if !all_finite(trials) {
        return None;
    }
    let trials: Vec<(f64, f64)> = trials.iter().copied().filter(|trial| trial.1 > 0.0).collect();
    if trials.is_empty() {
        return None;
    }
    let value = ratio_of_sums(trials.iter().copied());
    let interval = if trials.len() == 1 {
        range
    } else if all_equal(trials.iter().map(|trial| trial.0 / trial.1), range) {
        equal_trials(value, trials.len() * units as usize, range, confidence)
    } else {
        let mut values = Draws::of(trials.len(), resamples).ratios(trials.iter().copied());
        percentile_interval(&mut values, trials.len(), confidence)
    };
    Some((value, interval))
}

/// Tells whether every number is finite.
///
/// # Panics
/// If a denominator is negative.
pub(super) fn all_finite(trials: &[(f64, f64)]) -> bool {
    assert!(!trials.iter().any(|trial| trial.1 < 0.0), "a denominator is negative");
    trials.iter().all(|trial| trial.0.is_finite() && trial.1.is_finite())
}

/// Returns the sum of numerators over the sum of denominators.
pub(super) fn ratio_of_sums(trials: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (numerator, denominator) = trials.fold((0.0, 0.0), |sum, trial| (sum.0 + trial.0, sum.1 + trial.1));
    numerator / denominator
}

/// Tells whether values are the same but for rounding. The scale is that of their range or, where it is
/// infinite, their own.
pub(super) fn all_equal(values: impl Iterator<Item = f64>, range: Interval) -> bool {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values {
        low = low.min(value);
        high = high.max(value);
    }
    let scale = if range.width().is_finite() { range.width() } else { low.abs().max(high.abs()) };
    high - low <= ROUNDING * scale
}

/// Wilson's interval over trials, or their units, that all have the ratio `value`, scaled to `range`.
fn equal_trials(value: f64, units: usize, range: Interval, confidence: f64) -> Interval {
    if !range.width().is_finite() {
        return range;
    }
    // Sums of overlaps may leave the range by a rounding error.
    let proportion = ((value - range.low) / range.width()).clamp(0.0, 1.0);
    let scaled = score_interval(proportion, units as f64, confidence);
    Interval { low: range.low + range.width() * scaled.low, high: range.low + range.width() * scaled.high }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_trials_count_by_their_units() {
        let trials = [(100.0, 100.0); 10];
        let low = |units| {
            let found = cluster_ratio_of_units(&trials, units, Interval::PROPORTION, 0.95, 100);
            found.map(|(_, interval)| interval.low)
        };
        assert_eq!(low(1), Some(wilson(10, 10, 0.95).low));
        assert_eq!(low(30), Some(wilson(300, 300, 0.95).low));
    }

    use crate::{RESAMPLES, wilson};
    use approx::assert_abs_diff_eq;
    use proptest::prelude::*;
    use protocols::Stream;

    fn proportion(trials: &[(f64, f64)]) -> Option<(f64, Interval)> {
        cluster_ratio(trials, Interval::PROPORTION, 0.95, RESAMPLES)
    }

    /// The share of `simulations` whose interval holds `truth`.
    fn coverage(
        simulations: usize,
        truth: f64,
        range: Interval,
        mut trials: impl FnMut(&mut Stream) -> Vec<(f64, f64)>,
    ) -> f64 {
        let mut stream = Stream::named(1, "ratio coverage", &[]);
        let covered = (0..simulations).filter(|_| {
            let trials = trials(&mut stream);
            let (_, interval) = cluster_ratio(&trials, range, 0.95, 1000).unwrap();
            interval.contains(truth)
        });
        covered.count() as f64 / simulations as f64
    }

    #[test]
    fn covers_a_clustered_proportion() {
        // 30 trials of 40 queries; the trial's probability is the square of a uniform number: Beta(1/2, 1), mean
        // 1/3. Its intraclass correlation is 0.4, so intervals over queries would be four times too narrow.
        let covered = coverage(400, 1.0 / 3.0, Interval::PROPORTION, |stream| {
            let trial = |stream: &mut Stream| {
                let p = stream.unit().powi(2);
                ((0..40).filter(|_| stream.unit() < p).count() as f64, 40.0)
            };
            (0..30).map(|_| trial(stream)).collect()
        });
        assert!((0.90..=0.98).contains(&covered), "{covered}");
    }

    #[test]
    fn covers_a_clustered_mean_with_few_trials() {
        // 8 trials; a trial's mean overlap is normal about 0.2, every query's normal about that.
        let covered = coverage(400, 0.2, Interval::OVERLAP, |stream| {
            let trial = |stream: &mut Stream| {
                let mean = 0.2 + 0.1 * stream.normal();
                ((0..10).map(|_| mean + 0.05 * stream.normal()).sum(), 10.0)
            };
            (0..8).map(|_| trial(stream)).collect()
        });
        assert!((0.90..=0.98).contains(&covered), "{covered}");
    }

    #[test]
    fn covers_when_most_samples_have_no_spread() {
        // A trial succeeds wholly with probability 0.1: of 10 trials none does in 35 % of the samples, where a
        // bootstrap alone would give [0, 0] and never cover.
        let covered = coverage(400, 0.1, Interval::PROPORTION, |stream| {
            (0..10).map(|_| (if stream.unit() < 0.1 { 50.0 } else { 0.0 }, 50.0)).collect()
        });
        assert!(covered >= 0.90, "{covered}");
    }

    #[test]
    fn trials_without_spread_get_wilson_over_trials() {
        let (value, interval) = proportion(&[(0.0, 50.0); 20]).unwrap();
        assert_eq!((value, interval), (0.0, wilson(0, 20, 0.95)));
        let (value, interval) = proportion(&[(7.0, 7.0); 3]).unwrap();
        assert_eq!((value, interval), (1.0, wilson(3, 3, 0.95)));
        let (_, interval) = proportion(&[(1.0, 2.0), (2.0, 4.0)]).unwrap();
        assert_eq!(interval, wilson(1, 2, 0.95));
        let (_, interval) = cluster_ratio(&[(5.0, 5.0); 20], Interval::OVERLAP, 0.95, RESAMPLES).unwrap();
        assert_abs_diff_eq!(interval.low, 2.0 * wilson(20, 20, 0.95).low - 1.0, epsilon = 1e-15);
        assert_eq!(interval.high, 1.0);
    }

    #[test]
    fn one_trial_says_nothing_of_trials() {
        assert_eq!(proportion(&[(49.0, 50.0)]), Some((0.98, Interval::PROPORTION)));
        assert_eq!(proportion(&[(49.0, 50.0), (0.0, 0.0)]), Some((0.98, Interval::PROPORTION)));
        let line = Interval { low: 0.0, high: f64::INFINITY };
        assert_eq!(cluster_ratio(&[(8.0, 2.0)], line, 0.95, RESAMPLES), Some((4.0, line)));
        assert_eq!(cluster_ratio(&[(8.0, 2.0); 9], line, 0.95, RESAMPLES), Some((4.0, line)));
    }

    #[test]
    fn nothing_has_no_ratio() {
        assert_eq!(proportion(&[]), None);
        assert_eq!(proportion(&[(0.0, 0.0)]), None);
        assert_eq!(proportion(&[(f64::NAN, 1.0), (1.0, 1.0)]), None);
    }

    #[test]
    fn the_trials_alone_decide_the_interval_and_their_order_little() {
        let trials = [(1.0, 10.0), (4.0, 9.0), (3.0, 10.0), (9.0, 10.0)];
        assert_eq!(proportion(&trials), proportion(&trials));
        let (value, interval) = proportion(&trials).unwrap();
        assert_eq!(value, 17.0 / 39.0);
        let turned: Vec<(f64, f64)> = trials.iter().rev().copied().collect();
        let (same, other) = proportion(&turned).unwrap();
        assert_eq!(same, value);
        assert_abs_diff_eq!(other.low, interval.low, epsilon = 0.05);
    }

    proptest! {
        #[test]
        fn lies_within_the_ratios_and_mirrors(
            counts in prop::collection::vec((0_u32..=20, 1_u32..=20), 2..12)
        ) {
            let trials: Vec<(f64, f64)> =
                counts.iter().map(|&(hits, n)| (f64::from(hits.min(n)), f64::from(n))).collect();
            let (value, interval) = proportion(&trials).unwrap();
            prop_assert!(0.0 <= interval.low && interval.low <= interval.high && interval.high <= 1.0);
            let misses: Vec<(f64, f64)> = trials.iter().map(|&(hits, n)| (n - hits, n)).collect();
            let (missed, mirrored) = proportion(&misses).unwrap();
            prop_assert!((value + missed - 1.0).abs() < 1e-12);
            prop_assert!((interval.low + mirrored.high - 1.0).abs() < 1e-9);
        }
    }
}
