//! The convex loss of margins that several protocols minimise: 1/M sum_{m,i} phi(xi_i^m h_i^m) with h = W xi + b, plus
//! l2/2 |W|^2, over symmetric or free W with zero diagonal.
//!
//! With phi(u) = exp(-u) and symmetric W it is minimum probability flow over the states within Hamming distance one
//! (Sohl-Dickstein, Battaglino, DeWeese 2011), because flipping bit i of xi costs the energy 2 xi_i h_i.
//!
//! A symmetric W is searched as its strictly lower triangle times sqrt(2): then the length of a parameter vector is the
//! Frobenius norm of W, so the optimiser takes the same steps as on the full matrix with half the numbers.

use crate::lbfgs::{Objective, largest};
use crate::parallel::threads;
use crate::patterns::Patterns;
use crate::real::{Real, vectorised};
use crate::symmetric;
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef};
use std::f64::consts::FRAC_1_SQRT_2;

/// The loss of one set of messages, with its buffers.
pub(crate) struct PatternLoss<R> {
    /// Messages as columns, N x M.
    xi: Mat<R>,
    /// N x M: fields, then phi' times the sign.
    fields: Mat<R>,
    /// W, where the parameters are packed.
    w: Mat<R>,
    /// dloss/dW, where it has to be packed.
    product: Mat<R>,
    symmetric: bool,
    thresholds: bool,
    l2: R,
}

impl<R: Real> PatternLoss<R> {
    pub(crate) fn new(messages: &Patterns, symmetric: bool, thresholds: bool, l2: f64) -> Self {
        let xi = messages.columns::<R>();
        let fields = Mat::zeros(xi.nrows(), xi.ncols());
        let side = if symmetric { xi.nrows() } else { 0 };
        let square = || Mat::zeros(side, side);
        Self { xi, fields, w: square(), product: square(), symmetric, thresholds, l2: R::round_from(l2) }
    }

    /// Length of the parameter vector: W, column by column or packed, then b.
    pub(crate) fn parameters(&self) -> usize {
        self.weights() + if self.thresholds { self.xi.nrows() } else { 0 }
    }

    /// How many of the parameters are W's.
    fn weights(&self) -> usize {
        let n = self.xi.nrows();
        if self.symmetric { symmetric::packed_len(n) } else { n * n }
    }

    /// W and b of a parameter vector.
    pub(crate) fn parts<'a>(&self, x: &'a [R]) -> (Mat<R>, Option<&'a [R]>) {
        let n = self.xi.nrows();
        let (w, b) = x.split_at(self.weights());
        let w = if self.symmetric {
            let mut unpacked = Mat::zeros(n, n);
            symmetric::unpack(R::round_from(FRAC_1_SQRT_2), w, unpacked.as_mut());
            unpacked
        } else {
            MatRef::from_column_major_slice(w, n, n).to_owned()
        };
        (w, self.thresholds.then_some(b))
    }

    /// fields <- W xi + b.
    fn drive(&mut self, x: &[R]) {
        let n = self.xi.nrows();
        let (w, b) = x.split_at(self.weights());
        let w = if self.symmetric {
            symmetric::unpack(R::round_from(FRAC_1_SQRT_2), w, self.w.as_mut());
            self.w.as_ref()
        } else {
            MatRef::from_column_major_slice(w, n, n)
        };
        matmul(self.fields.as_mut(), Accum::Replace, w, self.xi.as_ref(), R::from(1_i8), threads(n));
        if self.thresholds {
            for column in self.fields.col_iter_mut() {
                column.iter_mut().zip(b).for_each(|(h, b)| *h += *b);
            }
        }
    }

    /// fields <- phi'(u) signs / M in place of h, u = xi h; the sum of phi/M.
    fn weigh(&mut self) -> f64 {
        let m = self.xi.ncols();
        let scale = R::round_from(-1.0 / m as f64);
        let columns = self.fields.col_iter_mut().zip(self.xi.col_iter());
        let total: f64 = columns
            .map(|(h, xi)| {
                let h = h.try_as_col_major_mut().expect("columns are contiguous").as_slice_mut();
                weigh_column(scale, xi.try_as_col_major().expect("columns are contiguous").as_slice(), h)
            })
            .sum();
        total / m as f64
    }

    /// Sets the part of W in the gradient, and adds the penalty's to it; gives the penalty.
    fn differentiate(&mut self, w: &[R], g: &mut [R]) -> f64 {
        let n = self.xi.nrows();
        let one = R::from(1_i8);
        let (fields, xi) = (self.fields.as_ref(), self.xi.transpose());
        if self.symmetric {
            matmul(self.product.as_mut(), Accum::Replace, fields, xi, one, threads(n));
            symmetric::pack_sum(R::round_from(FRAC_1_SQRT_2), self.product.as_ref(), g);
        } else {
            let product = MatMut::from_column_major_slice_mut(g, n, n);
            matmul(product, Accum::Replace, fields, xi, one, threads(n));
            g.iter_mut().step_by(n + 1).for_each(|g| *g = R::default());
        }
        let l2: f64 = self.l2.into();
        if l2 == 0.0 {
            return 0.0;
        }
        g.iter_mut().zip(w).for_each(|(g, w)| *g += self.l2 * *w);
        0.5 * l2 * w.iter().map(|&w| w.into() * w.into()).sum::<f64>()
    }
}

