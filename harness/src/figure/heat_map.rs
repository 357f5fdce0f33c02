//! A measure over load x noise: a map a protocol, all on one colour scale.
//!
//! Every cell is one measured condition and all cells are equally large, each row and column with its own value: loads
//! and noise levels are unevenly spaced and a cell says nothing about what lies between them. For the same reason the
//! contour of one half runs along the edges of cells, between neighbours that were both measured, and is not
//! interpolated. What was not measured is hatched, what failed is hatched crosswise, and a value that rests on some of its
//! trials, because others failed, bears a hollow mark.

use super::axis::{Axis, distinct};
use super::canvas::{Canvas, Painted, Rect, Stroke};
use super::curves;
use super::facets::{Facet, Inner, grouped};
use super::legend::{ColourBar, Entry, Symbol, boundary, hollow};
use super::lines::half;
use super::sheet::{Frame, Panel, Plot};
use super::style::{HAIR, WHITE, viridis};
use super::{Paper, Surroundings, Task, words};
use crate::summary::{Estimate, Measure};
use plotters::style::RGBColor;
use protocols::Source;
use std::collections::{BTreeMap, BTreeSet};

/// A cell of a map.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cell {
    Value(f64),
    /// The value of those trials that did not fail.
    Partial(f64),
    Failed,
    Missing,
}

/// The map of one protocol, cells by row (noise) and column (load).
#[derive(Clone, Debug, PartialEq)]
struct Map {
    cells: Vec<Vec<Cell>>,
    /// Values at the ends of the colour scale.
    range: (f64, f64),
    /// Where a boundary runs.
    level: Option<f64>,
}

/// The values along both axes of a map.
#[derive(Clone, Debug, Default)]
struct Grid {
    messages: BTreeSet<u32>,
    flips: BTreeSet<u32>,
}

/// The pages of the figure.
pub(super) fn draw(task: &Task<'_>) -> Vec<Paper> {
    let facet = |e: &Estimate| Facet {
        source: e.source,
        n: Some(e.n),
        dynamics: e.dynamics,
        inner: Inner::Protocol(task.looks.rank(&e.protocol), e.protocol.clone()),
    };
    let groups = grouped(task.found.clone(), facet);
    let mut grids: BTreeMap<_, Grid> = BTreeMap::new();
    for e in &task.found {
        let grid = grids.entry((e.source, e.n)).or_default();
        grid.messages.insert(e.m);
        grid.flips.extend(e.flips);
    }
    let range = colour_range(task);
    let level = half(task.measure);
    let panel = |facet: &Facet, estimates: &[Estimate]| {
        let n = facet.n.unwrap_or(1);
        let grid = &grids[&(facet.source, n)];
        let (x, y) = grid.axes(n);
        let look = estimates.first().map(|e| task.looks.get(&e.protocol));
        let map = Map { cells: grid.cells(estimates), range, level };
        Panel { look, notes: Vec::new(), x, y, plot: Box::new(map) }
    };
    task.papers(groups, panel, |_, found| Surroundings {
        bar: Some(colour_bar(task.measure, range)),
        legend: legend(found, &grids, level),
        x_label: words::LOAD.to_owned(),
        y_label: words::NOISE_ROWS.to_owned(),
        caption: words::caption(
            task.spec,
            task.context,
            found,
            "",
            &["a cell is one measured condition; rows and columns are not to scale".to_owned()],
        ),
    })
}

impl Grid {
    fn axes(&self, n: u32) -> (Axis, Axis) {
        let share = |count: &u32| f64::from(*count) / f64::from(n);
        let loads: Vec<f64> = self.messages.iter().map(share).collect();
        let noise: Vec<f64> = self.flips.iter().map(share).collect();
        let rows = distinct(&noise).into_iter().zip(&self.flips);
        (
            Axis::matrix(distinct(&loads)),
            Axis::matrix(rows.map(|(noise, d)| format!("{noise} ({d})")).collect()),
        )
    }

    fn cells(&self, estimates: &[Estimate]) -> Vec<Vec<Cell>> {
        let of = |e: &Estimate| match e.value {
            None => Cell::Failed,
            Some(value) if e.failed > 0 => Cell::Partial(value),
            Some(value) => Cell::Value(value),
        };
        let at: BTreeMap<(u32, u32), Cell> =
            estimates.iter().filter_map(|e| e.flips.map(|d| ((d, e.m), of(e)))).collect();
        let cell = |d: u32, m: u32| at.get(&(d, m)).copied().unwrap_or(Cell::Missing);
        self.flips.iter().map(|&d| self.messages.iter().map(|&m| cell(d, m)).collect()).collect()
    }
}

fn colour_range(task: &Task<'_>) -> (f64, f64) {
    let negative = task.found.iter().filter_map(|e| e.value).any(|value| value < 0.0);
    if task.measure == Measure::Overlap && negative { (-1.0, 1.0) } else { (0.0, 1.0) }
}

