//! `plan`: what a sweep would run, what it will cost on this machine, and what is finished of it.

use super::experiment::Experiment;
use super::freeze::{Division, Shards, freeze, summary};
use super::merge::elsewhere;
use super::simulate::simulate;
use anyhow::Result;
use base::shell::command_line;
use comfy_table::{CellAlignment, Table, presets};
use protocols::Source;
use run::cost::{Cache, Forecast, ForecastRow, Model, State};
use run::shards::{Frozen, divisible};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use store::{RunFolder, StoreError};
use study::plan::{Cell, plan};
use study::purpose::Purpose;
use study::record::Status;

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
pub struct Args {
    /// What to run.
    #[command(flatten)]
    pub experiment: Experiment,
    /// Threads; by default every core, of a shard one.
    #[arg(long)]
    pub threads: Option<NonZeroUsize>,
    /// Freeze the plan, to be computed in so many shards.
    #[arg(long, value_name = "N", conflicts_with = "json")]
    pub shards: Option<NonZeroU32>,
    /// Freeze the plan in the shards that keep so many processes busy: 16 for each, fewer where they would be too short.
    #[arg(long, value_name = "N", conflicts_with_all = ["json", "shards"])]
    pub workers: Option<NonZeroU32>,
    /// Simulate the shards on so many workers, for example 10,100,1000, instead.
    #[arg(long, value_name = "WORKERS", value_delimiter = ',', conflicts_with_all = ["json", "shards", "workers"])]
    pub simulate: Vec<NonZeroU32>,
    /// Measure this machine again.
    #[arg(long)]
    pub calibrate: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Measurements end after this, whatever is left; what is left is then taken from sizes near by.
const BUDGET: Duration = Duration::from_secs(20);

/// Prints the plan; runs nothing but the measurements.
///
/// # Errors
/// If the definition is wrong or its results cannot be read.
pub fn run(args: &Args) -> Result<ExitCode> {
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
        print!("{}", simulate(&definition, &cells, &measured.model, &args.simulate)?);
        println!("{}", measured.text());
        return Ok(ExitCode::SUCCESS);
    }
    let folder = args.experiment.folder(&definition);
    let stored = Stored::read(&folder)?;
    let states: Vec<State> = cells.iter().map(|cell| stored.state(cell)).collect();
    let measured = Measured::new(&cells, args.calibrate);
    if let Some(shards) = shards {
        let threads = args.threads.map_or(1, NonZeroUsize::get);
        let division = Division { trials: args.experiment.trials(), threads, shards };
        let frozen = freeze(&definition, &cells, &measured.model, &stored.finished, division)?;
        frozen.write(&folder)?;
        println!("{}\n{}\n{}", summary(&frozen), measured.text(), next(args, &frozen, &folder));
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
            "folder": folder,
            "forecast": forecast,
            "cells_no_longer_planned": dropped,
            "damaged": stored.damaged.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "calibration": measured.json(),
        });
        println!("{}", serde_json::to_string_pretty(&report)?);
        return Ok(ExitCode::SUCCESS);
    }
    println!("{}\n", definition.question);
    println!("{}\n", table(&forecast));
    println!("{}", state_of(&forecast.all, dropped, &folder));
    for damage in &stored.damaged {
        println!("damaged: {damage}; its cells are computed again");
    }
    if definition.stream == Purpose::Tune {
        println!("Stream: tune, whose messages and queries no result is measured on");
    }
    if definition.sequential.is_some() {
        println!("These are all looks of its sequential stopping, which may end it earlier");
    }
    println!("{}", cost_of(&forecast));
    println!("{}", measured.text());
    println!("Next: harness sweep {}", args.experiment.definition);
    Ok(ExitCode::SUCCESS)
}

/// How to go on with a frozen plan.
fn next(args: &Args, frozen: &Frozen, folder: &Path) -> String {
    let definition = command_line([frozen.definition_path(folder).display().to_string()]);
    let results = elsewhere(&args.experiment.out);
    let out = match args.experiment.is_usual_place() {
        true => String::new(),
        false => format!(" --out {}", command_line([args.experiment.out.display().to_string()])),
    };
    let (of, name) = (frozen.shards.len(), &frozen.run.definition);
    format!(
        "Frozen: {}\nNext: harness sweep {definition}{out} --shard 1/{of}, and so on to {of}/{of}; then harness merge {name}{results}",
        folder.join("plan.json").display()
    )
}

/// What a folder of results holds.
pub(super) struct Stored {
    pub(super) finished: HashMap<String, Status>,
    /// Ids by place: protocol, source, N, M and trial.
    places: HashMap<Place, String>,
    damaged: Vec<StoreError>,
}

type Place = (String, Source, u32, u32, u32);

