//! This module holds what the trials of a run gave, and which gave nothing. These are the cells that the plan
//! asks for, each with its numbers, its failure, or nothing at all.

use super::row::EvidenceRow;
use super::trial::{Lacking, Trial};
use crate::kept::Kept;
use indexmap::{IndexMap, IndexSet};
use protocols::Corruption;
use protocols::reading::Reader;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use study::claim::{At, LoadRange};
use study::measure::Measure;
use study::plan::Cell;
use study::record::{Memory, Recall, Status, Timing};
use study::records::Records;
use study::stopping::StoppedSize;

/// Holds the trials that are due, and what they gave. A record counts only under the identity that the plan
/// gives its cell, so that numbers of other parameters, or of an older version of a protocol, are missing
/// here.
pub struct Evidence<'a> {
    due: Vec<&'a Cell>,
    memories: HashMap<&'a str, &'a Memory>,
    /// Those of every cell, as they were stored: mostly in the order in which the cell reads.
    recalls: HashMap<&'a str, Vec<&'a Recall>>,
    timings: HashMap<&'a str, &'a Timing>,
    confidence: f64,
    trials: Kept<(String, Measure), Trials>,
    /// The rows of comparisons at every place.
    pub(super) compared: Kept<Compared, Vec<EvidenceRow>>,
    /// Critical loads of single curves, as those of a subject.
    pub(super) critical: Kept<(Curved, At), EvidenceRow>,
}

/// Holds what the trials of a protocol gave in a measure, place by place in the plan's order.
pub(super) type Trials = IndexMap<At, Vec<Trial>>;

/// What is asked of a curve over loads. It identifies numbers by their bits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Curved {
    protocol: String,
    measure: Measure,
    loads: Option<[u64; 2]>,
    level: u64,
}

impl Curved {
    /// Asks where a protocol's curve of a measure over these loads falls below a level.
    pub(super) fn at(level: f64, protocol: &str, measure: Measure, loads: Option<LoadRange>) -> Self {
        let loads = loads.map(|loads| [loads.from.to_bits(), loads.to.to_bits()]);
        Self { protocol: protocol.to_owned(), measure, loads, level: level.to_bits() }
    }
}

/// What is compared at every place: a measure of two protocols, or where their curves fall below a level.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Compared {
    /// The measure.
    Values { subject: String, rival: String, measure: Measure, threshold: u64 },
    /// The critical load.
    Crossings { subject: Curved, rival: String, threshold: u64 },
}

impl<'a> Evidence<'a> {
    /// Collects the evidence of `records` for the cells of `plan`. Where trials were added look by look,
    /// `stops` says where each size ended, and later trials are not due.
    pub fn new(plan: &'a [Cell], stops: Option<&[StoppedSize]>, records: &'a Records) -> Self {
        let ends: Option<HashMap<_, u32>> =
            stops.map(|stops| stops.iter().map(|s| ((s.source, s.n, s.m), s.trials)).collect());
        let is_due = |cell: &&Cell| {
            let end = ends.as_ref().map(|ends| ends.get(&(cell.source, cell.n, cell.m)));
            // A size without a stop has not ended: all of its trials are due.
            end.flatten().is_none_or(|&trials| cell.trial < trials)
        };
        let mut recalls: HashMap<&str, Vec<&Recall>> = HashMap::with_capacity(records.memories.len());
        for of_cell in records.recalls.chunk_by(|a, b| a.at.cell == b.at.cell) {
            recalls.entry(of_cell[0].at.cell.as_str()).or_default().extend(of_cell);
        }
        Self {
            due: plan.iter().filter(is_due).collect(),
            memories: records.memories.iter().map(|m| (m.at.cell.as_str(), m)).collect(),
            recalls,
            timings: records.timings.iter().map(|t| (t.at.cell.as_str(), t)).collect(),
            confidence: records.confidence,
            trials: Kept::default(),
            compared: Kept::default(),
            critical: Kept::default(),
        }
    }

    /// Returns the confidence of each interval.
    pub(super) fn confidence(&self) -> f64 {
        self.confidence
    }

    /// Counts the cells that are due and gave nothing.
    pub fn lacking(&self) -> Lacking {
        let mut lacking = Lacking::default();
        for cell in &self.due {
            match self.memories.get(cell.id.as_str()) {
                None => lacking.missing += 1,
                Some(memory) if memory.status != Status::Ok => lacking.failed += 1,
                Some(_) => {}
            }
        }
        lacking
    }

