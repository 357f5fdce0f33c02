//! Optimisers are the rules that step along a gradient, with their state.

use super::Optimiser;
use crate::real::{Real, vectorised};

/// Constants of Adam as published.
const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// A `Stepper` is an optimiser and what it remembers.
pub(super) struct Stepper<R> {
    rule: Optimiser,
    steps: i32,
    first: Vec<R>,
    second: Vec<R>,
}

impl<R: Real> Stepper<R> {
    pub(super) fn new(rule: Optimiser, parameters: usize) -> Self {
        let second = if rule == Optimiser::Adam { parameters } else { 0 };
        Self { rule, steps: 0, first: vec![R::default(); parameters], second: vec![R::default(); second] }
    }

    /// Moves `x` one step of size `rate` down `gradient`.
    pub(super) fn step(&mut self, x: &mut [R], gradient: &[R], rate: f64) {
        self.steps = self.steps.saturating_add(1);
        match self.rule {
            Optimiser::Adam => self.adam(x, gradient, rate),
            Optimiser::Sgd { momentum } => {
                let (keep, rate) = (R::round_from(momentum.get()), R::round_from(rate));
                for ((x, v), g) in x.iter_mut().zip(&mut self.first).zip(gradient) {
                    *v = keep * *v + *g;
                    *x -= rate * *v;
                }
            }
        }
    }

    fn adam(&mut self, x: &mut [R], gradient: &[R], rate: f64) {
        let rate = R::round_from(rate / (1.0 - BETA1.powi(self.steps)));
        let unbias = R::round_from(1.0 / (1.0 - BETA2.powi(self.steps)));
        let [keep1, take1, keep2, take2, epsilon] =
            [BETA1, 1.0 - BETA1, BETA2, 1.0 - BETA2, EPSILON].map(R::round_from);
        let moments = self.first.iter_mut().zip(self.second.iter_mut());
        vectorised(
            #[inline(always)]
            move || {
                for ((x, g), (m, v)) in x.iter_mut().zip(gradient).zip(moments) {
                    *m = keep1 * *m + take1 * *g;
                    *v = keep2 * *v + take2 * *g * *g;
                    *x -= rate * *m / ((unbias * *v).root() + epsilon);
                }
            },
        );
    }
}
