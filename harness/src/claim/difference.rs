//! `difference`: a measure of the subject less that of each rival, paired over trials.
//!
//! Common random numbers give both the same messages and queries, so trials are pairs ([`stats::paired_difference`]).
//! Required: for every rival, source, N and dynamics, the difference over all loads and noise levels of the region together,
//! a message set being the unit, exceeds the threshold. Guard: nowhere in the region, load by load and noise level by noise
//! level, does it fall below minus the threshold. Map: the same everywhere in the grid, corrected for each rival by itself.

use super::evidence::{At, Evidence, Lacking, Trial};
use super::row::{Role, Row};
use super::spec::Difference;
use crate::stats::{self, Interval};
use crate::summary::Measure;
use indexmap::IndexMap;
use protocols::Stream;
use rayon::prelude::*;

type Pair = (f64, f64);

/// The trials of subject and rival at one place, in the same order.
struct Sides {
    at: At,
    subject: Vec<Trial>,
    rival: Vec<Trial>,
}

/// All rows, p-values not adjusted.
pub(super) fn rows(test: &Difference, evidence: &Evidence<'_>) -> Vec<Row> {
    let subject = evidence.trials(&test.subject, test.measure);
    let of_rival = |rival: &String| {
        let theirs = evidence.trials(rival, test.measure);
        let places: Vec<Sides> = subject
            .iter()
            .filter_map(|(at, subject)| {
                let rival = theirs.get(at)?.clone();
                Some(Sides { at: *at, subject: subject.clone(), rival })
            })
            .collect();
        let row = |role, sides: &Sides| compared(test, rival, role, sides, evidence.confidence());
        let map: Vec<Row> = places.par_iter().map(|sides| row(Role::Map, sides)).collect();
        let guards: Vec<Row> = map
            .iter()
            .filter(|place| test.region.has(&place.at))
            .map(|place| Row { role: Role::Guard, ..place.clone() })
            .collect();
        let inside = places.into_iter().filter(|sides| test.region.has(&sides.at));
        let required: Vec<Row> = pooled(inside).par_iter().map(|sides| row(Role::Required, sides)).collect();
        required.into_iter().chain(guards).chain(map)
    };
    test.rivals.iter().flat_map(of_rival).collect()
}

/// The places of one source, N and dynamics as one: the trials of every M, each summed over the noise levels. Reads of one
/// message set are no units of their own.
fn pooled(places: impl Iterator<Item = Sides>) -> Vec<Sides> {
    /// What both sides gave, by M and the number of the trial.
    type Sets = IndexMap<(Option<u32>, usize), (Trial, Trial)>;
    let mut groups: IndexMap<At, Sets> = IndexMap::new();
    for Sides { at, subject, rival } in places {
        let group = groups.entry(At { m: None, flips: None, ..at }).or_default();
        for (t, sides) in subject.into_iter().zip(rival).enumerate() {
            let none = (Trial::Value((0.0, 0.0)), Trial::Value((0.0, 0.0)));
            let sum = group.entry((at.m, t)).or_insert(none);
            *sum = (sum.0.plus(sides.0), sum.1.plus(sides.1));
        }
    }
    let one = |(at, sets): (At, Sets)| {
        let (subject, rival) = sets.into_values().unzip();
        Sides { at, subject, rival }
    };
    groups.into_iter().map(one).collect()
}

impl Trial {
    /// The sum of two pairs; what lacks in one lacks in the sum.
    fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Value(a), Self::Value(b)) => Self::Value((a.0 + b.0, a.1 + b.1)),
            (Self::Value(_), lacking) => lacking,
            (lacking, _) => lacking,
        }
    }
}

fn compared(test: &Difference, rival: &str, role: Role, sides: &Sides, confidence: f64) -> Row {
    let mut lacking = Lacking::default();
    sides.subject.iter().chain(&sides.rival).for_each(|&trial| lacking.count(trial));
    let both = |(a, b): (&Trial, &Trial)| match (*a, *b) {
        (Trial::Value(a), Trial::Value(b)) => Some((a, b)),
        _ => None,
    };
    let (ours, theirs): (Vec<Pair>, Vec<Pair>) =
        sides.subject.iter().zip(&sides.rival).filter_map(both).unzip();
    let row = Row {
        against: Some(rival.to_owned()),
        trials: ours.len(),
        lacking,
        ..Row::empty(role, test.measure.name(), sides.at)
    };
    let name = format!("claim/{}/{rival}/{}/{:?}", test.subject, test.measure.name(), sides.at);
    let mut stream = Stream::named(0, &name, &[]);
    let Some(found) = better_by(&ours, &theirs, test.measure, confidence, &mut stream) else { return row };
    let mean = |side: &[Pair]| {
        side.iter().map(|pair| pair.0).sum::<f64>() / side.iter().map(|pair| pair.1).sum::<f64>()
    };
    let p = beyond(&ours, &theirs, test, found, &mut stream);
    let row = Row {
        subject: Some(mean(&ours)),
        rival: Some(mean(&theirs)),
        effect: Some(found.value),
        p: Some(p),
        ..row
    };
    row.with_interval(found.interval)
}

/// By how much `ours` are better than `theirs`.
fn better_by(
    ours: &[Pair],
    theirs: &[Pair],
    measure: Measure,
    confidence: f64,
    stream: &mut Stream,
) -> Option<stats::Difference> {
    let (a, b) = if measure.more_is_better() { (ours, theirs) } else { (theirs, ours) };
    stats::paired_difference(a, b, measure.range(), confidence, stats::RESAMPLES, stream)
}

/// The p-value of a difference that is no further from 0 than the threshold: that of no difference once the threshold is
/// taken off the better side; 1 where the difference itself is no further.
fn beyond(
    ours: &[Pair],
    theirs: &[Pair],
    test: &Difference,
    found: stats::Difference,
    stream: &mut Stream,
) -> f64 {
    if test.threshold == 0.0 {
        return found.p_value;
    }
    if found.value.abs() <= test.threshold {
        return 1.0;
    }
    let ours_less = (found.value > 0.0) == test.measure.more_is_better();
    let (better, other) = if ours_less { (ours, theirs) } else { (theirs, ours) };
    let less: Vec<Pair> = better.iter().map(|pair| (pair.0 - test.threshold * pair.1, pair.1)).collect();
    let unbounded = Interval { low: f64::NEG_INFINITY, high: f64::INFINITY };
    // Only its p-value is needed, so a single resample will do.
    stats::paired_difference(&less, other, unbounded, 0.95, 1, stream).map_or(1.0, |shifted| shifted.p_value)
}
