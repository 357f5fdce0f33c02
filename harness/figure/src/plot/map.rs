//! A map has a cell for every condition that was measured. Values and differences are drawn alike.
//!
//! Every cell is one measured condition and all cells are equally large, each row and column with its own value:
//! loads and noise levels are unevenly spaced and a cell says nothing about what lies between them. For the same
//! reason the contour of one half runs along the edges of cells, between neighbours that were both measured, and is
//! not interpolated. What was not measured is hatched, what failed is hatched crosswise, and a value that rests on
//! some of its trials, because others failed, bears a hollow mark.

use crate::canvas::{Canvas, Painted, Rect, Stroke};
use crate::data::{Along, Value};
use crate::labels;
use crate::sheet::{Axis, Frame, Plot, distinct};
use crate::style::{HAIR, Look, Scale, WHITE};
use analysis::summary::Estimate;
use std::collections::{BTreeMap, BTreeSet};
use study::figure::Coordinate;

/// A `Cell` is a cell of a map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell {
    Value(f64),
    /// The value of those trials that did not fail.
    Partial(f64),
    /// A difference that may be chance.
    Chance(f64),
    Failed,
}

impl Cell {
    /// Returns the cell of an estimate.
    pub(crate) fn of(e: &Estimate) -> Self {
        match e.value {
            None => Self::Failed,
            Some(value) if e.failed > 0 => Self::Partial(value),
            Some(value) => Self::Value(value),
        }
    }
}

/// A `Sign` is what a cell of a map of differences bears.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sign {
    /// The one that is best.
    Best(Look),
    /// Several are equally good.
    Tie,
}

/// A `Map` holds the cells of a map by row and column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Map {
    /// None where nothing was measured.
    pub(crate) cells: Vec<Vec<Option<Cell>>>,
    pub(crate) scale: Scale,
    /// Where a boundary runs.
    pub(crate) level: Option<f64>,
    /// What cells bear, by row and column.
    pub(crate) marks: Vec<Vec<Option<Sign>>>,
    /// Whether a cell lies in the part of the map that is outlined.
    pub(crate) outlined: Vec<Vec<Option<bool>>>,
}

/// A `Grid` holds the values along both axes of a map.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grid {
    columns: BTreeSet<Value>,
    rows: BTreeSet<Value>,
}

impl Grid {
    /// Makes room for an estimate.
    pub(crate) fn extend(&mut self, (x, y): (&Coordinate, &Coordinate), e: &Estimate) {
        self.columns.extend(x.value(e));
        self.rows.extend(y.value(e));
    }

    /// Returns the number of its cells.
    pub(crate) fn size(&self) -> usize {
        self.columns.len() * self.rows.len()
    }

    /// Returns the values of its rows from the bottom up. Names stand as in a table, the first at the top.
    fn rows(&self) -> Vec<&Value> {
        let mut rows: Vec<&Value> = self.rows.iter().collect();
        if rows.iter().all(|value| matches!(value, Value::Name(..))) {
            rows.reverse();
        }
        rows
    }

    /// Returns its axes at `n` units.
    pub(crate) fn axes(&self, y: &Coordinate, n: Option<u32>) -> (Axis, Axis) {
        let columns = labels(&self.columns.iter().collect::<Vec<_>>());
        let rows = match (y, n) {
            (Coordinate::Noise, Some(n)) => {
                let flips = self.rows().into_iter().map(|value| match value {
                    Value::Number(noise) => (noise * f64::from(n)).round() as u32,
                    Value::Text(_) | Value::Name(..) => 0,
                });
                labels(&self.rows())
                    .into_iter()
                    .zip(flips)
                    .map(|(noise, d)| format!("{noise} ({d})"))
                    .collect()
            }
            _ => labels(&self.rows()),
        };
        (Axis::matrix(columns), Axis::matrix(rows))
    }

    /// Returns what `cell` makes of estimates, by row and column. There is none where there is no estimate.
    pub(crate) fn cells<T: Copy>(
        &self,
        (x, y): (&Coordinate, &Coordinate),
        estimates: &[Estimate],
        cell: impl Fn(&Estimate) -> Option<T>,
    ) -> Vec<Vec<Option<T>>> {
        let place = |e: &Estimate| Some(((y.value(e)?, x.value(e)?), cell(e)?));
        let at: BTreeMap<(Value, Value), T> = estimates.iter().filter_map(place).collect();
        let cell = |row: &Value, column: &Value| at.get(&(row.clone(), column.clone())).copied();
        self.rows()
            .into_iter()
            .map(|row| self.columns.iter().map(|column| cell(row, column)).collect())
            .collect()
    }
}

