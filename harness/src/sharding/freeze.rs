//! This module freezes a plan, for `plan --shards` and `submit`.

use crate::amounts::duration;
use anyhow::{Context, Result};
use run::cost::{CellCost, Model};
use run::shards::{Frozen, program};
use std::collections::HashMap;
use store::provenance::Provenance;
use study::definition::Definition;
use study::plan::Cell;
use study::record::Status;

/// A `Division` says how a plan is divided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Division {
    /// Message sets in place of the definition's.
    pub(crate) trials: Option<u32>,
    /// Threads of a shard.
    pub(crate) threads: usize,
    /// How many shards.
    pub(crate) shards: Shards,
}

/// A `Shards` says how many shards there are to be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shards {
    /// So many.
    Exactly(usize),
    /// As keep so many processes busy to the end.
    ForWorkers(usize),
}

impl Shards {
    /// Returns the number of shards, for pending cells of these costs.
    fn count(self, pending: &[f64], threads: usize) -> usize {
        /// Shards for every process: enough that the last ones, which are the shortest, end at nearly the same time.
        const EACH: usize = 16;
        /// Seconds that a shard should take at least, so that its start does not count.
        const SHORTEST: f64 = 20.0;
        match self {
            Self::Exactly(count) => count,
            Self::ForWorkers(workers) => {
                let worth = (pending.iter().sum::<f64>() / threads as f64 / SHORTEST).ceil() as usize;
                (EACH * workers).min(worth.max(workers)).min(pending.len()).max(1)
            }
        }
    }
}

/// Returns what a frozen plan asks for, in a line.
pub(crate) fn summary(frozen: &Frozen) -> String {
    let cells: usize = frozen.shards.iter().map(|shard| shard.cells).sum();
    let cpu: f64 = frozen.shards.iter().map(|shard| shard.cpu_seconds).sum();
    let longest = frozen.shards.iter().map(|shard| shard.wall_seconds).fold(0.0, f64::max);
    let memory = frozen.shards.iter().map(|shard| shard.memory_mib).max().unwrap_or(0);
    let (count, threads) = (frozen.shards.len(), frozen.threads);
    format!(
        "{cells} cells to compute, {} of CPU time, in {count} shards of {threads} threads: the longest takes {} \
         by this \
         machine, the hungriest {memory} MiB",
        duration(cpu),
        duration(longest)
    )
}

/// Freezes the plan `cells` of `definition`, without those that are `finished`.
pub(crate) fn freeze(
    definition: &Definition,
    cells: &[Cell],
    model: &Model,
    finished: &HashMap<String, Status>,
    division: Division,
) -> Result<Frozen> {
    let Division { trials, threads, shards } = division;
    let costs: Vec<f64> = model.costs(cells).into_iter().map(CellCost::total).collect();
    let is_finished = |cell: &str| finished.contains_key(cell);
    let pending: Vec<f64> =
        cells.iter().zip(&costs).filter(|(cell, _)| !is_finished(&cell.id)).map(|(_, cost)| *cost).collect();
    let run = Provenance::of(definition);
    let code = program().context("cannot read the file of this program")?;
    let size = (shards.count(&pending, threads), threads);
    Ok(Frozen::new(definition, (run, code), trials, (cells, &costs), is_finished, size)?)
}
