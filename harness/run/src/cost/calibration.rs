//! A calibration holds what probes have measured. By it one tells the seconds that an operation takes.

use super::lattice::{LatticePoint, NOISE, around, bracket};
use super::work::{self, Subject, TYPICAL};
use protocols::Spec;
use protocols::reading::{Reader, UpdateOrder};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use study::canonical::canonical;

/// A `ProbeSample` holds the CPU seconds of one subject at one point of the lattice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ProbeSample {
    /// Units N.
    pub(super) n: u32,
    /// The load of the lattice.
    pub(super) load: f64,
    /// Messages M; fewer than the load asks for where the source has no more.
    pub(super) m: u32,
    /// Seconds of the write, or of an epoch; absent where the probe was cut off.
    pub(super) write: Option<f64>,
    /// What was measured of reading; absent for epochs, and where the probe was cut off.
    pub(super) reading: Option<Reading>,
}

/// A `Reading` holds the CPU seconds of reading a memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Reading {
    /// Seconds of the stability probe.
    pub(super) stability: f64,
    /// Seconds of the structure probe.
    pub(super) structure: f64,
    /// Seconds a query of synchronous reads, by noise level.
    pub(super) sync: Vec<f64>,
    /// Seconds a query of asynchronous reads, by noise level.
    pub(super) r#async: Vec<f64>,
}

/// A `Calibration` holds what probes have measured on a machine, by subject.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    samples: BTreeMap<String, Vec<ProbeSample>>,
    /// CPU seconds of an estimate with its interval, by trial.
    pub(super) estimate: Option<f64>,
}

/// A `Part` says what of a sample is looked up.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// The write, or an epoch.
    Write,
    /// The stability probe.
    Stability,
    /// The structure probe.
    Structure,
    /// A query at a noise level.
    Query(Reader, f64),
}

impl Calibration {
    /// Returns the number of points measured.
    pub fn len(&self) -> usize {
        self.samples.values().map(Vec::len).sum()
    }

    /// Returns whether nothing is measured.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Returns whether the subject is measured at the point.
    pub(super) fn has(&self, subject: &Subject, point: LatticePoint) -> bool {
        self.samples.get(&key(subject)).is_some_and(|samples| samples.iter().any(|s| is_at(s, point)))
    }

    /// Takes a sample in.
    pub(super) fn add(&mut self, subject: &Subject, sample: ProbeSample) {
        self.samples.entry(key(subject)).or_default().push(sample);
    }

    /// Computes the seconds that `operations` take of a subject's part at N = `n`, M = `m`. It goes by the
    /// points around, else by the nearest point measured, else by a typical machine.
    pub(super) fn seconds(&self, subject: &Subject, part: Part, n: f64, m: f64) -> f64 {
        let operations = operations(&subject.spec, part, n, m);
        let samples = self.samples.get(&key(subject)).map(Vec::as_slice).unwrap_or_default();
        let rate_at = |point: LatticePoint| {
            samples.iter().find(|s| is_at(s, point)).and_then(|s| rate(&subject.spec, s, part))
        };
        let known: Vec<(f64, f64)> = around(n, m)
            .into_iter()
            .filter_map(|(point, weight)| rate_at(point).map(|rate| (rate, weight)))
            .collect();
        let weights: f64 = known.iter().map(|(_, weight)| weight).sum();
        if weights > 0.0 {
            let log = known.iter().map(|(rate, weight)| weight * rate.ln()).sum::<f64>() / weights;
            return operations * log.exp();
        }
        let distance = |s: &ProbeSample| {
            let (n2, m2) = (f64::from(s.n), f64::from(s.m));
            (n / n2).ln().powi(2) + (m / n * n2 / m2).ln().powi(2)
        };
        let nearest = samples
            .iter()
            .filter_map(|s| rate(&subject.spec, s, part).map(|rate| (distance(s), rate)))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        operations * nearest.map_or(TYPICAL, |(_, rate)| rate)
    }
}

/// Returns the name of a subject in the cache.
fn key(subject: &Subject) -> String {
    format!("{} v{} {}", subject.source.name(), subject.spec.about().version, canonical(&subject.spec))
}

fn is_at(sample: &ProbeSample, point: LatticePoint) -> bool {
    (sample.n, sample.load) == (point.n(), point.load())
}

fn operations(spec: &Spec, part: Part, n: f64, m: f64) -> f64 {
    match part {
        Part::Write => spec.work(n, m),
        Part::Stability => work::stability(n, m),
        Part::Structure => work::structure(n, m),
        Part::Query(reader, _) => work::read(reader, n, m),
    }
}

/// Computes the seconds that an operation of a sample's part takes.
fn rate(spec: &Spec, sample: &ProbeSample, part: Part) -> Option<f64> {
    let measured = work::shortened(spec, sample.m);
    let operations = operations(&measured, part, sample.n.into(), sample.m.into());
    let seconds = match (part, sample.reading.as_ref()) {
        (Part::Write, _) => sample.write?,
        (_, None) => return None,
        (Part::Stability, Some(reading)) => reading.stability,
        (Part::Structure, Some(reading)) => reading.structure,
        (Part::Query(dynamics, noise), Some(reading)) => {
            let levels = match work::measured_as(dynamics)? {
                UpdateOrder::Sync => &reading.sync,
                UpdateOrder::Async => &reading.r#async,
            };
            let known = |(i, weight): (usize, f64)| levels.get(i).map(|seconds| seconds * weight);
            bracket(&NOISE, noise, |x| x).into_iter().map(known).sum::<Option<f64>>()?
        }
    };
    (seconds > 0.0).then(|| seconds / operations)
}
