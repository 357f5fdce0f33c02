//! A critical load is where the share held or recovered by a protocol falls below a level for good.

use indexmap::IndexMap;
use protocols::reading::Reader;
use protocols::{Corruption, Source};
use rayon::prelude::*;
use stats::{self, CrossingInterval};
use std::collections::{BTreeMap, BTreeSet};
use study::measure::Measure;
use study::record::{Coordinates, SharedText};
use study::records::Records;

/// A `CriticalLoad` is the load at which one curve passes a level.
#[derive(Clone, Debug, PartialEq)]
pub struct CriticalLoad {
    /// The protocol's label.
    pub protocol: String,
    /// Where the messages come from.
    pub source: Source,
    /// Units N.
    pub n: u32,
    /// Read dynamics, for measures of reading.
    pub dynamics: Option<Reader>,
    /// Flipped bits, for measures of reading.
    pub flips: Option<Corruption>,
    /// What the curve shows.
    pub measure: Measure,
    /// The level.
    pub level: f64,
    /// The load with its interval over trials.
    pub crossing: CrossingInterval,
    /// Trials that it rests on.
    pub trials: u32,
}

/// Protocol, source, N, and how it was read.
type Line = (SharedText, Source, u32, Option<(Reader, Corruption)>);

/// Holds numerators and denominators by M, or d, and trial.
pub(super) type Shares = BTreeMap<u32, BTreeMap<u32, (f64, f64)>>;

/// Computes the critical loads of every curve of `measure` against load. They stand in the order in which the
/// records have them.
pub fn critical_loads(records: &Records, measure: Measure, level: f64) -> Vec<CriticalLoad> {
    let mut lines: IndexMap<Line, Shares> = IndexMap::new();
    let mut add = |at: &Coordinates, read, pair: Option<(f64, f64)>| {
        if let Some(pair) = pair {
            let line = (at.protocol.clone(), at.source, at.n, read);
            lines.entry(line).or_default().entry(at.m).or_default().insert(at.trial, pair);
        }
    };
    for memory in &records.memories {
        add(&memory.at, None, measure.of_memory(memory));
    }
    for recall in &records.recalls {
        add(&recall.at, Some((recall.dynamics, recall.flips)), measure.of_recall(recall));
    }
    let one = |(line, shares): (Line, Shares)| critical(line, &shares, measure, level, records.confidence);
    let lines: Vec<_> = lines.into_iter().collect();
    lines.into_par_iter().filter_map(one).collect()
}

fn critical(
    (protocol, source, n, read): Line,
    shares: &Shares,
    measure: Measure,
    level: f64,
    confidence: f64,
) -> Option<CriticalLoad> {
    let (dynamics, flips) = read.unzip();
    let (crossing, trials) = crossing(shares, n, level, confidence)?;
    Some(CriticalLoad {
        protocol: protocol.to_string(),
        source,
        n,
        dynamics,
        flips,
        measure,
        level,
        crossing,
        trials,
    })
}

/// Finds where the curve of `shares` over M/n, or d/n, passes `level`, and on which trials it rests.
pub(super) fn crossing(
    shares: &Shares,
    n: u32,
    level: f64,
    confidence: f64,
) -> Option<(CrossingInterval, u32)> {
    let trials: BTreeSet<u32> = shares.values().flat_map(|by_trial| by_trial.keys().copied()).collect();
    let positions: Vec<f64> = shares.keys().map(|&count| f64::from(count) / f64::from(n)).collect();
    let row = |by_trial: &BTreeMap<u32, (f64, f64)>| {
        trials.iter().map(|trial| by_trial.get(trial).copied().unwrap_or((0.0, 0.0))).collect()
    };
    let rows: Vec<Vec<(f64, f64)>> = shares.values().map(row).collect();
    let crossing = stats::crossing_interval(&positions, &rows, level, confidence, stats::RESAMPLES)?;
    Some((crossing, trials.len() as u32))
}
