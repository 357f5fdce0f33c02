//! What figures over load and figures over noise have in common.

use super::axis::Axis;
use super::canvas::Stroke;
use super::context::{Context, CrossingMark, Scope, TheoryCurve};
use super::curves::{self, Crossing, Curves, Guide, Intervals, Mark};
use super::facets::{Facet, Inner};
use super::legend::{Entry, Symbol};
use super::sheet::Panel;
use super::style::{CURVE, Dash, QUIET};
use super::{Paper, Surroundings, Task, words};
use crate::summary::{Estimate, Measure};
use std::collections::BTreeMap;

/// One half, where a reader looks for it.
pub(super) fn half(measure: Measure) -> Option<f64> {
    let share = !matches!(measure, Measure::BitErrors | Measure::Overlap | Measure::WriteSeconds);
    share.then_some(0.5)
}

/// A figure of joined curves.
pub(super) struct LineFigure {
    pub(super) x_label: &'static str,
    pub(super) of: fn(&Estimate) -> f64,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) level: Option<f64>,
    /// Whether x is the load, so that marked loads belong on it.
    pub(super) loads: bool,
}

impl LineFigure {
    /// The pages of the figure.
    pub(super) fn draw(&self, task: &Task<'_>, groups: BTreeMap<Facet, Vec<Estimate>>) -> Vec<Paper> {
        let plot = |facet: &Facet, estimates: &[Estimate]| Curves {
            curves: curves::curves(estimates, self.of, &task.looks),
            intervals: Intervals::Band,
            guides: guides(task, facet),
            marks: if self.loads { marks(task.context, facet) } else { Vec::new() },
            crossings: if self.loads { crossings(task, facet) } else { Vec::new() },
            level: self.level,
        };
        let panel = |facet: &Facet, estimates: &[Estimate]| Panel {
            look: None,
            notes: Vec::new(),
            x: self.x.clone(),
            y: self.y.clone(),
            plot: Box::new(plot(facet, estimates)),
        };
        task.papers(groups, panel, |facets, found| Surroundings {
            bar: None,
            legend: self.legend(task, facets, found),
            x_label: self.x_label.to_owned(),
            y_label: words::measure(task.measure).to_owned(),
            caption: words::caption(task.spec, task.context, found, "bands", &[]),
        })
    }

    fn legend(&self, task: &Task<'_>, facets: &[Facet], found: &[Estimate]) -> Vec<Entry> {
        let mut legend = curves::protocols(found, &task.looks, Symbol::Curve);
        let shown = |scope: &Scope| facets.iter().any(|facet| applies(scope, facet));
        for curve in task.context.curves.iter().filter(|curve| shown(&curve.scope)) {
            // A theory drawn in several panels, a curve each, has one entry.
            if !legend.iter().any(|entry| entry.label == curve.label) {
                legend.push(Entry::new(Symbol::Line(theory_stroke(task, curve)), curve.label.clone()));
            }
        }
        if self.loads {
            for (i, mark) in task.context.marks.iter().enumerate().filter(|(_, mark)| shown(&mark.scope)) {
                let number = if self.x.contains(mark.load) { (i + 1).to_string() } else { "→".to_owned() };
                legend.push(Entry::new(Symbol::Number(number), mark.label.clone()));
            }
            let crossing = task.context.crossings.iter().find(|crossing| shown(&crossing.scope));
            if let Some(crossing) = crossing {
                let label = format!("load at {}, 95 % interval", words::short(crossing.level));
                legend.push(Entry::new(Symbol::Bar, label));
            }
        }
        legend.extend(curves::fates(found, Symbol::Cross));
        legend
    }
}

/// Whether a scope includes a panel.
fn applies(scope: &Scope, facet: &Facet) -> bool {
    let (flips, m) = match facet.inner {
        Inner::Flips(d) => (Some(d), None),
        Inner::Messages(m) => (None, Some(m)),
        Inner::One | Inner::Load(..) | Inner::Protocol(..) => (None, None),
    };
    scope.source.is_none_or(|source| source == facet.source)
        && scope.n.is_none_or(|n| facet.n == Some(n))
        && scope.dynamics.is_none_or(|dynamics| facet.dynamics == Some(dynamics))
        && scope.flips.is_none_or(|d| flips == Some(d))
        && scope.m.is_none_or(|of| m == Some(of))
}

fn theory_stroke(task: &Task<'_>, curve: &TheoryCurve) -> Stroke {
    let colour = curve.protocol.as_ref().map_or(QUIET, |label| task.looks.get(label).colour);
    Stroke { colour, width: CURVE * 0.9, dash: Dash::Dotted }
}

fn guides(task: &Task<'_>, facet: &Facet) -> Vec<Guide> {
    let shown = task.context.curves.iter().filter(|curve| applies(&curve.scope, facet));
    shown.map(|curve| Guide { points: curve.points.clone(), stroke: theory_stroke(task, curve) }).collect()
}

fn marks(context: &Context<'_>, facet: &Facet) -> Vec<Mark> {
    let shown = context.marks.iter().enumerate().filter(|(_, mark)| applies(&mark.scope, facet));
    shown.map(|(i, mark)| Mark { number: (i + 1).to_string(), x: mark.load }).collect()
}

fn crossings(task: &Task<'_>, facet: &Facet) -> Vec<Crossing> {
    let shown = task.context.crossings.iter().filter(|crossing| applies(&crossing.scope, facet));
    let crossing = |crossing: &CrossingMark| Crossing {
        look: task.looks.get(&crossing.protocol),
        level: crossing.level,
        x: crossing.load,
        low: crossing.low,
        high: crossing.high,
    };
    shown.map(crossing).collect()
}
