//! Probes measure a memory on its messages: each is a name with options, and counts.

use crate::array::joined;
use crate::parameters::table;
use crate::refusal::{HopfieldError, ProbeError};
use protocols::probe::{self, Margins, Recovery};
use protocols::reading::{Reader, Settings};
use protocols::{Corruption, CorruptionKind, Patterns, Queries, Stream, Weights};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyNone};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::num::NonZeroU32;

/// `Probe` is a probe with its options.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Probe {
    Stability {},
    Margins {},
    Structure {},
    Correction {},
    Recovery(RecoveryOptions),
    RandomStarts(StartOptions),
    EnergyDescent(DescentOptions),
}

/// The defaults are those of definitions.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RecoveryOptions {
    flips: Corruption,
    queries: NonZeroU32,
    reader: Reader,
    max_steps: NonZeroU32,
    checkpoint: NonZeroU32,
    seed: u64,
}

impl Default for RecoveryOptions {
    fn default() -> Self {
        let number = |number| NonZeroU32::new(number).expect("not 0");
        let (queries, max_steps, checkpoint) = (number(100), number(50), number(5));
        Self { flips: Corruption::flips(0), queries, reader: Reader::Sync, max_steps, checkpoint, seed: 1 }
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StartOptions {
    starts: NonZeroU32,
    sweeps: NonZeroU32,
    seed: u64,
}

impl Default for StartOptions {
    fn default() -> Self {
        let RecoveryOptions { queries, max_steps, seed, .. } = RecoveryOptions::default();
        Self { starts: queries, sweeps: max_steps, seed }
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DescentOptions {
    flips: Corruption,
    queries: NonZeroU32,
    sweeps: NonZeroU32,
    seed: u64,
}

impl Default for DescentOptions {
    fn default() -> Self {
        let RecoveryOptions { flips, queries, max_steps, seed, .. } = RecoveryOptions::default();
        Self { flips, queries, sweeps: max_steps, seed }
    }
}

/// `Finding` is what a probe found.
pub(crate) enum Finding {
    Stability(probe::Stability),
    Margins(Option<Vec<f64>>),
    Structure(probe::Structure),
    Correction(probe::Correction),
    Recovery(Recovery),
    RandomStarts(probe::RandomStarts),
    EnergyDescent(probe::EnergyDescent),
}

impl Probe {
    /// Reads the name of a probe and its options.
    pub(crate) fn new(name: &str, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let options = Value::Object(options.map(table).transpose()?.unwrap_or_default());
        let tagged = Value::Object(Map::from_iter([(name.to_owned(), options)]));
        serde_json::from_value(tagged).map_err(|error| ProbeError::new_err(format!("{name}: {error}")))
    }

    /// Measures a memory, and counts on from the seed by the number of the trial.
    pub(crate) fn measure(
        self,
        weights: &Weights,
        messages: &Patterns,
        trial: usize,
    ) -> Result<Finding, PyErr> {
        let stream = |seed: u64, name: &str| {
            let axes = [("n", messages.n() as u64), ("m", messages.count() as u64)];
            Stream::named(seed.wrapping_add(trial as u64), "probe", &axes).child(name)
        };
        let queries = |flips: Corruption, count: NonZeroU32, seed: u64| {
            let (n, m) = (messages.n(), messages.count());
            if m == 0 || flips.units as usize > n || flips.kind == CorruptionKind::Own {
                let error = format!("flips = {flips}: {m} messages of {n} units have no such queries");
                return Err(ProbeError::new_err(error));
            }
            Ok(Queries::corrupted(messages, flips, count.get() as usize, &mut stream(seed, "queries")))
        };
        Ok(match self {
            Self::Stability {} => Finding::Stability(probe::stability(weights, messages)),
            Self::Margins {} => Finding::Margins(probe::margins(weights, messages)),
            Self::Structure {} => Finding::Structure(probe::structure(weights, messages)),
            Self::Correction {} => Finding::Correction(probe::correction(weights, messages)),
            Self::Recovery(RecoveryOptions {
                flips,
                queries: count,
                reader,
                max_steps,
                checkpoint,
                seed,
            }) => {
                let (queries, settings) =
                    (queries(flips, count, seed)?, Settings { reader, max_steps: max_steps.get() });
                let stream = &mut stream(seed, "reads");
                Finding::Recovery(probe::recovery(
                    weights,
                    messages,
                    &queries,
                    settings,
                    checkpoint.get(),
                    stream,
                ))
            }
            Self::RandomStarts(StartOptions { starts, sweeps, seed }) => {
                let stream = &mut stream(seed, "starts");
                Finding::RandomStarts(probe::random_starts(
                    weights,
                    messages,
                    starts.get(),
                    sweeps.get(),
                    stream,
                ))
            }
            Self::EnergyDescent(DescentOptions { flips, queries: count, sweeps, seed }) => {
                let queries = queries(flips, count, seed)?;
                let stream = &mut stream(seed, "reads");
                Finding::EnergyDescent(probe::energy_descent(weights, &queries.states, sweeps.get(), stream))
            }
        })
    }
}

impl Finding {
    /// Says it in Python: counts under their names, and margins as an array [M, N].
    pub(crate) fn told<'py>(&self, py: Python<'py>, shape: [usize; 2]) -> PyResult<Bound<'py, PyAny>> {
        let numbers: Vec<(&str, Option<f64>)> = match self {
            Self::Margins(Some(margins)) => return Ok(joined(py, &shape, &[margins])?.into_any()),
            Self::Margins(None) => return Ok(PyNone::get(py).to_owned().into_any()),
            Self::Stability(found) => {
                let (min, mean) = found.margins.map(|Margins { min, mean }| (min, mean)).unzip();
                vec![("smallest_margin", min), ("mean_margin", mean)]
            }
            Self::Structure(found) => {
                vec![("asymmetry", Some(found.asymmetry)), ("diagonal_ratio", Some(found.diagonal_ratio))]
            }
            Self::Recovery(found) => vec![("overlap_sum", Some(found.overlap_sum))],
            Self::Correction(_) | Self::RandomStarts(_) | Self::EnergyDescent(_) => Vec::new(),
        };
        let said = PyDict::new(py);
        self.counts().into_iter().try_for_each(|(name, count)| said.set_item(name, count))?;
        numbers.into_iter().try_for_each(|(name, number)| said.set_item(name, number))?;
        Ok(said.into_any())
    }

    fn counts(&self) -> Vec<(&'static str, u64)> {
        match self {
            Self::Margins(_) => Vec::new(),
            Self::Stability(found) => vec![
                ("fixed", found.fixed.into()),
                ("wrong_bits", found.wrong_bits),
                ("tied_bits", found.tied_bits),
            ],
            Self::Structure(found) => vec![("strict_minima", found.strict_minima.into())],
            Self::Correction(found) => vec![
                ("corrected", found.corrected),
                ("predicted", found.predicted),
                ("agreeing", found.agreeing),
                ("returned", found.returned),
            ],
            Self::Recovery(found) => recovered(found),
            Self::RandomStarts(found) => vec![
                ("starts", found.starts.into()),
                ("stored", found.stored.into()),
                ("spurious", found.spurious.into()),
                ("distinct", found.distinct.into()),
            ],
            Self::EnergyDescent(found) => vec![("flips", found.flips), ("rises", found.rises)],
        }
    }
}

fn recovered(found: &Recovery) -> Vec<(&'static str, u64)> {
    vec![
        ("queries", found.queries.into()),
        ("first", found.first.into()),
        ("at_checkpoint", found.at_checkpoint.into()),
        ("recovered", found.recovered.into()),
        ("negative", found.negative.into()),
        ("other_message", found.other_message.into()),
        ("spurious", found.spurious.into()),
        ("cycle", found.cycle.into()),
        ("unsettled", found.unsettled.into()),
        ("longest_cycle", found.longest_cycle.into()),
        ("steps_sum", found.steps_sum),
        ("ties", found.ties),
    ]
}

/// Says that a memory has no messages to be measured on.
pub(crate) fn no_messages() -> PyErr {
    HopfieldError::new_err(
        "this memory was made of weights alone; give the messages as Memory(weights, messages=...)",
    )
}
