//! The sign-flip test asks whether the mean of paired differences differs from 0.
//!
//! If the two sides of a pair are exchangeable, every pattern of signs of the differences is equally likely. The
//! two-sided p-value is the share of patterns whose |sum| is at least the observed one. For T differences it is
//! never below 2^(1-T): five trials cannot show significance at 0.05. Where all differences have one sign only the
//! observed pattern and its opposite reach the sum, so that 2^(1-T) is then exact for any T.
//!
//! Differences of counts out of equal numbers are whole multiples of a unit. The distribution of their sum
//! over all patterns is then found difference by difference, exactly, in as many steps as there are values
//! times differences. Other differences are tried by patterns (see `exchange`).
//!
//! Sources: R. A. Fisher, The Design of Experiments, section 21 (1935); the distribution, difference by
//! difference: M. Pagano and D. Tritchler, J. Am. Stat. Assoc. 78, 435 (1983).

use super::exchange::{Patterns, share_of_patterns};

/// Share of the sum of |differences| by which sums may differ through rounding alone, over all patterns.
const ROUNDING: f64 = 1e-10;
/// Values times differences up to which the distribution is computed.
const STEPS: f64 = 1e8;

/// Computes the two-sided p-value of `differences`, whose mean is 0 under the null hypothesis. `unit` is one
/// of which they may all be whole multiples; it is exact where they are, for up to 16 differences other than
/// 0 (those at 0 have no sign to flip), and for differences of one sign. Else it is from up to 100 000 random
/// patterns, and then at least 1/100 001.
pub(super) fn sign_flip(differences: &[f64], unit: Option<f64>) -> f64 {
    let signed: Vec<f64> = differences.iter().copied().filter(|d| d.abs() > 0.0).collect();
    if signed.iter().all(|&d| d > 0.0) || signed.iter().all(|&d| d < 0.0) {
        // Of a thousand pairs and more it would round to 0, which no p-value is.
        return 0.5_f64.powf(signed.len().saturating_sub(1) as f64).max(f64::MIN_POSITIVE);
    }
    if let Some(multiples) = unit.and_then(|unit| multiples(&signed, unit)) {
        return exact(&multiples);
    }
    let sum: f64 = signed.iter().sum();
    let observed = sum.abs() - ROUNDING * signed.iter().map(|d| d.abs()).sum::<f64>();
    share_of_patterns(signed.len(), observed, |patterns: &Patterns| {
        let flipped = patterns.sums(signed.iter().copied());
        flipped.into_iter().map(|flipped| (sum - 2.0 * flipped).abs()).collect()
    })
}

/// `signed` in units of `unit`, or of the largest that divides them all; none where they are no multiples, or
/// too large ones.
fn multiples(signed: &[f64], unit: f64) -> Option<Vec<i64>> {
    let of = |d: &f64| {
        let multiple = (d / unit).round();
        ((d / unit - multiple).abs() < 1e-6).then_some(multiple as i64)
    };
    let mut multiples: Vec<i64> = signed.iter().map(of).collect::<Option<_>>()?;
    let divisor = multiples.iter().copied().fold(0, gcd).max(1);
    multiples.iter_mut().for_each(|multiple| *multiple /= divisor);
    let values: f64 = multiples.iter().map(|multiple| multiple.abs() as f64).sum();
    (values * signed.len() as f64 <= STEPS).then_some(multiples)
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a.abs() } else { gcd(b, a % b) }
}

