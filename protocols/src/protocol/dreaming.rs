//! DREAMING writes the outer product after a sleep of some time t, in which spurious states are forgotten and messages
//! reinforced: W = 1/N Xi (1 + t) (I + t Q)^-1 Xi^T with Q = Xi^T Xi / N. Awake, at t = 0, it is the outer product over
//! N; as t grows it becomes the projector of PSE.
//!
//! It is [`Ridge`](super::Ridge) with lambda = 1/t, times (1 + t)/t, and computed with it: (1 + t) (I + t Q)^-1 is the
//! inverse of a mean of I and Q, with the weights 1/(1 + t) and t/(1 + t), so that no time is too long.
//!
//! Cost: as [`Ridge`](super::Ridge). Its capacity grows from .138 N at t = 0 to N as t grows, by the source's theory.
//! Source: Fachechi, Agliari, Barra 2019, Dreaming neural networks: forgetting spurious memories and reinforcing pure
//! ones, Neural Networks 112, 24.

use super::parameter::{NonNegative, allowed};
use super::pse::PseDiagonal;
use super::{About, Nature, Parameter, Rule, Watch, WriteError, Written, ridge};
use crate::patterns::Patterns;
use crate::seed::Stream;
use serde::{Deserialize, Serialize};

/// DREAMING writes the outer product after a sleep.
///
/// Rule: `W = 1/N Xi (1 + t) (I + t Q)^-1 Xi^T, Q = Xi^T Xi / N`
///
/// Source: Fachechi, Agliari, Barra 2019, arXiv:1810.12217.
///
/// ```
/// use protocols::{Patterns, Spec, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let rule = Spec::named("dreaming").expect("it is in the catalogue");
/// let memory = rule.protocol().write(&messages, &mut stream)?.weights;
/// // Every bit of every message has its field on its own side.
/// let fields = memory.fields(&messages);
/// assert!((0..6).all(|m| (0..64).all(|i| fields[(i, m)] * f32::from(messages.row(m)[i]) > 0.0)));
/// # Ok::<(), protocols::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dreaming {
    /// How long it sleeps, t. The source lets it grow; the default is this study's choice, not tuned.
    pub time: NonNegative,
    /// What stands on the diagonal.
    pub diagonal: PseDiagonal,
}

impl Default for Dreaming {
    fn default() -> Self {
        Self { time: allowed(10.0), diagonal: PseDiagonal::Zero }
    }
}

impl Rule for Dreaming {
    const ABOUT: &'static About = &About {
        name: "dreaming",
        title: "outer product after a sleep that forgets spurious states",
        formula: "W = 1/N Xi (1 + t) (I + t Q)^-1 Xi^T, Q = Xi^T Xi / N",
        source: "Fachechi, Agliari, Barra 2019, arXiv:1810.12217",
        version: 1,
        parameters: &[
            Parameter::new(
                "time",
                NonNegative::ALLOWED,
                "t, how long it sleeps; 0: the outer product over N",
            ),
            Parameter::new("diagonal", "kept | zero", "kept: as the formula gives it; zero: set to 0"),
        ],
    };

    fn write_messages(
        &self,
        messages: &Patterns,
        _: &mut Stream,
        _: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        let awake = 1.0 / (1.0 + self.time.get());
        ridge::write(messages, [awake, self.time.get() * awake], 1.0, self.diagonal)
    }

    fn nature(&self) -> Nature {
        Nature { symmetric: true, zero_diagonal: self.diagonal == PseDiagonal::Zero, ..Nature::default() }
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        ridge::work(n, m)
    }

    fn bytes(&self, n: u64, m: u64) -> u64 {
        ridge::bytes(n, m)
    }
}
