//! TRN trains W as an unrolled recurrent network, so that queries p^{m,k} around each message are led to it.
//! It finds min D(W) = sum_m sum_k |xi^m - f_W^L(p^{m,k})|^2 with s^t = tanh(gain (W s^{t-1} + U p + b)).
//!
//! The notes' general network has an input u^t at every step and a desired output y^t after every one. A
//! memory is given one query and asked for one message: u^t = p throughout, where U is trained (`input`), and
//! y^t = xi at the last step or at all (`loss`).
//!
//! Two protocols of the catalogue train like this with other defaults: `trn`, tuned, and `trn-literal`, what
//! the notes on the paper say word for word.
//!
//! Cost: about 3 products of N^2 M K multiply-adds a step and epoch. The loss is reported as the mean over
//! queries, units and the steps that count. Source: Bao, Zhang, Mao, Huai, PRICAI 2019, doi
//! 10.1007/978-3-030-29911-8_19; their settings are not public.

mod ball;
mod batch;
mod descent;
mod first_step;
mod forecast;
mod given_start;
mod literal;
mod minibatches;
mod network;
mod optimiser;
mod parameters;
mod preset;
mod program;
mod queries;
mod schedule;
mod soft;
mod start;
mod strip;
#[cfg(test)]
mod tests;
mod tiled;
mod training;
mod validation;

pub use literal::TrnLiteral;
pub use parameters::{
    Cost, Coupling, Entry, LossSteps, NoiseModel, Optimiser, Schedule, Start, Trn, TrnDiagonal,
};
pub use preset::TrnPreset;
pub use soft::TrnSoft;

use super::{About, Nature, Rule, Spec, Stage, Training, Watch, WriteError, Written};
use crate::patterns::Patterns;
use crate::protocol::Law;
use crate::seed::Stream;

impl Rule for Trn {
    // One program trains for both rules: a change of its numbers raises both versions.
    const ABOUT: &'static About = &About {
        name: "trn",
        title: "trained recurrent network",
        formula: "min D(W) = sum_m,k |xi^m - f_W^L(p^mk)|^2, s^t = tanh(gain (W s^{t-1} + U p + b))",
        source: "Bao, Zhang, Mao, Huai 2019, doi 10.1007/978-3-030-29911-8_19",
        version: 4,
        parameters: parameters::PARAMETERS,
    };

    const LEFT_OUT: &'static [(&'static str, &'static str)] = parameters::LEFT_OUT;

    fn write_messages(
        &self,
        messages: &Patterns,
        stream: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        training::train(self, messages, stream, watch)
    }

    fn nature(&self) -> Nature {
        Nature {
            symmetric: self.coupling == Coupling::Symmetric,
            zero_diagonal: self.diagonal == TrnDiagonal::Zero,
            ..Nature::default()
        }
    }

    fn rules(&self) -> Vec<(&'static str, Spec)> {
        self.start.named_rule()
    }

    fn training(&self) -> Option<Training> {
        let &Self { queries, steps, noise, epochs, .. } = self;
        Some(Training { queries, steps, noise, epochs })
    }

    fn set_training(&mut self, Training { queries, steps, noise, epochs }: Training) {
        *self = Self { queries, steps, noise, epochs, ..*self };
    }

    fn stages(&self, n: usize, m: usize) -> Vec<Stage> {
        forecast::stages(self, n, m)
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        forecast::work(self, n, m)
    }

    fn bytes(&self, n: u64, m: u64) -> u64 {
        forecast::bytes(self, n, m)
    }
}

impl Rule for TrnLiteral {
    const ABOUT: &'static About = &About {
        name: "trn-literal",
        title: "trained recurrent network, the notes word for word",
        version: 3,
        parameters: parameters::PARAMETERS.split_at(parameters::PARAMETERS.len() - 1).0,
        ..*Trn::ABOUT
    };

    const LEFT_OUT: &'static [(&'static str, &'static str)] =
        parameters::LEFT_OUT.split_at(parameters::LEFT_OUT.len() - 1).0;

    // It is trained to be right after exactly L steps, and messages become points of period L.
    const EXEMPT: &'static [Law] = &[Law::Stays, Law::Single];

    fn write_messages(
        &self,
        messages: &Patterns,
        stream: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        self.0.write_messages(messages, stream, watch)
    }

    fn nature(&self) -> Nature {
        self.0.nature()
    }

    fn rules(&self) -> Vec<(&'static str, Spec)> {
        self.0.rules()
    }

    fn training(&self) -> Option<Training> {
        self.0.training()
    }

    fn set_training(&mut self, training: Training) {
        self.0.set_training(training);
    }

    fn stages(&self, n: usize, m: usize) -> Vec<Stage> {
        self.0.stages(n, m)
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        self.0.work(n, m)
    }

    fn bytes(&self, n: u64, m: u64) -> u64 {
        self.0.bytes(n, m)
    }
}
