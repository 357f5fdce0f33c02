//! A curve is told from others by its look: its colour, the shape of its points and its dashes.

use super::colour::Colour;
use super::scale::viridis;

/// A `Marker` is the shape that marks a measured point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marker {
    Circle,
    Square,
    Triangle,
    Diamond,
    Pentagon,
    DownTriangle,
    Star,
    Hexagon,
    LeftTriangle,
    RightTriangle,
    Plus,
    Saltire,
    FourStar,
    SixStar,
    Hourglass,
    BowTie,
    Bar,
    Pillar,
    Octagon,
}

/// A `Dash` says how a line is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dash {
    Solid,
    Dashed,
    Dotted,
    Long,
}

impl Marker {
    /// Holds every marker.
    pub(super) const ALL: [Self; 19] = [
        Self::Circle,
        Self::Square,
        Self::Triangle,
        Self::Diamond,
        Self::Pentagon,
        Self::DownTriangle,
        Self::Star,
        Self::Hexagon,
        Self::LeftTriangle,
        Self::RightTriangle,
        Self::Plus,
        Self::Saltire,
        Self::FourStar,
        Self::SixStar,
        Self::Hourglass,
        Self::BowTie,
        Self::Bar,
        Self::Pillar,
        Self::Octagon,
    ];
}

impl Dash {
    /// Returns the lengths of a dash and of the gap after it, mm.
    pub(crate) fn lengths(self) -> Option<(f64, f64)> {
        match self {
            Self::Solid => None,
            Self::Dashed => Some((1.2, 0.7)),
            Self::Dotted => Some((0.35, 0.55)),
            Self::Long => Some((2.4, 0.8)),
        }
    }
}

/// A `Look` is the look of a curve, by which a reader finds it in the legend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Look {
    /// The colour of its family, of which its own is a shade.
    pub(crate) hue: Colour,
    pub(crate) colour: Colour,
    pub(crate) marker: Marker,
    pub(crate) dash: Dash,
}

/// Returns the look of curve `rank` of `count` that are the steps of a quantity, not protocols. They go from
/// darker to lighter, with a marker each.
pub(crate) fn step(rank: usize, count: usize) -> Look {
    const MARKERS: [Marker; 7] = [
        Marker::Circle,
        Marker::Square,
        Marker::Triangle,
        Marker::Diamond,
        Marker::DownTriangle,
        Marker::Pentagon,
        Marker::Star,
    ];
    // The bright end of the scale vanishes on white.
    let share = 0.85 * rank as f64 / (count.max(2) - 1) as f64;
    let colour = viridis(share);
    Look { hue: colour, colour, marker: MARKERS[rank % MARKERS.len()], dash: Dash::Solid }
}
