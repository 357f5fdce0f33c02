//! Theories that can be drawn under the data have names, so that a definition's figure can ask for them.

use serde::{Deserialize, Serialize};

/// Makes the enum from the table, so that a theory stands in one place.
macro_rules! theories {
    ($($(#[doc = $meaning:literal])+ $theory:ident, $name:literal;)+) => {
        /// A `Theory` is something that theory says of random messages. It is drawn where a figure's measure
        /// and what its curves run along fit it, and is nothing elsewhere.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Theory {
            $($(#[doc = $meaning])+ #[serde(rename = $name)] $theory,)+
        }

        impl Theory {
            /// Holds every theory.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$theory),+];

            /// Returns the name used in definitions.
            pub fn name(self) -> &'static str {
                match self { $(Self::$theory => $name,)+ }
            }
        }
    };
}

// Meaning; theory, name.
theories! {
    /// HOP's loads up to which most and all messages are fixed points, or recovered in a step (McEliece et al.).
    ExactStorage, "exact-storage";
    /// The load at which half of the message sets can be stored by any matrix (Cover).
    Separability, "separability";
    /// The load at which HOP loses its retrieval states (Amit et al.).
    RetrievalLimit, "retrieval-limit";
    /// The load below which PSE with its diagonal kept corrects a single bit.
    SingleBits, "single-bits";
    /// HOP's exact bit error, as a share of fixed points.
    BitError, "bit-error";
    /// The overlap of HOP's retrieval state (Amit et al.).
    RetrievalState, "retrieval-state";
    /// The share of single flipped bits that PSE with its diagonal kept corrects.
    CorrectedBits, "corrected-bits";
    /// What finding the nearest message recovers: the ceiling of every reader.
    Nearest, "nearest";
    /// What HOP and PSE, zero diagonal, recover in one synchronous step.
    OneStep, "one-step";
    /// What the best matrix for the load and the noise recovers in one synchronous step (Wong and Sherrington).
    BestOneStep, "best-one-step";
    /// The overlap at which HOP's synchronous reads end (Amari and Maginu).
    HopReads, "hop-reads";
    /// The loads at which PSE loses its spin glass and its messages (Kanter and Sompolinsky).
    PseLimits, "pse-limits";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_serde() {
        for theory in Theory::ALL {
            assert_eq!(serde_json::to_value(theory).unwrap(), theory.name());
        }
    }
}
