//! This module runs a plan. Cells run in parallel, and records go on disk as they come.
//!
//! Threads take cells from one queue and send records to the thread that called [`run`], which alone writes.
//! When a sweep ends early its cells are abandoned: each ends at its next question (see [`crate::limits`]),
//! and one that is deep in a matrix product is not waited for.

use crate::batch::Batch;
use crate::block::groups;
use crate::cost::wall_seconds;
use crate::execute::execute_within;
use crate::limits::{Abandonment, Limits};
use crate::memory::{self, Room};
use crate::progress::Progress;
use crate::waiting::Wait;
use base::signals::{Signal, Signals};
use faer::Par;
use messages::MessagesError;
use protocols::parallel::HUGE_UNITS;
use std::collections::BTreeSet;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};
use store::provenance::host;
use store::{PartWriter, StoreError};
use study::budget::Budget;
use study::plan::Cell;
use study::record::{CellRecords, Memory, Status};
use worker::Workers;

/// Says how often the caller is told, and a signal noticed.
const TICK: Duration = Duration::from_millis(100);
/// Says how many cells a part holds at most.
pub const FLUSH_CELLS: usize = 2000;
/// Says how long a shard's finished cells wait until they are put on disk.
pub const SHARD_WAIT: Duration = Duration::from_secs(60);
/// Says how long a program may take for a job where no budget says so.
const PATIENCE: Duration = Duration::from_secs(3600);
/// Says how long running cells get to end by themselves when a sweep ends early.
const GRACE: Duration = Duration::from_millis(500);

/// An `Options` says how a sweep is to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Cells that run at once.
    pub threads: NonZeroUsize,
    /// Which cells go first; no number depends on it.
    pub order: Order,
    /// What a cell may cost.
    pub budget: Budget,
    /// Bytes of memory that its cells may take together; `None` is no limit.
    pub memory: Option<u64>,
    /// How long records wait for the next part.
    pub wait: Wait,
    /// The sweep ends when so many cells have failed.
    pub max_failures: Option<NonZeroU32>,
    /// The sweep ends when one is noted.
    pub signals: Signals,
}

impl Options {
    /// On so many threads, to the end, without limits but the memory that is there.
    pub fn on(threads: NonZeroUsize) -> Self {
        Self {
            threads,
            order: Order::HeaviestFirst,
            budget: Budget::default(),
            memory: memory::there(),
            wait: Wait::Growing,
            max_failures: None,
            signals: Signals::default(),
        }
    }
}

/// An `Order` says which cells go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Order {
    /// By expected work, so that no long cell starts when the others are done.
    HeaviestFirst,
    /// A message set of every condition and protocol before the next set of any. However far it comes, all of them
    /// have as many sets, but for one.
    TrialByTrial,
    /// As they are given.
    #[value(skip)]
    AsGiven,
}

/// An `Event` is what the caller of a sweep hears while it runs.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// How far it is, about ten times a second, and once more at the end.
    Progress(&'a Progress),
    /// A cell failed.
    Failure(&'a Memory),
}

/// An `Ending` says how a sweep ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All its cells have ended.
    Complete,
    /// By a signal.
    Signal(Signal),
    /// By as many failures as it may have.
    Failures,
}

/// A `SweepError` says why a sweep cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The results cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The messages of a file cannot be had.
    #[error(transparent)]
    Messages(#[from] MessagesError),
    /// The threads cannot be started.
    #[error("cannot start {threads} threads; ask for fewer with --threads")]
    Threads {
        /// Threads asked for.
        threads: NonZeroUsize,
        /// Why not.
        source: rayon::ThreadPoolBuildError,
    },
    /// Threads ended before the cells did.
    #[error("{missing} cells ended without a record; this is a bug, please report it")]
    Lost {
        /// Cells without a record.
        missing: usize,
    },
}

