//! The test `capacity` compares critical loads: the loads at which a share falls below a level. It takes that
//! of the subject less that of each rival.
//!
//! The critical load is the last crossing of the curve over the loads of the grid, interpolated
//! ([`stats::crossing()`]); load50 is that at level 0.5. It is never quoted without its noise: every number
//! of flips has a row of its own. A curve that does not come down within the grid has a critical load beyond
//! it, and the difference is open on that side; where both do not, nothing can be said
//! ([`stats::crossing_difference`]). Required: the difference exceeds the threshold, for every rival, level,
//! source, N, dynamics and noise level of the region. Map: the same for all noise levels, dynamics and N of
//! the grid; and within the region the critical loads themselves ([`critical_load`]).

use super::critical_load::{self, Curve, outside, pairs, quantity};
use super::evidence::{Compared, Curved, Evidence};
use super::row::{EvidenceRow, Role};
use super::trial::{Lacking, Trial};
use rayon::prelude::*;
use stats::{self, CrossingDifference};
use std::cell::LazyCell;
use std::sync::Arc;
use study::claim::{At, Capacity};

/// Returns all rows of the test, p-values not adjusted.
pub(super) fn rows(test: &Capacity, evidence: &Evidence<'_>) -> Vec<EvidenceRow> {
    let curves = |label: &str| critical_load::curves(test, label, evidence);
    let subject = curves(&test.subject);
    // Side by side, so that no thread waits for the last place of a rival.
    let of_rivals = test.rivals.par_iter().with_max_len(1).flat_map_iter(|rival| {
        let theirs = curves(rival);
        let both = LazyCell::new(|| -> Vec<(At, Joint)> {
            let joint = |at: &At, ours: &Curve| Some((*at, Joint::of(at.n, ours, theirs.get(at)?)));
            subject.iter().filter_map(|(at, ours)| joint(at, ours)).collect()
        });
        let at_level = |&level: &f64| {
            let row = |(at, joint): &(At, Joint)| joint.row(test, rival, level, *at, evidence.confidence());
            let asked = Compared::Crossings {
                subject: Curved::at(level, &test.subject, test.measure, test.region.load),
                rival: rival.clone(),
                threshold: test.threshold.to_bits(),
            };
            evidence.compared.or_make(asked, || both.par_iter().with_max_len(1).map(row).collect())
        };
        let levels: Vec<Arc<Vec<EvidenceRow>>> = test.levels.iter().map(at_level).collect();
        let map: Vec<EvidenceRow> = levels.iter().flat_map(|rows| rows.iter().cloned()).collect();
        let required = map.iter().filter(|row| test.region.has(&row.at));
        let required = required.map(|row| EvidenceRow { role: Role::Required, ..row.clone() });
        let mut rows: Vec<EvidenceRow> = required.collect();
        rows.extend(map.iter().cloned());
        rows.extend(critical_load::rows(test, Some(rival), &theirs, evidence));
        rows
    });
    let mut rows = critical_load::rows(test, None, &subject, evidence);
    rows.par_extend(of_rivals);
    rows
}

/// The curves of subject and rival over the loads that both have, trial by trial.
struct Joint {
    loads: Vec<f64>,
    subject: Vec<Vec<(f64, f64)>>,
    rival: Vec<Vec<(f64, f64)>>,
    trials: usize,
    lacking: Lacking,
}

impl Joint {
    fn of<'a>(n: u32, ours: &'a Curve, theirs: &'a Curve) -> Self {
        let both = |(m, a): &'a (u32, Vec<Trial>)| {
            let (_, b) = theirs.iter().find(|(other, _)| other == m)?;
            Some((*m, &a[..], &b[..]))
        };
        let mut common: Vec<(u32, &'a [Trial], &'a [Trial])> = ours.iter().filter_map(both).collect();
        common.sort_by_key(|(m, ..)| *m);
        let trials = common.iter().map(|(_, a, _)| a.len()).max().unwrap_or(0);
        let mut lacking = Lacking::default();
        common.iter().flat_map(|(_, a, b)| a.iter().chain(*b)).for_each(|&trial| lacking.count(trial));
        Self {
            loads: common.iter().map(|(m, ..)| f64::from(*m) / f64::from(n)).collect(),
            subject: common.iter().map(|(_, a, _)| pairs(a, trials)).collect(),
            rival: common.iter().map(|(.., b)| pairs(b, trials)).collect(),
            trials,
            lacking,
        }
    }

    fn row(&self, test: &Capacity, rival: &str, level: f64, at: At, confidence: f64) -> EvidenceRow {
        let quantity = quantity(level);
        let row = EvidenceRow {
            against: Some(rival.to_owned()),
            trials: self.trials,
            lacking: self.lacking,
            ..EvidenceRow::empty(Role::Map, quantity.clone(), at)
        };
        let (curves, resamples) = ((&self.subject[..], &self.rival[..]), stats::RESAMPLES);
        let found = stats::crossing_difference(&self.loads, curves, level, confidence, resamples);
        let Some(found) = found else { return row };
        let beyond = found.interval.low > test.threshold || found.interval.high < -test.threshold;
        let row = EvidenceRow {
            subject: found.a.load(),
            rival: found.b.load(),
            effect: effect(&found),
            p: Some(if test.threshold > 0.0 && !beyond { 1.0 } else { found.p_value }),
            note: note(&found),
            ..row
        };
        row.with_interval(found.interval)
    }
}

/// The difference, or the least that it can be; none where it can have either sign.
fn effect(found: &CrossingDifference) -> Option<f64> {
    let value = found.value;
    if value.low >= 0.0 {
        Some(value.low)
    } else if value.high <= 0.0 {
        Some(value.high)
    } else {
        None
    }
}

/// Which curve leaves the grid.
fn note(found: &CrossingDifference) -> Option<String> {
    match (outside(found.a), outside(found.b)) {
        (None, None) => None,
        (Some(place), None) => Some(format!("subject {place} the grid")),
        (None, Some(place)) => Some(format!("rival {place} the grid")),
        (Some(a), Some(b)) if a == b => Some(format!("both {a} the grid")),
        (Some(a), Some(b)) => Some(format!("subject {a}, rival {b} the grid")),
    }
}
