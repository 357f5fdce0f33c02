//! The sign-flip test: does the mean of paired differences differ from 0?
//!
//! If the two sides of a pair are exchangeable, every pattern of signs of the differences is equally likely. The
//! two-sided p-value is the share of patterns whose |sum| is at least the observed one. For T differences it is
//! never below 2^(1-T): five trials cannot show significance at 0.05. Where all differences have one sign only the
//! observed pattern and its opposite reach the sum, so that 2^(1-T) is then exact for any T.
//!
//! Many differences of both signs are tried by random patterns, until so many reach the observed sum that the share is
//! known well enough: what is far from significant takes few patterns, and what is significant takes all of them.
//!
//! Sources: R. A. Fisher, The Design of Experiments, section 21 (1935); the +1 of the Monte Carlo version:
//! B. Phipson and G. K. Smyth, Stat. Appl. Genet. Mol. Biol. 9, 39 (2010); stopping it: J. Besag and P. Clifford,
//! Biometrika 78, 301 (1991).

use protocols::Stream;

/// Up to so many differences all patterns of signs are tried.
const EXACT: usize = 16;
/// Random patterns tried beyond, at most.
const FLIPS: u32 = 100_000;
/// Patterns that reach the observed sum until the share is known well enough: to about 1/sqrt(500) of itself.
const ENOUGH: u32 = 500;
/// Share of the sum of |differences| by which sums may differ through rounding alone, over all patterns.
const ROUNDING: f64 = 1e-10;

/// Something that changes as pairs exchange their sides.
pub(super) trait Exchange {
    /// Exchanges the sides of pair `i`.
    fn flip(&mut self, i: usize);

    /// Whether it is now at least as far from the null hypothesis as observed.
    fn is_extreme(&self) -> bool;
}

/// The two-sided p-value of `differences`, whose mean is 0 under the null hypothesis. Exact for up to 16 differences
/// other than 0 (those at 0 have no sign to flip) and for differences of one sign, else from up to 100 000 random
/// patterns, and then at least 1/100 001.
pub(super) fn sign_flip(differences: &[f64], stream: &mut Stream) -> f64 {
    let signed: Vec<f64> = differences.iter().copied().filter(|d| d.abs() > 0.0).collect();
    if signed.iter().all(|&d| d > 0.0) || signed.iter().all(|&d| d < 0.0) {
        // Of a thousand pairs and more it would round to 0, which no p-value is.
        return 0.5_f64.powf(signed.len().saturating_sub(1) as f64).max(f64::MIN_POSITIVE);
    }
    let sum: f64 = signed.iter().sum();
    let observed = sum.abs() - ROUNDING * signed.iter().map(|d| d.abs()).sum::<f64>();
    share_of_flips(signed.len(), &mut Signed { signed, sum, observed }, stream)
}

/// Differences whose signs flip, and their sum.
struct Signed {
    signed: Vec<f64>,
    sum: f64,
    observed: f64,
}

impl Exchange for Signed {
    fn flip(&mut self, i: usize) {
        self.signed[i] = -self.signed[i];
        self.sum += 2.0 * self.signed[i];
    }

    fn is_extreme(&self) -> bool {
        self.sum.abs() >= self.observed
    }
}

/// The share of the patterns of exchanged sides of `pairs` pairs that are extreme: of all patterns for up to 16 pairs, else
/// of random ones, the observed one counting as one of them. To exchange all sides must make no difference.
pub(super) fn share_of_flips(pairs: usize, exchange: &mut impl Exchange, stream: &mut Stream) -> f64 {
    if pairs <= EXACT { exact(pairs, exchange) } else { sampled(pairs, exchange, stream) }
}

fn exact(pairs: usize, exchange: &mut impl Exchange) -> f64 {
    // A pattern and its opposite are alike, so the last pair stays. Each pattern differs from the one before in one pair
    // (Gray's code), that of the lowest bit set in its number.
    let patterns = 1_u32 << pairs.saturating_sub(1);
    let mut extreme = u32::from(exchange.is_extreme());
    for pattern in 1..patterns {
        exchange.flip(pattern.trailing_zeros() as usize);
        extreme += u32::from(exchange.is_extreme());
    }
    f64::from(extreme) / f64::from(patterns)
}

/// An upper estimate of that share from random patterns.
fn sampled(pairs: usize, exchange: &mut impl Exchange, stream: &mut Stream) -> f64 {
    let mut signs = vec![0_i8; pairs];
    let mut extreme = 0_u32;
    for tried in 1..=FLIPS {
        // Pairs flipped at random, from whatever pattern, give a random pattern.
        stream.signs(&mut signs);
        signs.iter().enumerate().filter(|(_, sign)| **sign < 0).for_each(|(i, _)| exchange.flip(i));
        extreme += u32::from(exchange.is_extreme());
        if extreme == ENOUGH {
            return f64::from(ENOUGH) / f64::from(tried);
        }
    }
    f64::from(extreme + 1) / f64::from(FLIPS + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    /// Darwin's differences in height of crossed and self-fertilised maize, in eighths of an inch.
    const DARWIN: [f64; 15] =
        [49.0, -67.0, 8.0, 16.0, 6.0, 23.0, 28.0, 41.0, 14.0, 29.0, 56.0, 24.0, 75.0, 60.0, -48.0];

    #[test]
    fn fishers_count_of_darwins_maize() {
        // Fisher 1935, section 21: 863 of the 2^15 patterns reach the observed sum of 314 on one side.
        let p = sign_flip(&DARWIN, &mut Stream::named(1, "test", &[]));
        assert_eq!(p, 2.0 * 863.0 / 32768.0);
    }

    #[test]
    fn random_patterns_agree_with_all() {
        // 500 of about 9500 patterns at p = 0.0527 deviate by 0.0023; four deviations.
        let p = |differences: &[f64], observed| {
            let (signed, sum) = (differences.to_vec(), differences.iter().sum());
            let mut exchange = Signed { signed, sum, observed };
            sampled(differences.len(), &mut exchange, &mut Stream::named(1, "test", &[]))
        };
        let found = p(&DARWIN, 314.0);
        assert_abs_diff_eq!(found, 0.0527, epsilon = 0.009);
        // Sums of 20 equal differences, all but one of one sign: 2 (1 + 20) of 2^20 patterns, too few to be met.
        let found = p(&[1.0; 20], 18.0);
        assert!((1.0 / 100_001.0..=16.0 / 100_001.0).contains(&found), "{found}");
    }

    #[test]
    fn small_cases_by_hand() {
        let p = |differences: &[f64]| sign_flip(differences, &mut Stream::named(1, "test", &[]));
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
            sign_flip(&differences, &mut stream) <= 0.05
        });
        let rejected = rejected.count();
        assert!((29..=71).contains(&rejected), "{rejected} of 1000");
    }
}
