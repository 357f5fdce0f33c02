//! MPF, minimum probability flow: min K(W) = sum_m sum_{x' in N(xi^m)} exp((E(xi^m) - E(x'))/2) over symmetric W with zero
//! diagonal, N(x) the states at Hamming distance one. It equals sum_{m,i} exp(-xi_i^m h_i^m) and is convex; its first
//! gradient at W = 0 is the outer product.
//!
//! Method: L-BFGS on K/M. Where the messages can be stored K has no finite minimiser (all margins grow without bound), so
//! the rule that stops is a parameter and the report names the rule that did.
//!
//! Cost: two products of N^2 M multiply-adds an evaluation. Source: Sohl-Dickstein, Battaglino, DeWeese 2011; for
//! Hopfield memories Hillar, Sohl-Dickstein, Koepsell 2012.

use super::parameter::{NonNegative, allowed};
use super::pattern_loss::PatternLoss;
use super::{About, Parameter, Protocol, Report, Watch, WriteError, Written};
use crate::lbfgs::{self, Rules};
use crate::patterns::Patterns;
use crate::seed::Stream;
use crate::weights::Weights;
use serde::{Deserialize, Serialize};

/// The minimum-probability-flow protocol.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mpf {
    /// L-BFGS iterations at most.
    pub max_iterations: u32,
    /// Stops once no entry of the gradient of K/M exceeds this.
    pub gradient_tolerance: NonNegative,
    /// Whether thresholds b are written too.
    pub thresholds: bool,
    /// Weight of the penalty l2/2 |W|^2 beside K/M.
    pub l2: NonNegative,
}

impl Default for Mpf {
    fn default() -> Self {
        Self { max_iterations: 1000, gradient_tolerance: allowed(1e-5), thresholds: false, l2: allowed(0.0) }
    }
}

pub(super) const ABOUT: About = About {
    name: "mpf",
    title: "minimum probability flow",
    formula: "min K(W) = sum_m,i exp(-xi_i^m h_i^m), W symmetric, zero diagonal",
    source: "Hillar, Sohl-Dickstein, Koepsell 2012, arXiv:1204.2916",
    version: 2,
    parameters: &[
        Parameter { name: "max_iterations", allowed: "a whole number", meaning: "L-BFGS iterations at most" },
        Parameter {
            name: "gradient_tolerance",
            allowed: NonNegative::ALLOWED,
            meaning: "stop once no entry of the gradient of K/M exceeds this",
        },
        Parameter { name: "thresholds", allowed: "true | false", meaning: "write thresholds b too" },
        Parameter { name: "l2", allowed: NonNegative::ALLOWED, meaning: "penalty l2/2 |W|^2 beside K/M" },
    ],
};

impl Protocol for Mpf {
    fn name(&self) -> &'static str {
        ABOUT.name
    }

    fn write_watched(
        &self,
        messages: &Patterns,
        _: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        if messages.count() == 0 {
            return Err(WriteError::NoMessages);
        }
        let mut loss = PatternLoss::<f32>::new(messages, true, self.thresholds, self.l2.get());
        let mut x = vec![0.0; loss.parameters()];
        let rules = Rules {
            max_iterations: self.max_iterations.into(),
            gradient_tolerance: self.gradient_tolerance.get(),
        };
        let minimum = lbfgs::minimise(&mut loss, &mut x, rules, watch)
            .map_err(|(iteration, reason)| WriteError::Interrupted { iteration, reason })?;
        let (w, b) = loss.parts(&x);
        let mut weights = Weights::new(w)?;
        if let Some(b) = b {
            weights = weights.with_thresholds(b.to_vec())?;
        }
        let report = Report {
            iterations: minimum.iterations,
            evaluations: minimum.evaluations,
            objective: Some(minimum.value * messages.count() as f64),
            stop: minimum.stop,
            rank: None,
        };
        Ok(Written { weights, report })
    }
}
