//! The tests `difference` and `property` compare a measure of the subject with a rival or a bound. They take
//! the subject less each rival, or less the bound, by trials.
//!
//! Common random numbers give both protocols the same messages and queries, so trials are pairs
//! ([`stats::paired_difference`]); a bound is a rival that is the same in every trial. Required: for every
//! rival, source, N and dynamics, the difference over all loads and noise levels of the region together, a
//! message set being the unit, exceeds the threshold. Map: the same load by load and noise level by noise level,
//! everywhere in the grid, corrected for each source and N by itself. A rival's places decide nothing by themselves: of
//! a thousand of them, corrected together, some twenty message sets could never show that none speaks against a
//! claim. A bound is one promise a place, so there each place of the region is a guard.

use super::evidence::{Compared, Evidence};
use super::row::{EvidenceRow, Role};
use super::trial::{Lacking, Trial};
use indexmap::IndexMap;
use rayon::prelude::*;
use stats::{self, Interval};
use std::borrow::Cow;
use study::claim::{At, Difference, Property, Region};
use study::measure::Measure;

type Pair = (f64, f64);

/// What is asked of the subject.
struct Question<'a> {
    measure: Measure,
    region: &'a Region,
    threshold: f64,
    confidence: f64,
}

/// What the subject is compared with.
#[derive(Clone, Copy)]
enum Against<'a> {
    Rival(&'a str),
    Above(f64),
    Below(f64),
}

impl Against<'_> {
    fn bound(self) -> Option<f64> {
        match self {
            Self::Rival(_) => None,
            Self::Above(bound) | Self::Below(bound) => Some(bound),
        }
    }

    fn name(self) -> String {
        match self {
            Self::Rival(label) => label.to_owned(),
            Self::Above(bound) => format!("at least {bound}"),
            Self::Below(bound) => format!("at most {bound}"),
        }
    }
}

/// The trials of subject and rival at one place, in the same order.
struct Sides<'a> {
    at: At,
    /// The fewest messages of a trial.
    messages: u32,
    subject: Cow<'a, [Trial]>,
    rival: Cow<'a, [Trial]>,
}

/// Returns all rows of a difference, p-values not adjusted.
pub(super) fn rows(test: &Difference, evidence: &Evidence<'_>) -> Vec<EvidenceRow> {
    let question = Question {
        measure: test.measure,
        region: &test.region,
        threshold: test.threshold,
        confidence: evidence.confidence(),
    };
    let ours = evidence.trials(&test.subject, test.measure);
    let of_rival = |rival: &String| {
        let theirs = evidence.trials(rival, test.measure);
        let places: Vec<Sides<'_>> = ours
            .iter()
            .filter_map(|(at, subject)| {
                let (subject, rival) = (Cow::Borrowed(&subject[..]), Cow::Borrowed(&theirs.get(at)?[..]));
                Some(Sides { at: *at, messages: at.m.unwrap_or(1), subject, rival })
            })
            .collect();
        let against = Against::Rival(rival);
        let (subject, rival, threshold) = (test.subject.clone(), rival.clone(), test.threshold.to_bits());
        let asked = Compared::Values { subject, rival, measure: test.measure, threshold };
        let map = evidence.compared.or_make(asked, || question.map(against, &places));
        question.rows(against, &places, &map)
    };
    // Side by side, so that no thread waits for the last place of a rival.
    test.rivals.par_iter().with_max_len(1).flat_map_iter(of_rival).collect()
}

/// Returns all rows of a property, p-values not adjusted.
pub(super) fn property_rows(test: &Property, evidence: &Evidence<'_>) -> Vec<EvidenceRow> {
    let (measure, region) = (test.measure, &test.region);
    let confidence = evidence.confidence();
    let question = Question { measure, region, threshold: 0.0, confidence };
    let (against, bound) = match (test.above, test.below) {
        (Some(bound), _) => (Against::Above(bound), bound),
        (None, bound) => (Against::Below(bound.unwrap_or_default()), bound.unwrap_or_default()),
    };
    // What lacks, lacks on one side; a denominator of 0 leaves the pair out.
    let constant = |trial: &Trial| match *trial {
        Trial::Value((_, denominator)) => Trial::Value((bound * denominator, denominator)),
        _ => Trial::Value((0.0, 0.0)),
    };
    let trials = evidence.trials(&test.subject, measure);
    let sides = trials.iter().map(|(at, subject)| Sides {
        at: *at,
        messages: at.m.unwrap_or(1),
        subject: Cow::Borrowed(subject),
        rival: subject.iter().map(constant).collect(),
    });
    let places: Vec<Sides<'_>> = sides.collect();
    question.rows(against, &places, &question.map(against, &places))
}

/// The places of one source, N and dynamics as one: the trials of every M, each summed over the noise levels.
/// Reads of one message set are no units of their own.
fn pooled<'a>(places: impl Iterator<Item = &'a Sides<'a>>) -> Vec<Sides<'static>> {
    /// What both sides gave, by M and the number of the trial.
    type Sets = IndexMap<(Option<u32>, usize), (Trial, Trial)>;
    let mut groups: IndexMap<At, (u32, Sets)> = IndexMap::new();
    for Sides { at, messages, subject, rival } in places {
        let new = || (*messages, Sets::new());
        let (fewest, group) = groups.entry(At { m: None, flips: None, ..*at }).or_insert_with(new);
        *fewest = (*messages).min(*fewest);
        for (t, sides) in subject.iter().copied().zip(rival.iter().copied()).enumerate() {
            let none = (Trial::Value((0.0, 0.0)), Trial::Value((0.0, 0.0)));
            let sum = group.entry((at.m, t)).or_insert(none);
            *sum = (sum.0.plus(sides.0), sum.1.plus(sides.1));
        }
    }
    let one = |(at, (messages, sets)): (At, (u32, Sets))| {
        let (subject, rival): (Vec<Trial>, Vec<Trial>) = sets.into_values().unzip();
        Sides { at, messages, subject: subject.into(), rival: rival.into() }
    };
    groups.into_iter().map(one).collect()
}

