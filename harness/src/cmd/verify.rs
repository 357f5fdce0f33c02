//! The command `verify` computes a sample of stored cells again and compares.

use crate::completing;
use crate::limits::{THREADS, up_to};
use crate::rerun::Rerunnable;
use crate::stdout::{print, print_painted};
use crate::verification::{Request, Verification};
use analysis::agreement::SampleSize;
use anyhow::Result;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `verify`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness verify quick                          one cell in twenty of every protocol, computed again
  harness verify reference/quick --sample 100%  every cell of a committed run
  harness verify reference/noise --sample 12 --seed 7

On the processor and build of the run every bit must agree. On others floating-point sums differ in the last digits, so
counts are compared within intervals; the output says which of the two was done. --exact demands bits anywhere.
Exit code: 0 where the results agree; 1 where they do not, or after an error; 5 where nothing could be compared, since
every cell of the sample had been ended by a budget of time or memory: run those again by `sweep --rerun failed`.")]
pub(crate) struct Args {
    /// Name of the results, or a path to their folder.
    #[arg(add = completing::runs())]
    pub name: String,
    /// Folder of results.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
    /// Cells to compute again: a share of every protocol's, or a number.
    #[arg(long, default_value = "5%")]
    pub sample: SampleSize,
    /// Which cells: another seed, other cells.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Demand equal bits, whatever the machine and build.
    #[arg(long)]
    pub exact: bool,
    /// Threads; by default every core.
    #[arg(long, value_parser = up_to::<THREADS, NonZeroUsize>)]
    pub threads: Option<NonZeroUsize>,
    /// Everything that was compared, as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Computes a sample of the cells again and prints how well they agree.
///
/// # Errors
/// If the results cannot be read or their cells not be planned.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let Args { sample, seed, exact, threads, .. } = *args;
    let stored = Rerunnable::open(&args.results, &args.name)?;
    let request = Request { name: &args.name, results: Some(&args.results), sample, seed, exact, threads };
    let found = Verification::of(stored, &request)?;
    if args.json {
        print(&(serde_json::to_string_pretty(&found)? + "\n"))?;
    } else {
        print_painted(&found.text(&request))?;
    }
    Ok(found.outcome.into())
}
