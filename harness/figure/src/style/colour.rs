//! Colours are triples of red, green and blue; those of everything that is no data stand here.

/// A colour has three shares of light, red, green and blue, from 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colour(pub(crate) u8, pub(crate) u8, pub(crate) u8);

/// Paper, and what parts one thing from another.
pub(crate) const WHITE: Colour = Colour(255, 255, 255);
/// Text and spines.
pub(crate) const INK: Colour = Colour(34, 34, 34);
/// Captions, theory, reference lines.
pub(crate) const QUIET: Colour = Colour(96, 96, 96);
/// Grid lines.
pub(crate) const GRID: Colour = Colour(230, 230, 230);
/// The ground of a hatched cell.
pub(crate) const HATCH_GROUND: Colour = Colour(242, 242, 242);
/// The lines of a hatch; no other element has this colour.
pub(crate) const HATCH: Colour = Colour(121, 121, 122);
/// The lines over a difference that may be chance.
pub(crate) const STRIKE: Colour = Colour(171, 171, 171);
/// A pixel of a state that is +1 and should be -1, and a frame of what failed.
pub(crate) const WRONG_ON: Colour = Colour(213, 94, 0);
/// A pixel that is -1 and should be +1.
pub(crate) const WRONG_OFF: Colour = Colour(246, 205, 173);
/// The frame of what succeeded.
pub(crate) const RIGHT: Colour = Colour(0, 114, 178);

/// `colour` with a share of another.
pub(super) fn mixed(colour: Colour, other: Colour, share: f64) -> Colour {
    let mix = |a: u8, b: u8| (f64::from(a) * (1.0 - share) + f64::from(b) * share).round() as u8;
    Colour(mix(colour.0, other.0), mix(colour.1, other.1), mix(colour.2, other.2))
}
