//! The loss of TRN is computed here word for word by its definition, sum by sum, in dual numbers. The
//! network's loss and gradient are held against it. It shares no code with them.

use crate::protocol::trn::batch::Batch;
use crate::protocol::trn::{Cost, Entry, LossSteps, Trn};
use std::ops::{Add, Mul};

/// a + b epsilon with epsilon^2 = 0: a value and its derivative along one direction (Clifford 1873).
#[derive(Clone, Copy, Debug)]
struct Dual {
    value: f64,
    derivative: f64,
}

impl Dual {
    fn constant(value: f64) -> Self {
        Self { value, derivative: 0.0 }
    }

    fn tanh(self) -> Self {
        let value = self.value.tanh();
        Self { value, derivative: (1.0 - value * value) * self.derivative }
    }

    fn ln(self) -> Self {
        Self { value: self.value.ln(), derivative: self.derivative / self.value }
    }
}

impl Add for Dual {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { value: self.value + other.value, derivative: self.derivative + other.derivative }
    }
}

impl Mul for Dual {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let derivative = self.derivative * other.value + self.value * other.derivative;
        Self { value: self.value * other.value, derivative }
    }
}

impl std::iter::Sum for Dual {
    fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
        items.fold(Self::constant(0.0), |a, b| a + b)
    }
}

/// Computes the mean loss of a batch at the parameters `x`, and its derivative along `direction`.
pub(super) fn loss(trn: &Trn, n: usize, x: &[f64], direction: &[f64], batch: Batch<'_, f64>) -> (f64, f64) {
    let parameter = |i: usize| Dual { value: x[i], derivative: direction[i] };
    let w = |i: usize, j: usize| parameter(j * n + i);
    let u = |i: usize, j: usize| if trn.input { parameter(n * n + j * n + i) } else { Dual::constant(0.0) };
    let thresholds = if trn.input { 2 * n * n } else { n * n };
    let b = |i: usize| if trn.thresholds { parameter(thresholds + i) } else { Dual::constant(0.0) };
    let (steps, gain) = (trn.steps.get(), Dual::constant(trn.gain.get()));
    let (mut total, mut terms) = (Dual::constant(0.0), 0.0);
    for (query, &target) in batch.queries.chunks(n).zip(batch.targets) {
        let xi = &batch.messages[target as usize * n..][..n];
        let p: Vec<Dual> = query.iter().map(|&p| Dual::constant(p)).collect();
        let mut s: Vec<Dual> = match trn.entry {
            Entry::Query => p.clone(),
            Entry::Field => (0..n).map(|i| (0..n).map(|j| w(i, j) * p[j]).sum()).collect(),
        };
        for t in 1..=steps {
            let field = |i: usize| (0..n).map(|j| w(i, j) * s[j] + u(i, j) * p[j]).sum::<Dual>() + b(i);
            s = (0..n).map(|i| (gain * field(i)).tanh()).collect();
            if t == steps || trn.loss == LossSteps::All {
                total = total + s.iter().zip(xi).map(|(&s, &xi)| compare(trn.cost, s, xi)).sum();
                terms += n as f64;
            }
        }
    }
    (total.value / terms, total.derivative / terms)
}

fn compare(cost: Cost, s: Dual, xi: f64) -> Dual {
    let minus = Dual::constant(-1.0);
    match cost {
        Cost::Squared => {
            let error = Dual::constant(xi) + minus * s;
            error * error
        }
        Cost::CrossEntropy => minus * (Dual::constant(0.5) + Dual::constant(0.5 * xi) * s).ln(),
    }
}
