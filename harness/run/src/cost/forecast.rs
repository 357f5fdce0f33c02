//! The forecast of a sweep says how much there is to do, and what it will take.

use super::{CellCost, Model, Space, Tables, wall_seconds};
use indexmap::IndexMap;
use serde::Serialize;
use std::collections::HashSet;
use study::plan::Cell;

/// A `State` says where a cell stands before the sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It has its numbers.
    Finished,
    /// It was run and failed; a sweep leaves it.
    Failed,
    /// Its place holds the numbers of another definition, protocol version or schema: it is computed again.
    Changed,
    /// It has never been run.
    New,
}

impl State {
    fn is_pending(self) -> bool {
        matches!(self, Self::Changed | Self::New)
    }
}

/// A `ForecastRow` counts the cells of a protocol, or all, with the CPU seconds of those still to do.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ForecastRow {
    /// Cells of the plan.
    pub cells: usize,
    /// Those that have numbers.
    pub finished: usize,
    /// Those that failed.
    pub failed: usize,
    /// Those to be computed again, because the definition or the protocol has changed since.
    pub changed: usize,
    /// Those never run.
    pub new: usize,
    /// CPU seconds of all cells.
    pub cpu_seconds_all: f64,
    /// CPU seconds of the writes to do.
    pub write_seconds: f64,
    /// CPU seconds of the reads and probes to do.
    pub read_seconds: f64,
    /// CPU seconds of the longest cell to do.
    pub longest_seconds: f64,
}

/// A `Forecast` says what a sweep has to do and what it will take.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Forecast {
    /// By the protocol's label.
    pub protocols: IndexMap<String, ForecastRow>,
    /// Over all protocols.
    pub all: ForecastRow,
    /// Message sets: sources, sizes and trials.
    pub message_sets: usize,
    /// Threads that the cells are spread over.
    pub threads: usize,
    /// CPU seconds of storing and summarising.
    pub tables_seconds: f64,
    /// CPU seconds to do, in all.
    pub cpu_seconds: f64,
    /// Wall seconds until everything is done, on a machine that does nothing else.
    pub wall_seconds: f64,
    /// Bytes of memory at most.
    pub memory_bytes: f64,
    /// Bytes on disk when it has ended.
    pub disk_bytes: f64,
    /// Bytes on disk at most while it runs.
    pub disk_bytes_running: f64,
}

impl Forecast {
    /// Makes the forecast for `cells`, of which each is in its state of `states`, on `threads` of `cores`.
    pub fn new(model: &Model, cells: &[Cell], states: &[State], threads: usize, cores: usize) -> Self {
        let costs = model.costs(cells);
        let (mut protocols, mut all): (IndexMap<String, ForecastRow>, ForecastRow) = Default::default();
        let mut sets = HashSet::new();
        let (mut pending, mut seconds) = (Vec::new(), Vec::new());
        for ((cell, &state), &cost) in cells.iter().zip(states).zip(&costs) {
            match protocols.get_mut(cell.label.as_str()) {
                Some(row) => row.add(state, cost),
                None => protocols.entry(cell.label.to_string()).or_default().add(state, cost),
            }
            all.add(state, cost);
            sets.insert((cell.source, cell.n, cell.m, cell.trial));
            if state.is_pending() {
                pending.push(cell);
                seconds.push(cost.total());
            }
        }
        let tables_seconds = tables_seconds(model, cells);
        // More threads than cores share the cores.
        let wall = wall_seconds(&seconds, threads.min(cores)) + tables_seconds;
        let space = Space::of(cells, &pending, threads, wall);
        Self {
            cpu_seconds: all.write_seconds + all.read_seconds + tables_seconds,
            protocols,
            all,
            message_sets: sets.len(),
            threads,
            tables_seconds,
            wall_seconds: wall,
            memory_bytes: space.memory,
            disk_bytes: space.disk,
            disk_bytes_running: space.disk_running,
        }
    }
}

impl ForecastRow {
    fn add(&mut self, state: State, cost: CellCost) {
        self.cells += 1;
        self.cpu_seconds_all += cost.total();
        match state {
            State::Finished => self.finished += 1,
            State::Failed => self.failed += 1,
            State::Changed => self.changed += 1,
            State::New => self.new += 1,
        }
        if state.is_pending() {
            self.write_seconds += cost.write;
            self.read_seconds += cost.read;
            self.longest_seconds = self.longest_seconds.max(cost.total());
        }
    }
}

/// Computes the CPU seconds of reading and writing the tables and of the intervals of every estimate.
fn tables_seconds(model: &Model, cells: &[Cell]) -> f64 {
    /// CPU seconds of a row, as measured once.
    const ROW: f64 = 3e-5;
    /// CPU seconds of starting and of the files, as measured once.
    const FILES: f64 = 0.05;
    /// Measures of a read with an interval, and of a memory.
    const OF_READS: f64 = 4.0;
    const OF_MEMORIES: f64 = 3.0;
    let Tables { cells, recalls } = Tables::of(cells);
    // The estimates of a condition rest on its trials, so trials times estimates are rows times measures.
    FILES + ROW * (2.0 * cells + recalls) + model.summary(OF_READS * recalls + OF_MEMORIES * cells)
}
