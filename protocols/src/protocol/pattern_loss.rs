//! The convex loss of margins that several protocols minimise: 1/M sum_{m,i} phi(xi_i^m h_i^m) with h = W xi + b, plus
//! l2/2 |W|^2, over symmetric or free W with zero diagonal.
//!
//! With phi(u) = exp(-u) and symmetric W it is minimum probability flow over the states within Hamming distance one
//! (Sohl-Dickstein, Battaglino, DeWeese 2011), because flipping bit i of xi costs the energy 2 xi_i h_i.
//!
//! A symmetric W is kept as the full matrix, not as a packed triangle: every vector operation of the optimiser on
//! symmetric matrices is the packed one with all dot products doubled, so the iterates are the same and nothing is ever
//! unpacked.

use crate::lbfgs::Objective;
use crate::patterns::Patterns;
use crate::real::Real;
use crate::symmetric;
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};

/// The loss of one set of messages, with its buffers.
pub(crate) struct PatternLoss<R> {
    /// Messages as columns, N x M.
    xi: Mat<R>,
    /// N x M: fields, then phi' times the sign.
    fields: Mat<R>,
    symmetric: bool,
    thresholds: bool,
    l2: R,
}

impl<R: Real> PatternLoss<R> {
    pub(crate) fn new(messages: &Patterns, symmetric: bool, thresholds: bool, l2: f64) -> Self {
        let xi = messages.columns::<R>();
        let fields = Mat::zeros(xi.nrows(), xi.ncols());
        Self { xi, fields, symmetric, thresholds, l2: R::round_from(l2) }
    }

    /// Length of the parameter vector: W column by column, then b.
    pub(crate) fn parameters(&self) -> usize {
        let n = self.xi.nrows();
        n * n + if self.thresholds { n } else { 0 }
    }

    /// W and b of a parameter vector.
    pub(crate) fn parts<'a>(&self, x: &'a [R]) -> (MatRef<'a, R>, Option<&'a [R]>) {
        let n = self.xi.nrows();
        let (w, b) = x.split_at(n * n);
        (MatRef::from_column_major_slice(w, n, n), self.thresholds.then_some(b))
    }

    /// fields <- -(phi'(u) signs)/M in place of h; the sum of phi/M.
    fn weigh(&mut self) -> f64 {
        let m = self.xi.ncols();
        let scale = R::round_from(1.0 / m as f64);
        let mut total = 0.0;
        for column in 0..m {
            let xi = self.xi.col(column).try_as_col_major().expect("columns are contiguous").as_slice();
            let h = self
                .fields
                .col_mut(column)
                .try_as_col_major_mut()
                .expect("columns are contiguous")
                .as_slice_mut();
            h.iter_mut().zip(xi).for_each(|(h, xi)| *h = -(*xi * *h));
            R::map_exp(h);
            total += h.iter().map(|&e| e.into()).sum::<f64>();
            h.iter_mut().zip(xi).for_each(|(h, xi)| *h = -(scale * *xi * *h));
        }
        total / m as f64
    }

    /// Symmetrises the gradient of W, clears its diagonal and adds the penalty's; gives the penalty.
    fn constrain(&self, w: &[R], g: &mut [R]) -> f64 {
        let n = self.xi.nrows();
        if self.symmetric {
            symmetric::symmetrise(MatMut::from_column_major_slice_mut(g, n, n));
        }
        g.iter_mut().step_by(n + 1).for_each(|g| *g = R::default());
        let l2: f64 = self.l2.into();
        if l2 == 0.0 {
            return 0.0;
        }
        g.iter_mut().zip(w).for_each(|(g, w)| *g += self.l2 * *w);
        0.5 * l2 * w.iter().map(|&w| w.into() * w.into()).sum::<f64>()
    }
}

impl<R: Real> Objective<R> for PatternLoss<R> {
    fn evaluate(&mut self, x: &[R], gradient: &mut [R]) -> f64 {
        let n = self.xi.nrows();
        let one = R::from(1_i8);
        let (w, b) = self.parts(x);
        matmul(self.fields.as_mut(), Accum::Replace, w, self.xi.as_ref(), one, Par::Seq);
        if let Some(b) = b {
            for column in self.fields.col_iter_mut() {
                column.iter_mut().zip(b).for_each(|(h, b)| *h += *b);
            }
        }
        let loss = self.weigh();
        let (gw, gb) = gradient.split_at_mut(n * n);
        let product = MatMut::from_column_major_slice_mut(gw, n, n);
        matmul(product, Accum::Replace, self.fields.as_ref(), self.xi.transpose(), one, Par::Seq);
        if self.thresholds {
            gb.fill(R::default());
            for column in self.fields.col_iter() {
                gb.iter_mut().zip(column.iter()).for_each(|(g, f)| *g += *f);
            }
        }
        loss + self.constrain(&x[..n * n], gw)
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
            // Points and directions in the subspace that is searched, made by the loss's own projection of noise.
            let mut draw = |scale: f64| {
                let mut x: Vec<f64> = (0..loss.parameters()).map(|_| scale * stream.normal()).collect();
                for j in 0..n {
                    x[j * n + j] = 0.0;
                    for i in 0..j {
                        if symmetric {
                            x[i * n + j] = x[j * n + i];
                        }
                    }
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
            let mut gradient = vec![0.0; n * n];
            loss.evaluate(&vec![0.0; n * n], &mut gradient);
            let hop = outer_product(&messages);
            for i in 0..n {
                for j in 0..n {
                    let expected = if i == j { 0.0 } else { -f64::from(hop[(i, j)]) / m as f64 };
                    prop_assert!((gradient[j * n + i] - expected).abs() < 1e-12);
                }
            }
        }
    }
}
