//! The retrieval map shows the overlap at the end of a read against that of its query. Both are overlaps with
//! the message.
//!
//! The first is m, the second m_0 = 1 - 2 d/N. There is a curve a protocol, and a panel for each load,
//! dynamics, N and source.
//!
//! On the diagonal a read brings nothing; above it the read comes closer to the message. Where a curve reaches 1 the
//! message attracts all queries that are as close.

use crate::canvas::Stroke;
use crate::data::{By, grouped};
use crate::drawing::{Abscissa, Drawer, LineFigure, Paper, Task};
use crate::error::FigureError;
use crate::plot::{ReferenceLine, by_protocol, y_axis};
use crate::sheet::Axis;
use crate::style::{Dash, HAIR, QUIET};
use analysis::summary::Estimate;
use study::figure::{FigureKind, FigureSpec};
use study::measure::Measure;

/// Draws the kind `retrieval`.
pub(super) struct Retrieval;

impl Drawer for Retrieval {
    fn kind(&self) -> FigureKind {
        FigureKind::Retrieval
    }

    fn measures(&self, _spec: &FigureSpec) -> (Measure, &'static [Measure]) {
        (Measure::Overlap, &[Measure::Overlap])
    }

    fn abscissa(&self, _spec: &FigureSpec) -> Option<Abscissa> {
        Some(Abscissa::QueryOverlap)
    }

    fn draw(&self, task: &Task<'_>) -> Result<Vec<Paper>, FigureError> {
        let least = task.found.iter().filter_map(offered).fold(1.0, f64::min);
        // A sweep with noise 0 alone still has an axis.
        let room = (1.0 - least).max(0.1);
        let stroke = Stroke { colour: QUIET, width: HAIR, dash: Dash::Dashed };
        let diagonal = ReferenceLine { points: vec![(-1.0, -1.0), (1.0, 1.0)], stroke };
        let figure = LineFigure {
            x_label: "overlap of the query m\u{2080} = 1 \u{2212} 2 d/N".to_owned(),
            of: &offered,
            curve: &by_protocol(&task.looks),
            x: Axis::linear(1.0 - 1.03 * room, 1.0 + 0.03 * room),
            y: y_axis(task.measure, &task.found),
            level: None,
            loads: false,
            line: Some((diagonal, "as offered, m = m\u{2080}")),
        };
        let panels = [By::Source, By::Corruption, By::Units, By::Reader, By::Messages];
        Ok(figure.draw(task, grouped(&task.found, &panels, &task.looks)))
    }
}

/// The overlap of a query with its message.
fn offered(e: &Estimate) -> Option<f64> {
    e.noise().map(|noise| 1.0 - 2.0 * noise)
}
