//! This module finds Hamming distances between patterns by counting bits.
//!
//! Eight words at a time are added by carry-save adders (Harley and Seal; Warren, Hacker's Delight, 5-1):
//! seven of them turn eight words into one whose bits count eight each, so that one word in eight has its
//! bits counted in the end. The patterns compared with one stand side by side, so that all this is done to as
//! many of them as a vector register holds.

use crate::patterns::{Patterns, words};
use crate::real::vectorised;

/// Patterns that one is compared with at once.
const TOGETHER: usize = 48;

/// Words that are added before bits are counted.
const WORDS: usize = 8;

/// `Distances` holds patterns as bits, twice: for the one that is compared, and for those it is compared
/// with.
pub(crate) struct Distances {
    count: usize,
    words: usize,
    /// Pattern after pattern.
    bits: Vec<u64>,
    /// Word after word: what the patterns have there, side by side.
    beside: Vec<u64>,
    /// From one word to the next: a cache line longer than needed, or the words of a pattern would compete
    /// for a few places in the cache where their number is a power of two.
    stride: usize,
}

impl Distances {
    pub(crate) fn new(patterns: &Patterns) -> Self {
        let bits = patterns.bits();
        let words = patterns.n().div_ceil(64);
        let stride = patterns.count().next_multiple_of(8) + 8;
        let mut beside = vec![0; words * stride];
        for (k, pattern) in bits.chunks_exact(words).enumerate() {
            beside[k..].iter_mut().step_by(stride).zip(pattern).for_each(|(to, &word)| *to = word);
        }
        Self { count: patterns.count(), words, bits, beside, stride }
    }

    /// Counts the units in which `pattern` differs from each of some others. These are as many patterns from
    /// `first` on as there is room for. Inlined, so that it is compiled for the instruction set of its
    /// caller.
    #[inline(always)]
    pub(crate) fn set(&self, pattern: usize, first: usize, distances: &mut [u64]) {
        self.set_of(&self.bits[pattern * self.words..][..self.words], first, distances);
    }

    /// Collects what `take` makes of the distances of each of some patterns from all of these, until it makes nothing.
    /// It may change them. Both are compiled for the best instruction set of this machine.
    #[inline(always)]
    pub(crate) fn of_each<'a, O>(
        &self,
        patterns: impl ExactSizeIterator<Item = &'a [i8]>,
        mut take: impl FnMut(&mut [u64]) -> Option<O>,
    ) -> Option<Vec<O>> {
        let (mut taken, mut distances) = (Vec::with_capacity(patterns.len()), vec![0; self.count]);
        let mut bits = Vec::with_capacity(self.words);
        vectorised(
            #[inline(always)]
            || {
                for pattern in patterns {
                    bits.clear();
                    bits.extend(words(pattern));
                    self.set_of(&bits, 0, &mut distances);
                    taken.push(take(&mut distances)?);
                }
                Some(taken)
            },
        )
    }

    /// Does the same as `set` for the bits of any pattern of as many units.
    #[inline(always)]
    fn set_of(&self, x: &[u64], first: usize, distances: &mut [u64]) {
        for (first, distances) in (first..).step_by(TOGETHER).zip(distances.chunks_mut(TOGETHER)) {
            let count = distances.len();
            let beside = |word: usize| &self.beside[word * self.stride + first..][..count];
            let mut partial = [[0; TOGETHER]; 3];
            distances.fill(0);
            let whole = self.words - self.words % WORDS;
            for start in (0..whole).step_by(WORDS) {
                let x: [u64; WORDS] = std::array::from_fn(|k| x[start + k]);
                let y: [&[u64]; WORDS] = std::array::from_fn(|k| beside(start + k));
                add_eight(x, y, &mut partial, distances);
            }
            if whole > 0 {
                let [ones, twos, fours] = &partial;
                for (((distance, ones), twos), fours) in distances.iter_mut().zip(ones).zip(twos).zip(fours) {
                    *distance = 8 * *distance + 4 * set_bits(*fours) + 2 * set_bits(*twos) + set_bits(*ones);
                }
            }
            for (word, &x) in x.iter().enumerate().skip(whole) {
                let y = beside(word).iter();
                distances.iter_mut().zip(y).for_each(|(distance, &y)| *distance += set_bits(x ^ y));
            }
        }
    }
}

/// Finds the least of the distances, and the first place at which it is. What is [`u64::MAX`] does not count.
#[inline(always)]
pub(crate) fn first_least(distances: &[u64]) -> Option<(usize, u64)> {
    let least = distances.iter().copied().min().filter(|&least| least < u64::MAX)?;
    distances.iter().position(|&distance| distance == least).map(|place| (place, least))
}

/// Adds the bits in which eight words differ to what is left over of ones, twos and fours, and whole eights
/// to `eights`. Zipped, because a check of bounds would leave the last of the patterns to a loop of single
/// words.
#[inline(always)]
fn add_eight(x: [u64; WORDS], y: [&[u64]; WORDS], partial: &mut [[u64; TOGETHER]; 3], eights: &mut [u64]) {
    let [ones, twos, fours] = partial;
    let [y0, y1, y2, y3, y4, y5, y6, y7] = y;
    let low = y0.iter().zip(y1).zip(y2).zip(y3);
    let high = y4.iter().zip(y5).zip(y6).zip(y7);
    let sums = ones.iter_mut().zip(twos).zip(fours).zip(eights);
    for (((((one, two), four), eights), (((y0, y1), y2), y3)), (((y4, y5), y6), y7)) in
        sums.zip(low).zip(high)
    {
        let d = [y0, y1, y2, y3, y4, y5, y6, y7];
        let d = |word: usize| x[word] ^ d[word];
        let (sum, two_a) = add(*one, d(0), d(1));
        let (sum, two_b) = add(sum, d(2), d(3));
        let (two_c, four_a) = add(*two, two_a, two_b);
        let (sum, two_a) = add(sum, d(4), d(5));
        let (sum, two_b) = add(sum, d(6), d(7));
        *one = sum;
        let (sum, four_b) = add(two_c, two_a, two_b);
        *two = sum;
        let (sum, eight) = add(*four, four_a, four_b);
        *four = sum;
        *eights += set_bits(eight);
    }
}

/// The sum of three bits, in all places of a word: its ones and its twos.
#[inline(always)]
fn add(a: u64, b: u64, c: u64) -> (u64, u64) {
    let differ = a ^ b;
    (differ ^ c, differ & c | !differ & a)
}

#[inline(always)]
fn set_bits(word: u64) -> u64 {
    u64::from(word.count_ones())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Stream;

    #[test]
    fn distances_count_the_units_that_differ() {
        let mut stream = Stream::named(1, "test", &[]);
        for (n, count) in [(1, 3), (63, 1), (64, 60), (65, 49), (512, 50), (1023, 9), (1100, 100)] {
            let patterns = Patterns::random(n, count, &mut stream);
            let distances = Distances::new(&patterns);
            for pattern in [0, count / 2, count - 1] {
                for first in [0, count / 3] {
                    let (mut found, mut of_bits) = (vec![u64::MAX; count - first], vec![7; count - first]);
                    distances.set(pattern, first, &mut found);
                    let bits: Vec<u64> = words(patterns.row(pattern)).collect();
                    distances.set_of(&bits, first, &mut of_bits);
                    assert_eq!(found, of_bits);
                    for (row, found) in patterns.rows().skip(first).zip(found) {
                        let differing = row.iter().zip(patterns.row(pattern)).filter(|(x, y)| x != y).count();
                        assert_eq!(found, differing as u64, "{n} units");
                    }
                }
            }
        }
    }
}
