//! Digits are hand-written ones, 8 x 8 pixels.
//!
//! In the data a pixel is a count from 0 to 16 of what is set in a block of 4 x 4; here it is +1 from 8 on,
//! half of its block. Of 1797 images 1750 are then distinct, and 32 % of their pixels are +1. They are drawn
//! without replacement. Images of one digit resemble each other: these are messages as they come, in clusters.
//!
//! Source: the test set of E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine
//! Learning Repository 1998, doi 10.24432/C50P49, under CC BY 4.0, made black and white;
//! `scripts/golden/bitmaps.py` made the file from the copy in scikit-learn.

use super::error::Misfit;
use super::kind::{Kind, SourceAbout, choose, pixels};
use crate::seed::Stream;

/// Eight bytes an image, a byte a row.
const IMAGES: &[u8] = include_bytes!("digits.bin");

pub(super) struct Digits;

impl Kind for Digits {
    fn about(&self) -> &'static SourceAbout {
        &SourceAbout {
            name: "digits",
            title: "digits",
            formula: "1750 hand-written digits as 8 x 8 bitmaps, a pixel +1 from 8 of 16 on, without replacement",
            units: "64",
            source: "Alpaydin, Kaynak 1998, doi 10.24432/C50P49, CC BY 4.0, made black and white",
            parameters: &[],
        }
    }

    fn check(&self, n: usize, m: usize) -> Result<(), Misfit> {
        Misfit::bitmaps("8 x 8 bitmaps", (64, images().count()), n, m)
    }

    fn draw(&self, _: usize, m: usize, stream: &mut Stream) -> Vec<i8> {
        choose(images().map(|rows| pixels(rows, 8)).collect(), m, stream)
    }
}

fn images() -> impl Iterator<Item = &'static [u8]> {
    IMAGES.chunks_exact(8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn there_are_1750_distinct_digits() {
        assert_eq!((images().count(), images().collect::<HashSet<_>>().len()), (1750, 1750));
    }

    #[test]
    fn the_first_image_is_a_zero() {
        // The first row of digits.csv: 0 0 5 13 9 1 0 0, 0 0 13 15 10 15 5 0, and so on.
        let zero = "...##.....####....#..##...#..##...#..##...#..#....#.##.....##...";
        let expected: Vec<i8> = zero.bytes().map(|pixel| if pixel == b'#' { 1 } else { -1 }).collect();
        assert_eq!(images().next().map(|rows| pixels(rows, 8)), Some(expected));
    }
}
