//! Cells that a program writes or recalls are prepared in batches before each is measured by itself.
//!
//! What a sweep takes up at once is a group, the cells of one block that are due: see [`crate::block`]. First the
//! memories are written, by the program or by a rule of the catalogue, then programs recall from them. A batch that
//! fails is a record for each of its cells, with the same words.

use crate::block::{at, block, readers};
use crate::limits::{Cut, Limits};
use crate::needs::affordable;
use crate::written::{Fault, messages, write};
use base::panics::caught;
use protocols::protocol::Written;
use protocols::reading::Reader;
use protocols::{Patterns, Queries};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Instant;
use study::plan::Cell;
use study::record::Status;
use worker::{
    BatchJob, External, ExternalReader, JobTerms, ProgramTimes, RecallAnswer, RecallJob, WorkerFailure,
    Workers,
};

/// A status with words that say why.
type Failed = (Status, String);

/// A `Batch` is what was prepared of the trials of a group.
pub(crate) struct Batch {
    memories: BTreeMap<u32, Memory>,
    /// By trial and reader.
    recalled: BTreeMap<(u32, Reader), Recalled>,
}

/// What was written of a trial.
struct Memory {
    written: Result<Written, Failed>,
    seconds: f64,
    times: Option<ProgramTimes>,
}

/// What a program recalled from a trial's memory: the states of all its queries, one corruption after another.
struct Recalled {
    states: Result<Vec<i8>, Failed>,
    seconds: f64,
}

/// A `Trial` is what was prepared of a trial.
#[derive(Clone, Copy)]
pub(crate) struct Trial<'a> {
    batch: &'a Batch,
    memory: &'a Memory,
    trial: u32,
}

impl<'a> Trial<'a> {
    /// Returns its memory, or why there is none.
    pub(crate) fn written(&self) -> Result<&'a Written, Fault> {
        self.memory.written.as_ref().map_err(fault)
    }

    /// Returns the seconds that its write took.
    pub(crate) fn write_seconds(&self) -> f64 {
        self.memory.seconds
    }

    /// Returns the times of the program that wrote it, if one did.
    pub(crate) fn times(&self) -> Option<ProgramTimes> {
        self.memory.times
    }

    /// Returns the seconds that programs took to recall from it.
    pub(crate) fn read_seconds(&self) -> f64 {
        let of_trial = self.batch.recalled.range((self.trial, Reader::Sync)..);
        of_trial
            .take_while(|((trial, _), _)| *trial == self.trial)
            .map(|(_, recalled)| recalled.seconds)
            .sum()
    }

    /// Returns the states that a program recalled from all queries, one corruption after another.
    pub(crate) fn states(&self, reader: Reader) -> Result<&'a [i8], Fault> {
        let recalled = self.batch.recalled.get(&(self.trial, reader));
        match recalled.map(|recalled| &recalled.states) {
            Some(Ok(states)) => Ok(states),
            Some(Err(failed)) => Err(fault(failed)),
            None => Err(Fault::Failed(Status::Invalid, format!("{reader}: nobody knows its program"))),
        }
    }
}

fn fault((status, message): &Failed) -> Fault {
    Fault::Failed(*status, message.clone())
}

impl Batch {
    /// Prepares a group of cells, each within limits that `limits` starts. `None` where no program has to do with it.
    /// A sweep that ends meanwhile is noticed by the cells.
    pub(crate) fn of(group: &[&Cell], workers: &Workers, limits: &dyn Fn() -> Limits) -> Option<Self> {
        block(group[0])?;
        let preparation = Preparation { cell: group[0], workers, limits };
        let due: BTreeSet<u32> = group.iter().map(|cell| cell.trial).collect();
        let readers = readers(group[0]);
        let needed = readers.iter().flat_map(|reader| batches(reader.program(), &due)).flatten();
        let memories = preparation.memories(&needed.chain(due.iter().copied()).collect());
        let mut recalled = BTreeMap::new();
        for reader in readers {
            for trials in batches(reader.program(), &due) {
                let answers = preparation.recall(reader, trials.clone(), &memories);
                recalled.extend(trials.map(|trial| (trial, reader.reader())).zip(answers));
            }
        }
        Some(Self { memories, recalled })
    }

