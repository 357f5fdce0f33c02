//! The products of training are taken in tiles where these know them, else by the library. Vectors lie side by
//! side, [`Products::length`] values each, of which those beyond N are 0.

use crate::parallel::{matmul, threads};
use crate::real::Real;
use crate::tiles::{self, Panels, QUERIES, padded};
use faer::{Accum, MatMut, MatRef};

/// The `Products` of one matrix W with batches of vectors.
pub(super) trait Products<R> {
    /// Makes room for a matrix of side `n`.
    fn new(n: usize) -> Self;

    /// Returns the length of a vector of `n` units.
    fn length(n: usize) -> usize;

    /// Takes W, column by column.
    fn set(&mut self, w: &[R]);

    /// Sets y <- W x. There is room for a multiple of [`QUERIES`] vectors.
    fn product(&self, x: &[R], y: &mut [R]);

    /// Sets y <- W^T x, likewise.
    fn transposed(&self, x: &[R], y: &mut [R]);

    /// Sets A <- A + D X^T. A has columns of [`Products::length`].
    fn add_outer(a: &mut [R], n: usize, d: &[R], x: &[R]);
}

/// The `Library` multiplies in any precision, matrices of any size.
pub(super) struct Library<R> {
    n: usize,
    w: Vec<R>,
}

impl<R: Real> Library<R> {
    fn multiply(dst: MatMut<'_, R>, accumulate: Accum, a: MatRef<'_, R>, b: MatRef<'_, R>) {
        let threads = threads(dst.nrows());
        matmul(dst, accumulate, a, b, R::from(1_i8), threads);
    }

    fn matrix(&self) -> MatRef<'_, R> {
        MatRef::from_column_major_slice(&self.w, self.n, self.n)
    }
}

impl<R: Real> Products<R> for Library<R> {
    fn new(n: usize) -> Self {
        Self { n, w: vec![R::default(); n * n] }
    }

    fn length(n: usize) -> usize {
        n
    }

    fn set(&mut self, w: &[R]) {
        self.w.copy_from_slice(w);
    }

    fn product(&self, x: &[R], y: &mut [R]) {
        let (n, width) = (self.n, x.len() / self.n);
        let y = MatMut::from_column_major_slice_mut(y, n, width);
        Self::multiply(y, Accum::Replace, self.matrix(), MatRef::from_column_major_slice(x, n, width));
    }

    fn transposed(&self, x: &[R], y: &mut [R]) {
        let (n, width) = (self.n, x.len() / self.n);
        let y = MatMut::from_column_major_slice_mut(y, n, width);
        let w = self.matrix().transpose();
        Self::multiply(y, Accum::Replace, w, MatRef::from_column_major_slice(x, n, width));
    }

    fn add_outer(a: &mut [R], n: usize, d: &[R], x: &[R]) {
        let width = x.len() / n;
        let a = MatMut::from_column_major_slice_mut(a, n, n);
        let d = MatRef::from_column_major_slice(d, n, width);
        Self::multiply(a, Accum::Add, d, MatRef::from_column_major_slice(x, n, width).transpose());
    }
}

/// `Tiles` multiply in f32 matrices of up to some hundred units.
pub(super) struct Tiles {
    w: Panels,
    transposed: Panels,
}

impl Products<f32> for Tiles {
    fn new(n: usize) -> Self {
        Self { w: Panels::zeros(n), transposed: Panels::zeros(n) }
    }

    fn length(n: usize) -> usize {
        padded(n)
    }

    fn set(&mut self, w: &[f32]) {
        self.w.set(w);
        self.transposed.set_transposed(w);
    }

    fn product(&self, x: &[f32], y: &mut [f32]) {
        self.w.product(x, y, 0, |_, _, _| {});
    }

    fn transposed(&self, x: &[f32], y: &mut [f32]) {
        self.transposed.product(x, y, 0, |_, _, _| {});
    }

    fn add_outer(a: &mut [f32], n: usize, d: &[f32], x: &[f32]) {
        tiles::add_outer_product(a, n, d, x);
    }
}

/// Vectors that a chunk is made of are a multiple of this.
pub(super) const WHOLE: usize = QUERIES;
