//! This is the exponential loss of margins in the mean over Bernoulli noise (see the protocol `mcf`). With
//! a_i = sum_j c(W_ij) and h = u(W) xi + b, the loss is 1/M sum_{m,i} exp(a_i - xi_i h_i) + l2/2 |W|^2, u and
//! c taken of every weight.
//!
//! With e = exp(-2 |w|), A = 1 - q + q e and B = q + (1 - q) e these are u(w) = sign(w) ln(A/B)/2 and c(w) =
//! |w| + ln(A B)/2, with the slopes u' = (1 - 2q) e/(A B) and c' = sign(w) q (1 - q) (1 - e^2)/(A B): nothing
//! is lost where tanh w rounds to 1.

use super::Mcf;
use crate::parallel::{by_chunks, by_columns, by_rows, threads};
use crate::patterns::Patterns;
use crate::protocol::lbfgs::{self, Objective, Rules, largest};
use crate::protocol::penalty::penalise;
use crate::protocol::phi::MarginLoss;
use crate::protocol::{MarginDiagonal, Watch, WriteError, Written};
use crate::real::{Real, exp_f64, ln_f64, vectorised};
use crate::symmetric::column;
use crate::weights::Weights;
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};

/// A `MarginalLoss` is the loss of one set of messages, with its buffers.
pub(super) struct MarginalLoss<R> {
    /// Messages as columns, N x M.
    messages: Mat<R>,
    /// N x M: fields, then the loss's derivative in them.
    fields: Mat<R>,
    /// u(W).
    couplings: Mat<R>,
    /// u' of every weight, column by column.
    coupling_slopes: Vec<R>,
    /// c' of every weight.
    charge_slopes: Vec<R>,
    /// a_i, and then minus the mean over messages of unit i's losses.
    units: Vec<R>,
    /// The losses of the messages, which are summed in their order.
    losses: Vec<f64>,
    noise: f64,
    l2: f64,
    diagonal: MarginDiagonal,
    thresholds: bool,
}

/// What noise makes of a coupling.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Noisy {
    /// u(w), what the unit is worth as a witness.
    coupling: f64,
    /// c(w), what relying on it costs.
    charge: f64,
    /// u'(w).
    coupling_slope: f64,
    /// c'(w).
    charge_slope: f64,
}

impl Noisy {
    #[inline(always)]
    fn of(w: f64, q: f64) -> Self {
        let e = exp_f64(-2.0 * w.abs());
        let (a, b) = (1.0 - q + q * e, q + (1.0 - q) * e);
        // Without noise B is e, which a large weight takes below the smallest number; its logarithm is known.
        let (ln_a, ln_b) = (ln_f64(a), if q == 0.0 { -2.0 * w.abs() } else { ln_f64(b) });
        let inverse = 1.0 / (a * b);
        let slope = if q == 0.0 { 1.0 } else { (1.0 - 2.0 * q) * e * inverse };
        let charge_slope = if q == 0.0 { 0.0 } else { q * (1.0 - q) * (1.0 - e * e) * inverse };
        Self {
            coupling: 0.5 * (ln_a - ln_b) * w.signum(),
            charge: w.abs() + 0.5 * (ln_a + ln_b),
            coupling_slope: slope,
            charge_slope: charge_slope * w.signum(),
        }
    }
}

impl<R: Real> MarginalLoss<R> {
    pub(super) fn of(messages: &Patterns, mcf: &Mcf) -> Self {
        let (n, m) = (messages.n(), messages.count());
        Self {
            messages: messages.columns(),
            fields: Mat::zeros(n, m),
            couplings: Mat::zeros(n, n),
            coupling_slopes: vec![R::default(); n * n],
            charge_slopes: vec![R::default(); n * n],
            units: vec![R::default(); n],
            losses: vec![0.0; m],
            noise: mcf.noise.get(),
            l2: mcf.l2.get(),
            diagonal: mcf.diagonal,
            thresholds: mcf.thresholds,
        }
    }

    fn n(&self) -> usize {
        self.messages.nrows()
    }

    /// Length of the parameter vector: W, column by column, then b.
    fn parameters(&self) -> usize {
        let n = self.n();
        n * n + if self.thresholds { n } else { 0 }
    }

    /// Takes u and c of every weight, and their slopes.
    fn meet_noise(&mut self, w: &[R]) {
        let (n, q) = (self.n(), self.noise);
        self.units.fill(R::default());
        let matrices = [
            self.couplings.as_mut(),
            MatMut::from_column_major_slice_mut(&mut self.coupling_slopes, n, n),
            MatMut::from_column_major_slice_mut(&mut self.charge_slopes, n, n),
        ];
        let piece = |first: usize, [couplings, slopes, charges]: [MatMut<'_, R>; 3], units: &mut [R]| {
            let columns = couplings.col_iter_mut().zip(slopes.col_iter_mut()).zip(charges.col_iter_mut());
            for (w, ((couplings, slopes), charges)) in w.chunks_exact(n).zip(columns) {
                let [couplings, slopes, charges] = [couplings, slopes, charges]
                    .map(|c| c.try_as_col_major_mut().expect("columns are contiguous").as_slice_mut());
                let (w, units) = (&w[first..], &mut *units);
                vectorised(
                    #[inline(always)]
                    move || {
                        let slopes = slopes.iter_mut().zip(charges);
                        let sums = couplings.iter_mut().zip(units);
                        for ((&w, (coupling, charge)), slopes) in w.iter().zip(sums).zip(slopes) {
                            let noisy = Noisy::of(w.into(), q);
                            *coupling = R::round_from(noisy.coupling);
                            *charge += R::round_from(noisy.charge);
                            *slopes.0 = R::round_from(noisy.coupling_slope);
                            *slopes.1 = R::round_from(noisy.charge_slope);
                        }
                    },
                );
            }
        };
        by_rows((0, matrices), &mut self.units, threads(n), &piece);
    }

