//! TRN-SOFT trains W through the soft reader, by which it is then to be read: the natural end of the idea of
//! a trained recurrent network. It finds min sum_m sum_k cost(xi^m, z^L(p^{m,k})) over W with rows of length 1
//! and zero diagonal, where the reader starts at the query and keeps some of it,
//! s^0 = p, s^t = a s^{t-1} + (1 - a) z^t, z^t = tanh(beta (W s^{t-1} + b + lambda p)).
//! What is compared with the message is z^t, where a step is going.
//!
//! The reader divides every row of W by its length, and so does training: the loss is a function of the rows'
//! directions. Its gradient is taken through that division, which takes out of it what lies along a row, and
//! after each step of the optimiser rows are brought back to length 1. That moves no direction, and it keeps
//! the step size what it was: rows that nothing brings back grow with every step, since each is at right angles
//! to them, and would turn less and less. Projecting alone would leave in the optimiser's memory a part of the
//! gradient that comes to nothing.
//!
//! A plain read does not see the length of a row, so the memory can be read by any reader.
//!
//! Domain: damping a in [0, 1), lambda >= 0, beta > 0. Cost: 3 products of N^2 M K multiply-adds a step and
//! epoch, and a tanh a unit; products in tiles up to N = 512, the library's beyond. The loss is reported as
//! the mean over queries, units and the steps that count. Limits: like TRN it needs its queries, and a unit
//! that is saturated in the wrong state hardly learns; every query of every epoch is read in `steps` steps,
//! which is less than a read later takes, so that what has not settled by then is trained to be right early.
//! Source: Bao, Zhang, Mao, Huai 2019 (doi 10.1007/978-3-030-29911-8_19) for training what reads; Hopfield 1984
//! (doi 10.1073/pnas.81.10.3088) for the graded response; this reader and its defaults are this study's, chosen
//! on messages that nothing else uses.

mod network;
mod products;
#[cfg(test)]
mod tests;
mod training;

use self::network::Reader;
use super::{Cost, LossSteps, NoiseModel, Optimiser, Schedule, Start};
use crate::noise::NoiseDraw;
use crate::patterns::Patterns;
use crate::protocol::Nature;
use crate::protocol::parameter::{Fraction, Noise, NonNegative, Positive, allowed};
use crate::protocol::work::{self, F32};
use crate::protocol::{About, Margin, Parameter, Rule, Spec, Stage, Training, Watch, WriteError, Written};
use crate::seed::Stream;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// TRN-SOFT trains W through the soft reader.
///
/// Rule: `min sum_m,k cost(xi^m, z^L(p^mk)), |w_i| = 1, W_ii = 0, z^t = tanh(beta (W s^{t-1} + b + lambda p)), s^t =
/// a s^{t-1} + (1 - a) z^t, s^0 = p`
///
/// Source: Bao, Zhang, Mao, Huai 2019, doi 10.1007/978-3-030-29911-8_19; the reader Hopfield 1984, doi
/// 10.1073/pnas.81.10.3088.
///
/// ```
/// use protocols::{Patterns, Spec, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let rule = Spec::named("trn-soft").expect("it is in the catalogue");
/// let memory = rule.protocol().write(&messages, &mut stream)?.weights;
/// // Every bit of every message has its field on its own side.
/// let fields = memory.fields(&messages);
/// assert!((0..6).all(|m| (0..64).all(|i| fields[(i, m)] * f32::from(messages.row(m)[i]) > 0.0)));
/// # Ok::<(), protocols::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrnSoft {
    /// Unrolled steps L.
    pub steps: NonZeroU32,
    /// Slope beta of tanh at 0, for rows of length 1.
    pub beta: Positive,
    /// Share a of the last state that is kept.
    pub damping: Fraction,
    /// Weight lambda of the query in every field.
    pub lambda: NonNegative,
    /// Queries a message, K.
    pub queries: NonZeroU32,
    /// Training noise level.
    pub noise: Noise,
    /// How the noise level sets a query's flips.
    pub noise_model: NoiseDraw,
    /// Passes over all queries.
    pub epochs: u32,
    /// Queries a step of the optimiser; 0 takes all of them at once.
    pub batch: u32,
    /// Epochs between fresh queries; 0 keeps one fixed set.
    pub redraw: u32,
    /// Step size of the optimiser.
    pub learning_rate: Positive,
    /// The rule that steps.
    pub optimiser: Optimiser,
    /// How the step size changes with the epochs.
    pub schedule: Schedule,
    /// W before training.
    pub start: Start,
    /// The steps whose states count in the loss.
    pub loss: LossSteps,
    /// How a state is compared with its message.
    pub cost: Cost,
    /// Whether thresholds b are trained.
    pub thresholds: bool,
}

impl Default for TrnSoft {
    fn default() -> Self {
        let count = |value| NonZeroU32::new(value).expect("defaults are not zero");
        Self {
            steps: count(10),
            beta: allowed(3.0),
            damping: allowed(0.5),
            lambda: allowed(0.1),
            queries: count(20),
            noise: allowed(0.2),
            noise_model: NoiseDraw::Uniform,
            epochs: 100,
            batch: 128,
            redraw: 1,
            learning_rate: allowed(0.001),
            optimiser: Optimiser::Adam,
            schedule: Schedule::Cosine,
            start: Start::Margin(Margin::default()),
            loss: LossSteps::All,
            cost: Cost::CrossEntropy,
            thresholds: false,
        }
    }
}

