//! One measure is drawn against another, a point a condition. They may be recovery at L and recovery for
//! good, say.
//!
//! On the diagonal both are equal, where they are of one kind.

use crate::canvas::{Canvas, Painted, Stroke};
use crate::data::{By, Facet, grouped, select};
use crate::drawing::{Drawer, Paper, Surroundings, Task, caption, papers};
use crate::error::FigureError;
use crate::labels;
use crate::plot::{ReferenceLine, by_protocol, entries, fates, paint_line, y_axis};
use crate::sheet::{Entry, Frame, Panel, Plot, Symbol};
use crate::style::{Dash, HAIR, Look, QUIET};
use analysis::summary::Estimate;
use study::figure::{FigureKind, FigureSpec};
use study::measure::Measure;

/// Draws the kind `scatter`.
pub(super) struct Scatter;

impl Drawer for Scatter {
    fn kind(&self) -> FigureKind {
        FigureKind::Scatter
    }

    fn measures(&self, _spec: &FigureSpec) -> (Measure, &'static [Measure]) {
        (Measure::Recovered, &SHARES)
    }

    fn draw(&self, task: &Task<'_>) -> Result<Vec<Paper>, FigureError> {
        let other = select(task.spec, against(task), task.all)?;
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
        // A share and a time are never equal.
        let comparable = SHARES.contains(&against(task)) && SHARES.contains(&task.measure);
        let diagonal = ReferenceLine { points: vec![(-1.0, -1.0), (1.0, 1.0)], stroke };
        let diagonal = comparable.then_some(diagonal);
        let x = y_axis(against(task), &other);
        let y = y_axis(task.measure, &task.found);
        let panel = |_: &Facet, estimates: &[Estimate]| {
            let plot = Dots { dots: estimates.iter().filter_map(dot).collect(), diagonal: diagonal.clone() };
            Panel::new(x.clone(), y.clone(), plot)
        };
        let groups = grouped(&task.found, &[By::Source, By::Corruption, By::Reader, By::Units], &task.looks);
        let identity = by_protocol(&task.looks);
        let mut papers = papers(task, groups, panel, |_, found| {
            let mut legend = entries(found, &identity, Symbol::Point);
            legend.extend(comparable.then(|| Entry::new(Symbol::Line(stroke), "equal")));
            legend.extend(fates(found, Symbol::None));
            let facts = ["a point is one load and noise level".to_owned()];
            Surroundings {
                bar: None,
                legend,
                x_label: labels::measure(against(task)).to_owned(),
                y_label: labels::measure(task.measure).to_owned(),
                caption: caption(task.spec, task.context, found, "bars", &facts),
            }
        });
        for paper in &mut papers {
            let along: Vec<Estimate> = paper.found.iter().filter_map(partner).collect();
            paper.found.extend(along);
        }
        Ok(papers)
    }
}

/// The measures that are shares of one, which one axis of 0 to 1 can show.
const SHARES: [Measure; 6] = [
    Measure::FixedPoints,
    Measure::StrictMinima,
    Measure::Recovered,
    Measure::RecoveredFirst,
    Measure::RecoveredCheckpoint,
    Measure::Overlap,
];

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
    /// Where both measures are equal, if they can be.
    diagonal: Option<ReferenceLine>,
}

/// The measure along x.
fn against(task: &Task<'_>) -> Measure {
    task.spec.against.unwrap_or(Measure::RecoveredCheckpoint)
}

impl Plot for Dots {
    fn paint(&self, canvas: &Canvas<'_>, frame: &Frame<'_>) -> Painted {
        if let Some(diagonal) = &self.diagonal {
            paint_line(canvas, frame, diagonal)?;
        }
        for dot in &self.dots {
            let at = frame.at(dot.x, dot.y);
            if let Some((low, high)) = dot.up {
                canvas.error_bar(at.0, (frame.at(dot.x, low).1, frame.at(dot.x, high).1), dot.look.colour)?;
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
