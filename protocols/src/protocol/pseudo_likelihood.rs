//! PSEUDO-LIKELIHOOD writes the symmetric W under which every unit of a message is most likely, given the others. It
//! finds min 1/M sum_{m,i} ln(1 + exp(-xi_i^m h_i^m)) + l2/2 |W|^2 over symmetric W with zero diagonal: 1/(1 +
//! exp(-xi_i h_i)) is the probability of xi_i beside the others in a Boltzmann machine of energy E at temperature 2,
//! whose product over units is the pseudo-likelihood. W at temperature 1 is half of this one, which reads the same.
//!
//! It is the margin protocol's logistic loss over symmetric W, and minimum probability flow with another loss; `l2` is
//! on the scale of both.
//!
//! Method: L-BFGS. With `l2` > 0 the minimiser is unique; without, separable messages have none, and the stopping rule
//! decides. Cost: two products of N^2 M multiply-adds an evaluation. Source: Besag 1975, Statistical analysis of
//! non-lattice data; with l2 for couplings Ekeberg, Lovkvist, Lan, Weigt, Aurell 2013, Phys. Rev. E 87, 012707. Their
//! penalties are for many samples of a distribution; the default here is the margin protocol's.

use super::lbfgs::Rules;
use super::parameter::{NonNegative, allowed};
use super::pattern_loss::{PatternLoss, Shape, Terms};
use super::phi::MarginLoss;
use super::work::{F32, minimised};
use super::{About, Nature, Parameter, Rule, Watch, WriteError, Written};
use crate::patterns::Patterns;
use crate::seed::Stream;
use serde::{Deserialize, Serialize};

/// PSEUDO-LIKELIHOOD writes by the likelihood of every unit beside the others.
///
/// Rule: `min 1/M sum_m,i ln(1 + exp(-xi_i^m h_i^m)) + l2/2 |W|^2, W symmetric, zero diagonal`
///
/// Source: Besag 1975, doi 10.2307/2987782.
///
/// ```
/// use protocols::{Patterns, Spec, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let rule = Spec::named("pseudo-likelihood").expect("it is in the catalogue");
/// let memory = rule.protocol().write(&messages, &mut stream)?.weights;
/// // Every bit of every message has its field on its own side.
/// let fields = memory.fields(&messages);
/// assert!((0..6).all(|m| (0..64).all(|i| fields[(i, m)] * f32::from(messages.row(m)[i]) > 0.0)));
/// # Ok::<(), protocols::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PseudoLikelihood {
    /// Weight of the penalty l2/2 |W|^2 beside the mean loss of a message.
    pub l2: NonNegative,
    /// Whether thresholds b are written too.
    pub thresholds: bool,
    /// L-BFGS iterations at most.
    pub max_iterations: u32,
    /// Stops once no entry of the gradient exceeds this.
    pub gradient_tolerance: NonNegative,
}

impl Default for PseudoLikelihood {
    fn default() -> Self {
        Self { l2: allowed(0.01), thresholds: false, max_iterations: 1000, gradient_tolerance: allowed(1e-5) }
    }
}

impl Rule for PseudoLikelihood {
    const ABOUT: &'static About = &About {
        name: "pseudo-likelihood",
        title: "pseudo-likelihood: symmetric logistic loss of the margins",
        formula: "min 1/M sum_m,i ln(1 + exp(-xi_i^m h_i^m)) + l2/2 |W|^2, W symmetric, zero diagonal",
        source: "Besag 1975, doi 10.2307/2987782",
        version: 1,
        parameters: &[
            Parameter::new("l2", NonNegative::ALLOWED, "penalty l2/2 |W|^2 beside the mean over messages"),
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
        let terms = Terms {
            phi: MarginLoss::Logistic,
            shape: Shape::Symmetric,
            thresholds: self.thresholds,
            l2: self.l2.get(),
        };
        let rules = Rules {
            max_iterations: self.max_iterations.into(),
            gradient_tolerance: self.gradient_tolerance.get(),
        };
        PatternLoss::of_states(messages, terms).write(messages.count(), rules, watch)
    }

    fn nature(&self) -> Nature {
        Nature { symmetric: true, zero_diagonal: true, ..Nature::default() }
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        minimised(n, m, 50.0)
    }

    fn bytes(&self, n: u64, m: u64) -> u64 {
        // As minimum probability flow.
        F32 * (2 * n * m + 7 * (n * (n - 1) / 2))
    }
}
