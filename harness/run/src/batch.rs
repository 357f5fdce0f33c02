//! Cells that a program of its own writes run in batches: it writes the trials of a condition together.
//!
//! A batch is that of the rule, whichever of its cells are due: see [`worker::External`]. What a sweep takes up at once
//! is a group, the cells of one batch that are due, or one cell of any other rule. A batch that fails is a record for
//! each of its cells, with the same words.

use crate::limits::{Cut, Limits};
use crate::needs::affordable;
use base::panics::caught;
use protocols::protocol::Written;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use study::plan::Cell;
use study::record::Status;
use worker::{BatchAnswer, BatchJob, External, WorkerFailure, Workers};

/// Returns the groups of cells, each by the places of its cells, in the order of their first cells.
pub fn groups<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut batches: HashMap<String, usize> = HashMap::new();
    for (place, cell) in cells.into_iter().enumerate() {
        let Some(external) = cell.spec.downcast_ref::<External>() else {
            groups.push(vec![place]);
            continue;
        };
        let group = *batches.entry(at(cell, external.first(cell.trial)).identity()).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(group) => group.push(place),
            None => groups.push(vec![place]),
        }
    }
    groups
}

/// Returns the cell of another trial of the same condition.
fn at(cell: &Cell, trial: u32) -> Cell {
    Cell { trial, ..cell.clone() }
}

/// A `Batch` is what a program wrote of the trials of a condition, or why it wrote nothing.
pub(crate) struct Batch {
    /// The first trial.
    first: u32,
    answer: Result<BatchAnswer, (Status, String)>,
    /// Seconds of each trial, where there is no answer.
    seconds: f64,
}

/// A `Trial` is what a program wrote of a trial.
pub(crate) struct Trial<'a> {
    pub(crate) written: Result<&'a Written, &'a (Status, String)>,
    /// Seconds that it took.
    pub(crate) seconds: f64,
}

impl Batch {
    /// Has the batch of a cell written, within the limits of as many cells. `None` where no program writes the cell.
    /// A sweep that ends meanwhile is noticed by the cells.
    pub(crate) fn of(cell: &Cell, workers: &Workers, limits: &Limits) -> Option<Self> {
        let external = cell.spec.downcast_ref::<External>()?;
        let (first, size) = (external.first(cell.trial), external.batch.get());
        let start = Instant::now();
        let written = caught(|| {
            affordable(cell, limits).map_err(|message| (Status::Memory, message))?;
            let job = job(cell, first, size, limits)?;
            let goes_on = || limits.check() != Err(Cut::Abandoned);
            workers.write(external, &job, &goes_on).map_err(|failure| (status(&failure), failure.to_string()))
        });
        let answer = written.unwrap_or_else(|panic| Err((Status::Panic, panic)));
        Some(Self { first, answer, seconds: start.elapsed().as_secs_f64() / f64::from(size) })
    }

    /// Returns what was written of the trial of a cell of the batch.
    pub(crate) fn trial(&self, cell: &Cell) -> Trial<'_> {
        let place = (cell.trial - self.first) as usize;
        match &self.answer {
            Ok(answer) => Trial { written: Ok(&answer.written[place]), seconds: answer.seconds[place] },
            Err(failed) => Trial { written: Err(failed), seconds: self.seconds },
        }
    }
}

/// Makes the job of the trials of a cell's condition from `first` on.
fn job(cell: &Cell, first: u32, size: u32, limits: &Limits) -> Result<BatchJob, (Status, String)> {
    let cells = (first..first.saturating_add(size)).map(|trial| at(cell, trial));
    let (mut messages, mut seeds) = (Vec::new(), Vec::new());
    for cell in cells {
        let drawn = cell.source.draw(cell.n as usize, cell.m as usize, &mut cell.messages_stream());
        messages.push(drawn.map_err(|error| (Status::Invalid, error.to_string()))?);
        seeds.push(cell.training_stream().word());
    }
    let of_cell = limits.budget().seconds_per_cell;
    let limit = of_cell.map(|most| most.duration().saturating_mul(size).min(Duration::from_secs(1 << 30)));
    Ok(BatchJob { name: at(cell, first).identity(), messages, seeds, limit })
}

fn status(failure: &WorkerFailure) -> Status {
    match failure.plain() {
        WorkerFailure::Timeout(_) => Status::Timeout,
        _ => Status::Invalid,
    }
}
