//! A memory in Python is what was written, or weights from elsewhere, alone or a batch of them.

use crate::array::{joined, matrices, message_sets, vectors, view};
use crate::parameters;
use crate::probe::{Probe, no_messages};
use crate::recall::{Queried, Reads, states};
use crate::refusal::{self, HopfieldError, PatternsError};
use crate::seeds::Seeds;
use crate::trial::Trial;
use faer::MatRef;
use numpy::PyArrayDyn;
use protocols::reading::{self, Settings};
use protocols::{Mat, Patterns, Weights};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use std::num::NonZeroU32;
use std::sync::Arc;

/// A Hopfield memory: the matrix W, perhaps thresholds b and a coupling U of the query. Or a batch of T of them.
///
/// `write` makes one of messages. Memory(weights) makes one of a matrix from elsewhere, [N, N]. It never changes.
#[pyclass(frozen, module = "hopfield_protocols")]
pub(crate) struct Memory {
    trials: Vec<Arc<Trial>>,
    protocol: Option<&'static str>,
    is_batch: bool,
}

impl Memory {
    pub(crate) fn new_of(trials: Vec<Trial>, protocol: Option<&'static str>, is_batch: bool) -> Self {
        Self { trials: trials.into_iter().map(Arc::new).collect(), protocol, is_batch }
    }

    fn units(&self) -> usize {
        self.trials[0].weights.n()
    }

    /// Something of each trial: itself where there is one, a list where they are a batch.
    fn each<'py>(
        &self,
        py: Python<'py>,
        of: impl Fn(usize, &Trial) -> PyResult<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if !self.is_batch {
            return of(0, &self.trials[0]);
        }
        let all = self.trials.iter().enumerate().map(|(trial, of_trial)| of(trial, of_trial));
        Ok(PyList::new(py, all.collect::<PyResult<Vec<_>>>()?)?.into_any())
    }

    fn read_all(
        &self,
        py: Python<'_>,
        queries: &Queried<'_>,
        reader: Option<&Bound<'_, PyAny>>,
        seed: Seeds,
        max_steps: u32,
    ) -> PyResult<Vec<reading::Reads>> {
        let reader = reader.map_or(Ok(protocols::reading::Reader::Sync), parameters::reader)?;
        let Some(max_steps) = NonZeroU32::new(max_steps).map(NonZeroU32::get) else {
            return Err(HopfieldError::new_err("max_steps = 0: a whole number of at least 1 is needed"));
        };
        let seeds = seed.of(self.trials.len(), self.is_batch)?;
        queries.read(py, &self.trials, self.is_batch, Settings { reader, max_steps }, &seeds)
    }

    /// A matrix that every trial has, as an array: a view of one, a copy of a batch.
    fn square<'py>(
        this: &Bound<'py, Self>,
        of: impl Fn(&Weights) -> Option<MatRef<'_, f32>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (memory, n) = (this.get(), this.get().units());
        let matrices: Option<Vec<_>> = memory.trials.iter().map(|trial| of(&trial.weights)).collect();
        let Some(matrices) = matrices else { return Ok(None) };
        if !memory.is_batch {
            return Ok(Some(view(matrices[0], this.clone().into_any())));
        }
        let rows = |matrix: &MatRef<'_, f32>| (0..n * n).map(|at| matrix[(at / n, at % n)]).collect();
        let rows: Vec<Vec<f32>> = matrices.iter().map(rows).collect();
        let parts: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
        Ok(Some(joined(this.py(), &[matrices.len(), n, n], &parts)?.into_any()))
    }

    /// The shape of something that every trial has: with an axis of trials where they are a batch.
    fn shape(&self, own: &[usize]) -> Vec<usize> {
        let trials = self.is_batch.then_some(self.trials.len());
        trials.into_iter().chain(own.iter().copied()).collect()
    }
}

