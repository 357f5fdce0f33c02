//! This module brings colour into tables of text.
//!
//! A table is laid out first and coloured afterwards: [`good`], [`bad`] and the others put marks around a
//! text that no terminal gives a width, so that columns stay aligned, and [`painted`] makes escape sequences
//! of the marks. The program leaves them out where standard output is no terminal, where NO_COLOR is set, and
//! where TERM is dumb.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthChar;

/// Marks, each with the style that begins there. They are invisible operators of Unicode, of width 0.
const MARKS: [(char, Style); 5] = [
    ('\u{2061}', AnsiColor::Green.on_default().bold()),
    ('\u{2062}', AnsiColor::Red.on_default().bold()),
    ('\u{2063}', AnsiColor::Yellow.on_default().bold()),
    ('\u{2064}', Style::new().dimmed()),
    ('\u{206a}', Style::new().bold()),
];
/// Where a style ends.
const END: char = '\u{2060}';

/// Marks what is as it should be.
pub fn good(text: &str) -> String {
    marked(0, text)
}

/// Marks what is not as it should be.
pub fn bad(text: &str) -> String {
    marked(1, text)
}

/// Marks what is open.
pub fn open(text: &str) -> String {
    marked(2, text)
}

/// Marks what stands beside.
pub fn faint(text: &str) -> String {
    marked(3, text)
}

/// Marks a heading.
pub fn head(text: &str) -> String {
    marked(4, text)
}

/// Returns the columns that a text takes on a terminal. Marks take none.
pub fn width(text: &str) -> usize {
    text.chars().filter(|&c| !is_mark(c)).filter_map(UnicodeWidthChar::width).sum()
}

fn marked(which: usize, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{}{text}{END}", MARKS[which].0) }
}

/// Returns the text without marks.
pub fn plain(text: &str) -> String {
    text.chars().filter(|&c| !is_mark(c)).collect()
}

fn is_mark(c: char) -> bool {
    c == END || MARKS.iter().any(|(mark, _)| *mark == c)
}

/// Returns the text with escape sequences for marks.
pub fn painted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match MARKS.iter().find(|(mark, _)| *mark == c) {
            Some((_, style)) => out += &style.render().to_string(),
            None if c == END => out += &anstyle::Reset.render().to_string(),
            None => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use comfy_table::{Table, presets};

    #[test]
    fn marks_take_no_room_in_a_table() {
        let table = |paint: fn(&str) -> String| {
            let mut table = Table::new();
            table.load_preset(presets::NOTHING);
            table.add_row([paint("Holds"), "1".to_owned()]).add_row([paint("Undecided"), "2".to_owned()]);
            table.to_string()
        };
        let plain = table(str::to_owned);
        for paint in [good, bad, open, faint, head] {
            let stripped = anstream::adapter::strip_str(&painted(&table(paint))).to_string();
            assert_eq!(stripped, plain);
        }
    }

    #[test]
    fn a_style_ends_where_its_text_does() {
        assert_eq!(painted(&format!("{} then", bad("no"))), "\u{1b}[1m\u{1b}[31mno\u{1b}[0m then");
        assert_eq!(painted(&good("")), "");
    }
}
