//! Writing turns messages into a memory, by any protocol of the catalogue.

use crate::array::message_sets;
use crate::memory::Memory;
use crate::parameters;
use crate::pulse::Pulse;
use crate::refusal::{WriteError, of_trial};
use crate::seeds::Seeds;
use crate::trial::Trial;
use protocols::protocol::Written;
use protocols::{Patterns, Spec, Stream};
use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::ops::ControlFlow;

/// Write messages into a memory, as `harness write` does with the same seed.
///
/// `messages` are -1 and +1, one message a row, [M, N]; or a batch of message sets, [T, M, N]. `protocol` is a name of
/// the catalogue, or a table such as {"trn": {"steps": 3}}; further parameters may follow by their names. A batch
/// counts on from `seed`, unless it is given a seed a trial.
#[pyfunction]
#[pyo3(
    signature = (messages, protocol, seed=Seeds::One(1), **parameters),
    text_signature = "(messages, protocol, seed=1, **parameters)"
)]
pub(crate) fn write(
    py: Python<'_>,
    messages: &Bound<'_, PyAny>,
    protocol: &Bound<'_, PyAny>,
    seed: Seeds,
    parameters: Option<&Bound<'_, PyDict>>,
) -> PyResult<Memory> {
    let spec = parameters::spec(protocol, parameters)?;
    let (sets, is_batch) = message_sets(messages)?;
    let seeds = seed.of(sets.len(), is_batch)?;
    demand_room(&spec, &sets[0])?;
    let mut pulse = Pulse::new();
    let written: Result<Vec<Trial>, _> = py.detach(|| {
        let numbered = sets.into_iter().zip(seeds).enumerate();
        numbered
            .map(|(trial, (set, seed))| written(&spec, set, seed, &mut pulse).map_err(|e| (trial, e)))
            .collect()
    });
    match (written, pulse.signal()) {
        (_, Some(signal)) => Err(signal),
        (Ok(trials), None) => Ok(Memory::new_of(trials, Some(spec.about().name), is_batch)),
        (Err((trial, error)), None) => {
            let trial = of_trial(is_batch.then_some(trial));
            Err(WriteError::new_err(format!("{}: {trial}{error}", spec.about().name)))
        }
    }
}

/// Writes one message set.
fn written(
    spec: &Spec,
    messages: Patterns,
    seed: u64,
    pulse: &mut Pulse,
) -> Result<Trial, protocols::WriteError> {
    if let ControlFlow::Break(reason) = pulse.beat() {
        return Err(protocols::WriteError::Interrupted { iteration: 0, reason });
    }
    let axes = [("n", messages.n() as u64), ("m", messages.count() as u64)];
    let mut stream = Stream::named(seed, "write", &axes);
    let Written { weights, report } =
        spec.protocol().write_watched(&messages, &mut stream, &mut |_| pulse.beat())?;
    Ok(Trial { weights, messages: Some(messages), report: Some(report) })
}

/// Refuses what this machine has no memory for, as far as that is known before: later the process would end.
fn demand_room(spec: &Spec, messages: &Patterns) -> PyResult<()> {
    /// What is smaller is had or not without asking.
    const LARGE: u64 = 1 << 30;
    let bytes = spec.bytes(messages.n() as u64, messages.count() as u64);
    let room = usize::try_from(bytes).map_err(|_| ()).and_then(|bytes| {
        let mut room = Vec::<u8>::new();
        if bytes as u64 > LARGE { room.try_reserve_exact(bytes).map_err(|_| ()) } else { Ok(()) }
    });
    room.map_err(|()| {
        let (name, m, n) = (spec.about().name, messages.count(), messages.n());
        PyMemoryError::new_err(format!(
            "{name} needs {bytes} bytes for {m} messages of {n} units, which are not there"
        ))
    })
}
