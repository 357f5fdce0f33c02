//! A seed is a whole number. A batch of trials has a seed a trial, or counts on from one.

use crate::refusal::HopfieldError;
use pyo3::prelude::*;

/// `Seeds` are one number, from which a batch counts on, or a number a trial.
#[derive(Debug)]
pub(crate) enum Seeds {
    One(u64),
    Each(Vec<u64>),
}

impl<'py> FromPyObject<'_, 'py> for Seeds {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(seed) = value.extract() {
            return Ok(Self::One(seed));
        }
        let each = value.try_iter().and_then(|seeds| seeds.map(|seed| seed?.extract()).collect());
        each.map(Self::Each).map_err(|_| {
            let needed = "a whole number from 0 to 2^64 - 1 is needed, or one for each trial of a batch";
            HopfieldError::new_err(format!("seed = {}: {needed}", *value))
        })
    }
}

impl Seeds {
    /// Returns a seed a trial.
    pub(crate) fn of(self, trials: usize, is_batch: bool) -> PyResult<Vec<u64>> {
        match self {
            Self::One(first) => Ok((0..trials as u64).map(|trial| first.wrapping_add(trial)).collect()),
            Self::Each(seeds) if is_batch && seeds.len() == trials => Ok(seeds),
            Self::Each(seeds) => {
                let needed = if is_batch { format!("one, or {trials}") } else { "one".to_owned() };
                Err(HopfieldError::new_err(format!("seed: {} numbers; {needed} is needed", seeds.len())))
            }
        }
    }
}
