//! A measure is drawn against whatever `x` says, with a curve for whatever `split` says.
//!
//! There is a panel for every combination of the rest.
//!
//! Protocols that have no value along x, and those that `reference` names, are horizontal lines: what x does not
//! change.

use crate::data::{Along, DEFAULT, MEASURES, Value, grouped, half, remaining};
use crate::drawing::{Abscissa, Drawer, LineFigure, Paper, Task};
use crate::error::FigureError;
use crate::plot::{Identity, by_protocol, y_axis};
use crate::sheet::Axis;
use crate::style::{Looks, step};
use analysis::summary::Estimate;
use std::collections::BTreeSet;
use study::figure::{Coordinate, FigureKind, FigureSpec};
use study::measure::Measure;

/// Draws the kind `curves`.
pub(super) struct Curves;

impl Drawer for Curves {
    fn kind(&self) -> FigureKind {
        FigureKind::Curves
    }

    fn measures(&self, _spec: &FigureSpec) -> (Measure, &'static [Measure]) {
        (Measure::Recovered, &MEASURES)
    }

    fn draw(&self, task: &Task<'_>) -> Result<Vec<Paper>, FigureError> {
        let (x, split) = task.spec.axes();
        let is_reference =
            |e: &Estimate| task.spec.reference.iter().flatten().any(|label| *label == e.protocol);
        let of = |e: &Estimate| match x.value(e) {
            Some(Value::Number(value)) if !is_reference(e) => Some(value),
            _ => None,
        };
        // A default that is not spelled out is a horizontal line as well.
        let is_text = |value: &Value| matches!(value, Value::Text(text) if text != DEFAULT);
        let text = task.found.iter().find_map(|e| x.value(e).filter(is_text));
        if let Some(value) = text {
            let (figure, coordinate) = (task.spec.name.clone(), x.to_string());
            return Err(FigureError::Text { figure, coordinate, value: value.to_string() });
        }
        let placed: Vec<f64> = task.found.iter().filter_map(of).collect();
        let figure = LineFigure {
            x_label: x.label(),
            of: &of,
            curve: &*identities(&split, &task.found, &task.looks),
            x: x_axis(&x, &placed),
            y: y_axis(task.measure, &task.found),
            level: half(task.measure),
            loads: x == Coordinate::Load && task.measure != Measure::WriteSeconds,
            line: None,
        };
        Ok(figure.draw(task, grouped(&task.found, &remaining(&[&x, &split]), &task.looks)))
    }

    fn abscissa(&self, spec: &FigureSpec) -> Option<Abscissa> {
        match spec.axes() {
            (Coordinate::Load, Coordinate::Protocol) => Some(Abscissa::Load),
            (Coordinate::Noise, Coordinate::Protocol) => Some(Abscissa::Noise),
            _ => None,
        }
    }
}

/// Protocols look as they always do; the steps of another coordinate are shades.
fn identities<'a>(
    split: &'a Coordinate,
    found: &[Estimate],
    looks: &'a Looks,
) -> Box<dyn Fn(&Estimate) -> Identity + 'a> {
    if *split == Coordinate::Protocol {
        return Box::new(by_protocol(looks));
    }
    let values: BTreeSet<Value> = found.iter().filter_map(|e| split.value(e)).collect();
    Box::new(move |e| match split.value(e) {
        Some(value) => {
            let rank = values.iter().position(|known| *known == value).unwrap_or(0);
            Identity { rank, label: split.named_value(&value), look: step(rank, values.len()) }
        }
        None => by_protocol(looks)(e),
    })
}

/// Logarithmic where positive numbers of units or of a parameter span a factor of 8 or more.
fn x_axis(x: &Coordinate, values: &[f64]) -> Axis {
    let (low, high) =
        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &x| (low.min(x), high.max(x)));
    let counts = matches!(x, Coordinate::Units | Coordinate::Parameter { .. });
    if low > high {
        return Axis::linear(0.0, 1.0);
    }
    if counts && low > 0.0 && high / low >= 8.0 {
        return Axis::log(low, high);
    }
    // From 0 where that is near, and never without extent.
    let start = if low >= 0.0 && low <= 0.5 * high { 0.0 } else { low };
    let span = if high > start { high - start } else { 0.1 };
    Axis::linear(start - 0.02 * span, high.max(start) + 0.03 * span)
}
