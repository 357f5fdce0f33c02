//! The command `merge` makes the tables of a sweep in shards, from what its shards have left.

use crate::completing;
use crate::outcome::NOTHING;
use crate::results::Sharded;
use crate::stderr::tell;
use crate::stdout::print;
use analysis::failures::listed;
use anyhow::Result;
use base::next::Next;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::{Consolidated, Merged, RunWriter};
use study::record::Status;

/// Arguments of `merge`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness merge my       results/my/*.parquet, with the bytes that one machine would have written

Exit code: 0 if every cell is there; 3 if cells are missing, and then nothing is changed; 4 if two records of a \
cell differ, and
then nothing is changed; 5 if the frozen plan has no cell; 1 after any other error.")]
pub(crate) struct Args {
    /// Name of the results.
    #[arg(add = completing::runs())]
    pub name: String,
    /// Folder of results.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
}

/// Holds the exit code where cells are missing.
const MISSING: u8 = 3;
/// Holds the exit code where records differ.
const CONFLICT: u8 = 4;
/// Says how many are listed one by one.
const SHOWN: usize = 10;

/// Merges what shards have finished.
///
/// # Errors
/// If there is no frozen plan, or files cannot be read or written.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let sharded = Sharded::find(&args.results, &args.name)?;
    let Sharded { root, frozen, .. } = &sharded;
    let cells: Vec<String> = frozen.cells().map(|(cell, _)| cell.clone()).collect();
    if cells.is_empty() {
        tell(format_args!(
            "{}: its frozen plan has no cell, so nothing was merged; freeze it again",
            args.name
        ));
        return Ok(ExitCode::from(NOTHING));
    }
    let mut writer = RunWriter::lock(root, frozen.run.here())?;
    let merge = writer.merge(&cells)?;
    for damage in &merge.damaged {
        tell(format_args!("warning: {damage}"));
    }
    if merge.kinds > 1 {
        tell(format_args!(
            "warning: {} kinds of machine or program computed these cells; floating-point sums of two kinds may \
             differ in \
             their last digits (`runs` in manifest.json has them all; --constraint of `harness submit` keeps to one)",
            merge.kinds
        ));
    }
    match merge.outcome {
        Merged::Complete(consolidated) => {
            print(&complete(args, root, &consolidated))?;
            Ok(ExitCode::SUCCESS)
        }
        Merged::Missing(missing) => {
            tell(self::missing(args, &sharded, &missing));
            Ok(ExitCode::from(MISSING))
        }
        Merged::Conflicting(conflicts) => {
            for conflict in conflicts.iter().take(SHOWN) {
                tell(conflict);
            }
            let cells: BTreeSet<&str> = conflicts.iter().map(|conflict| conflict.at.cell.as_str()).collect();
            tell(format_args!(
                "{}: {} cells have records that differ: nothing was merged. Remove the folders of the attempts \
                 by the machine \
                 or program that is not to be trusted, and run the same command again",
                args.name,
                cells.len()
            ));
            Ok(ExitCode::from(CONFLICT))
        }
    }
}

fn complete(args: &Args, root: &Path, consolidated: &Consolidated) -> String {
    let counts = consolidated.cells.iter().map(|(status, count)| (*status, *count as usize)).collect();
    let failed = consolidated.cells.keys().any(|status| *status != Status::Ok);
    let next = |command| Next::harness(command).name(&args.name).results(&args.results);
    let again = if failed { "; `sweep --rerun failed` runs those again that failed" } else { "" };
    let drawn = cfg!(feature = "report").then(|| format!("{}; ", next("figures")));
    format!(
        "Results: {} ({} cells){again}\nNext: {}{}\n",
        root.display(),
        listed(&counts),
        drawn.unwrap_or_default(),
        next("show").flag("--csv")
    )
}

/// Says which cells are missing, by shard, and how to compute them.
fn missing(args: &Args, Sharded { root, results, frozen }: &Sharded, missing: &[String]) -> String {
    let of_cell: HashMap<&str, u32> = frozen.cells().map(|(cell, shard)| (cell.as_str(), shard)).collect();
    let shards: BTreeSet<u32> =
        missing.iter().filter_map(|cell| of_cell.get(cell.as_str()).copied()).collect();
    let of = frozen.shards.len();
    let mut text = format!(
        "{}: {} of {} cells are missing, of {} of {of} shards: nothing was merged\n",
        args.name,
        missing.len(),
        of_cell.len(),
        shards.len()
    );
    for cell in missing.iter().take(SHOWN) {
        text += &format!("  {cell} (shard {})\n", of_cell[cell.as_str()]);
    }
    if missing.len() > SHOWN {
        text += &format!("  and {} more\n", missing.len() - SHOWN);
    }
    let definition = frozen.definition_path(root);
    let of_definition = |command| Next::harness(command).name(definition.display()).results(results);
    if shards.first() == Some(&0) {
        return text
            + &format!(
                "Cells that were finished when the plan was frozen are gone: freeze it again \
                 ({}, or harness submit)",
                of_definition("plan").option("--shards", of)
            );
    }
    let first = shards.first().copied().unwrap_or(1);
    text + &format!(
        "Compute them: {}, or shard by shard: {}",
        Next::harness("resume").name(&args.name).results(&args.results),
        of_definition("sweep").option("--shard", format!("{first}/{of}"))
    )
}
