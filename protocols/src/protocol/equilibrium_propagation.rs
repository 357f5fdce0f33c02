//! EQUILIBRIUM-PROPAGATION trains the rest states of a graded network, by the difference between one at rest and one
//! that is nudged towards the message. Its units s in (-1, 1)^N rest where the energy E = -1/2 s^T W s - hold p^T s +
//! sum_i int_0^{s_i} artanh has no slope, s = tanh(W s + hold p), p a noisy query of message xi.
//!
//! An epoch draws a fresh query of every message. The *free* phase relaxes from it, s <- (s + tanh(W s + hold p))/2, to
//! s0; the *nudged* phase goes on from there with the cost beta/2 |s - xi|^2 added to E, which adds beta (xi - s) to
//! the field, to s1. Then W <- W + rate/(beta M) sum (s1 s1^T - s0 s0^T), diagonal 0, from W = 0: as beta goes to 0 the
//! step is that down the gradient of 1/(2M) sum |s0 - xi|^2, as far as both phases come to rest. W stays symmetric.
//!
//! With a small beta a query whose nudge crosses into another basin takes a step of order 1/beta, which can undo all
//! others: at beta = .1 and the default rate nothing is stored.
//!
//! Domain: written for graded units, and trained with the query held. What is read here with plain signs and without
//! the query is the same W; it is nearest to how it was trained under a soft reader that keeps the query.
//!
//! Cost: an epoch takes 2 `relaxations` + 2 products of N^2 M multiply-adds.
//!
//! Source: Scellier, Bengio 2017 (Front. Comput. Neurosci. 11, 24): the phases, the step, and beta = 1, rates of .1
//! and below, 20 relaxations of the free phase for their shallowest net. Their units are clipped, rho(s) = min(1,
//! max(0, s)), and inputs are clamped; here they are +-1 units with the smooth energy of Hopfield 1984 (PNAS 81, 3088),
//! which has a slope everywhere, and the input is the query as a field. `hold` and `epochs` are this study's.

use super::parameter::{Noise, NonNegative, Positive, allowed};
use super::work::F32;
use super::{About, Nature, Parameter, Report, Rule, Stop, Watch, WriteError, Written};
use crate::noise::{NoiseDraw, Queries};
use crate::parallel::{matmul, threads};
use crate::patterns::Patterns;
use crate::real::{Real, vectorised};
use crate::seed::Stream;
use crate::symmetric::{column, column_mut, mirror};
use crate::weights::Weights;
use faer::{Accum, Mat, MatRef};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;
use std::ops::ControlFlow;

/// EQUILIBRIUM-PROPAGATION trains the rest states of a graded network.
///
/// Rule: `W <- W + rate/(beta M) sum_m (s1 s1^T - s0 s0^T), s0 = tanh(W s0 + hold p), s1 = tanh(W s1 + hold p + beta
/// (xi - s1)); W_ii = 0`
///
/// Source: Scellier, Bengio 2017, doi 10.3389/fncom.2017.00024.
///
/// ```
/// use protocols::{Patterns, Spec, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let rule = Spec::named("equilibrium-propagation").expect("it is in the catalogue");
/// let memory = rule.protocol().write(&messages, &mut stream)?.weights;
/// // Every bit of every message has its field on its own side.
/// let fields = memory.fields(&messages);
/// assert!((0..6).all(|m| (0..64).all(|i| fields[(i, m)] * f32::from(messages.row(m)[i]) > 0.0)));
/// # Ok::<(), protocols::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EquilibriumPropagation {
    /// Weight of the cost in the nudged phase.
    pub beta: Positive,
    /// Learning rate.
    pub rate: Positive,
    /// Passes over all messages.
    pub epochs: u32,
    /// Relaxation steps of either phase.
    pub relaxations: NonZeroU32,
    /// Noise level of the queries.
    pub noise: Noise,
    /// How the noise level sets a query's flips.
    pub noise_model: NoiseDraw,
    /// Weight of the query in the field.
    pub hold: NonNegative,
}

impl Default for EquilibriumPropagation {
    fn default() -> Self {
        Self {
            beta: allowed(1.0),
            rate: allowed(0.1),
            epochs: 200,
            relaxations: NonZeroU32::new(20).expect("20 is not 0"),
            noise: allowed(0.2),
            noise_model: NoiseDraw::Uniform,
            hold: allowed(0.1),
        }
    }
}