impl Question<'_> {
    /// The row of every place.
    fn map(&self, against: Against<'_>, places: &[Sides<'_>]) -> Vec<EvidenceRow> {
        places.par_iter().with_max_len(8).map(|sides| self.compared(against, Role::Map, sides)).collect()
    }

    /// All rows: required, guards, and those of the `map`.
    fn rows(&self, against: Against<'_>, places: &[Sides<'_>], map: &[EvidenceRow]) -> Vec<EvidenceRow> {
        let is_guard = |place: &&EvidenceRow| against.bound().is_some() && self.region.has(&place.at);
        let guards: Vec<EvidenceRow> = map
            .iter()
            .filter(is_guard)
            .map(|place| EvidenceRow { role: Role::Guard, ..place.clone() })
            .collect();
        let inside = pooled(places.iter().filter(|sides| self.region.has(&sides.at)));
        let required: Vec<EvidenceRow> = inside
            .par_iter()
            .with_max_len(1)
            .map(|sides| self.compared(against, Role::Required, sides))
            .collect();
        required.into_iter().chain(guards).chain(map.iter().cloned()).collect()
    }

    fn compared(&self, against: Against<'_>, role: Role, sides: &Sides<'_>) -> EvidenceRow {
        let mut lacking = Lacking::default();
        sides.subject.iter().chain(&*sides.rival).for_each(|&trial| lacking.count(trial));
        let both = |(a, b): (&Trial, &Trial)| match (*a, *b) {
            (Trial::Value(a), Trial::Value(b)) if a.1 > 0.0 && b.1 > 0.0 => Some((a, b)),
            _ => None,
        };
        let (ours, theirs): (Vec<Pair>, Vec<Pair>) =
            sides.subject.iter().zip(&*sides.rival).filter_map(both).unzip();
        let row = EvidenceRow {
            against: Some(against.name()),
            trials: ours.len(),
            lacking,
            ..EvidenceRow::empty(role, self.measure.name(), sides.at)
        };
        let Some(found) = self.better_by(against, sides.messages, &ours, &theirs) else { return row };
        let p = self.beyond(against, &ours, &theirs, found);
        let row = EvidenceRow {
            subject: Some(ratio(&ours)),
            rival: Some(against.bound().unwrap_or_else(|| ratio(&theirs))),
            effect: Some(found.value),
            p: Some(p),
            ..row
        };
        row.with_interval(found.interval)
    }

    /// Whether the subject is better with the larger number.
    fn more_is_better(&self, against: Against<'_>) -> bool {
        match against {
            Against::Rival(_) => self.measure.more_is_better(),
            Against::Above(_) => true,
            Against::Below(_) => false,
        }
    }

    /// By how much `ours` are better than `theirs`.
    fn better_by(
        &self,
        against: Against<'_>,
        messages: u32,
        ours: &[Pair],
        theirs: &[Pair],
    ) -> Option<stats::RatioDifference> {
        let more = self.more_is_better(against);
        let (a, b) = if more { (ours, theirs) } else { (theirs, ours) };
        let range = self.measure.range();
        let found = stats::paired_difference(a, b, range, self.confidence, stats::RESAMPLES)?;
        let Some(bound) = against.bound() else { return Some(found) };
        // A bound is known: the interval is that of the subject. A trial is as many units as it has messages,
        // where it counts as many or more.
        let least = ours.iter().map(|pair| pair.1).fold(f64::INFINITY, f64::min);
        let units = f64::from(messages).min(least).max(1.0) as u32;
        let (_, own) = stats::cluster_ratio_of_units(ours, units, range, self.confidence, stats::RESAMPLES)?;
        let interval = match more {
            true => Interval { low: own.low - bound, high: own.high - bound },
            false => Interval { low: bound - own.high, high: bound - own.low },
        };
        Some(stats::RatioDifference { interval, ..found })
    }

    /// The p-value of a difference that is no further from 0 than the threshold: that of no difference once
    /// the threshold is taken off the better side; 1 where the difference itself is no further.
    fn beyond(
        &self,
        against: Against<'_>,
        ours: &[Pair],
        theirs: &[Pair],
        found: stats::RatioDifference,
    ) -> f64 {
        if self.threshold == 0.0 {
            return found.p_value;
        }
        if found.value.abs() <= self.threshold {
            return 1.0;
        }
        let ours_is_more = (found.value > 0.0) == self.more_is_better(against);
        let (more, other) = if ours_is_more { (ours, theirs) } else { (theirs, ours) };
        let less: Vec<Pair> = more.iter().map(|pair| (pair.0 - self.threshold * pair.1, pair.1)).collect();
        let unbounded = Interval { low: f64::NEG_INFINITY, high: f64::INFINITY };
        // Only its p-value is needed, so a single resample will do.
        stats::paired_difference(&less, other, unbounded, 0.95, 1).map_or(1.0, |shifted| shifted.p_value)
    }
}

fn ratio(side: &[Pair]) -> f64 {
    side.iter().map(|pair| pair.0).sum::<f64>() / side.iter().map(|pair| pair.1).sum::<f64>()
}