/// Runs `cells` and writes their records to `writer` as they end. Each is expected to take its CPU seconds of
/// `costs`; `report` hears of it. When this returns every record is on disk.
///
/// # Errors
/// If threads cannot be started, a file of messages is not there or another, or records cannot be written. What was
/// written stays.
pub fn run(
    cells: &[Arc<Cell>],
    costs: &[f64],
    options: &Options,
    writer: &impl PartWriter,
    mut report: impl FnMut(Event<'_>),
) -> Result<Ending, SweepError> {
    // A shard reads what was found of its files when its plan was frozen, and not the files.
    cells.iter().map(|cell| cell.source).collect::<BTreeSet<_>>().into_iter().try_for_each(messages::need)?;
    let queue = Arc::new(Queue::of(cells, costs, options));
    let outcome = start(&queue, options.threads)
        .and_then(|receiver| Collector::new(&queue, options, writer).collect(&receiver, &queue, &mut report));
    // After an error the remaining cells have nowhere to go.
    queue.abandonment.declare();
    outcome
}

/// A `Queue` holds the cells that are still to run. All threads share it.
struct Queue {
    /// The cells with the CPU seconds that each is expected to take.
    cells: Vec<(Arc<Cell>, f64)>,
    /// Groups of cells, by their places.
    groups: Vec<Vec<usize>>,
    /// How many of them, the first, run one after another with all threads inside.
    alone: usize,
    next: AtomicUsize,
    budget: Budget,
    memory: Option<u64>,
    room: Room,
    abandonment: Abandonment,
    host: String,
    workers: Workers,
}

/// Holds the CPU seconds that a cell was expected to take, and its records.
type Done = (f64, CellRecords);

impl Queue {
    fn of(cells: &[Arc<Cell>], costs: &[f64], options: &Options) -> Self {
        let mut cells: Vec<(Arc<Cell>, f64)> = cells.iter().cloned().zip(costs.iter().copied()).collect();
        match options.order {
            Order::HeaviestFirst => cells.sort_by(|(_, a), (_, b)| b.total_cmp(a)),
            Order::TrialByTrial => {
                cells.sort_by(|(a, u), (b, v)| (a.trial.cmp(&b.trial)).then(v.total_cmp(u)))
            }
            Order::AsGiven => (),
        }
        // Huge cells fewer than threads would leave cores idle.
        let mut groups = groups(cells.iter().map(|(cell, _)| &**cell));
        let is_huge = |group: &Vec<usize>| cells[group[0]].0.n as usize >= HUGE_UNITS;
        let huge = groups.iter().filter(|group| is_huge(group)).count();
        let alone = if huge < options.threads.get() { huge } else { 0 };
        if alone > 0 {
            groups.sort_by_key(|group| !is_huge(group));
        }
        Self {
            cells,
            groups,
            alone,
            next: AtomicUsize::new(0),
            budget: options.budget,
            memory: options.memory,
            room: Room::of(options.memory),
            abandonment: Abandonment::default(),
            host: host(),
            workers: Workers::default(),
        }
    }

    /// Runs the cells that have all threads to themselves. It returns whether the sweep goes on.
    fn work_alone(&self, sender: &SyncSender<Done>, threads: NonZeroUsize) -> bool {
        faer::set_global_parallelism(Par::rayon(threads.get()));
        let goes_on = (0..self.alone).all(|_| self.work_on_next(sender));
        faer::set_global_parallelism(Par::Seq);
        goes_on
    }

    /// Runs cells until there are no more, or the sweep ends.
    fn work(&self, sender: &SyncSender<Done>) {
        while self.work_on_next(sender) {}
    }

    /// Runs the next group; false where there is none, or the sweep ends.
    fn work_on_next(&self, sender: &SyncSender<Done>) -> bool {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        let Some(group) = self.groups.get(next) else { return false };
        let group: Vec<(&Cell, f64)> =
            group.iter().map(|&place| (&*self.cells[place].0, self.cells[place].1)).collect();
        let Some(_held) = self.room.hold(group[0].0, &self.abandonment) else { return false };
        let limits = || {
            let limits = Limits::start(self.budget, self.abandonment.clone());
            limits.where_there_are(self.memory).with_patience(PATIENCE)
        };
        let cells: Vec<&Cell> = group.iter().map(|(cell, _)| *cell).collect();
        let batch = Batch::of(&cells, &self.workers, &limits);
        group.iter().all(|(cell, cost)| {
            let ready = batch.as_ref().map(|batch| batch.trial(cell));
            let limits = limits();
            if self.abandonment.is_declared() {
                return false;
            }
            let Some(records) = execute_within(cell, &self.host, &limits, ready) else { return false };
            sender.send((*cost, records)).is_ok() && !self.abandonment.is_declared()
        })
    }
}

/// Starts the threads. They are not waited for: when a sweep ends early, the process need not see a long
/// matrix product end.
fn start(queue: &Arc<Queue>, threads: NonZeroUsize) -> Result<Receiver<Done>, SweepError> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.get())
        .thread_name(|index| format!("cells {index}"))
        // A panic outside of a cell loses its thread; the collector misses the records and says so.
        .panic_handler(|_| ())
        .build()
        .map_err(|source| SweepError::Threads { threads, source })?;
    let (sender, receiver) = sync_channel(2 * FLUSH_CELLS);
    let queue = Arc::clone(queue);
    pool.spawn(move || {
        if queue.alone > 0 && !queue.work_alone(&sender, threads) {
            return;
        }
        for _ in 1..threads.get() {
            let (queue, sender) = (Arc::clone(&queue), sender.clone());
            rayon::spawn(move || queue.work(&sender));
        }
        queue.work(&sender);
    });
    Ok(receiver)
}