impl TrnSoft {
    fn reader(&self, n: usize) -> Reader {
        Reader {
            n,
            steps: self.steps.get() as usize,
            beta: self.beta.get(),
            damping: self.damping.get(),
            lambda: self.lambda.get(),
            cost: self.cost,
            loss: self.loss,
            thresholds: self.thresholds,
        }
    }
}

impl From<NoiseDraw> for NoiseModel {
    fn from(draw: NoiseDraw) -> Self {
        match draw {
            NoiseDraw::Exact => Self::Exact,
            NoiseDraw::Uniform => Self::Uniform,
            NoiseDraw::Bernoulli => Self::Bernoulli,
        }
    }
}

impl Rule for TrnSoft {
    const ABOUT: &'static About = &About {
        name: "trn-soft",
        title: "recurrent network trained through the soft reader",
        formula: "min sum_m,k cost(xi^m, z^L(p^mk)), |w_i| = 1, W_ii = 0, \
                  z^t = tanh(beta (W s^{t-1} + b + lambda p)), s^t = a s^{t-1} + (1 - a) z^t, s^0 = p",
        source: "Bao, Zhang, Mao, Huai 2019, doi 10.1007/978-3-030-29911-8_19; the reader Hopfield 1984, \
                 doi 10.1073/pnas.81.10.3088",
        version: 1,
        parameters: &[
            Parameter::new("steps", "a positive whole number", "unrolled steps L"),
            Parameter::new("beta", Positive::ALLOWED, "slope of tanh at 0, for rows of length 1"),
            Parameter::new("damping", Fraction::ALLOWED, "share a of the last state that is kept"),
            Parameter::new("lambda", NonNegative::ALLOWED, "weight of the query in every field"),
            Parameter::new("queries", "a positive whole number", "queries a message, K"),
            Parameter::new("noise", Noise::ALLOWED, "training noise level"),
            Parameter::new(
                "noise_model",
                "exact | uniform | bernoulli",
                "flips d of a query: round(noise n); 0..=round(noise n); each bit",
            ),
            Parameter::new("epochs", "a whole number", "passes over all queries"),
            Parameter::new("batch", "a whole number", "queries a step of the optimiser; 0: all"),
            Parameter::new("redraw", "a whole number", "epochs between fresh queries; 0: one fixed set"),
            Parameter::new("learning_rate", Positive::ALLOWED, "step size of the optimiser"),
            Parameter::new("optimiser", "\"adam\" | { sgd = { momentum = 0.9 } }", "the rule that steps"),
            Parameter::new(
                "schedule",
                "\"constant\" | \"cosine\" | { step = { every = 100, factor = 0.5 } }",
                "how the step size changes with the epochs",
            ),
            Parameter::new(
                "start",
                "hop | mpf | margin | mcf | zero | random | { margin = { l2 = 0.1 } }",
                "W before training, by margin and mcf with whatever parameters",
            ),
            Parameter::new("loss", "last | all", "the steps whose states count in the loss"),
            Parameter::new("cost", "squared | cross-entropy", "how a state is compared with its message"),
            Parameter::new("thresholds", "true | false", "train thresholds b"),
        ],
    };

    fn write_messages(
        &self,
        messages: &Patterns,
        stream: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        training::train(self, messages, stream, watch)
    }

    fn rules(&self) -> Vec<(&'static str, Spec)> {
        self.start.rule().map(|rule| ("start", rule)).into_iter().collect()
    }

    fn training(&self) -> Option<Training> {
        let &Self { queries, steps, noise, epochs, .. } = self;
        Some(Training { queries, steps, noise, epochs })
    }

    fn set_training(&mut self, Training { queries, steps, noise, epochs }: Training) {
        *self = Self { queries, steps, noise, epochs, ..*self };
    }

    fn stages(&self, n: usize, m: usize) -> Vec<Stage> {
        let start = self.start.rule().map_or(vec![], |rule| rule.stages(n, m));
        let epoch = Self { epochs: 1, start: Start::Zero, ..*self };
        start.into_iter().chain([Stage { spec: epoch.into(), times: self.epochs.into() }]).collect()
    }

    fn nature(&self) -> Nature {
        Nature { zero_diagonal: true, ..Nature::default() }
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        let queries = m * f64::from(self.queries.get());
        let minibatches = if self.batch > 0 { (queries / f64::from(self.batch)).ceil() } else { 1.0 };
        work::trained(n, m, (self.queries, self.steps), minibatches)
    }

    fn bytes(&self, n: u64, m: u64) -> u64 {
        // The messages and all queries as numbers, a minibatch once more, and the parameters: before and now, their
        // gradient, and two that Adam keeps.
        let queries = m * u64::from(self.queries.get());
        let minibatch = if u64::from(self.batch) < queries { self.batch.into() } else { 0 };
        let training = F32 * (n * (m + queries + minibatch) + 3 * n * n);
        self.start.rule().map_or(training, |rule| training.max(rule.bytes(n, m)))
    }
}
