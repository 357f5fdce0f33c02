//! Matrices in bands of columns are factored, solved and multiplied in tiles that stay in registers. This is
//! what the pseudo-inverse needs of linear algebra, in f32 and on one thread.
//!
//! A band is up to [`WIDTH`] columns, row after row, so that every load is a whole cache line and none is
//! masked. All three operations are sums of products of eight columns of one band with all columns of
//! another, over their rows:
//!
//! - Q = C C^T: with U = C^T in place of Q, U_mk = (Q_mk - sum_{l<m} U_lm U_lk) / U_mm;
//! - C Y = X: with Y in place of X, Y_mk = (X_mk - sum_{l<m} U_lm Y_lk) / U_mm;
//! - Y^T Y, whose blocks are written with their mirror images.
//!
//! So nothing is laid out anew between the steps, as a library must, and a band is solved while it stays in
//! cache. The order of sums is fixed by the number of rows, so a result depends on nothing but its factors.

use crate::aligned::Aligned;
use crate::symmetric::column_mut;
use crate::tiles::padded;
use faer::{Mat, MatMut};
use pulp::{Arch, Simd, WithSimd};
use std::ops::Range;

/// Runs the body for each tile of a band of that width: with its first column, and its registers as a constant.
macro_rules! each_tile {
    ($s:ident, $width:expr, |$first:ident, $registers:ident| $body:expr) => {
        let lanes = $s::F32_LANES;
        let registers = $width / lanes;
        for k in (0..registers).step_by(most_registers::<$s>()) {
            let $first = k * lanes;
            match (registers - k).min(most_registers::<$s>()) {
                1 => {
                    const $registers: usize = 1;
                    $body
                }
                2 => {
                    const $registers: usize = 2;
                    $body
                }
                _ => {
                    const $registers: usize = 3;
                    $body
                }
            }
        }
    };
}

mod factor;

/// A band has so many columns; the last may have fewer. All are whole cache lines.
pub(crate) const WIDTH: usize = 48;

/// Rows a tile: with up to three registers of columns as many sums as 32 registers hold beside what is
/// multiplied. Bands are filled up to whole tiles.
const ROWS: usize = 8;

/// Terms that are added up before they join the others: a sum of some hundred terms in order would lose two
/// or three bits more.
const TERMS: usize = 128;

/// Bands that all others are multiplied by while they stay in the second-level cache.
const GROUP: usize = 4;

/// `Bands` is a matrix in bands.
pub(crate) struct Bands {
    rows: usize,
    columns: usize,
    values: Aligned<f32>,
}

/// A band.
#[derive(Clone, Copy)]
struct Band<'a> {
    width: usize,
    /// Row after row.
    values: &'a [f32],
}

/// The columns of a band by which another is multiplied: [`ROWS`] from column `first` on.
#[derive(Clone, Copy)]
struct Factors<'a> {
    band: Band<'a>,
    first: usize,
}

impl<'a> Factors<'a> {
    /// Their values from a row on, row by row.
    #[inline(always)]
    fn rows_from(self, row: usize) -> impl Iterator<Item = &'a [f32; ROWS]> {
        let rows = self.band.values[row * self.band.width..].chunks_exact(self.band.width);
        rows.map(move |row| row[self.first..].first_chunk().expect("tiles divide bands"))
    }
}

impl Bands {
    /// Passes every band, its columns and its values row after row, to `set`. It finds zeros there: also in
    /// the rows and columns that the matrix is filled up with. Band by band, because what was just written is
    /// in cache.
    pub(crate) fn new(rows: usize, columns: usize, mut set: impl FnMut(Range<usize>, &mut [f32])) -> Self {
        let (rows, columns) = (rows.next_multiple_of(ROWS), padded(columns));
        let mut values = Aligned::with_capacity(rows * columns);
        for start in (0..columns).step_by(WIDTH) {
            let end = columns.min(start + WIDTH);
            set(start..end, values.append_zeros(rows * (end - start)));
        }
        Self { rows, columns, values }
    }

    /// Makes a square matrix as [`new`](Self::new) does. `diagonal` stands on the diagonal of what it is
    /// filled up with.
    pub(crate) fn square(side: usize, diagonal: f32, mut set: impl FnMut(Range<usize>, &mut [f32])) -> Self {
        Self::new(side, side, |columns, band| {
            set(columns.clone(), band);
            for k in columns.start.max(side)..columns.end.min(side.next_multiple_of(ROWS)) {
                band[k * columns.len() + k - columns.start] = diagonal;
            }
        })
    }