impl Stored {
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let folder = RunFolder::new(folder);
        let finished = folder.finished()?;
        let memories = match folder.read() {
            Ok(contents) => contents.records.memories,
            // Nothing there, or damage that `finished` has reported already.
            Err(_) => Vec::new(),
        };
        let places = memories.into_iter().map(|memory| {
            let at = memory.at;
            ((at.protocol, at.source, at.n, at.m, at.trial), at.cell)
        });
        Ok(Self {
            places: places.collect(),
            finished: finished.cells.into_iter().collect(),
            damaged: finished.damaged,
        })
    }

    fn state(&self, cell: &Cell) -> State {
        let place = (cell.label.clone(), cell.source, cell.n, cell.m, cell.trial);
        match self.finished.get(&cell.id) {
            Some(Status::Ok) => State::Finished,
            Some(_) => State::Failed,
            None if self.places.contains_key(&place) => State::Changed,
            None => State::New,
        }
    }

    /// Cells with numbers in the tables that the plan does not name.
    fn dropped(&self, cells: &[Cell]) -> usize {
        let planned: HashSet<&str> = cells.iter().map(|cell| cell.id.as_str()).collect();
        self.places.values().filter(|id| !planned.contains(id.as_str())).count()
    }
}

/// A model of this machine, and how it came about.
pub(super) struct Measured {
    pub(super) model: Model,
    probes: usize,
    seconds: f64,
    /// Where it is kept, or why it is not.
    kept: std::result::Result<PathBuf, String>,
}

impl Measured {
    pub(super) fn new(cells: &[Cell], anew: bool) -> Self {
        let cache = Cache::of_user();
        let known = cache.as_ref().filter(|_| !anew).map(Cache::load).unwrap_or_default();
        let mut model = Model::new(known);
        let start = Instant::now();
        let probes = model.calibrate(cells, BUDGET);
        let seconds = start.elapsed().as_secs_f64();
        let kept = match cache {
            None => Err("this system has no cache folder; set XDG_CACHE_HOME to have one".to_owned()),
            Some(cache) if probes == 0 => Ok(cache.path().to_owned()),
            Some(cache) => cache
                .keep(model.calibration())
                .map(|()| cache.path().to_owned())
                .map_err(|e| format!("{e:#}")),
        };
        Self { model, probes, seconds, kept }
    }

    pub(super) fn text(&self) -> String {
        let kept = match &self.kept {
            Ok(path) => format!("kept in {}", path.display()),
            Err(reason) => format!("not kept: {reason}"),
        };
        let when = match self.probes {
            0 => "measured before".to_owned(),
            probes => format!("{probes} probes measured now in {}", duration(self.seconds)),
        };
        format!("Times: by probes of this machine, {when}, {kept}")
    }

    fn json(&self) -> serde_json::Value {
        let (path, problem) = (self.kept.as_ref().ok(), self.kept.as_ref().err());
        json!({ "probes_now": self.probes, "seconds": self.seconds, "file": path, "not_kept_because": problem })
    }
}

/// A row a protocol, and one for all.
fn table(forecast: &Forecast) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header([
        "protocol",
        "cells",
        "finished",
        "failed",
        "changed",
        "new",
        "CPU time to do",
        "longest cell",
    ]);
    let rows = forecast.protocols.iter().map(|(label, row)| (label.as_str(), row));
    for (label, row) in rows.chain([("in all", &forecast.all)]) {
        let counts =
            [row.cells, row.finished, row.failed, row.changed, row.new].map(|count| count.to_string());
        let times = [row.write_seconds + row.read_seconds, row.longest_seconds].map(duration);
        table.add_row(std::iter::once(label.to_owned()).chain(counts).chain(times));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
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

fn cost_of(forecast: &Forecast) -> String {
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
    format!(
        "CPU time: {cpu} (writing {write}, reading {read}, tables {tables})\n\
         Wall time: {wall} on {} threads, with the machine to itself\n\
         Memory: {memory} at most\n\
         Disk: {disk}, at most {running} while it runs",
        forecast.threads
    )
}

/// Two digits and a unit.
pub(super) fn duration(seconds: f64) -> String {
    match seconds {
        0.0 => "0 s".to_owned(),
        s if s < 1e-3 => format!("{} us", two_digits(s * 1e6)),
        s if s < 1.0 => format!("{} ms", two_digits(s * 1e3)),
        s if s < 120.0 => format!("{} s", two_digits(s)),
        s if s < 7200.0 => format!("{} min", two_digits(s / 60.0)),
        s => format!("{} h", two_digits(s / 3600.0)),
    }
}

pub(super) fn bytes(bytes: f64) -> String {
    match bytes {
        b if b < 1e6 => format!("{} kB", two_digits(b / 1e3)),
        b if b < 1e9 => format!("{} MB", two_digits(b / 1e6)),
        b => format!("{} GB", two_digits(b / 1e9)),
    }
}

fn two_digits(x: f64) -> String {
    if x < 10.0 { format!("{x:.1}") } else { format!("{x:.0}") }
}
