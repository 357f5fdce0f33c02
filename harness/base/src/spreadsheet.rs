//! Text in CSV that is safe to open in a spreadsheet: what begins like a formula is told to be none.

use std::borrow::Cow;

/// A text field of CSV: one that a spreadsheet would run as a formula gets a leading apostrophe, which says
/// that it is text. Numbers are no text, and do not come here.
pub fn text(field: &str) -> Cow<'_, str> {
    match field.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => Cow::Owned(format!("'{field}")),
        false => Cow::Borrowed(field),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text_and_text_stays() {
        for formula in ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"] {
            assert_eq!(text(formula), format!("'{formula}"));
        }
        for plain in ["", "HOP", "TRN, noise 0.1", "a=b", "'=1", "{\"hop\":{}}"] {
            assert!(matches!(text(plain), Cow::Borrowed(same) if same == plain));
        }
    }
}
