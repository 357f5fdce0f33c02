//! Every kind of figure is drawn by a drawer of its own, in a file of its own. This is what a drawer must
//! know.

use super::paper::Paper;
use super::task::Task;
use crate::context::Context;
use crate::error::FigureError;
use crate::labels;
use crate::sheet::Sheet;
use analysis::summary::Estimate;
use study::figure::{FigureKind, FigureSpec, Theory};
use study::measure::Measure;

/// An `Abscissa` is what the curves of a figure run along, where theory knows curves that run along it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Abscissa {
    /// M/N.
    Load,
    /// d/N.
    Noise,
    /// The overlap 1 - 2 d/N of the query.
    QueryOverlap,
}

/// A `Drawer` draws one kind of figure. It turns the estimates of a sweep, or what else its kind of figure
/// shows, into pages.
pub(crate) trait Drawer: Sync {
    /// Returns the kind of figure, as definitions declare it.
    fn kind(&self) -> FigureKind;

    /// Returns the measure meant where a definition names none, and all that the kind can show.
    fn measures(&self, spec: &FigureSpec) -> (Measure, &'static [Measure]);

    /// Returns the pages of the figure.
    ///
    /// # Errors
    /// If what it shows is not there.
    fn draw(&self, task: &Task<'_>) -> Result<Vec<Paper>, FigureError>;

    /// Returns what a page shows, in words that `for HOP, PSE.` can follow.
    fn subject(&self, measure: Measure, sheet: &Sheet) -> String {
        format!("{} against {}", labels::measure(measure), sheet.x_label)
    }

    /// Returns the estimates of all protocols that a page is about. `drawn` are those on it.
    fn concerned<'a>(&self, _task: &'a Task<'_>, drawn: &'a [Estimate]) -> &'a [Estimate] {
        drawn
    }

    /// Returns what the figure says, in a sentence, where it shows no estimates.
    fn finding(&self, _context: &Context<'_>) -> String {
        String::new()
    }

    /// Returns what its curves run along. Where that is the load, the loads at which they pass a level belong
    /// on it.
    fn abscissa(&self, _spec: &FigureSpec) -> Option<Abscissa> {
        None
    }

    /// Returns the theories that it draws where a definition names none.
    fn theories(&self) -> &'static [Theory] {
        &[]
    }

    /// Returns the measure that `spec` asks for.
    ///
    /// # Errors
    /// If the kind cannot show it.
    fn measure(&self, spec: &FigureSpec) -> Result<Measure, FigureError> {
        let (default, allowed) = self.measures(spec);
        let measure = spec.measure.unwrap_or(default);
        if allowed.contains(&measure) {
            return Ok(measure);
        }
        Err(FigureError::Measure {
            figure: spec.name.clone(),
            kind: spec.kind.name().to_owned(),
            measure: labels::name(&measure),
            allowed: allowed.iter().map(labels::name).collect::<Vec<String>>().join(", "),
        })
    }
}
