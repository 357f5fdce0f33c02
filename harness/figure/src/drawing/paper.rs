//! A paper is one page of a figure, with the estimates that it shows.

use super::task::Task;
use crate::data::{Along, Facet, Page, heading, pages, title};
use crate::sheet::{ColourBar, Entry, Panel, Sheet, Words};
use crate::style::columns;
use analysis::summary::Estimate;
use std::collections::BTreeMap;

/// A `Paper` is a page and the estimates on it.
pub(crate) struct Paper {
    pub(crate) sheet: Sheet,
    pub(crate) found: Vec<Estimate>,
    /// The CSV behind it, where it is not the estimates.
    pub(crate) csv: Option<String>,
}

/// A `Surroundings` is what a page shows around its panels.
pub(crate) struct Surroundings {
    pub(crate) bar: Option<ColourBar>,
    pub(crate) legend: Vec<Entry>,
    pub(crate) x_label: String,
    pub(crate) y_label: String,
    pub(crate) caption: Words,
}

/// Lays groups of estimates out on pages, a panel each. `surroundings` are told what stands on a page.
pub(crate) fn papers(
    task: &Task<'_>,
    groups: BTreeMap<Facet, Vec<Estimate>>,
    panel: impl Fn(&Facet, &[Estimate]) -> Panel,
    surroundings: impl Fn(&[Facet], &[Estimate]) -> Surroundings,
) -> Vec<Paper> {
    let width = task.width();
    let all: Vec<Facet> = groups.keys().cloned().collect();
    let (x, y) = task.spec.axes();
    let mut groups = groups;
    for found in groups.values_mut() {
        let rank = |e: &Estimate| task.looks.rank(&e.protocol);
        found.sort_by_key(|e| (rank(e), e.n, e.m, e.flips, x.value(e), y.value(e)));
    }
    let pages = pages(groups, columns(width));
    let paper = |page: Page| {
        let headings = page.headings(&all);
        let titled = |(facet, _): &(Facet, Vec<Estimate>)| -> Vec<String> {
            let outer = if page.alike { None } else { heading(facet, &all) };
            title(facet, &all).into_iter().chain(outer).collect()
        };
        let titles = page.panels.iter().map(|place| place.as_ref().map_or_else(Vec::new, titled)).collect();
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
        Paper { sheet, found, csv: None }
    };
    pages.into_iter().map(paper).collect()
}
