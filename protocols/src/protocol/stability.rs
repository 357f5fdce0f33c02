//! STABILITY writes the W of largest stability kappa = min_{m,i} xi_i^m h_i^m / |w_i|, h = W xi, with a zero diagonal.
//! Of each row it is min |w_i|^2 / 2 with xi_i^m h_i^m >= 1 for all m, the support vector machine with a hard margin
//! and no threshold, and kappa_i = 1/|w_i|.
//!
//! With a symmetric W the rows hang together, and it is defined as min |W|_F^2 / 2 with xi_i^m h_i^m >= 1 for all m and
//! i over symmetric W of zero diagonal. So the mean of 1/kappa_i^2 is least; the smallest kappa_i may be below what
//! another symmetric W has.
//!
//! Method: the dual problem, W from strengths x_i^m >= 0 of messages ([`strengths`](super::strengths)), ascended one
//! strength at a time: x <- max(0, x + (1 - xi h) N/(N - 1)), which is AdaTron with the step that ends the change's own
//! error. A sweep in which no field is asked to change by more than `tolerance` is the last; kappa is then within
//! a share of `tolerance` of every row's largest, or a little better.
//!
//! Domain: where no W has such margins strengths grow without end, so none exceeds `cap`. That is the soft margin,
//! which also pays cap/N for every unit of margin that is missing; the end is then
//! [`Stop::NotSeparable`](super::Stop::NotSeparable), or where strengths were still growing
//! [`Stop::MaxIterations`](super::Stop::MaxIterations), and some messages are not stored. Random messages
//! are separable up to a load of about 2 (Cover 1965, Gardner 1988), where W is free. Beyond, writing takes long,
//! seconds at N = 256, and what it comes to is worth little.
//!
//! Cost: a sweep takes M multiply-adds for every strength that changes, at most N M^2; at N = 256 there are 16, 32 and
//! 138 of them at loads 1/4, 1/2 and 1. With a symmetric W there are ten times as many, of 3 N^2 M more. Beside W it
//! holds the M^2 overlaps.
//!
//! Source: Krauth, Mezard 1987 (J. Phys. A 20, L745), MinOver; Anlauf, Biehl 1989 (Europhys. Lett. 10, 687), AdaTron;
//! the ascent with bounds is that of Hsieh, Chang, Lin, Keerthi, Sundararajan 2008 (ICML). The values of `cap` and
//! `tolerance` are this study's.

use super::parameter::{Positive, allowed};
use super::strengths::{Pull, Symmetry, learn, least_stability};
use super::work::F32;
use super::{About, Nature, Parameter, Report, Rule, Stop, Watch, WriteError, Written};
use crate::patterns::Patterns;
use crate::seed::Stream;
use serde::{Deserialize, Serialize};

/// STABILITY writes the weights of largest stability.
///
/// Rule: `min |W|^2 / 2 with xi_i^m h_i^m >= 1 for all m, i; W_ii = 0, W free or symmetric`
///
/// Source: Krauth, Mezard 1987, doi 10.1088/0305-4470/20/11/013; Anlauf, Biehl 1989, doi 10.1209/0295-5075/10/7/014.
///
/// ```
/// use protocols::{Patterns, Spec, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let rule = Spec::named("stability").expect("it is in the catalogue");
/// let memory = rule.protocol().write(&messages, &mut stream)?.weights;
/// // Every bit of every message has its field on its own side.
/// let fields = memory.fields(&messages);
/// assert!((0..6).all(|m| (0..64).all(|i| fields[(i, m)] * f32::from(messages.row(m)[i]) > 0.0)));
/// # Ok::<(), protocols::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LargestStability {
    /// Whether W is symmetric.
    pub symmetry: Symmetry,
    /// The largest strength of a message, in units of the outer product's 1/N.
    pub cap: Positive,
    /// Stops once no field is asked to change by more than this share of the smallest.
    pub tolerance: Positive,
    /// Sweeps over all messages at most.
    pub max_sweeps: u32,
}

impl Default for LargestStability {
    fn default() -> Self {
        Self { symmetry: Symmetry::Free, cap: allowed(1000.0), tolerance: allowed(1e-3), max_sweeps: 2000 }
    }
}

/// The ascent in one strength; all numbers are times N.
struct Ascent {
    n: f32,
    others: f32,
    cap: f32,
    tolerance: f32,
}

impl Pull for Ascent {
    #[inline(always)]
    fn pull(&self, field: f32, _: f32, strength: f32) -> f32 {
        let change = (strength + (self.n - field) / self.others).clamp(0.0, self.cap) - strength;
        if change.abs() * self.others > self.tolerance { change } else { 0.0 }
    }
}

impl Rule for LargestStability {
    const ABOUT: &'static About = &About {
        name: "stability",
        title: "largest stability",
        formula: "min |W|^2 / 2 with xi_i^m h_i^m >= 1 for all m, i; W_ii = 0, W free or symmetric",
        source: "Krauth, Mezard 1987, doi 10.1088/0305-4470/20/11/013; Anlauf, Biehl 1989, \
                 doi 10.1209/0295-5075/10/7/014",
        version: 1,
        parameters: &[
            Parameter::new("symmetry", "free | symmetric", "every row for itself; W = W^T"),
            Parameter::new(
                "cap",
                Positive::ALLOWED,
                "largest strength of a message, 1: that of the outer product / N; the soft margin's C",
            ),
            Parameter::new("tolerance", Positive::ALLOWED, "stop once no field xi h >= 1 is off by more"),
            Parameter::new("max_sweeps", "a whole number", "sweeps over all messages at most"),
        ],
    };

    fn write_messages(
        &self,
        messages: &Patterns,
        _: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        let n = messages.n() as f32;
        let cap = self.cap.get() as f32;
        // A memory of one unit has no field to learn.
        let others = (n - 1.0).max(1.0);
        let ascent = Ascent { n, others, cap, tolerance: n * self.tolerance.get() as f32 };
        let learned = learn(messages, self.symmetry, &ascent, self.max_sweeps, watch)?;
        let stop = if learned.strengths.iter().any(|&x| x >= cap) {
            Stop::NotSeparable
        } else if learned.settled {
            Stop::GradientTolerance
        } else {
            Stop::MaxIterations
        };
        let report = Report {
            iterations: learned.sweeps,
            evaluations: learned.sweeps,
            objective: least_stability(&learned.weights, messages),
            stop,
            rank: None,
        };
        Ok(Written { weights: learned.weights, report })
    }

    fn nature(&self) -> Nature {
        Nature { symmetric: self.symmetry == Symmetry::Symmetric, zero_diagonal: true, ..Nature::default() }
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        /// Sweeps that are usual, of which most leave most strengths alone.
        const SWEEPS: f64 = 30.0;
        let joint = if self.symmetry == Symmetry::Symmetric { 6.0 * n * n * m } else { 0.0 };
        2e4 + n * n * m + SWEEPS * (n * m * (m + 10.0) + joint)
    }

    fn bytes(&self, n: u64, m: u64) -> u64 {
        // The overlaps; the messages as columns and as rows, strengths and fields; W.
        F32 * (m * m + 4 * n * m + n * n)
    }
}
