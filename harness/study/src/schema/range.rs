//! This module says what values a column may hold. A file can say anything, so its values are held against this
//! before anything is made of them; what lies beyond is damage, and never a panic somewhere behind.
//!
//! The bounds are far beyond what any run reaches, or follow from the row: a count is at most what it counts.

/// Holds the largest N that a definition may ask for.
pub const MOST_UNITS: u32 = 65_536;
/// Holds the largest M that a definition may ask for, and the most queries a trial: beyond it nobody has the memory.
pub const MOST_MESSAGES: u32 = 10_000_000;
/// Holds more trials than a sweep may have cells.
pub const MOST_TRIALS: u64 = 1_000_000;
/// Holds the most iterations and evaluations of a write, and flips of the energy probe: years of them.
pub(super) const MOST_WORK: u64 = 1_000_000_000_000_000;
/// Holds the longest time, seconds: thirty years.
pub(super) const LONGEST: f64 = 1e9;

/// A `Range` holds the values that a column of the table whose rows are `R` may have.
pub enum Range<R> {
    /// Any text; where its meaning lists names, the reader knows no other.
    Text,
    /// What can name a file on every system: 1 to 64 letters, digits, `-` or `_`.
    CellId,
    /// Whole numbers between these, both allowed.
    Whole(u64, u64),
    /// Whole numbers from 0 to what the row says, in words and as a number.
    UpTo(&'static str, fn(&R) -> u64),
    /// Finite numbers between these, both allowed.
    Real(f64, f64),
    /// Any float, infinity and NaN among them: what arithmetic gave. Nothing is counted or added up by it.
    Arithmetic,
    /// Numbers from 0 on, infinity among them.
    Ratio,
    /// Numbers that lie no further from 0 than what the row says, in words and as a number, but for rounding.
    Within(&'static str, fn(&R) -> f64),
}

/// A `Breach` is a value that its column may not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The column.
    pub column: &'static str,
    /// The value.
    pub value: String,
    /// What is allowed.
    pub allowed: String,
}

impl<R> Range<R> {
    /// Says in words what it allows in this row.
    pub(super) fn words(&self, row: &R) -> String {
        match self {
            Self::Text => "any text".to_owned(),
            Self::CellId => "1 to 64 letters, digits, `-` or `_`".to_owned(),
            Self::Whole(least, most) => format!("{least} to {most}"),
            Self::UpTo(what, most) => format!("0 to {} ({what})", most(row)),
            Self::Arithmetic => "any float".to_owned(),
            Self::Real(least, f64::MAX) => format!("any finite number from {least} on"),
            Self::Real(least, most) => format!("{least} to {most}"),
            Self::Ratio => "0 or more, or infinity".to_owned(),
            Self::Within(what, most) => format!("-{0} to {0} ({what})", most(row)),
        }
    }

    /// Returns whether it allows a whole number in this row.
    pub(super) fn allows_whole(&self, row: &R, value: u64) -> bool {
        match self {
            Self::Whole(least, most) => (*least..=*most).contains(&value),
            Self::UpTo(_, most) => value <= most(row),
            _ => false,
        }
    }

    /// Returns whether it allows a number in this row; what is no number it never allows.
    pub(super) fn allows_real(&self, row: &R, value: f64) -> bool {
        /// Sums of floats are as good as this.
        const ROUNDING: f64 = 1e-9;
        match self {
            Self::Real(least, most) => (*least..=*most).contains(&value),
            Self::Arithmetic => true,
            Self::Ratio => value >= 0.0,
            Self::Within(_, most) => value.abs() <= most(row) * (1.0 + ROUNDING),
            _ => false,
        }
    }

    /// Returns whether it allows a text.
    pub(super) fn allows_text(&self, value: &str) -> bool {
        match self {
            Self::Text => true,
            Self::CellId => is_cell_id(value),
            _ => false,
        }
    }
}

/// Returns whether an id can name a file on every system.
pub fn is_cell_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
