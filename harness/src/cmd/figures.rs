//! `figures`: draw the figures of results.

use super::show::{list, records};
use crate::definition::Definition;
use crate::figure::{self, Context as Surroundings};
use crate::store::RunFolder;
use crate::summary::{Estimate, summarise};
use crate::theory_marks;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Arguments of `figures`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness figures            everything there is in results/
  harness figures quick      paper-figs/quick/*.svg, .png and the .csv behind each")]
pub struct Args {
    /// Name of the results; by default all.
    pub name: Option<String>,
    /// Folder of results.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
    /// Folder of figures; those of NAME go to a folder of its name in it.
    #[arg(long, default_value = "paper-figs")]
    pub out: PathBuf,
}

/// Draws every figure that the definitions of the results declare.
///
/// # Errors
/// If results cannot be read or figures not be drawn or written.
pub fn run(args: &Args) -> Result<()> {
    let names = args.name.clone().map_or_else(|| list(&args.results), |name| vec![name]);
    anyhow::ensure!(!names.is_empty(), "no results in {}; run `harness sweep` first", args.results.display());
    for name in names {
        let definition = definition(&args.results, &name)?;
        let estimates = summarise(&records(&args.results, &name)?);
        let folder = args.out.join(&name);
        if definition.figures.is_empty() {
            eprintln!("{name}: its definition declares no figure; add a [[figure]] and sweep again");
        }
        draw(&name, &definition, &estimates, &folder)?;
    }
    Ok(())
}

/// The definition that the results were made by, from their manifest.
fn definition(root: &Path, name: &str) -> Result<Definition> {
    let folder = RunFolder::new(root.join(name));
    let manifest = folder.manifest()?.with_context(|| {
        format!("no results {name:?} in {}; there are: {}", root.display(), list(root).join(", "))
    })?;
    let run = manifest.runs.last().context("the manifest names no run; sweep again")?;
    Ok(Definition::parse(&run.definition, &folder.path().join("manifest.json"), &run.definition_text)?)
}

fn draw(name: &str, definition: &Definition, estimates: &[Estimate], folder: &Path) -> Result<()> {
    let command = format!("cargo run -p harness -- figures {name}");
    for spec in &definition.figures {
        let (marks, curves) = theory_marks::of(spec, estimates);
        let surroundings =
            Surroundings { marks: &marks, curves: &curves, ..Surroundings::new(&definition.name, &command) };
        let pages = figure::draw(spec, estimates, &surroundings)
            .with_context(|| format!("cannot draw the figure {:?} of {name}", spec.name))?;
        for page in pages {
            let [svg, ..] = figure::save(&page, folder)?;
            println!("{}", svg.display());
        }
    }
    Ok(())
}
