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
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Up to so many pairs all patterns are tried; one of them may stay, as a pattern and its opposite are alike.
const EXACT: usize = 16;
/// Random patterns tried beyond, at most.
const FLIPS: u32 = 100_000;
/// Patterns that reach the observed distance until the share is known well enough: to about 1/sqrt(500) of itself.
const ENOUGH: u32 = 500;
/// Patterns of a block.
const BLOCK: usize = 1024;

/// Pairs whose exchanges stand in one byte.
const GROUP: usize = 8;

/// `Patterns` holds some patterns of exchanged pairs.
#[derive(Debug)]
pub(super) struct Patterns {
    count: usize,
    /// For every eight pairs a byte a pattern, with a bit for each of them that it exchanges. A sum over eight pairs
    /// is then one look into a table of 256.
    groups: Vec<Vec<u8>>,
}

impl Patterns {
    /// Returns `count` patterns that exchange nothing.
    fn none(pairs: usize, count: usize) -> Self {
        Self { count, groups: vec![vec![0; count]; pairs.div_ceil(GROUP)] }
    }

    /// Returns the patterns that exchange exactly one of `pairs` pairs.
    pub(super) fn single(pairs: usize) -> Self {
        let mut patterns = Self::none(pairs, pairs);
        (0..pairs).for_each(|pair| patterns.groups[pair / GROUP][pair] = 1 << (pair % GROUP));
        patterns
    }

    /// Returns, block by block, the patterns that exchange some of the pairs `free`, or none. There are
    /// `pairs` pairs in all.
    pub(super) fn subsets(pairs: usize, free: &[usize]) -> impl Iterator<Item = Self> {
        let all = 1_usize << free.len();
        (0..all).step_by(BLOCK).map(move |first| {
            let mut patterns = Self::none(pairs, BLOCK.min(all - first));
            for (bit, &pair) in free.iter().enumerate() {
                for (i, byte) in patterns.groups[pair / GROUP].iter_mut().enumerate() {
                    *byte |= (((first + i) >> bit & 1) as u8) << (pair % GROUP);
                }
            }
            patterns
        })
    }

    /// As many random patterns as a block has.
    fn random(pairs: usize, stream: &mut Stream) -> Self {
        const WORDS: usize = BLOCK / 64;
        let mut patterns = Self::none(pairs, BLOCK);
        for (g, group) in patterns.groups.iter_mut().enumerate() {
            // Pair by pair, a bit a pattern.
            let mut words = [[0_u64; WORDS]; GROUP];
            let here = GROUP.min(pairs - g * GROUP);
            words[..here].iter_mut().flatten().for_each(|word| *word = stream.word());
            for (i, bytes) in group.chunks_exact_mut(GROUP).enumerate() {
                let (word, shift) = (i / GROUP, i % GROUP * 8);
                let rows = words.map(|words| (words[word] >> shift) as u8);
                bytes.copy_from_slice(&transposed(u64::from_le_bytes(rows)).to_le_bytes());
            }
        }
        patterns
    }

    /// Returns for every pattern the sum of `values`, one a pair, over the exchanged pairs.
    pub(super) fn sums(&self, mut values: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut sums: Vec<f64> = Vec::with_capacity(self.count);
        for group in &self.groups {
            let mut table = [0.0; 1 << GROUP];
            let mut nothing = true;
            for (bit, value) in values.by_ref().take(GROUP).enumerate() {
                nothing &= value == 0.0;
                let (known, new) = table.split_at_mut(1 << bit);
                new.iter_mut().zip(known).for_each(|(new, known)| *new = *known + value);
            }
            let more = group.iter().map(|&byte| table[usize::from(byte)]);
            match (nothing, sums.is_empty()) {
                (true, _) => {}
                (false, true) => sums.extend(more),
                (false, false) => sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more),
            }
        }
        sums.resize(self.count, 0.0);
        sums
    }
}

/// Returns the transpose of eight rows of eight bits, a byte a row.
///
/// Source: H. S. Warren, Hacker's Delight, section 7-3 (2012).
fn transposed(mut bits: u64) -> u64 {
    for (shift, mask) in
        [(7, 0x00aa_00aa_00aa_00aa), (14, 0x0000_cccc_0000_cccc), (28, 0x0000_0000_f0f0_f0f0)]
    {
        let swapped = (bits ^ (bits >> shift)) & mask;
        bits ^= swapped ^ (swapped << shift);
    }
    bits
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
    let drawn = Drawn::of(pairs);
    let (mut tried, mut extreme, mut block) = (0, 0, 0);
    loop {
        let found = distances(&drawn.block(block));
        block += 1;
        // Where it does not end within the block, their order does not matter.
        let more = (found.len() as u32, count(&found, observed) as u32);
        if tried + more.0 < FLIPS && extreme + more.1 < ENOUGH {
            (tried, extreme) = (tried + more.0, extreme + more.1);
            continue;
        }
        for distance in found {
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

/// `Drawn` holds the random patterns of so many pairs, as far as they were needed. A thousand tests of as many pairs
/// use the same ones: these are 100 kB for every eight pairs.
struct Drawn {
    pairs: usize,
    /// Where the next block is drawn from, and those drawn.
    blocks: Mutex<(Stream, Vec<Arc<Patterns>>)>,
}

impl Drawn {
    fn of(pairs: usize) -> Arc<Self> {
        static ALL: Mutex<BTreeMap<usize, Arc<Drawn>>> = Mutex::new(BTreeMap::new());
        let new = || {
            let stream = Stream::named(0, "exchanges", &[("pairs", pairs as u64)]);
            Arc::new(Self { pairs, blocks: Mutex::new((stream, Vec::new())) })
        };
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(pairs).or_insert_with(new).clone()
    }

    fn block(&self, index: usize) -> Arc<Patterns> {
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        let (stream, drawn) = &mut *blocks;
        while drawn.len() <= index {
            drawn.push(Arc::new(Patterns::random(self.pairs, stream)));
        }
        drawn[index].clone()
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
    fn rows_become_columns() {
        let mut stream = Stream::named(1, "transpose test", &[]);
        for _ in 0..100 {
            let bits = stream.word();
            let turned = transposed(bits);
            for (row, column) in (0..64).map(|i| (i / 8, i % 8)) {
                assert_eq!(bits >> (8 * row + column) & 1, turned >> (8 * column + row) & 1);
            }
        }
    }

    #[test]
    fn sums_of_many_pairs_are_those_of_the_exchanged_ones() {
        // Pair by pair, as the patterns are drawn: the words of a pair, a bit a pattern.
        let (mut drawn, mut again) = (Stream::named(1, "sums test", &[]), Stream::named(1, "sums test", &[]));
        let values: Vec<f64> = (0..21).map(|i| f64::from(i * i)).collect();
        let patterns = Patterns::random(21, &mut drawn);
        let words: Vec<u64> = (0..21 * BLOCK / 64).map(|_| again.word()).collect();
        let exchanged = |pair: usize, i: usize| words[pair * BLOCK / 64 + i / 64] >> (i % 64) & 1 == 1;
        let sum = |i: usize| (0..21).filter(|&pair| exchanged(pair, i)).map(|pair| values[pair]).sum();
        assert_eq!(patterns.sums(values.iter().copied()), (0..BLOCK).map(sum).collect::<Vec<f64>>());
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
