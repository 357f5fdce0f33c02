//! PERCEPTRON learns a message in a row, by the outer product, for as long as its margin there is too small. While
//! xi_i^m h_i^m <= kappa |w_i|, h = W xi, it sets W_ij <- W_ij + xi_i^m xi_j^m / N for all j, from W = 0, message after
//! message and unit after unit.
//!
//! With a symmetric W the same is added to W_ji.
//!
//! Domain: it ends, by [`Stop::Learned`](super::Stop::Learned), where there is a W whose stabilities are all
//! above kappa (Gardner 1988 proves it for a free W), so for random messages up to the load at which the largest
//! stability is kappa: 1.034 at load 1/2, .471 at 1, and a little less where N is small and all rows must have it.
//! Beyond, `max_sweeps` ends it, and W is of no use: what a row lacks grows with it, and few messages are stored, or
//! none. There is no learning rate: from W = 0 it would only scale W. The order of messages matters. A unit of a
//! symmetric W has up to three passes over the messages in its turn, as far as it learns something.
//!
//! Cost: M multiply-adds for every time that a message is learned in a row, and N M comparisons a sweep; with a
//! symmetric W 3 N^2 M more a sweep. Beside W it holds the M^2 overlaps.
//!
//! Source: Rosenblatt 1962; with the margin kappa |w_i| Gardner 1988 (J. Phys. A 21, 257). Default kappa 0.5, this
//! study's: it can be had of random messages up to load .97.

use super::parameter::{NonNegative, allowed};
use super::strengths::{Pull, Symmetry, learn, least_stability};
use super::work::F32;
use super::{About, Law, Nature, Parameter, Report, Rule, Stop, Watch, WriteError, Written};
use crate::patterns::Patterns;
use crate::seed::Stream;
use serde::{Deserialize, Serialize};

/// PERCEPTRON learns messages whose margins are too small.
///
/// Rule: `W_ij <- W_ij + xi_i^m xi_j^m / N while xi_i^m h_i^m <= kappa |w_i|; W_ii = 0`
///
/// Source: Gardner 1988, doi 10.1088/0305-4470/21/1/030.
///
/// ```
/// use protocols::{Patterns, Spec, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let rule = Spec::named("perceptron").expect("it is in the catalogue");
/// let memory = rule.protocol().write(&messages, &mut stream)?.weights;
/// // Every bit of every message has its field on its own side.
/// let fields = memory.fields(&messages);
/// assert!((0..6).all(|m| (0..64).all(|i| fields[(i, m)] * f32::from(messages.row(m)[i]) > 0.0)));
/// # Ok::<(), protocols::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Perceptron {
    /// The stability kappa that every message should exceed in every row.
    pub margin: NonNegative,
    /// Whether W is symmetric.
    pub symmetry: Symmetry,
    /// Sweeps over all messages at most.
    pub max_sweeps: u32,
}

impl Default for Perceptron {
    fn default() -> Self {
        Self { margin: allowed(0.5), symmetry: Symmetry::Free, max_sweeps: 1000 }
    }
}

/// A message is learned once more while its margin is at most so many lengths of the row.
struct Least(f32);

impl Pull for Least {
    #[inline(always)]
    fn pull(&self, field: f32, length: f32, _: f32) -> f32 {
        if field <= self.0 * length { 1.0 } else { 0.0 }
    }
}

impl Rule for Perceptron {
    const ABOUT: &'static About = &About {
        name: "perceptron",
        title: "perceptron with margin",
        formula: "W_ij <- W_ij + xi_i^m xi_j^m / N while xi_i^m h_i^m <= kappa |w_i|; W_ii = 0",
        source: "Gardner 1988, doi 10.1088/0305-4470/21/1/030",
        version: 1,
        parameters: &[
            Parameter::new("margin", NonNegative::ALLOWED, "stability kappa that every bit should exceed"),
            Parameter::new("symmetry", "free | symmetric", "whether W_ji changes with W_ij"),
            Parameter::new("max_sweeps", "a whole number", "sweeps over all messages at most"),
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
        let least = Least(self.margin.get() as f32);
        let learned = learn(messages, self.symmetry, &least, self.max_sweeps, watch)?;
        let report = Report {
            iterations: learned.sweeps,
            evaluations: learned.sweeps,
            objective: least_stability(&learned.weights, messages),
            stop: if learned.settled { Stop::Learned } else { Stop::MaxIterations },
            rank: None,
        };
        Ok(Written { weights: learned.weights, report })
    }

    fn nature(&self) -> Nature {
        Nature { symmetric: self.symmetry == Symmetry::Symmetric, zero_diagonal: true, ..Nature::default() }
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        /// Sweeps that are usual, and the share of messages that is learned in one.
        const SWEEPS: f64 = 30.0;
        let joint = if self.symmetry == Symmetry::Symmetric { 6.0 * n * n * m } else { 0.0 };
        2e4 + n * n * m + SWEEPS * (n * m * (0.3 * m + 10.0) + joint)
    }

    fn bytes(&self, n: u64, m: u64) -> u64 {
        // The overlaps; the messages as columns and as rows, strengths and fields; W.
        F32 * (m * m + 4 * n * m + n * n)
    }
}
