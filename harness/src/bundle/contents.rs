//! This module gathers what goes into a bundle, and packs it.

use super::bundled::{Bundled, Program, Whence};
use super::source::Source;
use super::{archive, commands, readme, research_object, sums};
use crate::contribution::{Contribution, stage_of};
use crate::gallery::pages;
use crate::verdict_text;
use crate::width;
use anyhow::{Context, Result, bail, ensure};
use base::next::Next;
use base::{atomic, paint};
use report::verdict::Claim;
use report::{ReportPage, destination};
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use store::RunFolder;
use store::provenance::{Provenance, seconds_of};
use store::runs::Run;
use study::schema::Table;

/// The folders of a bundle.
const RESULTS: &str = "results";
const FIGURES: &str = "paper-figs";
const DEFINITIONS: &str = "definitions";
/// Columns of the verdicts' text.
const COLUMNS: usize = 100;
/// The lock that this program was built by; empty where there was none.
const LOCK: &str = include_str!(concat!(env!("OUT_DIR"), "/Cargo.lock"));

/// An `Order` says what to bundle.
#[derive(Debug)]
pub(crate) struct Order<'a> {
    /// Definitions or results.
    pub names: &'a [String],
    /// The folder of results.
    pub results: &'a Path,
    /// The address of the licence that the bundle is given under.
    pub license: &'a str,
    /// The file to write.
    pub out: &'a Path,
}

/// A `Packed` says what has become a bundle.
#[derive(Debug)]
pub(crate) struct Packed {
    /// How many files it holds.
    pub files: usize,
    /// SHA-256 of the bundle.
    pub hash: String,
    /// What it does without, and why: runs that cannot be judged, figures that cannot be drawn.
    pub lacks: Vec<String>,
    /// Commits whose source is not in it.
    pub absent: Vec<String>,
}

/// Makes the bundle.
///
/// The process goes to another folder for it: what is said in a bundle of results and figures is said by their places
/// in it, wherever they lay before. So nothing of the caller's paths may be relative afterwards.
///
/// # Errors
/// If a name is neither a definition nor results, a run has no results or none that are put together, a file cannot
/// be read or written.
pub(crate) fn make(order: &Order<'_>) -> Result<Packed> {
    atomic::check(&[order.out], &[])?;
    let out = std::path::absolute(order.out)?;
    let staging = tempfile::tempdir().context("no temporary folder can be made")?;
    let folder = staging.path();
    let runs = staged(order, folder)?;
    let program = program();
    let mut commits: BTreeSet<&str> =
        runs.iter().flat_map(|one| &one.manifest.runs).filter_map(|run| run.commit.as_deref()).collect();
    commits.extend(program.commit.as_deref());
    let archived = commits.into_iter().map(|commit| Source::archived(commit, Path::new("."), folder));
    let sources = archived.collect::<Result<Vec<Source>>>()?;
    if !LOCK.is_empty() {
        fs::write(folder.join("Cargo.lock"), LOCK).context("Cargo.lock cannot be written")?;
    }
    std::env::set_current_dir(folder).context("the temporary folder cannot be entered")?;
    let lacks = said(&runs)?;
    let absent =
        sources.iter().filter(|source| source.file.is_none()).map(|one| one.commit.clone()).collect();
    let of_runs = runs.iter().map(|one| (one.name.clone(), one.manifest.runs.clone())).collect();
    let whence = Whence { program, sources, runs: of_runs, lacks };
    let time = runs.iter().flat_map(|one| &one.manifest.runs).filter_map(ended).max();
    text("provenance.json", &(serde_json::to_string_pretty(&whence)? + "\n"))?;
    text("commands.sh", &commands::text(&runs, &whence))?;
    text("README.txt", &readme::text(&runs, &whence))?;
    let time = time.unwrap_or_default();
    let object = research_object::describe(Path::new("."), &runs, &whence, time, order.license)?;
    text(research_object::NAME, &(serde_json::to_string_pretty(&object)? + "\n"))?;
    sums::write(Path::new("."))?;
    archive::pack(Path::new("."), &out, time)?;
    let files = archive::files(Path::new("."))?.len();
    // A folder that a process is in cannot be removed everywhere.
    std::env::set_current_dir(out.parent().unwrap_or(&out))
        .context("the folder of the bundle cannot be entered")?;
    Ok(Packed { files, hash: sums::hash(&out)?, lacks: whence.lacks, absent })
}

