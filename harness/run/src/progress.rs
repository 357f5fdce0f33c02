//! This module says how far a sweep is, how fast, and how long it will take.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use study::record::Status;

/// A `Progress` says how far a sweep is.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Cells to run.
    pub total: usize,
    /// Cells that have ended, by status.
    pub cells: BTreeMap<Status, usize>,
    /// Their share of the expected work, 0 to 1.
    pub work: f64,
    /// Wall time that the cost model expects of all cells.
    expected: Duration,
    start: Instant,
    elapsed: Duration,
}

impl Progress {
    /// Begins to count before the first of `total` cells. The cost model expects them to take so long
    /// together.
    pub fn start(total: usize, expected: Duration) -> Self {
        let (cells, start) = (BTreeMap::new(), Instant::now());
        Self { total, cells, work: 0.0, expected, start, elapsed: Duration::ZERO }
    }

    /// Counts a cell. Its `work` is the share of the expected work that is done with it.
    pub fn end_cell(&mut self, status: Status, work: f64) {
        *self.cells.entry(status).or_default() += 1;
        self.work = work;
    }

    /// Looks at the clock.
    pub fn tick(&mut self) {
        self.elapsed = self.start.elapsed();
    }

    /// Says that so much time has passed since the start.
    pub fn set_elapsed(&mut self, elapsed: Duration) {
        self.elapsed = elapsed;
    }

    /// Returns the number of cells that have ended.
    pub fn ended(&self) -> usize {
        self.cells.values().sum()
    }

    /// Counts, of those that have ended, the ones that failed, by status.
    pub fn failures(&self) -> BTreeMap<Status, usize> {
        self.cells.iter().filter(|(status, _)| **status != Status::Ok).map(|(s, n)| (*s, *n)).collect()
    }

    /// Returns the number that failed, of those that have ended.
    pub fn failed(&self) -> usize {
        self.failures().values().sum()
    }

    /// Returns the time since the start.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Returns the cells a second, so far.
    pub fn rate(&self) -> f64 {
        self.ended() as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// Estimates the time to go. It goes by the cost model at first, and by the pace so far once a tenth of
    /// the expected work is done. Unknown where it takes longer than the model expects and too little is done
    /// to tell.
    pub fn remaining(&self) -> Option<Duration> {
        /// The heaviest cells go first, and those under way count for nothing yet.
        const TELLING: f64 = 0.1;
        if self.work < TELLING {
            return self.expected.checked_sub(self.elapsed).filter(|time| !time.is_zero());
        }
        let share = (1.0 - self.work).max(0.0) / self.work;
        Duration::try_from_secs_f64(self.elapsed.as_secs_f64() * share).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_to_go_is_the_models_at_first_and_then_that_of_the_pace() {
        let seconds = |progress: &Progress| progress.remaining().map(|time| time.as_secs());
        let mut progress = Progress::start(10, Duration::from_secs(60));
        assert_eq!(seconds(&progress), Some(60));
        progress.set_elapsed(Duration::from_secs(20));
        assert_eq!(seconds(&progress), Some(40));
        progress.set_elapsed(Duration::from_secs(70));
        assert_eq!(seconds(&progress), None);
        progress.end_cell(Status::Ok, 0.25);
        assert_eq!(seconds(&progress), Some(210));
        progress.end_cell(Status::Panic, 1.0);
        assert_eq!(seconds(&progress), Some(0));
        assert_eq!((progress.ended(), progress.failed()), (2, 1));
    }
}
