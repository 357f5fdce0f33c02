//! The parameters of TRN say how the network is trained. Here is what each may be, and its default.

use crate::protocol::parameter::{Fraction, Noise, NonNegative, Positive, allowed};
use crate::protocol::{Margin, Mcf, Parameter};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// `Trn` trains W as an unrolled recurrent network. It holds the parameters, with the defaults of this study.
///
/// It is read as [`TrnPreset`](super::TrnPreset) has it.
///
/// Rule: `min D(W) = sum_m,k |xi^m - f_W^L(p^mk)|^2, s^t = tanh(gain (W s^{t-1} + U p + b))`
///
/// Source: Bao, Zhang, Mao, Huai 2019, doi 10.1007/978-3-030-29911-8_19.
///
/// ```
/// use protocols::{Patterns, Spec, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let rule = Spec::named("trn").expect("it is in the catalogue");
/// let memory = rule.protocol().write(&messages, &mut stream)?.weights;
/// // Every bit of every message has its field on its own side.
/// let fields = memory.fields(&messages);
/// assert!((0..6).all(|m| (0..64).all(|i| fields[(i, m)] * f32::from(messages.row(m)[i]) > 0.0)));
/// # Ok::<(), protocols::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
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
    /// Slope of tanh at 0 in the last epoch, reached from `gain` geometrically; 0 keeps it.
    #[serde(skip_serializing_if = "is_default")]
    pub gain_end: NonNegative,
    /// Queries a step of the optimiser; 0 takes all of them at once.
    #[serde(skip_serializing_if = "is_default")]
    pub batch: u32,
    /// Length that a longer gradient is cut down to; 0 leaves all as they are.
    #[serde(skip_serializing_if = "is_default")]
    pub clip: NonNegative,
    /// How the step size changes with the epochs.
    #[serde(skip_serializing_if = "is_default")]
    pub schedule: Schedule,
    /// Epochs without a lower validation loss after which training ends; 0 trains them all.
    #[serde(skip_serializing_if = "is_default")]
    pub patience: u32,
    /// Epochs between validations.
    #[serde(skip_serializing_if = "is_usual_interval")]
    pub validate_every: NonZeroU32,
    /// c of the start's diagonal, W_ii = c |w_i| with |w_i| the length of the rest of the row; 0: the start's own.
    #[serde(skip_serializing_if = "is_default")]
    pub start_diagonal: NonNegative,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn is_usual_interval(epochs: &NonZeroU32) -> bool {
    *epochs == Trn::default().validate_every
}

/// A `NoiseModel` says how the noise level sets the flips d of a training query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoiseModel {
    /// d = round(noise N).
    Exact,
    /// d uniform in 0..=round(noise N).
    Uniform,
    /// Every bit flips with probability `noise`.
    Bernoulli,
    /// No draw: every state with d <= round(noise N) is a query, whatever K is.
    Exhaustive,
}

/// A `Start` says what W is before training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Start {
    /// The outer product over N, zero diagonal.
    Hop,
    /// The memory that minimum probability flow writes with its defaults, scaled to fields of 1 on average.
    Mpf,
    /// The memory that the margin protocol writes, scaled likewise.
    Margin(Margin),
    /// The memory that marginalised corrupted features write, scaled likewise, with their trained diagonal.
    Mcf(Mcf),
    /// 0; so does U always, and b where the start has no thresholds.
    Zero,
    /// Independent normal numbers of variance 1/N.
    Random,
}

/// A `Coupling` says whether W is kept symmetric while training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Coupling {
    /// Every weight for itself.
    Free,
    /// W = W^T throughout.
    Symmetric,
}

/// A `TrnDiagonal` says what becomes of the diagonal while training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrnDiagonal {
    /// Kept at 0.
    Zero,
    /// Trained.
    Free,
}

/// The `LossSteps` are the steps whose states count in the loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LossSteps {
    /// s^L only.
    Last,
    /// s^1 .. s^L.
    All,
}

