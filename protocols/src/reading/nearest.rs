//! The nearest reader returns the message that agrees with the query in most units. It is a ceiling: it keeps the
//! messages themselves and needs no weights.
//!
//! Units that the query does not know do not count. Of messages that agree equally well the first is taken; with no
//! message the query stays. For independent messages and flipped bits no reader recovers more. Cost: N M a query, bits
//! side by side.

use super::about::ReaderAbout;
use super::{Cues, Log};
use crate::distances::{Distances, first_least};
use crate::patterns::{Patterns, words};

pub(super) const ABOUT: ReaderAbout = ReaderAbout {
    name: "nearest",
    title: "nearest message",
    formula: "the message xi^m with the largest xi^m . x0",
    cost: "N M bits a query; it keeps the messages",
    ends: "after one step",
    source: "maximum likelihood decoding of a random code on a symmetric channel; Shannon 1948",
    parameters: &[],
};

/// Reads all queries into `log`.
pub(super) fn read(messages: &Patterns, cues: Cues<'_>, checkpoints: &[u32], log: &mut Log) {
    let nearest = if cues.has_unknown() { nearest_of_known(messages, cues) } else { nearest(messages, cues) };
    for (q, query) in cues.rows().enumerate() {
        let state = nearest.as_ref().map_or(query, |nearest| messages.row(nearest[q]));
        log.push_at_once(query, state, checkpoints);
    }
}

/// The first of the messages that agree best with each query; none where there is no message.
fn nearest(messages: &Patterns, cues: Cues<'_>) -> Option<Vec<usize>> {
    Distances::new(messages).of_each(
        cues.rows(),
        #[inline(always)]
        |distances| first_least(distances).map(|(m, _)| m),
    )
}

/// The same where units that a query does not know do not count.
fn nearest_of_known(messages: &Patterns, cues: Cues<'_>) -> Option<Vec<usize>> {
    let (bits, length) = (messages.bits(), messages.n().div_ceil(64));
    let of_query = |(q, query): (usize, &[i8])| {
        let (known, of_query) = (cues.known_bits(q), words(query).collect::<Vec<u64>>());
        let differing = |message: &[u64]| -> u32 {
            let pairs = message.iter().zip(&of_query).zip(&known);
            pairs.map(|((x, y), known)| ((x ^ y) & known).count_ones()).sum()
        };
        let nearest =
            bits.chunks_exact(length).enumerate().min_by_key(|(m, message)| (differing(message), *m));
        nearest.map(|(m, _)| m)
    };
    cues.rows().enumerate().map(of_query).collect()
}
