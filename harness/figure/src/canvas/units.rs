//! The drawing library works in whole pixels. So a sheet is drawn on a grid of 20 units a millimetre.

use super::geometry::Place;

/// Holds the number of units of the grid in a millimetre.
pub(super) const UNITS_PER_MM: f64 = 20.0;

/// Returns a length in units.
pub(super) fn units(mm: f64) -> i32 {
    (mm * UNITS_PER_MM).round() as i32
}

/// Returns a place on the grid.
pub(super) fn grid((x, y): Place) -> (i32, i32) {
    (units(x), units(y))
}
