//! The command `resume` submits again what a submitted sweep lacks.

use crate::completing;
use crate::results::Sharded;
use crate::sharding::launch::{Launch, refuse_while_queued};
use crate::sharding::standing::Standing;
use crate::stderr::tell;
use crate::stdout::print;
use anyhow::{Context, Result, bail, ensure};
use base::next::Next;
use run::shards::{Frozen, program};
use run::slurm::{Request, Submission};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::provenance::Provenance;

/// Arguments of `resume`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness resume my                 the shards that lack cells, with the options of the last time
  harness resume my --mem 16G       and more memory
  harness resume my --dry-run

What is missing is read from the files, not from the scheduler. While jobs of the run are queued or running it \
refuses.")]
pub(crate) struct Args {
    /// Name of the results.
    #[arg(add = completing::runs())]
    pub name: String,
    /// Folder of results.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
    /// Print all that would be written and submitted, and do none of it.
    #[arg(long)]
    pub dry_run: bool,
    /// What is asked of the scheduler, in place of what was asked the last time.
    #[command(flatten)]
    pub request: Request,
}

/// Submits the shards that lack cells.
///
/// # Errors
/// If nothing was submitted before, jobs are still queued, files cannot be read or written, or the scheduler refuses.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let Sharded { root, results, frozen } = Sharded::find(&args.results, &args.name)?;
    let Some(last) = Submission::all(&root)?.pop() else {
        let sweep = Next::harness("sweep").name(frozen.definition_path(&root).display());
        bail!(
            "{} was not submitted to a scheduler; `{}` names the shards that lack cells, and \
             `{}` computes one",
            args.name,
            Next::harness("status").name(&args.name).results(&args.results),
            sweep.results(&results).option("--shard", format!("I/{}", frozen.shards.len()))
        );
    };
    ensure!(
        root.file_name() == Some(OsStr::new(&frozen.run.definition)),
        "{} holds shards of {}, which would go on in a folder of that name; rename it so, and run the same command \
         again",
        root.display(),
        frozen.run.definition
    );
    refuse_while_queued(&root)?;
    let missing = Standing::of(&root, &frozen, None)?.incomplete();
    if missing.is_empty() {
        let merge = Next::harness("merge").name(&args.name).results(&args.results);
        print(&format!("No shard lacks a cell. Next: {merge}\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let request = last.request.overridden_by(args.request.clone());
    let frozen = by_this_program(&root, frozen, &missing)?;
    // Jobs whose programs or messages are missing or have changed would wait for their turn to say so.
    frozen.definition(&root)?.settled(&frozen.definition_path(&root))?;
    let launch = Launch::prepare(&results, &frozen, &request, &missing)?;
    launch.carry_out(&frozen, &root, args.dry_run)?;
    Ok(ExitCode::SUCCESS)
}

/// Returns the frozen plan, to be computed by this program from now on. The program must still plan the same
/// cells.
fn by_this_program(root: &Path, frozen: Frozen, missing: &[u32]) -> Result<Frozen> {
    let code = program().context("cannot read the file of this program")?;
    if frozen.code == code {
        return Ok(frozen);
    }
    let of = frozen.shards.len() as u32;
    for &shard in missing {
        frozen.work(root, shard, of)?;
    }
    tell(
        "warning: another build of this program computed what is there; it plans the same cells, so this one goes on",
    );
    let run = Provenance::of(&frozen.definition(root)?);
    Ok(Frozen { code, run, ..frozen })
}
