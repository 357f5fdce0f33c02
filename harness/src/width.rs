//! This module knows how wide the terminal is, and breaks lines so that none is cut.

use base::paint::width;
use std::sync::OnceLock;

/// What is taken for a terminal's width where there is none, and the least that is taken.
const USUAL: usize = 80;
const LEAST: usize = 40;

/// The columns of a text that is kept, whatever terminal it is made on.
static FIXED: OnceLock<usize> = OnceLock::new();

/// Fixes the columns of a line, for all that this process writes from now on.
#[cfg(feature = "report")]
pub(crate) fn fix(columns: usize) {
    FIXED.get_or_init(|| columns);
}

/// Returns the columns of a line: those of the terminal, or of COLUMNS, or 80.
pub(crate) fn columns() -> usize {
    if let Some(&columns) = FIXED.get() {
        return columns;
    }
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    asked.or_else(terminal).unwrap_or(USUAL).max(LEAST)
}

/// Breaks a text at blanks so that no line has more than `room` columns. The first begins with its own blanks, all
/// others with `hang`. A word that is longer has a line of its own.
pub(crate) fn wrapped(text: &str, room: usize, hang: usize) -> String {
    let words = text.trim_start_matches(' ');
    let mut lines: Vec<String> = vec![" ".repeat(text.len() - words.len())];
    for word in words.split(' ') {
        let last = lines.last_mut().expect("one at least");
        let begun = !last.trim().is_empty();
        if begun && width(last) + 1 + width(word) > room {
            lines.push(" ".repeat(hang) + word);
        } else {
            last.push_str(if begun { " " } else { "" });
            last.push_str(word);
        }
    }
    lines.join("\n")
}

/// Breaks a command as [`wrapped`] does, so that a shell still reads it as one.
pub(crate) fn wrapped_command(text: &str, room: usize) -> String {
    wrapped(text, room.saturating_sub(2), 4).replace('\n', " \\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks() {
        assert_eq!(wrapped("as the paper claims it", 12, 2), "as the paper\n  claims it");
        assert_eq!(wrapped("unbreakable words", 4, 0), "unbreakable\nwords");
        assert_eq!(wrapped("", 4, 0), "");
        assert_eq!(wrapped("  to be", 4, 4), "  to\n    be");
    }

    #[test]
    fn a_broken_command_is_still_one() {
        assert_eq!(wrapped_command("harness sweep quick", 17), "harness sweep \\\n    quick");
    }

    #[test]
    fn marks_of_colours_have_no_width() {
        let marked = base::paint::good("paper");
        assert_eq!(wrapped(&format!("the {marked}"), 9, 0), format!("the {marked}"));
    }
}
