//! A line has a colour, a width and dashes.

use crate::style::{CURVE, Colour, Dash, Look};

/// A `Stroke` says how a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stroke {
    pub(crate) colour: Colour,
    /// Points.
    pub(crate) width: f64,
    pub(crate) dash: Dash,
}

impl Stroke {
    pub(crate) fn solid(colour: Colour, width: f64) -> Self {
        Self { colour, width, dash: Dash::Solid }
    }

    /// Returns the line of a protocol.
    pub(crate) fn curve(look: &Look) -> Self {
        Self { colour: look.colour, width: CURVE, dash: look.dash }
    }
}
