//! Most figures are curves, a protocol each, against one quantity. This module has what they have in common.

use super::caption::caption;
use super::paper::{Paper, Surroundings, papers};
use super::task::Task;
use crate::canvas::Stroke;
use crate::context::{Context, Scope, TheoryCurve};
use crate::data::Facet;
use crate::labels;
use crate::plot::{
    Constant, Crossing, Curves, Identity, Intervals, Mark, ReferenceLine, curves, entries, fates,
};
use crate::sheet::{Axis, Entry, Panel, Symbol};
use crate::style::{CURVE, Dash, Look, QUIET};
use analysis::summary::{CriticalLoad, Estimate};
use protocols::CorruptionKind;
use std::collections::BTreeMap;

/// A `LineFigure` is a figure of joined curves.
pub(crate) struct LineFigure<'a> {
    pub(crate) x_label: String,
    /// Where an estimate lies along x; those that lie nowhere are horizontal lines.
    pub(crate) of: &'a dyn Fn(&Estimate) -> Option<f64>,
    /// Which curve it belongs to.
    pub(crate) curve: &'a dyn Fn(&Estimate) -> Identity,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) level: Option<f64>,
    /// Whether x is the load, so that marked loads belong on it.
    pub(crate) loads: bool,
    /// A line of all panels, with its meaning.
    pub(crate) line: Option<(ReferenceLine, &'static str)>,
}

/// Holds what a caption says of marks that would hide each other.
pub(crate) const BESIDE: &str = "where points meet, their marks stand side by side";

impl LineFigure<'_> {
    /// Draws the pages of the figure.
    pub(crate) fn draw(&self, task: &Task<'_>, groups: BTreeMap<Facet, Vec<Estimate>>) -> Vec<Paper> {
        let panel = |facet: &Facet, estimates: &[Estimate]| {
            Panel::new(self.x.clone(), self.y.clone(), self.plot(task, facet, estimates))
        };
        papers(task, groups, panel, |facets, found| Surroundings {
            bar: None,
            legend: self.legend(task, facets, found),
            x_label: self.x_label.clone(),
            y_label: labels::measure(task.measure).to_owned(),
            caption: caption(task.spec, task.context, found, "bands", &[BESIDE.to_owned()]),
        })
    }

    fn plot(&self, task: &Task<'_>, facet: &Facet, estimates: &[Estimate]) -> Curves {
        let (placed, unplaced) = self.parted(estimates);
        let constant = |e: &Estimate| {
            let stroke = constant_stroke((self.curve)(e).look);
            Some(Constant { y: e.value?, interval: e.low.zip(e.high), stroke })
        };
        let own = self.line.iter().map(|(line, _)| line.clone());
        let curves = curves(&placed, |e| (self.of)(e).unwrap_or(f64::NAN), self.curve);
        Curves {
            lines: own.chain(theory(task, facet)).collect(),
            constants: unplaced.iter().filter_map(constant).collect(),
            marks: if self.loads { marks(task.context, facet) } else { Vec::new() },
            crossings: if self.loads { crossings(task, facet) } else { Vec::new() },
            level: self.level,
            ..Curves::new(curves, Intervals::Band)
        }
    }

    /// Estimates that lie along x, and those that do not.
    fn parted(&self, estimates: &[Estimate]) -> (Vec<Estimate>, Vec<Estimate>) {
        estimates.iter().cloned().partition(|e| (self.of)(e).is_some())
    }

    fn legend(&self, task: &Task<'_>, facets: &[Facet], found: &[Estimate]) -> Vec<Entry> {
        let (placed, unplaced) = self.parted(found);
        let mut legend = entries(&placed, self.curve, Symbol::Curve);
        legend.extend(entries(&unplaced, self.curve, |look| Symbol::Line(constant_stroke(look))));
        if let Some((line, meaning)) = &self.line {
            legend.push(Entry::new(Symbol::Line(line.stroke), *meaning));
        }
        let shown = |scope: &Scope| facets.iter().any(|facet| applies(scope, facet));
        for curve in task.context.curves.iter().filter(|curve| shown(&curve.scope)) {
            // A theory drawn in several panels, a curve each, has one entry.
            if !legend.iter().any(|entry| entry.label == curve.label) {
                legend.push(Entry::new(Symbol::Line(theory_stroke(task, curve)), curve.label.clone()));
            }
        }
        if self.loads {
            self.add_loads(task, facets, &mut legend);
        }
        legend.extend(fates(found, Symbol::Cross));
        legend
    }

    /// What the legend says of loads that theory singles out, and of those at which curves pass a level.
    fn add_loads(&self, task: &Task<'_>, facets: &[Facet], legend: &mut Vec<Entry>) {
        let shown = |scope: &Scope| facets.iter().any(|facet| applies(scope, facet));
        for mark in task.context.marks.iter().filter(|mark| shown(&mark.scope)) {
            let number = number(task.context, &mark.label).to_string();
            let number = if self.x.contains(mark.load) { number } else { "→".to_owned() };
            if !legend.iter().any(|entry| entry.label == mark.label) {
                legend.push(Entry::new(Symbol::Number(number), mark.label.clone()));
            }
        }
        let drawn = |critical: &&CriticalLoad| {
            critical.crossing.value.load().is_some() && facets.iter().any(|facet| is_in(critical, facet))
        };
        if let Some(critical) = task.context.crossings.iter().find(drawn) {
            let label = format!(
                "load at {}, {} interval",
                labels::short(critical.level),
                labels::percent(task.context.confidence)
            );
            legend.push(Entry::new(Symbol::Bar, label));
        }
    }
}

