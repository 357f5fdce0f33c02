//! Sizes on paper are in millimetres, those of type and lines in points, as printers have them.

use study::figure::PrintWidth;

/// Returns how many panels stand side by side at most in a figure of this width.
pub(crate) fn columns(width: PrintWidth) -> usize {
    (width.millimetres() / 40.0) as usize
}

/// Holds the millimetres in a typographic point.
pub(crate) const POINT: f64 = 25.4 / 72.0;
/// Holds the size of numbers at ticks, captions, keys; points.
pub(crate) const SMALL: f64 = 7.0;
/// Holds the size of axis labels, titles, legends; points.
pub(crate) const NORMAL: f64 = 7.5;
/// Holds the step from one line of text to the next, in units of its size.
pub(crate) const LEADING: f64 = 1.3;
/// Holds the width of lines of data; points.
pub(crate) const CURVE: f64 = 1.1;
/// Holds the width of spines and ticks; points.
pub(crate) const SPINE: f64 = 0.6;
/// Holds the width of grids, hatches, error bars; points.
pub(crate) const HAIR: f64 = 0.5;
/// Holds the opacity of interval bands.
pub(crate) const BAND: f64 = 0.18;
/// Holds half the size of a marker, mm.
pub(crate) const MARKER: f64 = 0.85;
/// Holds the room between two panels side by side, besides their numbers; mm.
pub(crate) const GUTTER: f64 = 4.6;
/// Holds the length of a major tick, mm.
pub(crate) const TICK: f64 = 1.0;
