//! Times of a program are told apart: what it reports, what passes on the wall, what processors work, and how long it
//! takes to start.

use crate::job::Spent;

/// `ProgramTimes` are what a program took for a trial, in seconds. A batch's times are shared among its trials.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProgramTimes {
    /// As the program reports, if it does.
    pub reported: Option<f64>,
    /// Wall time from the order to the answer, the transfer of both included.
    pub wall: f64,
    /// Processor time of the program and of all that it started, in steps of 10 ms a batch; absent where the system
    /// does not tell.
    pub processor: Option<f64>,
    /// Wall time from the start of the program to its first answer, of a warm-up that is discarded. It is that of the
    /// program, the same for all that it writes.
    pub startup: f64,
}

impl ProgramTimes {
    /// Returns the seconds that count: as reported, or else of the wall.
    pub fn seconds(&self) -> f64 {
        self.reported.unwrap_or(self.wall)
    }

    /// Shares what a job took among its trials.
    pub(crate) fn shared(spent: Spent, reported: Option<&[f64]>, trials: usize) -> Vec<Self> {
        let share = |whole: std::time::Duration| whole.as_secs_f64() / trials as f64;
        let of_trial = |trial: usize| Self {
            reported: reported.map(|seconds| seconds[trial]),
            wall: share(spent.wall),
            processor: spent.processor.map(share),
            startup: spent.startup.as_secs_f64(),
        };
        (0..trials).map(of_trial).collect()
    }
}
