//! This module computes products A S of a whole-number matrix with ±1 vectors. It uses 16-bit or 8-bit
//! integers and table look-up: the method of four Russians (Arlazarov, Dinic, Kronrod, Faradzhev 1970).
//!
//! The columns of A are taken in groups of four. A vector meets a group in one of 16 sign combinations, and
//! the sum for each is in a table, so that N/4 additions of small numbers do the work of N multiply-adds of
//! 32-bit ones. Rows are taken in blocks and groups in bundles, whose tables stay in the first-level cache
//! while all vectors pass. Sums are exact.

use crate::real::vectorised;
use crate::symmetric::column;
use faer::MatRef;

/// Columns a group.
const GROUP: usize = 4;
/// Sign combinations of a group.
const COMBINATIONS: usize = 1 << GROUP;
/// Groups a bundle.
const BUNDLE: usize = 8;
/// With fewer columns in a part the tables do not pay for the passes over the results.
const FEWEST_COLUMNS: usize = 256;

/// Vectors that pass together: enough to be worth the tables, few enough that their sums stay in the
/// second-level cache.
const FEWEST_VECTORS: usize = 64;
const MOST_VECTORS: usize = 256;
/// Blocks of sums kept while vectors pass, 2 MiB; those of one block of rows are at work at a time.
const MOST_SUMS: usize = 16_384;

/// Bytes of a block of rows; the tables of a bundle take 16 KiB.
const BLOCK_BYTES: usize = 128;
const WHOLE_ROWS: usize = BLOCK_BYTES / size_of::<i16>();

/// A `Small` is a whole number of few bits.
pub(crate) trait Small: Copy + From<i8> + Into<f32> {
    const ZERO: Self;
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
}

macro_rules! small {
    ($($type:ty),*) => {$(
        impl Small for $type {
            const ZERO: Self = 0;

            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            #[inline(always)]
            fn minus(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }
        }
    )*};
}

small!(i8, i16);

/// Values of a block of rows. It begins on a cache line, or every load of a vector register would touch two.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Block<T, const ROWS: usize>([T; ROWS]);

impl<T: Small, const ROWS: usize> Block<T, ROWS> {
    const ZERO: Self = Self([T::ZERO; ROWS]);

    #[inline(always)]
    fn plus(&self, other: &Self) -> Self {
        Self(std::array::from_fn(
            #[inline(always)]
            |i| self.0[i].plus(other.0[i]),
        ))
    }

    #[inline(always)]
    fn minus(&self, other: &Self) -> Self {
        Self(std::array::from_fn(
            #[inline(always)]
            |i| self.0[i].minus(other.0[i]),
        ))
    }
}

/// Columns a bundle.
const WIDTH: usize = GROUP * BUNDLE;

/// The combination of signs that a vector has in each group of a bundle.
type Code = [u8; BUNDLE];

/// The tables of a bundle.
type Tables<T, const ROWS: usize> = [[Block<T, ROWS>; COMBINATIONS]; BUNDLE];

/// A `Table` is a matrix whose products with ±1 vectors fit the bits of T. It lies in blocks of so many rows.
pub(crate) struct Table<T, const ROWS: usize> {
    rows: usize,
    columns: usize,
    /// Column by column, in blocks of rows filled up with 0.
    values: Vec<Block<T, ROWS>>,
}

/// A `Whole` is a table whose products fit 16 bits. Larger ones are taken apart into such ([`Whole::parts`]).
pub(crate) type Whole = Table<i16, WHOLE_ROWS>;

/// A `Narrow` is a table whose products fit 8 bits, at half the cost.
pub(crate) type Narrow = Table<i8, BLOCK_BYTES>;

impl Whole {
    /// Takes the matrix apart into parts of adjoining columns. Each part has no row whose magnitudes sum to
    /// more than 2^15 - 1. None if a value is not a whole number, or a part would have fewer than
    /// [`FEWEST_COLUMNS`] columns and not all that are left.
    pub(crate) fn parts(matrix: MatRef<'_, f32>) -> Option<Vec<Self>> {
        let mut parts: Vec<Self> = Vec::new();
        let mut first = 0;
        while first < matrix.ncols() {
            let rest = matrix.subcols(first, matrix.ncols() - first);
            let part = Self::leading(rest)?;
            if part.columns < FEWEST_COLUMNS.min(rest.ncols()) {
                return None;
            }
            first += part.columns;
            parts.push(part);
        }
        Some(parts)
    }

