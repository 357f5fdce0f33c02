//! Text is set in DejaVu Sans, whose metrics are compiled in. So its width is known before it is drawn.

use super::units::UNITS_PER_MM;
use crate::style::{Colour, INK, LEADING, POINT};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};
use std::sync::Once;

/// The name under which text is drawn, with what a reader without the font falls back to.
const FONT: &str = "DejaVu Sans, sans-serif";

/// plotters writes font sizes divided by this.
const PLOTTERS_EM: f64 = 1.24;
/// ab_glyph scales a font to ascent plus descent, DejaVu's being this many em.
const DEJAVU_HEIGHT: f64 = 2384.0 / 2048.0;

/// An `Across` says which end of a line of text lies at the place given.
#[derive(Clone, Copy)]
pub(crate) enum Across {
    Left,
    Center,
    Right,
}

/// A `Down` says which part of the height of a line of text lies at the place given.
#[derive(Clone, Copy)]
pub(crate) enum Down {
    Top,
    Center,
}

/// A `Type` says how text is set. It has its size and colour, and how it is anchored at a place.
#[derive(Clone, Copy)]
pub(crate) struct Type {
    /// Points.
    pub(crate) size: f64,
    pub(crate) bold: bool,
    pub(crate) colour: Colour,
    pub(crate) across: Across,
    pub(crate) down: Down,
    /// Turned to run upwards.
    pub(crate) upwards: bool,
}

impl Type {
    /// Returns dark, regular type with its left end and the middle of its height at the place given.
    pub(crate) fn of(size: f64) -> Self {
        Self { size, bold: false, colour: INK, across: Across::Left, down: Down::Center, upwards: false }
    }

    /// Returns the anchor, as the drawing library has it.
    pub(super) fn anchor(self) -> Pos {
        let across = match self.across {
            Across::Left => HPos::Left,
            Across::Center => HPos::Center,
            Across::Right => HPos::Right,
        };
        let down = match self.down {
            Down::Top => VPos::Top,
            Down::Center => VPos::Center,
        };
        Pos::new(across, down)
    }
}

/// Returns the width of a line of text, mm.
pub(crate) fn text_width(text: &str, size: f64, bold: bool) -> f64 {
    register_fonts();
    let measured = font(size, bold).box_size(text).map_or(0, |(width, _)| width);
    f64::from(measured) / UNITS_PER_MM * (DEJAVU_HEIGHT / PLOTTERS_EM)
}

/// Returns the height of a line of text with its leading, mm.
pub(crate) fn line_height(size: f64) -> f64 {
    size * POINT * LEADING
}

/// Breaks `text` between words into lines no wider than `width` mm. A longer word keeps a line to itself.
pub(crate) fn wrapped(text: &str, size: f64, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words(text) {
        match lines.last_mut() {
            Some(line) if text_width(&format!("{line} {word}"), size, false) <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// The words of a text; a few of them in parentheses or brackets, such as `(d = 6)` and `[2.92 2.97]`, are not parted.
fn words(text: &str) -> Vec<String> {
    /// As many letters stay together.
    const TOGETHER: usize = 12;
    let is_open = |word: &str| {
        ["()", "[]"].iter().any(|ends| word.starts_with(&ends[..1]) && !word.contains(&ends[1..]))
    };
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match words.last_mut() {
            Some(open) if is_open(open) && open.len() + word.len() < TOGETHER => {
                open.push(' ');
                open.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

/// Returns the font of a size in points, measured in units of the grid.
pub(super) fn font(size: f64, bold: bool) -> FontDesc<'static> {
    let style = if bold { FontStyle::Bold } else { FontStyle::Normal };
    FontDesc::new(FontFamily::Name(FONT), size * POINT * UNITS_PER_MM * PLOTTERS_EM, style)
}

/// Makes the compiled-in fonts known to the drawing library, once.
pub(super) fn register_fonts() {
    static REGISTER: Once = Once::new();
    REGISTER.call_once(|| {
        for (style, bytes) in
            [(FontStyle::Normal, dejavu::sans::regular()), (FontStyle::Bold, dejavu::sans::bold())]
        {
            assert!(register_font(FONT, style, bytes).is_ok(), "the embedded font is a font");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_measured_as_it_is_drawn() {
        // Advances of DejaVu Sans in 1/2048 em: H 1540, O 1612, P 1235, without kerning between them.
        let em = 7.0 * POINT;
        let exact = em * (1540.0 + 1612.0 + 1235.0) / 2048.0;
        assert!((text_width("HOP", 7.0, false) - exact).abs() < 0.1, "{}", text_width("HOP", 7.0, false));
    }

    #[test]
    fn wrapping_keeps_every_word_and_the_width() {
        let text = "recovered queries against load for four protocols and two sources of messages";
        let lines = wrapped(text, 7.0, 30.0);
        assert_eq!(lines.join(" "), text);
        assert!(lines.len() > 2 && lines.iter().all(|line| text_width(line, 7.0, false) <= 30.0));
        let parted = wrapped("exponent 2.94 [2.92 2.97] (d = 6)", 7.0, 20.0);
        assert_eq!(parted, ["exponent 2.94", "[2.92 2.97]", "(d = 6)"]);
    }
}
