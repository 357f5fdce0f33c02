//! This module multiplies matrices of some hundred rows with batches of vectors. It works in tiles that stay
//! in registers, with something done to each tile while it is at hand.
//!
//! A tile is up to four vector registers of units by [`QUERIES`] vectors of the batch: as many sums as
//! registers hold beside what is multiplied. Vectors of the batch lie side by side, [`padded`] units each, so
//! that every load is a whole cache line and nothing is masked. Sums run over the inner index in order, so a
//! result depends on nothing but its factors.
//!
//! Training needs products with N from some tens to some hundreds and the tanh of each: a library's product would pack
//! operands that are in cache already, and write fields out only for them to be read again.

use crate::aligned::Aligned;
use pulp::{Arch, Simd, WithSimd};

/// A tile takes so many vectors of the batch. Batches of [`Panels::product`] are whole multiples.
pub(crate) const QUERIES: usize = 6;

/// A cache line holds so many f32. Vectors are filled up to whole lines.
pub(crate) const LINE: usize = 16;

/// Terms of a sum that are added between two looks at the end of the loop.
const UNROLL: usize = 4;

/// Returns the length of a vector of `n` units once it is filled up. What it is filled up with must be 0.
pub(crate) fn padded(n: usize) -> usize {
    n.next_multiple_of(LINE)
}

/// `Panels` is a square matrix laid out for products. It lies in strips of rows as wide as a tile, each
/// column after column.
pub(crate) struct Panels {
    n: usize,
    /// Columns, filled up with zeros to a multiple of [`UNROLL`].
    depth: usize,
    /// Rows a strip; the last may have fewer.
    width: usize,
    values: Aligned<f32>,
}

/// A `Strip` is a strip of rows.
#[derive(Clone, Copy)]
pub(crate) struct Strip<'a> {
    /// Its first row.
    pub(crate) first: usize,
    /// Its rows.
    pub(crate) width: usize,
    values: &'a [f32],
}

impl<'a> Strip<'a> {
    /// Returns the strip's part of a column.
    #[inline(always)]
    pub(crate) fn column(self, column: usize) -> &'a [f32] {
        &self.values[column * self.width..][..self.width]
    }
}

impl Panels {
    /// Makes a matrix of side `n`, all zero.
    pub(crate) fn zeros(n: usize) -> Self {
        let depth = n.next_multiple_of(UNROLL);
        Self { n, depth, width: Arch::new().dispatch(TileWidth), values: Aligned::zeros(padded(n) * depth) }
    }

    /// Takes the matrix A, given column by column.
    pub(crate) fn set(&mut self, a: &[f32]) {
        self.set_columns(a.chunks_exact(self.n));
    }

    /// Takes the matrix with these columns.
    pub(crate) fn set_columns<'a>(&mut self, columns: impl Iterator<Item = &'a [f32]> + Clone) {
        let (n, depth) = (self.n, self.depth);
        for (first, width, values) in strips_mut(&mut self.values, n, depth, self.width) {
            let rows = first..n.min(first + width);
            for (to, column) in values.chunks_exact_mut(width).zip(columns.clone()) {
                to[..rows.len()].copy_from_slice(&column[rows.clone()]);
            }
        }
    }

    /// Takes the transpose of the matrix A, given column by column.
    pub(crate) fn set_transposed(&mut self, a: &[f32]) {
        let (n, depth) = (self.n, self.depth);
        for (first, width, values) in strips_mut(&mut self.values, n, depth, self.width) {
            let columns = a.chunks_exact(n).skip(first).take(width);
            for (row, column) in columns.enumerate() {
                let to = values[row..].iter_mut().step_by(width);
                to.zip(column).for_each(|(to, &value)| *to = value);
            }
        }
    }

    /// Returns the strips from top to bottom.
    pub(crate) fn strips(&self) -> impl Iterator<Item = Strip<'_>> {
        let (width, depth, rows) = (self.width, self.depth, padded(self.n));
        self.values.chunks(width * depth).enumerate().map(move |(k, values)| {
            let first = k * width;
            Strip { first, width: width.min(rows - first), values }
        })
    }

    /// Sets y <- A x for vectors side by side, a multiple of [`QUERIES`] of them. Of each of the first
    /// `count` vectors every strip is then passed to `finish`: (vector, first row, values).
    pub(crate) fn product(
        &self,
        x: &[f32],
        y: &mut [f32],
        count: usize,
        finish: impl FnMut(usize, usize, &mut [f32]),
    ) {
        Arch::new().dispatch(Product { panels: self, x, y, count, finish });
    }
}

/// The strips of a matrix with `n` rows: first row, rows, values.
fn strips_mut(
    values: &mut [f32],
    n: usize,
    depth: usize,
    width: usize,
) -> impl Iterator<Item = (usize, usize, &mut [f32])> {
    values.chunks_mut(width * depth).enumerate().map(move |(k, values)| {
        let first = k * width;
        (first, width.min(padded(n) - first), values)
    })
}

