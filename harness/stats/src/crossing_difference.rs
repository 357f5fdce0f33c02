//! The difference of two crossings over the same trials says how much more load one curve bears than another.
//!
//! A crossing outside the grid is known only to lie beyond it, so it is an interval of loads ([`Crossing`]:
//! at least the last load, or at most the first), and the difference of two crossings is one too. The ends of
//! the interval given are quantiles over resampled trials (see `bootstrap`), the lower end of the resamples'
//! lower ends and the upper end of their upper ones: where a curve does not come down within the grid, the
//! interval is open on that side. Where no resample differs, the neighbouring loads of the grid take the
//! crossings' place.
//!
//! The test is `crossing_exchange`'s: a crossing outside the grid counts as its last, or first, load, the
//! least difference that there can be.
//!
//! Trials are joint over loads and sides, as common random numbers make them.

use super::crossing::{Crossing, through};
use super::crossing_exchange::p_value;
use super::curve_pairs::{Curve, OPEN, Pairs};
use super::ratio::all_finite;
use super::{Interval, upper_probability};

/// A `CrossingDifference` is a difference of two crossings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CrossingDifference {
    /// The first side's crossing.
    pub a: Crossing,
    /// The second's.
    pub b: Crossing,
    /// Where a - b lies, sampling aside: one number where both curves come down within the grid; else open.
    pub value: Interval,
    /// Its interval.
    pub interval: Interval,
    /// Two-sided p-value of no difference, not adjusted for other tests.
    pub p_value: f64,
}

