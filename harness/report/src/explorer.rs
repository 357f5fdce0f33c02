//! This module holds all estimates of a run, as compact data for the page's explorer.
//!
//! A series is what one protocol gave in one measure, from one source, at one N and under one way of reading,
//! M by M. Shares and overlaps are whole ten-thousandths, which is finer than any interval here; other
//! numbers keep four digits.

use analysis::summary::Estimate;
use figure::{Appearance, appearances, label};
use indexmap::{IndexMap, IndexSet};
use protocols::reading::Reader;
use protocols::{Corruption, CorruptionKind, Source};
use serde::Serialize;
use serde_json::{Number, Value};
use study::measure::Measure;

/// Says in how many parts a share is stored.
const SCALE: f64 = 1e4;
/// Says how many estimates the page holds at most. Of larger runs it leaves the estimates out, and says so.
const MOST: usize = 150_000;

/// An `Explorer` holds the estimates of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Explorer {
    protocols: Vec<Look>,
    measures: Vec<Quantity>,
    series: Vec<Series>,
    /// Estimates that are not here because they are too many.
    left_out: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Look {
    label: String,
    #[serde(flatten)]
    appearance: Appearance,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Quantity {
    name: &'static str,
    label: &'static str,
    /// What a stored number is divided by.
    scale: f64,
    /// Where its axis ends; absent where the data decide, and the axis is logarithmic.
    range: Option<[f64; 2]>,
}

/// A `Series` has short keys, for there are thousands of series.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Series {
    /// Position of the protocol.
    p: usize,
    /// Position of the measure.
    q: usize,
    /// Source.
    s: &'static str,
    /// N.
    n: u32,
    /// Reader, where it is read, and the corruption of queries where it is not by flips.
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    /// Corrupted units, where it is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    d: Option<u32>,
    /// Numbers of messages.
    m: Vec<u32>,
    /// Values, lower and upper ends.
    v: Vec<Option<Number>>,
    l: Vec<Option<Number>>,
    h: Vec<Option<Number>>,
    /// Trials.
    t: Vec<u32>,
    /// Failed trials; absent where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    f: Vec<u32>,
    /// How the worst ended; likewise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    w: Vec<&'static str>,
}

impl Explorer {
    /// Makes the explorer of all `estimates` of a run.
    pub(super) fn of(estimates: &[Estimate]) -> Self {
        let looks = appearances(estimates);
        let left_out = if estimates.len() > MOST { estimates.len() } else { 0 };
        let kept = if left_out > 0 { &[] } else { estimates };
        let measures: IndexSet<Measure> = kept.iter().map(|e| e.measure).collect();
        let mut series: IndexMap<Line, Vec<&Estimate>> = IndexMap::new();
        for e in kept {
            let p = looks.get_index_of(&e.protocol).expect("every protocol has a look");
            series.entry((p, e.measure, e.source, e.n, e.dynamics, e.flips)).or_default().push(e);
        }
        Self {
            series: series.into_iter().map(|(line, found)| one(line, found, &measures)).collect(),
            measures: measures.into_iter().map(quantity).collect(),
            protocols: looks.into_iter().map(|(label, appearance)| Look { label, appearance }).collect(),
            left_out,
        }
    }
}

/// Holds protocol, measure, source, N, dynamics and flips.
type Line = (usize, Measure, Source, u32, Option<Reader>, Option<Corruption>);

fn one(
    (p, measure, source, n, dynamics, flips): Line,
    mut found: Vec<&Estimate>,
    measures: &IndexSet<Measure>,
) -> Series {
    found.sort_by_key(|e| e.m);
    let scale = scale(measure);
    let numbers = |of: fn(&Estimate) -> Option<f64>| found.iter().map(|e| stored(of(e)?, scale)).collect();
    let failed = found.iter().any(|e| e.failed > 0);
    Series {
        p,
        q: measures.get_index_of(&measure).expect("every measure was collected"),
        s: source.name(),
        n,
        y: dynamics.map(|reader| read_as(reader, flips)),
        d: flips.map(|corruption| corruption.units),
        m: found.iter().map(|e| e.m).collect(),
        v: numbers(|e| e.value),
        l: numbers(|e| e.low),
        h: numbers(|e| e.high),
        t: found.iter().map(|e| e.trials).collect(),
        f: found.iter().filter(|_| failed).map(|e| e.failed).collect(),
        w: found.iter().filter(|_| failed).map(|e| e.status.name()).collect(),
    }
}

/// The words for a way of reading such queries.
fn read_as(reader: Reader, corruption: Option<Corruption>) -> String {
    match corruption.map(|corruption| corruption.kind) {
        None | Some(CorruptionKind::Flips) => reader.name().to_owned(),
        Some(kind) => format!("{reader}, {}", kind.name()),
    }
}

fn scale(measure: Measure) -> f64 {
    if measure.range().high.is_finite() { SCALE } else { 1.0 }
}

fn quantity(measure: Measure) -> Quantity {
    let range = measure.range();
    Quantity {
        name: measure.name(),
        label: label(measure),
        scale: scale(measure),
        range: range.high.is_finite().then_some([range.low, range.high]),
    }
}

/// Returns a number as it is stored; none where it is not finite.
fn stored(x: f64, scale: f64) -> Option<Number> {
    if scale > 1.0 {
        return x.is_finite().then(|| Number::from((x * scale).round() as i64));
    }
    match serde_json::from_str(&format!("{x:.3e}")) {
        Ok(Value::Number(number)) => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::estimate;
    use study::record::Status;

    #[test]
    fn a_series_has_its_points_by_m_and_failures_only_where_there_are_some() {
        let at = |label: &str, m: u32, value| Estimate { m, value, ..estimate(label) };
        let failed =
            Estimate { failed: 2, status: Status::Timeout, low: None, high: None, ..at("B", 5, None) };
        let found = Explorer::of(&[at("A", 10, Some(0.25)), at("A", 5, Some(1.0)), failed]);
        let json = serde_json::to_value(&found).unwrap();
        let (a, b) = (&json["series"][0], &json["series"][1]);
        assert_eq!(
            (a["m"].to_string(), a["v"].to_string()),
            ("[5,10]".to_owned(), "[10000,2500]".to_owned())
        );
        assert!(a.get("f").is_none());
        assert_eq!((b["v"].to_string(), b["f"].to_string()), ("[null]".to_owned(), "[2]".to_owned()));
        assert_eq!(b["w"][0], "timeout");
    }

    #[test]
    fn times_keep_four_digits_and_what_is_no_number_is_none() {
        assert_eq!(stored(0.000_123_456, 1.0).unwrap().to_string(), "0.0001235");
        assert_eq!((stored(f64::NAN, 1.0), stored(f64::INFINITY, SCALE)), (None, None));
    }
}
