//! A limit ends a cell before it is done. It is the cell's budget, or the end of the sweep.
//!
//! A computation asks between its parts, and a training loop once an iteration. A cell that passes its budget
//! between two questions is found out at the next; one that ends before a question is asked is found out at
//! its end, so that a status does not hang on where the questions stand.

use base::allocation::Meter;
use faer::linalg::matmul::matmul;
use faer::traits::ComplexField;
use faer::{Accum, Mat, Par};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use study::budget::{Budget, Mebibytes, Seconds};

/// An `Abandonment` tells all cells of a sweep to end. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Abandonment(Arc<AtomicBool>);

impl Abandonment {
    /// Ends every cell at its next question.
    pub(crate) fn declare(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Returns whether the end was declared.
    pub(crate) fn is_declared(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A `Cut` says why a cell ends early.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cut {
    /// The sweep ends: the cell leaves no record.
    Abandoned,
    /// The time budget is used up.
    Time(Seconds),
    /// The memory budget is exceeded.
    Memory(Mebibytes),
}

/// Holds the limits of one cell, from its start on. They measure the thread that made them.
#[derive(Debug)]
pub(crate) struct Limits {
    budget: Budget,
    abandonment: Abandonment,
    there: Option<u64>,
    patience: Option<Duration>,
    start: Instant,
    meter: Meter,
}

impl Limits {
    /// Starts the clock and the meter.
    pub(crate) fn start(budget: Budget, abandonment: Abandonment) -> Self {
        settle();
        Self {
            budget,
            abandonment,
            there: None,
            patience: None,
            start: Instant::now(),
            meter: Meter::start(),
        }
    }

    /// These limits where so many bytes of memory are there; `None` has no bound.
    #[must_use]
    pub(crate) fn where_there_are(self, there: Option<u64>) -> Self {
        Self { there, ..self }
    }

    /// These limits where a program without a time budget is waited for so long.
    #[must_use]
    pub(crate) fn with_patience(self, patience: Duration) -> Self {
        Self { patience: Some(patience), ..self }
    }

    /// Returns the wall time that a program may take for a job of so many trials.
    pub(crate) fn of_job(&self, trials: u32) -> Option<Duration> {
        /// Longer than any sweep, and short enough to be added to a clock.
        const MOST: Duration = Duration::from_secs(1 << 30);
        let of_cell = self.budget.seconds_per_cell;
        of_cell.map(|most| most.duration().saturating_mul(trials).min(MOST)).or(self.patience)
    }

    /// Returns the bytes of memory that a program may hold.
    pub(crate) fn of_program(&self) -> Option<u64> {
        self.budget.memory_mib.map(Mebibytes::bytes).or(self.there)
    }

    /// Bytes of memory that are there.
    pub(crate) fn there(&self) -> Option<u64> {
        self.there
    }

    /// Returns the budget of the cell.
    pub(crate) fn budget(&self) -> Budget {
        self.budget
    }

    /// Asks whether to go on.
    ///
    /// # Errors
    /// The reason to end. Abandonment goes first, then memory, which a rerun meets again, then time.
    pub(crate) fn check(&self) -> Result<(), Cut> {
        if self.abandonment.is_declared() {
            return Err(Cut::Abandoned);
        }
        if let Some(most) = self.budget.memory_mib.filter(|most| self.meter.peak() > most.bytes()) {
            return Err(Cut::Memory(most));
        }
        match self.budget.seconds_per_cell {
            Some(most) if self.start.elapsed() > most.duration() => Err(Cut::Time(most)),
            _ => Ok(()),
        }
    }
}

/// Makes this thread's workspace of matrix products. It is twice the third-level cache, allocated at its
/// first product and kept. It belongs to the thread, and must not count for whichever cell comes first.
fn settle() {
    thread_local! {
        static SETTLED: () = {
            product::<f32>();
            product::<f64>();
        };
    }
    SETTLED.with(|()| ());
}

fn product<R: ComplexField>() {
    // Large enough not to be done without a workspace.
    let ones = Mat::<R>::from_fn(128, 128, |_, _| R::one_impl());
    let mut product = Mat::<R>::zeros(128, 128);
    matmul(product.as_mut(), Accum::Replace, ones.as_ref(), ones.as_ref(), R::one_impl(), Par::Seq);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hint::black_box;
    use std::time::Duration;

    fn budget(seconds: Option<f64>, mib: Option<u64>) -> Budget {
        Budget {
            seconds_per_cell: seconds.map(|s| s.try_into().unwrap()),
            memory_mib: mib.map(|m| m.try_into().unwrap()),
        }
    }

    #[test]
    fn each_limit_ends_a_cell_by_its_name() {
        let free = Abandonment::default();
        assert_eq!(Limits::start(Budget::default(), free.clone()).check(), Ok(()));
        let both = budget(Some(1e-6), Some(1));
        let limits = Limits::start(both, free.clone());
        std::thread::sleep(Duration::from_millis(1));
        assert_eq!(limits.check(), Err(Cut::Time(1e-6.try_into().unwrap())));
        drop(black_box(vec![1_u8; 2 << 20]));
        assert_eq!(limits.check(), Err(Cut::Memory(1.try_into().unwrap())), "also after it is freed");
        free.declare();
        assert_eq!(limits.check(), Err(Cut::Abandoned));
    }
}
