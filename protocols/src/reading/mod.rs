//! Reading a memory: x <- sign(W x + U p + b) from each query p until it settles.

use serde::{Deserialize, Serialize};

/// The order in which units are updated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dynamics {
    /// All units at once.
    Sync,
    /// One unit after another, in a fresh random order every sweep; a step is a sweep.
    Async,
}

impl Dynamics {
    /// The name used in definitions and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Async => "async",
        }
    }
}
