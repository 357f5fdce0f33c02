//! The parameters of TRN: what each may be, and the two sets of defaults.

use crate::protocol::Parameter;
use crate::protocol::parameter::{Fraction, Noise, NonNegative, Positive, allowed};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// Declares [`Trn`], and beside it what a definition gives of its parameters: the same keys, all of them optional, because
/// two protocols fill in different defaults.
macro_rules! trn {
    ($($(#[$meta:meta])* $name:ident: $kind:ty,)+) => {
        /// The trained-network protocol.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(from = "Given")]
        pub struct Trn { $($(#[$meta])* pub $name: $kind,)+ }

        #[derive(Deserialize)]
        #[serde(deny_unknown_fields, expecting = "a table of parameters")]
        struct Given { $($name: Option<$kind>,)+ }

        impl Given {
            /// What is given, and the rest as in `defaults`.
            fn or(self, defaults: Trn) -> Trn {
                Trn { $($name: self.$name.unwrap_or(defaults.$name),)+ }
            }
        }
    };
}

trn! {
    /// Unrolled steps L.
    steps: NonZeroU32,
    /// Queries a message, K.
    queries: NonZeroU32,
    /// Training noise level.
    noise: Noise,
    /// How the noise level sets a query's flips.
    noise_model: NoiseModel,
    /// Passes over all queries.
    epochs: u32,
    /// Step size of the optimiser.
    learning_rate: Positive,
    /// The rule that steps.
    optimiser: Optimiser,
    /// W before training.
    start: Start,
    /// Whether W is kept symmetric.
    coupling: Coupling,
    /// Whether the diagonal is trained.
    diagonal: TrnDiagonal,
    /// The steps whose states count in the loss.
    loss: LossSteps,
    /// How a state is compared with its message.
    cost: Cost,
    /// Epochs between fresh queries; 0 keeps one fixed set.
    redraw: u32,
    /// What enters the first step.
    entry: Entry,
    /// Whether the coupling U of the query is trained.
    input: bool,
    /// Whether thresholds b are trained.
    thresholds: bool,
    /// Slope of tanh at 0.
    gain: Positive,
    /// Slope of tanh at 0 in the last epoch, reached from `gain` geometrically; 0 keeps it.
    #[serde(skip_serializing_if = "is_default")]
    gain_end: NonNegative,
    /// Queries a step of the optimiser; 0 takes all of them at once.
    #[serde(skip_serializing_if = "is_default")]
    batch: u32,
    /// Length that a longer gradient is cut down to; 0 leaves all as they are.
    #[serde(skip_serializing_if = "is_default")]
    clip: NonNegative,
    /// How the step size changes with the epochs.
    #[serde(skip_serializing_if = "is_default")]
    schedule: Schedule,
    /// Epochs without a lower validation loss after which training ends; 0 trains them all.
    #[serde(skip_serializing_if = "is_default")]
    patience: u32,
    /// Epochs between validations.
    #[serde(skip_serializing_if = "is_usual_interval")]
    validate_every: NonZeroU32,
}

/// TRN as the notes on the paper have it word for word: the parameters of [`Trn`], but by default a random start, one fixed
/// set of queries, the squared loss of the last step, and a W that is free in all its entries.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Given")]
pub struct TrnLiteral(pub Trn);

impl From<Given> for Trn {
    fn from(given: Given) -> Self {
        given.or(Self::default())
    }
}

impl From<Given> for TrnLiteral {
    fn from(given: Given) -> Self {
        Self(given.or(Self::default().0))
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn is_usual_interval(epochs: &NonZeroU32) -> bool {
    *epochs == Trn::default().validate_every
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
        /// No draw: every state with d <= round(noise N) is a query, whatever K is.
        Exhaustive,
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

/// How the step size changes with the epochs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Schedule {
    /// Not at all.
    #[default]
    Constant,
    /// Down to 0 along half a period of the cosine (Loshchilov and Hutter 2017, without restarts).
    Cosine,
    /// Times `factor` after every so many epochs.
    Step {
        /// Epochs between changes.
        every: NonZeroU32,
        /// What the step size is multiplied by.
        factor: Fraction,
    },
}

impl Default for Trn {
    fn default() -> Self {
        let count = |value| NonZeroU32::new(value).expect("defaults are not zero");
        Self {
            steps: count(5),
            queries: count(20),
            noise: allowed(0.1),
            noise_model: NoiseModel::Uniform,
            epochs: 300,
            learning_rate: allowed(0.003),
            optimiser: Optimiser::Adam,
            start: Start::Mpf,
            coupling: Coupling::Free,
            diagonal: TrnDiagonal::Free,
            loss: LossSteps::All,
            cost: Cost::CrossEntropy,
            redraw: 1,
            entry: Entry::Query,
            input: false,
            thresholds: false,
            gain: allowed(1.0),
            gain_end: NonNegative::default(),
            batch: 0,
            clip: NonNegative::default(),
            schedule: Schedule::Constant,
            patience: 0,
            validate_every: count(10),
        }
    }
}

impl Default for TrnLiteral {
    fn default() -> Self {
        Self(Trn {
            start: Start::Random,
            loss: LossSteps::Last,
            cost: Cost::Squared,
            diagonal: TrnDiagonal::Free,
            redraw: 0,
            ..Trn::default()
        })
    }
}

macro_rules! parameters {
    ($($name:literal, $allowed:expr, $meaning:literal;)+) => {
        &[$(Parameter { name: $name, allowed: $allowed, meaning: $meaning }),+]
    };
}

/// The parameters as the catalogue lists them.
pub(super) const PARAMETERS: &[Parameter] = parameters! {
    "steps", "a positive whole number", "unrolled steps L";
    "queries", "a positive whole number", "queries a message, K";
    "noise", Noise::ALLOWED, "training noise level";
    "noise_model", "exact | uniform | bernoulli | exhaustive", "flips d of a query: round(noise n); 0..=round(noise n); each bit; all states so near";
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
    "gain_end", NonNegative::ALLOWED, "that slope in the last epoch, reached geometrically; 0: it stays";
    "batch", "a whole number", "queries a step of the optimiser; 0: all";
    "clip", NonNegative::ALLOWED, "length that a longer gradient is cut down to; 0: none is";
    "schedule", "\"constant\" | \"cosine\" | { step = { every = 100, factor = 0.5 } }", "how the step size changes with the epochs";
    "patience", "a whole number", "epochs without a lower validation loss that end training; 0: none do";
    "validate_every", "a positive whole number", "epochs between validations";
};

/// Parameters that the serialised form leaves out at their default, which follows as JSON.
pub(in crate::protocol) const LEFT_OUT: &[(&str, &str)] = &[
    ("gain_end", "0.0"),
    ("batch", "0"),
    ("clip", "0.0"),
    ("schedule", "\"constant\""),
    ("patience", "0"),
    ("validate_every", "10"),
];
