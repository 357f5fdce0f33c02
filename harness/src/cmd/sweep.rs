//! `sweep`: run a definition and write its results.

use crate::definition::Definition;
use crate::plan::{Cell, plan};
use crate::provenance::Provenance;
use crate::record::Status;
use crate::store::{Consolidated, RunWriter};
use crate::summary::{Records, summarise};
use crate::sweep::{self, Progress};
use crate::table;
use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::HashSet;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `sweep`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness sweep                     the four protocols in a minute or two
  harness sweep capacity            a shipped definition: quick, capacity, noise or cost
  harness sweep my.toml --threads 8 your own
  harness sweep noise --trials 4    a quick look

Stopped, it continues where it was with the same command: finished cells are never computed again.")]
pub struct Args {
    /// A shipped definition's name, or a path to one of your own.
    #[arg(default_value = "quick")]
    pub definition: String,
    /// Folder of results; the run goes to a folder of its name in it.
    #[arg(long, default_value = "results")]
    pub out: PathBuf,
    /// Threads; by default every core.
    #[arg(long)]
    pub threads: Option<NonZeroUsize>,
    /// Message sets of every size, in place of the definition's `trials`.
    #[arg(long)]
    pub trials: Option<NonZeroU32>,
    /// No progress and no table.
    #[arg(long, short)]
    pub quiet: bool,
}

/// Runs the cells that are not finished yet, and prints what the results say.
///
/// # Errors
/// If the definition is wrong or results cannot be written. Failed cells are no error; they make the exit code 1.
pub fn run(args: &Args) -> Result<ExitCode> {
    let mut definition = Definition::load(&args.definition)?;
    if let Some(trials) = args.trials {
        definition.override_trials(trials.get());
    }
    let cells = plan(&definition);
    let provenance = Provenance::collect(&definition.name, &definition.text, definition.seed);
    let folder = args.out.join(&definition.name);
    let mut writer = RunWriter::lock(&folder, provenance)?;
    let pending = pending(&cells, &writer, args.quiet)?;
    let threads =
        args.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    if !pending.is_empty() {
        let bar = bar(pending.len(), args.quiet);
        sweep::run(&pending, threads, &writer, |progress| show(&bar, progress, pending.len()))
            .context("the sweep stopped; what was computed is kept, and the same command continues")?;
        bar.finish_and_clear();
    }
    let order: Vec<String> = cells.into_iter().map(|cell| cell.id).collect();
    let consolidated = writer.consolidate(&order)?;
    if !args.quiet {
        let stored = writer.folder().read()?;
        let records = Records { memories: stored.memories, recalls: stored.recalls, timings: stored.timings };
        println!("{}", definition.question);
        println!();
        print!("{}", table::compact(&summarise(&records)));
        println!("{}", footer(args, &definition, &consolidated));
    }
    let failed = consolidated.cells.iter().any(|(&status, &count)| status != Status::Ok && count > 0);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The cells that have no record yet. Damaged files are named; their cells are computed again.
fn pending(cells: &[Cell], writer: &RunWriter, quiet: bool) -> Result<Vec<Cell>> {
    let finished = writer.folder().finished()?;
    for damage in &finished.damaged {
        eprintln!("warning: {damage}; its cells are computed again");
    }
    // Equal cells under two labels are refused by the definition, but a cell that stands twice must not run twice.
    let mut seen = HashSet::new();
    let is_pending = |cell: &&Cell| !finished.cells.contains_key(&cell.id) && seen.insert(cell.id.clone());
    let pending: Vec<Cell> = cells.iter().filter(is_pending).cloned().collect();
    if !quiet && pending.len() < cells.len() {
        eprintln!("{} of {} cells are finished already", cells.len() - pending.len(), cells.len());
    }
    Ok(pending)
}

/// A progress bar on a terminal, nothing elsewhere.
fn bar(cells: usize, quiet: bool) -> ProgressBar {
    let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(STEPS) };
    let template = "{bar:30} {msg}, {elapsed} gone, about {eta} to go";
    bar.set_style(ProgressStyle::with_template(template).expect("the template is valid"));
    bar.set_message(format!("0/{cells} cells"));
    bar
}

/// Resolution of the bar: it advances with expected work, not with the number of cells.
const STEPS: u64 = 10_000;

fn show(bar: &ProgressBar, progress: Progress, cells: usize) {
    bar.set_position((progress.work * STEPS as f64) as u64);
    let failed = if progress.failed > 0 { format!(", {} failed", progress.failed) } else { String::new() };
    bar.set_message(format!("{}/{cells} cells{failed}", progress.cells));
}

/// Where the results are, what failed, and what to try next.
fn footer(args: &Args, definition: &Definition, consolidated: &Consolidated) -> String {
    let folder = args.out.join(&definition.name);
    let counts: Vec<String> =
        consolidated.cells.iter().map(|(status, count)| format!("{count} {}", status.name())).collect();
    let results = if args.out == Path::new("results") {
        String::new()
    } else {
        format!(" --results {}", args.out.display())
    };
    let name = &definition.name;
    format!(
        "Results: {} ({} cells)\nNext: harness figures {name}{results}; harness show {name}{results} --csv",
        folder.display(),
        counts.join(", ")
    )
}