#[pymethods]
impl Memory {
    #[new]
    #[pyo3(signature = (weights, thresholds=None, input=None, messages=None))]
    fn new(
        weights: &Bound<'_, PyAny>,
        thresholds: Option<&Bound<'_, PyAny>>,
        input: Option<&Bound<'_, PyAny>>,
        messages: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let (matrices, is_batch) = matrices(weights, "W")?;
        let batch = (matrices.len(), is_batch);
        let mut thresholds = of_each(batch, "b", thresholds.map(|b| vectors(b, "b")))?;
        let mut input = of_each(batch, "U", input.map(|u| self::matrices(u, "U")))?;
        let mut messages = of_each(batch, "messages", messages.map(message_sets))?;
        let trial = |matrix: Mat<f32>| {
            let mut weights = Weights::new(matrix)?;
            if let Some(thresholds) = thresholds.next().flatten() {
                weights = weights.with_thresholds(thresholds)?;
            }
            if let Some(input) = input.next().flatten() {
                weights = weights.with_input(input)?;
            }
            Ok(Trial { weights, messages: messages.next().flatten(), report: None })
        };
        let trials: Result<Vec<_>, _> = matrices.into_iter().map(trial).collect();
        let trials = trials.map_err(|error| refusal::weights(&error))?;
        let n = trials[0].weights.n();
        if let Some(messages) = trials[0].messages.as_ref().filter(|messages| messages.n() != n) {
            let width = messages.n();
            return Err(PatternsError::new_err(format!(
                "messages of width {width} do not fit the {n} x {n} weights; each needs {n} columns"
            )));
        }
        Ok(Self::new_of(trials, None, is_batch))
    }

    /// The number of units N.
    #[getter]
    fn n(&self) -> usize {
        self.units()
    }

