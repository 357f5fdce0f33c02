//! Maps have a cell for every condition along two axes. This module has what maps of values and of
//! differences have in common.

use super::caption::caption;
use super::paper::{Paper, Surroundings, papers};
use super::task::Task;
use crate::data::{Along, Facet};
use crate::labels;
use crate::plot::{Cell, Grid, Map, Sign, rows_label};
use crate::sheet::{ColourBar, Entry, Panel};
use crate::style::Scale;
use analysis::summary::Estimate;
use protocols::Source;
use std::collections::BTreeMap;

/// Holds what a caption says of every map.
pub(crate) const NOT_TO_SCALE: &str = "a cell is one measured condition; rows and columns are not to scale";

/// A `MapFigure` is a figure of maps, all on one colour scale.
pub(crate) struct MapFigure<'a> {
    pub(crate) scale: Scale,
    /// What its colours mean.
    pub(crate) meaning: String,
    /// Where a boundary runs.
    pub(crate) level: Option<f64>,
    /// The cell of an estimate; none where nothing is known.
    pub(crate) cell: &'a dyn Fn(&Estimate) -> Option<Cell>,
    /// What a cell bears.
    pub(crate) mark: &'a dyn Fn(&Estimate) -> Option<Sign>,
    /// Whether a cell lies in the part of the map that is outlined.
    pub(crate) is_outlined: &'a dyn Fn(&Estimate) -> bool,
    /// The legend of a page's estimates, told whether conditions are missing among them.
    pub(crate) legend: &'a dyn Fn(&[Estimate], bool) -> Vec<Entry>,
    /// What the caption says besides.
    pub(crate) facts: Vec<String>,
}

impl MapFigure<'_> {
    /// Draws the pages of the figure.
    pub(crate) fn draw(&self, task: &Task<'_>, groups: BTreeMap<Facet, Vec<Estimate>>) -> Vec<Paper> {
        let (x, y) = task.spec.axes();
        // All panels of one source and N have the same axes.
        let mut grids: BTreeMap<(Option<Source>, Option<u32>), Grid> = BTreeMap::new();
        for (facet, found) in &groups {
            let grid = grids.entry((facet.source(), facet.n())).or_default();
            found.iter().for_each(|e| grid.extend((&x, &y), e));
        }
        let panel = |facet: &Facet, estimates: &[Estimate]| {
            let grid = &grids[&(facet.source(), facet.n())];
            let (columns, rows) = grid.axes(&y, facet.n());
            let look =
                estimates.first().filter(|_| facet.has_protocol()).map(|e| task.looks.get(&e.protocol));
            let map = Map {
                cells: grid.cells((&x, &y), estimates, self.cell),
                scale: self.scale,
                level: self.level,
                marks: grid.cells((&x, &y), estimates, self.mark),
                outlined: grid.cells((&x, &y), estimates, |e| Some((self.is_outlined)(e))),
            };
            Panel { look, ..Panel::new(columns, rows, map) }
        };
        let sizes: BTreeMap<Facet, usize> =
            groups.iter().map(|(f, found)| (f.clone(), found.len())).collect();
        let whole = |facet: &Facet| grids[&(facet.source(), facet.n())].size();
        papers(task, groups, panel, |facets, found| Surroundings {
            bar: Some(ColourBar::of(&self.meaning, self.scale, labels::short)),
            legend: (self.legend)(found, facets.iter().any(|facet| sizes[facet] < whole(facet))),
            x_label: x.label(),
            y_label: rows_label(&y),
            caption: caption(task.spec, task.context, found, "", &self.facts),
        })
    }
}
