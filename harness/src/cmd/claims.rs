//! `claims`: the verdict on each claim of the paper, with the evidence behind it.

use super::show::{folder, list, print, records};
use crate::claim::{ClaimId, ClaimSpec, Evidence, Finding, Judgement, Outcome, Role, Row, Verdict, judge};
use crate::definition::{Definition, DefinitionError};
use crate::plan::plan;
use crate::store::RunFolder;
use crate::summary::Records;
use anyhow::{Context, Result, ensure};
use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Arguments of `claims`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness claims                      the verdict on every claim, from all shipped definitions that decide one
  harness claims map --evidence       every comparison behind the verdicts that the run of `map` gives
  harness claims my.toml --json       claims of your own, for programs

A shipped definition is judged by its run in results/, or in results/reference/ where there is no other. A verdict is Holds,
Fails or Undecided, by the rule that the definition declares; cells that failed or were not run can only make it Undecided.
Exit code: 0 whatever the verdicts are.")]
pub struct Args {
    /// Shipped definitions, paths to definitions of your own, or names of results; by default all shipped definitions that
    /// declare a claim.
    pub names: Vec<String>,
    /// Folder of results.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
    /// Print every comparison and the analysis too.
    #[arg(long)]
    pub evidence: bool,
    /// Everything as JSON.
    #[arg(long, conflicts_with = "evidence")]
    pub json: bool,
}

/// A claim, and what the definitions that test it found.
#[derive(Debug, Serialize)]
struct Claim {
    id: ClaimId,
    statement: String,
    verdict: Verdict,
    parts: Vec<Part>,
}

/// What one run says of a claim.
#[derive(Debug, Serialize)]
struct Part {
    definition: String,
    /// The folder of the run; absent where there is none yet.
    run: Option<PathBuf>,
    /// Cells that are due.
    cells: usize,
    /// Confidence of each interval.
    confidence: f64,
    /// The command that makes the run, or completes it.
    command: String,
    /// The file of the figure that shows it.
    figure_file: PathBuf,
    #[serde(flatten)]
    judgement: Judgement,
}

/// Judges and prints.
///
/// # Errors
/// If a name is neither a definition nor results, results cannot be read, or nothing declares a claim.
pub fn run(args: &Args) -> Result<()> {
    let mut claims: BTreeMap<ClaimId, Vec<Part>> = BTreeMap::new();
    for run in runs(args)? {
        for part in run.parts(&args.results)? {
            claims.entry(part.judgement.id).or_default().push(part);
        }
    }
    ensure!(
        !claims.is_empty(),
        "no [[claim]] is declared there; `harness claims` alone judges the shipped ones"
    );
    let claims: Vec<Claim> = claims.into_values().map(Claim::of).collect();
    let text = if args.json {
        serde_json::to_string_pretty(&claims)? + "\n"
    } else {
        claims.iter().map(|claim| claim.text(args.evidence)).collect::<Vec<_>>().join("\n") + "\n"
    };
    print(&text)
}

/// A definition, and the run by which its claims are judged.
struct Run {
    definition: Definition,
    /// The name that the definition is swept by.
    swept: String,
    folder: Option<RunFolder>,
}

/// What was asked for.
fn runs(args: &Args) -> Result<Vec<Run>> {
    if args.names.is_empty() {
        let shipped = Definition::shipped().iter().map(|(name, _)| Run::of_definition(&args.results, name));
        let runs: Vec<Run> = shipped.collect::<Result<_>>()?;
        return Ok(runs.into_iter().filter(|run| !run.definition.claims.is_empty()).collect());
    }
    args.names.iter().map(|name| Run::named(&args.results, name)).collect()
}

impl Run {
    /// A definition by name or path, or the one that made the results of that name.
    fn named(root: &Path, name: &str) -> Result<Self> {
        match Self::of_definition(root, name) {
            Err(error) if is_no_definition(&error) => Self::of_results(root, name),
            run => run,
        }
    }

    fn of_definition(root: &Path, name: &str) -> Result<Self> {
        let definition = Definition::load(name)?;
        let places = [root.join(&definition.name), root.join("reference").join(&definition.name)];
        let run = places.into_iter().find(|place| place.join("manifest.json").exists());
        Ok(Self { definition, swept: name.to_owned(), folder: run.map(RunFolder::new) })
    }

