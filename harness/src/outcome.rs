//! This module says what a check has found. A command that compares succeeds only where it has compared something.

use serde::Serialize;
use std::process::ExitCode;

/// Holds the exit code where nothing could be compared: neither a success nor a difference.
pub(crate) const NOTHING: u8 = 5;

/// An `Outcome` is what a check has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// All that was compared is as it should be.
    Agrees,
    /// Something is not.
    Differs,
    /// Nothing could be compared, which says nothing of either.
    Nothing,
}

impl Outcome {
    /// Returns the outcome of a check that compared so many things, all of them well or not. What is amiss counts
    /// even where nothing was compared.
    pub(crate) fn of(compared: usize, well: bool) -> Self {
        match (compared, well) {
            (_, false) => Self::Differs,
            (0, true) => Self::Nothing,
            (_, true) => Self::Agrees,
        }
    }

    /// Returns whether the check agrees; none where nothing could be compared.
    pub(crate) fn agrees(self) -> Option<bool> {
        match self {
            Self::Agrees => Some(true),
            Self::Differs => Some(false),
            Self::Nothing => None,
        }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Agrees => Self::SUCCESS,
            Outcome::Differs => Self::FAILURE,
            Outcome::Nothing => Self::from(NOTHING),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_compared_is_no_success() {
        assert_eq!(Outcome::of(0, true), Outcome::Nothing);
        assert_eq!(Outcome::of(0, true).agrees(), None);
        assert_eq!(Outcome::of(0, false), Outcome::Differs);
        assert_eq!(Outcome::of(3, true), Outcome::Agrees);
        assert_eq!(Outcome::of(3, false), Outcome::Differs);
    }
}
