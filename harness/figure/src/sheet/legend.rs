//! A legend stands in a strip of its own above the panels, so that it never covers data.

use crate::canvas::{Across, Canvas, Painted, Rect, Stroke, Type, line_height, text_width, wrapped};
use crate::style::{BAND, Colour, Look, NORMAL, QUIET, SMALL, diverging, viridis};

/// A `Symbol` is what an entry of a legend shows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Symbol {
    /// A protocol: band, line and marker.
    Curve(Look),
    /// A protocol: marker with an error bar and the fitted line.
    Fit(Look),
    /// A protocol: marker alone.
    Point(Look),
    /// A line without markers.
    Line(Stroke),
    /// A small square, filled or not.
    Square { fill: Option<Colour>, frame: Colour },
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
    /// Several are equally good.
    Tie,
    /// The outline of a part of a map.
    Outline,
}

/// An `Entry` is a symbol with its meaning.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) symbol: Symbol,
    pub(crate) label: String,
}

impl Entry {
    pub(crate) fn new(symbol: Symbol, label: impl Into<String>) -> Self {
        Self { symbol, label: label.into() }
    }

    fn symbol_width(&self) -> f64 {
        match self.symbol {
            Symbol::Number(_)
            | Symbol::Hollow
            | Symbol::Cross
            | Symbol::Point(_)
            | Symbol::Tie
            | Symbol::Square { .. } => 2.4,
            Symbol::None => 0.0,
            Symbol::Hatch { .. } | Symbol::Boundary | Symbol::Chance | Symbol::Outline => 4.0,
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

/// Where an entry stands: its offset in mm, its first line, and the lines of its text.
struct Placed {
    x: f64,
    line: usize,
    text: Vec<String>,
}

/// The place of every entry, filling lines of `width` mm from the left. An entry that is wider than a line has lines of
/// its own.
fn flow(entries: &[Entry], width: f64) -> Vec<Placed> {
    let (mut x, mut line) = (0.0, 0);
    let mut places = Vec::with_capacity(entries.len());
    for entry in entries {
        if x > 0.0 && x + entry.width() > width {
            (x, line) = (0.0, line + 1);
        }
        let room = width - entry.symbol_width() - 1.0;
        let text = if entry.width() > width {
            wrapped(&entry.label, NORMAL, room)
        } else {
            vec![entry.label.clone()]
        };
        let rows = text.len();
        places.push(Placed { x, line, text });
        (x, line) = if rows > 1 { (0.0, line + rows) } else { (x + entry.width() + BETWEEN, line) };
    }
    places
}

/// Returns the height of a legend `width` mm wide.
pub(crate) fn height(entries: &[Entry], width: f64) -> f64 {
    flow(entries, width).last().map_or(0.0, |last| (last.line + last.text.len().max(1)) as f64 * line())
}

/// Paints the legend with its upper left corner at (x, y).
pub(crate) fn paint(canvas: &Canvas<'_>, entries: &[Entry], (x, y): (f64, f64), width: f64) -> Painted {
    for (entry, placed) in entries.iter().zip(flow(entries, width)) {
        let middle = |row: usize| y + ((placed.line + row) as f64 + 0.5) * line();
        let left = x + placed.x;
        paint_symbol(canvas, &entry.symbol, left, middle(0), entry.symbol_width())?;
        for (row, text) in placed.text.iter().enumerate() {
            canvas.text((left + entry.symbol_width() + 1.0, middle(row)), text, Type::of(NORMAL))?;
        }
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
            canvas.fill(&band, look.colour, BAND)?;
            canvas.line(&across, Stroke::curve(look))?;
            canvas.marker(centre, look, 1.0, false)
        }
        Symbol::Fit(look) => {
            canvas.line(&across, Stroke::curve(look))?;
            canvas.error_bar(centre.0, (y - 1.2, y + 1.2), look.colour)?;
            canvas.marker(centre, look, 1.0, false)
        }
        Symbol::Point(look) => canvas.marker(centre, look, 1.0, false),
        Symbol::Line(stroke) => canvas.line(&across, *stroke),
        Symbol::Square { fill, frame } => {
            let square = Rect { x: x + 0.1, y: y - 1.1, width: 2.2, height: 2.2 };
            fill.map_or(Ok(()), |colour| canvas.block(square, colour))?;
            canvas.outline(square, Stroke::solid(*frame, if fill.is_some() { 0.6 } else { 1.2 }))
        }
        Symbol::None => Ok(()),
        Symbol::Number(number) => {
            let how = Type { across: Across::Center, colour: QUIET, bold: true, ..Type::of(SMALL) };
            canvas.text(centre, number, how)
        }
        Symbol::Bar => canvas.crossing_bar((x, x + width), centre.0, y, QUIET),
        Symbol::Hollow => canvas.hollow(centre),
        Symbol::Cross => canvas.cross(centre, QUIET),
        Symbol::Hatch { crossed } => canvas.hatch(cell, *crossed),
        Symbol::Chance => {
            canvas.block(Rect { width: width / 2.0, ..cell }, diverging(-0.3))?;
            canvas.block(Rect { x: centre.0, width: width / 2.0, ..cell }, diverging(0.3))?;
            canvas.strike(cell)
        }
        Symbol::Tie => canvas.tie(centre),
        Symbol::Outline => {
            let (left, right, top, bottom) = (cell.x, cell.right(), cell.y, cell.bottom());
            let corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
            let edges: Vec<[(f64, f64); 2]> = corners.windows(2).map(|pair| [pair[0], pair[1]]).collect();
            canvas.boundary(&edges)
        }
        Symbol::Boundary => {
            canvas.block(Rect { height: 1.1, ..cell }, viridis(0.25))?;
            canvas.block(Rect { y, height: 1.1, ..cell }, viridis(0.75))?;
            canvas.boundary(&[across])
        }
    }
}
