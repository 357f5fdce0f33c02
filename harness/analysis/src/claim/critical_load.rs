//! This module finds the critical loads of one protocol. A critical load is the load at which its curve falls
//! below a level for good, by interpolation ([`stats::crossing()`]), with the interval over resampled message
//! sets ([`stats::crossing_interval`]). These are numbers beside a test of differences, for whoever asks how
//! much load a protocol bears and not only who bears more.

use super::evidence::{Curved, Evidence};
use super::row::{EvidenceRow, Role};
use super::trial::{Lacking, Trial};
use indexmap::IndexMap;
use rayon::prelude::*;
use stats::{self, Crossing, Interval};
use study::claim::{At, Capacity, Region};

/// A `Curve` holds the trials of a curve: by M, in the order of the grid.
pub(super) type Curve = [(u32, Vec<Trial>)];

/// Holds the curves of a protocol, by source, N, dynamics and number of flips.
pub(super) type Curves = IndexMap<At, Vec<(u32, Vec<Trial>)>>;

/// Returns the curves of the protocol `label` over the loads of the test.
pub(super) fn curves(test: &Capacity, label: &str, evidence: &Evidence<'_>) -> Curves {
    let loads = Region { load: test.region.load, ..Region::default() };
    let mut curves = Curves::new();
    for (at, trials) in evidence.trials(label, test.measure).iter().filter(|(at, _)| loads.has(at)) {
        let m = at.m.unwrap_or_default();
        curves.entry(At { m: None, ..*at }).or_default().push((m, trials.clone()));
    }
    curves
}

/// Returns the name of the critical load at a level.
pub(super) fn quantity(level: f64) -> String {
    format!("load{}", (100.0 * level).round())
}

/// Returns the first `count` trials at one load as pairs. One that is not due there, or lacks, counts for
/// nothing.
pub(super) fn pairs(trials: &[Trial], count: usize) -> Vec<(f64, f64)> {
    let pair = |t| match trials.get(t) {
        Some(Trial::Value(pair)) => *pair,
        _ => (0.0, 0.0),
    };
    (0..count).map(pair).collect()
}

/// Returns on which side a crossing leaves the grid, if it does.
pub(super) fn outside(crossing: Crossing) -> Option<&'static str> {
    match crossing {
        Crossing::BelowGrid => Some("below"),
        Crossing::At(_) => None,
        Crossing::AboveGrid => Some("beyond"),
    }
}

/// Returns the critical loads, level by level, wherever the region of the test is. They are those of its
/// subject, or of `rival`.
pub(super) fn rows(
    test: &Capacity,
    rival: Option<&str>,
    curves: &Curves,
    evidence: &Evidence<'_>,
) -> Vec<EvidenceRow> {
    let label = rival.unwrap_or(&test.subject);
    let here = || curves.iter().filter(|(at, _)| test.region.has(at));
    let asked: Vec<(f64, At, &Curve)> = test
        .levels
        .iter()
        .flat_map(|&level| here().map(move |(at, curve)| (level, *at, &curve[..])))
        .collect();
    let one = |&(level, at, curve)| {
        let asked = Curved::at(level, label, test.measure, test.region.load);
        let of_subject = || row((level, at, curve), evidence.confidence());
        let row = EvidenceRow::clone(&evidence.critical.or_make((asked, at), of_subject));
        match rival {
            None => row,
            Some(rival) => {
                EvidenceRow { against: Some(rival.to_owned()), subject: None, rival: row.subject, ..row }
            }
        }
    };
    asked.par_iter().with_max_len(1).map(one).collect()
}

/// Returns the critical load of a curve as that of a subject.
fn row((level, at, curve): (f64, At, &Curve), confidence: f64) -> EvidenceRow {
    let mut curve: Vec<&(u32, Vec<Trial>)> = curve.iter().collect();
    curve.sort_by_key(|(m, _)| *m);
    let mut lacking = Lacking::default();
    curve.iter().flat_map(|(_, trials)| trials).for_each(|&trial| lacking.count(trial));
    let trials = curve.iter().map(|(_, trials)| trials.len()).max().unwrap_or(0);
    let quantity = quantity(level);
    let row = EvidenceRow { trials, lacking, ..EvidenceRow::shown(Role::Map, quantity, at) };
    let loads: Vec<f64> = curve.iter().map(|(m, _)| f64::from(*m) / f64::from(at.n)).collect();
    let values: Vec<Vec<(f64, f64)>> = curve.iter().map(|(_, shares)| pairs(shares, trials)).collect();
    let found = stats::crossing_interval(&loads, &values, level, confidence, stats::RESAMPLES);
    let Some(found) = found else { return row };
    let load = found.value.load();
    let (low, high) = (found.low.load(), found.high.load());
    let interval = Interval { low: low.unwrap_or(f64::NEG_INFINITY), high: high.unwrap_or(f64::INFINITY) };
    EvidenceRow { subject: load, note: outside(found.value).map(|side| format!("{side} the grid")), ..row }
        .with_interval(interval)
}
