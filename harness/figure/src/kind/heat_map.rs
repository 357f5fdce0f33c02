//! A measure over load x noise, or over whatever `x` and `y` say: a map a protocol, all on one colour scale.

use super::coordinate::Along;
use super::curves;
use super::facets::{Facet, grouped};
use super::free;
use super::legend::{ColourBar, Entry, Symbol};
use super::lines::half;
use super::map::{Cell, Grid, Map, Scale, rows_label};
use super::sheet::Panel;
use super::{Paper, Surroundings, Task, words};
use analysis::summary::Estimate;
use protocols::Source;
use std::collections::BTreeMap;
use study::measure::Measure;

/// The values along the axes of all panels of one source and N.
pub(super) type Grids = BTreeMap<(Source, u32), Grid>;

/// The pages of the figure.
pub(super) fn draw(task: &Task<'_>) -> Vec<Paper> {
    let (x, y) = task.spec.axes();
    // A protocol that has no such parameter has no place on the map.
    let placed = |e: &&Estimate| x.value(e).is_some() && y.value(e).is_some();
    let found: Vec<Estimate> = task.found.iter().filter(placed).cloned().collect();
    let groups = grouped(&found, &free::panels(&[&x, &y]), &task.looks);
    let mut grids = Grids::new();
    for e in &found {
        grids.entry((e.source, e.n)).or_default().extend((&x, &y), e);
    }
    let scale = scale(task);
    let level = half(task.measure);
    let panel = |facet: &Facet, estimates: &[Estimate]| {
        let grid = estimates.first().map(|e| grids[&(e.source, e.n)].clone()).unwrap_or_default();
        let (columns, rows) = grid.axes(&y, facet.n());
        let look = estimates.first().filter(|_| facet.has_protocol()).map(|e| task.looks.get(&e.protocol));
        let map = Map {
            cells: grid.cells((&x, &y), estimates, |e| Some(Cell::of(e))),
            scale,
            level,
            marks: Vec::new(),
        };
        Panel { look, notes: Vec::new(), x: columns, y: rows, plot: Box::new(map) }
    };
    let panels: BTreeMap<Facet, usize> = groups.iter().map(|(f, found)| (f.clone(), found.len())).collect();
    let whole = |facet: &Facet| facet.source().zip(facet.n()).map_or(0, |place| grids[&place].size());
    task.papers(groups, panel, |facets, found| Surroundings {
        bar: Some(colour_bar(words::measure(task.measure), scale)),
        legend: legend(found, level, facets.iter().any(|facet| panels[facet] < whole(facet))),
        x_label: x.label(),
        y_label: rows_label(&y),
        caption: words::caption(task.spec, task.context, found, "", &[not_to_scale()]),
    })
}

/// What a caption says of every map.
pub(super) fn not_to_scale() -> String {
    "a cell is one measured condition; rows and columns are not to scale".to_owned()
}

fn scale(task: &Task<'_>) -> Scale {
    let values = task.found.iter().filter_map(|e| e.value);
    let (low, high) = values.fold((0.0_f64, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
    match task.measure {
        Measure::Overlap if low < 0.0 => Scale::Sequential(-1.0, 1.0),
        Measure::BitErrors | Measure::WriteSeconds if high > 0.0 => Scale::Sequential(0.0, high),
        _ => Scale::Sequential(0.0, 1.0),
    }
}

/// The colour scale of a figure.
pub(super) fn colour_bar(label: impl Into<String>, scale: Scale) -> ColourBar {
    let range = scale.range();
    let ticks = (0..=4).map(|i| range.0 + (range.1 - range.0) * f64::from(i) / 4.0);
    ColourBar { label: label.into(), scale, ticks: ticks.map(|value| (value, words::short(value))).collect() }
}

fn legend(found: &[Estimate], level: Option<f64>, holes: bool) -> Vec<Entry> {
    let mut legend = Vec::new();
    // Where all cells are on one side there is no boundary.
    let values = || found.iter().filter_map(|e| e.value);
    if level.is_some_and(|level| values().any(|v| v >= level) && values().any(|v| v < level)) {
        legend.push(Entry::new(Symbol::Boundary, "boundary between cells above and below 0.5"));
    }
    legend.extend(curves::fates(found, Symbol::Hatch { crossed: true }));
    legend.extend(holes.then(|| Entry::new(Symbol::Hatch { crossed: false }, "not measured")));
    legend
}