    /// As many of the first columns as have no row whose magnitudes sum to more than 2^15 - 1, if their
    /// values are whole.
    fn leading(matrix: MatRef<'_, f32>) -> Option<Self> {
        let rows = matrix.nrows();
        let blocks = rows.div_ceil(WHOLE_ROWS);
        let mut values = Vec::with_capacity(blocks * matrix.ncols());
        let mut magnitudes = vec![0.0_f32; rows];
        for column in (0..matrix.ncols()).map(|j| column(matrix, j)) {
            let first = values.len();
            values.resize(first + blocks, Block::ZERO);
            let parts = values[first..]
                .iter_mut()
                .zip(column.chunks(WHOLE_ROWS))
                .zip(magnitudes.chunks_mut(WHOLE_ROWS));
            let taken = parts.map(|((block, values), sums)| take(values, block, sums));
            let Taken { whole, fits } = taken.fold(Taken { whole: true, fits: true }, |all, one| Taken {
                whole: all.whole & one.whole,
                fits: all.fits & one.fits,
            });
            // What does not fit is no whole number of 16 bits either, where it is one entry that does not.
            if !fits && first > 0 {
                values.truncate(first);
                break;
            }
            if !(whole && fits) {
                return None;
            }
        }
        Some(Self { rows, columns: values.len() / blocks, values })
    }

    /// Returns its number of columns.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }
}

impl<T: Small, const ROWS: usize> Table<T, ROWS> {
    /// Makes Xi as a matrix of signs. It has a column for each of the vectors in `signs`, which lie side by
    /// side, `rows` signs each. The caller vouches that sums of so many signs fit.
    pub(crate) fn of_signs(rows: usize, signs: &[i8]) -> Self {
        let (columns, blocks) = (signs.len() / rows, rows.div_ceil(ROWS));
        let mut values = vec![Block::ZERO; blocks * columns];
        for (column, blocks) in signs.chunks_exact(rows).zip(values.chunks_exact_mut(blocks)) {
            for (block, signs) in blocks.iter_mut().zip(column.chunks(ROWS)) {
                block.0.iter_mut().zip(signs).for_each(|(value, &sign)| *value = T::from(sign));
            }
        }
        Self { rows, columns, values }
    }

    /// Passes every entry of A S to `put`, as pieces of columns, one column after another. A piece is
    /// (column, first row, values). The vectors of S lie side by side in `signs`, one sign for each column of
    /// A.
    pub(crate) fn product(&self, signs: &[i8], put: impl FnMut(usize, usize, &[T])) {
        self.by_codes(&codes(self.columns, signs), signs.len() / self.columns, put);
    }

    /// Does the same for vectors that are the columns of the rows which lie side by side in `signs`.
    pub(crate) fn product_with_columns(&self, signs: &[i8], put: impl FnMut(usize, usize, &[T])) {
        let vectors = signs.len() / self.columns;
        self.by_codes(&codes_of_columns(vectors, signs), vectors, put);
    }

    fn by_codes(&self, codes: &[Code], vectors: usize, mut put: impl FnMut(usize, usize, &[T])) {
        let blocks = self.rows.div_ceil(ROWS);
        let together = (MOST_SUMS / blocks).clamp(FEWEST_VECTORS, MOST_VECTORS).min(vectors);
        let mut sums = vec![Block::ZERO; together * blocks];
        let mut tables = Box::new([[Block::ZERO; COMBINATIONS]; BUNDLE]);
        for start in (0..vectors).step_by(together) {
            let count = together.min(vectors - start);
            let sums = &mut sums[..count * blocks];
            sums.fill(Block::ZERO);
            for (block, sums) in sums.chunks_exact_mut(count).enumerate() {
                for (bundle, codes) in codes.chunks_exact(vectors).enumerate() {
                    self.tabulate(block, bundle, &mut tables);
                    add_all(&tables, &codes[start..][..count], sums);
                }
            }
            vectorised(
                #[inline(always)]
                || {
                    for column in 0..count {
                        for (block, sums) in sums.chunks_exact(count).enumerate() {
                            let first = block * ROWS;
                            put(start + column, first, &sums[column].0[..ROWS.min(self.rows - first)]);
                        }
                    }
                },
            );
        }
    }

