//! Messages and states are batches of ±1 vectors.

use crate::seed::Stream;
use faer::Mat;
use faer::traits::ComplexField;

/// `Patterns` is a batch of vectors in {-1,+1}^N, one a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patterns {
    n: usize,
    signs: Vec<i8>,
}

/// A `PatternsError` says why a batch of patterns cannot be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PatternsError {
    /// A row of no units.
    #[error("a pattern needs at least 1 unit")]
    NoUnits,
    /// The values do not fill whole rows.
    #[error("{values} values do not fill rows of {n} units")]
    Ragged {
        /// Number of values given.
        values: usize,
        /// Units a row.
        n: usize,
    },
    /// A value other than -1 and +1.
    #[error("row {row}, unit {unit} is {value}, but every value must be -1 or +1")]
    NotASign {
        /// Row of the first such value.
        row: usize,
        /// Unit of the first such value.
        unit: usize,
        /// The value.
        value: f64,
    },
}

impl Patterns {
    /// Takes `signs`, row after row of `n` units each.
    ///
    /// # Errors
    /// If `n` is 0, the rows are ragged, or a value is neither -1 nor +1.
    pub fn new(n: usize, signs: Vec<i8>) -> Result<Self, PatternsError> {
        check(n, &signs)?;
        Ok(Self { n, signs })
    }

    /// Takes signs that are known to be whole rows of -1 and +1.
    pub(crate) fn known(n: usize, signs: Vec<i8>) -> Self {
        debug_assert!(Self::new(n, signs.clone()).is_ok());
        Self { n, signs }
    }

    /// Draws `count` independent patterns of `n` fair signs.
    ///
    /// # Panics
    /// If `n` is 0.
    pub fn random(n: usize, count: usize, stream: &mut Stream) -> Self {
        assert!(n > 0, "a pattern needs at least 1 unit");
        let mut signs = vec![0; n * count];
        for row in signs.chunks_exact_mut(n) {
            stream.signs(row);
        }
        Self { n, signs }
    }

    /// Returns the units of a pattern, N.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Returns the number of patterns.
    pub fn count(&self) -> usize {
        self.signs.len() / self.n
    }

    /// Returns pattern `index`, N signs.
    ///
    /// # Panics
    /// If there is no such pattern.
    pub fn row(&self, index: usize) -> &[i8] {
        &self.signs[index * self.n..][..self.n]
    }

    /// Returns all patterns in order.
    pub fn rows(&self) -> std::slice::ChunksExact<'_, i8> {
        self.signs.chunks_exact(self.n)
    }

    /// Returns `count` patterns from `start` on.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn slice(&self, start: usize, count: usize) -> Self {
        Self { n: self.n, signs: self.signs[start * self.n..][..count * self.n].to_vec() }
    }

    /// Returns all signs, row after row.
    pub fn signs(&self) -> &[i8] {
        &self.signs
    }

    /// Returns all signs, unit after unit. These are what the patterns have at unit 0, then at unit 1, and so
    /// on.
    pub(crate) fn by_unit(&self) -> Vec<i8> {
        /// Units a tile, whose lines stay in cache while all patterns pass.
        const TILE: usize = 64;
        let (n, count) = (self.n, self.count());
        let mut signs = vec![0; self.signs.len()];
        for first in (0..n).step_by(TILE) {
            for (m, row) in self.rows().enumerate() {
                let units = row[first..].iter().take(TILE).enumerate();
                units.for_each(|(i, &sign)| signs[(first + i) * count + m] = sign);
            }
        }
        signs
    }

    /// Returns a bit for every sign, set where it is -1. They come pattern after pattern: ceil(N/64) words
    /// each, filled up with 0.
    pub(crate) fn bits(&self) -> Vec<u64> {
        self.rows().flat_map(words).collect()
    }

    /// Returns the patterns as the columns of an N x count matrix.
    pub fn columns<R: ComplexField + From<i8>>(&self) -> Mat<R> {
        let mut columns = Mat::zeros(self.n, self.count());
        for (column, row) in columns.col_iter_mut().zip(self.rows()) {
            let column = column.try_as_col_major_mut().expect("columns are contiguous").as_slice_mut();
            column.iter_mut().zip(row).for_each(|(x, &sign)| *x = R::from(sign));
        }
        columns
    }
}

/// Refuses what is no batch of patterns.
pub(crate) fn check(n: usize, signs: &[i8]) -> Result<(), PatternsError> {
    if n == 0 {
        return Err(PatternsError::NoUnits);
    }
    if !signs.len().is_multiple_of(n) {
        return Err(PatternsError::Ragged { values: signs.len(), n });
    }
    // Many signs a cycle; only where one is wrong is it looked for.
    if signs.iter().fold(true, |all, sign| all & (sign.unsigned_abs() == 1)) {
        return Ok(());
    }
    let wrong = signs.iter().enumerate().find(|(_, sign)| sign.unsigned_abs() != 1);
    wrong.map_or(Ok(()), |(at, &sign)| {
        Err(PatternsError::NotASign { row: at / n, unit: at % n, value: f64::from(sign) })
    })
}

/// Returns the words of one pattern: see [`Patterns::bits`].
#[inline(always)]
pub(crate) fn words(pattern: &[i8]) -> impl Iterator<Item = u64> {
    pattern.chunks(64).map(word)
}

/// A bit for each of up to 64 signs, set where it is -1.
#[inline(always)]
fn word(signs: &[i8]) -> u64 {
    let (eights, rest) = signs.as_chunks::<8>();
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(to, &sign)| *to = sign);
    let byte = |signs: &[i8; 8]| {
        let negative = (u64::from_le_bytes(signs.map(|sign| sign as u8)) >> 7) & 0x0101_0101_0101_0101;
        // Brings the lowest bits of eight bytes side by side.
        negative.wrapping_mul(0x0102_0408_1020_4080) >> 56
    };
    let last = byte(&last).checked_shl(8 * eights.len() as u32).unwrap_or(0);
    eights.iter().rev().fold(0, |word, signs| word << 8 | byte(signs)) | last
}

/// Computes the overlap x.y/N of two ±1 vectors of equal length.
pub fn overlap(x: &[i8], y: &[i8]) -> f64 {
    let agreeing = x.iter().zip(y).filter(|(a, b)| a == b).count();
    (2.0 * agreeing as f64) / x.len() as f64 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bit_is_set_where_a_sign_is_negative() {
        let mut stream = Stream::named(1, "test", &[]);
        for n in [1, 63, 64, 65, 200] {
            let patterns = Patterns::random(n, 3, &mut stream);
            let (bits, words) = (patterns.bits(), n.div_ceil(64));
            assert_eq!(bits.len(), 3 * words);
            for (row, bits) in patterns.rows().zip(bits.chunks_exact(words)) {
                let read = |i: usize| if bits[i / 64] >> (i % 64) & 1 == 1 { -1 } else { 1 };
                assert!(row.iter().enumerate().all(|(i, &sign)| sign == read(i)), "{n} units");
                assert_eq!(
                    bits[words - 1].checked_shr(1 + (n as u32 - 1) % 64).unwrap_or(0),
                    0,
                    "filled up with 0"
                );
            }
        }
    }
}
