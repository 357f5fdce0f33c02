//! The retrieval map: overlap m with the message at the end of a read against that of its query, m_0 = 1 - 2 d/N; a curve
//! a protocol, a panel for each load, dynamics, N and source.
//!
//! On the diagonal a read brings nothing; above it the read comes closer to the message. Where a curve reaches 1 the
//! message attracts all queries that are as close.

use super::axis::Axis;
use super::canvas::Stroke;
use super::curves;
use super::facets::{By, grouped};
use super::guide::Guide;
use super::lines::LineFigure;
use super::style::{Dash, HAIR, QUIET};
use super::{Paper, Task};
use analysis::summary::Estimate;

/// The overlap of a query with its message.
pub(super) fn offered(e: &Estimate) -> Option<f64> {
    e.noise().map(|noise| 1.0 - 2.0 * noise)
}

/// The pages of the figure.
pub(super) fn draw(task: &Task<'_>) -> Vec<Paper> {
    let least = task.found.iter().filter_map(offered).fold(1.0, f64::min);
    // A sweep with noise 0 alone still has an axis.
    let room = (1.0 - least).max(0.1);
    let stroke = Stroke { colour: QUIET, width: HAIR, dash: Dash::Dashed };
    let figure = LineFigure {
        x_label: "overlap of the query m\u{2080} = 1 \u{2212} 2 d/N".to_owned(),
        of: &offered,
        curve: &curves::by_protocol(&task.looks),
        x: Axis::linear(1.0 - 1.03 * room, 1.0 + 0.03 * room),
        y: curves::y_axis(task.measure, &task.found),
        level: None,
        loads: false,
        line: Some((Guide { points: vec![(-1.0, -1.0), (1.0, 1.0)], stroke }, "as offered, m = m\u{2080}")),
    };
    let panels = [By::Source, By::Units, By::Dynamics, By::Messages];
    figure.draw(task, grouped(&task.found, &panels, &task.looks))
}
