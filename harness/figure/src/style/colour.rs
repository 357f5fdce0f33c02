//! Colours are triples of red, green and blue; those of everything that is no data stand here.

/// A `Colour` has three shares of light, red, green and blue, from 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colour(pub(crate) u8, pub(crate) u8, pub(crate) u8);

/// Holds the colour of paper, and of what parts one thing from another.
pub(crate) const WHITE: Colour = Colour(255, 255, 255);
/// Holds the colour of text and spines.
pub(crate) const INK: Colour = Colour(34, 34, 34);
/// Holds the colour of captions, theory, reference lines.
pub(crate) const QUIET: Colour = Colour(96, 96, 96);
/// Holds the colour of grid lines.
pub(crate) const GRID: Colour = Colour(230, 230, 230);
/// Holds the colour of the ground of a hatched cell.
pub(crate) const HATCH_GROUND: Colour = Colour(250, 250, 250);
/// Holds the colour of the lines of a hatch; no other element has this colour.
pub(crate) const HATCH: Colour = Colour(190, 190, 191);
/// Holds the colour of the lines over a difference that may be chance.
pub(crate) const STRIKE: Colour = Colour(198, 198, 198);
/// Holds the colour of a pixel that is +1 and should be -1, and of a frame of what failed.
pub(crate) const WRONG_ON: Colour = Colour(213, 94, 0);
/// Holds the colour of a pixel that is -1 and should be +1.
pub(crate) const WRONG_OFF: Colour = Colour(246, 205, 173);
/// Holds the colour of the frame of what succeeded.
pub(crate) const RIGHT: Colour = Colour(0, 114, 178);

/// Mixes `colour` with a share of another.
pub(super) fn mixed(colour: Colour, other: Colour, share: f64) -> Colour {
    let mix = |a: u8, b: u8| (f64::from(a) * (1.0 - share) + f64::from(b) * share).round() as u8;
    Colour(mix(colour.0, other.0), mix(colour.1, other.1), mix(colour.2, other.2))
}
