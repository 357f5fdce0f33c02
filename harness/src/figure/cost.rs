//! Write time against N, both logarithmic, with the exponent of a power law fitted to each protocol's medians.

use super::axis::Axis;
use super::canvas::Stroke;
use super::curves::{self, Curve, Curves, Guide, Intervals};
use super::facets::{Facet, Inner, grouped};
use super::legend::{Entry, Symbol};
use super::{Panel, Paper, Surroundings, Task, style, words};
use crate::stats::{Line, fit_line};
use crate::summary::{CONFIDENCE, Estimate};
use std::collections::{BTreeMap, BTreeSet};

/// The pages of the figure.
pub(super) fn draw(task: &Task<'_>) -> Vec<Paper> {
    let loads = loads(&task.found);
    let facet = |e: &Estimate| {
        let (rank, name) = loads[&(e.n, e.m)].clone();
        Facet { source: e.source, n: None, dynamics: None, inner: Inner::Load(rank, name) }
    };
    let groups = grouped(task.found.clone(), facet);
    let units = task.found.iter().map(|e| f64::from(e.n));
    let (least, most) = units.fold((f64::INFINITY, 0.0_f64), |(low, high), n| (low.min(n), high.max(n)));
    let (x, y) = (Axis::log(least, most), curves::y_axis(task.measure, &task.found));
    let alone = groups.len() == 1;
    let exponents = groups.values().next().filter(|_| alone).map(|found| panel_fits(task, found));
    let mut legend = curves::protocols(&task.found, &task.looks, Symbol::Fit);
    for (curve, fit) in exponents.iter().flatten() {
        let entry = legend.iter_mut().find(|entry| entry.label == curve.label);
        if let (Some(Entry { label, .. }), Some(fit)) = (entry, fit) {
            *label = format!("{label}: {}", exponent(fit));
        }
    }
    let panel = |_: &Facet, estimates: &[Estimate]| {
        let fits = panel_fits(task, estimates);
        let note = |(curve, fit): &(Curve, Option<Line>)| {
            fit.map(|fit| (curve.look, format!("{}: {}", curve.label, exponent(&fit))))
        };
        let notes = if alone { Vec::new() } else { fits.iter().filter_map(note).collect() };
        let guides = fits.iter().filter_map(|(curve, fit)| fit.map(|fit| guide(curve, &fit))).collect();
        let curves = fits.into_iter().map(|(curve, _)| curve).collect();
        let plot = Curves {
            curves,
            intervals: Intervals::Bars,
            guides,
            marks: Vec::new(),
            crossings: Vec::new(),
            level: None,
        };
        let (x, y) = (x.clone(), y.clone());
        Panel { look: None, notes, x, y, plot: Box::new(plot) }
    };
    task.papers(groups, panel, |_, found| {
        let mut facts =
            vec!["lines: least squares of log time on log N, exponent with its 95 % interval".to_owned()];
        if alone {
            facts.extend(loads.values().next().map(|(_, name)| name.clone()));
        }
        Surroundings {
            bar: None,
            legend: legend.iter().cloned().chain(curves::fates(found, Symbol::Cross)).collect(),
            x_label: words::UNITS.to_owned(),
            y_label: words::measure(task.measure).to_owned(),
            caption: words::caption(task.spec, task.context, found, "points and bars", &facts),
        }
    })
}

/// For every (N, M) the rank of its load among those of the same N, and a name for that rank. M is a whole number, so
/// one nominal load is another M/N at each N; its rank is the same.
fn loads(found: &[Estimate]) -> BTreeMap<(u32, u32), (usize, String)> {
    let mut by_n: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for e in found {
        by_n.entry(e.n).or_default().insert(e.m);
    }
    let ranked: Vec<(usize, u32, u32)> = by_n
        .iter()
        .flat_map(|(&n, messages)| messages.iter().enumerate().map(move |(rank, &m)| (rank, n, m)))
        .collect();
    let name = |rank: usize| {
        let same: Vec<(u32, u32)> =
            ranked.iter().filter(|other| other.0 == rank).map(|&(_, n, m)| (n, m)).collect();
        if same.iter().all(|&(_, m)| m == same[0].1) && same.len() > 1 {
            return format!("M = {}", same[0].1);
        }
        let loads = same.iter().map(|&(n, m)| f64::from(m) / f64::from(n));
        let (low, high) =
            loads.fold((f64::INFINITY, 0.0_f64), |(low, high), load| (low.min(load), high.max(load)));
        match (words::short(low), words::short(high)) {
            (low, high) if low == high => format!("load {low}"),
            (low, high) => format!("load {low} to {high}"),
        }
    };
    ranked.iter().map(|&(rank, n, m)| ((n, m), (rank, name(rank)))).collect()
}

/// The curves of a panel, each with its fit where there are enough points for one.
fn panel_fits(task: &Task<'_>, estimates: &[Estimate]) -> Vec<(Curve, Option<Line>)> {
    let fit = |curve: &Curve| {
        let valued = curve.points.iter().filter_map(|point| point.y.map(|y| (point.x.ln(), y.ln())));
        let (x, y): (Vec<f64>, Vec<f64>) = valued.unzip();
        fit_line(&x, &y, CONFIDENCE)
    };
    let curves = curves::curves(estimates, |e| f64::from(e.n), &task.looks);
    curves.into_iter().map(|curve| (fit(&curve), curve)).map(|(fit, curve)| (curve, fit)).collect()
}

fn exponent(fit: &Line) -> String {
    let interval = fit.slope_interval;
    format!("exponent {:.2} ({:.2} to {:.2})", fit.slope, interval.low, interval.high)
}

/// The fitted line from a curve's first to its last point.
fn guide(curve: &Curve, fit: &Line) -> Guide {
    let ends = curve.points.iter().filter(|point| point.y.is_some()).map(|point| point.x);
    let (low, high) = ends.fold((f64::INFINITY, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
    let at = |x: f64| (x, (fit.intercept + fit.slope * x.ln()).exp());
    let stroke = Stroke { width: style::CURVE * 0.8, ..super::legend::curve_stroke(&curve.look) };
    Guide { points: vec![at(low), at(high)], stroke }
}