    /// fields <- u(W) xi + b - a xi, so that the margin of a unit is xi_i h_i - a_i.
    fn drive(&mut self, b: &[R]) {
        let (couplings, messages) = (self.couplings.as_ref(), self.messages.as_ref());
        let threads = threads(messages.nrows());
        matmul(self.fields.as_mut(), Accum::Replace, couplings, messages, R::from(1_i8), threads);
        for (fields, xi) in self.fields.col_iter_mut().zip(self.messages.col_iter()) {
            for ((h, xi), a) in fields.iter_mut().zip(xi.iter()).zip(&self.units) {
                *h += -(*a * *xi);
            }
        }
        if self.thresholds {
            for fields in self.fields.col_iter_mut() {
                fields.iter_mut().zip(b).for_each(|(h, b)| *h += *b);
            }
        }
    }

    /// fields <- minus the loss's share of a unit in a message, times xi; the mean loss of a message.
    fn weigh(&mut self) -> f64 {
        let m = self.messages.ncols() as f64;
        let scale = R::round_from(-1.0 / m);
        let messages = self.messages.as_ref();
        let piece = |first: usize, fields: MatMut<'_, R>, losses: &mut [f64]| {
            for ((message, h), loss) in (first..).zip(fields.col_iter_mut()).zip(losses) {
                let h = h.try_as_col_major_mut().expect("columns are contiguous").as_slice_mut();
                *loss = MarginLoss::Exponential.weigh(scale, column(messages, message), h);
            }
        };
        by_columns((0, self.fields.as_mut()), &mut self.losses, threads(messages.nrows()), &piece);
        self.losses.iter().sum::<f64>() / m
    }

    /// Sets the gradient in W and adds the penalty's to it; gives the penalty.
    fn differentiate(&mut self, w: &[R], g: &mut [R]) -> f64 {
        let n = self.n();
        self.units.fill(R::default());
        for (fields, xi) in self.fields.col_iter().zip(self.messages.col_iter()) {
            for ((unit, f), xi) in self.units.iter_mut().zip(fields.iter()).zip(xi.iter()) {
                *unit += *f * *xi;
            }
        }
        let product = MatMut::from_column_major_slice_mut(g, n, n);
        let (fields, messages) = (self.fields.as_ref(), self.messages.transpose());
        matmul(product, Accum::Replace, fields, messages, R::from(1_i8), threads(n));
        let (coupling_slopes, charge_slopes, units) =
            (&self.coupling_slopes, &self.charge_slopes, &self.units);
        by_chunks(n, (0, g), &mut vec![(); n], threads(n), &|first, g: &mut [R], _| {
            let slopes = coupling_slopes.chunks_exact(n).zip(charge_slopes.chunks_exact(n)).skip(first);
            for (g, (couplings, charges)) in g.chunks_exact_mut(n).zip(slopes) {
                let slopes = couplings.iter().zip(charges);
                for ((g, (coupling, charge)), unit) in g.iter_mut().zip(slopes).zip(units) {
                    *g = *coupling * *g - *charge * *unit;
                }
            }
        });
        if self.diagonal == MarginDiagonal::Zero {
            g.iter_mut().step_by(n + 1).for_each(|g| *g = R::default());
        }
        penalise(self.l2, w, g)
    }
}

impl MarginalLoss<f32> {
    /// Writes the memory at the minimum, found by L-BFGS from 0. Its objective is reported for all messages,
    /// not as their mean.
    pub(super) fn write(mut self, rules: Rules, watch: &mut Watch<'_>) -> Result<Written, WriteError> {
        let (n, messages) = (self.n(), self.messages.ncols());
        let mut x = vec![0.0; self.parameters()];
        let minimum = lbfgs::minimise(&mut self, &mut x, rules, watch)
            .map_err(|(iteration, reason)| WriteError::Interrupted { iteration, reason })?;
        let (w, b) = x.split_at(n * n);
        let mut weights = Weights::new(MatRef::from_column_major_slice(w, n, n).to_owned())?;
        if self.thresholds {
            weights = weights.with_thresholds(b.to_vec())?;
        }
        Ok(Written { weights, report: minimum.report(messages) })
    }
}

