//! The command `list` says what there is: definitions that come with the program, those of this folder, and runs.

use crate::amounts::bytes;
use crate::stdout::{print, print_painted};
use crate::width::{columns, wrapped};
use anyhow::Result;
use base::paint::{bad, faint, good, head, open, width};
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::Manifest;
use store::runs::{folder, list};
use study::definition::Definition;
use study::plan::plan;
use study::record::Status;

/// Arguments of `list`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness list                       definitions and runs, with their sizes and how they stand
  harness list --results elsewhere
  harness list --json                for programs")]
pub(crate) struct Args {
    /// Folder of results.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
    /// JSON instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// What there is.
#[derive(Debug, Serialize)]
struct Listing {
    shipped: Vec<Listed>,
    own: Vec<Listed>,
    runs: Vec<ListedRun>,
}

/// A definition.
#[derive(Debug, Serialize)]
struct Listed {
    name: String,
    question: String,
}

/// A run.
#[derive(Debug, Serialize)]
struct ListedRun {
    name: String,
    /// `complete`, `incomplete`, `failures` or `damaged`.
    state: &'static str,
    /// Cells in its tables.
    cells: u64,
    /// Cells of its definition; absent where that cannot be read any more, as when a file that it names is gone.
    planned: Option<u64>,
    /// Cells that failed.
    failed: u64,
    /// Bytes of its folder.
    bytes: u64,
    /// When it wrote its tables the last time.
    ended: Option<String>,
}

/// Lists definitions and runs.
///
/// # Errors
/// If standard output cannot be written.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let listing = Listing {
        shipped: Definition::shipped().iter().filter_map(|(name, text)| listed(name, text)).collect(),
        own: own(Path::new(".")),
        runs: list(&args.results).iter().map(|name| listed_run(&args.results, name)).collect(),
    };
    if args.json {
        print(&(serde_json::to_string_pretty(&listing)? + "\n"))?;
    } else {
        print_painted(&text(&listing, &args.results, columns()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The part of a definition that is listed. Nothing that it names is looked at: programs run at `sweep`, and not here.
#[derive(Deserialize)]
struct Head {
    question: String,
    #[serde(rename = "protocols")]
    _protocols: toml::Table,
}

fn listed(name: &str, text: &str) -> Option<Listed> {
    let Head { question, .. } = toml::from_str(text).ok()?;
    Some(Listed { name: name.to_owned(), question })
}

/// Files of a folder that are definitions.
fn own(folder: &Path) -> Vec<Listed> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let definition = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?;
        listed(name, &std::fs::read_to_string(path).ok()?)
    };
    paths.iter().filter_map(definition).collect()
}

fn listed_run(results: &Path, name: &str) -> ListedRun {
    let folder = folder(results, name);
    let bytes = size(folder.path());
    let manifest = folder.manifest();
    let state = if manifest.is_err() { "damaged" } else { "incomplete" };
    let none =
        ListedRun { name: name.to_owned(), state, cells: 0, planned: None, failed: 0, bytes, ended: None };
    let Ok(Some(Manifest { cells, runs, rerun, .. })) = manifest else { return none };
    let last = runs.last();
    let definition = last.and_then(|run| run.definition(folder.path()).ok());
    let planned = definition.map(|definition| plan(&definition).len() as u64);
    let count: u64 = cells.values().sum();
    let failed = count - cells.get(&Status::Ok).copied().unwrap_or(0);
    let state = match () {
        () if rerun || count == 0 || planned.is_some_and(|planned| count < planned) => "incomplete",
        () if failed > 0 => "failures",
        () => "complete",
    };
    ListedRun { state, cells: count, planned, failed, ended: last.and_then(|run| run.end.clone()), ..none }
}

/// Bytes of all files below a folder.
fn size(folder: &Path) -> u64 {
    let (mut sum, mut waiting) = (0, vec![folder.to_owned()]);
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(data) if data.is_dir() => waiting.push(entry.path()),
                Ok(data) => sum += data.len(),
                Err(_) => (),
            }
        }
    }
    sum
}

fn text(listing: &Listing, results: &Path, room: usize) -> String {
    const WRITES: &str = "a text can be written to";
    let mut text = String::new();
    for (title, definitions) in
        [("Definitions that come with the program", &listing.shipped), ("Definitions here", &listing.own)]
    {
        if definitions.is_empty() {
            continue;
        }
        let longest = definitions.iter().map(|listed| width(&listed.name)).max().unwrap_or(0);
        writeln!(text, "{}", head(title)).expect(WRITES);
        for Listed { name, question } in definitions {
            let blanks = " ".repeat(longest - width(name));
            writeln!(text, "{}", wrapped(&format!("  {name}{blanks}  {question}"), room, longest + 4))
                .expect(WRITES);
        }
        text.push('\n');
    }
    if listing.runs.is_empty() {
        let none = format!("No runs in {}; `harness sweep NAME` makes one.", results.display());
        return text + &wrapped(&none, room, 0) + "\n";
    }
    let longest = listing.runs.iter().map(|run| width(&run.name)).max().unwrap_or(0);
    writeln!(text, "{}", head(&format!("Runs in {}", results.display()))).expect(WRITES);
    for run in &listing.runs {
        let blanks = " ".repeat(longest - width(&run.name));
        let state = match run.state {
            "complete" => good("complete"),
            "failures" => bad(&format!("{} of {} failed", run.failed, run.cells)),
            "damaged" => bad("damaged"),
            _ => open(&run.planned.map_or_else(
                || "incomplete".to_owned(),
                |planned| format!("{} of {planned} cells", run.cells),
            )),
        };
        let day = run.ended.as_deref().and_then(|end| end.split('T').next()).unwrap_or_default();
        let line = format!(
            "  {}{blanks}  {state}, {} cells, {} {}",
            run.name,
            run.cells,
            bytes(run.bytes as f64),
            faint(day)
        );
        writeln!(text, "{}", wrapped(line.trim_end(), room, longest + 4)).expect(WRITES);
    }
    text
}
