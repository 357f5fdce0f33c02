//! A measure is drawn against noise d/N, a curve a protocol.
//!
//! There is a panel for each load, dynamics, N and source.

use crate::data::{By, grouped, half};
use crate::drawing::{Abscissa, Drawer, LineFigure, Paper, Task};
use crate::error::FigureError;
use crate::labels;
use crate::plot::{by_protocol, y_axis};
use crate::sheet::Axis;
use study::figure::{FigureKind, FigureSpec};
use study::measure::Measure;

/// Draws the kind `noise`.
pub(super) struct Noise;

impl Drawer for Noise {
    fn kind(&self) -> FigureKind {
        FigureKind::Noise
    }

    fn measures(&self, _spec: &FigureSpec) -> (Measure, &'static [Measure]) {
        (Measure::Recovered, &Measure::OF_RECALLS)
    }

    fn abscissa(&self, _spec: &FigureSpec) -> Option<Abscissa> {
        Some(Abscissa::Noise)
    }

    fn draw(&self, task: &Task<'_>) -> Result<Vec<Paper>, FigureError> {
        let most = task.found.iter().filter_map(|e| e.noise()).fold(0.0, f64::max);
        // A sweep with noise 0 alone still has an axis.
        let most = if most > 0.0 { most } else { 0.1 };
        let figure = LineFigure {
            x_label: labels::NOISE.to_owned(),
            of: &|e| e.noise(),
            curve: &by_protocol(&task.looks),
            x: Axis::linear(-0.02 * most, 1.03 * most),
            y: y_axis(task.measure, &task.found),
            level: half(task.measure),
            loads: false,
            line: None,
        };
        let panels = [By::Source, By::Corruption, By::Units, By::Reader, By::Messages];
        Ok(figure.draw(task, grouped(&task.found, &panels, &task.looks)))
    }
}
