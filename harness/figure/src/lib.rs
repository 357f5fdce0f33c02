//! Figures: from estimates to SVG, PNG and the CSV behind them. The only code that knows plotters.
//!
//! [`draw`] is a pure function: the same estimates give the same bytes of SVG and CSV. One file per kind of figure
//! ([`FigureKind`]); `style` decides what all of them look like, `sheet` where things stand on the page. To add a kind,
//! copy `noise.rs`, fill it in and name it in [`FigureKind`] and in `Task::draw`.

mod appearance;
mod axis;
mod basins;
mod canvas;
mod context;
mod coordinate;
mod cost;
mod curves;
mod data;
mod difference;
mod error;
mod facets;
mod free;
mod guide;
mod heat_map;
mod legend;
mod lines;
mod load;
mod map;
mod margins;
mod noise;
mod pdf;
mod queries_needed;
mod raster;
mod retrieval;
mod said;
#[cfg(test)]
mod sample;
mod save;
mod scatter;
mod select;
mod series;
mod sheet;
mod style;
#[cfg(test)]
mod tests;
pub mod theory_marks;
mod words;

pub use appearance::{Appearance, appearances};
pub use context::{Context, Scope, TheoryCurve, TheoryMark};
pub use error::FigureError;
pub use save::save;
pub use select::select as shown;
pub use style::Width;
pub use words::measure as label;

use analysis::summary::Estimate;
use canvas::Frontmatter;
use coordinate::Along;
use facets::Facet;
use legend::{ColourBar, Entry};
use sheet::{Panel, Sheet};
use std::collections::{BTreeMap, BTreeSet};
use study::figure::{Coordinate, FigureKind, FigureSpec};
use study::label::is_of;
use study::measure::Measure;
use style::Looks;

/// A figure, drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// Stem of its files: the name of the figure, with `-2`, `-3`, ... for further pages.
    pub name: String,
    /// What it shows, in one sentence, for readers who do not see it.
    pub alternative: String,
    /// The protocols on it by their labels, each with its parameters, in the order of legends.
    pub parameters: Vec<(String, String)>,
    /// What it says, in a sentence, where it shows no estimates; empty elsewhere.
    pub said: String,
    /// The figure; text is text, sizes are in millimetres.
    pub svg: String,
    /// The estimates drawn, exactly.
    pub csv: String,
}

impl Drawn {
    /// Its SVG with `finding` in its title, which screen readers read.
    pub fn telling(&self, finding: &str) -> String {
        let title = format!(" {}</title>", canvas::escaped(finding));
        if finding.is_empty() { self.svg.clone() } else { self.svg.replacen("</title>", &title, 1) }
    }

    /// The same as PNG, at 192 pixels an inch.
    ///
    /// # Errors
    /// If its SVG is none, which is a fault of the program.
    pub fn png(&self) -> Result<Vec<u8>, FigureError> {
        raster::png(&raster::tree(&self.svg)?)
    }
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
    let found = match spec.kind {
        // They show reads, margins and numbers of claims, not estimates.
        FigureKind::Basins | FigureKind::Margins | FigureKind::QueriesNeeded => Vec::new(),
        _ => select::select(spec, estimates)?,
    };
    let measure = select::measure(spec)?;
    let mut looks = Looks::of(estimates);
    let (x, y) = spec.axes();
    let found = series::joined(found, &[&x, &y], &mut looks);
    let task = Task { spec, context, measure, found, all: estimates, looks };
    let papers = task.draw()?;
    papers.into_iter().enumerate().map(|(page, paper)| task.drawn(page, paper)).collect()
}

/// The measure and the level at which the curves of a figure over load are to be crossed; none for other figures.
pub fn half_of(spec: &FigureSpec) -> Option<(Measure, f64)> {
    let measure = select::measure(spec).ok()?;
    let over_load = spec.kind == FigureKind::Load
        || spec.kind == FigureKind::Curves && spec.axes() == (Coordinate::Load, Coordinate::Protocol);
    lines::half(measure).filter(|_| over_load).map(|level| (measure, level))
}

/// What is to be drawn.
struct Task<'a> {
    spec: &'a FigureSpec,
    context: &'a Context<'a>,
    measure: Measure,
    found: Vec<Estimate>,
    all: &'a [Estimate],
    looks: Looks,
}