/// A `Collector` takes records in and puts them on disk.
struct Collector<'a, W> {
    options: &'a Options,
    writer: &'a W,
    progress: Progress,
    /// Expected work: of all cells, and of those that have ended.
    work: (f64, f64),
    waiting: Vec<CellRecords>,
    flushed: Instant,
}

impl<'a, W: PartWriter> Collector<'a, W> {
    fn new(queue: &Queue, options: &'a Options, writer: &'a W) -> Self {
        let costs: Vec<f64> = queue.groups.iter().flatten().map(|&place| queue.cells[place].1).collect();
        let total = costs.iter().sum();
        // More threads than cores share the cores.
        let cores = std::thread::available_parallelism().unwrap_or(options.threads);
        let expected = wall_seconds(&costs, options.threads.min(cores).get());
        let expected = Duration::try_from_secs_f64(expected).unwrap_or(Duration::MAX);
        Self {
            options,
            writer,
            progress: Progress::start(costs.len(), expected),
            work: (total, 0.0),
            waiting: Vec::new(),
            flushed: Instant::now(),
        }
    }

    fn collect(
        mut self,
        receiver: &Receiver<Done>,
        queue: &Queue,
        report: &mut impl FnMut(Event<'_>),
    ) -> Result<Ending, SweepError> {
        // Why the sweep ends early, and when it stops waiting for running cells.
        let mut early: Option<(Ending, Instant)> = None;
        loop {
            let received = receiver.recv_timeout(TICK);
            let closed = matches!(received, Err(RecvTimeoutError::Disconnected));
            if let Ok(done) = received {
                if done.1.memory.status != Status::Ok {
                    report(Event::Failure(&done.1.memory));
                }
                self.take(done);
            }
            if let Some(ending) = self.ends().filter(|_| early.is_none() && !closed) {
                queue.abandonment.declare();
                early = Some((ending, Instant::now() + GRACE));
            }
            let over = closed || early.is_some_and(|(_, until)| Instant::now() >= until);
            if over || self.is_due() {
                self.flush()?;
            }
            self.progress.tick();
            report(Event::Progress(&self.progress));
            if over {
                return self.ending(early.map(|(ending, _)| ending));
            }
        }
    }

    fn ending(&self, early: Option<Ending>) -> Result<Ending, SweepError> {
        match (early, self.progress.total - self.progress.ended()) {
            (Some(ending), _) => Ok(ending),
            (None, 0) => Ok(Ending::Complete),
            (None, missing) => Err(SweepError::Lost { missing }),
        }
    }

    fn take(&mut self, (work, records): Done) {
        self.work.1 += work;
        self.progress.end_cell(records.memory.status, self.work.1 / self.work.0);
        self.waiting.push(records);
    }

    /// Returns why the sweep should end now, if it should.
    fn ends(&self) -> Option<Ending> {
        let most = self.options.max_failures.map(|most| most.get() as usize);
        let failures = most.filter(|&most| self.progress.failed() >= most).map(|_| Ending::Failures);
        self.options.signals.caught().map(Ending::Signal).or(failures)
    }

    fn is_due(&self) -> bool {
        self.flushed.elapsed() >= self.options.wait.after(self.progress.elapsed())
            || self.waiting.len() >= FLUSH_CELLS
            || self.options.signals.asked_to_flush()
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        if !self.waiting.is_empty() {
            self.writer.write_part(&self.waiting)?;
            self.waiting.clear();
        }
        self.flushed = Instant::now();
        Ok(())
    }
}
