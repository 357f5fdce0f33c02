//! Writing protocols turn messages into weights. Each has one file behind one trait, and the catalogue lists
//! them.
//!
//! The author of a protocol implements [`Rule`]; whoever uses it sees a [`Protocol`], or a [`Spec`] where any of the
//! catalogue may stand. [`register`] adds a rule to the catalogue from outside.

mod catalogue;
mod copies;
mod daydreaming;
mod diagonal;
mod diederich_opper;
mod dreaming;
mod dreams;
mod equilibrium_propagation;
mod hop;
mod kept;
mod law;
mod lbfgs;
mod margin;
mod mcf;
mod mpf;
mod nature;
mod optimal_noise;
pub mod parameter;
mod pattern_loss;
mod penalty;
mod perceptron;
mod phi;
mod pse;
mod pseudo_likelihood;
mod ridge;
mod rule;
mod spec;
mod stability;
mod storkey;
mod strengths;
mod trn;
mod unit_loss;
mod unlearning;
mod work;

pub use crate::described::Parameter;
pub(crate) use catalogue::is_name;
pub use catalogue::{RegisterError, register};
pub use daydreaming::Daydreaming;
pub use diagonal::{Diagonal, DiagonalValue, NestedDiagonal, Under};
pub use diederich_opper::{DiederichOpper, Variant};
pub use dreaming::Dreaming;
pub use equilibrium_propagation::EquilibriumPropagation;
pub use hop::{Hop, HopDiagonal};
pub use law::Law;
pub use margin::{Margin, MarginDiagonal};
pub use mcf::Mcf;
pub use mpf::Mpf;
pub use nature::Nature;
pub use optimal_noise::OptimalNoise;
pub use perceptron::Perceptron;
pub use phi::MarginLoss;
pub use pse::{Pse, PseDiagonal, projector};
pub use pseudo_likelihood::PseudoLikelihood;
pub use ridge::Ridge;
pub use rule::{About, Rule, Spec, Stage, Training};
pub use stability::LargestStability;
pub use storkey::{Storkey, StorkeyOrder};
pub use strengths::Symmetry;
pub use trn::{
    Cost, Coupling, Entry, LossSteps, NoiseModel, Optimiser, Schedule, Start, Trn, TrnDiagonal, TrnLiteral,
    TrnPreset, TrnSoft,
};
pub use unlearning::Unlearning;

use crate::patterns::Patterns;
use crate::seed::Stream;
use crate::source::SourceError;
use crate::weights::{Weights, WeightsError};
use std::ops::ControlFlow;

/// A `Watch` is called once an iteration with its number; `Break` with a reason ends the write. This is how a
/// caller with a clock makes a time budget bind inside a training loop.
pub type Watch<'a> = dyn FnMut(u64) -> ControlFlow<String> + 'a;

/// A `Protocol` is a rule that turns messages into weights, as its users see it. Every [`Rule`] is one.
pub trait Protocol: Send + Sync {
    /// Returns the name under which the catalogue lists the protocol.
    fn name(&self) -> &'static str;

    /// Writes `messages` (M x N), under the eye of `watch`. The same messages and stream give the same weights.
    ///
    /// # Errors
    /// If there is no message, the parameters do not fit the messages, the numbers diverge, or `watch` breaks.
    fn write_watched(
        &self,
        messages: &Patterns,
        stream: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError>;

    /// Writes `messages` (M x N) for as long as it takes.
    ///
    /// # Errors
    /// As [`Protocol::write_watched`].
    fn write(&self, messages: &Patterns, stream: &mut Stream) -> Result<Written, WriteError> {
        self.write_watched(messages, stream, &mut |_| ControlFlow::Continue(()))
    }
}

impl<R: Rule> Protocol for R {
    fn name(&self) -> &'static str {
        R::ABOUT.name
    }

    fn write_watched(
        &self,
        messages: &Patterns,
        stream: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        if messages.count() == 0 {
            return Err(WriteError::NoMessages);
        }
        self.write_messages(messages, stream, watch)
    }
}

/// A `Written` is what a protocol returns.
#[derive(Clone, Debug)]
pub struct Written {
    /// The memory.
    pub weights: Weights,
    /// How it came about.
    pub report: Report,
}

/// A `Report` says how a write went.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Iterations of the optimiser (L-BFGS steps, training epochs); 0 for closed forms. Where every unit is searched
    /// for itself, their mean, rounded up.
    pub iterations: u64,
    /// Evaluations of objective and gradient; 0 for closed forms. Means as above.
    pub evaluations: u64,
    /// The objective at the end, in the protocol's own normalisation.
    pub objective: Option<f64>,
    /// Why it ended.
    pub stop: Stop,
    /// Numerical rank of the messages, where the protocol determines it.
    pub rank: Option<usize>,
}

impl Report {
    /// Makes the report of a closed form.
    pub fn closed(rank: Option<usize>) -> Self {
        Self { iterations: 0, evaluations: 0, objective: None, stop: Stop::ClosedForm, rank }
    }
}

/// A `Stop` says why a write ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A formula without iteration.
    ClosedForm,
    /// A formula that needed the Moore-Penrose inverse, because the overlap matrix is singular or ill-conditioned.
    PseudoInverse,
    /// No entry of the gradient exceeds the tolerance.
    GradientTolerance,
    /// The line search finds no lower value at this precision.
    PrecisionLimit,
    /// The iterations allowed are used up.
    MaxIterations,
    /// All epochs were trained.
    Epochs,
    /// The loss on queries held out has not fallen for too long; the weights are those where it was lowest.
    EarlyStopping,
    /// Every unit has the margin that was asked for, at every message.
    Learned,
    /// No weights found have the margins that were asked for at all messages.
    NotSeparable,
    /// What wrote it does not say.
    NotTold,
}

impl Stop {
    /// Returns the name used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClosedForm => "closed form",
            Self::PseudoInverse => "pseudo-inverse",
            Self::GradientTolerance => "gradient tolerance",
            Self::PrecisionLimit => "precision limit",
            Self::MaxIterations => "max iterations",
            Self::Epochs => "epochs",
            Self::EarlyStopping => "early stopping",
            Self::Learned => "learned",
            Self::NotSeparable => "not separable",
            Self::NotTold => "not told",
        }
    }
}

/// A `WriteError` says why messages cannot be written.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum WriteError {
    /// An empty message set.
    #[error("there is no message to write")]
    NoMessages,
    /// Parameters that do not fit these messages.
    #[error("parameter {parameter} = {value} does not fit: {reason}")]
    Parameter {
        /// The parameter's name.
        parameter: &'static str,
        /// Its value.
        value: String,
        /// Why it does not fit, and what would.
        reason: String,
    },
    /// NaN or infinity while training, or a loss that grew instead of falling.
    #[error("diverged at iteration {iteration}: {what}")]
    Diverged {
        /// The iteration at which it was seen.
        iteration: u64,
        /// What was seen.
        what: &'static str,
    },
    /// The caller's watch ended it.
    #[error("interrupted at iteration {iteration}: {reason}")]
    Interrupted {
        /// The iteration at which it was ended.
        iteration: u64,
        /// The caller's reason.
        reason: String,
    },
    /// The singular value decomposition did not converge.
    #[error("the singular value decomposition of the {n} x {m} messages did not converge")]
    Decomposition {
        /// Units.
        n: usize,
        /// Messages.
        m: usize,
    },
    /// The result is not a memory.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The messages cannot be had.
    #[error(transparent)]
    Source(Box<SourceError>),
}

impl From<SourceError> for WriteError {
    fn from(error: SourceError) -> Self {
        Self::Source(Box::new(error))
    }
}
