//! This crate draws figures from estimates: SVG, PNG, PDF, and the CSV behind them.
//!
//! [`draw`] is a pure function: the same estimates give the same bytes of SVG and CSV. From below: `style` decides
//! what all figures look like, `canvas` alone knows the libraries that draw, `sheet` lays a page out, `data` chooses
//! and groups estimates, `plot` fills panels, `drawing` is what kinds of figure work with, and `kind` has a file for
//! each of them.

mod canvas;
mod context;
mod data;
mod drawing;
mod drawn;
mod effects;
mod error;
mod kind;
mod labels;
mod plot;
#[cfg(test)]
mod sample;
mod save;
mod sheet;
mod story;
mod style;
#[cfg(test)]
mod tests;
pub mod theory_marks;

pub use context::{Context, Scope, TheoryCurve, TheoryMark};
pub use drawn::Drawn;
pub use effects::draw_effects;
pub use error::FigureError;
pub use labels::measure as label;
pub use save::{FileNames, save};
pub use story::{Story, StoryClaim, draw_story};
pub use style::{Appearance, appearances};

use analysis::summary::Estimate;
use canvas::Frontmatter;
use drawing::{Abscissa, Drawer, Paper, Task};
use study::figure::{FigureKind, FigureSpec};
use study::measure::Measure;
use style::Looks;

/// Draws the figure that `spec` declares, on one page or more.
///
/// It reads what it needs of `estimates`, which are best those of the whole experiment.
///
/// # Errors
/// If there is nothing to draw, or not without ambiguity; the error says what is missing and what to do.
pub fn draw(
    spec: &FigureSpec,
    estimates: &[Estimate],
    context: &Context<'_>,
) -> Result<Vec<Drawn>, FigureError> {
    if !spec.names_files() {
        return Err(FigureError::Name { name: spec.name.clone() });
    }
    let drawer = kind::drawer(spec.kind);
    let measure = drawer.measure(spec)?;
    let found =
        if spec.kind.shows_estimates() { data::select(spec, measure, estimates)? } else { Vec::new() };
    let shown = estimates.iter().filter(|e| spec.names(&e.protocol));
    let mut looks = match found.is_empty() {
        true => Looks::of_protocols(shown.map(|e| (e.protocol.as_str(), e.parameters.as_str()))),
        false => Looks::of(&found),
    };
    let (x, y) = spec.axes();
    let found = data::joined(found, &[&x, &y], &mut looks);
    let task = Task { spec, context, measure, found, all: estimates, looks };
    let papers = drawer.draw(&task)?;
    papers.into_iter().enumerate().map(|(page, paper)| printed(drawer, &task, page, paper)).collect()
}

/// A page as text, with what is said about it.
fn printed(
    drawer: &dyn Drawer,
    task: &Task<'_>,
    page: usize,
    Paper { sheet, found, csv }: Paper,
) -> Result<Drawn, FigureError> {
    let name = match page {
        0 => task.spec.name.clone(),
        _ => format!("{}-{}", task.spec.name, page + 1),
    };
    let alternative = drawing::alternative(&found, &task.looks, &drawer.subject(task.measure, &sheet));
    let description = format!("{alternative} {}", sheet.caption.text.join(" "));
    let svg = sheet.svg(&Frontmatter { title: &alternative, description: &description })?;
    let estimates =
        || data::csv::estimates(&found) + &data::csv::critical_loads(&found, task.context.crossings);
    let csv = csv.unwrap_or_else(estimates);
    let parameters = task.parameters(drawer.concerned(task, &found));
    let label = format!("fig:{}-{name}", task.context.experiment);
    let (finding, caption) = (drawer.finding(task.context), sheet.caption.text);
    Ok(Drawn { name, alternative, parameters, finding, caption, label, svg, csv })
}

/// Returns the estimates that the figure `spec` shows.
///
/// Those without a value are among them, where a protocol failed in all trials.
///
/// # Errors
/// If there is none, one is no number, or two stand in the same place.
pub fn shown(spec: &FigureSpec, estimates: &[Estimate]) -> Result<Vec<Estimate>, FigureError> {
    data::select(spec, kind::drawer(spec.kind).measure(spec)?, estimates)
}

/// Returns the measure of a figure over load, or of capacities, with the level whose crossings it shows. Others have
/// none.
pub fn half_of(spec: &FigureSpec) -> Option<(Measure, f64)> {
    let drawer = kind::drawer(spec.kind);
    let measure = drawer.measure(spec).ok()?;
    let crosses = drawer.abscissa(spec) == Some(Abscissa::Load) || spec.kind == FigureKind::Capacity;
    data::half(measure).filter(|_| crosses).map(|level| (measure, level))
}
