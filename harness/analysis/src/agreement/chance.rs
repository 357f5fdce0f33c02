//! This module compares shares of messages and queries on both sides. It says what chance makes of their
//! differences.

use super::{Findings, LEVEL, bits};
use indexmap::IndexMap;
use protocols::Corruption;
use protocols::reading::Reader;
use serde::Serialize;
use stats::{self, Interval};
use study::measure::Measure;

/// A `Share` is a share of a cell, stored and now. An overlap is scaled from [-1, 1] to [0, 1].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Share {
    /// What it is a share of.
    pub measure: Measure,
    /// The dynamics of the reads, for measures of reading.
    pub dynamics: Option<Reader>,
    /// Their flipped bits.
    pub flips: Option<Corruption>,
    /// The stored share.
    pub stored: f64,
    /// The share now.
    pub now: f64,
    /// Messages that it speaks for: what it counts varies between messages, within one hardly.
    pub units: u32,
}

/// Returns all shares that both sides have.
pub fn shares(stored: &Findings, now: &Findings) -> Vec<Share> {
    let m = stored.memory.at.m;
    let mut found = Vec::new();
    for measure in Measure::OF_MEMORIES {
        let sides = measure.of_memory(&stored.memory).zip(measure.of_memory(&now.memory));
        found.extend(sides.and_then(|sides| share(measure, None, sides, m)));
    }
    for (condition, before, after) in bits::conditions(stored, now) {
        let Some((before, after)) = before.zip(after) else { continue };
        for measure in Measure::OF_RECALLS {
            let sides = measure.of_recall(before).zip(measure.of_recall(after));
            let units = m.min(before.reads.queries);
            found.extend(sides.and_then(|sides| share(measure, Some(condition), sides, units)));
        }
    }
    found
}

type Pair = (f64, f64);

fn share(
    measure: Measure,
    condition: Option<(Reader, Corruption)>,
    (before, after): (Pair, Pair),
    units: u32,
) -> Option<Share> {
    let range = measure.range();
    let scaled = |(sum, count): Pair| ((sum / count - range.low) / range.width()).clamp(0.0, 1.0);
    let (dynamics, flips) = condition.unzip();
    let (stored, now) = (scaled(before), scaled(after));
    // Nothing attempted is no share.
    (units > 0 && !stored.is_nan() && !now.is_nan()).then_some(Share {
        measure,
        dynamics,
        flips,
        stored,
        now,
        units,
    })
}

/// Says how the shares of one protocol moved, all its cells together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drift {
    /// The protocol's label.
    pub protocol: String,
    /// What is measured.
    pub measure: Measure,
    /// Mean share now less mean share stored.
    pub difference: f64,
    /// p-value of no drift, adjusted by Holm.
    pub p_value: f64,
}

impl Drift {
    /// Returns whether the drift is more than chance explains.
    pub fn is_significant(&self) -> bool {
        self.p_value <= LEVEL
    }
}

/// Computes the drift of every protocol and measure over `pairs` of stored and new findings. Cells are the
/// units.
pub fn drifts(pairs: &[(Findings, Findings)]) -> Vec<Drift> {
    let mut groups: IndexMap<(String, Measure), (Vec<Pair>, Vec<Pair>)> = IndexMap::new();
    for (stored, now) in pairs {
        let mut of_cell: IndexMap<Measure, (f64, f64, f64)> = IndexMap::new();
        for share in shares(stored, now) {
            let sum = of_cell.entry(share.measure).or_default();
            *sum = (sum.0 + share.stored, sum.1 + share.now, sum.2 + 1.0);
        }
        for (measure, (before, after, count)) in of_cell {
            let group = groups.entry((stored.memory.at.protocol.to_string(), measure)).or_default();
            group.0.push((before, count));
            group.1.push((after, count));
        }
    }
    let mut drifts: Vec<Drift> = groups
        .into_iter()
        .filter_map(|((protocol, measure), (before, after))| {
            // Only its p-value counts, which takes no resamples.
            let found = stats::paired_difference(&after, &before, Interval::PROPORTION, 0.95, 1)?;
            Some(Drift { protocol, measure, difference: found.value, p_value: found.p_value })
        })
        .collect();
    let adjusted = stats::holm(&drifts.iter().map(|drift| drift.p_value).collect::<Vec<_>>());
    drifts.iter_mut().zip(adjusted).for_each(|(drift, p)| drift.p_value = p);
    drifts
}
