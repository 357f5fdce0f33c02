//! Long work looks now and then whether the user wants it to end, as Ctrl-C in a notebook does.

use pyo3::prelude::*;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// How long Ctrl-C may have to wait. A look costs a wait for other threads of Python.
const BETWEEN: Duration = Duration::from_millis(50);

/// `Pulse` looks for signals at most so often.
pub(crate) struct Pulse {
    last: Instant,
    signal: Option<PyErr>,
}

impl Pulse {
    pub(crate) fn new() -> Self {
        Self { last: Instant::now(), signal: None }
    }

    /// Breaks where a signal has come.
    pub(crate) fn beat(&mut self) -> ControlFlow<String> {
        if self.last.elapsed() < BETWEEN {
            return ControlFlow::Continue(());
        }
        self.signal = Python::attach(|py| py.check_signals()).err();
        self.last = Instant::now();
        if self.signal.is_some() {
            ControlFlow::Break("a signal".to_owned())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Returns the exception of the signal that came, if one did.
    pub(crate) fn signal(self) -> Option<PyErr> {
        self.signal
    }
}
