//! A figure says how wide it is printed, as definitions spell it: `122mm`.

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// A `PrintWidth` is the width of a printed figure in whole millimetres, from 60 to 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PrintWidth(u16);

impl PrintWidth {
    /// One column of a journal, 85 mm: what a figure has that names no width.
    pub const COLUMN: Self = Self(85);
    /// Both columns of a journal, 180 mm.
    pub const PAGE: Self = Self(180);

    /// Returns the width that is spelled so.
    ///
    /// # Errors
    /// What is allowed, if it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let refused =
            || format!("`{text}` is no width: a whole number of millimetres from 60 to 400, such as 122mm");
        let number = text.strip_suffix("mm").ok_or_else(refused)?.trim_end();
        let width: u16 = number.parse().map_err(|_| refused())?;
        if (60..=400).contains(&width) { Ok(Self(width)) } else { Err(refused()) }
    }

    /// Returns it in millimetres.
    pub fn millimetres(self) -> f64 {
        f64::from(self.0)
    }
}

impl fmt::Display for PrintWidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}mm", self.0)
    }
}

impl Serialize for PrintWidth {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PrintWidth {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_read_back_and_others_are_refused() {
        for text in ["60mm", "85mm", "122mm", "180mm", "400mm"] {
            assert_eq!(PrintWidth::parse(text).map(|width| width.to_string()).as_deref(), Ok(text));
        }
        for text in ["122", "59mm", "401mm", "12.2cm", "mm", "-85mm", ""] {
            assert!(PrintWidth::parse(text).is_err_and(|why| why.contains("60 to 400")), "{text}");
        }
    }
}