/// The share of all patterns of signs of `multiples` whose |sum| is at least that of theirs.
fn exact(multiples: &[i64]) -> f64 {
    let total: usize = multiples.iter().map(|multiple| multiple.unsigned_abs() as usize).sum();
    let observed = multiples.iter().sum::<i64>().unsigned_abs() as usize;
    if observed == 0 {
        return 1.0;
    }
    // The sum is 2 x - total, x the sum of those with a plus: each is one of them with probability 1/2.
    let mut probability = vec![0.0; total + 1];
    probability[0] = 1.0;
    let mut most = 0;
    for size in multiples.iter().map(|multiple| multiple.unsigned_abs() as usize) {
        most += size;
        for x in (size..=most).rev() {
            probability[x] = 0.5 * (probability[x] + probability[x - size]);
        }
        probability[..size.min(most + 1)].iter_mut().for_each(|p| *p *= 0.5);
    }
    // Small ones first. Both tails are alike.
    let tail: f64 = probability[(total + observed).div_ceil(2)..].iter().rev().sum();
    (2.0 * tail).max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocols::Stream;

    /// Darwin's differences in height of crossed and self-fertilised maize, in eighths of an inch.
    const DARWIN: [f64; 15] =
        [49.0, -67.0, 8.0, 16.0, 6.0, 23.0, 28.0, 41.0, 14.0, 29.0, 56.0, 24.0, 75.0, 60.0, -48.0];

    #[test]
    fn fishers_count_of_darwins_maize() {
        // Fisher 1935, section 21: 863 of the 2^15 patterns reach the observed sum of 314 on one side.
        let p = sign_flip(&DARWIN, Some(1.0));
        assert_eq!(p, 2.0 * 863.0 / 32768.0);
    }

    #[test]
    fn the_distribution_agrees_with_all_patterns() {
        let mut stream = Stream::named(1, "sign flip patterns", &[]);
        for pairs in 2..14 {
            let counts: Vec<f64> = (0..pairs).map(|_| f64::from(stream.below(21)) - 8.0).collect();
            let shares: Vec<f64> = counts.iter().map(|count| count / 50.0).collect();
            assert_eq!(sign_flip(&shares, Some(1.0 / 50.0)), sign_flip(&shares, None), "{counts:?}");
        }
        // 19 of 20 equal differences have one sign: 2 (1 + 20) of 2^20 patterns are as extreme.
        let mut differences = [0.3; 20];
        differences[7] = -0.3;
        assert_eq!(sign_flip(&differences, Some(0.1)), 42.0 / 1_048_576.0);
        // What is no multiple is tried by patterns.
        assert_eq!(multiples(&[0.3, -0.25], 0.1), None);
        assert_eq!(multiples(&[0.6, -0.2], 0.1), Some(vec![3, -1]));
    }

    #[test]
    fn small_cases_by_hand() {
        let p = |differences: &[f64]| sign_flip(differences, None);
        assert_eq!(p(&[]), 1.0);
        assert_eq!(p(&[0.0, 0.0]), 1.0);
        assert_eq!(p(&[0.3]), 1.0);
        assert_eq!(p(&[0.1, 0.2, 0.3]), 0.25);
        assert_eq!(p(&[1.0; 40]), 0.5_f64.powi(39));
        assert!(p(&[-1.0; 2000]) > 0.0);
        // Sums 6, 4, 2, 0 and their opposites: 4 of 8 patterns reach |4|.
        assert_eq!(p(&[-1.0, 2.0, 3.0]), 0.5);
        assert_eq!(p(&[-1.0, 2.0, 0.0, 3.0, 0.0]), 0.5);
        // 0.1 + 0.2 differs from 0.3 by rounding only: every pattern that ties must count.
        assert_eq!(p(&[0.1, 0.2, -0.3]), 1.0);
    }

    #[test]
    fn rejects_a_true_null_as_often_as_it_says() {
        // Binomial(1000, 0.05): 50 with a deviation of 6.9; three deviations.
        let mut stream = Stream::named(1, "sign flip null", &[]);
        let rejected = (0..1000).filter(|_| {
            let differences: Vec<f64> = (0..10).map(|_| stream.normal()).collect();
            sign_flip(&differences, None) <= 0.05
        });
        let rejected = rejected.count();
        assert!((29..=71).contains(&rejected), "{rejected} of 1000");
    }
}
