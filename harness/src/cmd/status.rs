//! `status`: how a sweep in shards stands, by its files.

use super::merge::elsewhere;
use super::plan::duration;
use super::show::print;
use anyhow::Result;
use comfy_table::{Table, presets};
use run::shards::Frozen;
use run::slurm::{JOBS, Queue, Submission};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use store::{AttemptState, RunFolder, attempts};
use study::record::Status;

/// Arguments of `status`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness status my
  harness status my --log-lines 20

The truth is the files: a shard runs if one of its attempts gave a sign in the last three minutes. The scheduler, where it can be
asked, adds what is queued, and which of these attempts it knows to have ended.")]
pub struct Args {
    /// Name of the results.
    pub name: String,
    /// Folder of results.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
    /// Lines of its job's log shown of a shard that stopped.
    #[arg(long, value_name = "N", default_value = "3")]
    pub log_lines: usize,
}

/// Without a sign for so long, an attempt is taken for dead: three signs would have come.
const SILENCE: Duration = Duration::from_secs(180);
/// Shards that are listed one by one, of a kind.
const SHOWN: usize = 20;

/// How a shard stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Complete,
    Running,
    /// It was begun, and nobody goes on.
    Stopped,
    /// Nobody has begun it.
    Waiting,
}

impl State {
    const ALL: [Self; 4] = [Self::Complete, Self::Running, Self::Stopped, Self::Waiting];

    fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Waiting => "not begun",
        }
    }
}

/// A shard of the frozen plan.
struct Shard {
    number: u32,
    cells: usize,
    done: usize,
    attempts: Vec<AttemptState>,
    /// Whether one of them goes on.
    is_alive: bool,
}

/// Whether an attempt goes on: it gave a sign lately, and the scheduler, where it answers, has not seen the end of it.
fn is_alive(attempt: &AttemptState, queue: Option<&Queue>) -> bool {
    let known = queue.zip(attempt.place.as_ref()).map(|(queue, place)| queue.is_under_way(&place.job));
    attempt.ending.is_none() && attempt.age() < SILENCE && known != Some(false)
}

impl Shard {
    fn state(&self) -> State {
        match self {
            _ if self.done == self.cells => State::Complete,
            _ if self.is_alive => State::Running,
            _ if self.attempts.is_empty() => State::Waiting,
            _ => State::Stopped,
        }
    }
}

/// How a run stands.
pub(super) struct Standing {
    shards: Vec<Shard>,
    /// Cells of the plan, how many of them are finished, and how many of these failed.
    cells: (usize, usize, usize),
    damaged: Vec<String>,
}

