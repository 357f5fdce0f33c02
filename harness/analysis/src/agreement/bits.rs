//! This module finds the values that differ, bit by bit, over all columns of the deterministic tables.

use super::Findings;
use protocols::Corruption;
use protocols::reading::Reader;
use serde::Serialize;
use study::record::Recall;
use study::schema::Row;

/// A `Deviation` is a value of a cell that is not what was stored.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Deviation {
    /// The dynamics of the reads; absent for a value of the memory itself.
    pub dynamics: Option<Reader>,
    /// Their flipped bits.
    pub flips: Option<Corruption>,
    /// The column.
    pub column: &'static str,
    /// The stored value; `none` where there is none.
    pub stored: String,
    /// The value now.
    pub now: String,
}

/// Returns all values that differ, in the order of the tables. Floats are compared by their bits, so that NaN
/// equals itself.
pub fn deviations(stored: &Findings, now: &Findings) -> Vec<Deviation> {
    let mut found = rows(&stored.memory, &now.memory, None);
    for (condition, before, after) in conditions(stored, now) {
        found.extend(match (before, after) {
            (Some(before), Some(after)) => rows(before, after, Some(condition)),
            _ => {
                let presence = |row: Option<&Recall>| row.map_or("none", |_| "there").to_owned();
                vec![deviation(Some(condition), "recalls", presence(before), presence(after))]
            }
        });
    }
    found
}

/// Holds the dynamics and the flipped bits of reads.
type ReadCondition = (Reader, Corruption);

/// Returns the reads of both sides, condition by condition, ascending.
pub fn conditions<'a>(
    stored: &'a Findings,
    now: &'a Findings,
) -> Vec<(ReadCondition, Option<&'a Recall>, Option<&'a Recall>)> {
    let condition = |recall: &Recall| (recall.dynamics, recall.flips);
    let mut all: Vec<ReadCondition> = stored.recalls.iter().chain(&now.recalls).map(condition).collect();
    all.sort_unstable();
    all.dedup();
    let find = |side: &'a Findings, at| side.recalls.iter().find(|recall| condition(recall) == at);
    all.into_iter().map(|at| (at, find(stored, at), find(now, at))).collect()
}

fn deviation(at: Option<ReadCondition>, column: &'static str, stored: String, now: String) -> Deviation {
    let (dynamics, flips) = at.unzip();
    Deviation { dynamics, flips, column, stored, now }
}

fn rows<R: Row>(stored: &R, now: &R, at: Option<ReadCondition>) -> Vec<Deviation> {
    let columns = R::columns().into_iter();
    columns
        .filter_map(|column| {
            // Rust prints every float in a way of its own, but for the sign of NaN, which means nothing.
            let text = |row| column.get.text(row).unwrap_or_else(|| "none".to_owned());
            let (before, after) = (text(stored), text(now));
            (before != after).then(|| deviation(at, column.name, before, after))
        })
        .collect()
}
