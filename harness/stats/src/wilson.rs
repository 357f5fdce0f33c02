//! Wilson's score interval says how well a proportion is known.
//!
//! The interval holds every p that a score test does not reject: with z the normal quantile at (1 + confidence)/2
//! and q = successes/attempts,
//!
//! ```text
//! (q + z^2/(2n) -+ z sqrt(q (1-q)/n + z^2/(4n^2))) / (1 + z^2/n)
//! ```
//!
//! Source: E. B. Wilson, J. Am. Stat. Assoc. 22, 209 (1927).

use super::{Interval, upper_probability};
use statrs::distribution::{ContinuousCDF, Normal};

/// Returns Wilson's interval for the probability behind `successes` among `attempts` independent attempts. It
/// is [0, 1] where nothing was attempted.
///
/// Attempts must be independent: trials are, queries of one trial are not (see [`cluster_ratio`]).
///
/// # Panics
/// If `successes` exceeds `attempts` or `confidence` lies outside (0, 1).
///
/// [`cluster_ratio`]: super::cluster_ratio
pub fn wilson(successes: u64, attempts: u64, confidence: f64) -> Interval {
    assert!(successes <= attempts, "{successes} successes among {attempts} attempts");
    if attempts == 0 {
        return Interval::PROPORTION;
    }
    score_interval(successes as f64 / attempts as f64, attempts as f64, confidence)
}

/// Returns Wilson's interval from the observed proportion. That need not be a whole number of successes.
pub(super) fn score_interval(proportion: f64, attempts: f64, confidence: f64) -> Interval {
    let z = Normal::standard().inverse_cdf(upper_probability(confidence));
    let shrink = 1.0 + z * z / attempts;
    let centre = (proportion + z * z / (2.0 * attempts)) / shrink;
    let spread = proportion * (1.0 - proportion) / attempts + (z / (2.0 * attempts)).powi(2);
    let half = z * spread.sqrt() / shrink;
    // At 0 and 1 the formula gives exactly 0 and 1; in floating point it may miss by a rounding error.
    Interval {
        low: if proportion == 0.0 { 0.0 } else { (centre - half).max(0.0) },
        high: if proportion == 1.0 { 1.0 } else { (centre + half).min(1.0) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;
    use protocols::Stream;

    #[test]
    fn published_values() {
        // R. G. Newcombe, Statist. Med. 17, 857 (1998), table I, method 3.
        for (successes, attempts, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let interval = wilson(successes, attempts, 0.95);
            assert_abs_diff_eq!(interval.low, low, epsilon = 5e-5);
            assert_abs_diff_eq!(interval.high, high, epsilon = 5e-5);
        }
    }

    #[test]
    fn ends_are_exact_and_mirrored() {
        assert_eq!(wilson(0, 7, 0.95).low, 0.0);
        assert_eq!(wilson(7, 7, 0.95).high, 1.0);
        assert_eq!(wilson(0, 0, 0.95), Interval::PROPORTION);
        let (few, many) = (wilson(3, 11, 0.9), wilson(8, 11, 0.9));
        assert_abs_diff_eq!(few.low, 1.0 - many.high, epsilon = 1e-15);
        assert_abs_diff_eq!(few.high, 1.0 - many.low, epsilon = 1e-15);
    }

    #[test]
    fn covers_the_truth_in_simulation() {
        // Its mean coverage is close to the nominal one: Brown, Cai, DasGupta, Stat. Sci. 16, 101 (2001).
        let mut stream = Stream::named(1, "wilson coverage", &[]);
        let covered = (0..400).filter(|_| {
            let p = stream.unit();
            let successes = (0..30).filter(|_| stream.unit() < p).count() as u64;
            wilson(successes, 30, 0.95).contains(p)
        });
        let covered = covered.count();
        assert!((360..=392).contains(&covered), "{covered} of 400");
    }
}