/// Registers of units a tile: with 16 registers in all, two by six sums leave room for what is multiplied;
/// with 32, four.
const fn most_registers<S: Simd>() -> usize {
    if S::REGISTER_COUNT >= 32 { 4 } else { 2 }
}

/// The rows of a tile on this machine.
struct TileWidth;

impl WithSimd for TileWidth {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> usize {
        most_registers::<S>() * S::F32_LANES
    }
}

struct Product<'a, F> {
    panels: &'a Panels,
    x: &'a [f32],
    y: &'a mut [f32],
    count: usize,
    finish: F,
}

impl<F: FnMut(usize, usize, &mut [f32])> WithSimd for Product<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        for strip in self.panels.strips() {
            match strip.width / S::F32_LANES {
                1 => self.strip::<S, 1>(simd, strip),
                2 => self.strip::<S, 2>(simd, strip),
                3 => self.strip::<S, 3>(simd, strip),
                4 => self.strip::<S, 4>(simd, strip),
                registers => unreachable!("a tile has at most 4 registers of units, not {registers}"),
            }
        }
    }
}

impl<F: FnMut(usize, usize, &mut [f32])> Product<'_, F> {
    #[inline(always)]
    fn strip<S: Simd, const R: usize>(&mut self, simd: S, strip: Strip<'_>) {
        let (length, depth) = (padded(self.panels.n), self.panels.depth);
        let panel = registers::<S>(strip.values).as_chunks::<R>().0;
        let blocks =
            self.x.chunks_exact(QUERIES * length).zip(self.y.chunks_exact_mut(QUERIES * length)).enumerate();
        for (block, (x, y)) in blocks {
            let sums = tile::<S, R>(simd, panel, x, length, depth);
            for (q, sums) in sums.iter().enumerate() {
                let to = &mut y[q * length + strip.first..][..strip.width];
                registers_mut::<S>(to).copy_from_slice(sums);
                let query = block * QUERIES + q;
                if query < self.count {
                    (self.finish)(query, strip.first, to);
                }
            }
        }
    }
}

/// The sums over `depth` terms for a strip and [`QUERIES`] vectors of `length`.
#[inline(always)]
fn tile<S: Simd, const R: usize>(
    simd: S,
    panel: &[[S::f32s; R]],
    x: &[f32],
    length: usize,
    depth: usize,
) -> [[S::f32s; R]; QUERIES] {
    let of = |q: usize| x[q * length..][..depth].as_chunks::<UNROLL>().0;
    let [x0, x1, x2, x3, x4, x5]: [_; QUERIES] = [of(0), of(1), of(2), of(3), of(4), of(5)];
    let vectors = x0.iter().zip(x1).zip(x2).zip(x3).zip(x4).zip(x5);
    let mut sums = [[simd.splat_f32s(0.0); R]; QUERIES];
    for (columns, (((((x0, x1), x2), x3), x4), x5)) in panel.as_chunks::<UNROLL>().0.iter().zip(vectors) {
        let x = [x0, x1, x2, x3, x4, x5];
        for (k, column) in columns.iter().enumerate() {
            for (sums, x) in sums.iter_mut().zip(x) {
                let factor = simd.splat_f32s(x[k]);
                for (sum, &value) in sums.iter_mut().zip(column) {
                    *sum = simd.mul_add_f32s(value, factor, *sum);
                }
            }
        }
    }
    sums
}

/// Sets A <- A + sum_q d_q x_q^T for vectors side by side. A has [`padded`] rows and `n` columns, column by
/// column.
pub(crate) fn add_outer_product(a: &mut [f32], n: usize, d: &[f32], x: &[f32]) {
    Arch::new().dispatch(OuterProduct { a, n, d, x });
}

struct OuterProduct<'a> {
    a: &'a mut [f32],
    n: usize,
    d: &'a [f32],
    x: &'a [f32],
}

impl WithSimd for OuterProduct<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let registers = padded(self.n) / S::F32_LANES;
        let most = most_registers::<S>();
        for first in (0..registers).step_by(most) {
            let row = first * S::F32_LANES;
            match most.min(registers - first) {
                1 => self.rows::<S, 1>(simd, row),
                2 => self.rows::<S, 2>(simd, row),
                3 => self.rows::<S, 3>(simd, row),
                _ => self.rows::<S, 4>(simd, row),
            }
        }
    }
}

