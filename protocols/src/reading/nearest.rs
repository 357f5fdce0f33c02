//! The nearest reader returns the message that agrees with the query in most units. It is a ceiling: it keeps the
//! messages themselves and needs no weights.
//!
//! Units that the query does not know do not count. Of messages that agree equally well the first is taken; with no
//! message the query stays. For independent messages and flipped bits no reader recovers more. Cost: N M a query, bits
//! side by side.

use super::about::ReaderAbout;
use super::{Cues, End, Log};
use crate::patterns::Patterns;

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
    let (bits, words) = (messages.bits(), messages.n().div_ceil(64));
    for (q, query) in cues.rows().enumerate() {
        let (known, bits_of_query) =
            (cues.known_bits(q), crate::patterns::words(query).collect::<Vec<u64>>());
        let differing = |message: &[u64]| -> u32 {
            let pairs = message.iter().zip(&bits_of_query).zip(&known);
            pairs.map(|((x, y), known)| ((x ^ y) & known).count_ones()).sum()
        };
        let nearest =
            bits.chunks_exact(words).enumerate().min_by_key(|(m, message)| (differing(message), *m));
        let state = nearest.map_or(query, |(m, _)| messages.row(m));
        for (&wanted, kept) in checkpoints.iter().zip(&mut log.checkpoints) {
            kept.extend_from_slice(if wanted == 0 { query } else { state });
        }
        log.push(state, End::Stopped, u32::from(state != query), 0);
    }
}
