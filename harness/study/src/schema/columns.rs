//! This module says what each table holds, column by column.

use super::range::{LONGEST, MOST_MESSAGES, MOST_TRIALS, MOST_UNITS, MOST_WORK};
use super::{Breach, Column, Get, Range, Row, Table};
use crate::record::{Coordinates, Memory, MemoryFigures, Recall, Status, Timing};
use protocols::reading::Reader;
use protocols::{Corruption, CorruptionKind};

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
            Range::Text,
        ));
        columns.push(Column::new(
            "message",
            "",
            "Why the cell failed, in words; empty where it did not.",
            Get::Text(|r| Some(&r.message)),
            Range::Text,
        ));
        columns.extend(report());
        columns.extend(stability());
        columns.extend(structure());
        columns.extend(correction());
        columns.extend(starts());
        columns
    }

    fn contradiction(&self) -> Option<Breach> {
        let allowed = match (self.status, &self.figures) {
            (Status::Ok, None) => "the status of a failure, since the row has no figures",
            (Status::Ok, Some(_)) | (_, None) => return None,
            (_, Some(_)) => "`ok`, since the row has figures",
        };
        let (value, allowed) = (self.status.name().to_owned(), allowed.to_owned());
        Some(Breach { column: "status", value, allowed })
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

/// A number of [`MemoryFigures`] that bounds others; where it is missing, nothing is counted out of it.
fn figure(row: &Memory, of: fn(&MemoryFigures) -> Option<u64>) -> u64 {
    row.figures.as_ref().and_then(of).unwrap_or(0)
}

/// The bits of all messages, m n.
fn bits(row: &Memory) -> u64 {
    u64::from(row.at.m) * u64::from(row.at.n)
}

/// What the protocol reported of its write.
fn report() -> Vec<Column<Memory>> {
    vec![
        Column::nullable(
            "iterations",
            "iterations",
            "Iterations of the write.",
            figure!(U64, iterations),
            Range::Whole(0, MOST_WORK),
        ),
        Column::nullable(
            "evaluations",
            "evaluations",
            "Evaluations of objective and gradient.",
            figure!(U64, evaluations),
            Range::Whole(0, MOST_WORK),
        ),
        Column::nullable(
            "objective",
            "",
            "Objective that the write reached; missing where the protocol has none.",
            figure!(F64, optional objective),
            Range::Arithmetic,
        ),
        Column::nullable(
            "stop",
            "",
            "Why the write ended.",
            Get::Text(|r| r.figures.as_ref().map(|f| f.stop.as_str())),
            Range::Text,
        ),
        Column::nullable(
            "rank",
            "1",
            "Numerical rank of the messages; missing where the protocol does not determine it.",
            figure!(U32, optional rank),
            Range::UpTo("the smaller of n and m", |r| u64::from(r.at.n.min(r.at.m))),
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
            Range::UpTo("m", |r| u64::from(r.at.m)),
        ),
        Column::nullable(
            "wrong_bits",
            "bits",
            "Bits of the messages whose field points the wrong way, out of m n.",
            figure!(U64, optional wrong_bits),
            Range::UpTo("m n", bits),
        ),
        Column::nullable(
            "tied_bits",
            "bits",
            "Bits of the messages whose field is exactly 0, out of m n.",
            figure!(U64, optional tied_bits),
            Range::UpTo("m n less wrong_bits", |r| bits(r).saturating_sub(figure(r, |f| f.wrong_bits))),
        ),
        Column::nullable(
            "margin_min",
            "1",
            "Smallest margin kappa = xi h / |W_i| over all bits, |W_i| the length of row i; missing where a row \
             is zero.",
            figure!(F64, optional margin_min),
            Range::Arithmetic,
        ),
        Column::nullable(
            "margin_mean",
            "1",
            "Mean of that margin; missing where a row is zero.",
            figure!(F64, optional margin_mean),
            Range::Arithmetic,
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
            Range::Ratio,
        ),
        Column::nullable(
            "diagonal_ratio",
            "1",
            "Mean of |W_ii| over the root mean square of the off-diagonal.",
            figure!(F64, optional diagonal_ratio),
            Range::Ratio,
        ),
        Column::nullable(
            "strict_minima",
            "messages",
            "Messages that are strict local minima of the energy, out of m.",
            figure!(U32, optional strict_minima),
            Range::UpTo("m", |r| u64::from(r.at.m)),
        ),
        Column::nullable(
            "energy_flips",
            "flips",
            "Units that changed their state in the asynchronous reads of the energy probe.",
            figure!(U64, optional energy_flips),
            Range::Whole(0, MOST_WORK),
        ),
        Column::nullable(
            "energy_rises",
            "flips",
            "Those of energy_flips that raised the energy.",
            figure!(U64, optional energy_rises),
            Range::UpTo("energy_flips", |r| figure(r, |f| f.energy_flips)),
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
            Range::UpTo("m n", bits),
        ),
        Column::nullable(
            "bits_predicted",
            "bits",
            "Those of which the diagonal says so: 2 W_ii is less than the mean of xi h over the messages.",
            figure!(U64, optional correction.predicted),
            Range::UpTo("m n", bits),
        ),
        Column::nullable(
            "bits_agreeing",
            "bits",
            "Those of which the diagonal says rightly whether they are corrected.",
            figure!(U64, optional correction.agreeing),
            Range::UpTo("m n", bits),
        ),
        Column::nullable(
            "neighbours_returned",
            "states",
            "Those that one synchronous step brings to the message, all units together.",
            figure!(U64, optional correction.returned),
            Range::UpTo("m n", bits),
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
            Range::Whole(0, u64::from(u32::MAX)),
        ),
        Column::nullable(
            "starts_stored",
            "reads",
            "Those that settled at a message or its negative.",
            figure!(U32, optional starts.stored),
            Range::UpTo("starts", |r| figure(r, |f| f.starts.map(|s| s.starts.into()))),
        ),
        Column::nullable(
            "starts_spurious",
            "reads",
            "Those that settled at another fixed point.",
            figure!(U32, optional starts.spurious),
            Range::UpTo("starts less starts_stored", |r| {
                figure(r, |f| f.starts.map(|s| s.starts.saturating_sub(s.stored).into()))
            }),
        ),
        Column::nullable(
            "starts_distinct",
            "states",
            "Different fixed points among these.",
            figure!(U32, optional starts.distinct),
            Range::UpTo("starts_spurious", |r| figure(r, |f| f.starts.map(|s| s.spurious.into()))),
        ),
    ]
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