    fn of_results(root: &Path, name: &str) -> Result<Self> {
        let folder = folder(root, name);
        let manifest = folder.manifest()?.with_context(|| {
            let shipped: Vec<&str> = Definition::shipped().iter().map(|(name, _)| *name).collect();
            format!(
                "there is neither a definition nor a run {name:?}; shipped definitions are {}, runs in {} are {}",
                shipped.join(", "),
                root.display(),
                list(root).join(", ")
            )
        })?;
        let run = manifest.runs.last().context("the manifest names no run; sweep again")?;
        let path = folder.path().join("manifest.json");
        let definition = Definition::parse(&run.definition, &path, &run.definition_text)?;
        Ok(Self { definition, swept: run.definition.clone(), folder: Some(folder) })
    }

    /// Its claims, judged.
    fn parts(self, root: &Path) -> Result<Vec<Part>> {
        let Self { definition, swept, folder } = self;
        let path = folder.as_ref().map(|folder| folder.path().to_owned());
        let (found, stops) = match &folder {
            None => (Records::default(), None),
            Some(folder) => {
                let found = records(root, &folder.path().to_string_lossy())?;
                (found, folder.manifest()?.and_then(|manifest| manifest.sequential))
            }
        };
        let cells = plan(&definition);
        let evidence = Evidence::new(&cells, stops.as_ref().map(|outcome| &outcome.stops[..]), &found);
        let elsewhere = |option: &str| match root == Path::new("results") {
            true => String::new(),
            false => format!(" --{option} {}", root.display()),
        };
        let part = |claim| Part {
            definition: definition.name.clone(),
            run: path.clone(),
            cells: evidence.due(),
            confidence: found.confidence,
            command: format!("cargo run -p harness -- sweep {swept}{}", elsewhere("out")),
            figure_file: figure(root, path.as_deref(), &definition.name, claim),
            judgement: judge(claim, &evidence),
        };
        Ok(definition.claims.iter().map(part).collect())
    }
}

/// Where `figures` puts the figure of a run.
fn figure(root: &Path, run: Option<&Path>, name: &str, claim: &ClaimSpec) -> PathBuf {
    let folder = run.and_then(|run| run.strip_prefix(root).ok()).unwrap_or_else(|| Path::new(name));
    Path::new("paper-figs").join(folder).join(format!("{}.svg", claim.figure))
}

/// Whether a name is simply not that of a definition; then it may be one of results.
fn is_no_definition(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(DefinitionError::Unknown { .. } | DefinitionError::Unreadable { .. }))
}

impl Claim {
    fn of(parts: Vec<Part>) -> Self {
        let first = &parts[0].judgement;
        let verdict = Verdict::all(parts.iter().map(|part| part.judgement.verdict));
        Self { id: first.id, statement: first.statement.clone(), verdict, parts }
    }

    fn text(&self, evidence: bool) -> String {
        let mut text = format!("{}  {}: {}\n", self.id.name(), self.verdict.name(), self.statement);
        text += &indented(&self.table());
        for part in &self.parts {
            text += &indented(&part.text());
            if evidence {
                text += &indented(&part.evidence());
            }
        }
        text
    }

    /// A row a test.
    fn table(&self) -> String {
        let mut table = plain_table();
        table.set_header(["definition", "test", "verdict", "effect", "interval", "p", "against"]);
        for part in &self.parts {
            for finding in &part.judgement.tests {
                table.add_row(std::iter::once(part.definition.clone()).chain(summary(finding)));
            }
        }
        for column in [3, 4, 5] {
            align_right(&mut table, column);
        }
        table.trim_fmt()
    }
}

impl Part {
    /// Where it comes from, and what it lacks.
    fn text(&self) -> String {
        let Self { definition, run, cells, confidence, command, figure_file, judgement } = self;
        let lacking = judgement.lacking;
        let mut text = match run {
            None => format!("{definition}: not run yet"),
            Some(run) => {
                format!("{definition}: {}, intervals of {:.2} %", run.display(), 100.0 * confidence)
            }
        };
        if run.is_some() && !lacking.is_none() {
            let (failed, missing) = (lacking.failed, lacking.missing);
            write!(text, "; of {cells} cells {failed} failed and {missing} are missing").expect(WRITES);
        }
        for Finding { test, holds, fails, decisive, .. } in &judgement.tests {
            let note = decisive.as_ref().and_then(|row| row.note.as_deref());
            let places = (!holds.is_empty()).then(|| format!("holds in {holds}; fails in {fails}"));
            let words: Vec<&str> = note.into_iter().chain(places.as_deref()).collect();
            if !words.is_empty() {
                write!(text, "\n{test}: {}", words.join("; ")).expect(WRITES);
            }
        }
        write!(
            text,
            "\nsource: {}\nfigure: {}\nreproduce: {command}\n",
            judgement.source,
            figure_file.display()
        )
        .expect(WRITES);
        text
    }

