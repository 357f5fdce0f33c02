//! A measure against load: a curve a protocol, theory under it; a panel for each noise level, dynamics, N and source.

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
        inner: e.flips.map_or(Inner::One, Inner::Flips),
    };
    let most = task.found.iter().map(|e| e.load).fold(0.0, f64::max);
    let figure = LineFigure {
        x_label: words::LOAD,
        of: |e| e.load,
        x: Axis::linear(0.0, 1.03 * most),
        y: curves::y_axis(task.measure, &task.found),
        level: half(task.measure),
        loads: true,
    };
    figure.draw(task, grouped(task.found.clone(), facet))
}