impl Rule for EquilibriumPropagation {
    const ABOUT: &'static About = &About {
        name: "equilibrium-propagation",
        title: "equilibrium propagation: rest states, free and nudged towards the message",
        formula: "W <- W + rate/(beta M) sum_m (s1 s1^T - s0 s0^T), s0 = tanh(W s0 + hold p), \
                  s1 = tanh(W s1 + hold p + beta (xi - s1)); W_ii = 0",
        source: "Scellier, Bengio 2017, doi 10.3389/fncom.2017.00024",
        version: 1,
        parameters: &[
            Parameter::new("beta", Positive::ALLOWED, "weight of the cost in the nudged phase"),
            Parameter::new("rate", Positive::ALLOWED, "learning rate"),
            Parameter::new("epochs", "a whole number", "passes over all messages, with a fresh query each"),
            Parameter::new("relaxations", "a whole number of at least 1", "relaxation steps of either phase"),
            Parameter::new("noise", Noise::ALLOWED, "noise level of the queries"),
            Parameter::new(
                "noise_model",
                "exact | uniform | bernoulli",
                "flips d of a query: round(noise n); 0..=round(noise n); each bit",
            ),
            Parameter::new("hold", NonNegative::ALLOWED, "weight of the query in the field"),
        ],
    };

    fn write_messages(
        &self,
        messages: &Patterns,
        stream: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        let (n, m) = (messages.n(), messages.count());
        let mut w = Mat::<f32>::zeros(n, n);
        let mut step = Mat::zeros(n, n);
        let mut phases = Phases::of(messages, self);
        let mut cost = 0.0;
        for epoch in 0..u64::from(self.epochs) {
            if let ControlFlow::Break(reason) = watch(epoch) {
                return Err(WriteError::Interrupted { iteration: epoch, reason });
            }
            phases.query(&Queries::drawn(messages, self.noise_model, self.noise.get(), m, stream).states);
            cost = phases.step(w.as_ref(), &mut step);
            for (w, step) in w.col_iter_mut().zip(step.col_iter()) {
                let rate = self.rate.get() as f32;
                w.iter_mut().zip(step.iter()).for_each(|(w, step)| *w += rate * *step);
            }
        }
        let report = Report {
            iterations: self.epochs.into(),
            evaluations: self.epochs.into(),
            objective: Some(cost * m as f64),
            stop: Stop::Epochs,
            rank: None,
        };
        Ok(Written { weights: Weights::new(w)?, report })
    }

    fn nature(&self) -> Nature {
        Nature { symmetric: true, zero_diagonal: true, ..Nature::default() }
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        let relaxations = 2.0 * f64::from(self.relaxations.get());
        let epoch = n * m * ((relaxations + 2.0) * n + 20.0 * relaxations) + 4.0 * n * n;
        5e3 + f64::from(self.epochs) * epoch
    }

    fn bytes(&self, n: u64, m: u64) -> u64 {
        // Messages, queries, both states and fields; W and its step.
        F32 * (5 * n * m + 2 * n * n)
    }
}

/// Both phases of a batch of queries, one of each message.
struct Phases<R> {
    /// Messages as columns, N x M.
    messages: Mat<R>,
    /// Their queries, times `hold`.
    queries: Mat<R>,
    /// The states at rest, s0.
    free: Mat<R>,
    /// The states that are nudged, s1.
    nudged: Mat<R>,
    fields: Mat<R>,
    relaxations: u32,
    beta: R,
    hold: R,
}

impl<R: Real> Phases<R> {
    fn of(messages: &Patterns, rule: &EquilibriumPropagation) -> Self {
        let zeros = || Mat::zeros(messages.n(), messages.count());
        Self {
            messages: messages.columns(),
            queries: zeros(),
            free: zeros(),
            nudged: zeros(),
            fields: zeros(),
            relaxations: rule.relaxations.get(),
            beta: R::round_from(rule.beta.get()),
            hold: R::round_from(rule.hold.get()),
        }
    }

    /// Begins at `queries`, one of each message.
    fn query(&mut self, queries: &Patterns) {
        self.free = queries.columns();
        for (held, query) in self.queries.col_iter_mut().zip(self.free.col_iter()) {
            held.iter_mut().zip(query.iter()).for_each(|(held, query)| *held = self.hold * *query);
        }
    }

