//! A convex loss of margins falls apart into one for each unit, where W need not be symmetric. That of unit i is 1/P
//! sum_p phi(xi_i^p h_i^p) + l2/2 |w_i|^2 with h_i^p = w_i.x^p + b_i, over its row w_i of W and its threshold. The P
//! states x are messages or noisy copies of them, and xi^p are the signs of the message.
//!
//! With a noise q it is the mean over states of which every bit is flipped with probability q, for the exponential
//! loss: 1/P sum_p exp(sum_j c(W_ij) - xi_i^p (sum_j u(W_ij) x_j^p + b_i)) (see the protocol `mcf`). Without noise u is
//! the weight, and c is 0.

mod noise;

use self::noise::Slopes;
use super::lbfgs::{Rules, SLOTS, UnitObjective, dot, minimise_units};
use super::penalty::penalise;
use super::phi::MarginLoss;
use super::work::F32;
use super::{Watch, WriteError, Written};
use crate::parallel::{by_chunks, matmul, threads};
use crate::patterns::Patterns;
use crate::real::{Real, vectorised};
use crate::symmetric::column;
use faer::{Accum, Mat, MatMut, MatRef, Par};

/// The `UnitTerms` say what is minimised, on whichever states.
#[derive(Clone, Copy, Debug)]
pub(super) struct UnitTerms {
    /// The loss of a margin.
    pub(super) phi: MarginLoss,
    /// Probability q with which a bit is flipped, in the mean over which the exponential loss is taken.
    pub(super) noise: f64,
    /// Whether the diagonal is searched.
    pub(super) has_diagonal: bool,
    /// Whether there are thresholds b.
    pub(super) thresholds: bool,
    /// Weight of the penalty.
    pub(super) l2: f64,
}

/// A `UnitLoss` is the loss of one set of states, with its buffers.
pub(super) struct UnitLoss<R> {
    /// States as rows, P x N: what all states have at a unit is a column.
    states: Mat<R>,
    /// The signs that units should take, M x N, those of state p in row p mod M; absent where they are the states'
    /// own.
    targets: Option<Mat<R>>,
    /// The units that are evaluated together.
    units: Vec<Unit<R>>,
    /// u of the weights of these, one unit after another; nothing without noise.
    couplings: Vec<R>,
    /// Their fields, then the loss's derivative in these.
    fields: Vec<R>,
    terms: UnitTerms,
}

/// What an evaluation keeps of a unit.
#[derive(Clone)]
struct Unit<R> {
    index: usize,
    /// Absent without noise.
    slopes: Option<Slopes<R>>,
    /// sum_j c(W_ij).
    charge: f64,
    value: f64,
}

impl<R: Real> UnitLoss<R> {
    /// Makes the loss of states (P x N) whose units should keep their signs.
    pub(super) fn of_states(states: &Patterns, terms: UnitTerms) -> Self {
        Self::new(by_unit(states), None, terms)
    }

    /// Makes the loss of noisy copies (P x N) whose units should take the signs of their message. That is the
    /// row p mod M of `messages`.
    pub(super) fn of_copies(copies: &Patterns, messages: &Patterns, terms: UnitTerms) -> Self {
        Self::new(by_unit(copies), Some(by_unit(messages)), terms)
    }

    fn new(states: Mat<R>, targets: Option<Mat<R>>, terms: UnitTerms) -> Self {
        let (count, n) = states.shape();
        let width = n.min(SLOTS);
        let is_noisy = terms.noise > 0.0;
        let unit = Unit { index: 0, slopes: is_noisy.then(|| Slopes::new(n)), charge: 0.0, value: 0.0 };
        let couplings = vec![R::default(); if is_noisy { n * width } else { 0 }];
        Self {
            states,
            targets,
            units: vec![unit; width],
            couplings,
            fields: vec![R::default(); count * width],
            terms,
        }
    }

    fn n(&self) -> usize {
        self.states.ncols()
    }

    /// Takes u and c of every weight of these units, and their slopes.
    fn meet_noise(&mut self, count: usize, x: &[R]) {
        let (n, q, parameters) = (self.n(), self.terms.noise, self.parameters());
        let piece = |first: usize, couplings: &mut [R], units: &mut [Unit<R>]| {
            let x = x[first * parameters..].chunks_exact(parameters);
            for ((x, couplings), unit) in x.zip(couplings.chunks_exact_mut(n)).zip(units) {
                if let Some(slopes) = &mut unit.slopes {
                    unit.charge = slopes.meet(q, &x[..n], couplings);
                }
            }
        };
        by_chunks(n, (0, &mut self.couplings[..n * count]), &mut self.units[..count], threads(n), &piece);
    }

    /// fields <- u(w).x of these units.
    fn drive(&mut self, count: usize, x: &[R]) {
        let ((states, n), parameters) = (self.states.shape(), self.parameters());
        let couplings = if self.couplings.is_empty() {
            MatRef::from_column_major_slice(x, parameters, count).subrows(0, n)
        } else {
            MatRef::from_column_major_slice(&self.couplings[..n * count], n, count)
        };
        let fields = MatMut::from_column_major_slice_mut(&mut self.fields[..states * count], states, count);
        matmul(fields, Accum::Replace, self.states.as_ref(), couplings, R::from(1_i8), threads(n));
    }

