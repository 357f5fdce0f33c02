//! The command `report` puts verdicts, rankings, figures, an explorer and memories at work on one HTML page.

use crate::completing;
use crate::contribution::{Contribution, stage_of};
use crate::stdout::print;
use crate::steps::Steps;
use anyhow::{Context, Result, bail};
use base::atomic;
use base::next::Next;
use rayon::prelude::*;
use report::serve::{Answer, Server};
use report::verdict::Claim;
use report::{Playground, ReportPage};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::RunFolder;
use store::runs::{Run, fingerprint, list};
use study::definition::Definition;
use study::effects::EffectStudy;

/// Arguments of `report`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness report                       everything there is, to results/report.html
  harness report map properties        two runs, in this order
  harness report my --out my.html
  harness report --serve               on http://127.0.0.1:8642, following a sweep while it runs

The page is one file and needs no network. A shipped definition is reported by its run in results/, or in \
results/reference/
where there is no other.")]
pub(crate) struct Args {
    /// Shipped definitions, paths to definitions of your own, or names of results; by default all that have results,
    /// but for the runs of a study of effects.
    #[arg(add = completing::definitions())]
    pub names: Vec<String>,
    /// Folder of results.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
    /// The file to write; by default report.html in the folder of results.
    #[arg(long, conflicts_with = "serve")]
    pub out: Option<PathBuf>,
    /// Show the page in a browser instead, on this machine alone, and follow runs that are under way.
    #[arg(long)]
    pub serve: bool,
    /// The port to serve on; 0 takes any that is free.
    #[arg(long, default_value = "8642", requires = "serve")]
    pub port: u16,
}

/// Writes the page, or serves it until it is stopped. What the page lacks is told when it is written.
///
/// # Errors
/// If a name is neither a definition nor results, results cannot be read, a figure cannot be drawn, the page
/// cannot be written or the port not be had.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let mut gathering = Gathering::new(args);
    if args.serve {
        let server = Server::on(args.port)?;
        print(&format!("http://{}\n", server.address()))?;
        server.answer(|path| gathering.answer(path))?;
        return Ok(ExitCode::SUCCESS);
    }
    let html = gathering.page(None)?;
    let out = args.out.clone().unwrap_or_else(|| args.results.join("report.html"));
    atomic::write(&out, |file| file.write_all(html.as_bytes()))?;
    print(&format!("{}\n", out.display()))?;
    match &gathering.failures[..] {
        [] => Ok(ExitCode::SUCCESS),
        failures => bail!("the page is written, and says what it lacks\n  {}", failures.join("\n  ")),
    }
}

/// A `Gathering` holds runs and what they contribute. They are kept as long as their folders do not change.
struct Gathering<'a> {
    args: &'a Args,
    runs: HashMap<String, Kept<Contribution>>,
    progress: HashMap<String, Kept<Progress>>,
    /// By the text of the definition.
    stages: HashMap<String, Option<Playground>>,
    /// What the last page lacks: runs that cannot be read and figures that cannot be drawn.
    failures: Vec<String>,
}

/// A `Kept` is something made from a folder in a certain state.
struct Kept<T> {
    state: String,
    value: T,
}

/// Holds the runs to report on.
struct Asked {
    runs: Vec<Run>,
    /// Results that are left out, and why.
    problems: Vec<String>,
}

/// A `Progress` says how far a run is.
#[derive(Clone, Debug, Serialize)]
struct Progress {
    name: String,
    due: usize,
    ok: usize,
    failed: usize,
    /// Failures by status, in words.
    statuses: String,
}

impl<'a> Gathering<'a> {
    fn new(args: &'a Args) -> Self {
        let (runs, progress, stages) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { args, runs, progress, stages, failures: Vec::new() }
    }

    /// Returns what was asked for. That is: the runs to report on, and definitions without a run, whose
    /// claims are undecided.
    fn asked(&self) -> Result<Asked> {
        let root = &self.args.results;
        if !self.args.names.is_empty() {
            let runs = self.args.names.iter().map(|name| Run::named(root, name)).collect::<Result<_>>()?;
            return Ok(Asked { runs, problems: Vec::new() });
        }
        let shipped = Definition::shipped().iter();
        let mut runs: Vec<Run> =
            shipped.map(|(name, _)| Run::of_definition(root, name)).collect::<Result<_>>()?;
        let mut problems = Vec::new();
        for name in list(root) {
            let shadowed = name.strip_prefix("reference/").unwrap_or(&name);
            if runs.iter().all(|run| run.definition.name != shadowed) {
                // Of a folder whose definition this program cannot read, as of another version, nothing can
                // be said here.
                match Run::of_results(root, &name) {
                    Ok(run) => runs.push(run),
                    Err(error) => problems.push(format!("{name} is left out: {error:#}")),
                }
            }
        }
        // What the runs of a study say together is printed by `effects`; alone they would fill the page.
        let studies = EffectStudy::shipped().iter().map(|(name, _)| EffectStudy::load(name));
        let studies = studies.collect::<Result<Vec<_>, _>>()?;
        let studied = |name: &str| studies.iter().any(|study| study.names(name));
        runs.retain(|run| !studied(&run.definition.name));
        runs.retain(|run| run.folder.is_some() || !run.definition.claims.is_empty());
        Ok(Asked { runs, problems })
    }