    /// Sets `step` to 1/(beta M) sum (s1 s1^T - s0 s0^T) without its diagonal; returns 1/(2M) sum |s0 - xi|^2.
    fn step(&mut self, w: MatRef<'_, R>, step: &mut Mat<R>) -> f64 {
        let (n, m) = (self.messages.nrows(), self.messages.ncols());
        let (messages, queries) = (self.messages.as_ref(), self.queries.as_ref());
        for _ in 0..self.relaxations {
            relax(w, queries, (R::default(), messages), &mut self.free, &mut self.fields);
        }
        self.nudged.copy_from(&self.free);
        for _ in 0..self.relaxations {
            relax(w, queries, (self.beta, messages), &mut self.nudged, &mut self.fields);
        }
        let scale = R::round_from(1.0 / m as f64) / self.beta;
        let (free, nudged, threads) = (self.free.as_ref(), self.nudged.as_ref(), threads(n));
        matmul(step.as_mut(), Accum::Replace, nudged, nudged.transpose(), scale, threads);
        matmul(step.as_mut(), Accum::Add, free, free.transpose(), -scale, threads);
        (0..n).for_each(|i| step[(i, i)] = R::default());
        // Both triangles are sums in their own order.
        mirror(step.as_mut());
        let difference = |(s, xi): (&R, &R)| -> f64 { (*s - *xi).into() };
        let columns = free.col_iter().zip(messages.col_iter());
        let squares =
            columns.map(|(s, xi)| s.iter().zip(xi.iter()).map(|x| difference(x).powi(2)).sum::<f64>());
        squares.sum::<f64>() / (2.0 * m as f64)
    }
}

/// Sets s <- (s + tanh(W s + held query + beta (xi - s)))/2 for every column.
fn relax<R: Real>(
    w: MatRef<'_, R>,
    queries: MatRef<'_, R>,
    (beta, messages): (R, MatRef<'_, R>),
    states: &mut Mat<R>,
    fields: &mut Mat<R>,
) {
    let (one, half) = (R::from(1_i8), R::round_from(0.5));
    matmul(fields.as_mut(), Accum::Replace, w, states.as_ref(), one, threads(w.nrows()));
    for query in 0..states.ncols() {
        let (held, xi) = (column(queries, query), column(messages, query));
        let s = column_mut(states.as_mut(), query);
        let h = column_mut(fields.as_mut(), query);
        vectorised(
            #[inline(always)]
            || {
                for (((h, s), held), xi) in h.iter_mut().zip(s.iter()).zip(held).zip(xi) {
                    *h = *h + *held + beta * (*xi - *s);
                }
            },
        );
        R::map_tanh(one, h);
        vectorised(
            #[inline(always)]
            move || s.iter_mut().zip(h.iter()).for_each(|(s, h)| *s = half * (*s + *h)),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_is_down_the_gradient_of_the_cost() {
        let mut stream = Stream::named(1, "test", &[]);
        let (n, m) = (6, 4);
        let messages = Patterns::random(n, m, &mut stream);
        let queries = Queries::exact(&messages, 1, m, &mut stream).states;
        let rule = EquilibriumPropagation {
            beta: allowed(1e-6),
            hold: allowed(0.4),
            relaxations: NonZeroU32::new(500).unwrap(),
            ..EquilibriumPropagation::default()
        };
        let mut phases = Phases::<f64>::of(&messages, &rule);
        let mut w = Mat::from_fn(n, n, |i, j| if i == j { 0.0 } else { 0.3 * stream.normal() });
        mirror(w.as_mut());
        let mut cost = |w: &Mat<f64>| {
            let mut step = Mat::zeros(n, n);
            phases.query(&queries);
            (phases.step(w.as_ref(), &mut step), step)
        };
        let (_, step) = cost(&w);
        assert!(step.norm_max() > 0.01, "there is a slope");
        for i in 0..n {
            for j in 0..i {
                let mut at = |t: f64| {
                    let mut moved = w.clone();
                    moved[(i, j)] += t;
                    moved[(j, i)] += t;
                    cost(&moved).0
                };
                let h = 1e-3;
                let numeric = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
                assert!((step[(i, j)] + numeric).abs() < 1e-5, "{i}, {j}: {} and {numeric}", step[(i, j)]);
            }
        }
    }
}
