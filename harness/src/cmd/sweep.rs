//! The command `sweep` runs a definition and writes its results.

use crate::closing::Closing;
use crate::experiment::Experiment;
use crate::limits::{THREADS, up_to};
use crate::reporter::{Log, Reporter};
use crate::sharding::shard;
use crate::sharding::shard::Shard;
use analysis::sequential::{self, SequentialState};
use anyhow::{Context, Result};
use base::signals::Signals;
use run::cost::{Cache, CellCost, Model};
use run::sweep::{self, Ending, Options, Order};
use run::waiting::Wait;
use std::collections::HashSet;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use store::provenance::Provenance;
use store::runs;
use store::{Finished, RunWriter, Settled, Standing};
use study::budget::{Budget, Mebibytes, Seconds};
use study::cell_id::CellId;
use study::definition::Definition;
use study::plan::{Cell, Planner};
use study::record::Status;
use study::records::Records;
use study::stopping::{Stopping, StoppingRule};

/// Arguments of `sweep`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness sweep                     the four protocols in a minute or two
  harness sweep capacity            a shipped definition: quick, capacity, noise, cost, ...
  harness sweep my.toml --threads 8 your own
  harness sweep noise --trials 4    a quick look; `harness plan noise` says what the whole will take
  harness sweep noise --messages digits.npy    the same with messages of your own
  harness sweep my.toml --seconds-per-cell 60 --memory-mib 2048 --max-failures 10
  harness sweep my.toml --rerun failed --seconds-per-cell 600
  harness plan my.toml --shards 8; harness sweep my.toml --shard 3/8; harness merge my

Stopped, it continues where it was with the same command: finished cells are never computed again.
Exit code: 0 if all cells have numbers, 1 if any failed, 130 or 143 after SIGINT or SIGTERM.")]
pub(crate) struct Args {
    /// What to run.
    #[command(flatten)]
    pub experiment: Experiment,
    /// Threads; by default every core.
    #[arg(long, value_parser = up_to::<THREADS, NonZeroUsize>)]
    pub threads: Option<NonZeroUsize>,
    /// Which cells go first; no number depends on it. Trial by trial, a sweep that is stopped early has as many
    /// message sets of every condition and protocol, but for one.
    #[arg(long, value_name = "ORDER", default_value = "heaviest-first")]
    pub order: Order,
    /// Seconds that a cell may take, in place of the definition's `[budget] seconds_per_cell`.
    #[arg(long, value_name = "SECONDS")]
    pub seconds_per_cell: Option<Seconds>,
    /// MiB that a cell may hold at once, in place of the definition's `[budget] memory_mib`.
    #[arg(long, value_name = "MIB")]
    pub memory_mib: Option<Mebibytes>,
    /// Compute finished cells again: those that failed, or all. Their old records stay until the new ones are there.
    #[arg(long, value_name = "WHICH")]
    pub rerun: Option<Rerun>,
    /// Run one share of the plan that `harness plan --shards N` or `harness submit` has frozen. Any number of
    /// processes may do so at once, on any machines that share the folder of results; `harness merge` then
    /// makes the tables.
    #[arg(long, value_name = "I/N", conflicts_with_all = ["trials", "rerun"])]
    pub shard: Option<Shard>,
    /// Seconds after which finished cells of a shard are put on disk; SIGUSR1 does it at once.
    #[arg(long, value_name = "SECONDS", default_value = "60", requires = "shard")]
    pub flush_seconds: Seconds,
    /// End the sweep when a cell fails; the same as --max-failures 1.
    #[arg(long, conflicts_with = "max_failures")]
    pub fail_fast: bool,
    /// End the sweep when so many cells have failed.
    #[arg(long, value_name = "N")]
    pub max_failures: Option<NonZeroU32>,
    /// No progress and no table; failures are still told.
    #[arg(long, short)]
    pub quiet: bool,
    /// How to report on standard error.
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub log: Log,
}

/// Which finished cells to compute again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Rerun {
    /// Those that failed.
    Failed,
    /// All of them.
    All,
}

