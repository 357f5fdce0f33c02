//! `figures`: draw the figures of results.

use crate::next::Next;
use crate::results::records;
use crate::stdout::Told;
use anyhow::{Context, Result};
use report::drawing::Artist;
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
    /// Folder of figures; those of NAME go to a folder of its name in it.
    #[arg(long, default_value = "paper-figs")]
    pub out: PathBuf,
    /// Draw the figures that this definition declares, by its name or file, instead of those that the results
    /// were swept with: a caption changes, or a figure is added, without another sweep.
    #[arg(long)]
    pub definition: Option<String>,
}

impl Args {
    /// The command that draws the figures of `name` again.
    fn command(&self, name: &str) -> String {
        let out = (self.out != Path::new("paper-figs")).then(|| self.out.display());
        let figures = Next::checkout("figures").name(name).given("--definition", self.definition.as_ref());
        figures.results(&self.results).given("--out", out).to_string()
    }
}

/// Draws every figure that the definitions of the results declare.
///
/// # Errors
/// If results cannot be read or figures not be drawn or written.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let names = args.name.clone().map_or_else(|| list(&args.results), |name| vec![name]);
    anyhow::ensure!(!names.is_empty(), "no results in {}; run `harness sweep` first", args.results.display());
    let mut told = Told::nothing();
    for name in names {
        let definition = match &args.definition {
            Some(other) => Definition::load(other)?,
            None => definition(&args.results, &name)?,
        };
        let records = records(&args.results, &name)?;
        let folder = args.out.join(&name);
        if definition.figures.is_empty() {
            eprintln!("{name}: its definition declares no figure; add a [[figure]] and sweep again");
        }
        draw(&name, &args.command(&name), &definition, &records, &folder, &mut told)
            .with_context(|| format!("cannot draw the figures of {name}"))?;
    }
    told.end()?;
    Ok(ExitCode::SUCCESS)
}

/// The definition that the results were made by, from their manifest.
fn definition(root: &Path, name: &str) -> Result<Definition> {
    let folder = folder(root, name);
    let manifest = folder.manifest()?.with_context(|| {
        let (places, names) = (looked_in(root, name), list(root).join(", "));
        format!("there are no results {name:?} (looked for in {places}); there are: {names}")
    })?;
    let run = manifest.runs.last().context("the manifest names no run; sweep again")?;
    Ok(Definition::parse(&run.definition, &folder.path().join("manifest.json"), &run.definition_text)?)
}

fn draw(
    name: &str,
    command: &str,
    definition: &Definition,
    records: &Records,
    folder: &Path,
    told: &mut Told,
) -> Result<()> {
    let artist = Artist::new(name, command, definition, records);
    for spec in &definition.figures {
        for page in artist.draw(spec)? {
            let [svg, ..] = figure::save(&page, folder)?;
            told.say(&format!("{}\n", svg.display()));
        }
    }
    Ok(())
}
