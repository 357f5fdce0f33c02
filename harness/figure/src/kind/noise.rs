//! A measure against noise d/N: a curve a protocol; a panel for each load, dynamics, N and source.

use super::axis::Axis;
use super::curves;
use super::facets::{By, grouped};
use super::lines::{LineFigure, half};
use super::{Paper, Task, words};

/// The pages of the figure.
pub(super) fn draw(task: &Task<'_>) -> Vec<Paper> {
    let most = task.found.iter().filter_map(|e| e.noise()).fold(0.0, f64::max);
    // A sweep with noise 0 alone still has an axis.
    let most = if most > 0.0 { most } else { 0.1 };
    let figure = LineFigure {
        x_label: words::NOISE.to_owned(),
        of: &|e| e.noise(),
        curve: &curves::by_protocol(&task.looks),
        x: Axis::linear(-0.02 * most, 1.03 * most),
        y: curves::y_axis(task.measure, &task.found),
        level: half(task.measure),
        loads: false,
        line: None,
    };
    let panels = [By::Source, By::Units, By::Dynamics, By::Messages];
    figure.draw(task, grouped(&task.found, &panels, &task.looks))
}
