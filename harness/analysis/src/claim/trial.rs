//! A trial gave a number, or lacks.

use serde::Serialize;

/// A `Trial` is what one trial gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Trial {
    /// A pair (numerator, denominator).
    Value((f64, f64)),
    /// Its cell failed.
    Failed,
    /// Its cell was never run, or not measured for this.
    Missing,
}

impl Trial {
    /// Returns the sum of two pairs. What lacks in one lacks in the sum.
    pub(super) fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Value(a), Self::Value(b)) => Self::Value((a.0 + b.0, a.1 + b.1)),
            (Self::Value(_), lacking) => lacking,
            (lacking, _) => lacking,
        }
    }
}

/// Counts the trials that gave nothing where something was due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Lacking {
    /// Cells that failed.
    pub failed: usize,
    /// Cells that were not run, or not measured for this.
    pub missing: usize,
}

impl Lacking {
    /// Returns whether nothing lacks.
    pub fn is_none(self) -> bool {
        self == Self::default()
    }

    pub(super) fn count(&mut self, trial: Trial) {
        match trial {
            Trial::Value(_) => {}
            Trial::Failed => self.failed += 1,
            Trial::Missing => self.missing += 1,
        }
    }
}
