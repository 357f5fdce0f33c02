//! A write takes operations and bytes, which are counted here. By these, costs are forecast before anything
//! runs.

use std::num::NonZeroU32;

/// A weight takes so many bytes.
pub(super) const F32: u64 = 4;

/// A number in double precision takes so many bytes.
pub(super) const F64: u64 = 8;

/// Counts the operations of minimising a loss of margins over so many states by L-BFGS. `step` are those for
/// every weight and evaluation.
pub(super) fn minimised(n: f64, states: f64, step: f64) -> f64 {
    /// Evaluations that L-BFGS usually takes.
    const EVALUATIONS: f64 = 20.0;
    2e4 + EVALUATIONS * evaluation(n, states, step)
}

/// Operations of a loss of margins over so many states and its gradient, and of the step of L-BFGS.
fn evaluation(n: f64, states: f64, step: f64) -> f64 {
    n * (4.0 * n * states + 20.0 * states + step * n)
}

/// Counts the operations of an epoch of training. It has K queries a message through L steps, in so many
/// minibatches.
pub(super) fn trained(n: f64, m: f64, (k, l): (NonZeroU32, NonZeroU32), minibatches: f64) -> f64 {
    let (steps, queries) = (f64::from(l.get()), m * f64::from(k.get()));
    5e3 + queries * n * (6.0 * n * steps + 30.0 * steps + 30.0) + minibatches * 20.0 * n * n
}
