//! This module joins two result sets on protocol, source, N, M and trial. Their reads are joined on dynamics
//! and flips.

use super::Comparison;
use indexmap::{IndexMap, IndexSet};
use protocols::reading::Reader;
use protocols::{Corruption, Source};
use serde::Serialize;
use std::collections::HashMap;
use study::measure::Measure;
use study::record::{Coordinates, Status};
use study::records::Records;

/// A `JoinKey` says what a row compares. What is pooled is absent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct JoinKey {
    /// The protocol's label on both sides.
    pub protocol: String,
    /// Where the messages come from.
    pub source: Source,
    /// Units N.
    pub n: u32,
    /// Messages M.
    pub m: Option<u32>,
    /// Reader, for measures of reading.
    pub dynamics: Option<Reader>,
    /// Flipped bits, for measures of reading.
    pub flips: Option<Corruption>,
}

/// A `Failure` is a cell that ended well in A and failed in B.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Failure {
    /// Its id in B.
    pub cell: String,
    /// Its protocol's label.
    pub protocol: String,
    /// How it ended.
    pub status: Status,
    /// Why.
    pub message: String,
}

/// A `JoinedPair` is a numerator and a denominator.
pub(super) type JoinedPair = (f64, f64);

/// A `JoinedSet` holds one measure of one read condition on one message set of each side.
pub(super) struct JoinedSet {
    pub(super) key: JoinKey,
    pub(super) measure: Measure,
    /// The message set: M, and the place of its trial among those taken.
    pub(super) set: (u32, usize),
    pub(super) a: JoinedPair,
    pub(super) b: JoinedPair,
}

pub(super) struct Joined {
    pub(super) sets: Vec<JoinedSet>,
    /// All of the comparison but its rows.
    pub(super) rest: Comparison,
}

/// Protocol, source, N, M.
type Size = (String, Source, u32, u32);

fn size(at: &Coordinates) -> Size {
    (at.protocol.to_string(), at.source, at.n, at.m)
}

/// A measure, and the read condition of a measure of reading.
type Taken = (Measure, Option<(Reader, Corruption)>);

/// What was measured of one cell.
type Measured = IndexMap<Taken, JoinedPair>;

/// A cell of one side.
struct JoinedCell<'a> {
    at: &'a Coordinates,
    status: Status,
    message: &'a str,
    measured: Measured,
}

/// The cells of a side by size and trial, trials ascending.
fn cells<'a>(records: &'a Records, measures: &[Measure]) -> IndexMap<Size, Vec<JoinedCell<'a>>> {
    let mut of_cell: HashMap<&str, Measured> = HashMap::new();
    for &measure in measures {
        for memory in &records.memories {
            let measured = of_cell.entry(&memory.at.cell).or_default();
            measured.extend(measure.of_memory(memory).map(|pair| ((measure, None), pair)));
        }
        for recall in &records.recalls {
            let measured = of_cell.entry(&recall.at.cell).or_default();
            let condition = Some((recall.dynamics, recall.flips));
            measured.extend(measure.of_recall(recall).map(|pair| ((measure, condition), pair)));
        }
        if measure == Measure::WriteSeconds {
            for timing in records.timings.iter().filter(|timing| timing.write_seconds > 0.0) {
                let measured = of_cell.entry(&timing.at.cell).or_default();
                measured.insert((measure, None), (timing.write_seconds.ln(), 1.0));
            }
        }
    }
    let mut sizes: IndexMap<Size, Vec<JoinedCell<'a>>> = IndexMap::new();
    for memory in &records.memories {
        let measured = of_cell.remove(memory.at.cell.as_str()).unwrap_or_default();
        let cell = JoinedCell { at: &memory.at, status: memory.status, message: &memory.message, measured };
        sizes.entry(size(&memory.at)).or_default().push(cell);
    }
    sizes.values_mut().for_each(|cells| cells.sort_by_key(|cell| cell.at.trial));
    sizes
}

/// Joins the two sides. It joins equal trials where they are paired, the first trials of both otherwise.
pub(super) fn join(a: &Records, b: &Records, paired: bool, measures: &[Measure]) -> Joined {
    let (side_a, side_b) = (cells(a, measures), cells(b, measures));
    let mut sets = Vec::new();
    let (mut joined, mut newly_failed) = (0, Vec::new());
    for (size, cells_a) in &side_a {
        let Some(cells_b) = side_b.get(size) else { continue };
        let pairs: Vec<(&JoinedCell<'_>, &JoinedCell<'_>)> = if paired {
            let of_trial: HashMap<u32, &JoinedCell<'_>> =
                cells_b.iter().map(|cell| (cell.at.trial, cell)).collect();
            cells_a.iter().filter_map(|cell| Some((cell, *of_trial.get(&cell.at.trial)?))).collect()
        } else {
            cells_a.iter().zip(cells_b).collect()
        };
        joined += pairs.len();
        for (set, (a, b)) in pairs.into_iter().enumerate() {
            if a.status == Status::Ok && b.status != Status::Ok {
                newly_failed.push(failure(b));
            }
            if a.status == Status::Ok && b.status == Status::Ok {
                sets.extend(of_pair(size, set, a, b));
            }
        }
    }
    let rest = Comparison {
        paired,
        rows: Vec::new(),
        joined,
        only_a: a.memories.len() - joined,
        only_b: b.memories.len() - joined,
        newly_failed,
        other_parameters: other_parameters(a, b),
    };
    Joined { sets, rest }
}

/// What both cells of a pair measured.
fn of_pair(size: &Size, set: usize, a: &JoinedCell<'_>, b: &JoinedCell<'_>) -> Vec<JoinedSet> {
    let (protocol, source, n, m) = size.clone();
    let one = |(&(measure, condition), &pair): (&Taken, &JoinedPair)| {
        let other = *b.measured.get(&(measure, condition))?;
        let (dynamics, flips) = condition.unzip();
        let key = JoinKey { protocol: protocol.clone(), source, n, m: Some(m), dynamics, flips };
        Some(JoinedSet { key, measure, set: (m, set), a: pair, b: other })
    };
    a.measured.iter().filter_map(one).collect()
}

fn failure(cell: &JoinedCell<'_>) -> Failure {
    Failure {
        cell: cell.at.cell.to_string(),
        protocol: cell.at.protocol.to_string(),
        status: cell.status,
        message: cell.message.to_owned(),
    }
}

/// Labels that stand for other parameters on the other side.
fn other_parameters(a: &Records, b: &Records) -> Vec<(String, String, String)> {
    let all = |records: &Records| -> IndexSet<(String, String)> {
        let of = |at: &Coordinates| (at.protocol.to_string(), at.parameters.to_string());
        records.memories.iter().map(|memory| of(&memory.at)).collect()
    };
    let side_b: HashMap<String, String> = all(b).into_iter().collect();
    let other = |(label, parameters): (String, String)| {
        let there = side_b.get(&label).filter(|there| **there != parameters)?.clone();
        Some((label, parameters, there))
    };
    all(a).into_iter().filter_map(other).collect()
}
