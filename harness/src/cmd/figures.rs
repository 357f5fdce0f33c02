//! The command `figures` draws the figures of results.

use crate::gallery::pages;
use crate::results::records;
use crate::stderr::tell;
use crate::stdout::Told;
use anyhow::{Context, Error, Result, bail};
use report::destination;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::runs::{folder, list, looked_in};
use study::definition::Definition;
use study::records::Records;

/// Arguments of `figures`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness figures            everything there is in results/
  harness figures quick      paper-figs/quick/*.svg, .png and the .csv behind each
  harness figures reference/quick --definition my.toml
                             what my.toml declares, from the results of quick")]
pub(crate) struct Args {
    /// Name of the results; by default all.
    pub name: Option<String>,
    /// Folder of results.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
    /// Folder of figures; those of NAME go to a folder of its name in it, also where NAME is a path.
    #[arg(long, default_value = "paper-figs")]
    pub out: PathBuf,
    /// Draw the figures that this definition declares, by its name or file, instead of those that the results
    /// were swept with: a caption changes, or a figure is added, without another sweep. Those of a shipped
    /// definition are always the present ones.
    #[arg(long)]
    pub definition: Option<String>,
}

/// Draws every figure that the definitions of the results declare. What cannot be drawn keeps nothing else
/// from being drawn, and is told at the end.
///
/// # Errors
/// If results cannot be read or figures not be drawn or written.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let names = args.name.clone().map_or_else(|| list(&args.results), |name| vec![name]);
    anyhow::ensure!(!names.is_empty(), "no results in {}; run `harness sweep` first", args.results.display());
    let other = args.definition.as_deref().map(Definition::load).transpose()?;
    let (mut failures, mut told) = (Vec::new(), Told::nothing());
    for name in &names {
        match of_run(args, name, other.as_ref(), &mut told) {
            Ok(more) => failures.extend(more.into_iter().map(|error| format!("{name}: {error:#}"))),
            Err(error) => failures.push(format!("cannot draw the figures of {name}: {error:#}")),
        }
    }
    match &failures[..] {
        [] => told.end().map(|()| ExitCode::SUCCESS),
        [only] => bail!("{only}"),
        all => bail!("{} failures; everything else is drawn\n  {}", all.len(), all.join("\n  ")),
    }
}

/// Draws the figures of one run, by its own definition or by another; what keeps some from being drawn.
fn of_run(args: &Args, name: &str, other: Option<&Definition>, told: &mut Told) -> Result<Vec<Error>> {
    let own;
    let definition = match other {
        Some(other) => other,
        None => {
            own = definition(&args.results, name)?;
            &own
        }
    };
    let records = records(&args.results, name)?;
    let there = destination(&args.results, folder(&args.results, name).path())?;
    if definition.figures.is_empty() {
        tell(format_args!("{name}: its definition declares no figure; add a [[figure]] and sweep again"));
    }
    draw(&there, definition, &records, &args.out.join(&there), told)
}

/// Reads the definition that the results were made by, from their manifest. The figures of a shipped one are those that
/// the program has now.
fn definition(root: &Path, name: &str) -> Result<Definition> {
    let folder = folder(root, name);
    let manifest = folder.manifest()?.with_context(|| {
        let (places, names) = (looked_in(root, name), list(root).join(", "));
        format!("there are no results {name:?} (looked for in {places}); there are: {names}")
    })?;
    let run = manifest.runs.last().context("the manifest names no run; sweep again")?;
    Ok(run.definition(&folder.path().join("manifest.json"))?.with_shipped_figures())
}

/// Draws all figures of a definition, and saves them once it is known that no file would overwrite another.
fn draw(
    name: &str,
    definition: &Definition,
    records: &Records,
    folder: &Path,
    told: &mut Told,
) -> Result<Vec<Error>> {
    let (pages, mut failures) = pages(name, definition, records);
    for page in &pages {
        match figure::save(page, folder) {
            Ok([svg, ..]) => told.say(&format!("{}\n", svg.display())),
            Err(error) => failures.push(error),
        }
    }
    Ok(failures)
}