    fn band(&self, k: usize) -> Band<'_> {
        band(&self.values, self.rows, self.columns, k)
    }

    /// Computes Y^T Y of its first `n` columns, symmetric to the bit.
    pub(crate) fn gram(&self, n: usize) -> Mat<f32> {
        let mut product = Mat::with_capacity(n, n);
        Arch::new().dispatch(Gram { y: self, n, product: &mut product });
        product
    }
}

/// Band `k` of the matrix with so many rows and columns that begins with `values`.
#[inline(always)]
fn band(values: &[f32], rows: usize, columns: usize, k: usize) -> Band<'_> {
    let width = WIDTH.min(columns - k * WIDTH);
    Band { width, values: &values[k * WIDTH * rows..][..width * rows] }
}

/// Registers of columns a tile.
const fn most_registers<S: Simd>() -> usize {
    if S::REGISTER_COUNT >= 32 { WIDTH / 16 } else { 1 }
}

/// sum_l F_l^T X_l over the first `depth` rows, with X_l from column `first` on.
#[inline(always)]
fn products<S: Simd, const R: usize>(
    simd: S,
    factors: Factors<'_>,
    x: Band<'_>,
    first: usize,
    depth: usize,
) -> [[S::f32s; R]; ROWS] {
    let mut totals = [[simd.splat_f32s(0.0); R]; ROWS];
    for start in (0..depth).step_by(TERMS) {
        let sums = partial_products::<S, R>(simd, factors, x, first, start..depth.min(start + TERMS));
        for (total, sum) in totals.as_flattened_mut().iter_mut().zip(sums.as_flattened()) {
            *total = simd.add_f32s(*total, *sum);
        }
    }
    totals
}

/// The same over some rows, one after the other.
#[inline(always)]
fn partial_products<S: Simd, const R: usize>(
    simd: S,
    factors: Factors<'_>,
    x: Band<'_>,
    first: usize,
    rows: Range<usize>,
) -> [[S::f32s; R]; ROWS] {
    let mut sums = [[simd.splat_f32s(0.0); R]; ROWS];
    let x = x.values[rows.start * x.width..rows.end * x.width].chunks_exact(x.width);
    for (factors, x) in factors.rows_from(rows.start).zip(x) {
        let x: &[S::f32s; R] = tile_row::<S, R>(&x[first..]);
        for (sums, &factor) in sums.iter_mut().zip(factors) {
            let factor = simd.splat_f32s(factor);
            for (sum, &x) in sums.iter_mut().zip(x) {
                *sum = simd.mul_add_f32s(x, factor, *sum);
            }
        }
    }
    sums
}

/// See [`Bands::gram`].
struct Gram<'a> {
    y: &'a Bands,
    n: usize,
    product: &'a mut Mat<f32>,
}

impl WithSimd for Gram<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { y, n, product } = self;
        let count = y.columns.div_ceil(WIDTH);
        let mut block = Aligned::zeros(WIDTH * WIDTH);
        for group in (0..count).step_by(GROUP) {
            let end = count.min(group + GROUP);
            // Column by column as they are needed: what has just been set to zero is still in cache.
            product.resize_with(n, n.min(end * WIDTH), |_, _| 0.0);
            for row in 0..end {
                for column in group.max(row)..end {
                    block.fill(0.0);
                    for start in (0..y.rows).step_by(TERMS) {
                        let rows = start..y.rows.min(start + TERMS);
                        add_block(simd, y.band(column), y.band(row), rows, &mut block);
                    }
                    store(product.as_mut(), row * WIDTH, column * WIDTH, &block);
                }
            }
        }
    }
}

/// Adds to a block, column after column, the products over some rows of all columns of two bands.
#[inline(always)]
fn add_block<S: Simd>(simd: S, by: Band<'_>, x: Band<'_>, rows: Range<usize>, block: &mut [f32]) {
    for (first, to) in (0..by.width).step_by(ROWS).zip(block.chunks_exact_mut(ROWS * WIDTH)) {
        let factors = Factors { band: by, first };
        each_tile!(S, x.width, |first, REGISTERS| {
            let sums = partial_products::<S, REGISTERS>(simd, factors, x, first, rows.clone());
            for (to, sums) in to.chunks_exact_mut(WIDTH).zip(sums) {
                let to = tile_row_mut::<S, REGISTERS>(&mut to[first..]);
                to.iter_mut().zip(sums).for_each(|(to, sum)| *to = simd.add_f32s(*to, sum));
            }
        });
    }
}