impl<R: Real> Objective<R> for MarginalLoss<R> {
    fn evaluate(&mut self, x: &[R], gradient: &mut [R]) -> f64 {
        let weights = self.n() * self.n();
        let (w, b) = x.split_at(weights);
        self.meet_noise(w);
        self.drive(b);
        let loss = self.weigh();
        let (gw, gb) = gradient.split_at_mut(weights);
        if self.thresholds {
            gb.fill(R::default());
            for column in self.fields.col_iter() {
                gb.iter_mut().zip(column.iter()).for_each(|(g, f)| *g += *f);
            }
        }
        loss + self.differentiate(w, gw)
    }

    fn largest(&self, gradient: &[R]) -> f64 {
        largest(gradient, self.threads())
    }

    fn threads(&self) -> Par {
        threads(self.n())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::parameter::allowed;
    use crate::seed::Stream;
    use proptest::prelude::*;

    fn any_mcf() -> impl Strategy<Value = Mcf> {
        let diagonal = prop_oneof![Just(MarginDiagonal::Zero), Just(MarginDiagonal::Free)];
        let noise = prop_oneof![Just(0.0), 0.0_f64..0.5, Just(0.5)];
        (noise, 0.0_f64..0.5, diagonal, any::<bool>()).prop_map(|(noise, l2, diagonal, thresholds)| Mcf {
            noise: allowed(noise),
            l2: allowed(l2),
            diagonal,
            thresholds,
            ..Mcf::default()
        })
    }

    fn point(loss: &MarginalLoss<f64>, scale: f64, stream: &mut Stream) -> Vec<f64> {
        let n = loss.n();
        let mut x: Vec<f64> = (0..loss.parameters()).map(|_| scale * stream.normal()).collect();
        if loss.diagonal == MarginDiagonal::Zero {
            (0..n).for_each(|j| x[j * n + j] = 0.0);
        }
        x
    }

    proptest! {
        #[test]
        fn the_loss_is_the_mean_over_all_flips_one_by_one(
            n in 1_usize..7, m in 1_usize..5, mcf in any_mcf(), seed: u64,
        ) {
            let mut stream = Stream::named(seed, "test", &[]);
            let messages = Patterns::random(n, m, &mut stream);
            let mut loss = MarginalLoss::<f64>::of(&messages, &mcf);
            let x = point(&loss, 0.5, &mut stream);
            let q = mcf.noise.get();
            let mut expected = 0.5 * mcf.l2.get() * x[..n * n].iter().map(|w| w * w).sum::<f64>();
            for xi in messages.rows() {
                for flips in 0..1_u32 << n {
                    let flipped = |j: usize| flips >> j & 1 == 1;
                    let chance: f64 = (0..n).map(|j| if flipped(j) { q } else { 1.0 - q }).product();
                    let bit = |j: usize| f64::from(if flipped(j) { -xi[j] } else { xi[j] });
                    for i in 0..n {
                        let field: f64 = (0..n).map(|j| x[j * n + i] * bit(j)).sum();
                        let b = if mcf.thresholds { x[n * n + i] } else { 0.0 };
                        expected += chance * (-f64::from(xi[i]) * (field + b)).exp() / m as f64;
                    }
                }
            }
            let value = loss.evaluate(&x, &mut vec![0.0; x.len()]);
            prop_assert!((value / expected - 1.0).abs() < 1e-12, "{value} against {expected}");
        }

        #[test]
        fn gradient_agrees_with_finite_differences(
            n in 1_usize..10, m in 1_usize..8, mcf in any_mcf(), seed: u64,
        ) {
            let mut stream = Stream::named(seed, "test", &[]);
            let messages = Patterns::random(n, m, &mut stream);
            let mut loss = MarginalLoss::<f64>::of(&messages, &mcf);
            let (x, direction) = (point(&loss, 0.3, &mut stream), point(&loss, 1.0, &mut stream));
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
            prop_assert!((analytic - numeric).abs() <= 1e-7 * scale.max(1e-3), "{analytic} against {numeric}");
        }

        /// Couplings are bounded, nothing is charged without noise, and pure noise says nothing.
        #[test]
        fn noise_bounds_a_coupling_and_charges_for_it(w in -50.0_f64..50.0, q in 0.0_f64..0.5) {
            let noisy = Noisy::of(w, q);
            let (t, r) = (w.tanh(), 1.0 - 2.0 * q);
            if w.abs() < 8.0 {
                prop_assert!((noisy.coupling - (r * t).atanh()).abs() < 1e-7);
                let charge = w.cosh().ln() + 0.5 * (1.0 - r * r * t * t).ln();
                prop_assert!((noisy.charge - charge).abs() < 1e-7);
            }
            prop_assert!(q == 0.0 || noisy.coupling.abs() <= 0.5 * ((1.0 - q) / q).ln() + 1e-12);
            prop_assert!(noisy.charge >= -1e-12);
            let none = Noisy::of(w, 0.0);
            prop_assert!((none.coupling - w).abs() < 1e-9 && none.charge.abs() < 1e-9);
            let all = Noisy::of(w, 0.5);
            prop_assert!(all.coupling.abs() < 1e-12 && all.coupling_slope == 0.0);
        }
    }
}
