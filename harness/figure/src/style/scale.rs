//! Colour scales say a number by a colour. Equal steps look alike, also in grey print and to the
//! colour-blind.

use super::colour::{Colour, mixed};

/// A `Scale` says what colours mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Scale {
    /// From one value to another.
    Sequential(f64, f64),
    /// From minus to plus this value, with 0 in the middle.
    Diverging(f64),
}

impl Scale {
    /// Returns the values at its ends.
    pub(crate) fn range(self) -> (f64, f64) {
        match self {
            Self::Sequential(low, high) => (low, high),
            Self::Diverging(most) => (-most, most),
        }
    }

    /// Returns the colour of a value.
    pub(crate) fn colour(self, value: f64) -> Colour {
        match self {
            Self::Sequential(low, high) => viridis((value - low) / (high - low)),
            Self::Diverging(most) => diverging(value / most),
        }
    }
}

/// Returns the colour of differences at `share` in [-1, 1]. It is blue for -1, white at 0, vermilion for 1.
/// Readers with any of the common colour deficiencies can tell the ends apart. Linear in between, so that
/// equal steps look alike on both sides.
pub(crate) fn diverging(share: f64) -> Colour {
    let end = if share < 0.0 { Colour(0, 84, 150) } else { Colour(190, 62, 0) };
    mixed(Colour(247, 247, 247), end, share.abs().min(1.0))
}

/// Returns the colour of heat maps at `share` in [0, 1]: viridis. It is perceptually uniform and readable
/// with colour deficiencies and in grey print. Seventeen of matplotlib's 256 colours
/// (`matplotlib.colormaps["viridis"]`, every sixteenth and the last), mixed in between.
pub(crate) fn viridis(share: f64) -> Colour {
    const STOPS: [(u8, u8, u8); 17] = [
        (68, 1, 84),
        (72, 24, 106),
        (71, 45, 123),
        (66, 64, 134),
        (59, 82, 139),
        (51, 99, 141),
        (44, 114, 142),
        (38, 130, 142),
        (33, 145, 140),
        (31, 160, 136),
        (40, 174, 128),
        (63, 188, 115),
        (94, 201, 98),
        (132, 212, 75),
        (173, 220, 48),
        (216, 226, 25),
        (253, 231, 37),
    ];
    let at = share.clamp(0.0, 1.0) * (STOPS.len() - 1) as f64;
    let below = (at.floor() as usize).min(STOPS.len() - 2);
    let colour = |(r, g, b): (u8, u8, u8)| Colour(r, g, b);
    mixed(colour(STOPS[below]), colour(STOPS[below + 1]), at - below as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colour_scale_rises_in_lightness() {
        let lightness =
            |c: Colour| 0.2126 * f64::from(c.0) + 0.7152 * f64::from(c.1) + 0.0722 * f64::from(c.2);
        let scale: Vec<f64> = (0..=64).map(|i| lightness(viridis(f64::from(i) / 64.0))).collect();
        assert!(scale.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
