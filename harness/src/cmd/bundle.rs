//! The command `bundle` packs runs with all that is said of them into one file, and checks such a file.

use crate::bundle::check::{BundleCheck, emptied};
use crate::bundle::contents::{Order, make};
use crate::completing;
use crate::limits::{THREADS, up_to};
use crate::stderr::tell;
use crate::stdout::print;
use crate::verification::Request;
use analysis::agreement::SampleSize;
use anyhow::{Context, Result, bail};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `bundle`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness bundle quick --out quick.tar.zst
  harness bundle reference/map reference/properties --out claims.tar.zst
  harness bundle --check quick.tar.zst                 every hash, and some cells computed again
  harness bundle --check quick.tar.zst --sample 100%
  harness bundle --check quick.tar.zst --into quick    unpacked to a new folder, which stays

A bundle holds definitions, tables, figures, the report, the verdicts, where they come from, Cargo.lock, the source of
the commits where the checkout has them, the commands, SHA256SUMS, and metadata by RO-Crate 1.2. The same runs give the
same bytes on one machine and build. What is unpacked is a stranger's: no program that it names is run.
Exit code: 0 where a bundle is made or agrees; 1 where files or results differ, or after an error; 5 where all files are
as they were, but of some results nothing could be compared.")]
pub(crate) struct Args {
    /// Definitions or results to bundle.
    #[arg(add = completing::definitions(), required_unless_present = "check")]
    pub names: Vec<String>,
    /// Folder of results.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
    /// The bundle to write, such as quick.tar.zst.
    #[arg(long, required_unless_present = "check")]
    pub out: Option<PathBuf>,
    /// The address of the licence that you give the bundle.
    #[arg(long, value_name = "ADDRESS", default_value = "https://spdx.org/licenses/MIT")]
    pub license: String,
    /// The bundle to check.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["names", "out"])]
    pub check: Option<PathBuf>,
    /// Cells to compute again: a share of every protocol's, or a number of every run's.
    #[arg(long, default_value = "2%", requires = "check")]
    pub sample: SampleSize,
    /// Which cells: another seed, other cells.
    #[arg(long, default_value_t = 1, requires = "check")]
    pub seed: u64,
    /// Demand equal bits, whatever the machine and build.
    #[arg(long, requires = "check")]
    pub exact: bool,
    /// Threads; by default every core.
    #[arg(long, requires = "check", value_parser = up_to::<THREADS, NonZeroUsize>)]
    pub threads: Option<NonZeroUsize>,
    /// A new or empty folder to unpack to, which stays; by default a temporary one.
    #[arg(long, value_name = "FOLDER", requires = "check")]
    pub into: Option<PathBuf>,
    /// Everything that was checked, as JSON.
    #[arg(long, requires = "check")]
    pub json: bool,
}

/// Makes a bundle, or checks one.
///
/// # Errors
/// If runs cannot be read or bundled, or a bundle not be unpacked.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    match (&args.check, &args.out) {
        (Some(bundle), _) => check(args, bundle),
        (None, Some(out)) => pack(args, out),
        (None, None) => bail!("--out FILE is needed"),
    }
}

fn pack(args: &Args, out: &Path) -> Result<ExitCode> {
    let order = Order { names: &args.names, results: &args.results, license: &args.license, out };
    let packed = make(&order)?;
    for commit in &packed.absent {
        tell(format_args!(
            "note: the source of commit {commit} is not in it; bundle in a checkout that has it"
        ));
    }
    print(&format!("{}  {}\n{} files\n", packed.hash, out.display(), packed.files))?;
    match &packed.lacks[..] {
        [] => Ok(ExitCode::SUCCESS),
        lacks => bail!("the bundle is written, and says what it lacks\n  {}", lacks.join("\n  ")),
    }
}

fn check(args: &Args, bundle: &Path) -> Result<ExitCode> {
    let temporary = tempfile::tempdir().context("no temporary folder can be made")?;
    let folder = args.into.as_deref().unwrap_or(temporary.path());
    emptied(folder)?;
    let Args { sample, seed, exact, threads, .. } = *args;
    let results = args.into.as_ref().map(|folder| folder.join("results"));
    let asked = Request { name: "", results: results.as_deref(), sample, seed, exact, threads };
    let found = BundleCheck::of(bundle, folder, &asked)?;
    print(&if args.json { serde_json::to_string_pretty(&found)? + "\n" } else { found.text(&asked) })?;
    Ok(found.outcome.into())
}
