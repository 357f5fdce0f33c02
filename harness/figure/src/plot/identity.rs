//! Estimates become curves and entries of a legend by the protocol, or the step, that they belong to.

use super::curves::{Curve, Point};
use crate::sheet::{Axis, Entry, Symbol};
use crate::style::{Look, Looks};
use analysis::summary::Estimate;
use std::collections::BTreeSet;
use study::measure::Measure;
use study::record::Status;

/// An `Identity` says which curve an estimate belongs to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Identity {
    /// Place in legends.
    pub(crate) rank: usize,
    pub(crate) label: String,
    pub(crate) look: Look,
}

/// Returns the function that gives each estimate the curve of its protocol.
pub(crate) fn by_protocol(looks: &Looks) -> impl Fn(&Estimate) -> Identity {
    move |e| Identity {
        rank: looks.rank(&e.protocol),
        label: looks.name(&e.protocol).to_owned(),
        look: looks.get(&e.protocol),
    }
}

/// Returns the curves of a panel's estimates, in the order of legends.
pub(crate) fn curves(
    estimates: &[Estimate],
    x: impl Fn(&Estimate) -> f64,
    curve: impl Fn(&Estimate) -> Identity,
) -> Vec<Curve> {
    let mut curves: Vec<(usize, Curve)> = Vec::new();
    for e in estimates {
        let point = Point { x: x(e), y: e.value, interval: e.low.zip(e.high), partial: e.failed > 0 };
        let Identity { rank, label, look } = curve(e);
        match curves.iter_mut().find(|(_, curve)| curve.label == label) {
            Some((_, curve)) => curve.points.push(point),
            None => curves.push((rank, Curve { label, look, points: vec![point] })),
        }
    }
    curves.sort_by_key(|(rank, _)| *rank);
    let mut curves: Vec<Curve> = curves.into_iter().map(|(_, curve)| curve).collect();
    for curve in &mut curves {
        curve.points.sort_by(|a, b| a.x.total_cmp(&b.x));
    }
    curves
}

/// Returns the curves of a legend.
pub(crate) fn entries(
    found: &[Estimate],
    curve: impl Fn(&Estimate) -> Identity,
    symbol: fn(Look) -> Symbol,
) -> Vec<Entry> {
    let mut curves: Vec<Identity> = Vec::new();
    for identity in found.iter().map(curve) {
        if !curves.contains(&identity) {
            curves.push(identity);
        }
    }
    curves.sort_by_key(|identity| identity.rank);
    curves.into_iter().map(|identity| Entry::new(symbol(identity.look), identity.label)).collect()
}

/// Returns what a legend says of failures, where there are any. `all` stands where no trial has a value.
pub(crate) fn fates(found: &[Estimate], all: Symbol) -> Vec<Entry> {
    let entry = |symbol: Symbol, what: &str, of: &dyn Fn(&Estimate) -> bool| {
        let statuses: BTreeSet<Status> = found.iter().filter(|e| of(e)).map(|e| e.status).collect();
        let names: Vec<&str> = statuses.into_iter().map(Status::name).collect();
        (!names.is_empty()).then(|| Entry::new(symbol, format!("{what}: {}", names.join(", "))))
    };
    let some = entry(Symbol::Hollow, "some trials failed", &|e| e.failed > 0 && e.value.is_some());
    some.into_iter().chain(entry(all, "all trials failed", &|e| e.value.is_none())).collect()
}

/// Returns the y axis of a measure, around all that is drawn.
pub(crate) fn y_axis(measure: Measure, found: &[Estimate]) -> Axis {
    let ends = found.iter().flat_map(|e| [e.value, e.low, e.high]).flatten();
    let (low, high) =
        ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    match measure {
        // Where all failed there is an axis all the same.
        Measure::WriteSeconds if low > high => Axis::log(0.1, 10.0),
        Measure::WriteSeconds => Axis::log(low, high),
        Measure::BitErrors => {
            let high = if high > 0.0 { high } else { 0.01 };
            Axis::linear(-0.03 * high, 1.05 * high)
        }
        Measure::Overlap if low < 0.0 => Axis::linear(-1.05, 1.05),
        _ => Axis::shares(),
    }
}
