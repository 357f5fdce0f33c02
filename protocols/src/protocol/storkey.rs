//! STORKEY writes one message after another, each corrected by the fields that the messages before it have made. With
//! h_ij = sum_{k != i,j} W_ik xi_k, a message adds to W
//!
//! 1/N (xi_i xi_j - xi_i h_ji - h_ij xi_j) in first order, 1/N (xi_i - h_ij) (xi_j - h_ji) in second order,
//!
//! from W = 0 on: local and incremental, as the outer product is, and a step of the way to the pseudo-inverse. What is
//! written depends on the order of the messages. The diagonal does not enter h, so that it may be kept or set to 0.
//!
//! Method: h_ij = h_i - W_ij xi_j with h = W xi and W_ii = 0, so that in first order W <- (1 + 2/N) W + 1/N (xi xi^T -
//! xi h^T - h xi^T). One pass over W adds a message and finds the fields of the next.
//!
//! Cost: about 4 N^2 M multiply-adds in first order, twice that in second, one message after another. Capacity: more
//! than that of the outer product, N/sqrt(2 ln N) without error by the source. Where M is far beyond N, W may outgrow
//! its numbers, which is an error. Source: Storkey 1997, Increasing the capacity of a Hopfield network without
//! sacrificing functionality, ICANN; Storkey and Valabregue 1999, Neural Networks 12, 869 (second order).

use super::pse::PseDiagonal;
use super::work::F32;
use super::{About, Law, Nature, Parameter, Report, Rule, Stop, Watch, WriteError, Written};
use crate::patterns::Patterns;
use crate::real::vectorised;
use crate::seed::Stream;
use crate::symmetric::column_mut;
use crate::weights::Weights;
use faer::Mat;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// STORKEY writes one message after another, each corrected by the fields of those before.
///
/// Rule: `W_ij += 1/N (xi_i xi_j - xi_i h_ji - h_ij xi_j) [+ 1/N h_ij h_ji], h_ij = sum_{k != i,j} W_ik xi_k`
///
/// Source: Storkey 1997, doi 10.1007/BFb0020196.
///
/// ```
/// use protocols::{Patterns, Spec, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let rule = Spec::named("storkey").expect("it is in the catalogue");
/// let memory = rule.protocol().write(&messages, &mut stream)?.weights;
/// // Every bit of every message has its field on its own side.
/// let fields = memory.fields(&messages);
/// assert!((0..6).all(|m| (0..64).all(|i| fields[(i, m)] * f32::from(messages.row(m)[i]) > 0.0)));
/// # Ok::<(), protocols::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Storkey {
    /// Whether the product of both fields is added too.
    pub order: StorkeyOrder,
    /// What stands on the diagonal.
    pub diagonal: PseDiagonal,
}

/// A `StorkeyOrder` says up to which power of the fields a message is corrected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StorkeyOrder {
    /// By either field.
    #[default]
    First,
    /// By their product too.
    Second,
}

impl Default for Storkey {
    fn default() -> Self {
        Self { order: StorkeyOrder::First, diagonal: PseDiagonal::Zero }
    }
}

