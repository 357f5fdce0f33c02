//! The numbers by which sources are described cannot hold an illegal value, and are ordered.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

macro_rules! ordered {
    ($(#[$doc:meta])* $name:ident, $allowed:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Serialize, Deserialize)]
        #[serde(try_from = "f64", into = "f64")]
        pub struct $name(f64);

        impl $name {
            #[doc = concat!("What is allowed: ", $allowed, ".")]
            pub const ALLOWED: &'static str = $allowed;

            /// Returns the number.
            pub fn get(self) -> f64 {
                self.0
            }
        }

        impl TryFrom<f64> for $name {
            type Error = String;

            fn try_from(value: f64) -> Result<Self, String> {
                let check: fn(f64) -> bool = $check;
                // A zero has no sign here, or there would be two of them.
                if check(value) { Ok(Self(value + 0.0)) } else { Err(format!("{value} is not {}", $allowed)) }
            }
        }

        impl From<$name> for f64 {
            fn from(value: $name) -> f64 {
                value.0
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                self.0.total_cmp(&other.0)
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.cmp(other) == Ordering::Equal
            }
        }

        impl Eq for $name {}

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.to_bits().hash(state);
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

ordered!(
    /// A `Share` is a probability or a share that is neither none nor all.
    Share, "a number between 0 and 1", |x| x > 0.0 && x < 1.0
);
ordered!(
    /// A `Correlation` is that of two signs: 0 where they are independent, 1 where they are the same.
    Correlation, "a number in [0, 1]", |x| (0.0..=1.0).contains(&x)
);
ordered!(
    /// A `Length` is a distance in units of a lattice.
    Length, "a number above 0, at most 100", |x| x > 0.0 && x <= 100.0
);
ordered!(
    /// A `Ratio` is a number over N.
    Ratio, "a number above 0, at most 100", |x| x > 0.0 && x <= 100.0
);

/// Makes a value that is known to be allowed, for defaults.
pub(super) fn allowed<T: TryFrom<f64, Error = String>>(value: f64) -> T {
    T::try_from(value).expect("defaults are allowed values")
}