fn colour_bar(measure: Measure, range: (f64, f64)) -> ColourBar {
    let ticks = (0..=4).map(|i| range.0 + (range.1 - range.0) * f64::from(i) / 4.0);
    let ticks = ticks.map(|value| (value, words::short(value))).collect();
    ColourBar { label: words::measure(measure).to_owned(), range, ticks }
}

fn legend(found: &[Estimate], grids: &BTreeMap<(Source, u32), Grid>, level: Option<f64>) -> Vec<Entry> {
    let mut legend = Vec::new();
    if level.is_some() {
        legend.push(Entry::new(Symbol::Boundary, "boundary between cells above and below 0.5"));
    }
    legend.extend(curves::fates(found, Symbol::Hatch { crossed: true }));
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for e in found {
        *counts.entry((e.source, e.n, e.dynamics, &e.protocol)).or_default() += 1;
    }
    let whole = |source: Source, n: u32| grids[&(source, n)].messages.len() * grids[&(source, n)].flips.len();
    if counts.iter().any(|(&(source, n, ..), &count)| count < whole(source, n)) {
        legend.push(Entry::new(Symbol::Hatch { crossed: false }, "not measured"));
    }
    legend
}

impl Plot for Map {
    fn paint(&self, canvas: &Canvas<'_>, frame: &Frame<'_>) -> Painted {
        for (row, cells) in self.cells.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                let rect = cell_rect(frame, row, column);
                match cell {
                    Cell::Value(value) => canvas.block(rect, self.colour(*value))?,
                    Cell::Partial(value) => {
                        canvas.block(rect, self.colour(*value))?;
                        let centre = (rect.x + rect.width / 2.0, rect.y + rect.height / 2.0);
                        hollow(canvas, centre)?;
                    }
                    Cell::Failed => canvas.hatch(rect, true)?,
                    Cell::Missing => canvas.hatch(rect, false)?,
                }
            }
        }
        self.paint_seams(canvas, frame)?;
        boundary(canvas, &self.boundary(frame))
    }
}

impl Map {
    fn colour(&self, value: f64) -> RGBColor {
        viridis((value - self.range.0) / (self.range.1 - self.range.0))
    }

    /// White lines between cells: they are measured one by one.
    fn paint_seams(&self, canvas: &Canvas<'_>, frame: &Frame<'_>) -> Painted {
        let (rect, stroke) = (frame.rect, Stroke::solid(WHITE, HAIR * 0.7));
        for column in 1..self.cells.first().map_or(0, Vec::len) {
            let x = cell_rect(frame, 0, column).x;
            canvas.line(&[(x, rect.y), (x, rect.bottom())], stroke)?;
        }
        for row in 1..self.cells.len() {
            let y = cell_rect(frame, row, 0).bottom();
            canvas.line(&[(rect.x, y), (rect.right(), y)], stroke)?;
        }
        Ok(())
    }

    /// The edges between neighbouring cells on different sides of the level.
    fn boundary(&self, frame: &Frame<'_>) -> Vec<[(f64, f64); 2]> {
        let Some(level) = self.level else { return Vec::new() };
        let above = |row: usize, column: usize| match self.cells.get(row).and_then(|cells| cells.get(column))
        {
            Some(Cell::Value(value) | Cell::Partial(value)) => Some(*value >= level),
            _ => None,
        };
        let differ = |a: Option<bool>, b: Option<bool>| a.zip(b).is_some_and(|(a, b)| a != b);
        let mut edges = Vec::new();
        for (row, cells) in self.cells.iter().enumerate() {
            for column in 0..cells.len() {
                let rect = cell_rect(frame, row, column);
                if differ(above(row, column), above(row, column + 1)) {
                    edges.push([(rect.right(), rect.y), (rect.right(), rect.bottom())]);
                }
                if differ(above(row, column), above(row + 1, column)) {
                    edges.push([(rect.x, rect.y), (rect.right(), rect.y)]);
                }
            }
        }
        edges
    }
}

fn cell_rect(frame: &Frame<'_>, row: usize, column: usize) -> Rect {
    let (left, top) = frame.at(column as f64 - 0.5, row as f64 + 0.5);
    let (right, bottom) = frame.at(column as f64 + 0.5, row as f64 - 0.5);
    Rect { x: left, y: top, width: right - left, height: bottom - top }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boundary_runs_between_measured_cells_only() {
        let (x, y) = (Axis::matrix(vec![String::new(); 3]), Axis::matrix(vec![String::new(); 2]));
        let frame =
            Frame { rect: Rect { x: 0.0, y: 0.0, width: 30.0, height: 20.0 }, x: &x, y: &y, scale: 1.0 };
        let cells = vec![
            vec![Cell::Value(0.9), Cell::Value(0.1), Cell::Failed],
            vec![Cell::Value(0.2), Cell::Missing, Cell::Value(0.8)],
        ];
        let map = Map { cells, range: (0.0, 1.0), level: Some(0.5) };
        assert_eq!(map.boundary(&frame), [[(10.0, 10.0), (10.0, 20.0)], [(0.0, 10.0), (10.0, 10.0)]]);
    }
}
