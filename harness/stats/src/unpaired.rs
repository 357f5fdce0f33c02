//! This module compares two ratios over trials that are not the same: other seeds, other messages.
//!
//! Nothing cancels here, so the same difference needs far more trials than between paired sides. The interval is put
//! together from those of the two ratios (see `newcombe`); the p-value comes from the permutation test on the trials'
//! ratios: if both sides are alike, every way to deal the trials to them is equally likely.
//!
//! Sources: R. A. Fisher, The Design of Experiments (1935); E. J. G. Pitman, J. R. Stat. Soc. Suppl. 4, 119 (1937); the
//! +1 of the Monte Carlo version: B. Phipson and G. K. Smyth, Stat. Appl. Genet. Mol. Biol. 9, 39 (2010).

use super::newcombe::of_independent;
use super::ratio::{all_finite, cluster_ratio};
use super::{Interval, RatioDifference};
use protocols::Stream;

/// Random deals of the trials.
const DEALS: u32 = 10_000;
/// Share of the sum of |ratios| by which sums may differ through rounding alone.
const ROUNDING: f64 = 1e-12;

/// Computes the difference between the ratios of `a` and `b`. These are pairs (numerator, denominator) of
/// independent trials.
///
/// `range` is where the ratio of one trial can lie, as in [`cluster_ratio`]. Trials with denominator 0 drop
/// out. None where a side has no trial left or a number is not finite. The p-value is two-sided and never
/// below 1/10 001.
///
/// # Panics
/// If a denominator is negative, there are no resamples, or `confidence` lies outside (0, 1).
pub fn unpaired_difference(
    a: &[(f64, f64)],
    b: &[(f64, f64)],
    range: Interval,
    confidence: f64,
    resamples: usize,
) -> Option<RatioDifference> {
    if !all_finite(a) || !all_finite(b) {
        return None;
    }
    let ratio_a = cluster_ratio(a, range, confidence, resamples)?;
    let ratio_b = cluster_ratio(b, range, confidence, resamples)?;
    let ratios = |side: &[(f64, f64)]| -> Vec<f64> {
        side.iter().filter(|trial| trial.1 > 0.0).map(|trial| trial.0 / trial.1).collect()
    };
    Some(RatioDifference {
        value: ratio_a.0 - ratio_b.0,
        interval: of_independent(ratio_a, ratio_b),
        p_value: permutation(ratios(a), &ratios(b)),
    })
}

/// The two-sided p-value of no difference between the means of `a` and `b`.
fn permutation(mut a: Vec<f64>, b: &[f64]) -> f64 {
    let (count, total) = (a.len(), a.len() + b.len());
    let mut stream = Stream::named(0, "deals", &[("a", count as u64), ("b", b.len() as u64)]);
    a.extend(b);
    let sum: f64 = a.iter().sum();
    // Both means follow from the sum of one side.
    let expected = sum * count as f64 / total as f64;
    let distance = |values: &[f64]| (values[..count].iter().sum::<f64>() - expected).abs();
    let observed = distance(&a) - ROUNDING * a.iter().map(|x| x.abs()).sum::<f64>();
    let mut extreme = 1_u32;
    for _ in 0..DEALS {
        stream.choose(&mut a, count);
        extreme += u32::from(distance(&a) >= observed);
    }
    f64::from(extreme) / f64::from(DEALS + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    fn shares(a: &[(f64, f64)], b: &[(f64, f64)]) -> Option<RatioDifference> {
        unpaired_difference(a, b, Interval::PROPORTION, 0.95, 1000)
    }

    #[test]
    fn pitmans_count() {
        // Pitman 1937: {0, 11, 12, 20} against {16, 19, 22, 24, 29}. Of the 126 deals 5 are as extreme, counted by
        // Python's itertools.combinations.
        let (a, b) = (vec![0.0, 11.0, 12.0, 20.0], [16.0, 19.0, 22.0, 24.0, 29.0]);
        let p = permutation(a, &b);
        // 10 000 deals deviate by 0.002; four deviations.
        assert_abs_diff_eq!(p, 5.0 / 126.0, epsilon = 0.008);
    }

    #[test]
    fn equal_sides_do_not_differ() {
        let found = shares(&[(9.0, 9.0); 8], &[(9.0, 9.0); 12]).unwrap();
        assert_eq!((found.value, found.p_value), (0.0, 1.0));
        assert!(found.interval.low < 0.0 && found.interval.high > 0.0);
        assert_eq!(shares(&[(0.0, 0.0)], &[(1.0, 1.0)]), None);
        assert_eq!(shares(&[], &[(1.0, 1.0)]), None);
    }

    #[test]
    fn covers_the_truth_and_rejects_a_true_null_as_often_as_it_says() {
        let mut stream = Stream::named(1, "unpaired coverage", &[]);
        let (mut covered, mut rejected) = (0, 0);
        for _ in 0..400 {
            let mut side = |trials: usize| -> Vec<(f64, f64)> {
                (0..trials)
                    .map(|_| {
                        let p = 0.2 + 0.7 * stream.unit();
                        ((0..40).filter(|_| stream.unit() < p).count() as f64, 40.0)
                    })
                    .collect()
            };
            let (a, b) = (side(12), side(20));
            let found = unpaired_difference(&a, &b, Interval::PROPORTION, 0.95, 500).unwrap();
            covered += u32::from(found.interval.contains(0.0));
            rejected += u32::from(found.p_value <= 0.05);
        }
        // Binomial(400, 0.95) and (400, 0.05): a deviation of 4.4; five deviations.
        assert!((358..=400).contains(&covered), "{covered} of 400 covered");
        assert!(rejected <= 42, "{rejected} of 400 rejected");
    }
}
