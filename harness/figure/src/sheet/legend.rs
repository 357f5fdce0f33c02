//! Legends, in a strip of their own above the panels, so that they never cover data.

use super::basins::outline;
use super::canvas::{Canvas, Painted, Rect, Stroke, Type, line_height, text_width};
use super::map::Scale;
use super::style::{self, INK, Look, NORMAL, QUIET, SMALL, WHITE};
use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, VPos};

/// What an entry of a legend shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Symbol {
    /// A protocol: band, line and marker.
    Curve(Look),
    /// A protocol: marker with an error bar and the fitted line.
    Fit(Look),
    /// A protocol: marker alone.
    Point(Look),
    /// A line without markers.
    Line(Stroke),
    /// A small square, filled or not.
    Square { fill: Option<RGBColor>, frame: RGBColor },
    /// Words only.
    None,
    /// The number of a vertical line; an arrow where the line lies beyond the axis.
    Number(String),
    /// A bar with caps: a load at which a curve passes a level.
    Bar,
    /// A hollow marker.
    Hollow,
    /// A cross.
    Cross,
    /// A hatched cell.
    Hatch { crossed: bool },
    /// The boundary drawn over heat maps.
    Boundary,
    /// A difference that may be chance.
    Chance,
}

/// A symbol with its meaning.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) symbol: Symbol,
    pub(super) label: String,
}

impl Entry {
    pub(super) fn new(symbol: Symbol, label: impl Into<String>) -> Self {
        Self { symbol, label: label.into() }
    }

    fn symbol_width(&self) -> f64 {
        match self.symbol {
            Symbol::Number(_) | Symbol::Hollow | Symbol::Cross | Symbol::Point(_) | Symbol::Square { .. } => {
                2.4
            }
            Symbol::None => 0.0,
            Symbol::Hatch { .. } | Symbol::Boundary | Symbol::Chance => 4.0,
            Symbol::Bar => 5.0,
            _ => 7.0,
        }
    }

    fn width(&self) -> f64 {
        self.symbol_width() + 1.0 + text_width(&self.label, NORMAL, false)
    }
}

const BETWEEN: f64 = 3.5;

fn line() -> f64 {
    line_height(NORMAL) * 1.1
}

/// Offset and line of every entry, filling lines of `width` mm from the left.
fn flow(entries: &[Entry], width: f64) -> Vec<(f64, usize)> {
    let (mut x, mut line) = (0.0, 0);
    let mut places = Vec::with_capacity(entries.len());
    for entry in entries {
        if x > 0.0 && x + entry.width() > width {
            (x, line) = (0.0, line + 1);
        }
        places.push((x, line));
        x += entry.width() + BETWEEN;
    }
    places
}

/// Height of a legend `width` mm wide.
pub(super) fn height(entries: &[Entry], width: f64) -> f64 {
    flow(entries, width).last().map_or(0.0, |&(_, last)| (last + 1) as f64 * line())
}

/// Paints the legend with its upper left corner at (x, y).
pub(super) fn paint(canvas: &Canvas<'_>, entries: &[Entry], (x, y): (f64, f64), width: f64) -> Painted {
    for (entry, (offset, row)) in entries.iter().zip(flow(entries, width)) {
        let (left, middle) = (x + offset, y + (row as f64 + 0.5) * line());
        paint_symbol(canvas, &entry.symbol, left, middle, entry.symbol_width())?;
        canvas.text((left + entry.symbol_width() + 1.0, middle), &entry.label, Type::of(NORMAL))?;
    }
    Ok(())
}

fn paint_symbol(canvas: &Canvas<'_>, symbol: &Symbol, x: f64, y: f64, width: f64) -> Painted {
    let centre = (x + width / 2.0, y);
    let across = [(x, y), (x + width, y)];
    let cell = Rect { x, y: y - 1.1, width, height: 2.2 };
    match symbol {
        Symbol::Curve(look) => {
            let band = [(x, y - 1.0), (x + width, y - 1.0), (x + width, y + 1.0), (x, y + 1.0)];
            canvas.fill(&band, look.colour, style::BAND)?;
            canvas.line(&across, curve_stroke(look))?;
            canvas.marker(centre, look, 1.0, false)
        }
        Symbol::Fit(look) => {
            canvas.line(&across, curve_stroke(look))?;
            error_bar(canvas, centre.0, (y - 1.2, y + 1.2), look.colour)?;
            canvas.marker(centre, look, 1.0, false)
        }
        Symbol::Point(look) => canvas.marker(centre, look, 1.0, false),
        Symbol::Line(stroke) => canvas.line(&across, *stroke),
        Symbol::Square { fill, frame } => {
            let square = Rect { x: x + 0.1, y: y - 1.1, width: 2.2, height: 2.2 };
            fill.map_or(Ok(()), |colour| canvas.block(square, colour))?;
            outline(canvas, square, Stroke::solid(*frame, if fill.is_some() { 0.6 } else { 1.2 }))
        }
        Symbol::None => Ok(()),
        Symbol::Number(number) => {
            let how = Type { across: HPos::Center, colour: QUIET, bold: true, ..Type::of(SMALL) };
            canvas.text(centre, number, how)
        }
        Symbol::Bar => crossing_bar(canvas, (x, x + width), centre.0, y, QUIET),
        Symbol::Hollow => hollow(canvas, centre),
        Symbol::Cross => canvas.cross(centre, QUIET),
        Symbol::Hatch { crossed } => canvas.hatch(cell, *crossed),
        Symbol::Chance => {
            canvas.block(Rect { width: width / 2.0, ..cell }, style::diverging(-0.3))?;
            canvas.block(Rect { x: centre.0, width: width / 2.0, ..cell }, style::diverging(0.3))?;
            canvas.strike(cell)
        }
        Symbol::Boundary => {
            canvas.block(Rect { height: 1.1, ..cell }, style::viridis(0.25))?;
            canvas.block(Rect { y, height: 1.1, ..cell }, style::viridis(0.75))?;
            boundary(canvas, &[across])
        }
    }
}

