//! This module collects what one run contributes to the page. That is: question, analysis, protocols,
//! figures, failures, provenance and commands.

use super::anchor::slug;
use super::destination::destination;
use super::explorer::Explorer;
use super::failure::{FailureGroup, failures};
use super::finding::finding;
use super::parameters::Parameters;
use super::ranking::{Board, RANKING, boards};
use crate::drawing::Artist;
use crate::verdict::sweep_command;
use analysis::claim::Evidence;
use analysis::summary::Contrast;
use anyhow::Result;
use base::next::Next;
use figure::{Drawn, FileNames};
use rayon::prelude::*;
use serde::Serialize;
use std::path::Path;
use store::provenance::Provenance;
use store::runs::{Run, StoredRun};
use study::canonical::canonical;
use study::definition::Definition;
use study::figure::FigureSpec;
use study::plan::{Cell, plan};
use study::purpose::Purpose;
use study::record::Status;

/// A `RunReport` is what one run contributes.
#[derive(Debug, Serialize)]
pub struct RunReport {
    /// Its name, such as `reference/map`.
    pub name: String,
    /// The last part of its name.
    pub short: String,
    /// The name as part of anchors.
    pub slug: String,
    /// The definition's name.
    pub definition: String,
    /// What it asks.
    pub question: String,
    /// What its numbers can and cannot show, by paragraphs.
    pub analysis: Vec<String>,
    /// Whether its streams are those on which settings are tuned, so that its numbers are no results.
    pub tuning: bool,
    /// How far it is.
    pub progress: CellCounts,
    /// Confidence of its intervals, percent.
    pub confidence: String,
    /// Its protocols.
    pub protocols: Vec<ProtocolRow>,
    /// Its figures.
    pub figures: Vec<FigureReport>,
    /// What failed.
    pub failures: Vec<FailureGroup>,
    /// What is damaged on disk.
    pub damaged: Vec<String>,
    /// Where it comes from, fact by fact.
    pub provenance: Vec<(&'static str, String)>,
    /// Commands that reproduce it, each with what it does.
    pub commands: Vec<(&'static str, String)>,
    /// Rankings of its protocols.
    #[serde(skip)]
    pub boards: Vec<Board>,
    /// All estimates.
    #[serde(skip)]
    pub explorer: Explorer,
}

/// A `CellCounts` counts the cells of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CellCounts {
    /// Cells that are due.
    pub due: usize,
    /// Those that have numbers.
    pub ok: usize,
    /// Those that failed.
    pub failed: usize,
    /// Those that were not run.
    pub missing: usize,
    /// Cells that are stored, whether or not the definition still asks for them.
    pub stored: usize,
}

/// A `ProtocolRow` is a protocol of a run.
#[derive(Debug, Serialize)]
pub struct ProtocolRow {
    label: String,
    title: &'static str,
    formula: &'static str,
    source: &'static str,
    parameters: String,
}

/// A `FigureReport` is a page of a figure, or says why there is none.
#[derive(Debug, Serialize)]
pub struct FigureReport {
    anchor: String,
    name: String,
    caption: String,
    /// What its numbers say.
    finding: String,
    /// Its title has the finding, for readers who do not see it.
    svg: String,
    /// What is behind it.
    parameters: Option<Parameters>,
    /// The file of the numbers behind it, once `figures` has drawn it.
    csv: String,
    /// Those numbers.
    #[serde(skip)]
    numbers: String,
    /// Why it cannot be drawn; empty where it can.
    error: String,
}

impl FigureReport {
    /// Returns its place on the page.
    pub(super) fn anchor(&self) -> &str {
        &self.anchor
    }

    /// Returns the numbers behind it, as CSV.
    pub(super) fn numbers(&self) -> &str {
        &self.numbers
    }
}

impl RunReport {
    /// Makes the report of `run` and what it has `stored`. The folder of results is `root`.
    pub fn of(run: &Run, stored: &StoredRun, root: &Path) -> Self {
        let definition = &run.definition;
        let name = run.name(root);
        let slug = slug(&name);
        let commands = commands(run, &name, root);
        let artist = Artist::new(&name, definition, &stored.records);
        let there = run.folder.as_ref().and_then(|folder| destination(root, folder.path()).ok());
        let there = there.unwrap_or_else(|| definition.name.clone());
        let cells = plan(definition);
        // Before the figures, of which several show them too.
        let halves = artist.critical_loads(RANKING.0, RANKING.1);
        let boards = || boards(&stored.records, &halves);
        let (figures, boards) = rayon::join(|| figures(definition, &artist, &there, &slug), boards);
        Self {
            definition: definition.name.clone(),
            short: name.rsplit('/').next().unwrap_or(&name).to_owned(),
            question: definition.question.trim().to_owned(),
            analysis: paragraphs(&definition.analysis),
            tuning: definition.stream != Purpose::default(),
            progress: progress(&cells, stored),
            confidence: percent(stored.records.confidence),
            protocols: protocols(definition),
            figures,
            failures: failures(&stored.records.memories),
            damaged: stored.damaged.iter().map(ToString::to_string).collect(),
            provenance: stored.manifest.as_ref().map_or_else(Vec::new, |manifest| facts(&manifest.runs)),
            commands,
            boards,
            explorer: Explorer::of(&artist.estimates),
            name,
            slug,
        }
    }

    /// Figures that cannot be drawn, and why.
    pub fn undrawn(&self) -> impl Iterator<Item = &str> {
        self.figures.iter().map(|figure| &*figure.error).filter(|error| !error.is_empty())
    }

    /// Returns the command that does what is said of it; empty where there is none.
    pub(super) fn command(&self, does: &str) -> &str {
        self.commands.iter().find(|(what, _)| *what == does).map_or("", |(_, command)| command)
    }