/// Runs the cells that are not finished yet, and prints what the results say.
///
/// # Errors
/// If the definition is wrong or results cannot be written. Failed cells are no error; they make the exit code 1, and a
/// signal makes it 130 or 143.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let definition = args.experiment.load()?;
    if let Some(shard) = args.shard {
        let signals = Signals::catch().context("cannot listen for signals")?;
        let wait = Wait::Fixed(args.flush_seconds.duration());
        let options = Options { wait, ..options(args, definition.budget, signals) };
        let reporter = Reporter::new(args.log, args.quiet);
        return shard::run(&definition, &args.experiment.folder(&definition), shard, &options, reporter);
    }
    let signals = Signals::catch().context("cannot listen for signals")?;
    let cells = shared_plan(&definition);
    let folder = args.experiment.folder(&definition);
    let mut reporter = Reporter::new(args.log, args.quiet);
    for file in &definition.told {
        reporter.say("messages", file);
    }
    let mut writer = RunWriter::lock(&folder, Provenance::of(&definition))?;
    writer.set_labels(cells.iter().map(|cell| (cell.id, cell.label.clone())));
    let ids = |cells: &[Arc<Cell>]| -> Vec<CellId> { cells.iter().map(|cell| cell.id).collect() };
    let (planned, count) = (ids(&cells), cells.len());
    // A million cells are hundreds of megabytes, as are their tables. Where all are finished, one of the two will do.
    let is_first = writer.folder().manifest().is_ok_and(|manifest| manifest.is_none());
    let cells = (count < store::MANY || is_first).then_some(cells);
    let Standing { finished, unplanned, settled } = writer.standing(&planned)?;
    aside(unplanned, &folder, &reporter);
    // Where there is nothing to do, what was read to find that out is what is shown.
    let settled = settled.filter(|_| args.rerun.is_none() && is_unruled(&definition, &writer));
    if let Some(settled) = settled {
        reporter.say("resume", &format!("{count} of {count} cells are finished already"));
        reporter.finish();
        let closing = closing(args, &definition, &reporter);
        return match settled {
            Settled::Read(stored) => closing.end(&stored.records, None),
            Settled::Unread(counts) => closing.end_of_many(&writer, &counts, None),
        };
    }
    if args.rerun == Some(Rerun::All) {
        writer.rerun_all(&planned)?;
    }
    drop(planned);
    let cells = cells.unwrap_or_else(|| shared_plan(&definition));
    let mut known = finished.filter(|_| args.rerun != Some(Rerun::All));
    let (mut begun, is_ruled) = (HashSet::new(), definition.sequential.is_some());
    let stage = loop {
        // Without a rule everything is due at once; with one, the records of a look decide whether there is another.
        let stage = stage(definition.sequential.as_ref(), &cells, &writer)?;
        let is_new = |cell: &&Arc<Cell>| !is_ruled || begun.insert(Arc::as_ptr(cell));
        let due: Vec<Arc<Cell>> = stage.due.iter().filter(is_new).cloned().collect();
        if due.is_empty() {
            break stage;
        }
        let finished = known.take().map_or_else(|| writer.folder().finished(), Ok)?;
        let pending = pending(&due, args.rerun, finished, &reporter);
        let options = options(args, definition.budget, signals.clone());
        let ending =
            sweep::run(&pending, &costs(&pending), &options, &writer, |event| reporter.report(event))
                .context("the sweep stopped; what was computed is kept, and the same command continues")?;
        if ending != Ending::Complete {
            reporter.finish();
            return closing(args, &definition, &reporter).stopped(ending, &stage.due, &writer);
        }
        if !is_ruled {
            break stage;
        }
    };
    reporter.finish();
    let sequential = definition.sequential.clone();
    let outcome = sequential.map(|rule| Stopping { rule, stops: stage.stops });
    writer.set_sequential(outcome.clone());
    let (planned, is_many) = (ids(&stage.due), count >= store::MANY);
    // Of a million cells the plan alone is hundreds of megabytes, and to put tables together takes as much.
    drop((stage.due, cells, begun));
    let consolidated = writer.consolidate(&planned)?;
    let closing = closing(args, &definition, &reporter);
    if is_many {
        return closing.end_of_many(&writer, &consolidated.cells, outcome.as_ref());
    }
    closing.end(&runs::read(writer.folder())?.records, outcome.as_ref())
}

fn closing<'a>(args: &'a Args, definition: &'a Definition, reporter: &'a Reporter) -> Closing<'a> {
    let Args { experiment, quiet, rerun, .. } = args;
    Closing { experiment, definition, reporter, quiet: *quiet, reruns: rerun.is_some() }
}

