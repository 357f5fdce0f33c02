//! Settings of one rule share its hue and differ in lightness.

use super::colour::{Colour, mixed};

/// A `Shade` is a lightness within a hue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shade {
    Full,
    Dark,
    Light,
}

impl Shade {
    /// Returns a hue in this shade. What is dark gets less darker, what is light less lighter, so that none turns into
    /// black or vanishes on white.
    pub(super) fn of(self, hue: Colour) -> Colour {
        let Colour(r, g, b) = hue;
        let light = (0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b)) / 255.0;
        match self {
            Self::Full => hue,
            Self::Dark => mixed(hue, Colour(0, 0, 0), 0.25 + 0.35 * light),
            Self::Light => mixed(hue, Colour(255, 255, 255), 0.5 - 0.4 * light),
        }
    }
}
