//! This is TRN word for word as the notes on the paper have it. It has the defaults that they give.

use super::parameters::{
    Cost, Coupling, Entry, LossSteps, NoiseModel, Optimiser, Schedule, Start, Trn, TrnDiagonal,
};
use crate::protocol::parameter::{Noise, NonNegative, Positive};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// A `TrnLiteral` is TRN word for word as the notes on the paper have it. It has the parameters of [`Trn`],
/// but by default a random start, one fixed set of queries, the squared loss of the last step, and a W that
/// is free in all its entries.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TrnLiteral(#[serde(deserialize_with = "Given::deserialize")] pub Trn);

impl Default for TrnLiteral {
    fn default() -> Self {
        Self(defaults())
    }
}

fn defaults() -> Trn {
    Trn {
        start: Start::Random,
        loss: LossSteps::Last,
        cost: Cost::Squared,
        diagonal: TrnDiagonal::Free,
        redraw: 0,
        ..Trn::default()
    }
}

/// The fields of [`Trn`] once more: what is not given takes the default of the type that serde reads, so other
/// defaults need another type. The compiler holds the two together.
#[derive(Deserialize)]
#[serde(remote = "Trn", deny_unknown_fields, default = "defaults", expecting = "a table of parameters")]
struct Given {
    steps: NonZeroU32,
    queries: NonZeroU32,
    noise: Noise,
    noise_model: NoiseModel,
    epochs: u32,
    learning_rate: Positive,
    optimiser: Optimiser,
    start: Start,
    coupling: Coupling,
    diagonal: TrnDiagonal,
    loss: LossSteps,
    cost: Cost,
    redraw: u32,
    entry: Entry,
    input: bool,
    thresholds: bool,
    gain: Positive,
    gain_end: NonNegative,
    batch: u32,
    clip: NonNegative,
    schedule: Schedule,
    patience: u32,
    validate_every: NonZeroU32,
    start_diagonal: NonNegative,
}