/// Returns the plan, whose cells are shared by all that count them.
fn shared_plan(definition: &Definition) -> Vec<Arc<Cell>> {
    let mut planner = Planner::new(definition);
    let conditions = definition.conditions.iter();
    conditions.flat_map(|condition| planner.cells(condition, 0..condition.trials)).map(Arc::new).collect()
}

/// Whether neither the definition nor what is stored knows of trials that were added look by look.
fn is_unruled(definition: &Definition, writer: &RunWriter) -> bool {
    let manifest = writer.folder().manifest().ok().flatten();
    definition.sequential.is_none() && manifest.is_some_and(|manifest| manifest.sequential.is_none())
}

/// Returns which cells are due, by the rule where there is one.
fn stage(
    rule: Option<&StoppingRule>,
    cells: &[Arc<Cell>],
    writer: &RunWriter,
) -> Result<SequentialState<Arc<Cell>>> {
    let Some(rule) = rule else {
        return Ok(SequentialState { due: cells.to_vec(), stops: Vec::new(), complete: true });
    };
    let stored = writer.folder().finished_records()?;
    let records = Records { memories: stored.memories, recalls: stored.recalls, ..Records::default() };
    Ok(sequential::stage(rule, cells, &records))
}

fn options(args: &Args, budget: Budget, signals: Signals) -> Options {
    let overriding = Budget { seconds_per_cell: args.seconds_per_cell, memory_mib: args.memory_mib };
    let threads = args.threads.or_else(|| std::thread::available_parallelism().ok());
    Options {
        order: args.order,
        budget: budget.overridden_by(overriding),
        max_failures: if args.fail_fast { Some(NonZeroU32::MIN) } else { args.max_failures },
        signals,
        ..Options::on(threads.unwrap_or(NonZeroUsize::MIN))
    }
}

/// Computes the CPU seconds that cells are expected to take. It goes by what `plan` has measured of this
/// machine; a sweep that will take long is worth measuring it now.
fn costs(pending: &[Arc<Cell>]) -> Vec<f64> {
    /// CPU seconds.
    const LONG: f64 = 30.0;
    /// A probe under way may take as long again.
    const BUDGET: Duration = Duration::from_secs(1);
    let cache = Cache::of_user();
    let mut model = Model::new(cache.as_ref().map(Cache::load).unwrap_or_default());
    let expected =
        |model: &Model| -> Vec<f64> { model.costs(pending).into_iter().map(CellCost::total).collect() };
    if expected(&model).iter().sum::<f64>() > LONG && model.calibrate(pending, BUDGET) > 0 {
        // Where it cannot be kept the next sweep measures again: no reason to trouble anyone.
        let _ = cache.map(|cache| cache.keep(model.calibration()));
    }
    expected(&model)
}

/// Returns the cells to run. They are those that have no record yet, and those to run again. Damaged files
/// are named; their cells are computed again.
fn pending(
    cells: &[Arc<Cell>],
    rerun: Option<Rerun>,
    finished: Finished,
    reporter: &Reporter,
) -> Vec<Arc<Cell>> {
    for damage in &finished.damaged {
        reporter.warn("damage", &format!("warning: {damage}; its cells are computed again"));
    }
    let is_finished = |cell: &Arc<Cell>| match (rerun, finished.cells.get(cell.id.as_str())) {
        (_, None) => false,
        (Some(Rerun::Failed), Some(status)) => *status == Status::Ok,
        (_, Some(_)) => true,
    };
    // Equal cells under two labels are refused by the definition, but a cell that stands twice must not run twice.
    let mut seen = HashSet::new();
    let mut pending = Vec::new();
    for cell in cells {
        if !is_finished(cell) && seen.insert(cell.id.as_str()) {
            pending.push(Arc::clone(cell));
        }
    }
    if pending.len() < cells.len() {
        reporter.say(
            "resume",
            &format!("{} of {} cells are finished already", cells.len() - pending.len(), cells.len()),
        );
    }
    pending
}

/// Says what becomes of stored cells that are not those of the plan any more.
fn aside(dropped: usize, folder: &Path, reporter: &Reporter) {
    if dropped > 0 {
        let place = folder.join("attic");
        let text = format!(
            "{dropped} cells that are stored are not of this definition any more: they are kept aside in {}, and come \
             back with a definition that has them",
            place.display()
        );
        reporter.say("aside", &text);
    }
}
