//! What figures over load and figures over noise have in common.

use super::axis::Axis;
use super::canvas::Stroke;
use super::context::{Context, Scope, TheoryCurve};
use super::curves::{self, Crossing, Curves, Identity, Intervals, Mark};
use super::facets::Facet;
use super::guide::{Guide, Reference};
use super::legend::{Entry, Symbol};
use super::sheet::Panel;
use super::style::{CURVE, Dash, Look, QUIET};
use super::{Paper, Surroundings, Task, words};
use analysis::summary::{CriticalLoad, Estimate};
use std::collections::BTreeMap;
use study::measure::Measure;

/// One half, where a reader looks for it.
pub(super) fn half(measure: Measure) -> Option<f64> {
    let share = !matches!(measure, Measure::BitErrors | Measure::Overlap | Measure::WriteSeconds);
    share.then_some(0.5)
}

/// A figure of joined curves.
pub(super) struct LineFigure<'a> {
    pub(super) x_label: String,
    /// Where an estimate lies along x; those that lie nowhere are horizontal lines.
    pub(super) of: &'a dyn Fn(&Estimate) -> Option<f64>,
    /// Which curve it belongs to.
    pub(super) curve: &'a dyn Fn(&Estimate) -> Identity,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) level: Option<f64>,
    /// Whether x is the load, so that marked loads belong on it.
    pub(super) loads: bool,
    /// A line of all panels, with its meaning.
    pub(super) line: Option<(Guide, &'static str)>,
}

impl LineFigure<'_> {
    /// The pages of the figure.
    pub(super) fn draw(&self, task: &Task<'_>, groups: BTreeMap<Facet, Vec<Estimate>>) -> Vec<Paper> {
        let panel = |facet: &Facet, estimates: &[Estimate]| Panel {
            look: None,
            notes: Vec::new(),
            x: self.x.clone(),
            y: self.y.clone(),
            plot: Box::new(self.plot(task, facet, estimates)),
        };
        task.papers(groups, panel, |facets, found| Surroundings {
            bar: None,
            legend: self.legend(task, facets, found),
            x_label: self.x_label.clone(),
            y_label: words::measure(task.measure).to_owned(),
            caption: words::caption(task.spec, task.context, found, "bands", &[]),
        })
    }

    fn plot(&self, task: &Task<'_>, facet: &Facet, estimates: &[Estimate]) -> Curves {
        let (placed, unplaced) = self.parted(estimates);
        let reference = |e: &Estimate| {
            let stroke = reference_stroke((self.curve)(e).look);
            Some(Reference { y: e.value?, interval: e.low.zip(e.high), stroke })
        };
        let line = self.line.iter().map(|(guide, _)| guide.clone());
        Curves {
            curves: curves::curves(&placed, |e| (self.of)(e).unwrap_or(f64::NAN), self.curve),
            intervals: Intervals::Band,
            guides: line.chain(guides(task, facet)).collect(),
            references: unplaced.iter().filter_map(reference).collect(),
            marks: if self.loads { marks(task.context, facet) } else { Vec::new() },
            crossings: if self.loads { crossings(task, facet) } else { Vec::new() },
            level: self.level,
        }
    }

    /// Estimates that lie along x, and those that do not.
    fn parted(&self, estimates: &[Estimate]) -> (Vec<Estimate>, Vec<Estimate>) {
        estimates.iter().cloned().partition(|e| (self.of)(e).is_some())
    }

    fn legend(&self, task: &Task<'_>, facets: &[Facet], found: &[Estimate]) -> Vec<Entry> {
        let (placed, unplaced) = self.parted(found);
        let mut legend = curves::entries(&placed, self.curve, Symbol::Curve);
        legend.extend(curves::entries(&unplaced, self.curve, |look| Symbol::Line(reference_stroke(look))));
        if let Some((guide, meaning)) = &self.line {
            legend.push(Entry::new(Symbol::Line(guide.stroke), *meaning));
        }
        let shown = |scope: &Scope| facets.iter().any(|facet| applies(scope, facet));
        for curve in task.context.curves.iter().filter(|curve| shown(&curve.scope)) {
            // A theory drawn in several panels, a curve each, has one entry.
            if !legend.iter().any(|entry| entry.label == curve.label) {
                legend.push(Entry::new(Symbol::Line(theory_stroke(task, curve)), curve.label.clone()));
            }
        }
        if self.loads {
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
                    words::short(critical.level),
                    words::percent(task.context.confidence)
                );
                legend.push(Entry::new(Symbol::Bar, label));
            }
        }
        legend.extend(curves::fates(found, Symbol::Cross));
        legend
    }
}

/// Whether a scope includes a panel.
fn applies(scope: &Scope, facet: &Facet) -> bool {
    scope.source.is_none_or(|source| facet.source() == Some(source))
        && scope.n.is_none_or(|n| facet.n() == Some(n))
        && scope.dynamics.is_none_or(|dynamics| facet.dynamics() == Some(dynamics))
        && scope.flips.is_none_or(|d| facet.flips() == Some(d))
        && scope.m.is_none_or(|m| facet.m() == Some(m))
}

/// The line of a value that x does not change.
fn reference_stroke(look: Look) -> Stroke {
    Stroke { colour: look.colour, width: CURVE, dash: Dash::Long }
}

fn theory_stroke(task: &Task<'_>, curve: &TheoryCurve) -> Stroke {
    let colour = curve.protocol.as_ref().map_or(QUIET, |label| task.looks.get(label).colour);
    Stroke { colour, width: CURVE * 0.9, dash: Dash::Dotted }
}

fn guides(task: &Task<'_>, facet: &Facet) -> Vec<Guide> {
    let shown = task.context.curves.iter().filter(|curve| applies(&curve.scope, facet));
    shown.map(|curve| Guide { points: curve.points.clone(), stroke: theory_stroke(task, curve) }).collect()
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
