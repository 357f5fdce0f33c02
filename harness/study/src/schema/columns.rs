//! This module says what each table holds, column by column.

use super::{Column, Get, Row, Table};
use crate::record::{Coordinates, Memory, MemoryFigures, Recall, Timing};
use protocols::reading::Dynamics;

impl Row for Memory {
    const TABLE: Table = Table::Memories;

    fn at(&self) -> &Coordinates {
        &self.at
    }

    fn at_mut(&mut self) -> &mut Coordinates {
        &mut self.at
    }

    fn columns() -> Vec<Column<Self>> {
        let mut columns: Vec<Column<Self>> = coordinates();
        columns.push(Column::new(
            "status",
            "",
            "How the cell ended: `ok`, `diverged`, `timeout`, `memory`, `panic` or `invalid`.",
            Get::Text(|r| Some(r.status.name())),
        ));
        columns.push(Column::new(
            "message",
            "",
            "Why the cell failed, in words; empty where it did not.",
            Get::Text(|r| Some(&r.message)),
        ));
        columns.extend(report());
        columns.extend(stability());
        columns.extend(structure());
        columns.extend(correction());
        columns.extend(starts());
        columns
    }
}

impl Row for Recall {
    const TABLE: Table = Table::Recalls;

    fn at(&self) -> &Coordinates {
        &self.at
    }

    fn at_mut(&mut self) -> &mut Coordinates {
        &mut self.at
    }

    fn rank(&self) -> Option<(Dynamics, u32)> {
        Some((self.dynamics, self.flips))
    }

    fn columns() -> Vec<Column<Self>> {
        let mut columns: Vec<Column<Self>> = coordinates();
        columns.extend(condition());
        columns.extend(outcomes());
        columns
    }
}

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
        ));
        columns.push(Column::new(
            "read_seconds",
            "s",
            "Wall time of all reads and probes of the cell.",
            Get::F64(|r| Some(r.read_seconds)),
        ));
        columns.push(Column::new("host", "", "The machine.", Get::Text(|r| Some(&r.host))));
        columns
    }
}

/// The columns that every table begins with.
fn coordinates<R: Row>() -> Vec<Column<R>> {
    vec![
        Column::new(
            "cell",
            "",
            "Identity of the cell: a hash of all that can change its numbers.",
            Get::Text(|r| Some(&r.at().cell)),
        ),
        Column::new(
            "protocol",
            "",
            "The protocol's label in the definition.",
            Get::Text(|r| Some(&r.at().protocol)),
        ),
        Column::new(
            "parameters",
            "",
            "The protocol's parameters: canonical JSON with every default spelled out.",
            Get::Text(|r| Some(&r.at().parameters)),
        ),
        Column::new(
            "source",
            "",
            "Where the messages come from: `random` or `glyphs`.",
            Get::Text(|r| Some(r.at().source.name())),
        ),
        Column::new("n", "units", "Units N of the network.", Get::U32(|r| Some(r.at().n))),
        Column::new("m", "messages", "Messages M that were written.", Get::U32(|r| Some(r.at().m))),
        Column::new("load", "1", "M/N.", Get::F64(|r| Some(f64::from(r.at().m) / f64::from(r.at().n)))),
        Column::new(
            "trial",
            "",
            "Number of the message set: the unit of statistics.",
            Get::U32(|r| Some(r.at().trial)),
        ),
    ]
}

/// A value of [`MemoryFigures`], missing where the cell failed.
macro_rules! figure {
    ($kind:ident, $field:ident) => {
        Get::$kind(|r: &Memory| r.figures.as_ref().map(|f: &MemoryFigures| f.$field))
    };
    ($kind:ident, optional $field:ident) => {
        Get::$kind(|r: &Memory| r.figures.as_ref().and_then(|f: &MemoryFigures| f.$field))
    };
    ($kind:ident, optional $group:ident . $field:ident) => {
        Get::$kind(|r: &Memory| {
            r.figures.as_ref().and_then(|f: &MemoryFigures| f.$group).map(|group| group.$field)
        })
    };
}

/// What the protocol reported of its write.
fn report() -> Vec<Column<Memory>> {
    vec![
        Column::nullable("iterations", "iterations", "Iterations of the write.", figure!(U64, iterations)),
        Column::nullable(
            "evaluations",
            "evaluations",
            "Evaluations of objective and gradient.",
            figure!(U64, evaluations),
        ),
        Column::nullable(
            "objective",
            "",
            "Objective that the write reached; missing where the protocol has none.",
            figure!(F64, optional objective),
        ),
        Column::nullable(
            "stop",
            "",
            "Why the write ended.",
            Get::Text(|r| r.figures.as_ref().map(|f| f.stop.as_str())),
        ),
        Column::nullable(
            "rank",
            "1",
            "Numerical rank of the messages; missing where the protocol does not determine it.",
            figure!(U32, optional rank),
        ),
    ]
}

/// Stability of the messages.
fn stability() -> Vec<Column<Memory>> {
    vec![
        Column::nullable(
            "fixed",
            "messages",
            "Messages that are fixed points, out of m.",
            figure!(U32, optional fixed),
        ),
        Column::nullable(
            "wrong_bits",
            "bits",
            "Bits of the messages whose field points the wrong way, out of m n.",
            figure!(U64, optional wrong_bits),
        ),
        Column::nullable(
            "tied_bits",
            "bits",
            "Bits of the messages whose field is exactly 0, out of m n.",
            figure!(U64, optional tied_bits),
        ),
        Column::nullable(
            "margin_min",
            "1",
            "Smallest margin kappa = xi h / |W_i| over all bits, |W_i| the length of row i; missing where a row \
             is zero.",
            figure!(F64, optional margin_min),
        ),
        Column::nullable(
            "margin_mean",
            "1",
            "Mean of that margin; missing where a row is zero.",
            figure!(F64, optional margin_mean),
        ),
    ]
}

