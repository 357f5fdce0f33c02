//! This module has a definition as its TOML gives it: types only. What values must be is checked in the
//! conversion to [`Definition`](super::Definition), which can point at the item of a list where serde points
//! at the list.

use crate::budget::{Mebibytes, Seconds};
use crate::claim::ClaimSpec;
use crate::figure::FigureSpec;
use crate::measure::{Measure, Probe};
use crate::purpose::Purpose;
use indexmap::IndexMap;
use protocols::reading::{Reader, ReaderOr};
use protocols::{CorruptionKind, Source, Spec};
use serde::Deserialize;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserializer, Error, SeqAccess, Unexpected, Visitor};
use std::fmt;
use std::num::NonZeroU32;
use worker::ExternalReader;

/// A `File` is the whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) question: String,
    pub(super) analysis: String,
    #[serde(default = "first_seed")]
    pub(super) seed: u64,
    #[serde(default)]
    pub(super) stream: Purpose,
    #[serde(default = "usual_probes")]
    pub(super) probes: Vec<Probe>,
    pub(super) protocols: IndexMap<String, Spec>,
    pub(super) grid: Grid,
    pub(super) read: Option<Read>,
    pub(super) sequential: Option<Sequential>,
    #[serde(default)]
    pub(super) budget: Budget,
    #[serde(default)]
    pub(super) figure: Vec<FigureSpec>,
    #[serde(default)]
    pub(super) claim: Vec<ClaimSpec>,
}

/// A `Grid` is `[grid]`, or a part of it. What a part does not say, it takes from the grid around it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Grid {
    pub(super) protocols: Option<Vec<String>>,
    pub(super) sources: Option<Vec<Source>>,
    pub(super) n: Option<Vec<u32>>,
    pub(super) load: Option<Vec<f64>>,
    pub(super) m: Option<Messages>,
    pub(super) noise: Option<Vec<f64>>,
    pub(super) flips: Option<Vec<u32>>,
    pub(super) corruptions: Option<Vec<CorruptionKind>>,
    pub(super) k: Option<Vec<NonZeroU32>>,
    pub(super) steps: Option<Vec<NonZeroU32>>,
    pub(super) trials: Option<Count>,
    pub(super) queries: Option<Count>,
    pub(super) zip: Option<Vec<Vec<Axis>>>,
    pub(super) exclude: Option<Vec<Exclusion>>,
    #[serde(default)]
    pub(super) part: Vec<Grid>,
}

/// An `Axis` is a key of the grid whose list is an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Axis {
    Sources,
    N,
    Load,
    M,
    Noise,
    Flips,
    K,
    Steps,
}

impl Axis {
    /// Returns its key.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sources => "sources",
            Self::N => "n",
            Self::Load => "load",
            Self::M => "m",
            Self::Noise => "noise",
            Self::Flips => "flips",
            Self::K => "k",
            Self::Steps => "steps",
        }
    }
}

/// An `Exclusion` names cells that are left out. They are those of any of the protocols, from any of the
/// sources, for which the comparison holds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exclusion {
    pub(super) protocols: Option<Vec<String>>,
    pub(super) sources: Option<Vec<Source>>,
    pub(super) when: Option<String>,
}

/// Holds numbers of messages. They are listed, or given by a formula.
#[derive(Clone, Debug)]
pub(super) enum Messages {
    Listed(Vec<NonZeroU32>),
    Formula(String),
}

/// A `Count` is a number, or a formula.
#[derive(Clone, Debug)]
pub(super) enum Count {
    Number(NonZeroU32),
    Formula(String),
}

impl<'de> Deserialize<'de> for Messages {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Messages;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of whole numbers or a formula")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Messages, A::Error> {
                Deserialize::deserialize(SeqAccessDeserializer::new(list)).map(Messages::Listed)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Messages, E> {
                Ok(Messages::Formula(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Visit)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl Visitor<'_> for Visit {
            type Value = Count;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number of at least 1 or a formula")
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Count, E> {
                let count = u32::try_from(value).ok().and_then(NonZeroU32::new);
                count.map(Count::Number).ok_or_else(|| E::invalid_value(Unexpected::Signed(value), &self))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Count, E> {
                Ok(Count::Formula(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Visit)
    }
}

/// Holds the table `[sequential]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sequential {
    pub(super) measure: Measure,
    pub(super) dynamics: Option<Reader>,
    pub(super) width: f64,
    pub(super) looks: Vec<NonZeroU32>,
}

/// Holds the table `[budget]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Budget {
    pub(super) seconds_per_cell: Option<Seconds>,
    pub(super) memory_mib: Option<Mebibytes>,
}

/// Holds the table `[read]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Read {
    pub(super) dynamics: Vec<ReaderOr<ExternalReader>>,
    pub(super) max_steps: NonZeroU32,
    pub(super) checkpoint: NonZeroU32,
}

impl Default for Read {
    fn default() -> Self {
        let count = |value| NonZeroU32::new(value).expect("defaults are not zero");
        let dynamics = [Reader::Sync, Reader::Async].map(ReaderOr::Known).to_vec();
        Self { dynamics, max_steps: count(50), checkpoint: count(5) }
    }
}

fn first_seed() -> u64 {
    1
}

fn usual_probes() -> Vec<Probe> {
    vec![Probe::Stability, Probe::Recovery, Probe::Structure]
}