/// A `Cost` says how a state s is compared with its message xi.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cost {
    /// (xi - s)^2, the paper's.
    Squared,
    /// -ln((1 + xi s)/2).
    CrossEntropy,
}

/// An `Entry` is what enters the first step. The notes write both f^L(p) and f^L(W p).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// s^0 = p.
    Query,
    /// s^0 = W p.
    Field,
}

/// An `Optimiser` is the rule that steps along the gradient.
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

/// A `Schedule` says how the step size changes with the epochs.
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
            start_diagonal: NonNegative::default(),
        }
    }
}

/// These are the parameters as the catalogue lists them; all but the last are those of the notes' network too.
pub(super) const PARAMETERS: &[Parameter] = &[
    Parameter::new("steps", "a positive whole number", "unrolled steps L"),
    Parameter::new("queries", "a positive whole number", "queries a message, K"),
    Parameter::new("noise", Noise::ALLOWED, "training noise level"),
    Parameter::new(
        "noise_model",
        "exact | uniform | bernoulli | exhaustive",
        "flips d of a query: round(noise n); 0..=round(noise n); each bit; all states so near",
    ),
    Parameter::new("epochs", "a whole number", "passes over all queries"),
    Parameter::new("learning_rate", Positive::ALLOWED, "step size of the optimiser"),
    Parameter::new("optimiser", "\"adam\" | { sgd = { momentum = 0.9 } }", "the rule that steps"),
    Parameter::new(
        "start",
        "hop | mpf | margin | mcf | zero | random | { margin = { l2 = 0.1 } }",
        "W before training, by margin and mcf with whatever parameters",
    ),
    Parameter::new("coupling", "free | symmetric", "whether W is kept symmetric"),
    Parameter::new("diagonal", "zero | free", "whether the diagonal is trained"),
    Parameter::new("loss", "last | all", "the steps whose states count in the loss"),
    Parameter::new("cost", "squared | cross-entropy", "how a state is compared with its message"),
    Parameter::new("redraw", "a whole number", "epochs between fresh queries; 0: one fixed set"),
    Parameter::new("entry", "query | field", "s^0 = p or s^0 = W p"),
    Parameter::new("input", "true | false", "train the coupling U of the query"),
    Parameter::new("thresholds", "true | false", "train thresholds b"),
    Parameter::new("gain", Positive::ALLOWED, "slope of tanh at 0"),
    Parameter::new(
        "gain_end",
        NonNegative::ALLOWED,
        "that slope in the last epoch, reached geometrically; 0: it stays",
    ),
    Parameter::new("batch", "a whole number", "queries a step of the optimiser; 0: all"),
    Parameter::new("clip", NonNegative::ALLOWED, "length that a longer gradient is cut down to; 0: none is"),
    Parameter::new(
        "schedule",
        "\"constant\" | \"cosine\" | { step = { every = 100, factor = 0.5 } }",
        "how the step size changes with the epochs",
    ),
    Parameter::new(
        "patience",
        "a whole number",
        "epochs without a lower validation loss that end training; 0: none do",
    ),
    Parameter::new("validate_every", "a positive whole number", "epochs between validations"),
    Parameter::new(
        "start_diagonal",
        NonNegative::ALLOWED,
        "the start's diagonal is this times the length of the rest of a row; 0: the start's own",
    ),
    Parameter::new(
        "preset",
        "default | fast",
        "what the parameters are that are not given; fast: a tenth of the time",
    ),
];

/// The serialised form leaves these parameters out at their default, which follows as JSON.
pub(super) const LEFT_OUT: &[(&str, &str)] = &[
    ("gain_end", "0.0"),
    ("batch", "0"),
    ("clip", "0.0"),
    ("schedule", "\"constant\""),
    ("patience", "0"),
    ("validate_every", "10"),
    ("start_diagonal", "0.0"),
    ("preset", "\"default\""),
];
