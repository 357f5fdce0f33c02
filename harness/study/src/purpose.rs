//! A purpose says what the random streams of a sweep are for. Settings are chosen on streams that no result
//! is measured on.

use serde::{Deserialize, Serialize};

/// A `Purpose` is a family of random streams, disjoint from the others under the same root seed. It has
/// messages, test queries, training and orders of update.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Results are measured.
    #[default]
    Evaluate,
    /// Settings are chosen, by numbers that are no results.
    Tune,
}

impl Purpose {
    /// Returns the name used in definitions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Evaluate => "evaluate",
            Self::Tune => "tune",
        }
    }

    /// Returns whether results are measured. That is what identities need not say.
    pub(crate) fn is_evaluate(&self) -> bool {
        *self == Self::Evaluate
    }

    /// Returns the full name of a stream. That of results is as it is.
    pub(crate) fn stream(self, name: &str) -> String {
        match self {
            Self::Evaluate => name.to_owned(),
            Self::Tune => format!("tune/{name}"),
        }
    }
}
