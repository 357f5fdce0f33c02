//! One measure against another, a point a condition: recovery at L against recovery for good, say. On the diagonal both are
//! equal.

use super::axis::Axis;
use super::canvas::{Canvas, Painted, Stroke};
use super::curves::{self, Identity};
use super::facets::{By, Facet, grouped};
use super::guide::{self, Guide};
use super::legend::{Entry, Symbol, error_bar};
use super::select;
use super::sheet::{Frame, Panel, Plot};
use super::style::{Dash, HAIR, Look, QUIET};
use super::{FigureError, Paper, Surroundings, Task, words};
use analysis::summary::Estimate;
use study::measure::Measure;

/// A condition in the plane of two measures.
#[derive(Clone, Debug, PartialEq)]
struct Dot {
    look: Look,
    x: f64,
    y: f64,
    across: Option<(f64, f64)>,
    up: Option<(f64, f64)>,
    partial: bool,
}

/// A panel of dots.
#[derive(Clone, Debug, PartialEq)]
struct Dots {
    dots: Vec<Dot>,
    diagonal: Guide,
}

/// The measure along x.
pub(super) fn against(task: &Task<'_>) -> Measure {
    task.spec.against.unwrap_or(Measure::RecoveredCheckpoint)
}

/// The pages of the figure.
///
/// # Errors
/// If there are no estimates of the measure along x.
pub(super) fn draw(task: &Task<'_>) -> Result<Vec<Paper>, FigureError> {
    let other = select::of(task.spec, against(task), task.all)?;
    let same = |a: &Estimate, b: &Estimate| {
        (&a.protocol, a.source, a.n, a.m) == (&b.protocol, b.source, b.n, b.m)
            && a.dynamics.is_none_or(|dynamics| b.dynamics.is_none_or(|other| other == dynamics))
            && a.flips.is_none_or(|flips| b.flips.is_none_or(|other| other == flips))
    };
    let partner = |e: &Estimate| other.iter().find(|o| same(o, e)).cloned();
    let dot = |e: &Estimate| {
        let along = partner(e)?;
        Some(Dot {
            look: task.looks.get(&e.protocol),
            x: along.value?,
            y: e.value?,
            across: along.low.zip(along.high),
            up: e.low.zip(e.high),
            partial: e.failed > 0,
        })
    };
    let stroke = Stroke { colour: QUIET, width: HAIR, dash: Dash::Dashed };
    let diagonal = Guide { points: vec![(-1.0, -1.0), (1.0, 1.0)], stroke };
    let x: Axis = curves::y_axis(against(task), &other);
    let y = curves::y_axis(task.measure, &task.found);
    let panel = |_: &Facet, estimates: &[Estimate]| {
        let plot = Dots { dots: estimates.iter().filter_map(dot).collect(), diagonal: diagonal.clone() };
        Panel { look: None, notes: Vec::new(), x: x.clone(), y: y.clone(), plot: Box::new(plot) }
    };
    let groups = grouped(&task.found, &[By::Source, By::Dynamics, By::Units], &task.looks);
    let identity = curves::by_protocol(&task.looks);
    let mut papers = task.papers(groups, panel, |_, found| {
        let mut legend = curves::entries(found, |e| -> Identity { identity(e) }, Symbol::Point);
        legend.push(Entry::new(Symbol::Line(stroke), "equal"));
        legend.extend(curves::fates(found, Symbol::None));
        let facts = ["a point is one load and noise level".to_owned()];
        Surroundings {
            bar: None,
            legend,
            x_label: words::measure(against(task)).to_owned(),
            y_label: words::measure(task.measure).to_owned(),
            caption: words::caption(task.spec, task.context, found, "bars", &facts),
        }
    });
    for paper in &mut papers {
        let along: Vec<Estimate> = paper.found.iter().filter_map(partner).collect();
        paper.found.extend(along);
    }
    Ok(papers)
}

impl Plot for Dots {
    fn paint(&self, canvas: &Canvas<'_>, frame: &Frame<'_>) -> Painted {
        guide::paint(canvas, frame, &self.diagonal)?;
        for dot in &self.dots {
            let at = frame.at(dot.x, dot.y);
            if let Some((low, high)) = dot.up {
                error_bar(canvas, at.0, (frame.at(dot.x, low).1, frame.at(dot.x, high).1), dot.look.colour)?;
            }
            if let Some((low, high)) = dot.across {
                let ends = [frame.at(low, dot.y), frame.at(high, dot.y)];
                canvas.line(&ends, Stroke::solid(dot.look.colour, HAIR * 1.4))?;
            }
        }
        for dot in &self.dots {
            canvas.marker(frame.at(dot.x, dot.y), &dot.look, 0.75 * frame.scale, dot.partial)?;
        }
        Ok(())
    }
}