    /// Counts the cells that are due.
    pub fn due(&self) -> usize {
        self.due.len()
    }

    /// Returns the labels of all protocols, in the plan's order.
    pub(super) fn labels(&self) -> IndexSet<&'a str> {
        self.due.iter().map(|cell| cell.label.as_str()).collect()
    }

    /// Returns the variants of a protocol by the number of queries a message that they train on.
    pub(super) fn variants(&self, label: &str) -> BTreeMap<u32, &'a str> {
        let start = format!("{label}, K=");
        let of = |cell: &&'a Cell| {
            let queries = cell.spec.training()?.queries.get();
            cell.label.starts_with(&start).then_some((queries, cell.label.as_str()))
        };
        self.due.iter().filter_map(of).collect()
    }

    /// Returns what the trials of a protocol gave in a measure, place by place in the plan's order.
    pub(super) fn trials(&self, label: &str, measure: Measure) -> Arc<Trials> {
        self.trials.or_make((label.to_owned(), measure), || self.gathered(label, measure))
    }

    fn gathered(&self, label: &str, measure: Measure) -> Trials {
        let mut found = Trials::new();
        // Where the reads of the cell before went, which are mostly asked for by the next cell too.
        let (mut places, mut before): (Vec<usize>, Option<&Cell>) = Default::default();
        for cell in self.due.iter().filter(|cell| cell.label == label) {
            let at = At { source: cell.source, dynamics: None, n: cell.n, m: Some(cell.m), flips: None };
            if !Measure::OF_RECALLS.contains(&measure) {
                found.entry(at).or_default().push(self.of_memory(&cell.id, measure));
                continue;
            }
            let read = self.recalls.get(cell.id.as_str()).map_or(&[][..], |read| read);
            let written = self.written(&cell.id);
            let asked = cell.task.dynamics.iter().flat_map(|&d| cell.task.flips.iter().map(move |&f| (d, f)));
            let is_alike = |other: &Cell| {
                (other.source, other.n, other.m) == (cell.source, cell.n, cell.m)
                    && Arc::ptr_eq(&other.task, &cell.task)
            };
            if !before.replace(cell).is_some_and(is_alike) {
                places.clear();
                places.extend(asked.clone().map(|(dynamics, flips)| {
                    let place = found.entry(At { dynamics: Some(dynamics), flips: Some(flips), ..at });
                    let index = place.index();
                    place.or_default();
                    index
                }));
            }
            for (i, ((dynamics, flips), &place)) in asked.zip(&places).enumerate() {
                let trial = match written {
                    Ok(_) => of_recall(read, i, (dynamics, flips), measure),
                    Err(lacking) => lacking,
                };
                found[place].push(trial);
            }
        }
        found
    }

    /// Returns the memory of a cell, or what it is where it was not written.
    fn written(&self, cell: &str) -> Result<&'a Memory, Trial> {
        match self.memories.get(cell) {
            None => Err(Trial::Missing),
            Some(memory) if memory.status != Status::Ok => Err(Trial::Failed),
            Some(memory) => Ok(memory),
        }
    }

    fn of_memory(&self, cell: &str, measure: Measure) -> Trial {
        let memory = match self.written(cell) {
            Ok(memory) => memory,
            Err(lacking) => return lacking,
        };
        let found = match measure {
            Measure::WriteSeconds => self.timings.get(cell).map(|timing| (timing.write_seconds, 1.0)),
            _ => measure.of_memory(memory),
        };
        found.map_or(Trial::Missing, Trial::Value)
    }
}

/// Returns what a cell gave at these conditions, by its `recalls`, of which the one at `place` is mostly the one.
fn of_recall(
    recalls: &[&Recall],
    place: usize,
    (dynamics, flips): (Reader, Corruption),
    measure: Measure,
) -> Trial {
    let is_it = |recall: &&&Recall| recall.dynamics == dynamics && recall.flips == flips;
    let found = recalls.get(place).filter(is_it).or_else(|| recalls.iter().find(is_it));
    found.and_then(|recall| measure.of_recall(recall)).map_or(Trial::Missing, Trial::Value)
}
