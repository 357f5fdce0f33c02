//! Products A S of a whole-number matrix with ±1 vectors, in 16-bit integers by table look-up: the method of four Russians
//! (Arlazarov, Dinic, Kronrod, Faradzhev 1970).
//!
//! The columns of A are taken in groups of four. A vector meets a group in one of 16 sign combinations, and the sum for each is
//! in a table, so that N/4 additions of 16-bit numbers do the work of N multiply-adds of 32-bit ones. Rows are taken in
//! blocks and groups in bundles, whose tables stay in the first-level cache while all vectors pass. Sums are exact.

use crate::real::vectorised;
use faer::MatRef;

/// Columns a group.
const GROUP: usize = 4;
/// Sign combinations of a group.
const COMBINATIONS: usize = 1 << GROUP;
/// Groups a bundle.
const BUNDLE: usize = 8;
/// Rows a block; the tables of a bundle take 16 KiB.
const ROWS: usize = 64;

/// Vectors that pass together: few enough that the pages of their results are at hand, enough to be worth the tables.
const VECTORS: usize = 256;

type Block = [i16; ROWS];

/// A matrix whose products with ±1 vectors fit 16 bits.
pub(crate) struct Whole {
    rows: usize,
    columns: usize,
    /// Column by column, in blocks of rows filled up with 0.
    values: Vec<Block>,
}

impl Whole {
    /// The matrix, if its values are whole numbers and no row's magnitudes sum to more than 2^15 - 1.
    pub(crate) fn new(matrix: MatRef<'_, f32>) -> Option<Self> {
        let (rows, columns) = (matrix.nrows(), matrix.ncols());
        let blocks = rows.div_ceil(ROWS);
        let mut values: Vec<Block> = Vec::with_capacity(blocks * columns);
        let mut magnitudes = vec![0.0_f32; rows];
        for column in matrix.col_iter() {
            let column = column.try_as_col_major().expect("columns are contiguous").as_slice();
            let first = values.len();
            values.resize(first + blocks, [0; ROWS]);
            let parts = values[first..].iter_mut().zip(column.chunks(ROWS)).zip(magnitudes.chunks_mut(ROWS));
            if !parts
                .map(|((block, values), sums)| take(values, block, sums))
                .fold(true, |all, whole| all & whole)
            {
                return None;
            }
        }
        // Sums of whole numbers below 2^24 are exact in f32; larger ones are no smaller for their rounding.
        let fits = magnitudes.iter().all(|&sum| sum <= f32::from(i16::MAX));
        fits.then_some(Self { rows, columns, values })
    }

    /// Xi as a matrix: a column for each of the vectors in `signs`, which lie side by side, `rows` signs each. None if there
    /// are more than 2^15 - 1.
    pub(crate) fn of_signs(rows: usize, signs: &[i8]) -> Option<Self> {
        let columns = signs.len() / rows;
        if columns > i16::MAX as usize {
            return None;
        }
        let mut values = vec![[0; ROWS]; rows.div_ceil(ROWS) * columns];
        for (column, blocks) in signs.chunks_exact(rows).zip(values.chunks_exact_mut(rows.div_ceil(ROWS))) {
            for (block, signs) in blocks.iter_mut().zip(column.chunks(ROWS)) {
                block.iter_mut().zip(signs).for_each(|(value, &sign)| *value = i16::from(sign));
            }
        }
        Some(Self { rows, columns, values })
    }