/// Whether a scope includes a panel.
fn applies(scope: &Scope, facet: &Facet) -> bool {
    // Theory speaks of flipped bits.
    facet.corruption().is_none_or(|kind| kind == CorruptionKind::Flips)
        && scope.source.is_none_or(|source| facet.source() == Some(source))
        && scope.n.is_none_or(|n| facet.n() == Some(n))
        && scope.dynamics.is_none_or(|dynamics| facet.dynamics() == Some(dynamics))
        && scope.flips.is_none_or(|d| facet.flips() == Some(d))
        && scope.m.is_none_or(|m| facet.m() == Some(m))
}

/// The line of a value that x does not change.
fn constant_stroke(look: Look) -> Stroke {
    Stroke { colour: look.colour, width: CURVE, dash: Dash::Long }
}

fn theory_stroke(task: &Task<'_>, curve: &TheoryCurve) -> Stroke {
    let colour = curve.protocol.as_ref().map_or(QUIET, |label| task.looks.get(label).colour);
    Stroke { colour, width: CURVE * 0.9, dash: Dash::Dotted }
}

/// The curves of theory of a panel.
fn theory(task: &Task<'_>, facet: &Facet) -> Vec<ReferenceLine> {
    let shown = task.context.curves.iter().filter(|curve| applies(&curve.scope, facet));
    shown
        .map(|curve| ReferenceLine { points: curve.points.clone(), stroke: theory_stroke(task, curve) })
        .collect()
}

/// Marks of one meaning have one number, whatever their loads.
fn number(context: &Context<'_>, label: &str) -> usize {
    let mut labels: Vec<&str> = Vec::new();
    for mark in context.marks {
        if !labels.contains(&mark.label.as_str()) {
            labels.push(&mark.label);
        }
    }
    labels.iter().position(|known| *known == label).map_or(0, |place| place + 1)
}

fn marks(context: &Context<'_>, facet: &Facet) -> Vec<Mark> {
    let shown = context.marks.iter().filter(|mark| applies(&mark.scope, facet));
    shown.map(|mark| Mark { number: number(context, &mark.label).to_string(), x: mark.load }).collect()
}

/// Whether a critical load is one of a panel; loads of several N have panels of their own.
fn is_in(crossing: &CriticalLoad, facet: &Facet) -> bool {
    facet.source() == Some(crossing.source)
        && facet.n() == Some(crossing.n)
        && facet.dynamics() == crossing.dynamics
        && facet.flips() == crossing.flips
}

fn crossings(task: &Task<'_>, facet: &Facet) -> Vec<Crossing> {
    let shown = task.context.crossings.iter().filter(|crossing| is_in(crossing, facet));
    let crossing = |critical: &CriticalLoad| {
        Some(Crossing {
            look: task.looks.get(&critical.protocol),
            level: critical.level,
            x: critical.crossing.value.load()?,
            low: critical.crossing.low.load(),
            high: critical.crossing.high.load(),
        })
    };
    let drawn = |critical: &&CriticalLoad| task.found.iter().any(|e| e.protocol == critical.protocol);
    shown.filter(drawn).filter_map(crossing).collect()
}
