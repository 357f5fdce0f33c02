//! An exchange test swaps the sides of pairs and looks at what changes. Here are patterns of exchanged pairs,
//! in blocks, and the share of them that is as far from the null hypothesis as what was observed.
//!
//! If the two sides of every pair are exchangeable, all 2^T patterns of exchanges are equally likely. Up to
//! 16 pairs all are tried; more by random ones, until so many are extreme that the share is known well
//! enough: what is far from significant takes few patterns, and what is significant takes all of them. A
//! statistic is computed from sums over the exchanged pairs, of a whole block at once. The random patterns
//! depend on the number of pairs alone.
//!
//! Sources: the +1 of the Monte Carlo version: B. Phipson and G. K. Smyth, Stat. Appl. Genet. Mol. Biol. 9,
//! 39 (2010); stopping it: J. Besag and P. Clifford, Biometrika 78, 301 (1991).

use protocols::Stream;

/// Up to so many pairs all patterns are tried; one of them may stay, as a pattern and its opposite are alike.
const EXACT: usize = 16;
/// Random patterns tried beyond, at most.
const FLIPS: u32 = 100_000;
/// Patterns that reach the observed distance until the share is known well enough: to about 1/sqrt(500) of itself.
const ENOUGH: u32 = 500;
/// Patterns of a block.
const BLOCK: usize = 1024;

/// `Patterns` holds some patterns of exchanged pairs.
#[derive(Debug)]
pub(super) struct Patterns {
    count: usize,
    /// Pair by pair, 1 for every pattern that exchanges it and 0 for every other.
    exchanged: Vec<f64>,
}

impl Patterns {
    /// Returns the patterns that exchange exactly one of `pairs` pairs.
    pub(super) fn single(pairs: usize) -> Self {
        let exchanged = (0..pairs * pairs).map(|i| f64::from(u8::from(i / pairs == i % pairs))).collect();
        Self { count: pairs, exchanged }
    }

    /// Returns, block by block, the patterns that exchange some of the pairs `free`, or none. There are
    /// `pairs` pairs in all.
    pub(super) fn subsets(pairs: usize, free: &[usize]) -> impl Iterator<Item = Self> {
        let all = 1_usize << free.len();
        (0..all).step_by(BLOCK).map(move |first| {
            let count = BLOCK.min(all - first);
            let mut exchanged = vec![0.0; pairs * count];
            for (bit, &pair) in free.iter().enumerate() {
                let row = &mut exchanged[pair * count..(pair + 1) * count];
                row.iter_mut()
                    .enumerate()
                    .for_each(|(i, x)| *x = f64::from(u8::from((first + i) >> bit & 1 == 1)));
            }
            Self { count, exchanged }
        })
    }

    /// As many random patterns as a block has.
    fn random(pairs: usize, stream: &mut Stream) -> Self {
        let mut exchanged = Vec::with_capacity(pairs * BLOCK);
        for _ in 0..pairs * BLOCK / 64 {
            let bits = stream.word();
            exchanged.extend((0..64).map(|i| f64::from((bits >> i & 1) as u8)));
        }
        Self { count: BLOCK, exchanged }
    }

    /// Returns for every pattern the sum of `values`, one a pair, over the exchanged pairs.
    pub(super) fn sums(&self, values: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut sums = vec![0.0; self.count];
        for (value, exchanged) in values.zip(self.exchanged.chunks_exact(self.count)) {
            if value != 0.0 {
                sums.iter_mut().zip(exchanged).for_each(|(sum, x)| *sum += value * x);
            }
        }
        sums
    }
}

/// Computes the share of the patterns of `pairs` pairs that are far from the null hypothesis. These are at a
/// distance of `observed` or more from it, the observed pattern counting as one of them. `distances` gives
/// that of every pattern; to exchange all pairs must make no difference.
pub(super) fn share_of_patterns(
    pairs: usize,
    observed: f64,
    mut distances: impl FnMut(&Patterns) -> Vec<f64>,
) -> f64 {
    if pairs <= EXACT {
        let free: Vec<usize> = (1..pairs).collect();
        let extreme = Patterns::subsets(pairs, &free).map(|block| count(&distances(&block), observed));
        return extreme.sum::<usize>() as f64 / 2.0_f64.powi(free.len() as i32);
    }
    sampled(pairs, observed, distances)
}

/// Counts how many distances reach the observed one.
pub(super) fn count(distances: &[f64], observed: f64) -> usize {
    distances.iter().filter(|&&distance| distance >= observed).count()
}

/// An upper estimate of that share from random patterns.
fn sampled(pairs: usize, observed: f64, mut distances: impl FnMut(&Patterns) -> Vec<f64>) -> f64 {
    let mut stream = Stream::named(0, "exchanges", &[("pairs", pairs as u64)]);
    let (mut tried, mut extreme) = (0, 0);
    loop {
        for distance in distances(&Patterns::random(pairs, &mut stream)) {
            tried += 1;
            extreme += u32::from(distance >= observed);
            if extreme == ENOUGH {
                return f64::from(ENOUGH) / f64::from(tried);
            }
            if tried == FLIPS {
                return f64::from(extreme + 1) / f64::from(FLIPS + 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    /// The distances of |sums of signed values|.
    fn signed(values: &[f64]) -> impl FnMut(&Patterns) -> Vec<f64> {
        let total: f64 = values.iter().sum();
        move |patterns| {
            let flipped = patterns.sums(values.iter().copied());
            flipped.into_iter().map(|sum| (total - 2.0 * sum).abs()).collect()
        }
    }

    #[test]
    fn every_subset_comes_once_and_blocks_join() {
        let free: Vec<usize> = (0..12).map(|i| i + 1).collect();
        let values = std::iter::once(1e6).chain((0..12).map(|i| f64::from(1 << i)));
        let sums: Vec<f64> =
            Patterns::subsets(13, &free).flat_map(|block| block.sums(values.clone())).collect();
        assert_eq!(sums, (0..4096).map(f64::from).collect::<Vec<_>>());
        assert_eq!(Patterns::single(3).sums([5.0, 6.0, 7.0].into_iter()), [5.0, 6.0, 7.0]);
    }

    #[test]
    fn random_patterns_agree_with_all() {
        // Darwin's maize, as in `sign_flip`. 500 of about 9500 patterns at p = 0.0527 deviate by 0.0023; four
        // deviations.
        let maize =
            [49.0, -67.0, 8.0, 16.0, 6.0, 23.0, 28.0, 41.0, 14.0, 29.0, 56.0, 24.0, 75.0, 60.0, -48.0];
        assert_eq!(share_of_patterns(15, 314.0, signed(&maize)), 2.0 * 863.0 / 32768.0);
        assert_abs_diff_eq!(sampled(15, 314.0, signed(&maize)), 0.0527, epsilon = 0.009);
        // Sums of 20 equal differences, all but one of one sign: 2 (1 + 20) of 2^20 patterns, too few to be met.
        let found = sampled(20, 18.0, signed(&[1.0; 20]));
        assert!((1.0 / 100_001.0..=16.0 / 100_001.0).contains(&found), "{found}");
    }
}
