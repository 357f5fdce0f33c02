//! The test `write-time` sets the median wall time of a write against N. The exponents of all protocols stand
//! beside the subject's, and of each a second one: that of what grows beside a fixed cost.

use super::evidence::Evidence;
use super::growth::{self, GrowthPoint};
use super::row::{EvidenceRow, Role};
use super::trial::{Lacking, Trial};
use protocols::Stream;
use stats;
use std::collections::BTreeMap;
use study::claim::{At, WriteTime};
use study::measure::Measure;

/// Resamples of the medians.
const RESAMPLES: usize = 1000;

/// Returns all rows of the test, p-values not adjusted.
pub(super) fn rows(test: &WriteTime, evidence: &Evidence<'_>) -> Vec<EvidenceRow> {
    let points = points(test, &test.subject, evidence, RESAMPLES);
    let mut rows = growth::rows(Measure::WriteSeconds.name(), &points, &test.growth, evidence.confidence());
    let others = evidence.labels().into_iter().filter(|label| *label != test.subject);
    let others: Vec<(&str, Vec<GrowthPoint>)> =
        others.map(|label| (label, self::points(test, label, evidence, 0))).collect();
    let exponent =
        |(label, points): &(&str, Vec<GrowthPoint>)| Some(against(label, growth::exponent(points)?));
    let exponents: Vec<EvidenceRow> = others.iter().filter_map(exponent).collect();
    let words: Vec<String> = exponents.iter().filter_map(in_words).collect();
    if !words.is_empty() {
        for note in rows.iter_mut().filter(|row| row.role != Role::Map).filter_map(|row| row.note.as_mut()) {
            note.push_str("; exponents of the others: ");
            note.push_str(&words.join(", "));
        }
    }
    rows.extend(exponents);
    rows.extend(growth::exponent_beyond_fixed_cost(&points));
    let beyond = |(label, points): &(&str, Vec<GrowthPoint>)| {
        Some(against(label, growth::exponent_beyond_fixed_cost(points)?))
    };
    rows.extend(others.iter().filter_map(beyond));
    rows
}

/// The same row, of another protocol than the subject.
fn against(label: &str, row: EvidenceRow) -> EvidenceRow {
    EvidenceRow { against: Some(label.to_owned()), ..row }
}

/// A protocol's exponent with its interval.
fn in_words(exponent: &EvidenceRow) -> Option<String> {
    let EvidenceRow { against, subject, low, high, .. } = exponent;
    Some(format!("{} {:.2} [{:.2} {:.2}]", against.as_deref()?, (*subject)?, (*low)?, (*high)?))
}

/// The median time of a protocol at every N, and that of as many `resamples` of its message sets.
fn points(test: &WriteTime, label: &str, evidence: &Evidence<'_>, resamples: usize) -> Vec<GrowthPoint> {
    let mut sizes: BTreeMap<u32, (At, Vec<Trial>)> = BTreeMap::new();
    let trials = evidence.trials(label, Measure::WriteSeconds);
    for (at, trials) in trials.iter().filter(|(at, _)| test.region.has(at)) {
        sizes.entry(at.n).or_insert_with(|| (At { m: None, ..*at }, Vec::new())).1.extend(trials);
    }
    let point = |(at, trials): (At, Vec<Trial>)| {
        let mut lacking = Lacking::default();
        trials.iter().for_each(|&trial| lacking.count(trial));
        let seconds = trials.iter().filter_map(|trial| match trial {
            Trial::Value((seconds, _)) => Some(*seconds),
            _ => None,
        });
        let seconds: Vec<f64> = seconds.collect();
        let mut stream = Stream::named(0, &format!("claim/write-time/{label}"), &[("n", at.n.into())]);
        let resampled = stats::resampled(seconds.len(), resamples, &mut stream, |drawn| {
            let drawn: Vec<f64> = drawn.iter().map(|&t| seconds[t as usize]).collect();
            stats::median(&drawn).unwrap_or(f64::NAN)
        });
        GrowthPoint {
            at,
            value: stats::median(&seconds),
            resampled,
            trials: seconds.len(),
            note: None,
            lacking,
        }
    };
    sizes.into_values().map(point).collect()
}
