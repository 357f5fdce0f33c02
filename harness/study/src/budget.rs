//! A budget says what a cell may cost at most, in time and in memory.
//!
//! A budget changes no number: a cell that stays within it has the numbers that it has without one. So it is
//! no part of a cell's identity, and a cell that exceeded its budget is computed again only when asked.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A `Budget` says what one cell may cost. `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Budget {
    /// Wall time.
    pub seconds_per_cell: Option<Seconds>,
    /// Memory that the cell's thread allocates and holds at once.
    pub memory_mib: Option<Mebibytes>,
}

impl Budget {
    /// Returns this budget with those limits that `other` sets in place of its own.
    #[must_use]
    pub fn overridden_by(self, other: Self) -> Self {
        Self {
            seconds_per_cell: other.seconds_per_cell.or(self.seconds_per_cell),
            memory_mib: other.memory_mib.or(self.memory_mib),
        }
    }
}

/// A `Seconds` is a positive number of seconds that a clock can hold.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Seconds(f64);

impl Seconds {
    /// Says in words which values are allowed.
    pub const ALLOWED: &'static str = "a number of seconds above 0, at most 31536000 (a year)";
    const MOST: f64 = 31_536_000.0;

    /// Returns the seconds as a duration.
    pub fn duration(self) -> Duration {
        Duration::from_secs_f64(self.0)
    }
}

/// A `Mebibytes` is a positive number of MiB (2^20 bytes) that a machine may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Mebibytes(u64);

impl Mebibytes {
    /// Says in words which values are allowed.
    pub const ALLOWED: &'static str = "a whole number of MiB from 1 to 1048576 (1 TiB)";
    const MOST: u64 = 1 << 20;

    /// Returns the size in bytes.
    pub fn bytes(self) -> u64 {
        self.0 << 20
    }
}

/// An `OutOfRange` is a limit that is out of range. Its text says what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not allowed; give {allowed}")]
pub struct OutOfRange {
    value: String,
    allowed: &'static str,
}

impl TryFrom<f64> for Seconds {
    type Error = OutOfRange;

    fn try_from(value: f64) -> Result<Self, OutOfRange> {
        // Less than a nanosecond is no time at all to a clock.
        if (1e-9..=Self::MOST).contains(&value) {
            Ok(Self(value))
        } else {
            Err(OutOfRange { value: value.to_string(), allowed: Self::ALLOWED })
        }
    }
}

impl TryFrom<u64> for Mebibytes {
    type Error = OutOfRange;

    fn try_from(value: u64) -> Result<Self, OutOfRange> {
        if (1..=Self::MOST).contains(&value) {
            Ok(Self(value))
        } else {
            Err(OutOfRange { value: value.to_string(), allowed: Self::ALLOWED })
        }
    }
}

impl From<Seconds> for f64 {
    fn from(seconds: Seconds) -> Self {
        seconds.0
    }
}

impl From<Mebibytes> for u64 {
    fn from(memory: Mebibytes) -> Self {
        memory.0
    }
}

impl FromStr for Seconds {
    type Err = OutOfRange;

    fn from_str(text: &str) -> Result<Self, OutOfRange> {
        let wrong = || OutOfRange { value: text.to_owned(), allowed: Self::ALLOWED };
        text.parse::<f64>().map_err(|_| wrong()).and_then(|value| Self::try_from(value).map_err(|_| wrong()))
    }
}

impl FromStr for Mebibytes {
    type Err = OutOfRange;

    fn from_str(text: &str) -> Result<Self, OutOfRange> {
        let wrong = || OutOfRange { value: text.to_owned(), allowed: Self::ALLOWED };
        text.parse::<u64>().map_err(|_| wrong()).and_then(|value| Self::try_from(value).map_err(|_| wrong()))
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.0)
    }
}

impl fmt::Display for Mebibytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} MiB", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_limit_is_refused_with_what_is_allowed() {
        for text in ["0", "-1", "nan", "inf", "1e300", "1e-12", "soon", ""] {
            let error = text.parse::<Seconds>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{text}`")) && error.contains("above 0"), "{error}");
        }
        for text in ["0", "-1", "1.5", "1048577", "99999999999999999999", "1 GiB"] {
            let error = text.parse::<Mebibytes>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{text}`")) && error.contains("whole number"), "{error}");
        }
        assert_eq!("0.5".parse::<Seconds>().unwrap().duration(), Duration::from_millis(500));
        assert_eq!("1048576".parse::<Mebibytes>().unwrap().bytes(), 1 << 40);
    }

    #[test]
    fn a_limit_given_later_replaces_its_own_kind_only() {
        let budget = |seconds: &str, memory: Option<&str>| Budget {
            seconds_per_cell: seconds.parse().ok(),
            memory_mib: memory.and_then(|text| text.parse().ok()),
        };
        assert_eq!(budget("1", Some("5")).overridden_by(budget("2", None)), budget("2", Some("5")));
        assert_eq!(budget("1", None).overridden_by(Budget::default()), budget("1", None));
    }
}
