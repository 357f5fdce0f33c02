//! The columns of `timings`: wall times of a cell, and the machine they are of.

use super::coordinates;
use crate::record::{Coordinates, Timing};
use crate::schema::range::LONGEST;
use crate::schema::{Column, Get, Range, Row, Table};

impl Row for Timing {
    const TABLE: Table = Table::Timings;

    fn at(&self) -> &Coordinates {
        &self.at
    }

    fn at_mut(&mut self) -> &mut Coordinates {
        &mut self.at
    }

    fn columns() -> Vec<Column<Self>> {
        let mut columns: Vec<Column<Self>> = coordinates();
        columns.push(Column::new(
            "write_seconds",
            "s",
            "Wall time of the write.",
            Get::F64(|r| Some(r.write_seconds)),
            Range::Real(0.0, LONGEST),
        ));
        columns.push(Column::new(
            "read_seconds",
            "s",
            "Wall time of all reads and probes of the cell.",
            Get::F64(|r| Some(r.read_seconds)),
            Range::Real(0.0, LONGEST),
        ));
        columns.push(Column::new("host", "", "The machine.", Get::Text(|r| Some(&r.host)), Range::Text));
        columns.extend(program_times());
        columns
    }
}

/// The columns of a rule that is a program. Files whose rules are none have none of them.
fn program_times() -> [Column<Timing>; 4] {
    [
        Column::sparse(
            "program_reported_seconds",
            "s",
            "The write as the program reports it, `write_seconds` then; missing where it reports none.",
            Get::F64(|r| r.program?.reported),
            Range::Real(0.0, LONGEST),
        ),
        Column::sparse(
            "program_wall_seconds",
            "s",
            "The share of the batch's wall time, from the order to the answer. It is `write_seconds` where the \
             program reports none.",
            Get::F64(|r| Some(r.program?.wall)),
            Range::Real(0.0, LONGEST),
        ),
        Column::sparse(
            "program_processor_seconds",
            "s",
            "The share of the batch's processor time, of the program and all that it started, in steps of 10 ms a \
             batch; missing where the system does not tell.",
            Get::F64(|r| r.program?.processor),
            Range::Real(0.0, LONGEST),
        ),
        Column::sparse(
            "program_startup_seconds",
            "s",
            "Wall time from the start of the program to its first answer, that of a warm-up which is discarded; the \
             same for all cells that it wrote.",
            Get::F64(|r| Some(r.program?.startup)),
            Range::Real(0.0, LONGEST),
        ),
    ]
}
