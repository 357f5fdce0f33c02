//! A threshold divides the values of a file into -1 and +1.

use crate::checked::checked;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

checked!(
    /// A `Level` is the value up to which a number becomes -1.
    Level, "a finite number", |x| x.is_finite()
);

/// A `Threshold` says which values become +1: those above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Threshold {
    /// That of Otsu 1979, of all values of the file together.
    Otsu,
    /// A value that is given.
    At(Level),
}

/// What a threshold may be, in words.
pub(super) const THRESHOLD: &str = "otsu or a finite number";

impl Threshold {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        if text == "otsu" {
            return Ok(Self::Otsu);
        }
        let number = text.parse::<f64>().ok().and_then(|number| Level::try_from(number).ok());
        number.map(Self::At).ok_or_else(|| format!("{text:?} is not {THRESHOLD}"))
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Otsu => f.write_str("otsu"),
            Self::At(level) => write!(f, "{level}"),
        }
    }
}

impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl Visitor<'_> for Visit {
            type Value = Threshold;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(THRESHOLD)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Threshold, E> {
                Threshold::read(text).map_err(E::custom)
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Threshold, E> {
                self.visit_f64(number as f64)
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Threshold, E> {
                self.visit_f64(number as f64)
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Threshold, E> {
                Level::try_from(number).map(Threshold::At).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visit)
    }
}
