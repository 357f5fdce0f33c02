//! Sizes on paper are in millimetres, those of type and lines in points, as printers have them.

/// A figure is printed as wide as one column of a journal or as both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// One column of a journal, 85 mm.
    Column,
    /// Both columns, 180 mm.
    Page,
}

impl Width {
    /// In millimetres.
    pub(crate) fn millimetres(self) -> f64 {
        match self {
            Self::Column => 85.0,
            Self::Page => 180.0,
        }
    }

    /// Panels side by side at most.
    pub(crate) fn columns(self) -> usize {
        match self {
            Self::Column => 2,
            Self::Page => 4,
        }
    }
}

/// Millimetres in a typographic point.
pub(crate) const POINT: f64 = 25.4 / 72.0;
/// Numbers at ticks, captions, keys; points.
pub(crate) const SMALL: f64 = 6.0;
/// Axis labels, titles, legends; points.
pub(crate) const NORMAL: f64 = 7.0;
/// From one line of text to the next, in units of its size.
pub(crate) const LEADING: f64 = 1.3;
/// Data; points.
pub(crate) const CURVE: f64 = 1.1;
/// Spines and ticks; points.
pub(crate) const SPINE: f64 = 0.6;
/// Grids, hatches, error bars; points.
pub(crate) const HAIR: f64 = 0.5;
/// Opacity of interval bands.
pub(crate) const BAND: f64 = 0.18;
/// Half the size of a marker, mm.
pub(crate) const MARKER: f64 = 0.85;
/// Length of a major tick, mm.
pub(crate) const TICK: f64 = 1.0;
