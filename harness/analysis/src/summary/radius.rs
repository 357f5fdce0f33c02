//! A noise radius is the share of flipped bits, at one load, from which a protocol no longer recovers.

use super::critical::{Shares, crossing};
use indexmap::IndexMap;
use protocols::reading::Reader;
use protocols::{CorruptionKind, Source};
use stats::CrossingInterval;
use study::measure::Measure;
use study::record::SharedText;
use study::records::Records;

/// A `NoiseRadius` is the noise level d/N at which one curve passes a level.
#[derive(Clone, Debug, PartialEq)]
pub struct NoiseRadius {
    /// The protocol's label.
    pub protocol: String,
    /// Where the messages come from.
    pub source: Source,
    /// Units N.
    pub n: u32,
    /// Messages M.
    pub m: u32,
    /// Read dynamics.
    pub dynamics: Reader,
    /// What the curve shows.
    pub measure: Measure,
    /// The level.
    pub level: f64,
    /// The noise level d/N with its interval over trials.
    pub crossing: CrossingInterval,
    /// Trials that it rests on.
    pub trials: u32,
}

/// Protocol, source, N, M, and how it was read.
type Line = (SharedText, Source, u32, u32, Reader);

/// Computes the noise radii of every curve of `measure` against noise. They stand in the order in which the
/// records have them. `measure` is one of reads; of others there are none.
pub fn noise_radii(records: &Records, measure: Measure, level: f64) -> Vec<NoiseRadius> {
    let mut lines: IndexMap<Line, Shares> = IndexMap::new();
    for recall in &records.recalls {
        let at = &recall.at;
        // A radius is one of flipped bits; what else may be done to a query has no such scale.
        let of_flips = recall.flips.kind == CorruptionKind::Flips;
        if let Some(pair) = measure.of_recall(recall).filter(|_| of_flips) {
            let line = (at.protocol.clone(), at.source, at.n, at.m, recall.dynamics);
            lines.entry(line).or_default().entry(recall.flips.units).or_default().insert(at.trial, pair);
        }
    }
    let one = |((protocol, source, n, m, dynamics), shares): (Line, Shares)| {
        let (crossing, trials) = crossing(&shares, n, level, records.confidence)?;
        Some(NoiseRadius {
            protocol: protocol.to_string(),
            source,
            n,
            m,
            dynamics,
            measure,
            level,
            crossing,
            trials,
        })
    };
    lines.into_iter().filter_map(one).collect()
}
