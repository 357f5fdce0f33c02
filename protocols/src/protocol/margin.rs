//! MARGIN writes the W whose fields agree best with the messages, by a loss of the margins. It needs no
//! symmetry: min 1/M sum_{m,i} phi(xi_i^m h_i^m) + l2/2 |W|^2 with h = W xi + b, phi(u) = exp(-u) or ln(1 +
//! exp(-u)), zero diagonal by default. Every unit learns its sign from the others for itself: N regressions
//! in one product.
//!
//! With noisy copies p of the messages, h_i is taken at the copy and xi_i^m is still the message's sign, so
//! that the first step from a query of that noise is right as often as can be: a trained network of one step
//! with another loss.
//!
//! A free diagonal lets a unit learn from its own state too. At the messages themselves that state is the
//! answer, and weights of W = I, which recover nothing, fit best; so it has a use only beside noisy copies,
//! which say how far a unit may trust itself.
//!
//! Method: L-BFGS. With `l2` > 0 the minimiser is unique; as `l2` vanishes its direction becomes that of
//! maximum margin, where the messages are separable. Without penalty there is none, and the stopping rule
//! decides, as for minimum probability flow, which is the exponential loss over symmetric W. It stops well before
//! that direction: at N = 256 and loads 1/4, 1/2 and 1 the smallest stability of a row is 1.61, .86 and .27 in the
//! mean over rows, where the largest that there is, which the protocol `stability` writes, is 1.74, 1.03 and .47.
//!
//! Up to N = 256 all units are searched together, as one problem, and above it each for itself, 256 at a time. A unit
//! for itself needs fewer evaluations, and a step of L-BFGS for each of many units costs more than one for all. The
//! second takes twice the time of the first at N = 64, three quarters of it at 256 and half at 1024.
//!
//! Memory: the fifteen vectors of L-BFGS, each as long as the rows that are searched. Up to N = 256 these are all of W.
//!
//! Cost: two products of N^2 M multiply-adds an evaluation, times the copies. Source: exponential loss and
//! margins Rosset, Zhu, Hastie 2004; training with noise Gardner, Stroud, Wallace 1989 (J. Phys. A 22, 2019).

use super::copies::Copies;
use super::lbfgs::Rules;
use super::parameter::{Noise, NonNegative, allowed};
use super::pattern_loss::{PatternLoss, Shape, Terms};
use super::phi::MarginLoss;
use super::unit_loss::{self, UnitLoss, UnitTerms};
use super::work::{F32, minimised};
use super::{About, Nature, Parameter, Rule, Watch, WriteError, Written};
use crate::noise::NoiseDraw;
use crate::patterns::Patterns;
use crate::seed::Stream;
use serde::{Deserialize, Serialize};

/// Up to so many units all are searched as one problem.
const TOGETHER: usize = 256;

/// MARGIN writes by a loss of the margins.
///
/// Rule: `min 1/M sum_m,i phi(xi_i^m h_i^m) + l2/2 |W|^2, phi(u) = e^-u or ln(1 + e^-u)`
///
/// Source: Rosset, Zhu, Hastie 2004, Margin maximizing loss functions, NIPS 16.
///
/// ```
/// use protocols::{Patterns, Spec, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let rule = Spec::named("margin").expect("it is in the catalogue");
/// let memory = rule.protocol().write(&messages, &mut stream)?.weights;
/// // Every unit learns for itself, so two couplings differ.
/// assert!(!memory.is_symmetric());
/// assert_eq!(memory.matrix()[(0, 0)], 0.0);
/// # Ok::<(), protocols::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Margin {
    /// The loss of a margin.
    pub loss: MarginLoss,
    /// Weight of the penalty l2/2 |W|^2 beside the mean loss of a message.
    pub l2: NonNegative,
    /// Noisy copies of every message to train on; 0: the messages themselves.
    pub copies: u32,
    /// Noise level of the copies.
    pub noise: Noise,
    /// How the noise level sets a copy's flips.
    pub noise_model: NoiseDraw,
    /// Whether thresholds b are written too.
    pub thresholds: bool,
    /// L-BFGS iterations at most.
    pub max_iterations: u32,
    /// Stops once no entry of the gradient exceeds this.
    pub gradient_tolerance: NonNegative,
    /// Whether the diagonal is searched too.
    #[serde(skip_serializing_if = "is_default_diagonal")]
    pub diagonal: MarginDiagonal,
}

