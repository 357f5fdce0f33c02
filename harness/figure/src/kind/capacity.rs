//! The load at which half is left is drawn against noise: a curve a protocol, each point with its interval.
//!
//! There is a panel for each N, reader and source. What a figure over load shows in a panel a noise level is one curve
//! here. A load beyond those measured has a cross below the data.

use crate::data::{By, Facet, csv, grouped, half};
use crate::drawing::{BESIDE, Drawer, Paper, Surroundings, Task, caption, papers};
use crate::error::FigureError;
use crate::labels;
use crate::plot::{Curve, Curves, Intervals, Point, by_protocol, curves, entries, fates};
use crate::sheet::{Axis, Entry, Panel, Symbol};
use analysis::summary::{CriticalLoad, Estimate};
use study::figure::{FigureKind, FigureSpec};
use study::measure::Measure;

/// Draws the kind `capacity`.
pub(super) struct Capacity;

impl Drawer for Capacity {
    fn kind(&self) -> FigureKind {
        FigureKind::Capacity
    }

    fn measures(&self, _spec: &FigureSpec) -> (Measure, &'static [Measure]) {
        (Measure::Recovered, &[Measure::Recovered, Measure::RecoveredFirst, Measure::RecoveredCheckpoint])
    }

    fn draw(&self, task: &Task<'_>) -> Result<Vec<Paper>, FigureError> {
        let most = task.found.iter().map(|e| e.load).fold(0.0, f64::max);
        let noise = task.found.iter().filter_map(Estimate::noise).fold(0.0, f64::max).max(0.05);
        let highest = points(task).filter_map(|c| c.crossing.high.load().or(c.crossing.value.load()));
        let top = highest.fold(0.1, f64::max).min(most);
        let (x, y) = (Axis::linear(-0.03 * noise, 1.04 * noise), Axis::linear(0.0, 1.05 * top));
        let panel = |facet: &Facet, estimates: &[Estimate]| {
            let mut drawn = curves(estimates, |_| f64::NAN, by_protocol(&task.looks));
            for curve in &mut drawn {
                curve.points = curve_of(task, facet, estimates, curve, top);
            }
            Panel::new(x.clone(), y.clone(), Curves::new(drawn, Intervals::Band))
        };
        let beyond = points(task).any(|c| c.crossing.value.load().is_none());
        let groups = grouped(&task.found, &[By::Source, By::Corruption, By::Units, By::Reader], &task.looks);
        let level = half(task.measure).unwrap_or(0.5);
        let mut papers = papers(task, groups, panel, |_, found| {
            let mut legend = entries(found, by_protocol(&task.looks), Symbol::Curve);
            legend.extend(fates(found, Symbol::None));
            if beyond {
                legend.push(Entry::new(Symbol::Cross, "outside the loads measured"));
            }
            Surroundings {
                bar: None,
                legend,
                x_label: labels::NOISE.to_owned(),
                y_label: format!("load M/N at which {} is {}", what(task.measure), labels::short(level)),
                caption: caption(task.spec, task.context, found, "bands", &[BESIDE.to_owned()]),
            }
        });
        for paper in &mut papers {
            let loads = csv::critical_loads(&paper.found, task.context.crossings);
            paper.csv = Some(format!("{}\n{loads}", csv::HEADER));
        }
        Ok(papers)
    }
}

/// The measure without its unit.
fn what(measure: Measure) -> &'static str {
    match measure {
        Measure::RecoveredFirst => "the share recovered after one step",
        Measure::RecoveredCheckpoint => "the share recovered after L steps",
        _ => "the share recovered",
    }
}

/// The critical loads of what the figure shows.
fn points<'a>(task: &'a Task<'_>) -> impl Iterator<Item = &'a CriticalLoad> {
    task.context.crossings.iter().filter(|c| task.found.iter().any(|e| is_of(c, e)))
}

fn is_of(c: &CriticalLoad, e: &Estimate) -> bool {
    (&c.protocol, c.source, c.n) == (&e.protocol, e.source, e.n)
        && (c.dynamics, c.flips) == (e.dynamics, e.flips)
}

/// The points of one curve of a panel. An end that lies beyond the loads measured is that of the axis.
fn curve_of(task: &Task<'_>, facet: &Facet, panel: &[Estimate], curve: &Curve, top: f64) -> Vec<Point> {
    let is_here = |c: &&CriticalLoad| {
        facet.n().is_none_or(|n| n == c.n)
            && panel.iter().any(|e| is_of(c, e) && task.looks.name(&e.protocol) == curve.label)
    };
    let point = |c: &CriticalLoad| {
        let crossing = &c.crossing;
        let failed = panel.iter().any(|e| is_of(c, e) && e.failed > 0);
        let ends = (crossing.low.load().unwrap_or(0.0), crossing.high.load().unwrap_or(top));
        let noise = c.flips.map_or(0.0, |d| f64::from(d) / f64::from(c.n));
        Point { x: noise, y: crossing.value.load(), interval: Some(ends), partial: failed }
    };
    let mut points: Vec<Point> = task.context.crossings.iter().filter(is_here).map(point).collect();
    points.sort_by(|a, b| a.x.total_cmp(&b.x));
    points
}
