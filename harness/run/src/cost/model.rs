//! This module computes the cost of cells by what probes have measured.

use super::calibration::{Calibration, Part};
use super::lattice::{LatticePoint, around};
use super::probe;
use super::programs::ProgramCost;
use super::work::{Subject, reader, stages};
use crate::execute::RANDOM_STARTS;
use protocols::reading::Reader;
use std::borrow::Borrow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use study::canonical::canonical;
use study::measure::Probe;
use study::plan::Cell;

/// A `CellCost` holds the CPU seconds of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CellCost {
    /// Of its write.
    pub write: f64,
    /// Of all its reads and probes.
    pub read: f64,
}

impl CellCost {
    /// Returns the seconds of both parts together.
    pub fn total(self) -> f64 {
        self.write + self.read
    }
}

/// Holds the CPU seconds of an operation of the correction probe, as measured once.
const TYPICAL_CORRECTION: f64 = 1e-9;

/// Holds the CPU seconds that a cell takes beside its write, reads and probes.
const BESIDE: f64 = 3e-5;

/// A `Model` says what cells are expected to cost.
#[derive(Clone, Debug, Default)]
pub struct Model {
    calibration: Calibration,
    programs: ProgramCost,
}

impl Model {
    /// Makes the model by what `calibration` has measured. It goes by the rates of a typical machine where
    /// nothing is measured near.
    pub fn new(calibration: Calibration) -> Self {
        Self { calibration, programs: ProgramCost::default() }
    }

    /// Tries the rules of `cells` that are programs, for about `budget`. It returns the number of sizes tried.
    ///
    /// # Errors
    /// If a program fails, with its words.
    pub fn try_programs(&mut self, cells: &[Cell], budget: Duration) -> Result<usize, String> {
        self.programs.measure(cells, budget)
    }

    /// Returns the calibration that the model rests on.
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// Returns the cost of every cell, in their order.
    pub fn costs<C: Borrow<Cell>>(&self, cells: &[C]) -> Vec<CellCost> {
        let mut known: HashMap<_, CellCost> = HashMap::new();
        let mut costs = Vec::with_capacity(cells.len());
        for cell in cells.iter().map(C::borrow) {
            costs.push(*known.entry(condition(cell)).or_insert_with(|| self.cost(cell)));
        }
        costs
    }

    /// Returns the cost of a cell.
    pub fn cost(&self, cell: &Cell) -> CellCost {
        let (n, m) = (f64::from(cell.n), f64::from(cell.m));
        let seconds = |subject: &Subject, part| self.calibration.seconds(subject, part, n, m);
        let stages = stages(&cell.spec, cell.source, cell.n, cell.m);
        let by_stages =
            || stages.iter().map(|stage| stage.times * seconds(&stage.subject, Part::Write)).sum();
        let write = self.programs.seconds(cell).unwrap_or_else(by_stages);
        let reader = reader(&cell.spec, cell.source);
        let mut read = BESIDE;
        for probe in &cell.task.probes {
            read += match probe {
                Probe::Stability => seconds(&reader, Part::Stability),
                Probe::Structure => seconds(&reader, Part::Structure),
                // Rough: it takes N^2 M operations and no product, and hardly any of a sweep's time.
                Probe::Correction => n * n * m * TYPICAL_CORRECTION,
                Probe::Starts => {
                    let query = seconds(&reader, Part::Query(Reader::Async, 0.5));
                    f64::from(RANDOM_STARTS) * query
                }
                Probe::Recovery => {
                    let conditions = cell
                        .task
                        .flips
                        .iter()
                        .flat_map(|&d| cell.task.dynamics.iter().map(move |&dynamics| (d, dynamics)));
                    let query = |(d, dynamics)| seconds(&reader, Part::Query(dynamics, f64::from(d) / n));
                    f64::from(cell.task.queries) * conditions.map(query).sum::<f64>()
                }
            };
        }
        CellCost { write, read }
    }

    /// Computes the CPU seconds of estimates that rest on `trials` trials, counted over all estimates.
    pub(super) fn summary(&self, trials: f64) -> f64 {
        /// As measured once.
        const ESTIMATE: f64 = 4e-5;
        trials * self.calibration.estimate.unwrap_or(ESTIMATE)
    }

    /// Measures what `cells` need and is not measured yet. It takes what matters most first, for no longer
    /// than about `budget`. Gives the number of points measured.
    pub fn calibrate<C: Borrow<Cell>>(&mut self, cells: &[C], budget: Duration) -> usize {
        let start = Instant::now();
        if self.calibration.estimate.is_none() {
            self.calibration.estimate = Some(probe::estimate());
        }
        let mut measured = 0;
        for (subject, point) in self.missing(cells) {
            if start.elapsed() >= budget {
                break;
            }
            if let Some(sample) = probe::sample(&subject, point) {
                self.calibration.add(&subject, sample);
                measured += 1;
            }
        }
        measured
    }

    /// Returns what `cells` need and is not measured, by the expected seconds that rest on it.
    fn missing<C: Borrow<Cell>>(&self, cells: &[C]) -> Vec<(Subject, LatticePoint)> {
        let mut wanted: Vec<(Subject, LatticePoint, f64)> = Vec::new();
        let mut index = HashMap::new();
        let mut conditions: HashMap<_, (&Cell, f64)> = HashMap::new();
        for cell in cells.iter().map(C::borrow) {
            conditions.entry(condition(cell)).or_insert((cell, 0.0)).1 += 1.0;
        }
        let mut conditions: Vec<_> = conditions.into_values().collect();
        // A map has no order of its own, and equal costs must not leave the order of probes to chance.
        conditions.sort_by_key(|(cell, _)| cell.id);
        for (cell, count) in conditions {
            let cost = self.cost(cell);
            let mut subjects: Vec<(Subject, f64)> = stages(&cell.spec, cell.source, cell.n, cell.m)
                .into_iter()
                .map(|stage| (stage.subject, cost.write))
                .collect();
            subjects.push((reader(&cell.spec, cell.source), cost.read));
            for (subject, seconds) in subjects {
                let key = (canonical(&subject.spec), subject.source);
                for (point, weight) in around(cell.n.into(), cell.m.into()) {
                    let next = wanted.len();
                    let at = *index.entry((key.clone(), point)).or_insert(next);
                    if at == next {
                        wanted.push((subject.clone(), point, 0.0));
                    }
                    wanted[at].2 += count * seconds * weight;
                }
            }
        }
        wanted.retain(|(subject, point, _)| !self.calibration.has(subject, *point));
        wanted.sort_by(|a, b| b.2.total_cmp(&a.2));
        wanted.into_iter().map(|(subject, point, _)| (subject, point)).collect()
    }
}

/// Returns what cells of the same cost have in common.
fn condition(cell: &Cell) -> (&str, &'static str, u32, u32, *const study::plan::Task) {
    (&cell.label, cell.source.name(), cell.n, cell.m, Arc::as_ptr(&cell.task))
}
