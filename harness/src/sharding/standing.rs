//! This module says how a sweep in shards stands, by the files that its shards have left.

use anyhow::Result;
use run::shards::Frozen;
use run::slurm::Queue;
use std::path::Path;
use std::time::Duration;
use store::{AttemptState, RunFolder, attempts};
use study::record::Status;

/// Says after how long without a sign an attempt is taken for dead. By then three signs would have come.
const SILENCE: Duration = Duration::from_secs(180);
/// A `State` says how a shard stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    Complete,
    Running,
    /// It was begun, and nobody goes on.
    Stopped,
    /// Nobody has begun it.
    Waiting,
}

impl State {
    pub(crate) const ALL: [Self; 4] = [Self::Complete, Self::Running, Self::Stopped, Self::Waiting];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Waiting => "not begun",
        }
    }
}

/// A `ShardStanding` tells of a shard of the frozen plan.
pub(crate) struct ShardStanding {
    pub(crate) number: u32,
    pub(crate) cells: usize,
    pub(crate) done: usize,
    pub(crate) attempts: Vec<AttemptState>,
    /// Whether one of them goes on.
    pub(crate) is_alive: bool,
}

/// Returns whether an attempt goes on. If so, it gave a sign lately, and the scheduler, where it answers, has
/// not seen the end of it.
fn is_alive(attempt: &AttemptState, queue: Option<&Queue>) -> bool {
    let known = queue.zip(attempt.place.as_ref()).map(|(queue, place)| queue.is_under_way(&place.job));
    attempt.ending.is_none() && attempt.age() < SILENCE && known != Some(false)
}

impl ShardStanding {
    pub(crate) fn state(&self) -> State {
        match self {
            _ if self.done == self.cells => State::Complete,
            _ if self.is_alive => State::Running,
            _ if self.attempts.is_empty() => State::Waiting,
            _ => State::Stopped,
        }
    }
}

/// A `Standing` says how a run stands.
pub(crate) struct Standing {
    pub(crate) shards: Vec<ShardStanding>,
    /// Cells of the plan, how many of them are finished, and how many of these failed.
    pub(crate) cells: (usize, usize, usize),
    pub(crate) damaged: Vec<String>,
}

impl Standing {
    /// Finds how a run stands by its files in the folder `root`. It also hears what the scheduler says, where
    /// it was asked and answered.
    pub(crate) fn of(root: &Path, frozen: &Frozen, queue: Option<&Queue>) -> Result<Self> {
        let finished = RunFolder::new(root).finished()?;
        let mut shards: Vec<ShardStanding> = (1..)
            .zip(&frozen.shards)
            .map(|(number, _)| ShardStanding {
                number,
                cells: 0,
                done: 0,
                attempts: Vec::new(),
                is_alive: false,
            })
            .collect();
        let mut cells = (0, 0, 0);
        for (cell, shard) in frozen.cells() {
            let status = finished.cells.get(cell);
            cells.0 += 1;
            cells.1 += usize::from(status.is_some());
            cells.2 += usize::from(status.is_some_and(|status| *status != Status::Ok));
            if let Some(shard) = (shard as usize).checked_sub(1).and_then(|shard| shards.get_mut(shard)) {
                shard.cells += 1;
                shard.done += usize::from(status.is_some());
            }
        }
        for attempt in attempts(root)? {
            if let Some(shard) = (attempt.shard as usize).checked_sub(1).and_then(|i| shards.get_mut(i)) {
                shard.is_alive |= is_alive(&attempt, queue);
                shard.attempts.push(attempt);
            }
        }
        let damaged = finished.damaged.iter().map(ToString::to_string).collect();
        Ok(Self { shards, cells, damaged })
    }

    /// Returns the shards that lack cells.
    pub(crate) fn incomplete(&self) -> Vec<u32> {
        let shards = self.shards.iter().filter(|shard| shard.state() != State::Complete);
        shards.map(|shard| shard.number).collect()
    }
}
