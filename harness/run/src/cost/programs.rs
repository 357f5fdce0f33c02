//! What a rule costs that is a program, only the program can tell: it is tried, where somebody asks for it.
//!
//! A trial run writes the first batch of a size, the least size first, until a budget of time is used up. Sizes that
//! were not tried are taken for N^2 M times what the largest tried one takes. Nothing is kept: a program may change.

use crate::block::at;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use study::canonical::canonical;
use study::plan::Cell;
use worker::{BatchJob, External, JobTerms, Workers};

/// A `ProgramCost` says what trial runs of programs took.
#[derive(Clone, Debug, Default)]
pub(super) struct ProgramCost {
    /// Seconds of a message set, by rule, N and M.
    seconds: HashMap<(String, u32, u32), f64>,
}

impl ProgramCost {
    /// Tries the programs of `cells` for about so long. It returns how many sizes were tried, or why a program failed.
    pub(super) fn measure(&mut self, cells: &[Cell], budget: Duration) -> Result<usize, String> {
        let mut sizes: Vec<&Cell> = cells.iter().filter(|cell| external(cell).is_some()).collect();
        sizes.sort_by_key(|cell| (&cell.label, work(cell) as u64, cell.n));
        sizes.dedup_by_key(|cell| (&cell.label, cell.n, cell.m));
        let (workers, start) = (Workers::default(), Instant::now());
        // Of each rule the least size, whatever it takes; then larger ones, while there is time.
        let mut tried: HashMap<&str, usize> = HashMap::new();
        for cell in sizes {
            let of_rule = tried.entry(&cell.label).or_default();
            if *of_rule == 0 || start.elapsed() < budget {
                let seconds = trial_run(cell, &workers).map_err(|why| format!("{}: {why}", cell.label))?;
                self.seconds.insert(key(cell), seconds);
                *of_rule += 1;
            }
        }
        Ok(tried.values().sum())
    }

    /// Returns the seconds that a cell's program is expected to take; `None` where none was tried.
    pub(super) fn seconds(&self, cell: &Cell) -> Option<f64> {
        let (rule, n, m) = key(cell);
        let of_rule = self.seconds.iter().filter(|((known, ..), _)| *known == rule);
        let near = of_rule.max_by(|((_, a, b), _), ((_, c, d), _)| {
            let is_it = |x: &u32, y: &u32| (*x, *y) == (n, m);
            is_it(a, b)
                .cmp(&is_it(c, d))
                .then((u64::from(*a) * u64::from(*b)).cmp(&(u64::from(*c) * u64::from(*d))))
        });
        near.map(|((_, a, b), seconds)| {
            let of = |n: u32, m: u32| f64::from(n).powi(2) * f64::from(m);
            seconds * of(n, m) / of(*a, *b)
        })
    }
}

fn external(cell: &Cell) -> Option<&External> {
    cell.spec.downcast_ref()
}

fn work(cell: &Cell) -> f64 {
    f64::from(cell.n).powi(2) * f64::from(cell.m)
}

fn key(cell: &Cell) -> (String, u32, u32) {
    (canonical(&cell.spec), cell.n, cell.m)
}

/// Has the first batch of a cell's condition written, and returns the wall time of a message set.
fn trial_run(cell: &Cell, workers: &Workers) -> Result<f64, String> {
    /// Long enough for a batch of any size that is worth a sweep.
    const LIMIT: Duration = Duration::from_secs(600);
    let Some(external) = external(cell) else { return Err("it is no program".to_owned()) };
    let cells: Vec<Cell> = (0..external.batch.get()).map(|trial| at(cell, trial)).collect();
    let draw = |cell: &Cell| {
        let drawn = cell.source.draw(cell.n as usize, cell.m as usize, &mut cell.messages_stream());
        drawn.map_err(|error| error.to_string())
    };
    let messages = cells.iter().map(draw).collect::<Result<_, _>>()?;
    let seeds = cells.iter().map(|cell| cell.training_stream().word()).collect();
    let name = format!("plan-{}-{}", std::process::id(), cell.id);
    let terms = JobTerms { name, seeds, limit: Some(LIMIT), memory: None };
    let answer = workers.write(external, &BatchJob { terms, messages }, &|| true);
    Ok(answer.map_err(|failure| failure.to_string())?.times[0].wall)
}
