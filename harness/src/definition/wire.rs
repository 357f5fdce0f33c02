//! A definition as its TOML gives it: types only. What values must be is checked in the conversion to
//! [`Definition`](super::Definition), which can point at the item of a list where serde points at the list.

use super::Probe;
use crate::figure::FigureSpec;
use indexmap::IndexMap;
use protocols::reading::Dynamics;
use protocols::{Source, Spec};
use serde::Deserialize;
use std::num::NonZeroU32;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) question: String,
    pub(super) analysis: String,
    #[serde(default = "first_seed")]
    pub(super) seed: u64,
    #[serde(default = "all_probes")]
    pub(super) probes: Vec<Probe>,
    pub(super) protocols: IndexMap<String, Spec>,
    pub(super) grid: Grid,
    pub(super) read: Option<Read>,
    #[serde(default)]
    pub(super) figure: Vec<FigureSpec>,
}

/// `[grid]`: lists whose product is the sweep.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Grid {
    #[serde(default = "random_messages")]
    pub(super) sources: Vec<Source>,
    pub(super) n: Vec<u32>,
    pub(super) load: Option<Vec<f64>>,
    pub(super) m: Option<Vec<NonZeroU32>>,
    pub(super) noise: Option<Vec<f64>>,
    pub(super) flips: Option<Vec<u32>>,
    pub(super) k: Option<Vec<NonZeroU32>>,
    pub(super) steps: Option<Vec<NonZeroU32>>,
    pub(super) trials: NonZeroU32,
    pub(super) queries: Option<NonZeroU32>,
}

/// `[read]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Read {
    pub(super) dynamics: Vec<Dynamics>,
    pub(super) max_steps: NonZeroU32,
    pub(super) checkpoint: NonZeroU32,
}

impl Default for Read {
    fn default() -> Self {
        let count = |value| NonZeroU32::new(value).expect("defaults are not zero");
        Self { dynamics: vec![Dynamics::Sync, Dynamics::Async], max_steps: count(50), checkpoint: count(5) }
    }
}

fn first_seed() -> u64 {
    1
}

fn all_probes() -> Vec<Probe> {
    vec![Probe::Stability, Probe::Recovery, Probe::Structure]
}

fn random_messages() -> Vec<Source> {
    vec![Source::Random]
}
