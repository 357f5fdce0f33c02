//! The command `plan` shows what a sweep would run, what it will cost on this machine, and what is finished.

use crate::amounts::bytes;
use crate::amounts::duration;
use crate::experiment::Experiment;
use crate::forecast::Measured;
use crate::forecast::Progress;
use crate::limits::{SHARDS, THREADS, up_to};
use crate::sharding::freeze::{Division, Shards, freeze, summary};
use crate::sharding::simulate::simulate;
use crate::stdout::{print, print_painted};
use crate::typeset::{Sheet, Typeset};
use crate::width::{columns, wrapped, wrapped_command};
use anyhow::Result;
use base::next::Next;
use run::cost::{Forecast, ForecastRow, State};
use run::shards::{Frozen, divisible};
use serde_json::json;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::Path;
use std::process::ExitCode;
use study::plan::plan;
use study::purpose::Purpose;

/// Arguments of `plan`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness plan                      the default definition
  harness plan my.toml --threads 1  your own, on one thread
  harness plan capacity --trials 2 --json
  harness plan my.toml              after an edit: what it would compute again
  harness plan my.toml --shards 32  freeze it for 32 processes, on any machines that share the folder of results:
                                    harness sweep my.toml --shard 1/32, and so on; then harness merge my
  harness plan my.toml --simulate 10,100,1000
                                    how long so many workers would take, how many files they would write

Times rest on short measurements on this machine, a few seconds once for a protocol and its sizes. They are kept in the
user's cache folder until the program is built anew; --calibrate takes them again.")]
pub(crate) struct Args {
    /// What to run.
    #[command(flatten)]
    pub experiment: Experiment,
    /// Threads; by default every core, of a shard one.
    #[arg(long, value_parser = up_to::<THREADS, NonZeroUsize>)]
    pub threads: Option<NonZeroUsize>,
    /// Freeze the plan, to be computed in so many shards.
    #[arg(long, value_name = "N", value_parser = up_to::<SHARDS, NonZeroU32>, conflicts_with = "json")]
    pub shards: Option<NonZeroU32>,
    /// Freeze the plan in the shards that keep so many processes busy: 16 for each, fewer where they would be
    /// too short.
    #[arg(long, value_name = "N", value_parser = up_to::<SHARDS, NonZeroU32>)]
    #[arg(conflicts_with_all = ["json", "shards"])]
    pub workers: Option<NonZeroU32>,
    /// Simulate the shards on so many workers, for example 10,100,1000, instead.
    #[arg(long, value_name = "WORKERS", value_delimiter = ',', value_parser = up_to::<SHARDS, NonZeroU32>)]
    #[arg(conflicts_with_all = ["json", "shards", "workers"])]
    pub simulate: Vec<NonZeroU32>,
    /// Run the rules that are programs on a batch of every size, for some 20 seconds, to say what they take.
    #[arg(long)]
    pub measure: bool,
    /// Measure this machine again.
    #[arg(long)]
    pub calibrate: bool,
    /// Print JSON.
    #[arg(long, conflicts_with = "Typeset")]
    pub json: bool,
    #[command(flatten)]
    pub typeset: Typeset,
}

