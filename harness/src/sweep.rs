//! Running a plan: cells in parallel, heaviest first, records on disk as they come.

use crate::execute::execute;
use crate::plan::Cell;
use crate::provenance::host;
use crate::record::{CellRecords, Status};
use crate::store::{RunWriter, StoreError};
use rayon::iter::{ParallelBridge, ParallelIterator};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Records wait at most so long for the next part.
const FLUSH_EVERY: Duration = Duration::from_secs(10);
/// And no part holds more cells than this.
const FLUSH_CELLS: usize = 2000;

/// What the caller is told while a sweep runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// Cells that have ended.
    pub cells: usize,
    /// Of those, the ones that failed.
    pub failed: usize,
    /// Their share of the expected work, 0 to 1.
    pub work: f64,
}

/// Why a sweep ends before its cells are done.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The results cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The threads cannot be started.
    #[error("cannot start {threads} threads")]
    Threads {
        /// Threads asked for.
        threads: usize,
        /// Why not.
        source: rayon::ThreadPoolBuildError,
    },
}

/// Runs `cells` on `threads` threads and writes their records to `writer`; `report` hears of it about ten times a second.
///
/// # Errors
/// If threads cannot be started or records cannot be written. What was written stays.
pub fn run(
    cells: &[Cell],
    threads: usize,
    writer: &RunWriter,
    mut report: impl FnMut(Progress),
) -> Result<Progress, SweepError> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|source| SweepError::Threads { threads, source })?;
    let mut order: Vec<&Cell> = cells.iter().collect();
    // Heaviest first, so that no long cell starts when the others are done.
    order.sort_by(|a, b| b.work().total_cmp(&a.work()));
    let total: f64 = order.iter().map(|cell| cell.work()).sum();
    let host = host();
    let (sender, receiver) = channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let sender = sender;
            pool.install(|| {
                order.into_iter().par_bridge().for_each_with(sender, |sender, cell| {
                    // A closed channel means that writing failed: the remaining cells have nowhere to go.
                    let _ = sender.send((cell.work(), execute(cell, &host)));
                });
            });
        });
        collect(&receiver, total, writer, &mut report)
    })
}

fn collect(
    receiver: &Receiver<(f64, CellRecords)>,
    total: f64,
    writer: &RunWriter,
    report: &mut impl FnMut(Progress),
) -> Result<Progress, SweepError> {
    let mut progress = Progress::default();
    let mut done = 0.0;
    let mut waiting = Vec::new();
    let mut flushed = Instant::now();
    loop {
        let received = receiver.recv_timeout(Duration::from_millis(100));
        let closed = matches!(received, Err(RecvTimeoutError::Disconnected));
        if let Ok((work, records)) = received {
            done += work;
            progress.cells += 1;
            progress.failed += usize::from(records.memory.status != Status::Ok);
            progress.work = done / total;
            waiting.push(records);
        }
        let due = flushed.elapsed() >= FLUSH_EVERY || waiting.len() >= FLUSH_CELLS;
        if !waiting.is_empty() && (closed || due) {
            writer.write_part(&waiting)?;
            waiting.clear();
            flushed = Instant::now();
        }
        report(progress);
        if closed {
            return Ok(progress);
        }
    }
}
