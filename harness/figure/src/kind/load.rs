//! A measure against load: a curve a protocol, theory under it; a panel for each noise level, dynamics, N and source.

use super::axis::Axis;
use super::curves;
use super::facets::{By, grouped};
use super::lines::{LineFigure, half};
use super::{Paper, Task, words};

/// The pages of the figure.
pub(super) fn draw(task: &Task<'_>) -> Vec<Paper> {
    let most = task.found.iter().map(|e| e.load).fold(0.0, f64::max);
    let figure = LineFigure {
        x_label: words::LOAD.to_owned(),
        of: &|e| Some(e.load),
        curve: &curves::by_protocol(&task.looks),
        x: Axis::linear(0.0, 1.03 * most),
        y: curves::y_axis(task.measure, &task.found),
        level: half(task.measure),
        loads: true,
        line: None,
    };
    let panels = [By::Source, By::Units, By::Dynamics, By::Flips];
    figure.draw(task, grouped(&task.found, &panels, &task.looks))
}
