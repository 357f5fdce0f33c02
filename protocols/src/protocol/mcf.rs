//! MCF writes the W that minimises the margin protocol's exponential loss in the mean over noisy copies. The
//! mean is over all noisy copies of a message at once (marginalised corrupted features), each bit flipped
//! with probability q: min 1/M sum_{m,i} E_p exp(-xi_i^m h_i(p^m)) + l2/2 |W|^2 with h = W p + b.
//!
//! The mean needs no copies. The exponential of a sum of independent flips is a product, so
//!
//! E_p exp(-xi_i h_i(p)) = exp(sum_j c(W_ij) - xi_i (sum_j u(W_ij) xi_j + b_i)),
//! u(w) = artanh((1 - 2q) tanh w), c(w) = ln cosh w + ln(1 - (1 - 2q)^2 tanh^2 w) / 2:
//!
//! noise turns a coupling w into u(w), which is bounded by ln((1 - q)/q)/2, what a witness who errs with
//! probability q is worth, and charges c(w) for relying on it. The loss stays convex, as a mean of convex
//! functions.
//!
//! By default the diagonal is free: a unit is its own witness, no better and no worse than others. With q = 0
//! it is the margin protocol's loss at the messages themselves, and a free diagonal would then be all that
//! fits.
//!
//! Method: L-BFGS for every unit by itself; with `l2` > 0 the minimiser is unique. A unit ends once no entry of its
//! gradient exceeds the tolerance, whatever the others do. So the default is a smaller one than the margin protocol's.
//!
//! Cost: two products of N^2 M multiply-adds and N^2 transcendental functions an evaluation, whatever the noise.
//!
//! Source: van der Maaten, Chen, Tyree, Weinberger 2013, Learning with marginalized corrupted features, ICML, which
//! takes the mean of the exponential loss by moment-generating functions; flipped signs as the corruption, and W as N
//! such classifiers, are this study's.

use super::lbfgs::Rules;
use super::parameter::{Noise, NonNegative, allowed};
use super::phi::MarginLoss;
use super::unit_loss::{self, UnitLoss, UnitTerms};
use super::work::minimised;
use super::{About, MarginDiagonal, Nature, Parameter, Rule, Watch, WriteError, Written};
use crate::patterns::Patterns;
use crate::seed::Stream;
use serde::{Deserialize, Serialize};

/// MCF writes by marginalised corrupted features.
///
/// Rule: `min 1/M sum_m,i E_p exp(-xi_i^m (W p^m + b)_i) + l2/2 |W|^2, each bit of p flipped with probability q`
///
/// Source: van der Maaten, Chen, Tyree, Weinberger 2013, Learning with marginalized corrupted features, ICML.
///
/// ```
/// use protocols::{Patterns, Spec, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let rule = Spec::named("mcf").expect("it is in the catalogue");
/// let memory = rule.protocol().write(&messages, &mut stream)?.weights;
/// // A unit's own value in the query is evidence, and is weighed.
/// assert!(memory.matrix()[(0, 0)] > 0.0);
/// # Ok::<(), protocols::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mcf {
    /// The probability q with which a bit is flipped.
    pub noise: Noise,
    /// Weight of the penalty l2/2 |W|^2 beside the mean loss of a message.
    pub l2: NonNegative,
    /// Whether the diagonal is searched too.
    pub diagonal: MarginDiagonal,
    /// Whether thresholds b are written too.
    pub thresholds: bool,
    /// L-BFGS iterations at most.
    pub max_iterations: u32,
    /// Stops once no entry of the gradient exceeds this.
    pub gradient_tolerance: NonNegative,
}

impl Default for Mcf {
    fn default() -> Self {
        Self {
            noise: allowed(0.01),
            l2: allowed(1e-5),
            diagonal: MarginDiagonal::Free,
            thresholds: false,
            max_iterations: 1000,
            gradient_tolerance: allowed(1e-6),
        }
    }
}

impl Rule for Mcf {
    const ABOUT: &'static About = &About {
        name: "mcf",
        title: "marginalised corrupted features: the mean exponential loss over all noisy copies",
        formula: "min 1/M sum_m,i E_p exp(-xi_i^m (W p^m + b)_i) + l2/2 |W|^2, \
                  each bit of p flipped with probability q",
        source: "van der Maaten, Chen, Tyree, Weinberger 2013, Learning with marginalized corrupted features, ICML",
        version: 3,
        parameters: &[
            Parameter::new("noise", Noise::ALLOWED, "probability q that a bit is flipped"),
            Parameter::new("l2", NonNegative::ALLOWED, "penalty l2/2 |W|^2 beside the mean over messages"),
            Parameter::new("diagonal", "zero | free", "whether the diagonal is searched too"),
            Parameter::new("thresholds", "true | false", "write thresholds b too"),
            Parameter::new("max_iterations", "a whole number", "L-BFGS iterations at most"),
            Parameter::new(
                "gradient_tolerance",
                NonNegative::ALLOWED,
                "stop once no entry of the gradient exceeds this",
            ),
        ],
    };

    fn write_messages(
        &self,
        messages: &Patterns,
        _: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        let rules = Rules {
            max_iterations: self.max_iterations.into(),
            gradient_tolerance: self.gradient_tolerance.get(),
        };
        let terms = UnitTerms {
            phi: MarginLoss::Exponential,
            noise: self.noise.get(),
            has_diagonal: self.diagonal == MarginDiagonal::Free,
            thresholds: self.thresholds,
            l2: self.l2.get(),
        };
        UnitLoss::of_states(messages, terms).write(messages.count(), rules, watch)
    }

    fn nature(&self) -> Nature {
        Nature { zero_diagonal: self.diagonal == MarginDiagonal::Zero, ..Nature::default() }
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        minimised(n, m, 400.0)
    }

    fn bytes(&self, n: u64, m: u64) -> u64 {
        unit_loss::bytes(n, m, self.noise.get() > 0.0)
    }
}