    /// Makes the page. The state of the folders that it shows is named `served`.
    fn page(&mut self, served: Option<&str>) -> Result<String> {
        let Asked { runs, problems } = self.asked()?;
        // One step more than there are runs: the memories, and the page itself.
        let steps = Steps::begin(runs.len() + 1, served.is_some());
        let Self { args, runs: kept, stages, failures, .. } = self;
        let root = &args.results;
        // The memories are written while the runs are looked at.
        let all = &runs;
        let (stage, ()) =
            rayon::join(move || stage_of(all, root, stages), || contribute(kept, all, root, &steps));
        steps.say("the page");
        let here: Vec<&Contribution> = runs.iter().map(|run| &kept[&run.name(root)].value).collect();
        *failures = problems.clone();
        for (run, contribution) in runs.iter().zip(&here) {
            failures.extend(contribution.lacks(run));
        }
        let report = ReportPage {
            claims: Claim::together(here.iter().flat_map(|one| one.parts.iter().cloned())),
            runs: runs
                .iter()
                .zip(&here)
                .filter(|(run, _)| run.folder.is_some())
                .map(|(_, one)| &one.report)
                .collect(),
            stage,
            problems,
            command: command(args),
            served: served.map(str::to_owned),
        };
        let html = report.html();
        steps.finish();
        html
    }

    /// Returns what the server answers.
    fn answer(&mut self, path: &str) -> Result<Answer> {
        match path {
            "/" => {
                let state = self.state()?;
                self.page(Some(&state)).map(Answer::Page)
            }
            "/status" => {
                let status = Status { state: self.state()?, runs: self.all_progress()? };
                Ok(Answer::Data(serde_json::to_string(&status)?))
            }
            _ => Ok(Answer::Nothing),
        }
    }

    /// Returns the state of all folders together.
    fn state(&self) -> Result<String> {
        let states: Vec<String> = self.asked()?.runs.iter().map(state).collect();
        Ok(blake3::hash(states.join("\n").as_bytes()).to_hex()[..16].to_owned())
    }

    fn all_progress(&mut self) -> Result<Vec<Progress>> {
        let mut all = Vec::new();
        for run in self.asked()?.runs {
            let Some(folder) = &run.folder else { continue };
            let (name, state) = (run.name(&self.args.results), state(&run));
            if self.progress.get(&name).is_none_or(|kept| kept.state != state) {
                let value = progress(&name, &run.definition, folder)?;
                self.progress.insert(name.clone(), Kept { state, value });
            }
            all.push(self.progress[&name].value.clone());
        }
        Ok(all)
    }
}

/// A `Status` is what the page asks its server.
#[derive(Serialize)]
struct Status {
    state: String,
    runs: Vec<Progress>,
}

/// Makes what `runs` contribute, where it is not known already.
fn contribute(kept: &mut HashMap<String, Kept<Contribution>>, runs: &[Run], root: &Path, steps: &Steps) {
    let known = |name: &str, state: &str| kept.get(name).is_some_and(|kept| kept.state == state);
    let made = |run: &Run| -> Option<(String, Kept<Contribution>)> {
        let (name, state) = (run.name(root), state(run));
        (!known(&name, &state)).then(|| {
            let contribution = Contribution::of(run, root);
            steps.end(&name);
            (name, Kept { state, value: contribution })
        })
    };
    let new: Vec<_> = runs.par_iter().filter_map(made).collect();
    kept.extend(new);
}

/// Returns the state of a run's folder and of its definition.
fn state(run: &Run) -> String {
    let folder = run.folder.as_ref().map_or(String::new(), |folder| fingerprint(folder.path()));
    format!("{folder} {}", blake3::hash(run.definition.text.as_bytes()))
}

fn progress(name: &str, definition: &Definition, folder: &RunFolder) -> Result<Progress> {
    let finished =
        folder.finished().with_context(|| format!("cannot look at {}", folder.path().display()))?;
    let planned = study::plan::plan(definition);
    let mut counts: BTreeMap<study::record::Status, usize> = BTreeMap::new();
    for cell in &planned {
        if let Some(status) = finished.cells.get(cell.id.as_str()) {
            *counts.entry(*status).or_default() += 1;
        }
    }
    let ok = counts.remove(&study::record::Status::Ok).unwrap_or(0);
    let (failed, statuses) = (counts.values().sum(), analysis::failures::listed(&counts));
    Ok(Progress { name: name.to_owned(), due: planned.len(), ok, failed, statuses })
}

/// Returns the command that writes the page.
fn command(args: &Args) -> String {
    let report = Next::checkout("report");
    let report = args.names.iter().fold(report, Next::name).results(&args.results);
    let report = report.given("--out", args.out.as_ref().map(|out| out.display()));
    if args.serve { report.flag("--serve").to_string() } else { report.to_string() }
}
