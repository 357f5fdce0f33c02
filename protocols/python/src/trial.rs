//! A trial is one memory of a batch: weights, and the messages and the report that they came with.

use crate::refusal::ReaderError;
use protocols::reading::Reader;
use protocols::{Patterns, Report, Weights};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// `Trial` is one memory. What is not known of weights of one's own is `None`.
pub(crate) struct Trial {
    pub(crate) weights: Weights,
    pub(crate) messages: Option<Patterns>,
    pub(crate) report: Option<Report>,
}

impl Trial {
    /// Returns the messages for readers that keep them, and none for the others.
    pub(crate) fn kept(&self, reader: Reader) -> PyResult<Patterns> {
        match &self.messages {
            Some(messages) if reader.keeps_messages() => Ok(messages.clone()),
            None if reader.keeps_messages() => Err(ReaderError::new_err(format!(
                "the reader {reader} keeps the messages themselves; give them as Memory(weights, messages=...)"
            ))),
            _ => Ok(Patterns::new(self.weights.n(), Vec::new()).expect("a memory has units")),
        }
    }

    /// Says how the write went.
    pub(crate) fn report<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let Some(report) = &self.report else { return Ok(None) };
        let Report { iterations, evaluations, objective, stop, rank } = report;
        let said = PyDict::new(py);
        said.set_item("iterations", iterations)?;
        said.set_item("evaluations", evaluations)?;
        said.set_item("objective", objective)?;
        said.set_item("stop", stop.name())?;
        said.set_item("rank", rank)?;
        Ok(Some(said))
    }
}