    /// Passes every entry of A S to `put`, as pieces of columns: (column, first row, values). The vectors of S lie side by
    /// side in `signs`, one sign for each column of A.
    pub(crate) fn product(&self, signs: &[i8], mut put: impl FnMut(usize, usize, &[i16])) {
        let vectors = signs.len() / self.columns;
        let codes = codes(self.columns, signs);
        let mut sums = vec![[0; ROWS]; vectors.min(VECTORS)];
        let mut tables = Box::new([[[0; ROWS]; COMBINATIONS]; BUNDLE]);
        for start in (0..vectors).step_by(VECTORS) {
            let count = VECTORS.min(vectors - start);
            for first in (0..self.rows).step_by(ROWS) {
                let sums = &mut sums[..count];
                sums.fill([0; ROWS]);
                for (bundle, codes) in codes.chunks_exact(vectors).enumerate() {
                    for (group, table) in tables.iter_mut().enumerate() {
                        self.tabulate(first / ROWS, (bundle * BUNDLE + group) * GROUP, table);
                    }
                    add_all(&tables, &codes[start..][..count], sums);
                }
                let height = ROWS.min(self.rows - first);
                let columns = sums.iter().enumerate();
                columns.for_each(|(column, sums)| put(start + column, first, &sums[..height]));
            }
        }
    }

    /// The sums of a block of rows over four columns from `column` on, for every combination of signs.
    fn tabulate(&self, block: usize, column: usize, table: &mut [Block; COMBINATIONS]) {
        let blocks = self.rows.div_ceil(ROWS);
        let zero = [0; ROWS];
        let of = |k: usize| {
            if column + k < self.columns { &self.values[(column + k) * blocks + block] } else { &zero }
        };
        let columns: [&Block; GROUP] = std::array::from_fn(of);
        vectorised(
            #[inline(always)]
            move || {
                let mut all = [0_i16; ROWS];
                for column in columns {
                    for i in 0..ROWS {
                        all[i] = all[i].wrapping_add(column[i]);
                    }
                }
                table[0] = all;
                // A combination differs from a smaller one in its highest set bit. 2 A_ij alone may exceed 16 bits; the sum is
                // right modulo 2^16 and fits.
                for (bit, column) in columns.iter().enumerate() {
                    for code in 0..1 << bit {
                        let mut sums = table[code];
                        for i in 0..ROWS {
                            sums[i] = sums[i].wrapping_sub(column[i].wrapping_mul(2));
                        }
                        table[code | 1 << bit] = sums;
                    }
                }
            },
        );
    }
}

/// block <- values, adding their magnitudes to `sums`; whether all are whole numbers.
fn take(values: &[f32], block: &mut Block, sums: &mut [f32]) -> bool {
    vectorised(
        #[inline(always)]
        move || {
            let mut odd = 0;
            for ((value, block), sum) in values.iter().zip(block).zip(sums) {
                // Saturates, so that what does not fit is told by the comparison.
                *block = *value as i16;
                odd += u32::from(f32::from(*block) != *value);
                *sum += value.abs();
            }
            odd == 0
        },
    )
}

/// For each bundle, for each vector, the combination that it has in each group: bit b is set where sign b is -1.
fn codes(columns: usize, signs: &[i8]) -> Vec<[u8; BUNDLE]> {
    const WIDTH: usize = GROUP * BUNDLE;
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

/// Adds to the sums of every vector its entry of each table.
fn add_all(tables: &[[Block; COMBINATIONS]; BUNDLE], codes: &[[u8; BUNDLE]], sums: &mut [Block]) {
    vectorised(
        #[inline(always)]
        move || {
            for (sums, codes) in sums.iter_mut().zip(codes) {
                // A copy, which stays in registers: nothing else can point to it.
                let mut total = *sums;
                for group in 0..BUNDLE {
                    let found = &tables[group][usize::from(codes[group]) % COMBINATIONS];
                    for i in 0..ROWS {
                        total[i] = total[i].wrapping_add(found[i]);
                    }
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
            let whole = Whole::new(a.as_ref()).expect("no row sums to more than 32767");
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

    #[test]
    fn takes_only_what_fits() {
        let with = |value: f32| {
            let mut a = Mat::<f32>::zeros(70, 3);
            a[(66, 1)] = value;
            a[(66, 2)] = -1.0;
            Whole::new(a.as_ref()).is_some()
        };
        assert!(with(32766.0) && with(-32766.0) && with(0.0));
        for value in [32767.0, -32767.0, 0.5, 1e9, f32::MIN_POSITIVE] {
            assert!(!with(value), "{value}");
        }
    }
}
