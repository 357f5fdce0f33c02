//! A heat map shows a measure over load x noise, or over whatever `x` and `y` say.
//!
//! There is a map a protocol, all on one colour scale.

use crate::data::{Along, MEASURES, grouped, half, remaining};
use crate::drawing::{Drawer, MapFigure, NOT_TO_SCALE, Paper, Task};
use crate::error::FigureError;
use crate::labels;
use crate::plot::{Cell, fates};
use crate::sheet::{Entry, Sheet, Symbol};
use crate::style::Scale;
use analysis::summary::Estimate;
use study::figure::{Coordinate, FigureKind, FigureSpec};
use study::measure::Measure;

/// Draws the kind `heat-map`.
pub(super) struct HeatMap;

impl Drawer for HeatMap {
    fn kind(&self) -> FigureKind {
        FigureKind::HeatMap
    }

    /// Maps over noise show what is read at a noise level; other axes allow all measures.
    fn measures(&self, spec: &FigureSpec) -> (Measure, &'static [Measure]) {
        let (x, y) = spec.axes();
        let over_noise = [x, y].contains(&Coordinate::Noise);
        (Measure::Recovered, if over_noise { &Measure::OF_RECALLS } else { &MEASURES })
    }

    fn draw(&self, task: &Task<'_>) -> Result<Vec<Paper>, FigureError> {
        let (x, y) = task.spec.axes();
        // A protocol that has no such parameter has no place on the map.
        let placed = |e: &&Estimate| x.value(e).is_some() && y.value(e).is_some();
        let found: Vec<Estimate> = task.found.iter().filter(placed).cloned().collect();
        let level = half(task.measure);
        let figure = MapFigure {
            scale: scale(task),
            meaning: labels::measure(task.measure).to_owned(),
            level,
            cell: &|e| Some(Cell::of(e)),
            mark: &|_| None,
            is_outlined: &|_| false,
            legend: &|found, holes| legend(found, level, holes),
            facts: vec![NOT_TO_SCALE.to_owned()],
        };
        Ok(figure.draw(task, grouped(&found, &remaining(&[&x, &y]), &task.looks)))
    }

    fn subject(&self, measure: Measure, sheet: &Sheet) -> String {
        format!("{} against {} and {}", labels::measure(measure), sheet.x_label, sheet.y_label)
    }
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

fn legend(found: &[Estimate], level: Option<f64>, holes: bool) -> Vec<Entry> {
    let mut legend = Vec::new();
    // Where all cells are on one side there is no boundary.
    let values = || found.iter().filter_map(|e| e.value);
    if level.is_some_and(|level| values().any(|v| v >= level) && values().any(|v| v < level)) {
        legend.push(Entry::new(Symbol::Boundary, "boundary between cells above and below 0.5"));
    }
    legend.extend(fates(found, Symbol::Hatch { crossed: true }));
    legend.extend(holes.then(|| Entry::new(Symbol::Hatch { crossed: false }, "not measured")));
    legend
}
