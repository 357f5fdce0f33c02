//! `figures`: draw the figures of results.

use super::show::{list, records};
use crate::basins;
use crate::definition::Definition;
use crate::figure::{self, Context as Surroundings, FigureKind, FigureSpec};
use crate::store::RunFolder;
use crate::summary::{Contrast, CriticalLoad, Measure, Records, contrasts, critical_loads, summarise};
use crate::theory_marks;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Arguments of `figures`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness figures            everything there is in results/
  harness figures quick      paper-figs/quick/*.svg, .png and the .csv behind each
  harness figures reference/quick --definition my.toml
                             what my.toml declares, from the results of quick")]
pub struct Args {
    /// Name of the results; by default all.
    pub name: Option<String>,
    /// Folder of results.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
    /// Folder of figures; those of NAME go to a folder of its name in it.
    #[arg(long, default_value = "paper-figs")]
    pub out: PathBuf,
    /// Draw the figures that this definition declares, by its name or file, instead of those that the results were swept
    /// with: a caption changes, or a figure is added, without another sweep.
    #[arg(long)]
    pub definition: Option<String>,
}

impl Args {
    /// The command that draws the figures of `name` again.
    fn command(&self, name: &str) -> String {
        let other =
            self.definition.as_ref().map_or_else(String::new, |other| format!(" --definition {other}"));
        format!("cargo run -p harness -- figures {name}{other}")
    }
}

/// Draws every figure that the definitions of the results declare.
///
/// # Errors
/// If results cannot be read or figures not be drawn or written.
pub fn run(args: &Args) -> Result<()> {
    let names = args.name.clone().map_or_else(|| list(&args.results), |name| vec![name]);
    anyhow::ensure!(!names.is_empty(), "no results in {}; run `harness sweep` first", args.results.display());
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
        draw(&name, &args.command(&name), &definition, &records, &folder)
            .with_context(|| format!("cannot draw the figures of {name}"))?;
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

fn draw(name: &str, command: &str, definition: &Definition, records: &Records, folder: &Path) -> Result<()> {
    let experiment = name.rsplit('/').next().unwrap_or(name);
    let estimates = summarise(records);
    for spec in &definition.figures {
        let (marks, curves) = theory_marks::of(spec, &estimates);
        let contrasts = contrasts_of(spec, records);
        let trajectories = match spec.kind {
            FigureKind::Basins => basins::trajectories(spec, definition)?,
            _ => Vec::new(),
        };
        let crossings = crossings_of(spec, records);
        let surroundings = Surroundings {
            crossings: &crossings,
            marks: &marks,
            curves: &curves,
            contrasts: &contrasts,
            trajectories: &trajectories,
            ..Surroundings::new(experiment, command)
        };
        let pages = figure::draw(spec, &estimates, &surroundings)
            .with_context(|| format!("cannot draw the figure {:?}", spec.name))?;
        for page in pages {
            let [svg, ..] = figure::save(&page, folder)?;
            println!("{}", svg.display());
        }
    }
    Ok(())
}

/// The loads at which half is left, for figures that show shares against load.
fn crossings_of(spec: &FigureSpec, records: &Records) -> Vec<CriticalLoad> {
    match figure::half_of(spec) {
        Some((measure, level)) => critical_loads(records, measure, level),
        None => Vec::new(),
    }
}

/// The contrasts that a figure of differences shows.
fn contrasts_of(spec: &FigureSpec, records: &Records) -> Vec<Contrast> {
    let (FigureKind::Difference, Some(subject)) = (spec.kind, &spec.subject) else { return Vec::new() };
    let measure = spec.measure.unwrap_or(Measure::Recovered);
    contrasts(records, measure, subject, |label, (source, n, m, dynamics, flips)| {
        spec.protocols
            .as_ref()
            .is_none_or(|labels| label == subject || labels.iter().any(|of| figure::is_of(label, of)))
            && spec.source.is_none_or(|only| only == source)
            && spec.n.is_none_or(|only| only == n)
            && spec.m.is_none_or(|only| only == m)
            && spec.dynamics.is_none_or(|only| only == dynamics)
            && spec.flips.is_none_or(|only| only == flips)
    })
}
