//! A measure against noise d/N: a curve a protocol; a panel for each load, dynamics, N and source.

use super::axis::Axis;
use super::curves;
use super::facets::{Facet, Inner, grouped};
use super::lines::{LineFigure, half};
use super::{Paper, Task, words};
use crate::summary::Estimate;

/// The pages of the figure.
pub(super) fn draw(task: &Task<'_>) -> Vec<Paper> {
    let facet = |e: &Estimate| Facet {
        source: e.source,
        n: Some(e.n),
        dynamics: e.dynamics,
        inner: Inner::Messages(e.m),
    };
    let of = |e: &Estimate| e.noise().unwrap_or(0.0);
    let most = task.found.iter().map(of).fold(0.0, f64::max);
    // A sweep with noise 0 alone still has an axis.
    let most = if most > 0.0 { most } else { 0.1 };
    let figure = LineFigure {
        x_label: words::NOISE,
        of,
        x: Axis::linear(-0.02 * most, 1.03 * most),
        y: curves::y_axis(task.measure, &task.found),
        level: half(task.measure),
        loads: false,
    };
    figure.draw(task, grouped(task.found.clone(), facet))
}
