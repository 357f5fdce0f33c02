//! This module ends a sweep: it says what failed, what the results say, where they are and what to try next.

use super::Args;
use crate::reporter::Reporter;
use crate::stdout::print_painted;
use crate::table::{self, View};
use crate::width::{columns, wrapped};
use analysis::failures::Failures;
use analysis::summary::summarise;
use anyhow::{Context, Result};
use base::next::Next;
use base::shell::command_line;
use run::sweep::Ending;
use std::collections::{BTreeMap, HashSet};
use std::process::ExitCode;
use std::sync::Arc;
use store::RunWriter;
use store::runs;
use study::definition::Definition;
use study::plan::Cell;
use study::record::{Memory, Status};
use study::records::Records;
use study::stopping::Stopping;

/// Says what failed and prints what the results say.
pub(super) fn end(
    args: &Args,
    definition: &Definition,
    records: &Records,
    outcome: Option<&Stopping>,
    reporter: &Reporter,
) -> Result<ExitCode> {
    let failed = tell_failures(args, &definition.name, &records.memories, reporter);
    if !args.quiet {
        let table = table::compact(&table::blocks(&summarise(records), View::default()), columns());
        let mut cells: BTreeMap<Status, u64> = BTreeMap::new();
        records.memories.iter().for_each(|memory| *cells.entry(memory.status).or_default() += 1);
        conclude(args, definition, (&table, outcome), &cells)?;
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Does as [`end`] for a run of [`store::MANY`] cells, `cells` by status. To read them for their table takes gigabytes, so
/// the table is left to those who ask for it; where some failed, they are read to say which.
pub(super) fn end_of_many(
    args: &Args,
    definition: &Definition,
    writer: &RunWriter,
    cells: &BTreeMap<Status, u64>,
    outcome: Option<&Stopping>,
    reporter: &Reporter,
) -> Result<ExitCode> {
    let has_failed = cells.keys().any(|status| *status != Status::Ok);
    if has_failed {
        let memories = runs::read(writer.folder())?.records.memories;
        tell_failures(args, &definition.name, &memories, reporter);
    }
    if !args.quiet {
        let show = Next::harness("show").name(&definition.name).results(&args.experiment.results);
        let table = format!("The table of so many cells is made on demand: {show}\n");
        conclude(args, definition, (&table, outcome), cells)?;
    }
    Ok(if has_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Prints the question, the table, how trials were added, and where the results are.
fn conclude(
    args: &Args,
    definition: &Definition,
    (table, outcome): (&str, Option<&Stopping>),
    cells: &BTreeMap<Status, u64>,
) -> Result<()> {
    let question = wrapped(definition.question.trim(), columns(), 0);
    let looks = outcome.map_or_else(String::new, |outcome| outcome.text() + "\n");
    let footer = footer(args, definition, cells);
    let folder = args.experiment.folder(definition);
    print_painted(&format!("{question}\n\n{table}{looks}{footer}\n"))
        .with_context(|| format!("the results are in {}, but their table is lost", folder.display()))
}

/// Tells of a sweep that ended early, and how to go on; the exit code says why it did.
pub(super) fn stopped(
    args: &Args,
    ending: Ending,
    cells: &[Arc<Cell>],
    writer: &RunWriter,
    reporter: &Reporter,
) -> Result<ExitCode> {
    let finished = writer.folder().finished()?.cells;
    let done = cells.iter().filter(|cell| finished.contains_key(&cell.id)).count();
    let (why, code) = match ending {
        Ending::Signal(signal) => {
            (format!("stopped by {}", signal.name()), ExitCode::from(signal.exit_code()))
        }
        Ending::Failures | Ending::Complete => ("stopped by its failures".to_owned(), ExitCode::FAILURE),
    };
    if ending == Ending::Failures {
        let name = writer.folder().path().file_name().unwrap_or_default().to_string_lossy();
        let planned: HashSet<&str> = cells.iter().map(|cell| cell.id.as_str()).collect();
        let mut memories = runs::read(writer.folder())?.records.memories;
        memories.retain(|memory| planned.contains(memory.at.cell.as_str()));
        tell_failures(args, &name, &memories, reporter);
    }
    reporter.warn(
        "stopped",
        &format!(
            "{why}; {done} of {} cells are finished and kept in {}\nContinue: {}",
            cells.len(),
            writer.folder().path().display(),
            command_line(arguments())
        ),
    );
    Ok(code)
}

/// Says what failed, if anything did.
fn tell_failures(args: &Args, name: &str, memories: &[Memory], reporter: &Reporter) -> bool {
    let Some(failures) = Failures::among(memories) else { return false };
    let replay = |memory: &Memory| {
        let replay = Next::harness("replay").name(name).option("--cell", &memory.at.cell);
        replay.results(&args.experiment.results).to_string()
    };
    let mut again = arguments();
    if args.rerun.is_none() {
        again.extend(["--rerun".to_owned(), "failed".to_owned()]);
    }
    reporter.warn("failures", &failures.text(replay, &command_line(again)));
    true
}

/// Returns the command that started this process.
fn arguments() -> Vec<String> {
    std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect()
}

/// Says where the results are, what failed, and what to try next.
fn footer(args: &Args, definition: &Definition, cells: &BTreeMap<Status, u64>) -> String {
    let folder = args.experiment.folder(definition);
    let counts: Vec<String> =
        cells.iter().map(|(status, count)| format!("{count} {}", status.name())).collect();
    let next = |command| Next::harness(command).name(&definition.name).results(&args.experiment.results);
    let drawn = cfg!(feature = "report").then(|| format!("{}; ", next("figures")));
    format!(
        "Results: {} ({} cells)\nNext: {}{}",
        folder.display(),
        counts.join(", "),
        drawn.unwrap_or_default(),
        next("show").flag("--csv")
    )
}
