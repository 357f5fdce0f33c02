//! Small glyphs are the printable characters of a font of 5 x 7 pixels.
//!
//! Pixels go row by row, set ones are +1: 27 % of them. They are drawn without replacement. Source: 5x7.bdf
//! of X.Org's misc-misc, "Public domain font. Share and enjoy."; `scripts/golden/bitmaps.py` made the file.

use super::error::Misfit;
use super::kind::{Kind, SourceAbout, choose, pixels};
use crate::seed::Stream;

/// The characters from '!' on, a byte a row.
const FONT: &[u8] = include_bytes!("small_glyphs.bin");

const ROWS: usize = 7;

pub(super) struct SmallGlyphs;

impl Kind for SmallGlyphs {
    fn about(&self) -> &'static SourceAbout {
        &SourceAbout {
            name: "small-glyphs",
            title: "small glyphs",
            formula: "the 94 characters from ! to ~ as 5 x 7 bitmaps, set pixels +1, without replacement",
            units: "35",
            source: "5x7.bdf of X.Org's misc-misc, public domain",
            parameters: &[],
        }
    }

    fn check(&self, n: usize, m: usize) -> Result<(), Misfit> {
        Misfit::bitmaps("5 x 7 bitmaps", (35, glyphs().count()), n, m)
    }

    fn draw(&self, _: usize, m: usize, stream: &mut Stream) -> Vec<i8> {
        choose(glyphs().collect(), m, stream)
    }
}

fn glyphs() -> impl Iterator<Item = Vec<i8>> {
    FONT.chunks_exact(ROWS).map(|rows| pixels(rows, 5))
}

/// Returns the character whose glyph this bitmap is.
pub(super) fn character(bitmap: &[i8]) -> Option<char> {
    (b'!'..).zip(glyphs()).find(|(_, glyph)| glyph == bitmap).map(|(code, _)| char::from(code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_font_has_94_distinct_glyphs() {
        assert_eq!(glyphs().collect::<HashSet<_>>().len(), 94);
        assert_eq!(glyphs().count(), 94);
        let set = glyphs().flatten().filter(|&pixel| pixel == 1).count();
        assert_eq!(set, 888, "as the program that made the file counts them");
    }

    #[test]
    fn a_glyph_is_drawn_upright() {
        let r = "###..#..#.#..#.###..#.#..#..#......";
        let bitmap: Vec<i8> = r.bytes().map(|pixel| if pixel == b'#' { 1 } else { -1 }).collect();
        assert_eq!(character(&bitmap), Some('R'));
        assert_eq!(character(&bitmap[1..]), None);
        assert!(glyphs().zip('!'..='~').all(|(glyph, letter)| character(&glyph) == Some(letter)));
    }
}