    /// The sums of a block of rows over the columns of each group of a bundle, for every combination of signs.
    fn tabulate(&self, block: usize, bundle: usize, tables: &mut Tables<T, ROWS>) {
        let (blocks, zero) = (self.rows.div_ceil(ROWS), Block::ZERO);
        let of = |column: usize| self.values.get(column * blocks + block).unwrap_or(&zero);
        vectorised(
            #[inline(always)]
            || {
                for (group, table) in tables.iter_mut().enumerate() {
                    let first = (bundle * BUNDLE + group) * GROUP;
                    let [a, b, c, d] = std::array::from_fn(|k| of(first + k));
                    // Bit k of a combination is set where column k is taken off.
                    let (ab, cd) = (signed_sums(a, b), signed_sums(c, d));
                    for (combination, sums) in table.iter_mut().enumerate() {
                        *sums = ab[combination % 4].plus(&cd[combination / 4]);
                    }
                }
            },
        );
    }
}

/// a + b, -a + b, a - b, -a - b.
#[inline(always)]
fn signed_sums<T: Small, const ROWS: usize>(a: &Block<T, ROWS>, b: &Block<T, ROWS>) -> [Block<T, ROWS>; 4] {
    [a.plus(b), b.minus(a), a.minus(b), Block::ZERO.minus(a).minus(b)]
}

/// What a column's share of a block of rows is.
#[derive(Clone, Copy)]
struct Taken {
    /// Whether all values are whole numbers.
    whole: bool,
    /// Whether the magnitudes of each row still sum to 2^15 - 1 at most.
    fits: bool,
}

/// block <- values, adding their magnitudes to `sums`.
fn take(values: &[f32], block: &mut Block<i16, WHOLE_ROWS>, sums: &mut [f32]) -> Taken {
    vectorised(
        #[inline(always)]
        move || {
            let (mut odd, mut over) = (0, 0);
            for ((value, block), sum) in values.iter().zip(&mut block.0).zip(sums) {
                // Saturates, so that what does not fit is told by the comparison.
                *block = *value as i16;
                odd += u32::from(f32::from(*block) != *value);
                // Sums of whole numbers below 2^24 are exact in f32; larger ones are no smaller for their rounding.
                *sum += value.abs();
                over += u32::from(*sum > f32::from(i16::MAX));
            }
            Taken { whole: odd == 0, fits: over == 0 }
        },
    )
}

/// For each bundle, for each vector, the combination that it has in each group: bit b is set where sign b is -1.
fn codes(columns: usize, signs: &[i8]) -> Vec<Code> {
    let (vectors, bundles) = (signs.len() / columns, columns.div_ceil(WIDTH));
    let mut codes = vec![[0; BUNDLE]; vectors * bundles];
    for (v, signs) in signs.chunks_exact(columns).enumerate() {
        for (bundle, signs) in signs.chunks(WIDTH).enumerate() {
            let mut padded = [0_u8; WIDTH];
            padded.iter_mut().zip(signs).for_each(|(to, &sign)| *to = sign as u8);
            for (code, group) in codes[bundle * vectors + v].iter_mut().zip(padded.chunks_exact(GROUP)) {
                let word = u32::from_le_bytes([group[0], group[1], group[2], group[3]]);
                // The sign bits of four bytes, brought side by side.
                let negative = (word >> 7) & 0x0101_0101;
                *code = (negative.wrapping_mul(0x0102_0408) >> 24) as u8 & 0xf;
            }
        }
    }
    codes
}

/// The same of vectors whose signs lie in rows of `vectors`, one row after another.
fn codes_of_columns(vectors: usize, signs: &[i8]) -> Vec<Code> {
    let mut codes = Vec::with_capacity((signs.len() / vectors).div_ceil(WIDTH) * vectors);
    let mut words = vec![0_u64; vectors];
    for rows in signs.chunks(WIDTH * vectors) {
        words.fill(0);
        for (row, signs) in rows.chunks_exact(vectors).enumerate() {
            let bit = row / GROUP * 8 + row % GROUP;
            let words = words.iter_mut().zip(signs);
            vectorised(
                #[inline(always)]
                move || words.for_each(|(word, &sign)| *word |= u64::from(sign < 0) << bit),
            );
        }
        codes.extend(words.iter().map(|word| word.to_le_bytes()));
    }
    codes
}