/// Computes the difference between the crossings of `a` and `b` at `level`. Both are of the same trials at
/// the same `loads`.
///
/// `a[l][t]` is the pair (numerator, denominator) of trial t at `loads[l]`; a trial with denominator 0 on
/// either side counts on neither. A load at which no (drawn) trial counts is left out. None where nothing
/// counts or a number is not finite. With one trial the interval is open on both sides and the p-value 1.
///
/// # Panics
/// If `loads` do not rise, the curves have not one row a load and one entry a trial, a denominator is
/// negative, there are no resamples, or `confidence` lies outside (0, 1).
pub fn crossing_difference(
    loads: &[f64],
    (a, b): (&Curve, &Curve),
    level: f64,
    confidence: f64,
    resamples: usize,
) -> Option<CrossingDifference> {
    upper_probability(confidence);
    assert!(loads.windows(2).all(|pair| pair[0] < pair[1]), "loads rise: {loads:?}");
    assert!(a.len() == loads.len() && b.len() == loads.len(), "every load has its trials");
    let width = a.first()?.len();
    assert!(a.iter().chain(b).all(|row| row.len() == width), "every load has the same trials");
    if !a.iter().chain(b).all(|row| all_finite(row)) || !loads.iter().all(|load| load.is_finite()) {
        return None;
    }
    let pairs = Pairs::new(loads, a, b, level)?;
    let (a, b) = (through(&pairs.curve(0), level), through(&pairs.curve(1), level));
    let (mut interval, mut p) = (OPEN, 1.0);
    if pairs.trials > 1 {
        interval = pairs.interval(confidence, resamples);
        p = p_value(&pairs);
    }
    Some(CrossingDifference { a, b, value: pairs.difference(a, b), interval, p_value: p })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RESAMPLES;
    use approx::assert_abs_diff_eq;
    use protocols::Stream;

    const LOADS: [f64; 5] = [0.1, 0.2, 0.3, 0.4, 0.5];

    /// Trials of shares out of 100 that fall from 1 to 0 between `middle` - 0.1 and `middle` + 0.1.
    fn falling(middles: &[f64]) -> Vec<Vec<(f64, f64)>> {
        let share = |load: f64, middle: f64| ((middle + 0.1 - load) / 0.2).clamp(0.0, 1.0);
        LOADS.iter().map(|&load| middles.iter().map(|&m| (100.0 * share(load, m), 100.0)).collect()).collect()
    }

    fn half(a: &Curve, b: &Curve) -> Option<CrossingDifference> {
        crossing_difference(&LOADS, (a, b), 0.5, 0.95, RESAMPLES)
    }

    #[test]
    fn pairing_cancels_what_both_curves_share() {
        // Middles from 0.25 to 0.35; the first side's are later by 0.04 or 0.06 in every trial. The curves of
        // sums are no straight lines, but cross about there.
        let middles: Vec<f64> = (0..10).map(|t| 0.25 + 0.01 * f64::from(t)).collect();
        let later: Vec<f64> = middles.iter().zip([0.04, 0.06].iter().cycle()).map(|(m, d)| m + d).collect();
        let found = half(&falling(&later), &falling(&middles)).unwrap();
        assert_eq!(found.value.low, found.value.high);
        assert_abs_diff_eq!(found.value.low, 0.05, epsilon = 0.01);
        assert!(found.interval.low > 0.03 && found.interval.high < 0.07, "{found:?}");
        // Each exchange brings the curves together: only the observed pattern and its opposite are as far apart.
        assert_eq!(found.p_value, 2.0 / 1024.0);
        let back = half(&falling(&middles), &falling(&later)).unwrap();
        assert_eq!((back.value.low, back.p_value), (-found.value.low, found.p_value));
    }

    #[test]
    fn a_curve_that_stays_up_leaves_the_difference_open() {
        let (high, low) = (falling(&[0.9; 6]), falling(&[0.25, 0.26, 0.24, 0.25, 0.26, 0.24]));
        let found = half(&high, &low).unwrap();
        assert_eq!(
            (found.a, found.value.high, found.interval.high),
            (Crossing::AboveGrid, f64::INFINITY, f64::INFINITY)
        );
        assert_abs_diff_eq!(found.value.low, 0.25, epsilon = 0.01);
        assert!((0.2..=0.25).contains(&found.interval.low), "{found:?}");
        assert_eq!(found.p_value, 2.0 / 64.0);
        // Both stay up: nothing is known.
        let both = half(&high, &falling(&[0.8; 6])).unwrap();
        assert_eq!((both.value, both.interval, both.p_value), (OPEN, OPEN, 1.0));
        // One never reaches the level, one always does.
        let never = half(&high, &falling(&[-0.5; 6])).unwrap();
        assert_eq!((never.value.low, never.value.high), (0.5 - 0.1, f64::INFINITY));
    }

    #[test]
    fn equal_trials_are_known_to_a_cell_of_the_grid() {
        let found = half(&falling(&[0.35; 4]), &falling(&[0.22; 4])).unwrap();
        assert_abs_diff_eq!(found.value.low, 0.13, epsilon = 1e-9);
        // Between 0.3 and 0.4, less between 0.2 and 0.3.
        assert_abs_diff_eq!(found.interval.low, 0.0, epsilon = 1e-12);
        assert_abs_diff_eq!(found.interval.high, 0.2, epsilon = 1e-12);
    }

    #[test]
    fn trials_that_one_side_lacks_count_on_neither() {
        let (mut a, b) = (falling(&[0.3, 0.3, 0.9]), falling(&[0.2, 0.2, 0.2]));
        a.iter_mut().for_each(|row| row[2] = (0.0, 0.0));
        let found = half(&a, &b).unwrap();
        assert_abs_diff_eq!(found.value.low, 0.1, epsilon = 1e-9);
        assert_eq!(found.p_value, 2.0 / 4.0);
        let nothing: Vec<Vec<(f64, f64)>> = vec![vec![(0.0, 0.0); 3]; 5];
        assert_eq!(half(&nothing, &b), None);
        let one = half(&falling(&[0.3]), &falling(&[0.2])).unwrap();
        assert_eq!((one.interval, one.p_value), (OPEN, 1.0));
    }

    #[test]
    fn covers_the_truth_and_rejects_a_true_null_as_often_as_it_says() {
        // 12 trials; middles vary by 0.05 and are shared; the first side's are later by 0.03 plus noise of 0.02 each.
        let (mut covered, mut rejected) = (0, 0);
        let mut stream = Stream::named(1, "crossing difference coverage", &[]);
        for _ in 0..300 {
            let middles: Vec<f64> = (0..12).map(|_| 0.3 + 0.05 * stream.normal()).collect();
            let mut side = |shift: f64| -> Vec<Vec<(f64, f64)>> {
                falling(&middles.iter().map(|m| m + shift + 0.02 * stream.normal()).collect::<Vec<_>>())
            };
            let (later, level, other) = (side(0.03), side(0.0), side(0.0));
            let found = |a: &Curve, b: &Curve, resamples| {
                crossing_difference(&LOADS, (a, b), 0.5, 0.95, resamples).unwrap()
            };
            covered += u32::from(found(&later, &level, 500).interval.contains(0.03));
            rejected += u32::from(found(&other, &level, 1).p_value <= 0.05);
        }
        // Binomial(300, 0.95): 285 with a deviation of 3.8, and Binomial(300, 0.05): 15; four deviations, for the first
        // a percent of coverage less, as interpolated curves of twelve trials are not quite what they tend to.
        assert!((267..=299).contains(&covered), "{covered} of 300");
        assert!(rejected <= 30, "{rejected} of 300");
    }
}
