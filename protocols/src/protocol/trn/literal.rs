//! This is TRN word for word as the notes on the paper have it. It has the defaults that they give.

use super::parameters::{Cost, LossSteps, Start, Trn, TrnDiagonal};
use super::preset::Given;
use serde::{Deserialize, Deserializer, Serialize};

/// A `TrnLiteral` is TRN word for word as the notes on the paper have it. It has the parameters of [`Trn`],
/// but by default a random start, one fixed set of queries, the squared loss of the last step, and a W that
/// is free in all its entries.
///
/// Rule: `min D(W) = sum_m,k |xi^m - f_W^L(p^mk)|^2, s^t = tanh(gain (W s^{t-1} + U p + b))`
///
/// Source: Bao, Zhang, Mao, Huai 2019, doi 10.1007/978-3-030-29911-8_19.
///
/// ```
/// use protocols::{Patterns, Spec, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let rule = Spec::named("trn-literal").expect("it is in the catalogue");
/// let memory = rule.protocol().write(&messages, &mut stream)?.weights;
/// // Its diagonal is trained with the rest. The network is right after L steps, and does not stay there.
/// assert!(memory.matrix()[(0, 0)] != 0.0);
/// # Ok::<(), protocols::WriteError>(())
/// ```
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
