//! A rule may declare what kind of weights it writes. Whoever reads the catalogue then knows, and
//! [`laws`](crate::laws) holds the declaration against W.

use serde::Serialize;

/// A `Nature` is what a rule declares of the weights that it writes with its present parameters. What is not
/// declared may hold or not.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Nature {
    /// W_ij = W_ji, to the bit.
    pub symmetric: bool,
    /// W_ii = 0.
    pub zero_diagonal: bool,
    /// W_ij depends on what the messages have at units i and j, and on nothing else. A learning rule that also
    /// needs the fields of these units, which depend on all others, is local in a wider sense and does not
    /// count.
    pub local: bool,
    /// A message is added to W without those that were written before: [`Rule::add`](super::Rule::add) does it.
    pub incremental: bool,
    /// Two writes of the same numbers in another order of units, messages or signs differ by no more than this
    /// share of the weights' length: 0 where sums are exact, some rounding errors of f32 for a formula, and for
    /// an iteration what its stopping rule leaves open. A rule that draws random numbers may differ besides by
    /// what two streams make of one set of messages.
    pub tolerance: f64,
}

impl Default for Nature {
    /// Returns what a rule that declares nothing is held to.
    fn default() -> Self {
        Self { symmetric: false, zero_diagonal: false, local: false, incremental: false, tolerance: 1e-3 }
    }
}
