//! The held reader keeps the field of the query through the read: x <- sign(W x + U p + b + c |w_i| x0).
//!
//! x0 is the query, |w_i| the length of row i of W without its diagonal, c a constant. A unit's own value in the query
//! is evidence of what it was, with log odds ln((1 - q)/q) at a share q of wrong units, and the plain read forgets it
//! after one step. Units that the query does not know (erased ones) have x0 = 0.
//!
//! Cost: as the plain read of the same order. Synchronous reads share fewer states, because each query has a map of its
//! own. Sources: Engel, Englisch, Schuette 1989 (Europhys. Lett. 8, 393) and Rau, Sherrington 1990 (Europhys. Lett. 11,
//! 499) on a persistent stimulus.

use super::about::ReaderAbout;
use crate::described::Parameter;
use crate::protocol::parameter::{NonNegative, allowed};
use crate::spelling::Pair;
use serde::{Deserialize, Serialize};

/// `Held` has the parameters of the held reader.
///
/// ```
/// use protocols::protocol::Mpf;
/// use protocols::reading::{Reader, Settings, read};
/// use protocols::{Patterns, Protocol, Queries, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let queries = Queries::exact(&messages, 4, 6, &mut stream); // one of each message, with four wrong signs
/// let weights = Mpf::default().write(&messages, &mut stream)?.weights;
/// let settings = Settings { reader: "held".parse()?, max_steps: 50 };
/// let reads = read(&weights, &queries.states, settings, &mut stream);
/// assert!(reads.states.rows().zip(&queries.message).all(|(state, &m)| state == messages.row(m as usize)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Held {
    /// Weight of the query, in lengths of a row of W.
    pub c: NonNegative,
    /// The order of updates.
    pub order: UpdateOrder,
}

/// An `UpdateOrder` is the order in which units are updated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UpdateOrder {
    /// All units at once.
    Sync,
    /// One after another, in a fresh random order every sweep.
    Async,
}

impl Default for Held {
    fn default() -> Self {
        Self { c: allowed(0.3), order: UpdateOrder::Sync }
    }
}

impl Held {
    pub(super) const ABOUT: ReaderAbout = ReaderAbout {
        name: "held",
        title: "with the query held",
        formula: "x <- sign(W x + U p + b + c |w_i| x0), x0 the query, |w_i| the length of row i",
        cost: "as the plain read of that order",
        ends: "at a fixed point, in a cycle, or after max_steps",
        source: "Engel, Englisch, Schuette 1989; Rau, Sherrington 1990 (persistent stimulus)",
        parameters: &[
            Parameter::new("c", NonNegative::ALLOWED, "weight of the query, in lengths of a row of W"),
            Parameter::new("order", "sync | async", "all units at once, or one after another"),
        ],
    };

    pub(super) fn pairs(self) -> Vec<Pair> {
        let order = match self.order {
            UpdateOrder::Sync => "sync",
            UpdateOrder::Async => "async",
        };
        vec![("c", self.c.get().to_string()), ("order", order.to_owned())]
    }
}