/// A page and the estimates on it.
struct Paper {
    sheet: Sheet,
    found: Vec<Estimate>,
    /// The CSV behind it, where it is not the estimates.
    table: Option<String>,
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
    fn draw(&self) -> Result<Vec<Paper>, FigureError> {
        Ok(match self.spec.kind {
            FigureKind::Load => load::draw(self),
            FigureKind::Noise => noise::draw(self),
            FigureKind::Curves => free::draw(self)?,
            FigureKind::Retrieval => retrieval::draw(self),
            FigureKind::HeatMap => heat_map::draw(self),
            FigureKind::Difference => difference::draw(self)?,
            FigureKind::Scatter => scatter::draw(self)?,
            FigureKind::Basins => basins::draw(self)?,
            FigureKind::Margins => margins::draw(self)?,
            FigureKind::Cost => cost::draw(self),
            FigureKind::QueriesNeeded => queries_needed::draw(self)?,
        })
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
        let (x, y) = self.spec.axes();
        let mut groups = groups;
        for found in groups.values_mut() {
            let rank = |e: &Estimate| self.looks.rank(&e.protocol);
            found.sort_by_key(|e| (rank(e), e.n, e.m, e.flips, x.value(e), y.value(e)));
        }
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
            for (facet, estimates) in page.panels.into_iter().flatten() {
                found.extend(estimates);
                facets.push(facet);
            }
            let Surroundings { bar, legend, x_label, y_label, caption } = surroundings(&facets, &found);
            let columns = page.columns;
            let sheet =
                Sheet { width, columns, headings, titles, panels, bar, legend, x_label, y_label, caption };
            Paper { sheet, found, table: None }
        };
        pages.into_iter().map(paper).collect()
    }

    /// The protocols among `found`, or of the samples and trajectories where no estimates are shown.
    fn parameters(&self, found: &[Estimate]) -> Vec<(String, String)> {
        let shown: BTreeSet<&str> = match self.spec.kind {
            FigureKind::Basins => self.context.trajectories.iter().map(|t| t.protocol.as_str()).collect(),
            FigureKind::Margins => self.context.samples.iter().map(|s| s.protocol.as_str()).collect(),
            // The rivals stand in no cell of their own.
            FigureKind::Difference => self.found.iter().map(|e| e.protocol.as_str()).collect(),
            _ => found.iter().map(|e| e.protocol.as_str()).collect(),
        };
        let all: BTreeSet<(&str, &str)> =
            self.all.iter().map(|e| (e.protocol.as_str(), e.parameters.as_str())).collect();
        let mut of: Vec<(String, String)> = all
            .into_iter()
            .filter(|(label, _)| shown.iter().any(|protocol| is_of(label, protocol)))
            .map(|(label, parameters)| (label.to_owned(), parameters.to_owned()))
            .collect();
        of.sort_by_key(|(label, _)| self.looks.rank(label));
        of
    }

    fn drawn(&self, page: usize, Paper { sheet, found, table }: Paper) -> Result<Drawn, FigureError> {
        let name = match page {
            0 => self.spec.name.clone(),
            _ => format!("{}-{}", self.spec.name, page + 1),
        };
        let shown = match self.spec.kind {
            FigureKind::Difference => format!("difference in {}", words::measure(self.measure)),
            FigureKind::QueriesNeeded => queries_needed::SHOWN.to_owned(),
            _ => words::measure(self.measure).to_owned(),
        };
        let against = match self.spec.kind {
            FigureKind::HeatMap | FigureKind::Difference => {
                format!("{} and {}", sheet.x_label, sheet.y_label)
            }
            _ => sheet.x_label.clone(),
        };
        let drawn = match self.spec.kind {
            FigureKind::Basins => {
                "messages, noisy queries and the states of their reads as bitmaps".to_owned()
            }
            FigureKind::Margins => "histograms of the margins of all bits".to_owned(),
            _ => format!("{shown} against {against}"),
        };
        let alternative = words::alternative(&found, &self.looks, &drawn);
        let description = format!("{alternative} {}", sheet.caption.join(" "));
        let svg = sheet.svg(&Frontmatter { title: &alternative, description: &description })?;
        let csv = match (table, self.spec.kind) {
            (Some(table), _) => table,
            (None, FigureKind::Difference) => data::contrasts(&found, self.context.contrasts),
            (None, _) => data::csv(&found) + &data::critical_loads(&found, self.context.crossings),
        };
        let said = match self.spec.kind {
            FigureKind::Basins => said::of_reads(self.context.trajectories),
            FigureKind::Margins => said::of_margins(self.context.samples),
            FigureKind::QueriesNeeded => said::of_queries(self.context.k_stars),
            _ => String::new(),
        };
        Ok(Drawn { name, alternative, parameters: self.parameters(&found), said, svg, csv })
    }
}
