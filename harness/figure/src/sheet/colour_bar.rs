//! A colour bar says which number a colour of a heat map means.

use crate::canvas::{Across, Canvas, Down, Painted, Rect, Stroke, Type, line_height, text_width, wrapped};
use crate::style::{INK, NORMAL, SMALL, SPINE, Scale, TICK};

/// A `ColourBar` is the colour scale of heat maps. It has its numbers below and its meaning at its left.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ColourBar {
    pub(crate) label: String,
    /// What its colours mean.
    pub(crate) scale: Scale,
    /// Values that get a number.
    pub(crate) ticks: Vec<(f64, String)>,
}

impl ColourBar {
    const LENGTH: f64 = 45.0;
    const THICKNESS: f64 = 2.4;

    /// Returns a bar with a number at every quarter of its length, written by `number`.
    pub(crate) fn of(label: &str, scale: Scale, number: impl Fn(f64) -> String) -> Self {
        let range = scale.range();
        let ticks = (0..=4).map(|i| range.0 + (range.1 - range.0) * f64::from(i) / 4.0);
        Self { label: label.to_owned(), scale, ticks: ticks.map(|value| (value, number(value))).collect() }
    }

    /// The shortest bar, whose five numbers do not touch, mm.
    const SHORTEST: f64 = 32.0;

    /// The lines of its label, and whether the bar stands below them: where there is no room beside.
    fn lines(&self, width: f64) -> (Vec<String>, bool) {
        let beside = text_width(&self.label, NORMAL, false) + Self::SHORTEST + 8.0 <= width;
        (if beside { vec![self.label.clone()] } else { wrapped(&self.label, NORMAL, width) }, !beside)
    }

    /// Returns its height within `width` mm.
    pub(crate) fn height(&self, width: f64) -> f64 {
        let (lines, below) = self.lines(width);
        let label = if below { lines.len() as f64 * line_height(NORMAL) + 0.6 } else { 0.0 };
        label + Self::THICKNESS + TICK + line_height(SMALL) + 1.0
    }

    /// Paints it with its upper left corner at (x, y), within `width` mm.
    pub(crate) fn paint(&self, canvas: &Canvas<'_>, (x, y): (f64, f64), width: f64) -> Painted {
        const STEPS: u32 = 100;
        let (low, high) = self.scale.range();
        let (lines, below) = self.lines(width);
        let first = if below { line_height(NORMAL) / 2.0 } else { Self::THICKNESS / 2.0 };
        for (i, text) in lines.iter().enumerate() {
            canvas.text((x, y + first + i as f64 * line_height(NORMAL)), text, Type::of(NORMAL))?;
        }
        let (left, y) = match below {
            true => (x + 3.0, y + lines.len() as f64 * line_height(NORMAL) + 0.6),
            false => (x + text_width(&self.label, NORMAL, false) + 3.0, y),
        };
        let length = Self::LENGTH.min(x + width - left - 3.0);
        for step in 0..STEPS {
            let share = |i: u32| f64::from(i) / f64::from(STEPS);
            let slice = Rect {
                x: left + length * share(step),
                y,
                width: length / f64::from(STEPS) + 0.05,
                height: Self::THICKNESS,
            };
            let middle = low + (high - low) * (share(step) + 0.5 / f64::from(STEPS));
            canvas.block(slice, self.scale.colour(middle))?;
        }
        for (value, label) in &self.ticks {
            let at = left + length * (value - low) / (high - low);
            let bottom = y + Self::THICKNESS;
            canvas.line(&[(at, bottom), (at, bottom + TICK)], Stroke::solid(INK, SPINE))?;
            let how = Type { across: Across::Center, down: Down::Top, ..Type::of(SMALL) };
            canvas.text((at, bottom + TICK + 0.3), label, how)?;
        }
        Ok(())
    }
}
