//! Numbers whose types cannot hold an illegal value are made here, for parameters of rules, readers and sources alike.

/// Makes a type of the numbers that a check allows. They are ordered and hashed, since none is NaN.
macro_rules! checked {
    ($(#[$doc:meta])* $name:ident, $allowed:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "f64", into = "f64")]
        pub struct $name(f64);

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.cmp(other).is_eq()
            }
        }

        impl Eq for $name {}

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.0.total_cmp(&other.0)
            }
        }

        impl std::hash::Hash for $name {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
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

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}
pub(crate) use checked;

/// Makes a value that is known to be allowed, for defaults.
pub(crate) fn allowed<T: TryFrom<f64, Error = String>>(value: f64) -> T {
    T::try_from(value).expect("defaults are allowed values")
}