    /// Analysis, and every row.
    fn evidence(&self) -> String {
        let mut text = format!("\n{}\n", self.judgement.analysis.trim());
        for finding in &self.judgement.tests {
            for (role, title) in [
                (Role::Required, "required: each has to speak for the claim"),
                (Role::Guard, "guards: none may speak against it"),
                (Role::Map, "map: where it holds and where not"),
            ] {
                let rows: Vec<&Row> = finding.rows.iter().filter(|row| row.role == role).collect();
                if !rows.is_empty() {
                    write!(text, "\n{} ({}), {title}\n{}\n", finding.test, finding.kind, evidence(&rows))
                        .expect(WRITES);
                }
            }
        }
        text
    }
}

const WRITES: &str = "text can be written to";

fn plain_table() -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table
}

fn align_right(table: &mut Table, column: usize) {
    if let Some(column) = table.column_mut(column) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") }).collect()
}

/// A finding in one line.
fn summary(finding: &Finding) -> [String; 6] {
    let Finding { test, verdict, decides, decisive, complete, .. } = finding;
    let beside = if *decides { "" } else { " (beside)" };
    let lacks = if *complete { "" } else { ", cells lack" };
    let row = decisive.as_ref();
    [
        format!("{test}{beside}"),
        format!("{}{lacks}", verdict.name()),
        row.map_or(String::new(), |row| signed(row.effect)),
        row.map_or(String::new(), interval),
        row.map_or(String::new(), |row| p_value(row.p)),
        row.map_or(String::new(), against),
    ]
}

/// What the decisive row compares with, and where.
fn against(row: &Row) -> String {
    let at = &row.at;
    let parts = [
        row.against.clone(),
        Some(format!("N {}", at.n)),
        at.load().map(|load| format!("load {load:.2}")),
        at.noise().map(|noise| format!("d/N {noise:.2}")),
        at.dynamics.map(|dynamics| dynamics.name().to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn signed(x: Option<f64>) -> String {
    x.map_or(String::new(), |x| format!("{x:+.3}"))
}

fn number(x: Option<f64>) -> String {
    x.map_or(String::new(), |x| format!("{x:.3}"))
}

/// An interval; an open end is said to be.
fn interval(row: &Row) -> String {
    if row.effect.is_none() {
        return String::new();
    }
    let end = |x: Option<f64>| x.map_or("open".to_owned(), |x| format!("{x:+.3}"));
    format!("[{} {}]", end(row.low), end(row.high))
}

fn p_value(p: Option<f64>) -> String {
    match p {
        None => String::new(),
        Some(p) if p < 0.001 => "<.001".to_owned(),
        Some(p) => format!("{p:.3}"),
    }
}

/// Rows as a table; columns that no row fills are left out.
fn evidence(rows: &[&Row]) -> String {
    type Cell = fn(&Row) -> String;
    let columns: [(&str, bool, Cell); 16] = [
        ("quantity", false, |row| row.quantity.clone()),
        ("against", false, |row| row.against.clone().unwrap_or_default()),
        ("messages", false, |row| row.at.source.name().to_owned()),
        ("read", false, |row| row.at.dynamics.map_or("", |dynamics| dynamics.name()).to_owned()),
        ("N", true, |row| row.at.n.to_string()),
        ("M", true, |row| row.at.m.map_or(String::new(), |m| m.to_string())),
        ("load", true, |row| number(row.at.load())),
        ("d/N", true, |row| number(row.at.noise())),
        ("subject", true, |row| number(row.subject)),
        ("rival", true, |row| number(row.rival)),
        ("effect", true, |row| signed(row.effect)),
        ("interval", true, interval),
        ("p", true, |row| p_value(row.p)),
        ("sets", true, |row| row.trials.to_string()),
        ("says", false, |row| says(row).to_owned()),
        ("note", false, |row| row.note.clone().unwrap_or_default()),
    ];
    let filled: Vec<_> =
        columns.into_iter().filter(|(.., cell)| rows.iter().any(|row| !cell(row).is_empty())).collect();
    let mut table = plain_table();
    table.set_header(filled.iter().map(|(name, ..)| *name));
    for row in rows {
        table.add_row(filled.iter().map(|(.., cell)| cell(row)));
    }
    for (i, (_, right, _)) in filled.iter().enumerate() {
        if *right {
            align_right(&mut table, i);
        }
    }
    table.trim_fmt()
}

fn says(row: &Row) -> &'static str {
    match row.outcome {
        Outcome::For => "for",
        Outcome::Against => "AGAINST",
        Outcome::Open => "",
        Outcome::Lacking => "lacking",
    }
}
