//! How far a sweep is, how fast, and how long it will take.

use crate::record::Status;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How far a sweep is.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Cells to run.
    pub total: usize,
    /// Cells that have ended, by status.
    pub cells: BTreeMap<Status, usize>,
    /// Their share of the expected work, 0 to 1.
    pub work: f64,
    start: Instant,
    elapsed: Duration,
}

impl Progress {
    /// Before the first of `total` cells.
    pub fn start(total: usize) -> Self {
        Self { total, cells: BTreeMap::new(), work: 0.0, start: Instant::now(), elapsed: Duration::ZERO }
    }

    /// Counts a cell; `work` is the share of the expected work that is done with it.
    pub fn end_cell(&mut self, status: Status, work: f64) {
        *self.cells.entry(status).or_default() += 1;
        self.work = work;
    }

    /// Looks at the clock.
    pub fn tick(&mut self) {
        self.elapsed = self.start.elapsed();
    }

    /// Says that so much time has passed since the start.
    #[cfg(test)]
    pub(crate) fn set_elapsed(&mut self, elapsed: Duration) {
        self.elapsed = elapsed;
    }

    /// Cells that have ended.
    pub fn ended(&self) -> usize {
        self.cells.values().sum()
    }

    /// Of those, the ones that failed, by status.
    pub fn failures(&self) -> BTreeMap<Status, usize> {
        self.cells.iter().filter(|(status, _)| **status != Status::Ok).map(|(s, n)| (*s, *n)).collect()
    }

    /// Of those, the number that failed.
    pub fn failed(&self) -> usize {
        self.failures().values().sum()
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Cells a second, so far.
    pub fn rate(&self) -> f64 {
        self.ended() as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// Time to go, if the rest of the expected work goes on as fast as what is done; unknown before the first cell ends.
    pub fn remaining(&self) -> Option<Duration> {
        let share = (self.work > 0.0).then(|| (1.0 - self.work).max(0.0) / self.work)?;
        Duration::try_from_secs_f64(self.elapsed.as_secs_f64() * share).ok()
    }
}
