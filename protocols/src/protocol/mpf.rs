//! MPF writes the W under which the least probability flows from the messages to their neighbours. It finds
//! min K(W) = sum_m sum_{x' in N(xi^m)} exp((E(xi^m) - E(x'))/2) over symmetric W with zero diagonal, N(x)
//! the states at Hamming distance one. It equals sum_{m,i} exp(-xi_i^m h_i^m) and is convex; its first
//! gradient at W = 0 is the outer product.
//!
//! The diagonal drops out of the flow: flipping unit i changes the energy by 2 x_i (h_i - W_ii x_i), whatever
//! W_ii is. So it is 0 here, and a diagonal is set from outside (`diagonal`), not trained.
//!
//! Noisy copies may be the data in place of the messages. MPF fits a distribution, so these copies p are then
//! its states: min sum_p sum_{x' in N(p)} exp((E(p) - E(x'))/2), the flow out of the copies. A bit that is
//! flipped in few of them is outvoted by the rest, and the messages come out as minima (Hillar,
//! Sohl-Dickstein, Koepsell 2012 store originals from corrupted versions so). The loss is then that of all
//! the copies over their number, and finite at its minimum.
//!
//! Method: L-BFGS on K/M. Where the messages can be stored K has no finite minimiser (all margins grow
//! without bound), so the rule that stops is a parameter and the report names the rule that did.
//!
//! Memory: the fifteen vectors of L-BFGS, each half of W, and above N = 2048 nine, since two past steps are kept then
//! in place of five. W comes on top when it is unpacked.
//!
//! Cost: two products of N^2 M multiply-adds an evaluation. Source: Sohl-Dickstein, Battaglino, DeWeese 2011; for
//! Hopfield memories Hillar, Sohl-Dickstein, Koepsell 2012.

use super::copies::Copies;
use super::lbfgs::Rules;
use super::parameter::{Noise, NonNegative, allowed};
use super::pattern_loss::{PatternLoss, Shape, Terms};
use super::phi::MarginLoss;
use super::work::{F32, minimised};
use super::{About, Nature, Parameter, Rule, Watch, WriteError, Written};
use crate::noise::NoiseDraw;
use crate::patterns::Patterns;
use crate::seed::Stream;
use serde::{Deserialize, Serialize};

/// MPF writes by minimum probability flow.
///
/// Rule: `min K(W) = sum_m,i exp(-xi_i^m h_i^m), W symmetric, zero diagonal`
///
/// Source: Hillar, Sohl-Dickstein, Koepsell 2012, arXiv:1204.2916.
///
/// ```
/// use protocols::{Patterns, Spec, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let rule = Spec::named("mpf").expect("it is in the catalogue");
/// let memory = rule.protocol().write(&messages, &mut stream)?.weights;
/// // It has an energy, and no unit sees itself.
/// assert!(memory.is_symmetric());
/// assert_eq!(memory.matrix()[(0, 0)], 0.0);
/// # Ok::<(), protocols::WriteError>(())
/// ```
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
    /// Noisy copies of every message as data; 0: the messages themselves.
    #[serde(skip_serializing_if = "is_default_count")]
    pub copies: u32,
    /// Noise level of the copies.
    #[serde(skip_serializing_if = "is_default_noise")]
    pub noise: Noise,
    /// How the noise level sets a copy's flips.
    #[serde(skip_serializing_if = "is_default_model")]
    pub noise_model: NoiseDraw,
}

impl Default for Mpf {
    fn default() -> Self {
        Self {
            max_iterations: 1000,
            gradient_tolerance: allowed(1e-5),
            thresholds: false,
            l2: allowed(0.0),
            copies: 0,
            noise: allowed(0.2),
            noise_model: NoiseDraw::Uniform,
        }
    }
}

fn is_default_count(copies: &u32) -> bool {
    *copies == Mpf::default().copies
}

fn is_default_noise(noise: &Noise) -> bool {
    *noise == Mpf::default().noise
}

fn is_default_model(model: &NoiseDraw) -> bool {
    *model == Mpf::default().noise_model
}

impl Rule for Mpf {
    const ABOUT: &'static About = &About {
        name: "mpf",
        title: "minimum probability flow",
        formula: "min K(W) = sum_m,i exp(-xi_i^m h_i^m), W symmetric, zero diagonal",
        source: "Hillar, Sohl-Dickstein, Koepsell 2012, arXiv:1204.2916",
        version: 3,
        parameters: &[
            Parameter::new("max_iterations", "a whole number", "L-BFGS iterations at most"),
            Parameter::new(
                "gradient_tolerance",
                NonNegative::ALLOWED,
                "stop once no entry of the gradient of K/M exceeds this",
            ),
            Parameter::new("thresholds", "true | false", "write thresholds b too"),
            Parameter::new("l2", NonNegative::ALLOWED, "penalty l2/2 |W|^2 beside K/M"),
            Parameter::new(
                "copies",
                "a whole number",
                "noisy copies of a message as data; 0: the messages themselves",
            ),
            Parameter::new("noise", Noise::ALLOWED, "noise level of the copies"),
            Parameter::new(
                "noise_model",
                "exact | uniform | bernoulli",
                "flips d of a copy: round(noise n); 0..=round(noise n); each bit",
            ),
        ],
    };

    const LEFT_OUT: &'static [(&'static str, &'static str)] =
        &[("copies", "0"), ("noise", "0.2"), ("noise_model", "\"uniform\"")];

    fn write_messages(
        &self,
        messages: &Patterns,
        stream: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        let terms = Terms {
            phi: MarginLoss::Exponential,
            shape: Shape::Symmetric,
            thresholds: self.thresholds,
            l2: self.l2.get(),
        };
        let copies = Copies { count: self.copies, noise: self.noise.get(), draw: self.noise_model };
        let drawn = copies.draw(messages, stream);
        let loss = PatternLoss::of_states(drawn.as_ref().unwrap_or(messages), terms);
        drop(drawn);
        let rules = Rules {
            max_iterations: self.max_iterations.into(),
            gradient_tolerance: self.gradient_tolerance.get(),
        };
        loss.write(messages.count(), rules, watch)
    }

    fn nature(&self) -> Nature {
        Nature { symmetric: true, zero_diagonal: true, ..Nature::default() }
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        minimised(n, m * f64::from(self.copies.max(1)), 50.0)
    }

    fn bytes(&self, n: u64, m: u64) -> u64 {
        let states = m * u64::from(self.copies.max(1));
        // The states as numbers, their fields, and the seven vectors of an L-BFGS step, half of W each.
        F32 * (2 * n * states + 7 * (n * (n - 1) / 2))
    }
}