/// Writes a block, column after column, and its mirror image, as far as they lie in the matrix.
#[inline(always)]
fn store(mut matrix: MatMut<'_, f32>, row: usize, column: usize, block: &[f32]) {
    let n = matrix.nrows();
    let (height, width) = (WIDTH.min(n - row), WIDTH.min(n - column));
    for (j, values) in block.chunks_exact(WIDTH).enumerate().take(width) {
        column_mut(matrix.as_mut(), column + j)[row..][..height].copy_from_slice(&values[..height]);
    }
    if row != column {
        for i in 0..height {
            let to = &mut column_mut(matrix.as_mut(), row + i)[column..][..width];
            to.iter_mut().zip(block.chunks_exact(WIDTH)).for_each(|(to, values)| *to = values[i]);
        }
    }
}

#[inline(always)]
fn tile_row<S: Simd, const R: usize>(values: &[f32]) -> &[S::f32s; R] {
    S::as_simd_f32s(&values[..R * S::F32_LANES]).0.try_into().expect("a tile fills its registers")
}

#[inline(always)]
fn tile_row_mut<S: Simd, const R: usize>(values: &mut [f32]) -> &mut [S::f32s; R] {
    S::as_mut_simd_f32s(&mut values[..R * S::F32_LANES]).0.try_into().expect("a tile fills its registers")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Stream;

    /// A matrix in bands.
    fn banded(matrix: &Mat<f64>) -> impl FnMut(Range<usize>, &mut [f32]) {
        move |columns, band| {
            for (row, values) in band.chunks_exact_mut(columns.len()).take(matrix.nrows()).enumerate() {
                let entries = values.iter_mut().zip(columns.clone()).filter(|(_, k)| *k < matrix.ncols());
                entries.for_each(|(to, column)| *to = matrix[(row, column)] as f32);
            }
        }
    }

    #[test]
    fn the_gram_matrix_of_a_solution_is_that_of_the_definition() {
        let mut stream = Stream::named(1, "test", &[]);
        for (m, n) in [(1, 1), (1, 2), (7, 16), (8, 49), (20, 64), (48, 48), (50, 97), (100, 30), (140, 150)]
        {
            // C with a dominant diagonal, so that nothing is magnified.
            let c = Mat::from_fn(m, m, |i, j| match i.cmp(&j) {
                std::cmp::Ordering::Less => 0.0,
                std::cmp::Ordering::Equal => 1.0 + stream.unit(),
                std::cmp::Ordering::Greater => stream.normal() / m as f64,
            });
            let y = Mat::from_fn(m, n, |_, _| stream.normal());
            let factor = Bands::square(m, 1.0, banded(&(&c * c.transpose()))).factorise(0.9);
            let factor = factor.expect("its pivots are at least 1");
            let x = &c * &y;
            let mut set = banded(&x);
            let solved = Bands::new(m, n, |columns, band| {
                set(columns, band);
                factor.solve(band);
            });
            let (product, exact) = (solved.gram(n), y.transpose() * &y);
            for i in 0..n {
                for j in 0..n {
                    let error = (f64::from(product[(i, j)]) - exact[(i, j)]).abs();
                    assert!(error < 1e-5 * m as f64, "{error} at {i}, {j} of {m} x {n}");
                    assert_eq!(product[(i, j)], product[(j, i)], "{i}, {j} of {m} x {n}");
                }
            }
        }
    }

    #[test]
    fn a_small_pivot_is_refused() {
        for (m, at) in [(1, 0), (9, 8), (60, 50), (60, 3)] {
            let q = Mat::from_fn(m, m, |i, j| {
                if i != j {
                    0.0
                } else if i == at {
                    0.25
                } else {
                    1.0
                }
            });
            assert!(Bands::square(m, 1.0, banded(&q)).factorise(0.25).is_some());
            assert!(Bands::square(m, 1.0, banded(&q)).factorise(0.26).is_none());
        }
    }
}