/// Labels of values: as few decimals as tell them apart.
fn labels(values: &[&Value]) -> Vec<String> {
    let numbers: Vec<f64> =
        values.iter().filter_map(|v| if let Value::Number(x) = v { Some(*x) } else { None }).collect();
    if numbers.len() == values.len() {
        distinct(&numbers)
    } else {
        values.iter().map(|value| value.to_string()).collect()
    }
}

/// Returns the label of the y axis of a map.
pub(crate) fn rows_label(y: &Coordinate) -> String {
    if *y == Coordinate::Noise { labels::NOISE_ROWS.to_owned() } else { y.label() }
}

impl Plot for Map {
    fn paint(&self, canvas: &Canvas<'_>, frame: &Frame<'_>) -> Painted {
        for (row, cells) in self.cells.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                let rect = cell_rect(frame, row, column);
                match cell {
                    Some(Cell::Value(value)) => canvas.block(rect, self.scale.colour(*value))?,
                    Some(Cell::Chance(value)) => {
                        canvas.block(rect, self.scale.colour(*value))?;
                        canvas.strike(rect)?;
                    }
                    Some(Cell::Partial(value)) => {
                        canvas.block(rect, self.scale.colour(*value))?;
                        let centre = (rect.x + rect.width / 2.0, rect.y + rect.height / 2.0);
                        canvas.hollow(centre)?;
                    }
                    Some(Cell::Failed) => canvas.hatch(rect, true)?,
                    None => canvas.hatch(rect, false)?,
                }
            }
        }
        self.paint_seams(canvas, frame)?;
        for (row, marks) in self.marks.iter().enumerate() {
            for (column, sign) in marks.iter().enumerate() {
                let rect = cell_rect(frame, row, column);
                let centre = (rect.x + rect.width / 2.0, rect.y + rect.height / 2.0);
                match sign {
                    Some(Sign::Best(look)) => canvas.marker(centre, look, 0.65, false)?,
                    Some(Sign::Tie) => canvas.tie(centre)?,
                    None => {}
                }
            }
        }
        canvas.boundary(&self.boundary(frame))?;
        canvas.boundary(&self.outline(frame))
    }
}

impl Map {
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

    /// The edges around the cells that are outlined.
    fn outline(&self, frame: &Frame<'_>) -> Vec<[(f64, f64); 2]> {
        let inside = |row: usize, column: usize| {
            self.outlined.get(row).and_then(|cells| cells.get(column)).is_some_and(|cell| *cell == Some(true))
        };
        let mut edges = Vec::new();
        for (row, cells) in self.outlined.iter().enumerate() {
            for column in (0..cells.len()).filter(|&column| inside(row, column)) {
                let rect = cell_rect(frame, row, column);
                let (left, right, top, bottom) = (rect.x, rect.right(), rect.y, rect.bottom());
                // Below row 0 and left of column 0 nothing is inside.
                let below = row.checked_sub(1).is_some_and(|row| inside(row, column));
                let beside = column.checked_sub(1).is_some_and(|column| inside(row, column));
                let sides = [
                    (!below, [(left, bottom), (right, bottom)]),
                    (!inside(row + 1, column), [(left, top), (right, top)]),
                    (!beside, [(left, top), (left, bottom)]),
                    (!inside(row, column + 1), [(right, top), (right, bottom)]),
                ];
                edges.extend(sides.into_iter().filter(|(is_edge, _)| *is_edge).map(|(_, edge)| edge));
            }
        }
        edges
    }

    /// The edges between neighbouring cells on different sides of the level.
    fn boundary(&self, frame: &Frame<'_>) -> Vec<[(f64, f64); 2]> {
        let Some(level) = self.level else { return Vec::new() };
        let above = |row: usize, column: usize| match self.cells.get(row).and_then(|cells| cells.get(column))
        {
            Some(Some(Cell::Value(value) | Cell::Partial(value) | Cell::Chance(value))) => {
                Some(*value >= level)
            }
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
            vec![Some(Cell::Value(0.9)), Some(Cell::Value(0.1)), Some(Cell::Failed)],
            vec![Some(Cell::Value(0.2)), None, Some(Cell::Value(0.8))],
        ];
        let map = Map {
            cells,
            scale: Scale::Sequential(0.0, 1.0),
            level: Some(0.5),
            marks: Vec::new(),
            outlined: vec![vec![Some(true), Some(true), None]],
        };
        let edges = map.outline(&frame);
        assert_eq!(edges.len(), 6, "{edges:?}");
        assert!(
            edges.contains(&[(20.0, 10.0), (20.0, 20.0)]) && !edges.contains(&[(10.0, 10.0), (10.0, 20.0)])
        );
        assert_eq!(map.boundary(&frame), [[(10.0, 10.0), (10.0, 20.0)], [(0.0, 10.0), (10.0, 10.0)]]);
    }
}
