//! TRN: W trained as an unrolled recurrent network, min D(W) = sum_m sum_k |xi^m - f_W^L(p^{m,k})|^2 with
//! s^t = tanh(gain (W s^{t-1} + U p + b)), so that queries p^{m,k} around each message are led to it.
//!
//! The notes' general network has an input u^t at every step and a desired output y^t after every one. A memory is given one query
//! and asked for one message: u^t = p throughout, where U is trained (`input`), and y^t = xi at the last step or at all (`loss`).
//!
//! Two protocols of the catalogue train like this with other defaults: `trn`, tuned, and `trn-literal`, what the notes on the
//! paper say word for word.
//!
//! Cost: about 3 products of N^2 M K multiply-adds a step and epoch. The loss is reported as the mean over queries, units
//! and the steps that count. Source: Bao, Zhang, Mao, Huai, PRICAI 2019, doi 10.1007/978-3-030-29911-8_19; their settings
//! are not public.

mod ball;
mod batch;
mod descent;
mod first_step;
mod minibatches;
mod network;
mod optimiser;
mod parameters;
mod program;
mod queries;
mod schedule;
mod start;
mod strip;
mod tiled;
mod tiled_first_step;
mod training;
mod validation;

#[cfg(test)]
mod definition_test;
#[cfg(test)]
mod gradient_test;
#[cfg(test)]
mod tiled_test;
#[cfg(test)]
mod training_test;

pub use parameters::{
    Cost, Coupling, Entry, LossSteps, NoiseModel, Optimiser, Schedule, Start, Trn, TrnDiagonal, TrnLiteral,
};

use super::{About, Protocol, Watch, WriteError, Written};
use crate::patterns::Patterns;
use crate::seed::Stream;

const SOURCE: &str = "Bao, Zhang, Mao, Huai 2019, doi 10.1007/978-3-030-29911-8_19";

// One program trains for both: a change of its numbers raises both versions.
pub(super) const ABOUT: About = About {
    name: "trn",
    title: "trained recurrent network",
    formula: "min D(W) = sum_m,k |xi^m - f_W^L(p^mk)|^2, s^t = tanh(gain (W s^{t-1} + U p + b))",
    source: SOURCE,
    version: 4,
    parameters: parameters::PARAMETERS,
};

pub(super) const ABOUT_LITERAL: About = About {
    name: "trn-literal",
    title: "trained recurrent network, the notes word for word",
    version: 3,
    ..ABOUT
};

pub(super) use parameters::LEFT_OUT;

impl Protocol for Trn {
    fn name(&self) -> &'static str {
        ABOUT.name
    }

    fn write_watched(
        &self,
        messages: &Patterns,
        stream: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        training::train(self, messages, stream, watch)
    }
}

impl Protocol for TrnLiteral {
    fn name(&self) -> &'static str {
        ABOUT_LITERAL.name
    }

    fn write_watched(
        &self,
        messages: &Patterns,
        stream: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        training::train(&self.0, messages, stream, watch)
    }
}