/// A `MarginDiagonal` says what stands on the diagonal of the margin protocol's W.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarginDiagonal {
    /// Kept at 0.
    #[default]
    Zero,
    /// Searched with the rest, and penalised with it.
    Free,
}

fn is_default_diagonal(diagonal: &MarginDiagonal) -> bool {
    *diagonal == MarginDiagonal::default()
}

impl Default for Margin {
    fn default() -> Self {
        Self {
            loss: MarginLoss::Exponential,
            l2: allowed(0.01),
            copies: 0,
            noise: allowed(0.2),
            noise_model: NoiseDraw::Uniform,
            thresholds: false,
            max_iterations: 1000,
            gradient_tolerance: allowed(1e-5),
            diagonal: MarginDiagonal::Zero,
        }
    }
}

impl Rule for Margin {
    const ABOUT: &'static About = &About {
        name: "margin",
        title: "exponential or logistic loss of the margins, without symmetry",
        formula: "min 1/M sum_m,i phi(xi_i^m h_i^m) + l2/2 |W|^2, phi(u) = e^-u or ln(1 + e^-u)",
        source: "Rosset, Zhu, Hastie 2004, Margin maximizing loss functions, NIPS 16",
        version: 3,
        parameters: &[
            Parameter::new("loss", "exponential | logistic", "phi(u) = e^-u; ln(1 + e^-u)"),
            Parameter::new("l2", NonNegative::ALLOWED, "penalty l2/2 |W|^2 beside the mean over messages"),
            Parameter::new(
                "copies",
                "a whole number",
                "noisy copies of a message to train on; 0: the messages themselves",
            ),
            Parameter::new("noise", Noise::ALLOWED, "noise level of the copies"),
            Parameter::new(
                "noise_model",
                "exact | uniform | bernoulli",
                "flips d of a copy: round(noise n); 0..=round(noise n); each bit",
            ),
            Parameter::new("thresholds", "true | false", "write thresholds b too"),
            Parameter::new("max_iterations", "a whole number", "L-BFGS iterations at most"),
            Parameter::new(
                "gradient_tolerance",
                NonNegative::ALLOWED,
                "stop once no entry of the gradient exceeds this",
            ),
            Parameter::new("diagonal", "zero | free", "whether the diagonal is searched too"),
        ],
    };

    const LEFT_OUT: &'static [(&'static str, &'static str)] = &[("diagonal", "\"zero\"")];

    fn write_messages(
        &self,
        messages: &Patterns,
        stream: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        let copies = Copies { count: self.copies, noise: self.noise.get(), draw: self.noise_model };
        let copies = copies.draw(messages, stream);
        let rules = Rules {
            max_iterations: self.max_iterations.into(),
            gradient_tolerance: self.gradient_tolerance.get(),
        };
        let (phi, diagonal, thresholds, l2) = (self.loss, self.diagonal, self.thresholds, self.l2.get());
        if messages.n() > TOGETHER {
            let terms =
                UnitTerms { phi, noise: 0.0, has_diagonal: diagonal == MarginDiagonal::Free, thresholds, l2 };
            let loss = match copies {
                Some(copies) => UnitLoss::of_copies(&copies, messages, terms),
                None => UnitLoss::of_states(messages, terms),
            };
            return loss.write(messages.count(), rules, watch);
        }
        let shape = match diagonal {
            MarginDiagonal::Zero => Shape::ZeroDiagonal,
            MarginDiagonal::Free => Shape::Free,
        };
        let terms = Terms { phi, shape, thresholds, l2 };
        let loss = match copies {
            Some(copies) => PatternLoss::of_copies(&copies, messages, terms),
            None => PatternLoss::of_states(messages, terms),
        };
        loss.write(messages.count(), rules, watch)
    }

    fn nature(&self) -> Nature {
        Nature { zero_diagonal: self.diagonal == MarginDiagonal::Zero, ..Nature::default() }
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        minimised(n, m * f64::from(self.copies.max(1)), 100.0)
    }

    fn bytes(&self, n: u64, m: u64) -> u64 {
        let states = m * u64::from(self.copies.max(1));
        if n > TOGETHER as u64 {
            return unit_loss::bytes(n, states, false);
        }
        // The states as numbers, their fields, and the seven vectors of an L-BFGS step, as large as W.
        F32 * (2 * n * states + 7 * n * n)
    }
}
