//! Made-up estimates give a figure of every kind that shows estimates.

use crate::context::Context;
use crate::draw;
use crate::drawn::Drawn;
use crate::error::FigureError;
use crate::sample;
use analysis::summary::{CriticalLoad, Estimate};
use protocols::Corruption;
use study::figure::{Coordinate, FigureKind, FigureSpec};
use study::measure::Measure;

pub(super) fn spec(name: &str, kind: FigureKind) -> FigureSpec {
    FigureSpec::new(name, kind)
}

pub(super) fn context() -> Context<'static> {
    Context::new("quick")
}

pub(super) fn one(spec: &FigureSpec, estimates: &[Estimate], context: &Context<'_>) -> Drawn {
    let mut pages = draw(spec, estimates, context).unwrap();
    assert_eq!(pages.len(), 1);
    pages.remove(0)
}

/// Returns the lines of text in an SVG, as they stand there.
pub(super) fn texts(svg: &str) -> Vec<&str> {
    svg.split("<text ")
        .skip(1)
        .filter_map(|text| text.split_once(">\n")?.1.split_once('\n'))
        .map(|t| t.0)
        .collect()
}

pub(super) fn hatches(svg: &str) -> usize {
    svg.matches("stroke=\"#BEBEBF\"").count()
}

/// Returns estimates of another measure with the same values.
pub(super) fn measured(measure: Measure, estimates: Vec<Estimate>) -> Vec<Estimate> {
    let recovered = estimates.into_iter().filter(|e| e.measure == Measure::Recovered);
    recovered.map(|e| Estimate { measure, ..e }).collect()
}

/// Trainings of TRN with three K and two noise levels, a baseline without K, and the plateau.
fn trainings() -> Vec<Estimate> {
    let mut estimates = Vec::new();
    let mut add = |label: String, parameters: String, value: f64| {
        for flips in [3, 6] {
            let value = Some(value - f64::from(flips) / 40.0);
            let flips = Some(Corruption::flips(flips));
            let (protocol, parameters) = (label.clone(), parameters.clone());
            estimates.push(Estimate {
                protocol,
                parameters,
                flips,
                value,
                low: value,
                high: value,
                ..sample::estimate()
            });
        }
    };
    for (k, gain) in [(5, 0.0), (20, 0.2), (80, 0.3)] {
        for noise in [0.1, 0.2] {
            let parameters = format!(r#"{{"trn":{{"queries":{k},"noise":{noise},"redraw":0}}}}"#);
            add(format!("TRN, noise {noise}, K={k}"), parameters, 0.5 + gain + noise);
        }
    }
    for (label, parameters) in [("HOP", "hop"), ("PSE", "pse"), ("MPF", "mpf")] {
        add(label.to_owned(), format!(r#"{{"{parameters}":{{}}}}"#), 0.4);
    }
    add("TRN, redrawn".to_owned(), r#"{"trn":{"queries":20,"noise":0.2,"redraw":5}}"#.to_owned(), 0.95);
    estimates
}

pub(super) fn coordinate(name: &str) -> Option<Coordinate> {
    Some(Coordinate::named(name).unwrap())
}

pub(super) fn all_kinds() -> Vec<(FigureSpec, Vec<Estimate>)> {
    let recovered = FigureSpec { measure: Some(Measure::Recovered), ..spec("recovered", FigureKind::Load) };
    let x = || coordinate("trn.queries");
    let reference = Some(vec!["TRN, redrawn".to_owned()]);
    let curves = FigureSpec { x: x(), reference, ..spec("k", FigureKind::Curves) };
    let subject = Some("TRN".to_owned());
    let both = [sample::sweep(), measured(Measure::RecoveredCheckpoint, sample::sweep())].concat();
    vec![
        (spec("load", FigureKind::Load), sample::sweep()),
        (recovered, sample::sweep()),
        (spec("noise", FigureKind::Noise), sample::sweep()),
        (curves, trainings()),
        (spec("map", FigureKind::HeatMap), sample::sweep()),
        (FigureSpec { subject, ..spec("less", FigureKind::Difference) }, sample::sweep()),
        (spec("retrieval", FigureKind::Retrieval), measured(Measure::Overlap, sample::sweep())),
        (spec("steps", FigureKind::Scatter), both),
        (spec("cost", FigureKind::Cost), sample::times(&[0.25])),
        (spec("half", FigureKind::Capacity), sample::sweep()),
        (spec("ranks", FigureKind::Ranking), sample::sweep()),
        (spec("costs", FigureKind::Cost), sample::times(&[0.1, 0.25, 0.5])),
    ]
}

/// Only figures of capacities get capacities here: those over load have their own tests.
fn of_kind<'a>(spec: &FigureSpec, crossings: &'a [CriticalLoad]) -> &'a [CriticalLoad] {
    if spec.kind == FigureKind::Capacity { crossings } else { &[] }
}

/// Draws a figure with what its kind needs besides. That is: contrasts of the values drawn, of which small
/// ones are chance.
pub(super) fn drawn(spec: &FigureSpec, estimates: &[Estimate]) -> Result<Vec<Drawn>, FigureError> {
    let contrasts = sample::contrasts(estimates, spec.subject.as_deref().unwrap_or(""));
    let (crossings, ranks) = (sample::crossings(estimates), sample::ranks(estimates));
    draw(
        spec,
        estimates,
        &Context { contrasts: &contrasts, crossings: of_kind(spec, &crossings), ranks: &ranks, ..context() },
    )
}

/// Splits a line of CSV without line breaks in its fields.
pub(super) fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => fields.last_mut().unwrap().push(c),
        }
    }
    fields
}
