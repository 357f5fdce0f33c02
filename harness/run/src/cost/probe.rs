//! Probes are short writes and reads. They are timed by the CPU time of their thread, so that other programs
//! disturb them little.

use super::calibration::{ProbeSample, Reading};
use super::lattice::{LatticePoint, NOISE};
use super::work::{Subject, shortened};
use cpu_time::ThreadTime;
use protocols::probe::{energy_descent, recovery, stability, structure};
use protocols::protocol::Training;
use protocols::reading::{Reader, Settings};
use protocols::{Patterns, Queries, Spec, Stream, Weights, WriteError};
use stats::{Interval, RESAMPLES, cluster_ratio};
use std::hint::black_box;
use std::ops::ControlFlow;

/// Holds the CPU seconds after which the writes of a point are enough.
const ENOUGH: f64 = 0.01;
/// Holds the CPU seconds after which a write is cut off.
const LIMIT: f64 = 1.0;
/// Says how many message sets a point has at most. How long an optimiser takes depends on them.
const SETS: u64 = 8;
/// Says how many queries a read has.
const QUERIES: usize = 50;
/// Holds the limit of steps in definitions that do not say otherwise.
const MAX_STEPS: u32 = 50;
/// Holds the root of the probes' own streams.
const SEED: u64 = 0;

/// Measures a subject at a point. There is nothing where the source has no messages of that many units.
pub(super) fn sample(subject: &Subject, point: LatticePoint) -> Option<ProbeSample> {
    let n = point.n();
    // A source that runs out of messages is measured with as many as it has.
    let m = (1..=point.m()).rev().find(|&m| subject.source.check(n as usize, m as usize).is_ok())?;
    let mut sample = ProbeSample { n, load: point.load(), m, write: None, reading: None };
    if subject.spec.training().is_some() {
        let messages = messages(subject, n, m, 0)?;
        sample.write = epoch(&shortened(&subject.spec, m), &messages);
    } else {
        let (mut total, mut sets) = (0.0, 0);
        // The first write warms caches up and counts only if it is a long one.
        for set in 0..=SETS {
            let messages = messages(subject, n, m, set)?;
            let Some((seconds, weights)) = write(&subject.spec, &messages) else { break };
            if set > 0 || seconds > ENOUGH {
                (total, sets) = (total + seconds, sets + 1);
                sample.reading.get_or_insert_with(|| read(&weights, &messages));
            }
            if total > ENOUGH {
                break;
            }
        }
        sample.write = (sets > 0).then(|| total / f64::from(sets));
    }
    Some(sample)
}

fn messages(subject: &Subject, n: u32, m: u32, set: u64) -> Option<Patterns> {
    let axes = [("n", n.into()), ("m", m.into()), ("set", set)];
    subject.source.draw(n as usize, m as usize, &mut Stream::named(SEED, "probe/messages", &axes)).ok()
}

/// Returns the CPU seconds of a write, and the memory; nothing if it fails or takes too long.
fn write(spec: &Spec, messages: &Patterns) -> Option<(f64, Weights)> {
    let clock = ThreadTime::now();
    let mut watch = |_| limit(&clock, LIMIT);
    let written = spec.protocol().write_watched(messages, &mut stream("write"), &mut watch).ok()?;
    Some((clock.elapsed().as_secs_f64(), written.weights))
}

/// Returns the CPU seconds of an epoch.
fn epoch(spec: &Spec, messages: &Patterns) -> Option<f64> {
    /// Epochs that are timed at least, after a first that warms caches up.
    const EPOCHS: usize = 3;
    // As many epochs as it takes; the watch ends them.
    let spec = spec.with_training(Training { epochs: u32::MAX, ..spec.training()? });
    let clock = ThreadTime::now();
    let mut begun = Vec::new();
    let mut watch = |_| {
        begun.push(clock.elapsed().as_secs_f64());
        if begun.len() > EPOCHS + 1 { limit(&clock, ENOUGH) } else { ControlFlow::Continue(()) }
    };
    match spec.protocol().write_watched(messages, &mut stream("write"), &mut watch) {
        Err(WriteError::Interrupted { .. }) => {}
        _ => return None,
    }
    let (first, last) = (begun.get(1)?, begun.last()?);
    Some((last - first) / (begun.len() - 2) as f64)
}

fn limit(clock: &ThreadTime, seconds: f64) -> ControlFlow<String> {
    if clock.elapsed().as_secs_f64() > seconds {
        ControlFlow::Break(String::new())
    } else {
        ControlFlow::Continue(())
    }
}

fn stream(name: &str) -> Stream {
    Stream::named(SEED, &format!("probe/{name}"), &[])
}

/// Times everything that is read of a memory.
fn read(weights: &Weights, messages: &Patterns) -> Reading {
    let flips = |noise: f64| (noise * messages.n() as f64).round() as usize;
    let queries = |noise, count| Queries::exact(messages, flips(noise), count, &mut stream("queries"));
    let query = |reader, noise: f64| {
        let settings = Settings { reader, max_steps: MAX_STEPS };
        let seconds = timed(|| {
            recovery(weights, messages, &queries(noise, QUERIES), settings, 5, &mut stream("order"))
        });
        seconds / QUERIES as f64
    };
    Reading {
        stability: timed(|| stability(weights, messages)),
        structure: timed(|| {
            let structure = structure(weights, messages);
            let queries = queries(NOISE[NOISE.len() - 1], crate::execute::ENERGY_READS as usize);
            (structure, energy_descent(weights, &queries.states, MAX_STEPS, &mut stream("order")))
        }),
        sync: NOISE.map(|noise| query(Reader::Sync, noise)).to_vec(),
        r#async: NOISE.map(|noise| query(Reader::Async, noise)).to_vec(),
    }
}

/// Returns the CPU seconds of the second of two runs; of the first, where that is long.
fn timed<T>(mut run: impl FnMut() -> T) -> f64 {
    let mut once = || {
        let clock = ThreadTime::now();
        black_box(run());
        clock.elapsed().as_secs_f64()
    };
    let first = once();
    if first > ENOUGH { first } else { once() }
}

/// Returns the CPU seconds of one estimate with its interval, by trial.
pub(super) fn estimate() -> f64 {
    const TRIALS: usize = 10;
    let trials: Vec<(f64, f64)> = (0..TRIALS).map(|i| (50.0 + i as f64, 100.0)).collect();
    let seconds = timed(|| cluster_ratio(&trials, Interval::PROPORTION, 0.95, RESAMPLES));
    seconds / TRIALS as f64
}