/// Structure of the weights and of their energy.
fn structure() -> Vec<Column<Memory>> {
    vec![
        Column::nullable(
            "asymmetry",
            "1",
            "Frobenius norm of W - W^T over that of W + W^T: 0 symmetric, infinite if antisymmetric.",
            figure!(F64, optional asymmetry),
        ),
        Column::nullable(
            "diagonal_ratio",
            "1",
            "Mean of |W_ii| over the root mean square of the off-diagonal.",
            figure!(F64, optional diagonal_ratio),
        ),
        Column::nullable(
            "strict_minima",
            "messages",
            "Messages that are strict local minima of the energy, out of m.",
            figure!(U32, optional strict_minima),
        ),
        Column::nullable(
            "energy_flips",
            "flips",
            "Units that changed their state in the asynchronous reads of the energy probe.",
            figure!(U64, optional energy_flips),
        ),
        Column::nullable(
            "energy_rises",
            "flips",
            "Those of energy_flips that raised the energy.",
            figure!(U64, optional energy_rises),
        ),
    ]
}

/// Single flips that one step corrects.
fn correction() -> Vec<Column<Memory>> {
    vec![
        Column::nullable(
            "bits_corrected",
            "bits",
            "States one flip away from a message whose flipped unit one step puts right, out of m n.",
            figure!(U64, optional correction.corrected),
        ),
        Column::nullable(
            "bits_predicted",
            "bits",
            "Those of which the diagonal says so: 2 W_ii is less than the mean of xi h over the messages.",
            figure!(U64, optional correction.predicted),
        ),
        Column::nullable(
            "bits_agreeing",
            "bits",
            "Those of which the diagonal says rightly whether they are corrected.",
            figure!(U64, optional correction.agreeing),
        ),
        Column::nullable(
            "neighbours_returned",
            "states",
            "Those that one synchronous step brings to the message, all units together.",
            figure!(U64, optional correction.returned),
        ),
    ]
}

/// Where reads from random states end.
fn starts() -> Vec<Column<Memory>> {
    vec![
        Column::nullable(
            "starts",
            "reads",
            "Asynchronous reads from random states.",
            figure!(U32, optional starts.starts),
        ),
        Column::nullable(
            "starts_stored",
            "reads",
            "Those that settled at a message or its negative.",
            figure!(U32, optional starts.stored),
        ),
        Column::nullable(
            "starts_spurious",
            "reads",
            "Those that settled at another fixed point.",
            figure!(U32, optional starts.spurious),
        ),
        Column::nullable(
            "starts_distinct",
            "states",
            "Different fixed points among these.",
            figure!(U32, optional starts.distinct),
        ),
    ]
}

/// The condition of a read.
fn condition() -> Vec<Column<Recall>> {
    vec![
        Column::new(
            "dynamics",
            "",
            "Read dynamics: `sync` or `async`.",
            Get::Text(|r| Some(r.dynamics.name())),
        ),
        Column::new("flips", "bits", "Flipped bits d of each query, exactly.", Get::U32(|r| Some(r.flips))),
        Column::new(
            "noise",
            "1",
            "Noise level d/N.",
            Get::F64(|r| Some(f64::from(r.flips) / f64::from(r.at.n))),
        ),
        Column::new(
            "queries",
            "queries",
            "Queries read; every count of reads is out of it.",
            Get::U32(|r| Some(r.reads.queries)),
        ),
        Column::new("checkpoint", "steps", "The checkpoint L.", Get::U32(|r| Some(r.checkpoint))),
    ]
}

/// How the reads of a condition ended.
fn outcomes() -> Vec<Column<Recall>> {
    let count =
        |name, meaning, get: fn(&Recall) -> Option<u32>| Column::new(name, "queries", meaning, Get::U32(get));
    vec![
        count("recovered_first", "States equal to the message after one step (async: one sweep).", |r| {
            Some(r.reads.first)
        }),
        count("recovered_checkpoint", "States equal to the message after L steps.", |r| {
            Some(r.reads.at_checkpoint)
        }),
        count("recovered", "Reads that settled at the message: recovery.", |r| Some(r.reads.recovered)),
        count("negative", "Reads that settled at the message's negative.", |r| Some(r.reads.negative)),
        count("other_message", "Reads that settled at another message or its negative.", |r| {
            Some(r.reads.other_message)
        }),
        count("spurious", "Reads that settled at another fixed point.", |r| Some(r.reads.spurious)),
        count("cycle", "Reads that ended in a cycle.", |r| Some(r.reads.cycle)),
        count("unsettled", "Reads stopped at the step limit.", |r| Some(r.reads.unsettled)),
        Column::new(
            "longest_cycle",
            "steps",
            "Longest cycle seen; 0 where none was.",
            Get::U32(|r| Some(r.reads.longest_cycle)),
        ),
        Column::new(
            "overlap_sum",
            "1",
            "Sum over the queries of the final overlap with the message.",
            Get::F64(|r| Some(r.reads.overlap_sum)),
        ),
        Column::new(
            "steps_sum",
            "steps",
            "Sum over the queries of the steps until the end was reached.",
            Get::U64(|r| Some(r.reads.steps_sum)),
        ),
        Column::new(
            "ties",
            "units",
            "Units that met a field of exactly 0.",
            Get::U64(|r| Some(r.reads.ties)),
        ),
    ]
}
