//! Figures: from estimates to SVG, PNG and the CSV behind them. The only code that knows plotters.
//!
//! [`draw`] is a pure function: the same estimates give the same bytes of SVG and CSV. One file per kind of figure
//! ([`FigureKind`]); `style` decides what all of them look like, `sheet` where things stand on the page. To add a kind,
//! copy `noise.rs`, fill it in and name it in [`FigureKind`] and in `Task::draw`.

mod axis;
mod canvas;
mod context;
mod cost;
mod curves;
mod data;
mod error;
mod facets;
mod heat_map;
mod legend;
mod lines;
mod load;
mod noise;
mod raster;
#[cfg(test)]
mod sample;
mod save;
mod select;
mod sheet;
mod spec;
mod style;
#[cfg(test)]
mod tests;
mod words;

pub use context::{Context, CrossingMark, Scope, TheoryCurve, TheoryMark};
pub use error::FigureError;
pub use save::save;
pub use spec::{FigureKind, FigureSpec};
pub use style::Width;

use crate::summary::{Estimate, Measure};
use canvas::Frontmatter;
use facets::Facet;
use legend::{ColourBar, Entry};
use sheet::{Panel, Sheet};
use std::collections::BTreeMap;
use style::Looks;

/// A figure, drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// Stem of its files: the name of the figure, with `-2`, `-3`, ... for further pages.
    pub name: String,
    /// What it shows, in one sentence, for readers who do not see it.
    pub alternative: String,
    /// The figure; text is text, sizes are in millimetres.
    pub svg: String,
    /// The same at 192 pixels an inch.
    pub png: Vec<u8>,
    /// The estimates drawn, exactly.
    pub csv: String,
}

/// Draws the figure that `spec` declares. It reads what it needs of `estimates`, which are best those of the whole
/// experiment: they decide the looks of the protocols. One figure is one page or more.
///
/// # Errors
/// If there is nothing to draw, or not without ambiguity; the error says what is missing and what to do.
pub fn draw(
    spec: &FigureSpec,
    estimates: &[Estimate],
    context: &Context<'_>,
) -> Result<Vec<Drawn>, FigureError> {
    let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if spec.name.is_empty() || !spec.name.chars().all(fit) {
        return Err(FigureError::Name { name: spec.name.clone() });
    }
    let found = select::select(spec, estimates)?;
    let measure = select::measure(spec)?;
    let task = Task { spec, context, measure, found, looks: Looks::of(estimates) };
    let papers = task.draw();
    papers.into_iter().enumerate().map(|(page, paper)| task.drawn(page, paper)).collect()
}

/// What is to be drawn.
struct Task<'a> {
    spec: &'a FigureSpec,
    context: &'a Context<'a>,
    measure: Measure,
    found: Vec<Estimate>,
    looks: Looks,
}

/// A page and the estimates on it.
struct Paper {
    sheet: Sheet,
    found: Vec<Estimate>,
}

/// What a page shows around its panels.
struct Surroundings {
    bar: Option<ColourBar>,
    legend: Vec<Entry>,
    x_label: String,
    y_label: String,
    caption: Vec<String>,
}

impl Task<'_> {
    fn draw(&self) -> Vec<Paper> {
        match self.spec.kind {
            FigureKind::Load => load::draw(self),
            FigureKind::Noise => noise::draw(self),
            FigureKind::HeatMap => heat_map::draw(self),
            FigureKind::Cost => cost::draw(self),
        }
    }

    /// Lays groups of estimates out on pages, a panel each.
    fn papers(
        &self,
        groups: BTreeMap<Facet, Vec<Estimate>>,
        panel: impl Fn(&Facet, &[Estimate]) -> Panel,
        surroundings: impl Fn(&[Facet], &[Estimate]) -> Surroundings,
    ) -> Vec<Paper> {
        let default = if groups.len() == 1 { Width::Column } else { Width::Page };
        let width = self.context.width.unwrap_or(default);
        let all: Vec<Facet> = groups.keys().cloned().collect();
        let pages = facets::pages(groups, width.columns());
        let paper = |page: facets::Page| {
            let headings = page.headings(&all);
            let titled = |(facet, _): &(Facet, Vec<Estimate>)| -> Vec<String> {
                let outer = if page.alike { None } else { facets::heading(facet, &all) };
                facets::title(facet, &all).into_iter().chain(outer).collect()
            };
            let titles =
                page.panels.iter().map(|place| place.as_ref().map_or_else(Vec::new, titled)).collect();
            let filled = |(facet, found): &(Facet, Vec<Estimate>)| panel(facet, found);
            let panels = page.panels.iter().map(|place| place.as_ref().map(filled)).collect();
            let (mut facets, mut found) = (Vec::new(), Vec::new());
            for (facet, mut estimates) in page.panels.into_iter().flatten() {
                estimates.sort_by_key(|e| (self.looks.rank(&e.protocol), e.n, e.m, e.flips));
                found.extend(estimates);
                facets.push(facet);
            }
            let Surroundings { bar, legend, x_label, y_label, caption } = surroundings(&facets, &found);
            let columns = page.columns;
            let sheet =
                Sheet { width, columns, headings, titles, panels, bar, legend, x_label, y_label, caption };
            Paper { sheet, found }
        };
        pages.into_iter().map(paper).collect()
    }

    fn drawn(&self, page: usize, Paper { sheet, found }: Paper) -> Result<Drawn, FigureError> {
        let name = match page {
            0 => self.spec.name.clone(),
            _ => format!("{}-{}", self.spec.name, page + 1),
        };
        let shown = words::measure(self.measure);
        let against = match self.spec.kind {
            FigureKind::HeatMap => format!("{} and {}", sheet.x_label, sheet.y_label),
            _ => sheet.x_label.clone(),
        };
        let alternative = words::alternative(&found, &self.looks, &format!("{shown} against {against}"));
        let description = format!("{alternative} {}", sheet.caption.join(" "));
        let svg = sheet.svg(&Frontmatter { title: &alternative, description: &description })?;
        let png = raster::png(&svg)?;
        Ok(Drawn { name, alternative, png, csv: data::csv(&found), svg })
    }
}
