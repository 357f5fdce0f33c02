//! `submit`: a sweep as job arrays of a cluster.

use crate::experiment::Experiment;
use crate::forecast::{Measured, Progress};
use crate::limits::{SHARDS, up_to};
use crate::sharding::freeze::{Division, Shards, freeze, summary};
use crate::sharding::launch::{Launch, refuse_while_queued};
use crate::stdout::print;
use anyhow::Result;
use run::shards::divisible;
use run::slurm::Request;
use std::num::NonZeroU32;
use std::process::ExitCode;
use study::plan::plan;

/// Arguments of `submit`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness submit capacity --engine slurm --partition main --dry-run
  harness submit my.toml --engine slurm --account brain --workers 64 --cpus-per-task 4
  harness submit my.toml --engine slurm --constraint icelake --extra=--exclude=n7

It freezes the plan, writes batch files into the folder of the run, and submits arrays of shards and a job that \
merges them when
they have ended. The folder of results must be one that all nodes see. Then: harness status NAME, harness resume \
NAME.")]
pub(crate) struct Args {
    /// What to run.
    #[command(flatten)]
    pub experiment: Experiment,
    /// The scheduler.
    #[arg(long, default_value = "slurm")]
    pub engine: Engine,
    /// Shards that you expect to run at once; there are 16 for each, fewer where they would be too short.
    #[arg(long, value_name = "N", value_parser = up_to::<SHARDS, NonZeroU32>, default_value = "16")]
    pub workers: NonZeroU32,
    /// Shards, in place of what follows from --workers.
    #[arg(long, value_name = "N", value_parser = up_to::<SHARDS, NonZeroU32>, conflicts_with = "workers")]
    pub shards: Option<NonZeroU32>,
    /// Print all that would be written and submitted, and do none of it.
    #[arg(long)]
    pub dry_run: bool,
    /// What is asked of the scheduler.
    #[command(flatten)]
    pub request: Request,
}

/// A scheduler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Engine {
    /// Slurm, by sbatch.
    Slurm,
}

/// Freezes the plan and submits its shards.
///
/// # Errors
/// If the definition is wrong, jobs of the run are still queued, files cannot be written, or the scheduler refuses.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let definition = args.experiment.load()?;
    divisible(&definition)?;
    let folder = args.experiment.folder(&definition);
    if !args.dry_run {
        refuse_while_queued(&folder)?;
    }
    let cells = plan(&definition);
    let stored = Progress::read(&folder)?;
    let measured = Measured::new(&cells, false);
    let shards = match args.shards {
        Some(shards) => Shards::Exactly(shards.get() as usize),
        None => Shards::ForWorkers(args.workers.get() as usize),
    };
    let division = Division { trials: args.experiment.trials(), threads: args.request.threads(), shards };
    let frozen = freeze(&definition, &cells, &measured.model, &stored.finished, division)?;
    print(&format!("{}\n{}\n", summary(&frozen), measured.text()))?;
    let numbers: Vec<u32> =
        (1..).zip(&frozen.shards).filter(|(_, share)| share.cells > 0).map(|(number, _)| number).collect();
    if numbers.is_empty() {
        print(&format!("Nothing is left to compute: all cells are in {}\n", folder.display()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let launch = Launch::prepare(&args.experiment.results, &frozen, &args.request, &numbers)?;
    launch.carry_out(&frozen, &folder, args.dry_run)?;
    Ok(ExitCode::SUCCESS)
}