    /// Returns what was prepared of the trial of a cell of the group.
    pub(crate) fn trial(&self, cell: &Cell) -> Trial<'_> {
        let memory = self.memories.get(&cell.trial).expect("all trials of the group were prepared");
        Trial { batch: self, memory, trial: cell.trial }
    }
}

/// Returns the batches of a program that hold these trials.
fn batches(program: &External, trials: &BTreeSet<u32>) -> Vec<Range<u32>> {
    let firsts: BTreeSet<u32> = trials.iter().map(|&trial| program.first(trial)).collect();
    firsts.into_iter().map(|first| first..first.saturating_add(program.batch.get())).collect()
}

/// What a group is prepared with.
struct Preparation<'a> {
    /// A cell of it.
    cell: &'a Cell,
    workers: &'a Workers,
    limits: &'a dyn Fn() -> Limits,
}

impl Preparation<'_> {
    /// Writes these trials.
    fn memories(&self, trials: &BTreeSet<u32>) -> BTreeMap<u32, Memory> {
        match self.cell.spec.downcast_ref::<External>() {
            Some(external) => {
                let batches = batches(external, trials).into_iter();
                batches.flat_map(|trials| trials.clone().zip(self.written(external, trials))).collect()
            }
            None => trials.iter().map(|&trial| (trial, self.computed(trial))).collect(),
        }
    }

    /// Has a program write a batch.
    fn written(&self, external: &External, trials: Range<u32>) -> Vec<Memory> {
        let (size, start) = (trials.len(), Instant::now());
        let written = attempt(|| {
            let limits = self.affordable()?;
            let (cells, messages) = self.messages(trials.clone())?;
            let seeds = cells.iter().map(|cell| cell.training_stream().word()).collect();
            let job = BatchJob { terms: self.terms(&limits, trials.start, "", seeds), messages };
            let goes_on = || limits.check() != Err(Cut::Abandoned);
            self.workers.write(external, &job, &goes_on).map_err(told)
        });
        match written {
            Ok(answer) => {
                let memory = |(written, times): (_, ProgramTimes)| Memory {
                    written: Ok(written),
                    seconds: times.seconds(),
                    times: Some(times),
                };
                answer.written.into_iter().zip(answer.times).map(memory).collect()
            }
            Err(failed) => {
                let seconds = start.elapsed().as_secs_f64() / size as f64;
                let memory = || Memory { written: Err(failed.clone()), seconds, times: None };
                (0..size).map(|_| memory()).collect()
            }
        }
    }

    /// Writes a trial by a rule of the catalogue.
    fn computed(&self, trial: u32) -> Memory {
        let (cell, start, mut seconds) = (at(self.cell, trial), Instant::now(), None);
        let written = attempt(|| {
            let limits = self.affordable()?;
            let written = messages(&cell).and_then(|messages| write(&cell, &messages, &limits, &mut seconds));
            written.map_err(recorded)
        });
        Memory { written, seconds: seconds.unwrap_or(start.elapsed().as_secs_f64()), times: None }
    }

    /// Has a program recall a batch.
    fn recall(
        &self,
        reader: &ExternalReader,
        trials: Range<u32>,
        memories: &BTreeMap<u32, Memory>,
    ) -> Vec<Recalled> {
        let (size, start) = (trials.len(), Instant::now());
        let answer = attempt(|| self.recalled(reader, trials, memories));
        match answer {
            Ok(RecallAnswer { states, times }) => {
                let recalled = |(states, times): (_, ProgramTimes)| Recalled {
                    states: Ok(states),
                    seconds: times.seconds(),
                };
                states.into_iter().zip(times).map(recalled).collect()
            }
            Err((status, message)) => {
                let failed = (status, format!("{}: {message}", reader.reader()));
                let seconds = start.elapsed().as_secs_f64() / size as f64;
                (0..size).map(|_| Recalled { states: Err(failed.clone()), seconds }).collect()
            }
        }
    }

    fn recalled(
        &self,
        reader: &ExternalReader,
        trials: Range<u32>,
        memories: &BTreeMap<u32, Memory>,
    ) -> Result<RecallAnswer, Failed> {
        let limits = self.affordable()?;
        let weights = trials.clone().map(|trial| match &memories[&trial].written {
            Ok(written) => Ok(&written.weights),
            Err((status, message)) => {
                Err((*status, format!("trial {trial} of its batch has no memory: {message}")))
            }
        });
        let weights = weights.collect::<Result<_, _>>()?;
        let (cells, messages) = self.messages(trials.clone())?;
        let queries = cells.iter().zip(&messages).map(|(cell, messages)| queries(cell, messages)).collect();
        let seeds = cells.iter().map(|cell| cell.reader_stream().word()).collect();
        let of_reader = format!("-{}", reader.name());
        let terms = self.terms(&limits, trials.start, &of_reader, seeds);
        let job = RecallJob { terms, messages, weights, queries };
        let goes_on = || limits.check() != Err(Cut::Abandoned);
        self.workers.recall(reader.program(), &job, &goes_on).map_err(told)
    }

    /// Starts limits, unless the cells are sure to exceed them.
    fn affordable(&self) -> Result<Limits, Failed> {
        let limits = (self.limits)();
        affordable(self.cell, &limits).map_err(|message| (Status::Memory, message))?;
        Ok(limits)
    }

    /// Draws the messages of a batch.
    fn messages(&self, trials: Range<u32>) -> Result<(Vec<Cell>, Vec<Patterns>), Failed> {
        let cells: Vec<Cell> = trials.map(|trial| at(self.cell, trial)).collect();
        let messages = cells.iter().map(messages).collect::<Result<_, _>>().map_err(recorded)?;
        Ok((cells, messages))
    }

    fn terms(&self, limits: &Limits, first: u32, what: &str, seeds: Vec<u64>) -> JobTerms {
        let limit = limits.of_job(seeds.len() as u32);
        let name = format!("{}{what}", at(self.cell, first).identity());
        JobTerms { name, limit, memory: limits.of_program(), seeds }
    }
}

