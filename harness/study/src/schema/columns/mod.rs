//! This module says what each table holds, column by column: a module for each table, and here the columns that all
//! have.

mod memories;
mod recalls;
mod timings;

use super::range::{MOST_MESSAGES, MOST_TRIALS, MOST_UNITS};
use super::{Column, Get, Range, Row};

/// The columns that every table begins with.
fn coordinates<R: Row>() -> Vec<Column<R>> {
    vec![
        Column::new(
            "cell",
            "",
            "Identity of the cell: a hash of all that can change its numbers.",
            Get::Text(|r| Some(&r.at().cell)),
            Range::CellId,
        ),
        Column::new(
            "protocol",
            "",
            "The protocol's label in the definition.",
            Get::Text(|r| Some(&r.at().protocol)),
            Range::Text,
        ),
        Column::new(
            "parameters",
            "",
            "The protocol's parameters: canonical JSON with every default spelled out.",
            Get::Text(|r| Some(&r.at().parameters)),
            Range::Text,
        ),
        Column::new(
            "source",
            "",
            "Where the messages come from, such as `random`, `glyphs` or `biased(activity=0.1)`; a file of \
             one's own is \
             `file(name=x.npy content=0123456789abcdef)`, with the first digits of BLAKE3 of what it held.",
            Get::Text(|r| Some(r.at().source.name())),
            Range::Text,
        ),
        Column::new(
            "n",
            "units",
            "Units N of the network.",
            Get::U32(|r| Some(r.at().n)),
            Range::Whole(2, u64::from(MOST_UNITS)),
        ),
        Column::new(
            "m",
            "messages",
            "Messages M that were written.",
            Get::U32(|r| Some(r.at().m)),
            Range::Whole(1, u64::from(MOST_MESSAGES)),
        ),
        Column::new(
            "load",
            "1",
            "M/N.",
            Get::F64(|r| Some(f64::from(r.at().m) / f64::from(r.at().n))),
            Range::Real(0.0, f64::MAX),
        ),
        Column::new(
            "trial",
            "",
            "Number of the message set: the unit of statistics.",
            Get::U32(|r| Some(r.at().trial)),
            Range::Whole(0, MOST_TRIALS - 1),
        ),
    ]
}
