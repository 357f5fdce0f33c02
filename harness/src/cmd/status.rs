//! The command `status` tells how a sweep in shards stands, by its files.

use crate::amounts::duration;
use crate::completing;
use crate::results::Sharded;
use crate::sharding::standing::ShardStanding;
use crate::sharding::standing::Standing;
use crate::sharding::standing::State;
use crate::stdout::print;
use anyhow::Result;
use base::next::Next;
use comfy_table::{Table, presets};
use run::slurm::{JOBS, Queue, Submission};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `status`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness status my
  harness status my --log-lines 20

The truth is the files: a shard runs if one of its attempts gave a sign in the last three minutes. The \
scheduler, where it can be
asked, adds what is queued, and which of these attempts it knows to have ended.")]
pub(crate) struct Args {
    /// Name of the results.
    #[arg(add = completing::runs())]
    pub name: String,
    /// Folder of results.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
    /// Lines of its job's log shown of a shard that stopped.
    #[arg(long, value_name = "N", default_value = "3")]
    pub log_lines: usize,
}

/// Says how many shards of a kind are listed one by one.
const SHOWN: usize = 20;

/// Prints how a run stands.
///
/// # Errors
/// If there is no frozen plan, or files cannot be read.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let sharded = Sharded::find(&args.results, &args.name)?;
    let Sharded { root, frozen, .. } = &sharded;
    let submissions = Submission::all(root)?;
    let queue = (!submissions.is_empty()).then(Queue::ask);
    let standing = Standing::of(root, frozen, queue.as_ref().and_then(|queue| queue.as_ref().ok()))?;
    let mut text = overview(&args.name, &standing);
    for damage in &standing.damaged {
        text += &format!("damaged: {damage}; its cells are computed again\n");
    }
    let unfinished: Vec<&ShardStanding> = standing
        .shards
        .iter()
        .filter(|shard| matches!(shard.state(), State::Running | State::Stopped))
        .collect();
    if !unfinished.is_empty() {
        text += &format!("\n{}\n", table(&unfinished));
    }
    text += &logs(root, &unfinished, args.log_lines);
    text += &queue.map_or_else(String::new, |queue| queued(&submissions, &queue));
    text += &next(args, &standing, &sharded, &submissions);
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes `my: 40 of 48 cells are finished, 1 failed; of 12 shards 9 complete, 1 running, 2 not begun`.
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

/// Makes a table with a row for each shard that somebody has begun and nobody has completed. The row is its
/// last attempt.
fn table(shards: &[&ShardStanding]) -> Table {
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

/// Returns the end of the log of each shard that stopped.
fn logs(root: &Path, shards: &[&ShardStanding], lines: usize) -> String {
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

/// Says what of the submitted jobs is queued, where the scheduler answers.
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

/// Says what to do next.
fn next(
    args: &Args,
    standing: &Standing,
    Sharded { root, results, frozen }: &Sharded,
    submissions: &[Submission],
) -> String {
    let next = |command| Next::harness(command).name(&args.name).results(&args.results);
    let missing = standing.incomplete();
    let is_running = standing.shards.iter().any(|shard| shard.state() == State::Running);
    match missing.as_slice() {
        [] if root.join("shards").exists() => format!("Next: {}\n", next("merge")),
        [] => format!("Next: {}; {}\n", next("figures"), next("show")),
        _ if is_running => String::new(),
        _ if !submissions.is_empty() => {
            format!("Next: {}, when no job is queued\n", next("resume"))
        }
        shards => {
            let listed: Vec<String> = shards.iter().take(SHOWN).map(u32::to_string).collect();
            let more = if shards.len() > SHOWN { ", ..." } else { "" };
            let sweep = Next::harness("sweep").name(frozen.definition_path(root).display());
            let sweep = sweep.results(results);
            let first = format!("{}/{}", shards[0], frozen.shards.len());
            format!(
                "Shards that lack cells: {}{more}\nNext: {}\n",
                listed.join(", "),
                sweep.option("--shard", first)
            )
        }
    }
}