    /// fields <- phi'(xi h - charge) xi / P, h = fields + b; and the loss of every unit without its penalty.
    fn weigh(&mut self, count: usize, x: &[R]) {
        let ((states, n), parameters) = (self.states.shape(), self.parameters());
        let scale = R::round_from(-1.0 / states as f64);
        let (phi, targets) = (self.terms.phi, self.targets.as_ref().unwrap_or(&self.states).as_ref());
        let piece = |first: usize, fields: &mut [R], units: &mut [Unit<R>]| {
            let x = x[first * parameters..].chunks_exact(parameters);
            for ((x, fields), unit) in x.zip(fields.chunks_exact_mut(states)).zip(units) {
                let signs = column(targets, unit.index);
                let (b, a) = (x.get(n).copied().unwrap_or_default(), R::round_from(unit.charge));
                let losses = fields.chunks_mut(signs.len()).map(|h| {
                    if b != R::default() || a != R::default() {
                        shift(b, a, signs, h);
                    }
                    phi.weigh(scale, signs, h)
                });
                unit.value = losses.sum::<f64>() / states as f64;
            }
        };
        let fields = &mut self.fields[..states * count];
        by_chunks(states, (0, fields), &mut self.units[..count], threads(n), &piece);
    }

    /// gradients <- those in u(w).
    fn gather(&mut self, count: usize, gradients: &mut [R]) {
        let ((states, n), parameters) = (self.states.shape(), self.parameters());
        let fields = MatRef::from_column_major_slice(&self.fields[..states * count], states, count);
        let to = MatMut::from_column_major_slice_mut(gradients, parameters, count).subrows_mut(0, n);
        matmul(to, Accum::Replace, self.states.transpose(), fields, R::from(1_i8), threads(n));
    }

    /// Gradients in u(w) become those in all parameters, with what noise charges and the penalty.
    fn finish(&mut self, count: usize, x: &[R], gradients: &mut [R]) {
        let ((states, n), parameters) = (self.states.shape(), self.parameters());
        let (terms, fields) = (self.terms, &self.fields);
        let signs = self.states.as_ref();
        let piece = |first: usize, gradients: &mut [R], units: &mut [Unit<R>]| {
            let of_units = x.chunks_exact(parameters).zip(fields.chunks_exact(states)).skip(first);
            for ((g, unit), (x, fields)) in gradients.chunks_exact_mut(parameters).zip(units).zip(of_units) {
                let (g, of_threshold) = g.split_at_mut(n);
                of_threshold.fill(fields.iter().copied().sum());
                if let Some(slopes) = &unit.slopes {
                    slopes.pull_back(R::round_from(dot(fields, column(signs, unit.index))), g);
                }
                if !terms.has_diagonal {
                    g[unit.index] = R::default();
                }
                unit.value += penalise(terms.l2, &x[..n], g);
            }
        };
        by_chunks(parameters, (0, gradients), &mut self.units[..count], threads(n), &piece);
    }
}

/// Returns the bytes that a write takes at least, for so many units and states.
pub(super) fn bytes(n: u64, states: u64, has_noise: bool) -> u64 {
    // The states as numbers, W, and of the units that are searched together the fields and the seven vectors of an
    // L-BFGS step, and u(W) with two slopes of every weight where there is noise.
    let searched = n.min(SLOTS as u64);
    F32 * (n * states + n * n + searched * (states + n * if has_noise { 10 } else { 7 }))
}

/// h <- h + b - a xi, so that the margin of a state is xi h.
fn shift<R: Real>(b: R, a: R, xi: &[R], fields: &mut [R]) {
    vectorised(
        #[inline(always)]
        move || {
            for (h, &xi) in fields.iter_mut().zip(xi) {
                *h += b + -(a * xi);
            }
        },
    );
}

/// What all patterns have at a unit, one column a unit.
fn by_unit<R: Real>(patterns: &Patterns) -> Mat<R> {
    let (signs, count) = (patterns.by_unit(), patterns.count());
    Mat::from_fn(count, patterns.n(), |p, i| R::from(signs[i * count + p]))
}

impl<R: Real> UnitObjective<R> for UnitLoss<R> {
    fn parameters(&self) -> usize {
        self.n() + usize::from(self.terms.thresholds)
    }

    fn evaluate(&mut self, units: &[usize], x: &[R], gradients: &mut [R], values: &mut [f64]) {
        let count = units.len();
        self.units.iter_mut().zip(units).for_each(|(unit, index)| unit.index = *index);
        if !self.couplings.is_empty() {
            self.meet_noise(count, x);
        }
        self.drive(count, x);
        self.weigh(count, x);
        self.gather(count, gradients);
        self.finish(count, x, gradients);
        values.iter_mut().zip(&self.units).for_each(|(value, unit)| *value = unit.value);
    }

    fn threads(&self) -> Par {
        threads(self.n())
    }
}

impl UnitLoss<f32> {
    /// Writes the memory at the minimum, found by L-BFGS from 0. Its objective is reported for `messages`
    /// messages, not as their mean.
    pub(super) fn write(
        mut self,
        messages: usize,
        rules: Rules,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        let n = self.n();
        let mut w = Mat::zeros(n, n);
        let mut b = vec![0.0; n];
        let mut keep = |unit, x: &[f32]| {
            w.row_mut(unit).iter_mut().zip(x).for_each(|(w, x)| *w = *x);
            b[unit] = x.get(n).copied().unwrap_or_default();
        };
        let minimum = minimise_units(&mut self, n, rules, watch, &mut keep)
            .map_err(|(iteration, reason)| WriteError::Interrupted { iteration, reason })?;
        minimum.written(w, self.terms.thresholds.then_some(b), messages)
    }
}

#[cfg(test)]
mod tests;
