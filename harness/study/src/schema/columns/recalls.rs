//! The columns of `recalls`: a condition of a read, and how its reads ended.

use super::coordinates;
use crate::record::{Coordinates, Recall};
use crate::schema::range::MOST_MESSAGES;
use crate::schema::{Column, Get, Range, Row, Table};
use protocols::reading::Reader;
use protocols::{Corruption, CorruptionKind};

impl Row for Recall {
    const TABLE: Table = Table::Recalls;

    fn at(&self) -> &Coordinates {
        &self.at
    }

    fn at_mut(&mut self) -> &mut Coordinates {
        &mut self.at
    }

    fn rank(&self) -> Option<(Reader, Corruption)> {
        Some((self.dynamics, self.flips))
    }

    fn columns() -> Vec<Column<Self>> {
        let mut columns: Vec<Column<Self>> = coordinates();
        columns.extend(condition());
        columns.extend(outcomes());
        columns
    }
}

/// The condition of a read.
fn condition() -> Vec<Column<Recall>> {
    vec![
        Column::new(
            "dynamics",
            "",
            "The reader: `sync`, `async`, `held`, `soft`, `nearest` or `dense`, with those of its parameters that are \
             not at their default, such as `soft(beta=2)`.",
            Get::Text(|r| Some(r.dynamics.name())),
            Range::Text,
        ),
        Column::new(
            "flips",
            "bits",
            "Corrupted units d of each query: flipped bits, exactly, where `corruption` does not say otherwise.",
            Get::U32(|r| Some(r.flips.units)),
            Range::UpTo("n", |r| u64::from(r.at.n)),
        ),
        Column::new(
            "noise",
            "1",
            "Noise level d/N.",
            Get::F64(|r| Some(f64::from(r.flips) / f64::from(r.at.n))),
            Range::Real(0.0, 1.0),
        ),
        Column::new(
            "queries",
            "queries",
            "Queries read; every count of reads is out of it.",
            Get::U32(|r| Some(r.reads.queries)),
            Range::Whole(1, u64::from(MOST_MESSAGES)),
        ),
        Column::new(
            "checkpoint",
            "steps",
            "The checkpoint L.",
            Get::U32(|r| Some(r.checkpoint)),
            Range::Whole(0, u64::from(u32::MAX)),
        ),
        Column::sparse(
            "corruption",
            "",
            "How the d units are corrupted: `bernoulli`, `erasure`, `block`, `occlusion` or `mixture`; or `own`, where \
             queries are of a file and d is the mean of all of them, rounded; missing where \
             they are flipped, and the whole column missing where they are in every row.",
            Get::Text(|r| Some(r.flips.kind.name()).filter(|_| r.flips.kind != CorruptionKind::Flips)),
            Range::Text,
        ),
        Column::sparse(
            "differing_sum",
            "units",
            "Sum over the queries of the units in which they differ from their message or that they do not know; only \
             where `corruption` is `own`.",
            Get::U64(|r| r.differing),
            Range::UpTo("queries times n", |r| u64::from(r.reads.queries) * u64::from(r.at.n)),
        ),
    ]
}

/// What bounds the number of reads that ended in one way, in words.
const REST: &str = "queries less the ends that stand before it";

/// The queries that the first `before` kinds of end leave.
fn left_of(row: &Recall, before: usize) -> u64 {
    let ends = [
        row.reads.recovered,
        row.reads.negative,
        row.reads.other_message,
        row.reads.spurious,
        row.reads.cycle,
    ];
    let ended: u64 = ends[..before].iter().copied().map(u64::from).sum();
    u64::from(row.reads.queries).saturating_sub(ended)
}

/// How the reads of a condition ended.
fn outcomes() -> Vec<Column<Recall>> {
    let of_queries = |name, meaning, get: fn(&Recall) -> Option<u32>| {
        Column::new(
            name,
            "queries",
            meaning,
            Get::U32(get),
            Range::UpTo("queries", |r| r.reads.queries.into()),
        )
    };
    // A read ends once, so that all ends together are at most the queries.
    let end = |name, meaning, get: fn(&Recall) -> Option<u32>, rest: fn(&Recall) -> u64| {
        Column::new(name, "queries", meaning, Get::U32(get), Range::UpTo(REST, rest))
    };
    vec![
        of_queries(
            "recovered_first",
            "States equal to the message after one step (async: one sweep).",
            |r| Some(r.reads.first),
        ),
        of_queries("recovered_checkpoint", "States equal to the message after L steps.", |r| {
            Some(r.reads.at_checkpoint)
        }),
        end(
            "recovered",
            "Reads that settled at the message: recovery.",
            |r| Some(r.reads.recovered),
            |r| left_of(r, 0),
        ),
        end(
            "negative",
            "Reads that settled at the message's negative.",
            |r| Some(r.reads.negative),
            |r| left_of(r, 1),
        ),
        end(
            "other_message",
            "Reads that settled at another message or its negative.",
            |r| Some(r.reads.other_message),
            |r| left_of(r, 2),
        ),
        end(
            "spurious",
            "Reads that settled at another fixed point.",
            |r| Some(r.reads.spurious),
            |r| left_of(r, 3),
        ),
        end("cycle", "Reads that ended in a cycle.", |r| Some(r.reads.cycle), |r| left_of(r, 4)),
        end("unsettled", "Reads stopped at the step limit.", |r| Some(r.reads.unsettled), |r| left_of(r, 5)),
        Column::new(
            "longest_cycle",
            "steps",
            "Longest cycle seen; 0 where none was.",
            Get::U32(|r| Some(r.reads.longest_cycle)),
            Range::Whole(0, u64::from(u32::MAX)),
        ),
        Column::new(
            "overlap_sum",
            "1",
            "Sum over the queries of the final overlap with the message.",
            Get::F64(|r| Some(r.reads.overlap_sum)),
            Range::Within("queries", |r| f64::from(r.reads.queries)),
        ),
        Column::new(
            "steps_sum",
            "steps",
            "Sum over the queries of the steps until the end was reached.",
            Get::U64(|r| Some(r.reads.steps_sum)),
            Range::UpTo("queries times the most steps", |r| u64::from(r.reads.queries) * u64::from(u32::MAX)),
        ),
        Column::new(
            "ties",
            "units",
            "Units that met a field of exactly 0.",
            Get::U64(|r| Some(r.reads.ties)),
            Range::Whole(0, u64::MAX),
        ),
    ]
}