/// Adds to the sums of every vector its entry of each table.
fn add_all<T: Small, const ROWS: usize>(
    tables: &Tables<T, ROWS>,
    codes: &[Code],
    sums: &mut [Block<T, ROWS>],
) {
    vectorised(
        #[inline(always)]
        move || {
            for (sums, codes) in sums.iter_mut().zip(codes) {
                // A copy, which stays in registers: nothing else can point to it.
                let mut total = *sums;
                for group in 0..BUNDLE {
                    let found = &tables[group][usize::from(codes[group]) % COMBINATIONS];
                    total = total.plus(found);
                }
                *sums = total;
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patterns::Patterns;
    use crate::seed::Stream;
    use faer::Mat;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_the_plain_product(n in 1_usize..150, k in 1_usize..100, count in 1_usize..300, seed: u64) {
            let mut stream = Stream::named(seed, "test", &[]);
            let most = 32767 / k as i32;
            let a = Mat::from_fn(n, k, |_, _| (stream.below(2 * most as u32 + 1) as i32 - most) as f32);
            let states = Patterns::random(k, count, &mut stream);
            let mut product = Mat::from_fn(n, count, |_, _| f64::NAN);
            let parts = Whole::parts(a.as_ref()).expect("no row sums to more than 32767");
            prop_assert_eq!(parts.len(), 1);
            let whole = &parts[0];
            whole.product(states.signs(), |column, first, values| {
                values.iter().enumerate().for_each(|(i, &v)| product[(first + i, column)] = v.into());
            });
            for (q, state) in states.rows().enumerate() {
                for i in 0..n {
                    let expected: f64 = (0..k).map(|j| f64::from(a[(i, j)]) * f64::from(state[j])).sum();
                    prop_assert_eq!(product[(i, q)], expected);
                }
            }
        }
    }

    /// Xi Xi^T at every entry, with the signs of Xi in rows.
    fn check_outer<T: Small, const ROWS: usize>(xi: &Patterns) -> Result<(), TestCaseError> {
        let n = xi.n();
        let mut product = Mat::from_fn(n, n, |_, _| f32::NAN);
        Table::<T, ROWS>::of_signs(n, xi.signs()).product_with_columns(
            xi.signs(),
            |column, first, values| {
                values.iter().enumerate().for_each(|(i, &v)| product[(first + i, column)] = v.into());
            },
        );
        for i in 0..n {
            for j in 0..n {
                let expected: i32 = xi.rows().map(|row| i32::from(row[i]) * i32::from(row[j])).sum();
                prop_assert_eq!(product[(i, j)], expected as f32);
            }
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn outer_products_are_exact_in_either_width(n in 1_usize..150, m in 1_usize..128, seed: u64) {
            let xi = Patterns::random(n, m, &mut Stream::named(seed, "test", &[]));
            check_outer::<i8, BLOCK_BYTES>(&xi)?;
            check_outer::<i16, WHOLE_ROWS>(&xi)?;
        }
    }

    #[test]
    fn eight_bits_hold_the_largest_sum() {
        let alike = Patterns::new(3, [1, -1, 1].repeat(127)).expect("signs");
        check_outer::<i8, BLOCK_BYTES>(&alike).expect("127 in every entry");
    }

    #[test]
    fn takes_only_what_fits() {
        let with = |value: f32| {
            let mut a = Mat::<f32>::zeros(70, 3);
            a[(66, 1)] = value;
            a[(66, 2)] = -1.0;
            Whole::parts(a.as_ref()).is_some()
        };
        assert!(with(32766.0) && with(-32766.0) && with(0.0));
        for value in [32767.0, -32767.0, 0.5, 1e9, f32::MIN_POSITIVE, f32::NAN, f32::INFINITY] {
            assert!(!with(value), "{value}");
        }
    }

    #[test]
    fn a_matrix_of_larger_sums_is_taken_apart() {
        let a =
            Mat::<f32>::from_fn(70, 1000, |i, j| if i == 69 { 100.0 } else { ((i + j) % 7) as f32 - 3.0 });
        let columns: Vec<usize> =
            Whole::parts(a.as_ref()).expect("whole numbers").iter().map(Whole::columns).collect();
        // 327 times 100 is the most that fits.
        assert_eq!(columns, [327, 327, 327, 19]);
        let larger = Mat::<f32>::from_fn(70, 1000, |_, _| 200.0);
        assert!(Whole::parts(larger.as_ref()).is_none(), "parts of 163 columns do not pay");
    }
}