/// Does something that may fail, or panic.
fn attempt<T>(work: impl FnOnce() -> Result<T, Failed>) -> Result<T, Failed> {
    caught(work).unwrap_or_else(|panic| Err((Status::Panic, panic)))
}

/// Returns the record of a fault; that of a sweep that ended is looked at by nobody.
fn recorded(fault: Fault) -> Failed {
    fault.recorded().unwrap_or((Status::Invalid, WorkerFailure::Abandoned.to_string()))
}

fn told(failure: WorkerFailure) -> Failed {
    let status = match failure.plain() {
        WorkerFailure::Timeout(_) | WorkerFailure::Unsaid(_) => Status::Timeout,
        WorkerFailure::Memory { .. } => Status::Memory,
        _ => Status::Invalid,
    };
    (status, failure.to_string())
}

/// Returns the queries of a cell, one corruption after another: signs, and 0 where a unit is unknown. All trials of a
/// batch have as many: where there are fewer of a file, the last is repeated, and its further states are looked at by
/// nobody.
fn queries(cell: &Cell, messages: &Patterns) -> Vec<i8> {
    let mut all = Vec::new();
    for &flips in &cell.task.flips {
        let Queries { states, unknown, .. } = cell.queries(messages, flips, cell.task.queries);
        let start = all.len();
        all.extend_from_slice(states.signs());
        for (sign, _) in
            all[start..].iter_mut().zip(unknown.iter().flatten()).filter(|(_, unknown)| **unknown)
        {
            *sign = 0;
        }
        let last = all[all.len() - messages.n()..].to_vec();
        (states.count()..cell.task.queries as usize).for_each(|_| all.extend_from_slice(&last));
    }
    all
}
