//! This module compares two ratios over the same trials by their difference.
//!
//! Common random numbers make trials pairs: both protocols face the same messages and queries, so what makes a task
//! hard for both cancels. The estimate is ratio(a) - ratio(b), each a ratio of sums; its interval resamples the
//! trials jointly; its p-value comes from the sign-flip test on the trials' differences of ratios, each trial
//! weighing the same.
//!
//! Where every trial shows the same difference (mostly 0, both protocols being perfect or both helpless), there is
//! no spread to resample. The interval is then put together from those of the two ratios (see `newcombe`). This
//! supposes independent estimates; pairing correlates them positively, so the interval is too wide rather than too
//! narrow. For the test see `sign_flip`.

use super::bootstrap::percentile_interval;
use super::draws::Draws;
use super::newcombe::of_independent;
use super::ratio::{all_equal, all_finite, cluster_ratio, ratio_of_sums};
use super::sign_flip::sign_flip;
use super::{Interval, upper_probability};

/// A `RatioDifference` is a difference of two ratios over paired trials.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatioDifference {
    /// ratio(a) - ratio(b).
    pub value: f64,
    /// Its interval.
    pub interval: Interval,
    /// Two-sided p-value of no difference, not adjusted for other tests.
    pub p_value: f64,
}

/// Computes the difference between the ratios of `a` and `b`. These are pairs (numerator, denominator) of the
/// same trials in the same order.
///
/// `range` is where the ratio of one trial can lie, as in [`cluster_ratio`]. Trials in which either side has
/// denominator 0 drop out. None where no pair remains or a number is not finite. With one pair the interval is all
/// that the range allows and the p-value 1.
///
/// # Panics
/// If `a` and `b` differ in length, a denominator is negative, there are no resamples, or `confidence` lies outside
/// (0, 1).
pub fn paired_difference(
    a: &[(f64, f64)],
    b: &[(f64, f64)],
    range: Interval,
    confidence: f64,
    resamples: usize,
) -> Option<RatioDifference> {
    assert_eq!(a.len(), b.len(), "pairs need the same trials on both sides");
    upper_probability(confidence);
    if !all_finite(a) || !all_finite(b) {
        return None;
    }
    let both = a.iter().copied().zip(b.iter().copied()).filter(|(a, b)| a.1 > 0.0 && b.1 > 0.0);
    let (a, b): (Vec<_>, Vec<_>) = both.unzip();
    if a.is_empty() {
        return None;
    }
    let value = ratio_of_sums(a.iter().copied()) - ratio_of_sums(b.iter().copied());
    let differences: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a.0 / a.1 - b.0 / b.1).collect();
    let interval = if a.len() == 1 {
        Interval { low: -range.width(), high: range.width() }
    } else if all_equal(differences.iter().copied(), range) {
        let alone = |trials: &[(f64, f64)]| cluster_ratio(trials, range, confidence, resamples);
        of_independent(alone(&a)?, alone(&b)?)
    } else {
        let draws = Draws::of(a.len(), resamples);
        let mut values = draws.ratios(a.iter().copied());
        let theirs = draws.ratios(b.iter().copied());
        values.iter_mut().zip(theirs).for_each(|(ours, theirs)| *ours -= theirs);
        percentile_interval(&mut values, a.len(), confidence)
    };
    Some(RatioDifference { value, interval, p_value: sign_flip(&differences, unit(&a, &b)) })
}

