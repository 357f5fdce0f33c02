//! Glyphs are the printable characters of a font of 8 x 8 pixels.
//!
//! Pixels go row by row, set ones are +1: about a quarter, so that messages are strongly correlated. They are
//! drawn without replacement. Source: the public-domain font of the crate `font8x8`.

use super::error::Misfit;
use super::kind::{Kind, SourceAbout, choose, pixels};
use crate::seed::Stream;

pub(super) struct Glyphs;

impl Kind for Glyphs {
    fn about(&self) -> &'static SourceAbout {
        &SourceAbout {
            name: "glyphs",
            title: "glyphs",
            formula: "the 94 characters from ! to ~ as 8 x 8 bitmaps, set pixels +1, without replacement",
            units: "64",
            source: "the font of the crate font8x8, public domain",
            parameters: &[],
        }
    }

    fn check(&self, n: usize, m: usize) -> Result<(), Misfit> {
        Misfit::bitmaps("8 x 8 bitmaps", (64, glyphs().count()), n, m)
    }

    fn draw(&self, _: usize, m: usize, stream: &mut Stream) -> Vec<i8> {
        choose(glyphs().map(|rows| pixels(rows, 8)).collect(), m, stream)
    }
}

/// The non-blank characters between '!' and '~', eight rows of eight pixels each.
fn glyphs() -> impl Iterator<Item = &'static [u8; 8]> {
    font8x8::legacy::BASIC_LEGACY.iter().filter(|rows| rows.iter().any(|&row| row != 0))
}

/// Returns the character whose glyph this bitmap is.
pub(super) fn character(bitmap: &[i8]) -> Option<char> {
    let code = font8x8::legacy::BASIC_LEGACY.iter().position(|rows| pixels(rows, 8) == *bitmap)?;
    u8::try_from(code).ok().map(char::from).filter(char::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_font_has_94_distinct_glyphs() {
        assert_eq!(glyphs().count(), 94);
        assert_eq!(glyphs().collect::<HashSet<_>>().len(), 94);
    }

    #[test]
    fn a_glyph_is_drawn_upright() {
        // The letter L: a vertical stroke in the left half, a foot at the lower right, no pixel at the upper right.
        let l = pixels(&font8x8::legacy::BASIC_LEGACY[b'L' as usize], 8);
        let pixel = |row: usize, column: usize| l[row * 8 + column] == 1;
        assert!(pixel(0, 1) && pixel(6, 6) && !pixel(0, 6));
        assert_eq!((character(&l), character(&[1; 64]), character(&[1; 9])), (Some('L'), None, None));
    }
}