/// h <- scale xi exp(-xi h); the sum of the exponentials.
fn weigh_column<R: Real>(scale: R, xi: &[R], h: &mut [R]) -> f64 {
    const LANES: usize = 32;
    let negligible = R::round_from(1e-30);
    vectorised(
        #[inline(always)]
        move || {
            let mut sums = [R::default(); LANES];
            for (h, xi) in h.chunks_mut(LANES).zip(xi.chunks(LANES)) {
                for ((h, &xi), sum) in h.iter_mut().zip(xi).zip(&mut sums) {
                    let e = (-(xi * *h)).exponential();
                    // Below that it moves no sum, but as a subnormal number it would slow the products down thirtyfold.
                    let e = if e < negligible { R::default() } else { e };
                    *sum += e;
                    *h = scale * xi * e;
                }
            }
            sums.iter().map(|&s| s.into()).sum()
        },
    )
}

impl<R: Real> Objective<R> for PatternLoss<R> {
    fn evaluate(&mut self, x: &[R], gradient: &mut [R]) -> f64 {
        self.drive(x);
        let loss = self.weigh();
        let weights = self.weights();
        let (gw, gb) = gradient.split_at_mut(weights);
        if self.thresholds {
            gb.fill(R::default());
            for column in self.fields.col_iter() {
                gb.iter_mut().zip(column.iter()).for_each(|(g, f)| *g += *f);
            }
        }
        loss + self.differentiate(&x[..weights], gw)
    }

    /// As entries of matrices.
    fn largest(&self, gradient: &[R]) -> f64 {
        let (w, b) = gradient.split_at(self.weights());
        let unit = if self.symmetric { FRAC_1_SQRT_2 } else { 1.0 };
        (unit * largest(w)).max(largest(b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::hop::outer_product;
    use crate::seed::Stream;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn gradient_agrees_with_finite_differences(
            n in 2_usize..10, m in 1_usize..8, symmetric: bool, thresholds: bool, l2 in 0.0_f64..0.5, seed: u64,
        ) {
            let mut stream = Stream::named(seed, "test", &[]);
            let messages = Patterns::random(n, m, &mut stream);
            let mut loss = PatternLoss::<f64>::new(&messages, symmetric, thresholds, l2);
            // A free W is searched with its diagonal at 0.
            let mut draw = |scale: f64| {
                let mut x: Vec<f64> = (0..loss.parameters()).map(|_| scale * stream.normal()).collect();
                if !symmetric {
                    (0..n).for_each(|j| x[j * n + j] = 0.0);
                }
                x
            };
            let (x, direction) = (draw(0.3), draw(1.0));
            let mut gradient = vec![0.0; x.len()];
            loss.evaluate(&x, &mut gradient);
            let analytic: f64 = gradient.iter().zip(&direction).map(|(g, d)| g * d).sum();
            let mut at = |t: f64| {
                let moved: Vec<f64> = x.iter().zip(&direction).map(|(x, d)| x + t * d).collect();
                loss.evaluate(&moved, &mut vec![0.0; x.len()])
            };
            let h = 1e-3;
            let numeric = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
            let scale = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
            prop_assert!((analytic - numeric).abs() <= 1e-7 * scale, "{analytic} against {numeric}");
        }

        #[test]
        fn the_first_gradient_is_the_outer_product(n in 2_usize..30, m in 1_usize..30, seed: u64) {
            let messages = Patterns::random(n, m, &mut Stream::named(seed, "test", &[]));
            let mut loss = PatternLoss::<f64>::new(&messages, true, false, 0.0);
            let mut gradient = vec![0.0; loss.parameters()];
            loss.evaluate(&vec![0.0; loss.parameters()], &mut gradient);
            let (gradient, _) = loss.parts(&gradient);
            let hop = outer_product(&messages);
            for i in 0..n {
                for j in 0..n {
                    let expected = if i == j { 0.0 } else { -f64::from(hop[(i, j)]) / m as f64 };
                    prop_assert!((gradient[(i, j)] - expected).abs() < 1e-12);
                }
            }
        }
    }
}
