//! A measure is drawn against load: a curve a protocol, with theory under it.
//!
//! There is a panel for each noise level, dynamics, N and source.

use crate::data::{By, MEASURES, grouped, half};
use crate::drawing::{Abscissa, Drawer, LineFigure, Paper, Task};
use crate::error::FigureError;
use crate::labels;
use crate::plot::{by_protocol, y_axis};
use crate::sheet::Axis;
use study::figure::{FigureKind, FigureSpec, Theory};
use study::measure::Measure;

/// Draws the kind `load`.
pub(super) struct Load;

impl Drawer for Load {
    fn kind(&self) -> FigureKind {
        FigureKind::Load
    }

    fn measures(&self, _spec: &FigureSpec) -> (Measure, &'static [Measure]) {
        (Measure::FixedPoints, &MEASURES)
    }

    fn abscissa(&self, _spec: &FigureSpec) -> Option<Abscissa> {
        Some(Abscissa::Load)
    }

    fn theories(&self) -> &'static [Theory] {
        &[
            Theory::ExactStorage,
            Theory::Separability,
            Theory::RetrievalLimit,
            Theory::SingleBits,
            Theory::BitError,
            Theory::RetrievalState,
            Theory::CorrectedBits,
        ]
    }

    fn draw(&self, task: &Task<'_>) -> Result<Vec<Paper>, FigureError> {
        let most = task.found.iter().map(|e| e.load).fold(0.0, f64::max);
        let figure = LineFigure {
            x_label: labels::LOAD.to_owned(),
            of: &|e| Some(e.load),
            curve: &by_protocol(&task.looks),
            x: Axis::linear(0.0, 1.03 * most),
            y: y_axis(task.measure, &task.found),
            level: half(task.measure),
            loads: true,
            line: None,
        };
        let panels = [By::Source, By::Corruption, By::Units, By::Reader, By::Flips];
        Ok(figure.draw(task, grouped(&task.found, &panels, &task.looks)))
    }
}
