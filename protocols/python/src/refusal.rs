//! Errors of the crate become exceptions, each a `ValueError`, with the crate's words.

use protocols::{PatternsError as Patterns, WeightsError as Weights};
use pyo3::PyErr;
use pyo3::create_exception;
use pyo3::exceptions::PyValueError;

create_exception!(hopfield_protocols, HopfieldError, PyValueError, "What all refusals have in common.");
create_exception!(
    hopfield_protocols,
    PatternsError,
    HopfieldError,
    "Messages, queries or states that are no rows of -1 and +1."
);
create_exception!(
    hopfield_protocols,
    WeightsError,
    HopfieldError,
    "Weights, thresholds or a coupling that are no memory."
);
create_exception!(
    hopfield_protocols,
    ProtocolError,
    HopfieldError,
    "A protocol that is not in the catalogue, or parameters that it does not take."
);
create_exception!(hopfield_protocols, WriteError, HopfieldError, "Messages that cannot be written.");
create_exception!(
    hopfield_protocols,
    ReaderError,
    HopfieldError,
    "A reader that there is not, or one that this memory cannot have."
);
create_exception!(
    hopfield_protocols,
    ProbeError,
    HopfieldError,
    "A probe that there is not, or options that it does not take."
);

/// Says of which trial of a batch something is said; nothing where there is one alone.
pub(crate) fn of_trial(trial: Option<usize>) -> String {
    trial.map_or(String::new(), |trial| format!("trial {trial}: "))
}

/// Says which argument holds no patterns.
pub(crate) fn patterns(what: &str, trial: Option<usize>, error: &Patterns) -> PyErr {
    PatternsError::new_err(format!("{what}: {}{error}", of_trial(trial)))
}

/// Says that weights are no memory.
pub(crate) fn weights(error: &Weights) -> PyErr {
    WeightsError::new_err(error.to_string())
}