/// Of what all differences of ratios are whole multiples if the numerators are counts: one over the
/// denominator, if it is the same everywhere.
fn unit(a: &[(f64, f64)], b: &[(f64, f64)]) -> Option<f64> {
    let denominator = a[0].1;
    a.iter().chain(b).all(|trial| trial.1 == denominator).then(|| 1.0 / denominator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RESAMPLES, wilson};
    use approx::assert_abs_diff_eq;
    use proptest::prelude::*;
    use protocols::Stream;

    fn shares(a: &[(f64, f64)], b: &[(f64, f64)]) -> Option<RatioDifference> {
        paired_difference(a, b, Interval::PROPORTION, 0.95, RESAMPLES)
    }

    #[test]
    fn pairing_cancels_what_both_sides_share() {
        // Trials differ by 0.8, the sides by 0.05 or 0.06 in every trial.
        let base: Vec<f64> = (0..10).map(|t| 5.0 + 8.0 * f64::from(t)).collect();
        let a: Vec<(f64, f64)> =
            base.iter().zip([5.0, 6.0].iter().cycle()).map(|(x, d)| (x + d, 100.0)).collect();
        let b: Vec<(f64, f64)> = base.iter().map(|&x| (x, 100.0)).collect();
        let difference = shares(&a, &b).unwrap();
        assert_abs_diff_eq!(difference.value, 0.055, epsilon = 1e-12);
        assert!(difference.interval.low >= 0.05 && difference.interval.high <= 0.06, "{difference:?}");
        // All ten differences have one sign: 2 of 2^10 patterns are as extreme.
        assert_eq!(difference.p_value, 2.0 / 1024.0);
    }

    #[test]
    fn differences_without_spread_get_newcombes_interval() {
        // Both sides perfect in 20 trials: 0 -+ (1 - wilson(20, 20).low).
        let difference = shares(&[(9.0, 9.0); 20], &[(9.0, 9.0); 20]).unwrap();
        let half = 1.0 - wilson(20, 20, 0.95).low;
        assert_eq!((difference.value, difference.p_value), (0.0, 1.0));
        assert_abs_diff_eq!(difference.interval.low, -half, epsilon = 1e-15);
        assert_abs_diff_eq!(difference.interval.high, half, epsilon = 1e-15);
    }

    #[test]
    fn trials_that_one_side_lacks_drop_out() {
        let a = [(1.0, 4.0), (2.0, 4.0), (4.0, 4.0), (0.0, 0.0)];
        let b = [(0.0, 4.0), (0.0, 0.0), (1.0, 4.0), (3.0, 4.0)];
        let difference = shares(&a, &b).unwrap();
        assert_eq!(difference.value, 5.0 / 8.0 - 1.0 / 8.0);
        assert_eq!(shares(&a[3..], &b[3..]), None);
        assert_eq!(shares(&[(f64::NAN, 1.0)], &[(0.0, 1.0)]), None);
        let one = shares(&a[..1], &b[..1]).unwrap();
        assert_eq!((one.interval, one.p_value), (Interval { low: -1.0, high: 1.0 }, 1.0));
    }

    #[test]
    fn covers_the_truth_in_simulation() {
        // 20 trials of 40 queries; the trial's difficulty is shared, the second side is worse by 0.1.
        let mut stream = Stream::named(1, "paired coverage", &[]);
        let covered = (0..400).filter(|_| {
            let (mut a, mut b) = (Vec::new(), Vec::new());
            for _ in 0..20 {
                let p = 0.2 + 0.7 * stream.unit();
                let mut hits = |p: f64| (0..40).filter(|_| stream.unit() < p).count() as f64;
                a.push((hits(p), 40.0));
                b.push((hits(p - 0.1), 40.0));
            }
            let found = paired_difference(&a, &b, Interval::PROPORTION, 0.95, 1000);
            found.unwrap().interval.contains(0.1)
        });
        let covered = covered.count();
        assert!((360..=392).contains(&covered), "{covered} of 400");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn exchanging_the_sides_changes_the_sign(
            counts in prop::collection::vec((0_u32..=9, 0_u32..=9), 2..10)
        ) {
            let a: Vec<(f64, f64)> = counts.iter().map(|&(hits, _)| (f64::from(hits), 9.0)).collect();
            let b: Vec<(f64, f64)> = counts.iter().map(|&(_, hits)| (f64::from(hits), 9.0)).collect();
            let (forward, back) = (shares(&a, &b).unwrap(), shares(&b, &a).unwrap());
            prop_assert_eq!(forward.value, -back.value);
            prop_assert_eq!(forward.p_value, back.p_value);
            if !all_equal(counts.iter().map(|c| f64::from(c.0) - f64::from(c.1)), Interval::PROPORTION) {
                prop_assert!((forward.interval.low + back.interval.high).abs() < 1e-12);
            }
        }
    }
}