    /// Returns the anchor of a figure of that name; empty where there is none.
    pub(super) fn anchor(&self, figure: &str) -> String {
        let found = self.figures.iter().find(|shown| shown.name == figure);
        found.map_or(String::new(), |shown| shown.anchor.clone())
    }
}

/// Returns the command that draws the figures of the run `name`.
fn figures_command(name: &str, root: &Path) -> String {
    Next::checkout("figures").name(name).results(root).to_string()
}

fn commands(run: &Run, name: &str, root: &Path) -> Vec<(&'static str, String)> {
    let of = |command| Next::checkout(command).name(name).results(root).to_string();
    let mut commands = vec![("runs it", sweep_command(run, root))];
    if run.folder.is_some() {
        commands.push(("draws its figures", figures_command(name, root)));
        commands.push(("prints its numbers", of("show")));
        commands.push(("computes stored cells again", of("verify")));
    }
    if !run.definition.claims.is_empty() {
        let claims = Next::checkout("claims").name(&run.swept).flag("--evidence").results(root);
        commands.push(("prints all evidence", claims.to_string()));
    }
    commands
}

/// Writes a share as a percentage with up to two decimals, as `95` or `98.33`.
fn percent(share: f64) -> String {
    format!("{:.2}", 100.0 * share).trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n").map(|paragraph| paragraph.trim().to_owned()).filter(|p| !p.is_empty()).collect()
}

fn progress(cells: &[Cell], stored: &StoredRun) -> CellCounts {
    let sequential = stored.manifest.as_ref().and_then(|manifest| manifest.sequential.as_ref());
    let evidence = Evidence::new(cells, sequential.map(|outcome| &outcome.stops[..]), &stored.records);
    let (due, lacking) = (evidence.due(), evidence.lacking());
    CellCounts {
        due,
        ok: due - lacking.failed - lacking.missing,
        failed: stored.records.memories.iter().filter(|memory| memory.status != Status::Ok).count(),
        missing: lacking.missing,
        stored: stored.records.memories.len(),
    }
}

fn protocols(definition: &Definition) -> Vec<ProtocolRow> {
    let row = |(label, spec): (&String, &protocols::Spec)| {
        let about = spec.about();
        let (title, formula, source) = (about.title, about.formula, about.source);
        ProtocolRow { label: label.clone(), title, formula, source, parameters: canonical(spec) }
    };
    definition.protocols.iter().map(row).collect()
}

/// Every figure; one that cannot be drawn, or has the file of another, says why, and the others are drawn all
/// the same.
fn figures(definition: &Definition, artist: &Artist<'_>, there: &str, slug: &str) -> Vec<FigureReport> {
    let drawn: Vec<_> = definition
        .figures
        .par_iter()
        .map(|spec| {
            let contrasts = artist.contrasts(spec);
            let pages = artist.draw_with(spec, &contrasts);
            (spec, contrasts, pages)
        })
        .collect();
    let mut names = FileNames::default();
    let of = |(spec, contrasts, pages): (&FigureSpec, Vec<Contrast>, Result<Vec<Drawn>>)| {
        let blank = |stem: &str| FigureReport {
            anchor: format!("figure-{slug}-{stem}"),
            name: stem.to_owned(),
            caption: spec.caption.text.trim().to_owned(),
            finding: String::new(),
            svg: String::new(),
            parameters: None,
            csv: String::new(),
            numbers: String::new(),
            error: String::new(),
        };
        let taken = pages.and_then(|pages| {
            names.take(&spec.name, &pages)?;
            Ok(pages)
        });
        let pages = match taken {
            Err(error) => return vec![FigureReport { error: format!("{error:#}"), ..blank(&spec.name) }],
            Ok(pages) => pages,
        };
        let found = finding(spec, &artist.estimates, &contrasts);
        let page = |(page, drawn): (usize, Drawn)| {
            let finding = if drawn.finding.is_empty() { &found } else { &drawn.finding };
            FigureReport {
                svg: drawn.telling(finding),
                caption: drawn.caption.join(" "),
                finding: if page == 0 { finding.clone() } else { String::new() },
                parameters: Some(Parameters::of(spec, definition, &drawn.parameters)),
                csv: format!("paper-figs/{there}/{}.csv", drawn.name),
                numbers: drawn.csv,
                ..blank(&drawn.name)
            }
        };
        pages.into_iter().enumerate().map(page).collect::<Vec<_>>()
    };
    drawn.into_iter().flat_map(of).collect()
}

/// Returns what the last run's provenance says. Runs before it are counted.
fn facts(runs: &[Provenance]) -> Vec<(&'static str, String)> {
    let Some(run) = runs.last() else { return Vec::new() };
    let dirty = match run.dirty {
        Some(true) => " with changes",
        _ => "",
    };
    let commit = run.commit.as_ref().map_or("unknown".to_owned(), |commit| format!("{commit}{dirty}"));
    let mut facts = vec![
        ("commit", commit),
        ("definition (BLAKE3)", run.definition_hash.clone()),
        ("root seed", run.root_seed.to_string()),
        ("random generator", run.rng.clone()),
        ("compiler", format!("{}, {}, {}", run.rustc, run.profile, run.target)),
        ("Cargo.lock (BLAKE3)", run.lock_hash.clone()),
        ("processor", format!("{}; {}", run.cpu, run.features.join(" "))),
        ("threads", run.threads.to_string()),
        ("command line", run.arguments.join(" ")),
        ("began", run.start.clone()),
        ("ended", run.end.clone().unwrap_or_else(|| "not yet, or killed".to_owned())),
    ];
    if runs.len() > 1 {
        facts.push(("runs into this folder", runs.len().to_string()));
    }
    facts
}