/// The mark of a value that rests on fewer trials than planned, where no protocol gives it a look.
pub(super) fn hollow(canvas: &Canvas<'_>, at: (f64, f64)) -> Painted {
    let look = Look { colour: QUIET, marker: style::Marker::Circle, dash: style::Dash::Solid };
    canvas.marker(at, &look, 1.0, true)
}

/// The line of a protocol.
pub(super) fn curve_stroke(look: &Look) -> Stroke {
    Stroke { colour: look.colour, width: style::CURVE, dash: look.dash }
}

/// A vertical error bar with caps, between two heights.
pub(super) fn error_bar(canvas: &Canvas<'_>, x: f64, (low, high): (f64, f64), colour: RGBColor) -> Painted {
    let stroke = Stroke::solid(colour, style::HAIR * 1.4);
    canvas.line(&[(x, low), (x, high)], stroke)?;
    for y in [low, high] {
        canvas.line(&[(x - 0.6, y), (x + 0.6, y)], stroke)?;
    }
    Ok(())
}

/// A horizontal bar with caps from `ends.0` to `ends.1` and a short upright line at its value.
pub(super) fn crossing_bar(
    canvas: &Canvas<'_>,
    ends: (f64, f64),
    value: f64,
    y: f64,
    colour: RGBColor,
) -> Painted {
    canvas.line(&[(ends.0, y), (ends.1, y)], Stroke::solid(colour, 1.4))?;
    for x in [ends.0, ends.1] {
        canvas.line(&[(x, y - 0.6), (x, y + 0.6)], Stroke::solid(colour, 0.8))?;
    }
    canvas.line(&[(value, y - 1.2), (value, y + 1.2)], Stroke::solid(colour, 1.4))
}

/// The boundary over heat maps, in pieces along edges of cells: dark on white, seen on every colour.
pub(super) fn boundary(canvas: &Canvas<'_>, pieces: &[[(f64, f64); 2]]) -> Painted {
    for stroke in [Stroke::solid(WHITE, 2.2), Stroke::solid(INK, 1.0)] {
        // Half a line's width at both ends closes the corners.
        let more = stroke.width * style::POINT / 2.0;
        for [(x0, y0), (x1, y1)] in pieces {
            let (dx, dy) = if y0 == y1 { (more, 0.0) } else { (0.0, more) };
            canvas.line(&[(x0 - dx, y0 - dy), (x1 + dx, y1 + dy)], stroke)?;
        }
    }
    Ok(())
}

/// The colour scale of heat maps, with its numbers below and its meaning at its left.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ColourBar {
    pub(super) label: String,
    /// What its colours mean.
    pub(super) scale: Scale,
    /// Values that get a number.
    pub(super) ticks: Vec<(f64, String)>,
}

impl ColourBar {
    const LENGTH: f64 = 45.0;
    const THICKNESS: f64 = 2.4;

    /// Height, mm.
    pub(super) fn height(&self) -> f64 {
        Self::THICKNESS + style::TICK + line_height(SMALL) + 1.0
    }

    /// Paints it with its upper left corner at (x, y), within `width` mm.
    pub(super) fn paint(&self, canvas: &Canvas<'_>, (x, y): (f64, f64), width: f64) -> Painted {
        const STEPS: u32 = 100;
        let (low, high) = self.scale.range();
        canvas.text((x, y + Self::THICKNESS / 2.0), &self.label, Type::of(NORMAL))?;
        let left = x + text_width(&self.label, NORMAL, false) + 3.0;
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
            canvas.line(&[(at, bottom), (at, bottom + style::TICK)], Stroke::solid(INK, style::SPINE))?;
            let how = Type { across: HPos::Center, down: VPos::Top, ..Type::of(SMALL) };
            canvas.text((at, bottom + style::TICK + 0.3), label, how)?;
        }
        Ok(())
    }
}
