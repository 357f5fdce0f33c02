//! TRN: W trained as an unrolled recurrent network, min D(W) = sum_m sum_k |xi^m - f_W^L(p^{m,k})|^2 with
//! s^t = tanh(gain (W s^{t-1} + U p + b)), so that queries p^{m,k} around each message are led to it.
//!
//! Cost: about 3 products of N^2 M K multiply-adds a step and epoch. The loss is reported as the mean over queries, units
//! and the steps that count. Source: Bao, Zhang, Mao, Huai, PRICAI 2019, doi 10.1007/978-3-030-29911-8_19; their settings
//! are not public.

mod batch;
mod first_step;
mod network;
mod optimiser;
mod queries;
mod training;

#[cfg(test)]
mod gradient_test;

use super::parameter::{Fraction, Noise, Positive, allowed};
use super::{About, Parameter, Protocol, Watch, WriteError, Written};
use crate::patterns::Patterns;
use crate::seed::Stream;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// The trained-network protocol.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Trn {
    /// Unrolled steps L.
    pub steps: NonZeroU32,
    /// Queries a message, K.
    pub queries: NonZeroU32,
    /// Training noise level.
    pub noise: Noise,
    /// How the noise level sets a query's flips.
    pub noise_model: NoiseModel,
    /// Passes over all queries.
    pub epochs: u32,
    /// Step size of the optimiser.
    pub learning_rate: Positive,
    /// The rule that steps.
    pub optimiser: Optimiser,
    /// W before training.
    pub start: Start,
    /// Whether W is kept symmetric.
    pub coupling: Coupling,
    /// Whether the diagonal is trained.
    pub diagonal: TrnDiagonal,
    /// The steps whose states count in the loss.
    pub loss: LossSteps,
    /// How a state is compared with its message.
    pub cost: Cost,
    /// Epochs between fresh queries; 0 keeps one fixed set.
    pub redraw: u32,
    /// What enters the first step.
    pub entry: Entry,
    /// Whether the coupling U of the query is trained.
    pub input: bool,
    /// Whether thresholds b are trained.
    pub thresholds: bool,
    /// Slope of tanh at 0.
    pub gain: Positive,
}

macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }
    };
}

choices!(
    /// How the noise level sets the flips d of a training query.
    NoiseModel {
        /// d = round(noise N).
        Exact,
        /// d uniform in 0..=round(noise N).
        Uniform,
        /// Every bit flips with probability `noise`.
        Bernoulli,
    }
);
choices!(
    /// W before training.
    Start {
        /// The outer product over N, zero diagonal.
        Hop,
        /// The memory that minimum probability flow writes with its defaults, scaled to fields of 1 on average.
        Mpf,
        /// 0; U and b always start there.
        Zero,
        /// Independent normal numbers of variance 1/N.
        Random,
    }
);
choices!(
    /// Whether W is kept symmetric while training.
    Coupling {
        /// Every weight for itself.
        Free,
        /// W = W^T throughout.
        Symmetric,
    }
);
choices!(
    /// The diagonal while training.
    TrnDiagonal {
        /// Kept at 0.
        Zero,
        /// Trained.
        Free,
    }
);
choices!(
    /// The steps whose states count in the loss.
    LossSteps {
        /// s^L only.
        Last,
        /// s^1 .. s^L.
        All,
    }
);
choices!(
    /// How a state s is compared with its message xi.
    Cost {
        /// (xi - s)^2, the paper's.
        Squared,
        /// -ln((1 + xi s)/2).
        CrossEntropy,
    }
);
choices!(
    /// What enters the first step: the notes write both f^L(p) and f^L(W p).
    Entry {
        /// s^0 = p.
        Query,
        /// s^0 = W p.
        Field,
    }
);

/// The rule that steps along the gradient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Optimiser {
    /// Adam (Kingma and Ba 2015) with its published constants.
    Adam,
    /// Gradient descent with momentum (Polyak 1964).
    Sgd {
        /// Share of the last step that is kept.
        momentum: Fraction,
    },
}

impl Default for Trn {
    fn default() -> Self {
        let count = |value| NonZeroU32::new(value).expect("defaults are not zero");
        Self {
            steps: count(5),
            queries: count(20),
            noise: allowed(0.2),
            noise_model: NoiseModel::Uniform,
            epochs: 300,
            learning_rate: allowed(0.003),
            optimiser: Optimiser::Adam,
            start: Start::Mpf,
            coupling: Coupling::Free,
            diagonal: TrnDiagonal::Zero,
            loss: LossSteps::All,
            cost: Cost::Squared,
            redraw: 1,
            entry: Entry::Query,
            input: false,
            thresholds: false,
            gain: allowed(1.0),
        }
    }
}

macro_rules! parameters {
    ($($name:literal, $allowed:expr, $meaning:literal;)+) => {
        &[$(Parameter { name: $name, allowed: $allowed, meaning: $meaning }),+]
    };
}

pub(super) const ABOUT: About = About {
    name: "trn",
    title: "trained recurrent network",
    formula: "min D(W) = sum_m,k |xi^m - f_W^L(p^mk)|^2, s^t = tanh(gain (W s^{t-1} + U p + b))",
    source: "Bao, Zhang, Mao, Huai 2019, doi 10.1007/978-3-030-29911-8_19",
    version: 2,
    parameters: parameters! {
        "steps", "a positive whole number", "unrolled steps L";
        "queries", "a positive whole number", "queries a message, K";
        "noise", Noise::ALLOWED, "training noise level";
        "noise_model", "exact | uniform | bernoulli", "flips d of a query: round(noise n); 0..=round(noise n); each bit";
        "epochs", "a whole number", "passes over all queries";
        "learning_rate", Positive::ALLOWED, "step size of the optimiser";
        "optimiser", "\"adam\" | { sgd = { momentum = 0.9 } }", "the rule that steps";
        "start", "hop | mpf | zero | random", "W before training";
        "coupling", "free | symmetric", "whether W is kept symmetric";
        "diagonal", "zero | free", "whether the diagonal is trained";
        "loss", "last | all", "the steps whose states count in the loss";
        "cost", "squared | cross-entropy", "how a state is compared with its message";
        "redraw", "a whole number", "epochs between fresh queries; 0: one fixed set";
        "entry", "query | field", "s^0 = p or s^0 = W p";
        "input", "true | false", "train the coupling U of the query";
        "thresholds", "true | false", "train thresholds b";
        "gain", Positive::ALLOWED, "slope of tanh at 0";
    },
};

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