impl Standing {
    /// By the files of the run in the folder `root`, and what the scheduler says, where it was asked and answered.
    pub(super) fn of(root: &Path, frozen: &Frozen, queue: Option<&Queue>) -> Result<Self> {
        let finished = RunFolder::new(root).finished()?;
        let mut shards: Vec<Shard> = (1..)
            .zip(&frozen.shards)
            .map(|(number, _)| Shard { number, cells: 0, done: 0, attempts: Vec::new(), is_alive: false })
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

    /// The shards that lack cells.
    pub(super) fn incomplete(&self) -> Vec<u32> {
        let shards = self.shards.iter().filter(|shard| shard.state() != State::Complete);
        shards.map(|shard| shard.number).collect()
    }
}

/// Prints how a run stands.
///
/// # Errors
/// If there is no frozen plan, or files cannot be read.
pub fn run(args: &Args) -> Result<ExitCode> {
    let root = args.results.join(&args.name);
    let frozen = Frozen::read(&root)?;
    let submissions = Submission::all(&root)?;
    let queue = (!submissions.is_empty()).then(Queue::ask);
    let standing = Standing::of(&root, &frozen, queue.as_ref().and_then(|queue| queue.as_ref().ok()))?;
    let mut text = overview(&args.name, &standing);
    for damage in &standing.damaged {
        text += &format!("damaged: {damage}; its cells are computed again\n");
    }
    let unfinished: Vec<&Shard> = standing
        .shards
        .iter()
        .filter(|shard| matches!(shard.state(), State::Running | State::Stopped))
        .collect();
    if !unfinished.is_empty() {
        text += &format!("\n{}\n", table(&unfinished));
    }
    text += &logs(&root, &unfinished, args.log_lines);
    text += &queue.map_or_else(String::new, |queue| queued(&submissions, &queue));
    text += &next(args, &standing, &frozen, &submissions, &root);
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// `my: 40 of 48 cells are finished, 1 failed; of 12 shards 9 complete, 1 running, 2 not begun`.
fn overview(name: &str, standing: &Standing) -> String {
    let (cells, done, failed) = standing.cells;
    let failed = if failed > 0 { format!(", {failed} of them failed") } else { String::new() };
    let mut states: BTreeMap<State, usize> = BTreeMap::new();
    standing.shards.iter().for_each(|shard| *states.entry(shard.state()).or_default() += 1);
    let counts: Vec<String> = State::ALL
        .iter()
        .filter_map(|state| Some(format!("{} {}", states.get(state)?, state.name())))
        .collect();
    let shards = standing.shards.len();
    format!(
        "{name}: {done} of {cells} cells are finished{failed}; of {shards} shards {}\n",
        counts.join(", ")
    )
}

/// A row for each shard that somebody has begun and nobody has completed: its last attempt.
fn table(shards: &[&Shard]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header(["shard", "state", "cells", "attempts", "node", "job", "last sign", "ended by"]);
    for shard in shards.iter().take(SHOWN) {
        let Some(last) = shard.attempts.last() else { continue };
        let (node, job) = match &last.place {
            Some(place) => {
                (place.node.clone(), format!("{}, queued again {} times", place.job, place.restart))
            }
            None => (last.run.host.clone(), format!("process {}", last.process)),
        };
        table.add_row([
            shard.number.to_string(),
            shard.state().name().to_owned(),
            format!("{} of {}", shard.done, shard.cells),
            shard.attempts.len().to_string(),
            node,
            job,
            format!("{} ago", duration(last.age().as_secs_f64())),
            last.ending.clone().unwrap_or_else(|| "no word".to_owned()),
        ]);
    }
    table
}

/// The end of the log of each shard that stopped.
fn logs(root: &Path, shards: &[&Shard], lines: usize) -> String {
    let mut text = String::new();
    let stopped = shards.iter().filter(|shard| shard.state() == State::Stopped);
    for shard in stopped.take(SHOWN) {
        let Some(place) = shard.attempts.last().and_then(|last| last.place.as_ref()) else { continue };
        let path = root.join(JOBS).join("logs").join(format!("{}.log", place.job));
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let log = String::from_utf8_lossy(&bytes);
        let tail: Vec<&str> = log.lines().rev().take(lines).collect();
        writeln!(text, "\nshard {}, {}:", shard.number, path.display()).expect("text can be written to");
        tail.iter().rev().for_each(|line| text += &format!("  {line}\n"));
    }
    text
}

/// What of the submitted jobs is queued, where the scheduler answers.
fn queued(submissions: &[Submission], queue: &Result<Queue>) -> String {
    let queue = match queue {
        Ok(queue) => queue,
        Err(error) => return format!("\nSlurm does not answer: {error:#}\n"),
    };
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    for job in submissions.iter().flat_map(Submission::jobs) {
        queue
            .states_of(job)
            .into_iter()
            .for_each(|(state, count)| *states.entry(state).or_default() += count);
    }
    let counts: Vec<String> = states.into_iter().map(|(state, count)| format!("{count} {state}")).collect();
    let counts = if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") };
    format!("\nSlurm has queued or running: {counts}\n")
}

/// What to do next.
fn next(
    args: &Args,
    standing: &Standing,
    frozen: &Frozen,
    submissions: &[Submission],
    root: &Path,
) -> String {
    let (name, results) = (&args.name, elsewhere(&args.results));
    let missing = standing.incomplete();
    let is_running = standing.shards.iter().any(|shard| shard.state() == State::Running);
    match missing.as_slice() {
        [] if root.join("shards").exists() => format!("Next: harness merge {name}{results}\n"),
        [] => format!("Next: harness figures {name}{results}; harness show {name}{results}\n"),
        _ if is_running => String::new(),
        _ if !submissions.is_empty() => {
            format!("Next: harness resume {name}{results}, when no job is queued\n")
        }
        shards => {
            let listed: Vec<String> = shards.iter().take(SHOWN).map(u32::to_string).collect();
            let more = if shards.len() > SHOWN { ", ..." } else { "" };
            format!(
                "Shards that lack cells: {}{more}\nNext: harness sweep {} --shard {}/{}\n",
                listed.join(", "),
                frozen.definition_path(root).display(),
                shards[0],
                frozen.shards.len()
            )
        }
    }
}
