//! Recall reads queries until they settle, and says how each read ended.

use crate::array::{Signs, joined};
use crate::refusal::{self, PatternsError};
use crate::trial::Trial;
use numpy::PyArrayDyn;
use protocols::reading::{self, Cues, End, Settings, Store};
use protocols::{Patterns, Queries, Stream};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};
use std::sync::Arc;

/// Where reads ended, and how.
///
/// `ends` has a word for each: fixed, cycle, unsettled or stopped. `steps` are those to the fixed point or to the
/// first state of the cycle; `periods` are 1 for fixed points, the period of a cycle, and else 0. `ties` counts units
/// that met a field of exactly 0, over all reads.
#[pyclass(frozen, get_all, module = "hopfield_protocols")]
pub(crate) struct Reads {
    states: Py<PyAny>,
    ends: Py<PyAny>,
    steps: Py<PyAny>,
    periods: Py<PyAny>,
    ties: u64,
}

#[pymethods]
impl Reads {
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let shape = self.states.bind(py).getattr("shape")?;
        Ok(format!("Reads(states {shape}, {} ties)", self.ties))
    }
}

/// `Queried` are the queries of an argument, as they lie.
pub(crate) struct Queried<'py> {
    signs: Signs<'py>,
    /// Queries a memory.
    count: usize,
    n: usize,
}

impl<'py> Queried<'py> {
    /// Takes queries [N] or [Q, N] of one memory, or [T, Q, N] of a batch of T.
    pub(crate) fn new(value: &Bound<'py, PyAny>, trials: &[Arc<Trial>], is_batch: bool) -> PyResult<Self> {
        let signs = Signs::new(value, "queries")?;
        let (size, units) = (trials.len(), trials[0].weights.n());
        let (count, n) = match *signs.shape() {
            [n] if !is_batch => (1, n),
            [count, n] if !is_batch => (count, n),
            [batch, count, n] if is_batch && batch == size => (count, n),
            ref shape => {
                let one = "one query [N] or queries [Q, N] are needed".to_owned();
                let needed = if is_batch { format!("queries [{size}, Q, N] are needed") } else { one };
                return Err(PatternsError::new_err(format!("queries: their shape is {shape:?}; {needed}")));
            }
        };
        if n != units {
            return Err(PatternsError::new_err(format!(
                "queries of width {n} do not fit the {units} x {units} weights; each needs {units} columns"
            )));
        }
        Ok(Self { signs, count, n })
    }

    pub(crate) fn shape(&self) -> &[usize] {
        self.signs.shape()
    }

    /// Reads them by the memories, a seed each.
    pub(crate) fn read(
        &self,
        py: Python<'_>,
        trials: &[Arc<Trial>],
        is_batch: bool,
        settings: Settings,
        seeds: &[u64],
    ) -> PyResult<Vec<reading::Reads>> {
        let kept = trials.iter().map(|trial| trial.kept(settings.reader)).collect::<PyResult<Vec<_>>>()?;
        let (signs, count, n) = (self.signs.as_slice()?, self.count, self.n);
        let read = |trial: usize| {
            let axes = [("n", n as u64), ("queries", count as u64)];
            let mut stream = Stream::named(seeds[trial], "recall", &axes);
            let store = Store { weights: &trials[trial].weights, messages: &kept[trial] };
            let queries = &signs[trial * count * n..][..count * n];
            match Cues::new(n, queries) {
                Ok(cues) => Ok(reading::read_with_checkpoints(store, cues, settings, &[], &mut stream)),
                Err(error) => {
                    let partial = partial(n, queries, &mut stream.child("unknown")).ok_or((trial, error))?;
                    Ok(reading::read_with_checkpoints(store, (&partial).into(), settings, &[], &mut stream))
                }
            }
        };
        let reads: Result<Vec<_>, _> = py.detach(|| (0..trials.len()).map(read).collect());
        reads.map_err(|(trial, error)| refusal::patterns("queries", is_batch.then_some(trial), &error))
    }
}

/// Queries that have a 0 where a unit is not known; `None` where another value stands.
fn partial(n: usize, signs: &[i8], stream: &mut Stream) -> Option<Queries> {
    let mut coins = vec![0; signs.len()];
    stream.signs(&mut coins);
    let filled = signs.iter().zip(coins).map(|(&sign, coin)| if sign == 0 { coin } else { sign });
    let states = Patterns::new(n, filled.collect()).ok()?;
    Some(Queries {
        states,
        message: Vec::new(),
        unknown: Some(signs.iter().map(|&sign| sign == 0).collect()),
    })
}

/// The final states, as an array of the shape of the queries.
pub(crate) fn states<'py>(
    py: Python<'py>,
    shape: &[usize],
    reads: &[reading::Reads],
) -> PyResult<Bound<'py, PyArrayDyn<i8>>> {
    let parts: Vec<&[i8]> = reads.iter().map(|reads| reads.states.signs()).collect();
    joined(py, shape, &parts)
}

impl Reads {
    /// Takes all that is known of reads of queries of that shape.
    pub(crate) fn new(py: Python<'_>, shape: &[usize], reads: &[reading::Reads]) -> PyResult<Self> {
        let rows = &shape[..shape.len() - 1];
        let ends = || reads.iter().flat_map(|reads| &reads.ends);
        let words: Vec<Bound<'_, PyString>> = ends().map(|end| PyString::intern(py, word(*end))).collect();
        let words = py.import("numpy")?.call_method1("array", (PyList::new(py, words)?, "U9"))?;
        let periods: Vec<u32> = ends().map(|end| period(*end)).collect();
        let steps: Vec<&[u32]> = reads.iter().map(|reads| reads.steps.as_slice()).collect();
        Ok(Self {
            states: states(py, shape, reads)?.into_any().unbind(),
            ends: words.call_method1("reshape", (rows.to_vec(),))?.unbind(),
            steps: joined(py, rows, &steps)?.into_any().unbind(),
            periods: joined(py, rows, &[&periods])?.into_any().unbind(),
            ties: reads.iter().map(|reads| reads.ties).sum(),
        })
    }
}

fn word(end: End) -> &'static str {
    match end {
        End::Fixed => "fixed",
        End::Cycle { .. } => "cycle",
        End::Unsettled => "unsettled",
        End::Stopped => "stopped",
    }
}

fn period(end: End) -> u32 {
    match end {
        End::Fixed => 1,
        End::Cycle { length } => length,
        End::Unsettled | End::Stopped => 0,
    }
}
