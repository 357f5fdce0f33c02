//! Messages come from a source: they are independent random signs, or real bitmaps.

use crate::patterns::Patterns;
use crate::seed::Stream;
use serde::{Deserialize, Serialize};

/// A `Source` is a source of message sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Independent fair signs, any N.
    Random,
    /// The 94 printable, non-blank 8 x 8 characters of the public-domain font in the crate `font8x8`: N = 64,
    /// set pixels +1. Real bitmaps, strongly correlated and mostly background.
    Glyphs,
}

/// A `SourceError` says why a source cannot give the messages asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Glyphs have 64 units.
    #[error("glyphs are 8 x 8 bitmaps, so n must be 64, not {n}")]
    GlyphUnits {
        /// The N asked for.
        n: usize,
    },
    /// More glyphs than the font has.
    #[error("there are {available} distinct glyphs, but m = {m} were asked for")]
    GlyphCount {
        /// The M asked for.
        m: usize,
        /// What the font holds.
        available: usize,
    },
}

impl Source {
    /// Returns the name used in definitions and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Glyphs => "glyphs",
        }
    }

    /// Checks that the source has `m` messages of `n` units.
    ///
    /// # Errors
    /// If it has not.
    pub fn check(self, n: usize, m: usize) -> Result<(), SourceError> {
        match self {
            Self::Random => Ok(()),
            Self::Glyphs if n != 64 => Err(SourceError::GlyphUnits { n }),
            Self::Glyphs => match glyphs().len() {
                available if m > available => Err(SourceError::GlyphCount { m, available }),
                _ => Ok(()),
            },
        }
    }

    /// Draws `m` messages of `n` units. Glyphs are drawn without replacement, so they are distinct.
    ///
    /// # Errors
    /// As [`Source::check`].
    pub fn draw(self, n: usize, m: usize, stream: &mut Stream) -> Result<Patterns, SourceError> {
        self.check(n, m)?;
        match self {
            Self::Random => Ok(Patterns::random(n, m, stream)),
            Self::Glyphs => {
                let mut glyphs = glyphs();
                stream.choose(&mut glyphs, m);
                let signs = glyphs[..m].iter().flat_map(bitmap).collect();
                Ok(Patterns::new(n, signs).expect("bitmaps are patterns of 64 signs"))
            }
        }
    }
}

/// The non-blank characters between '!' and '~', eight rows of eight pixels each.
fn glyphs() -> Vec<[u8; 8]> {
    font8x8::legacy::BASIC_LEGACY.iter().copied().filter(|rows| rows.iter().any(|&row| row != 0)).collect()
}

/// Returns the character whose glyph this bitmap is, such as `A`. None where it is no glyph.
pub fn character(bitmap: &[i8]) -> Option<char> {
    let code = font8x8::legacy::BASIC_LEGACY.iter().position(|rows| self::bitmap(rows) == *bitmap)?;
    u8::try_from(code).ok().map(char::from).filter(char::is_ascii_graphic)
}

/// Pixels row by row, the least significant bit leftmost.
fn bitmap(rows: &[u8; 8]) -> [i8; 64] {
    std::array::from_fn(|i| if rows[i / 8] >> (i % 8) & 1 == 1 { 1 } else { -1 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_font_has_94_distinct_glyphs() {
        let glyphs = glyphs();
        assert_eq!(glyphs.len(), 94);
        assert_eq!(glyphs.iter().collect::<HashSet<_>>().len(), 94);
    }

    #[test]
    fn a_glyph_is_drawn_upright() {
        // The letter L: a vertical stroke in the left half, a foot at the lower right, no pixel at the upper right.
        let l = bitmap(&font8x8::legacy::BASIC_LEGACY[b'L' as usize]);
        let pixel = |row: usize, column: usize| l[row * 8 + column] == 1;
        assert!(pixel(0, 1) && pixel(6, 6) && !pixel(0, 6));
        assert_eq!((character(&l), character(&[1; 64]), character(&[1; 9])), (Some('L'), None, None));
    }

    #[test]
    fn what_glyphs_cannot_give_is_refused() {
        assert_eq!(Source::Glyphs.check(32, 4), Err(SourceError::GlyphUnits { n: 32 }));
        assert_eq!(Source::Glyphs.check(64, 95), Err(SourceError::GlyphCount { m: 95, available: 94 }));
    }
}