impl OuterProduct<'_> {
    #[inline(always)]
    fn rows<S: Simd, const R: usize>(&mut self, simd: S, row: usize) {
        let whole = self.n - self.n % QUERIES;
        for column in (0..whole).step_by(QUERIES) {
            self.tile::<S, R, QUERIES>(simd, row, column);
        }
        match self.n - whole {
            0 => {}
            1 => self.tile::<S, R, 1>(simd, row, whole),
            2 => self.tile::<S, R, 2>(simd, row, whole),
            3 => self.tile::<S, R, 3>(simd, row, whole),
            4 => self.tile::<S, R, 4>(simd, row, whole),
            _ => self.tile::<S, R, 5>(simd, row, whole),
        }
    }

    #[inline(always)]
    fn tile<S: Simd, const R: usize, const C: usize>(&mut self, simd: S, row: usize, column: usize) {
        let (length, height) = (padded(self.n), R * S::F32_LANES);
        let mut sums = [[simd.splat_f32s(0.0); R]; C];
        for (d, x) in self.d.chunks_exact(length).zip(self.x.chunks_exact(length)) {
            let d: &[S::f32s; R] = registers::<S>(&d[row..][..height])
                .try_into()
                .expect("the rows of a tile fill its registers");
            let x: &[f32; C] = x[column..].first_chunk().expect("the columns of a tile are within n");
            for (sums, &x) in sums.iter_mut().zip(x) {
                let factor = simd.splat_f32s(x);
                for (sum, &d) in sums.iter_mut().zip(d) {
                    *sum = simd.mul_add_f32s(d, factor, *sum);
                }
            }
        }
        for (sums, to) in sums.iter().zip(self.a[column * length..].chunks_exact_mut(length)) {
            let to = registers_mut::<S>(&mut to[row..][..height]);
            to.iter_mut().zip(sums).for_each(|(to, &sum)| *to = simd.add_f32s(*to, sum));
        }
    }
}

#[inline(always)]
fn registers<S: Simd>(values: &[f32]) -> &[S::f32s] {
    S::as_simd_f32s(values).0
}

#[inline(always)]
fn registers_mut<S: Simd>(values: &mut [f32]) -> &mut [S::f32s] {
    S::as_mut_simd_f32s(values).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Stream;
    use proptest::prelude::*;

    /// `count` vectors of `n` normal numbers, filled up with zeros.
    fn vectors(n: usize, count: usize, stream: &mut Stream) -> Vec<f32> {
        let mut vectors = vec![0.0; padded(n) * count];
        let units = vectors.chunks_exact_mut(padded(n)).flat_map(|vector| &mut vector[..n]);
        units.for_each(|x| *x = stream.normal() as f32);
        vectors
    }

    proptest! {
        #[test]
        fn products_are_those_of_the_definition(n in 1_usize..150, count in 0_usize..20, transposed: bool, seed: u64) {
            let mut stream = Stream::named(seed, "test", &[]);
            let a: Vec<f32> = (0..n * n).map(|_| stream.normal() as f32).collect();
            let x = vectors(n, count.next_multiple_of(QUERIES), &mut stream);
            let mut panels = Panels::zeros(n);
            if transposed { panels.set_transposed(&a) } else { panels.set(&a) }
            let mut y = vec![f32::NAN; x.len()];
            let mut finished = vec![0; count];
            panels.product(&x, &mut y, count, |query, _, values| {
                finished[query] += values.len();
                values.iter_mut().for_each(|y| *y *= 2.0);
            });
            prop_assert!(finished.iter().all(|&values| values == padded(n)), "{:?}", finished);
            for (x, y) in x.chunks_exact(padded(n)).zip(y.chunks_exact(padded(n))).take(count) {
                for i in 0..padded(n) {
                    let entry = |j: usize| if i >= n { 0.0 } else if transposed { a[i * n + j] } else { a[j * n + i] };
                    let exact: f64 = (0..n).map(|j| 2.0 * f64::from(entry(j)) * f64::from(x[j])).sum();
                    prop_assert!((f64::from(y[i]) - exact).abs() < 1e-4, "{} {}", y[i], exact);
                }
            }
        }

        #[test]
        fn outer_products_are_added(n in 1_usize..150, count in 0_usize..20, seed: u64) {
            let mut stream = Stream::named(seed, "test", &[]);
            let (d, x) = (vectors(n, count, &mut stream), vectors(n, count, &mut stream));
            let before = vectors(n, n, &mut stream);
            let mut a = before.clone();
            add_outer_product(&mut a, n, &d, &x);
            let length = padded(n);
            for (at, (&a, &before)) in a.iter().zip(&before).enumerate() {
                let (i, j) = (at % length, at / length);
                let terms = (0..count).map(|q| f64::from(d[q * length + i]) * f64::from(x[q * length + j]));
                let exact = f64::from(before) + terms.sum::<f64>();
                prop_assert!((f64::from(a) - exact).abs() < 1e-4, "{} {}", a, exact);
            }
        }
    }
}
