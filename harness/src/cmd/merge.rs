//! `merge`: the tables of a sweep in shards, from what its shards have left.

use crate::results::{elsewhere, named};
use crate::stdout::print;
use analysis::failures::listed;
use anyhow::Result;
use base::shell::command_line;
use run::shards::Frozen;
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
then nothing is changed; 1 after any other error.")]
pub(crate) struct Args {
    /// Name of the results.
    pub name: String,
    /// Folder of results.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
}

/// Exit code where cells are missing.
const MISSING: u8 = 3;
/// Exit code where records differ.
const CONFLICT: u8 = 4;
/// What is listed one by one.
const SHOWN: usize = 10;

/// Merges what shards have finished.
///
/// # Errors
/// If there is no frozen plan, or files cannot be read or written.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let root = args.results.join(&args.name);
    let frozen = Frozen::read(&root)?;
    let cells: Vec<String> = frozen.cells().map(|(cell, _)| cell.clone()).collect();
    let mut writer = RunWriter::lock(&root, frozen.run.here())?;
    let merge = writer.merge(&cells)?;
    for damage in &merge.damaged {
        eprintln!("warning: {damage}");
    }
    if merge.kinds > 1 {
        eprintln!(
            "warning: {} kinds of machine or program computed these cells; floating-point sums of two kinds may \
             differ in \
             their last digits (`runs` in manifest.json has them all; --constraint of `harness submit` keeps to one)",
            merge.kinds
        );
    }
    match merge.outcome {
        Merged::Complete(consolidated) => {
            print(&complete(args, &root, &consolidated))?;
            Ok(ExitCode::SUCCESS)
        }
        Merged::Missing(missing) => {
            eprintln!("{}", self::missing(args, &frozen, &missing));
            Ok(ExitCode::from(MISSING))
        }
        Merged::Conflicting(conflicts) => {
            for conflict in conflicts.iter().take(SHOWN) {
                eprintln!("{conflict}");
            }
            let cells: BTreeSet<&str> = conflicts.iter().map(|conflict| conflict.at.cell.as_str()).collect();
            eprintln!(
                "{}: {} cells have records that differ: nothing was merged. Remove the folders of the attempts \
                 by the machine \
                 or program that is not to be trusted, and run the same command again",
                args.name,
                cells.len()
            );
            Ok(ExitCode::from(CONFLICT))
        }
    }
}

fn complete(args: &Args, root: &Path, consolidated: &Consolidated) -> String {
    let counts = consolidated.cells.iter().map(|(status, count)| (*status, *count as usize)).collect();
    let failed = consolidated.cells.keys().any(|status| *status != Status::Ok);
    let (name, results) = (&args.name, elsewhere(&args.results));
    let again = if failed { "; `sweep --rerun failed` runs those again that failed" } else { "" };
    format!(
        "Results: {} ({} cells){again}\nNext: harness figures {name}{results}; harness show {name}{results} --csv\n",
        root.display(),
        listed(&counts)
    )
}

/// Which cells are missing, by shard, and how to compute them.
fn missing(args: &Args, frozen: &Frozen, missing: &[String]) -> String {
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
    let definition =
        command_line([frozen.definition_path(&args.results.join(&args.name)).display().to_string()]);
    if shards.first() == Some(&0) {
        return text
            + &format!(
                "Cells that were finished when the plan was frozen are gone: freeze it again (harness plan \
                 {definition} --shards {of}, \
                 or harness submit)"
            );
    }
    let first = shards.first().copied().unwrap_or(1);
    text + &format!(
        "Compute them: harness resume {}, or shard by shard: harness sweep {definition} --shard \
         {first}/{of}",
        named(&args.name, &args.results)
    )
}
