//! This module counts what training takes before it runs. It counts its start, its epochs, and what it holds
//! in memory.

use super::{NoiseModel, Start, Trn};
use crate::protocol::Stage;
use crate::protocol::work::{self, F32};
use std::num::NonZeroU32;

/// Lists the parts of a training: the start and the epochs. The epochs are all of them, though early stopping
/// may need fewer.
pub(super) fn stages(trn: &Trn, n: usize, m: usize) -> Vec<Stage> {
    // A training that is refused for its many queries takes no time.
    let Ok(queries) = trn.queries_per_message(n, m) else { return vec![] };
    let start = trn.start.rule().map_or(vec![], |rule| rule.stages(n, m));
    // A validation is the forward third of an epoch.
    let validations = if trn.patience > 0 { 1.0 / (3.0 * f64::from(trn.validate_every.get())) } else { 0.0 };
    let times = f64::from(trn.epochs) * (1.0 + validations);
    start.into_iter().chain([Stage { spec: epoch(trn, queries).into(), times }]).collect()
}

/// A single epoch of so many queries a message, with defaults for everything that leaves its cost alone.
fn epoch(trn: &Trn, queries: u32) -> Trn {
    let Trn {
        noise,
        learning_rate,
        gain,
        gain_end,
        clip,
        schedule,
        patience,
        validate_every,
        start_diagonal,
        ..
    } = Trn::default();
    let exhaustive = trn.noise_model == NoiseModel::Exhaustive;
    let (noise_model, redraw) =
        if exhaustive { (NoiseModel::Uniform, 0) } else { (trn.noise_model, trn.redraw) };
    let queries = NonZeroU32::new(queries).unwrap_or(NonZeroU32::MIN);
    Trn {
        epochs: 1,
        start: Start::Zero,
        queries,
        noise_model,
        redraw,
        noise,
        learning_rate,
        gain,
        gain_end,
        clip,
        schedule,
        patience,
        validate_every,
        start_diagonal,
        ..*trn
    }
}

/// Counts the operations of an epoch.
pub(super) fn work(trn: &Trn, n: f64, m: f64) -> f64 {
    let queries = m * f64::from(trn.queries.get());
    let minibatches = if trn.batch > 0 { (queries / f64::from(trn.batch)).ceil() } else { 1.0 };
    let &Trn { queries, steps, .. } = trn;
    work::trained(n, m, (queries, steps), minibatches)
}

/// Counts the bytes that a training holds. They are those of the messages and all queries as numbers, those
/// of a minibatch once more, those held out, and the messages for these; the parameters, their gradient, what
/// the optimiser keeps, and the best that validation has seen.
pub(super) fn bytes(trn: &Trn, n: u64, m: u64) -> u64 {
    // A training that is refused for its many queries takes nothing.
    let Ok(per_message) = trn.queries_per_message(n as usize, m as usize) else { return 0 };
    let queries = m * u64::from(per_message);
    let minibatch = if u64::from(trn.batch) < queries { trn.batch.into() } else { 0 };
    let validates = u64::from(trn.patience > 0);
    let held_out = validates * m * (u64::from(trn.queries.get()) + 1);
    let parameters = n * n * if trn.input { 2 } else { 1 };
    let training = F32 * (n * (m + queries + minibatch + held_out) + (3 + validates) * parameters);
    trn.start.rule().map_or(training, |rule| training.max(rule.bytes(n, m)))
}
