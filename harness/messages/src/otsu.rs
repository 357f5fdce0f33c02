//! Otsu's threshold divides values into two classes whose means lie furthest apart, weighted by their sizes.
//!
//! It maximises w0 w1 (mu1 - mu0)^2 over all places between two different values, w the shares and mu the means of the
//! values up to it and above it. Values are taken as they are and not put into bins, so that it is exact for any
//! numbers. Cost: a sort. Limit: one threshold for all; pictures of different brightness want one each. Source: Otsu
//! 1979, A threshold selection method from gray-level histograms, IEEE Trans. Syst. Man Cybern. 9, 62.

/// Returns the largest value of the lower class; values above it are of the upper one. Of equal choices the first.
/// `None` where all values are the same.
pub(crate) fn threshold(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    // About their middle, so that sums keep their digits.
    let middle = sorted.get(sorted.len() / 2)?;
    let total: f64 = sorted.iter().map(|x| x - middle).sum();
    let count = sorted.len() as f64;
    let (mut below, mut best) = (0.0, None);
    for (k, pair) in sorted.windows(2).enumerate() {
        below += pair[0] - middle;
        if pair[0] == pair[1] {
            continue;
        }
        let lower = (k + 1) as f64;
        let apart = (total - below) / (count - lower) - below / lower;
        let between = lower * (count - lower) * apart * apart;
        if best.is_none_or(|(most, _)| between > most) {
            best = Some((between, pair[0]));
        }
    }
    best.map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_heaps_are_divided_between_them() {
        assert_eq!(threshold(&[1.0, 2.0, 3.0, 100.0, 101.0, 99.0]), Some(3.0));
        assert_eq!(threshold(&[5.0, 5.0, 7.0]), Some(5.0));
        assert_eq!(threshold(&[5.0, 5.0]), None);
        assert_eq!(threshold(&[]), None);
    }

    /// Otsu's own example is a picture of eight levels; here by the definition, level by level.
    #[test]
    fn it_is_the_definition_over_a_histogram() {
        let counts = [8.0, 7.0, 2.0, 6.0, 9.0, 4.0];
        let mean = |range: std::ops::Range<usize>| {
            let weight: f64 = counts[range.clone()].iter().sum();
            let sum: f64 = range.map(|level| level as f64 * counts[level]).sum();
            (weight, sum / weight)
        };
        let between = |level: usize| {
            let ((w0, mu0), (w1, mu1)) = (mean(0..level + 1), mean(level + 1..6));
            w0 * w1 * (mu1 - mu0).powi(2)
        };
        let expected = (0..5).max_by(|&a, &b| between(a).total_cmp(&between(b))).unwrap();
        let values: Vec<f64> =
            (0..6).flat_map(|level| std::iter::repeat_n(level as f64, counts[level] as usize)).collect();
        assert_eq!(threshold(&values), Some(expected as f64));
    }
}