/// Prints the plan. It runs nothing but the measurements.
///
/// # Errors
/// If the definition is wrong or its results cannot be read.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let definition = args.experiment.load()?;
    let shards = match (args.shards, args.workers) {
        (Some(shards), _) => Some(Shards::Exactly(shards.get() as usize)),
        (None, workers) => workers.map(|workers| Shards::ForWorkers(workers.get() as usize)),
    };
    if shards.is_some() || !args.simulate.is_empty() {
        divisible(&definition)?;
    }
    let cells = plan(&definition);
    if !args.simulate.is_empty() {
        let measured = Measured::new(&cells, args.calibrate);
        let text = simulate(&definition, &cells, &measured.model, &args.simulate)?;
        print(&format!("{text}{}\n", measured.text()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let folder = args.experiment.folder(&definition);
    let stored = Progress::read(&folder)?;
    let states: Vec<State> = cells.iter().map(|cell| stored.state(cell)).collect();
    let mut measured = Measured::new(&cells, args.calibrate);
    if args.measure {
        measured.try_programs(&cells)?;
    }
    if let Some(shards) = shards {
        let threads = args.threads.map_or(1, NonZeroUsize::get);
        let division = Division { trials: args.experiment.trials(), threads, shards };
        let frozen = freeze(&definition, &cells, &measured.model, &stored.finished, division)?;
        frozen.write(&folder)?;
        print(&format!("{}\n{}\n{}\n", summary(&frozen), measured.text(), next(args, &frozen, &folder)))?;
        return Ok(ExitCode::SUCCESS);
    }
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = args.threads.map_or(cores, NonZeroUsize::get);
    let forecast = Forecast::new(&measured.model, &cells, &states, threads, cores);
    let dropped = stored.dropped(&cells);
    if args.json {
        let report = json!({
            "definition": definition.name,
            "stream": definition.stream,
            "messages": definition.told,
            "folder": folder,
            "forecast": forecast,
            "cells_no_longer_planned": dropped,
            "damaged": stored.damaged.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "calibration": measured.json(),
        });
        print(&(serde_json::to_string_pretty(&report)? + "\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.typeset.print(|| vec![sheet(&definition.name, &forecast)])? {
        return Ok(ExitCode::SUCCESS);
    }
    let room = columns();
    let mut lines: Vec<String> = definition.told.iter().map(|file| format!("Messages: {file}")).collect();
    lines.push(wrapped(definition.question.trim(), room, 0) + "\n");
    lines.push(sheet(&definition.name, &forecast).text(room) + "\n");
    let mut facts = vec![state_of(&forecast.all, dropped, &folder)];
    facts.extend(
        stored.damaged.iter().map(|damage| format!("damaged: {damage}; its cells are computed again")),
    );
    if definition.stream == Purpose::Tune {
        facts.push("Stream: tune, whose messages and queries no result is measured on".to_owned());
    }
    if definition.sequential.is_some() {
        facts.push("These are all looks of its sequential stopping, which may end it earlier".to_owned());
    }
    facts.extend(cost_of(&forecast));
    facts.push(measured.text());
    facts.extend(measured.of_programs(&definition));
    lines.extend(facts.iter().map(|fact| wrapped(fact, room, 2)));
    lines.push(wrapped_command(&format!("Next: {}", sweep_of(args)), room));
    print_painted(&(lines.join("\n") + "\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// Returns the command that runs what was planned.
fn sweep_of(args: &Args) -> Next {
    let experiment = &args.experiment;
    let path = |path: &std::path::PathBuf| path.display().to_string();
    Next::harness("sweep")
        .name(&experiment.definition)
        .results(&experiment.results)
        .given("--messages", experiment.messages.as_ref())
        .given("--queries", experiment.queries.as_ref().map(path))
        .given("--targets", experiment.targets.as_ref().map(path))
        .given("--trials", experiment.trials)
}

/// Says how to go on with a frozen plan.
fn next(args: &Args, frozen: &Frozen, folder: &Path) -> String {
    let (of, results) = (frozen.shards.len(), &args.experiment.results);
    let sweep = Next::harness("sweep").name(frozen.definition_path(folder).display()).results(results);
    format!(
        "Frozen: {}\nNext: {}, and so on to {of}/{of}; then {}",
        folder.join("plan.json").display(),
        sweep.option("--shard", format!("1/{of}")),
        Next::harness("merge").name(&frozen.run.definition).results(results)
    )
}

/// Makes a table with a row for each protocol, and one for all.
fn sheet(definition: &str, forecast: &Forecast) -> Sheet {
    let heads =
        ["protocol", "cells", "finished", "failed", "changed", "new", "CPU time to do", "longest cell"];
    let row = |(label, row): (&str, &ForecastRow)| -> Vec<String> {
        let counts =
            [row.cells, row.finished, row.failed, row.changed, row.new].map(|count| count.to_string());
        let times = [row.write_seconds + row.read_seconds, row.longest_seconds].map(duration);
        std::iter::once(label.to_owned()).chain(counts).chain(times).collect()
    };
    let rows = forecast.protocols.iter().map(|(label, row)| (label.as_str(), row));
    let title = format!("What a sweep of {definition} would run, and what it takes");
    Sheet::of_numbers(title, heads, rows.chain([("in all", &forecast.all)]).map(row))
}

fn state_of(all: &ForecastRow, dropped: usize, folder: &Path) -> String {
    let mut text =
        format!("{} of {} cells are finished in {}", all.finished + all.failed, all.cells, folder.display());
    if all.changed > 0 {
        text += &format!("; {} are computed again, because definition or protocol have changed", all.changed);
    }
    if dropped > 0 {
        text +=
            &format!("; {dropped} that are there the plan no longer names, they are kept aside in attic/");
    }
    text
}

fn cost_of(forecast: &Forecast) -> [String; 4] {
    let Forecast { all, .. } = forecast;
    let [write, read, tables, cpu, wall] = [
        all.write_seconds,
        all.read_seconds,
        forecast.tables_seconds,
        forecast.cpu_seconds,
        forecast.wall_seconds,
    ]
    .map(duration);
    let [memory, disk, running] =
        [forecast.memory_bytes, forecast.disk_bytes, forecast.disk_bytes_running].map(bytes);
    [
        format!("CPU time: {cpu} (writing {write}, reading {read}, tables {tables})"),
        format!("Wall time: {wall} on {} threads, with the machine to itself", forecast.threads),
        format!("Memory: {memory} at most"),
        format!("Disk: {disk}, at most {running} while it runs"),
    ]
}
