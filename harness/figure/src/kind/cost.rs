//! Write time is drawn against N, both logarithmic. Each protocol has the exponent of a power law fitted to
//! its medians, where they determine it: its interval is narrower than 1. Lines as N squared and as N cubed are for
//! comparison.

use crate::canvas::Stroke;
use crate::data::{By, Facet, grouped};
use crate::drawing::{Drawer, Paper, Surroundings, Task, caption, papers};
use crate::error::FigureError;
use crate::labels;
use crate::plot::{Curve, Curves, Intervals, ReferenceLine, by_protocol, curves, entries, fates, y_axis};
use crate::sheet::{Axis, Entry, Panel, Symbol};
use crate::style::{CURVE, Dash, HAIR, QUIET};
use analysis::summary::Estimate;
use stats::{Line, fit_line};
use study::figure::{FigureKind, FigureSpec};
use study::measure::{CONFIDENCE, Measure};

/// Draws the kind `cost`.
pub(super) struct Cost;

impl Drawer for Cost {
    fn kind(&self) -> FigureKind {
        FigureKind::Cost
    }

    fn measures(&self, _spec: &FigureSpec) -> (Measure, &'static [Measure]) {
        (Measure::WriteSeconds, &[Measure::WriteSeconds])
    }

    fn draw(&self, task: &Task<'_>) -> Result<Vec<Paper>, FigureError> {
        let groups = grouped(&task.found, &[By::Source, By::Messages], &task.looks);
        let units = task.found.iter().map(|e| f64::from(e.n));
        let (least, most) = units.fold((f64::INFINITY, 0.0_f64), |(low, high), n| (low.min(n), high.max(n)));
        let (x, y) = (Axis::log(least, most), y_axis(task.measure, &task.found));
        let alone = groups.len() == 1;
        let exponents = groups.values().next().filter(|_| alone).map(|found| panel_fits(task, found));
        let mut legend = entries(&task.found, by_protocol(&task.looks), Symbol::Fit);
        for (curve, fit) in exponents.iter().flatten() {
            let entry = legend.iter_mut().find(|entry| entry.label == curve.label);
            if let (Some(Entry { label, .. }), Some(fit)) = (entry, fit) {
                *label = format!("{label}: {}", exponent(fit));
            }
        }
        let load = groups.keys().next().filter(|_| alone).and_then(Facet::last);
        let panel = |_: &Facet, estimates: &[Estimate]| {
            let fits = panel_fits(task, estimates);
            let note = |(curve, fit): &(Curve, Option<Line>)| {
                fit.map(|fit| (curve.look, format!("{}: {}", curve.label, exponent(&fit))))
            };
            let notes = if alone { Vec::new() } else { fits.iter().filter_map(note).collect() };
            let lines = fits
                .iter()
                .filter_map(|(curve, fit)| fit.map(|fit| fitted(curve, &fit, from(task))))
                .chain(powers(estimates))
                .collect();
            let curves = fits.into_iter().map(|(curve, _)| curve).collect();
            let plot = Curves { lines, ..Curves::new(curves, Intervals::Bars) };
            Panel { notes, ..Panel::new(x.clone(), y.clone(), plot) }
        };
        Ok(papers(task, groups, panel, |_, found| {
            let from = task.spec.fit_from.map_or_else(String::new, |n| format!(" from N = {n} on"));
            let mut facts = vec![format!(
                "lines of a colour: least squares of log time on log N{from}, exponents with their 95 % intervals \
                 where these are narrower than {WIDEST}"
            )];
            facts.extend(load.clone());
            Surroundings {
                bar: None,
                legend: legend.iter().cloned().chain(compared()).chain(fates(found, Symbol::Cross)).collect(),
                x_label: labels::UNITS.to_owned(),
                y_label: labels::measure(task.measure).to_owned(),
                caption: caption(task.spec, task.context, found, "points and bars", &facts),
            }
        }))
    }
}

/// The curves of a panel, each with its fit where there are enough points for one.
fn panel_fits(task: &Task<'_>, estimates: &[Estimate]) -> Vec<(Curve, Option<Line>)> {
    let fit = |curve: &Curve| {
        let points = curve.points.iter().filter(|point| point.x >= from(task));
        let valued = points.filter_map(|point| point.y.map(|y| (point.x.ln(), y.ln())));
        let (x, y): (Vec<f64>, Vec<f64>) = valued.unzip();
        fit_line(&x, &y, CONFIDENCE)
    };
    let curves = curves(estimates, |e| f64::from(e.n), by_protocol(&task.looks));
    let known = |fit: &Line| fit.slope_interval.high - fit.slope_interval.low < WIDEST;
    curves
        .into_iter()
        .map(|curve| (fit(&curve).filter(known), curve))
        .map(|(fit, curve)| (curve, fit))
        .collect()
}

/// An exponent whose interval is as wide tells no square from a cube.
const WIDEST: f64 = 1.0;

/// The powers of N that are drawn for comparison, each with how its line is broken and its meaning.
const POWERS: [(f64, Dash, &str); 2] =
    [(2.0, Dash::Dotted, "as N\u{b2}, for comparison"), (3.0, Dash::Dashed, "as N\u{b3}, for comparison")];

/// What the legend says of these lines.
fn compared() -> impl Iterator<Item = Entry> {
    POWERS.into_iter().map(|(_, dash, meaning)| Entry::new(Symbol::Line(power_stroke(dash)), meaning))
}

fn power_stroke(dash: Dash) -> Stroke {
    Stroke { colour: QUIET, width: 2.0 * HAIR, dash }
}

/// Lines of the powers through the lowest point at the largest N.
fn powers(estimates: &[Estimate]) -> Vec<ReferenceLine> {
    let most = estimates.iter().map(|e| e.n).max().unwrap_or(1);
    let least = estimates.iter().map(|e| e.n).min().unwrap_or(1);
    let there = estimates.iter().filter(|e| e.n == most).filter_map(|e| e.value);
    let lowest = there.fold(f64::INFINITY, f64::min);
    let (first, last) = (f64::from(least), f64::from(most));
    // Below the data, where it covers none.
    let of = |power: f64| move |n: f64| 0.45 * lowest * (n / last).powf(power);
    let line = |&(power, dash, _): &(f64, Dash, &str)| ReferenceLine {
        points: [first, last].map(|n| (n, of(power)(n))).to_vec(),
        stroke: power_stroke(dash),
    };
    if lowest.is_finite() { POWERS.iter().map(line).collect() } else { Vec::new() }
}

fn exponent(fit: &Line) -> String {
    let interval = fit.slope_interval;
    format!("exponent {:.2} [{:.2} {:.2}]", fit.slope, interval.low, interval.high)
}

/// The smallest N that the fits count.
fn from(task: &Task<'_>) -> f64 {
    task.spec.fit_from.map_or(0.0, f64::from)
}

/// The fitted line from the first to the last point that it counts.
fn fitted(curve: &Curve, fit: &Line, from: f64) -> ReferenceLine {
    let ends = curve.points.iter().filter(|point| point.y.is_some() && point.x >= from).map(|point| point.x);
    let (low, high) = ends.fold((f64::INFINITY, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
    let at = |x: f64| (x, (fit.intercept + fit.slope * x.ln()).exp());
    let stroke = Stroke { width: CURVE * 0.8, ..Stroke::curve(&curve.look) };
    ReferenceLine { points: vec![at(low), at(high)], stroke }
}
