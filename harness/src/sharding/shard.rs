//! This module runs `sweep --shard`: one share of a frozen plan.

use crate::reporter::Reporter;
use anyhow::{Context, Result};
use run::shards::{Frozen, Work, program};
use run::slurm;
use run::sweep::{self, Ending, Event, Options};
use std::path::Path;
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{Attempt, AttemptState, finished_of_shard};
use study::definition::Definition;
use study::plan::Cell;
use study::record::Status;

/// A `Shard` says which share: number `index` of 1 to `of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    /// Its number, from 1.
    pub index: u32,
    /// How many there are.
    pub of: u32,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        match numbers {
            Some((index, of)) if (1..=of).contains(&index) => Ok(Self { index, of }),
            _ => Err("a shard is I/N with 1 <= I <= N, for example 3/16".to_owned()),
        }
    }
}

/// Says how often an attempt says that it is alive.
const BEAT: Duration = Duration::from_secs(60);

/// Runs the cells of a shard of `definition`, frozen in the folder `root`, that are not finished yet.
pub(crate) fn run(
    definition: &Definition,
    root: &Path,
    shard: Shard,
    options: &Options,
    mut reporter: Reporter,
) -> Result<ExitCode> {
    let frozen = Frozen::read(root)?;
    let code = program().context("cannot read the file of this program")?;
    frozen.check_program(root, &code)?;
    frozen.check_definition(root, definition)?;
    let work = frozen.work(root, shard.index, shard.of)?;
    let (work, failed) = pending(root, shard, work, &reporter)?;
    if work.cells.is_empty() {
        reporter.say("complete", &format!("shard {}/{} is complete", shard.index, shard.of));
        return Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS });
    }
    let attempt = Attempt::begin(root, state(&frozen, shard, code, work.cells.len()))?;
    let mut beaten = Instant::now();
    let mut failed = failed;
    let cells: Vec<Arc<Cell>> = work.cells.into_iter().map(Arc::new).collect();
    let ending = sweep::run(&cells, &work.costs, options, &attempt, |event| {
        failed |= matches!(event, Event::Failure(_));
        if beaten.elapsed() >= BEAT {
            beaten = Instant::now();
            // Its cells matter more than its word: what cannot be said now is said in a minute.
            let _ = attempt.beat();
        }
        reporter.report(event);
    });
    reporter.finish();
    let why = match &ending {
        Ok(Ending::Complete) => "complete".to_owned(),
        Ok(Ending::Signal(signal)) => signal.name().to_owned(),
        Ok(Ending::Failures) => "failures".to_owned(),
        Err(error) => error.to_string(),
    };
    let _ = attempt.end(&why);
    let again = "what was computed is kept, and the same command continues";
    let ending = ending.with_context(|| format!("shard {}/{} stopped; {again}", shard.index, shard.of))?;
    let text = format!("shard {}/{}: {why}, in {}", shard.index, shard.of, attempt.folder().display());
    Ok(match ending {
        Ending::Complete if !failed => {
            reporter.say("complete", &text);
            ExitCode::SUCCESS
        }
        Ending::Complete => {
            reporter.warn("failures", &format!("{text}; some of its cells failed, which are records too"));
            ExitCode::FAILURE
        }
        Ending::Failures => {
            reporter.warn("stopped", &format!("{text}; {again}"));
            ExitCode::FAILURE
        }
        Ending::Signal(signal) => {
            reporter.warn("stopped", &format!("{text}; {again}"));
            ExitCode::from(signal.exit_code())
        }
    })
}

/// Returns the work that no attempt has done yet, and whether any of what is done failed.
fn pending(root: &Path, shard: Shard, work: Work, reporter: &Reporter) -> Result<(Work, bool)> {
    let finished = finished_of_shard(root, shard.index)?;
    for damage in &finished.damaged {
        reporter.warn("damage", &format!("warning: {damage}; its cells are computed again"));
    }
    let all = work.cells.len();
    let mut failed = false;
    let is_pending = |(cell, _): &(Cell, f64)| {
        let status = finished.cells.get(cell.id.as_str());
        failed |= status.is_some_and(|status| *status != Status::Ok);
        status.is_none()
    };
    let (cells, costs): (Vec<_>, Vec<_>) = work.cells.into_iter().zip(work.costs).filter(is_pending).unzip();
    if cells.len() < all {
        let done = all - cells.len();
        reporter.say("resume", &format!("{done} of {all} cells of the shard are finished already"));
    }
    Ok((Work { cells, costs }, failed))
}

fn state(frozen: &Frozen, shard: Shard, code: String, cells: usize) -> AttemptState {
    AttemptState {
        schema_version: frozen.schema_version,
        shard: shard.index,
        process: std::process::id(),
        place: slurm::place(),
        code,
        run: frozen.run.here(),
        cells: cells as u64,
        done: 0,
        beat: 0,
        ending: None,
    }
}
