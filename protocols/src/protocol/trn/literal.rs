//! This is TRN word for word as the notes on the paper have it. It has the defaults that they give.

use super::parameters::{Cost, LossSteps, Start, Trn, TrnDiagonal};
use super::preset::Given;
use serde::{Deserialize, Deserializer, Serialize};

/// A `TrnLiteral` is TRN word for word as the notes on the paper have it. It has the parameters of [`Trn`],
/// but by default a random start, one fixed set of queries, the squared loss of the last step, and a W that
/// is free in all its entries.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct TrnLiteral(pub Trn);

impl<'de> Deserialize<'de> for TrnLiteral {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Given::deserialize(deserializer).map(|given| Self(given.or(defaults())))
    }
}

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
