//! Places on a sheet of paper are given in millimetres from its upper left corner.

/// A `Place` is a place on the sheet, mm from its upper left corner.
pub(crate) type Place = (f64, f64);

/// A `Rect` is an upright rectangle on the sheet, mm, with its upper left corner at (x, y).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Rect {
    pub(crate) fn right(self) -> f64 {
        self.x + self.width
    }

    pub(crate) fn bottom(self) -> f64 {
        self.y + self.height
    }
}
