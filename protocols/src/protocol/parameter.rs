//! The types of parameters here cannot hold an illegal value, so that a definition's error points at the
//! value itself.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

macro_rules! checked {
    ($(#[$doc:meta])* $name:ident, $allowed:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Serialize, Deserialize)]
        #[serde(try_from = "f64", into = "f64")]
        pub struct $name(f64);

        // No value is NaN, so that values are ordered.
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.cmp(other).is_eq()
            }
        }

        impl Eq for $name {}

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                self.0.total_cmp(&other.0)
            }
        }

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.to_bits().hash(state);
            }
        }

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
                // -0 becomes 0, so that equal numbers have equal bits.
                if check(value) { Ok(Self(value + 0.0)) } else { Err(format!("{value} is not {}", $allowed)) }
            }
        }

        impl From<$name> for f64 {
            fn from(value: $name) -> f64 {
                value.0
            }
        }
    };
}

checked!(
    /// A `Noise` is a noise level d/N. Beyond one half a query is closer to the negative of its message.
    Noise, "a noise level in [0, 0.5]", |x| (0.0..=0.5).contains(&x)
);
checked!(
    /// A `TrainingNoise` is a noise level d/N that neither vanishes nor leaves nothing of the message.
    TrainingNoise, "a noise level in (0, 0.5)", |x| x > 0.0 && x < 0.5
);
checked!(
    /// A `Positive` is a positive, finite number.
    Positive, "a positive number", |x| x > 0.0 && x.is_finite()
);
checked!(
    /// A `NonNegative` is a finite number that is not negative.
    NonNegative, "a number of at least 0", |x| x >= 0.0 && x.is_finite()
);
impl Default for NonNegative {
    /// Returns 0, which mostly means: without.
    fn default() -> Self {
        Self(0.0)
    }
}

checked!(
    /// A `Fraction` is a number in [0, 1), such as a momentum.
    Fraction, "a number in [0, 1)", |x| (0.0..1.0).contains(&x)
);

/// Makes a value that is known to be allowed, for defaults.
pub(crate) fn allowed<T: TryFrom<f64, Error = String>>(value: f64) -> T {
    T::try_from(value).expect("defaults are allowed values")
}
