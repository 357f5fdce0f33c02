//! This module draws small pictures in text: a curve of shares, and an effect with its interval beside zero.

/// Holds the heights of a curve, from 0 to 1.
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Counts the columns on either side of zero.
#[cfg(feature = "report")]
const ARM: i32 = 8;

/// Draws a curve with a character for each share. It goes from `▁` for 0 to `█` for 1; `×` where there is
/// none.
pub(crate) fn curve(shares: impl IntoIterator<Item = Option<f64>>) -> String {
    let height = |share: f64| {
        let level = (share.clamp(0.0, 1.0) * HEIGHTS.len() as f64) as usize;
        HEIGHTS[level.min(HEIGHTS.len() - 1)]
    };
    shares.into_iter().map(|share| share.map_or('×', height)).collect()
}

/// Draws an effect with its interval on a line. Its middle is zero and its ends are `-scale` and `scale`:
/// `──●──│`. An open end runs to the end of the line. Nothing where there is no effect.
#[cfg(feature = "report")]
pub(crate) fn whisker(effect: Option<f64>, low: Option<f64>, high: Option<f64>, scale: f64) -> String {
    let Some(effect) = effect.filter(|_| scale > 0.0) else { return String::new() };
    let column = |x: f64| (x / scale * f64::from(ARM)).round().clamp(f64::from(-ARM), f64::from(ARM)) as i32;
    let (low, high) = (low.map_or(-ARM, column), high.map_or(ARM, column));
    let at = |i: i32| match i {
        _ if i == column(effect) => '●',
        _ if (low..=high).contains(&i) => '─',
        0 => '│',
        _ => '·',
    };
    (-ARM..=ARM).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_follow_shares() {
        assert_eq!(curve([Some(0.0), Some(0.5), Some(1.0), None, Some(0.99)]), "▁▅█×█");
    }

    #[cfg(feature = "report")]
    #[test]
    fn an_interval_lies_where_its_ends_are() {
        assert_eq!(whisker(Some(0.5), Some(0.25), Some(0.75), 1.0), "········│·──●──··");
        assert_eq!(whisker(Some(0.0), Some(-0.5), Some(0.5), 1.0), "····────●────····");
        assert_eq!(whisker(Some(-1.0), None, Some(-0.75), 1.0), "●──·····│········");
        assert_eq!(whisker(None, None, None, 1.0), "");
    }
}