    /// The name of the protocol that wrote it; None of weights from elsewhere.
    #[getter]
    fn protocol(&self) -> Option<&'static str> {
        self.protocol
    }

    /// The memories of a batch one by one, or the memory alone.
    #[getter]
    fn trials<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let one = |trial: &Arc<Trial>| Self {
            trials: vec![trial.clone()],
            protocol: self.protocol,
            is_batch: false,
        };
        let all = self.trials.iter().map(|trial| Bound::new(py, one(trial)));
        PyTuple::new(py, all.collect::<PyResult<Vec<_>>>()?)
    }

    /// W, [N, N], or [T, N, N] of a batch: W[i, j] couples unit j to the field of unit i. Of one memory it is a view
    /// that cannot be written to; of a batch a copy.
    #[getter]
    fn weights<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Self::square(this, |weights| Some(weights.matrix()))?.expect("every memory has W"))
    }

    /// The coupling U of the query, of the shape of W; None where the query is not offered at every step.
    #[getter]
    fn input<'py>(this: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        Self::square(this, Weights::input)
    }

    /// The thresholds b, [N], or [T, N] of a batch; None where they are zero.
    #[getter]
    fn thresholds<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyArrayDyn<f32>>>> {
        let parts = self.trials.iter().map(|trial| trial.weights.thresholds()).collect::<Option<Vec<_>>>();
        parts.map(|parts| joined(py, &self.shape(&[self.units()]), &parts)).transpose()
    }

    /// The messages, [M, N], or [T, M, N] of a batch; None where they are not known.
    #[getter]
    fn messages<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyArrayDyn<i8>>>> {
        let Some(first) = &self.trials[0].messages else { return Ok(None) };
        let sets: Vec<&[i8]> =
            self.trials.iter().filter_map(|trial| Some(trial.messages.as_ref()?.signs())).collect();
        joined(py, &self.shape(&[first.count(), first.n()]), &sets).map(Some)
    }

    /// How the write went: its iterations, why it ended, and more. A list of a batch; None of weights from elsewhere.
    #[getter]
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.each(py, |_, trial| Ok(trial.report(py)?.into_pyobject(py)?.into_any()))
    }

    /// Read queries until they settle, and return the final states, int8 of the shape of the queries.
    ///
    /// `queries` are one, [N], or several, [Q, N], or [T, Q, N] for a batch; a 0 is a unit that a query does not know.
    /// `reader` is a name, a text such as "soft(beta=2)", or a table such as {"soft": {"beta": 2}}.
    #[pyo3(
        signature = (queries, reader=None, *, seed=Seeds::One(1), max_steps=50),
        text_signature = "(self, queries, reader=\"sync\", *, seed=1, max_steps=50)"
    )]
    fn recall<'py>(
        &self,
        py: Python<'py>,
        queries: &Bound<'py, PyAny>,
        reader: Option<&Bound<'py, PyAny>>,
        seed: Seeds,
        max_steps: u32,
    ) -> PyResult<Bound<'py, PyArrayDyn<i8>>> {
        let queries = Queried::new(queries, &self.trials, self.is_batch)?;
        states(py, queries.shape(), &self.read_all(py, &queries, reader, seed, max_steps)?)
    }

    /// Read queries as `recall` does, and return how each read ended besides its final state.
    #[pyo3(
        signature = (queries, reader=None, *, seed=Seeds::One(1), max_steps=50),
        text_signature = "(self, queries, reader=\"sync\", *, seed=1, max_steps=50)"
    )]
    fn read(
        &self,
        py: Python<'_>,
        queries: &Bound<'_, PyAny>,
        reader: Option<&Bound<'_, PyAny>>,
        seed: Seeds,
        max_steps: u32,
    ) -> PyResult<Reads> {
        let queries = Queried::new(queries, &self.trials, self.is_batch)?;
        Reads::new(py, queries.shape(), &self.read_all(py, &queries, reader, seed, max_steps)?)
    }

    /// Measure the memory on its messages, and return counts by their names; of a batch a list.
    ///
    /// Probes: "stability", "margins", "structure", "correction"; "recovery" (flips, queries, reader, max_steps,
    /// checkpoint, seed), "random-starts" (starts, sweeps, seed), "energy-descent" (flips, queries, sweeps, seed).
    #[pyo3(signature = (name, **options))]
    fn probe<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let probe = Probe::new(name, options)?;
        let sets: Option<Vec<&Patterns>> = self.trials.iter().map(|trial| trial.messages.as_ref()).collect();
        let sets = sets.ok_or_else(no_messages)?;
        let measured = self.trials.iter().zip(&sets).enumerate();
        let found: PyResult<Vec<_>> = py.detach(|| {
            measured.map(|(at, (trial, messages))| probe.measure(&trial.weights, messages, at)).collect()
        });
        let found = found?;
        self.each(py, |at, _| found[at].told(py, [sets[at].count(), sets[at].n()]))
    }

    fn __repr__(&self) -> String {
        let protocol = self.protocol.map_or(String::new(), |name| format!("{name}, "));
        let trials = if self.is_batch { format!("T = {}, ", self.trials.len()) } else { String::new() };
        let messages = self.trials[0].messages.as_ref().map(|messages| format!(", M = {}", messages.count()));
        format!("Memory({protocol}{trials}N = {}{})", self.units(), messages.unwrap_or_default())
    }

    /// What makes it anew in another process; the report stays behind.
    fn __reduce__<'py>(this: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (py, memory) = (this.py(), this.get());
        let parts = (Self::weights(this)?, memory.thresholds(py)?, Self::input(this)?, memory.messages(py)?);
        Ok((this.get_type().into_any(), parts.into_pyobject(py)?))
    }
}

/// What is given for every trial, or nothing for any.
fn of_each<T>(
    batch: (usize, bool),
    what: &str,
    given: Option<PyResult<(Vec<T>, bool)>>,
) -> PyResult<impl Iterator<Item = Option<T>>> {
    let (trials, is_batch) = batch;
    let given = given.transpose()?;
    if let Some((all, _)) = given.as_ref().filter(|(all, of_batch)| (all.len(), *of_batch) != batch) {
        let one = |count: usize, is_batch| {
            if is_batch { format!("{count} trials") } else { "one memory".to_owned() }
        };
        let (found, needed) =
            (one(all.len(), given.as_ref().is_some_and(|given| given.1)), one(trials, is_batch));
        return Err(HopfieldError::new_err(format!("{what}: it is for {found}, but W is for {needed}")));
    }
    Ok(given.map(|(all, _)| all).unwrap_or_default().into_iter().map(Some))
}
