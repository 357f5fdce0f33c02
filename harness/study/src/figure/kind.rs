//! Every kind of figure is declared here, once. The declaration says what definitions call it, which keys it
//! has, and what it shows.
//!
//! To add a kind, add an entry to the table below; the crate `figure` then needs a file that draws it, and a test there
//! holds it against this table.

use serde::{Deserialize, Serialize};

/// A `Shown` says what a figure shows. It shows estimates of the whole sweep, or something that is worked out
/// for it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The estimates of a measure, each with its interval.
    Estimates,
    /// Paired differences between one protocol and the others, condition by condition.
    Contrasts,
    /// The same in the mean over all conditions of a panel.
    Ranking,
    /// Reads of a few queries, state by state.
    Trajectories,
    /// The margins of all bits of a few message sets.
    Margins,
    /// What the tests `queries-needed` of the definition's claims find: all conditions are theirs.
    QueriesNeeded,
}

/// Keys that restrict a figure, or choose its measure: those of kinds that have conditions of their own.
const CONDITIONS: [&str; 8] = ["measure", "source", "dynamics", "n", "m", "flips", "load", "noise"];

/// Makes the enum from the table, so that a kind stands in one place.
macro_rules! kinds {
    ($($(#[doc = $meaning:literal])+ $kind:ident, $name:literal, $shown:ident, $own:expr, $required:expr;)+) => {
        /// A `FigureKind` says what a figure draws against what.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum FigureKind {
            $($(#[doc = $meaning])+ #[serde(rename = $name)] $kind,)+
        }

        impl FigureKind {
            /// Holds every kind.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$kind),+];

            /// Returns the name used in definitions.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }

            /// Returns what it shows.
            pub fn shown(self) -> Shown {
                match self { $(Self::$kind => Shown::$shown,)+ }
            }

            /// Returns the keys that only it and a few others have.
            fn own(self) -> &'static [&'static str] {
                match self { $(Self::$kind => &$own,)+ }
            }

            /// Returns the keys without which it has no meaning.
            pub(crate) fn required(self) -> &'static [&'static str] {
                match self { $(Self::$kind => &$required,)+ }
            }
        }
    };
}

// Meaning; kind, name, what it shows, keys of its own, keys that it requires.
kinds! {
    /// A measure against load, a curve a protocol, theory under it.
    Load, "load", Estimates, ["theory"], [];
    /// A measure against noise d/N, a curve a protocol, a panel a load.
    Noise, "noise", Estimates, ["theory"], [];
    /// A measure against whatever `x` says, a curve for whatever `split` says.
    Curves, "curves", Estimates, ["x", "split", "reference", "theory"], ["x"];
    /// The overlap at the end of a read against that of its query, a curve a protocol, a panel a load.
    Retrieval, "retrieval", Estimates, ["theory"], [];
    /// A measure over load x noise, or whatever `x` and `y` say, a heat map a protocol.
    HeatMap, "heat-map", Estimates, ["x", "y"], [];
    /// What a protocol is better or worse than the best of the others by, over load x noise.
    Difference, "difference", Contrasts, ["subject", "x", "y"], ["subject"];
    /// The load at which half is left against noise d/N, a curve a protocol.
    Capacity, "capacity", Estimates, [], [];
    /// Protocols by their mean paired difference to the best, or to a subject: a row each, the best on top.
    Ranking, "ranking", Ranking, ["subject", "rows"], [];
    /// One measure against another, a point a condition.
    Scatter, "scatter", Estimates, ["against"], [];
    /// Bitmaps of a message, a query, and the states of its read by each protocol.
    Basins, "basins", Trajectories, [], [];
    /// Histograms of the messages' margins, a panel a protocol.
    Margins, "margins", Margins, [], [];
    /// Write time against N, both logarithmic.
    Cost, "cost", Estimates, ["fit_from"], [];
    /// The fixed queries a message that training needs against N, both logarithmic: what a claim's test of that kind
    /// decides by.
    QueriesNeeded, "queries-needed", QueriesNeeded, [], [];
}

impl FigureKind {
    /// Returns whether figures of this kind may have a key.
    pub(crate) fn knows(self, key: &str) -> bool {
        let is_condition = CONDITIONS.contains(&key) && self.shown() != Shown::QueriesNeeded;
        is_condition || self.own().contains(&key)
    }

    /// Returns whether what it shows are estimates of the sweep, or made from them one by one.
    pub fn shows_estimates(self) -> bool {
        matches!(self.shown(), Shown::Estimates | Shown::Contrasts | Shown::Ranking)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_serde() {
        for kind in FigureKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }

    #[test]
    fn kinds_know_the_keys_that_they_require() {
        for kind in FigureKind::ALL {
            assert!(kind.required().iter().all(|key| kind.knows(key)), "{}", kind.name());
        }
    }
}