/// Copies tables, manifests and definitions of the runs that are asked for.
fn staged(order: &Order<'_>, folder: &Path) -> Result<Vec<Bundled>> {
    let mut runs: Vec<Bundled> = Vec::new();
    for asked in order.names {
        let run = Run::named(order.results, asked)?;
        let Some(from) = &run.folder else {
            bail!("{asked} has no results yet; make them: {}", Next::harness("sweep").name(&run.swept));
        };
        let name = short(destination(order.results, from.path())?);
        ensure!(
            runs.iter().all(|other| other.name != name),
            "{asked} names the results {name}, which another has"
        );
        let manifest =
            from.manifest()?.with_context(|| format!("{asked} has no manifest.json; sweep it again"))?;
        let unfinished = from.path().join("parts").is_dir();
        ensure!(
            manifest.tables.is_some() && !unfinished && !manifest.rerun,
            "the results of {asked} are not put together, since a sweep of them was interrupted or runs still; end it: \
             {}",
            Next::harness("sweep").name(&run.swept)
        );
        let to = folder.join(RESULTS).join(&name);
        fs::create_dir_all(&to).context("no folder for results")?;
        let files = Table::ALL.map(Table::file).into_iter().chain(["manifest.json".to_owned()]);
        for file in files {
            let path = from.path().join(&file);
            fs::copy(&path, to.join(&file))
                .with_context(|| format!("{}: cannot be copied", path.display()))?;
        }
        let definition = folder.join(DEFINITIONS).join(format!("{name}.toml"));
        fs::create_dir_all(definition.parent().unwrap_or(folder)).context("no folder for definitions")?;
        fs::write(&definition, &run.definition.text).context("a definition cannot be written")?;
        let swept = manifest.runs.last().map(|last| &last.definition_text);
        if let Some(swept) = swept.filter(|&swept| *swept != run.definition.text) {
            fs::write(definition.with_extension("as-swept.toml"), swept)
                .context("a definition cannot be written")?;
        }
        let run = Run {
            swept: format!("{DEFINITIONS}/{name}.toml"),
            folder: Some(RunFolder::new(Path::new(RESULTS).join(&name))),
            definition: run.definition,
        };
        runs.push(Bundled { name, run, manifest });
    }
    Ok(runs)
}

/// The last two parts of a name: results are found at most two folders deep.
fn short(name: String) -> String {
    match name.rmatch_indices('/').nth(1) {
        Some((at, _)) => name[at + 1..].to_owned(),
        None => name,
    }
}

/// Writes figures, verdicts and the report into the folder that the process is in; what they do without.
fn said(runs: &[Bundled]) -> Result<Vec<String>> {
    width::fix(COLUMNS);
    let (root, mut lacks) = (Path::new(RESULTS), Vec::new());
    for Bundled { name, run, .. } in runs {
        let Ok(stored) = run.read() else { continue };
        let (pages, failures) = pages(name, &run.definition, &stored.records);
        lacks.extend(failures.into_iter().map(|error| format!("{name}: {error:#}")));
        for page in &pages {
            let [_, _, pdf, ..] = figure::save(page, &Path::new(FIGURES).join(name))?;
            // Made anew from the SVG, it has other bytes each time.
            fs::remove_file(pdf).context("a figure cannot be removed")?;
        }
    }
    let said: Vec<Contribution> = runs.iter().map(|one| Contribution::of(&one.run, root)).collect();
    lacks.extend(
        runs.iter()
            .zip(&said)
            .filter_map(|(one, said)| Some(format!("{}: {}", one.name, said.trouble.as_ref()?))),
    );
    let claims = Claim::together(said.iter().flat_map(|one| one.parts.iter().cloned()));
    text("claims.json", &(serde_json::to_string_pretty(&claims)? + "\n"))?;
    let verdicts: Vec<String> =
        claims.iter().map(|claim| paint::plain(&verdict_text::text(claim, false))).collect();
    let none = "The definitions of these runs declare no claim.\n";
    text(
        "claims.txt",
        if verdicts.is_empty() { none.to_owned() } else { verdicts.join("\n") + "\n" }.as_str(),
    )?;
    let mut stages = HashMap::new();
    let names = runs.iter().fold(Next::checkout("report"), |command, one| command.name(&one.name));
    let page = ReportPage {
        claims,
        runs: said.iter().map(|one| &one.report).collect(),
        stage: stage_of(runs.iter().map(|one| &one.run), root, &mut stages),
        problems: Vec::new(),
        command: names.to_string(),
        served: None,
    };
    text("report.html", &page.html()?)?;
    Ok(lacks)
}

fn text(name: &str, text: &str) -> Result<()> {
    fs::write(PathBuf::from(name), text).with_context(|| format!("{name} cannot be written"))
}

fn program() -> Program {
    let Provenance { version, commit, dirty, diff_hash, rustc, target, lock_hash, .. } =
        Provenance::collect("", "", 0);
    Program { version, commit, dirty, diff_hash, rustc, target, lock_hash }
}

/// When a run ended, or began where it has no end, in seconds since 1970.
fn ended(run: &Provenance) -> Option<u64> {
    seconds_of(run.end.as_deref().unwrap_or(&run.start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_two_parts_at_most() {
        for (name, due) in [("quick", "quick"), ("reference/quick", "reference/quick"), ("a/b/c/d", "c/d")] {
            assert_eq!(short(name.to_owned()), due);
        }
    }
}
