//! The test `exhaustive-queries` counts the states within r = round(noise N) flips of a message. They are
//! sum_{j <= r} C(N, j). This is no measurement: where training takes all of them its cost grows with them,
//! exponentially by construction.

use super::growth::{self, GrowthPoint};
use super::row::EvidenceRow;
use super::trial::Lacking;
use protocols::{Corruption, Source};
use study::claim::{At, ExhaustiveQueries};

/// Returns all rows of the test.
pub(super) fn rows(test: &ExhaustiveQueries, confidence: f64) -> Vec<EvidenceRow> {
    let mut sizes = test.n.clone();
    sizes.sort_unstable();
    let point = |&n: &u32| {
        let radius = (test.noise * f64::from(n)).round() as u32;
        GrowthPoint {
            at: At {
                source: Source::Random,
                dynamics: None,
                n,
                m: None,
                flips: Some(Corruption::flips(radius)),
            },
            value: Some(states_within(n, radius)),
            resampled: Vec::new(),
            trials: 0,
            note: None,
            lacking: Lacking::default(),
        }
    };
    let points: Vec<GrowthPoint> = sizes.iter().map(point).collect();
    growth::rows("states", &points, &test.growth, confidence)
}

/// sum_{j <= radius} C(n, j), in floating point: below 2^n, and n is at most 1000.
fn states_within(n: u32, radius: u32) -> f64 {
    let mut states = 0.0;
    let mut binomial = 1.0;
    for j in 0..=radius.min(n) {
        states += binomial;
        binomial *= f64::from(n - j) / f64::from(j + 1);
    }
    states
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_the_ball() {
        assert_eq!((states_within(10, 0), states_within(10, 1), states_within(10, 2)), (1.0, 11.0, 56.0));
        assert_eq!((states_within(10, 10), states_within(10, 20)), (1024.0, 1024.0));
        assert!(states_within(1000, 500).is_finite());
    }
}