impl Rule for Storkey {
    const ABOUT: &'static About = &About {
        name: "storkey",
        title: "outer product corrected by the fields of the messages before",
        formula: "W_ij += 1/N (xi_i xi_j - xi_i h_ji - h_ij xi_j) [+ 1/N h_ij h_ji], \
                  h_ij = sum_{k != i,j} W_ik xi_k",
        source: "Storkey 1997, doi 10.1007/BFb0020196",
        version: 1,
        parameters: &[
            Parameter::new("order", "first | second", "second: with the product of both fields"),
            Parameter::new("diagonal", "kept | zero", "kept: as the formula gives it; zero: set to 0"),
        ],
    };

    /// What was written before decides what a message changes.
    const EXEMPT: &'static [Law] = &[Law::Order];

    fn write_messages(
        &self,
        messages: &Patterns,
        _: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        let mut memory = Memory::new(messages.n(), self.order);
        let next = messages.rows().skip(1).map(Some).chain([None]);
        for (iteration, (message, next)) in (0..).zip(messages.rows().zip(next)) {
            if let ControlFlow::Break(reason) = watch(iteration) {
                return Err(WriteError::Interrupted { iteration, reason });
            }
            memory.add(message, next);
            if !memory.is_finite() {
                return Err(WriteError::Diverged { iteration, what: "a field is not finite" });
            }
        }
        let Memory { mut matrix, diagonal, .. } = memory;
        if self.diagonal == PseDiagonal::Kept {
            diagonal.iter().enumerate().for_each(|(i, &w)| matrix[(i, i)] = w);
        }
        let iterations = messages.count() as u64;
        let report = Report { iterations, stop: Stop::Epochs, ..Report::closed(None) };
        Ok(Written { weights: Weights::new(matrix)?, report })
    }

    fn nature(&self) -> Nature {
        Nature { symmetric: true, zero_diagonal: self.diagonal == PseDiagonal::Zero, ..Nature::default() }
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        let a_weight = if self.order == StorkeyOrder::First { 1.0 } else { 2.0 };
        5e3 + n * m * (a_weight * n + 20.0)
    }

    fn bytes(&self, n: u64, _: u64) -> u64 {
        F32 * n * n
    }
}

/// The memory so far.
struct Memory {
    /// W with zero diagonal.
    matrix: Mat<f32>,
    /// What the formula has on the diagonal.
    diagonal: Vec<f32>,
    /// W xi of the next message.
    fields: Vec<f32>,
    order: StorkeyOrder,
}

impl Memory {
    fn new(n: usize, order: StorkeyOrder) -> Self {
        Self { matrix: Mat::zeros(n, n), diagonal: vec![0.0; n], fields: vec![0.0; n], order }
    }

    fn is_finite(&self) -> bool {
        self.fields.iter().all(|h| h.is_finite())
    }

    /// Adds a message, whose fields are known, and finds the fields of the next.
    fn add(&mut self, message: &[i8], next: Option<&[i8]>) {
        let n = message.len();
        let rate = 1.0 / n as f32;
        let xi: Vec<f32> = message.iter().map(|&sign| f32::from(sign)).collect();
        let h = std::mem::replace(&mut self.fields, vec![0.0; n]);
        for ((w, &xi), &h) in self.diagonal.iter_mut().zip(&xi).zip(&h) {
            *w += rate
                * match self.order {
                    StorkeyOrder::First => 1.0 - 2.0 * xi * h,
                    StorkeyOrder::Second => (1.0 - xi * h) * (1.0 - xi * h),
                };
        }
        for j in 0..n {
            let column = column_mut(self.matrix.as_mut(), j);
            let fields = &mut self.fields;
            let sign = next.map(|next| f32::from(next[j]));
            vectorised(
                #[inline(always)]
                || {
                    match self.order {
                        StorkeyOrder::First => first(rate, &xi, &h, j, column),
                        StorkeyOrder::Second => second(rate, &xi, &h, j, column),
                    }
                    column[j] = 0.0;
                    if let Some(sign) = sign {
                        fields.iter_mut().zip(&*column).for_each(|(h, &w)| *h += sign * w);
                    }
                },
            );
        }
    }
}

/// Adds 1/N (xi_i xi_j - xi_i h_ji - h_ij xi_j) to column j. Either triangle rounds alike.
#[inline(always)]
fn first(rate: f32, xi: &[f32], h: &[f32], j: usize, column: &mut [f32]) {
    let (xi_j, h_j) = (xi[j], h[j]);
    for ((w, &xi), &h) in column.iter_mut().zip(xi).zip(h) {
        *w += rate * ((xi * xi_j - (xi * h_j + h * xi_j)) + 2.0 * *w);
    }
}

/// Adds 1/N (xi_i - h_ij) (xi_j - h_ji) to column j. Either triangle rounds alike.
#[inline(always)]
fn second(rate: f32, xi: &[f32], h: &[f32], j: usize, column: &mut [f32]) {
    let (xi_j, h_j) = (xi[j], h[j]);
    for ((w, &xi), &h) in column.iter_mut().zip(xi).zip(h) {
        *w += rate * ((xi - (h - *w * xi_j)) * (xi_j - (h_j - *w * xi)));
    }
}
