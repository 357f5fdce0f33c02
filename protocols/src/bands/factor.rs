//! This module computes the Cholesky factor in bands, and solves by it.

use super::{Band, Bands, Factors, ROWS, WIDTH, band, most_registers, products, tile_row_mut};
use pulp::{Arch, Simd, WithSimd};

impl Bands {
    /// Replaces Q by U = C^T with Q = C C^T. Of Q only Q_mk, m <= k, is looked at. Below its diagonal U is
    /// not 0 but not defined. None if a pivot, U_mm^2, is not at least `smallest`.
    pub(crate) fn factorise(mut self, smallest: f32) -> Option<Factor> {
        let mut reciprocals = Vec::with_capacity(self.rows);
        let good = Arch::new().dispatch(Factorise { q: &mut self, smallest, reciprocals: &mut reciprocals });
        good.then_some(Factor { u: self, reciprocals })
    }
}

/// A `Factor` is the Cholesky factor of a matrix.
pub(crate) struct Factor {
    u: Bands,
    /// 1/U_mm.
    reciprocals: Vec<f32>,
}

impl Factor {
    /// Replaces X, a band of as many rows, by Y with C Y = X.
    pub(crate) fn solve(&self, band: &mut [f32]) {
        let rows = self.u.rows;
        Arch::new().dispatch(Substitute {
            factor: self.view(),
            width: band.len() / rows,
            values: band,
            rows,
        });
    }

    fn view(&self) -> FactorView<'_> {
        FactorView {
            rows: self.u.rows,
            columns: self.u.columns,
            values: &self.u.values,
            reciprocals: &self.reciprocals,
        }
    }
}

/// As many leading bands of U as are known.
#[derive(Clone, Copy)]
struct FactorView<'a> {
    rows: usize,
    columns: usize,
    values: &'a [f32],
    reciprocals: &'a [f32],
}

impl<'a> FactorView<'a> {
    /// Columns `row..row + ROWS` of U.
    #[inline(always)]
    fn at(self, row: usize) -> Factors<'a> {
        Factors { band: band(self.values, self.rows, self.columns, row / WIDTH), first: row % WIDTH }
    }
}

/// Replaces X by Y with C Y = X in a band.
struct Substitute<'a> {
    factor: FactorView<'a>,
    values: &'a mut [f32],
    width: usize,
    /// Up to this row.
    rows: usize,
}

impl WithSimd for Substitute<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { factor, values, width, rows } = self;
        for row in (0..rows).step_by(ROWS) {
            each_tile!(S, width, |first, REGISTERS| {
                substitute::<S, REGISTERS>(simd, factor, values, width, first, row);
            });
        }
    }
}

/// Solves for the eight rows from `row` on of a tile of columns, with those above solved.
#[inline(always)]
fn substitute<S: Simd, const R: usize>(
    simd: S,
    factor: FactorView<'_>,
    values: &mut [f32],
    width: usize,
    first: usize,
    row: usize,
) {
    let (above, rows) = values.split_at_mut(row * width);
    let factors = factor.at(row);
    let mut rest = products::<S, R>(simd, factors, Band { width, values: above }, first, row);
    let reciprocals: &[f32; ROWS] = factor.reciprocals[row..].first_chunk().expect("whole tiles");
    let rows = rows.chunks_exact_mut(width);
    for (m, ((x, factors), &reciprocal)) in rows.zip(factors.rows_from(row)).zip(reciprocals).enumerate() {
        let x: &mut [S::f32s; R] = tile_row_mut::<S, R>(&mut x[first..]);
        let reciprocal = simd.splat_f32s(reciprocal);
        for (x, &rest) in x.iter_mut().zip(&rest[m]) {
            *x = simd.mul_f32s(simd.sub_f32s(*x, rest), reciprocal);
        }
        for (rest, &factor) in rest.iter_mut().zip(factors).skip(m + 1) {
            let factor = simd.splat_f32s(factor);
            for (rest, &x) in rest.iter_mut().zip(&*x) {
                *rest = simd.mul_add_f32s(x, factor, *rest);
            }
        }
    }
}

/// See [`Bands::factorise`]. A band is solved by those before it down to its diagonal, then by itself.
struct Factorise<'a> {
    q: &'a mut Bands,
    smallest: f32,
    reciprocals: &'a mut Vec<f32>,
}

impl WithSimd for Factorise<'_> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> bool {
        let Self { q, smallest, reciprocals } = self;
        let (rows, columns) = (q.rows, q.columns);
        for k in 0..columns.div_ceil(WIDTH) {
            let start = k * WIDTH;
            let width = WIDTH.min(columns - start);
            let (known, band) = q.values.split_at_mut(start * rows);
            let band = &mut band[..width * rows];
            let factor = FactorView { rows, columns, values: known, reciprocals };
            Substitute { factor, values: band, width, rows: start }.with_simd(simd);
            for row in (start..rows.min(start + width)).step_by(ROWS) {
                each_tile!(S, width, |first, REGISTERS| {
                    reduce::<S, REGISTERS>(simd, band, width, first, row, row - start);
                });
                if !pivot(&mut band[row * width..][..ROWS * width], width, row - start, smallest, reciprocals)
                {
                    return false;
                }
            }
        }
        true
    }
}

/// Takes the part of the rows above off the eight rows from `row` on, for a tile of columns of the band whose
/// columns from `factors` on stand for these rows.
#[inline(always)]
fn reduce<S: Simd, const R: usize>(
    simd: S,
    values: &mut [f32],
    width: usize,
    first: usize,
    row: usize,
    factors: usize,
) {
    let (above, rows) = values.split_at_mut(row * width);
    let band = Band { width, values: above };
    let sums = products::<S, R>(simd, Factors { band, first: factors }, band, first, row);
    for (x, sums) in rows.chunks_exact_mut(width).zip(&sums) {
        let x: &mut [S::f32s; R] = tile_row_mut::<S, R>(&mut x[first..]);
        x.iter_mut().zip(sums).for_each(|(x, &sum)| *x = simd.sub_f32s(*x, sum));
    }
}

/// Eliminates within eight rows, whose diagonal begins at column `diagonal`, and appends the reciprocals.
/// Whether all pivots are at least `smallest`.
#[inline(always)]
fn pivot(rows: &mut [f32], width: usize, diagonal: usize, smallest: f32, reciprocals: &mut Vec<f32>) -> bool {
    for m in 0..ROWS {
        let (row, below) = rows[m * width..].split_at_mut(width);
        let pivot = row[diagonal + m];
        // So that what is not a number is not good either.
        let good = pivot >= smallest;
        if !good {
            return false;
        }
        let reciprocal = pivot.sqrt().recip();
        row.iter_mut().for_each(|x| *x *= reciprocal);
        reciprocals.push(reciprocal);
        for (l, below) in below.chunks_exact_mut(width).enumerate() {
            let factor = row[diagonal + m + 1 + l];
            below.iter_mut().zip(&*row).for_each(|(x, &y)| *x -= factor * y);
        }
    }
    true
}
