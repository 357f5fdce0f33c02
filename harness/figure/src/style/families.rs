//! Every writing rule has a hue and a marker of its own, by its name in the catalogue.
//!
//! Colours are of the Okabe-Ito palette, which readers with any of the common colour deficiencies can tell apart, minus
//! those that vanish on white, and beyond it of Tol's muted palette.
//!
//! Sources: M. Okabe and K. Ito, Color Universal Design (2008), <https://jfly.uni-koeln.de/color/>; P. Tol, Colour
//! Schemes (2021), SRON technical note.

use super::colour::Colour;
use super::look::Marker;

/// A `Family` is a writing rule with all of its settings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Family {
    /// Its name in the catalogue.
    pub(super) name: &'static str,
    /// What all of its settings share.
    pub(super) hue: Colour,
    /// The marker of its defaults.
    pub(super) marker: Marker,
}

const fn family(name: &'static str, hue: Colour, marker: Marker) -> Family {
    Family { name, hue, marker }
}

/// Holds the families of the catalogue.
pub(super) const FAMILIES: [Family; 19] = [
    family("hop", Colour(0, 114, 178), Marker::Circle),
    family("pse", Colour(204, 121, 167), Marker::Square),
    family("mpf", Colour(0, 158, 115), Marker::Triangle),
    family("margin", Colour(86, 180, 233), Marker::DownTriangle),
    family("mcf", Colour(70, 30, 115), Marker::Pentagon),
    family("ridge", Colour(51, 34, 136), Marker::Hexagon),
    family("dreaming", Colour(136, 34, 85), Marker::LeftTriangle),
    family("storkey", Colour(153, 153, 51), Marker::Plus),
    family("diederich-opper", Colour(17, 119, 51), Marker::RightTriangle),
    family("pseudo-likelihood", Colour(68, 170, 153), Marker::FourStar),
    family("unlearning", Colour(170, 68, 153), Marker::Saltire),
    family("daydreaming", Colour(204, 102, 119), Marker::SixStar),
    family("stability", Colour(136, 30, 20), Marker::Hourglass),
    family("perceptron", Colour(140, 180, 40), Marker::Bar),
    family("optimal-noise", Colour(90, 130, 150), Marker::BowTie),
    family("equilibrium-propagation", Colour(230, 80, 130), Marker::Pillar),
    family("trn", Colour(213, 94, 0), Marker::Diamond),
    family("trn-literal", Colour(230, 159, 0), Marker::Star),
    family("trn-soft", Colour(200, 60, 40), Marker::Octagon),
];

/// Holds the hues of rules that the catalogue does not have: programs, and rules of one's own.
pub(super) const SPARE: [Colour; 4] =
    [Colour(68, 68, 68), Colour(166, 86, 40), Colour(0, 96, 100), Colour(120, 120, 0)];

/// Returns the family of that name.
pub(super) fn known(name: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| family.name == name)
}
