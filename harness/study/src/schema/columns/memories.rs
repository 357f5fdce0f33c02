//! The columns of `memories`: how a cell ended, and what was found of its memory.

use super::coordinates;
use crate::record::{Coordinates, Memory, MemoryFigures, Status};
use crate::schema::range::MOST_WORK;
use crate::schema::{Breach, Column, Get, Range, Row, Table};

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
            "Iterations of the write; of a unit in the mean, rounded up, where every unit is searched for itself.",
            figure!(U64, iterations),
            Range::Whole(0, MOST_WORK),
        ),
        Column::nullable(
            "evaluations",
            "evaluations",
            "Evaluations of objective and gradient; means as those of iterations.",
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
