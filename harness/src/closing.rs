//! The end of a sweep is told: what failed, what the results say, where they are and what to try next.

use crate::experiment::Experiment;
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

/// A `Closing` tells the end of a sweep.
pub(crate) struct Closing<'a> {
    /// What was to be swept, and where to.
    pub experiment: &'a Experiment,
    /// Its definition.
    pub definition: &'a Definition,
    /// Who is told of failures.
    pub reporter: &'a Reporter,
    /// Whether to print no table.
    pub quiet: bool,
    /// Whether the command asked for cells to be computed again.
    pub reruns: bool,
}

impl Closing<'_> {
    /// Says what failed and prints what the results say.
    ///
    /// # Errors
    /// If it cannot be printed.
    pub(crate) fn end(&self, records: &Records, outcome: Option<&Stopping>) -> Result<ExitCode> {
        let failed = self.tell_failures(&self.definition.name, &records.memories);
        if !self.quiet {
            let table = table::compact(&table::blocks(&summarise(records), View::default()), columns());
            self.conclude(
                &table,
                outcome,
                &Status::counted(records.memories.iter().map(|memory| memory.status)),
            )?;
        }
        Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    /// Does as [`end`](Self::end) for a run of [`store::MANY`] cells, `cells` by status. To read them for their table
    /// takes gigabytes, so the table is left to those who ask for it; where some failed, they are read to say which.
    ///
    /// # Errors
    /// If it cannot be printed, or what failed cannot be read.
    pub(crate) fn end_of_many(
        &self,
        writer: &RunWriter,
        cells: &BTreeMap<Status, u64>,
        outcome: Option<&Stopping>,
    ) -> Result<ExitCode> {
        let has_failed = cells.keys().any(|status| *status != Status::Ok);
        if has_failed {
            let memories = runs::read(writer.folder())?.records.memories;
            self.tell_failures(&self.definition.name, &memories);
        }
        if !self.quiet {
            let show = Next::harness("show").name(&self.definition.name).results(&self.experiment.results);
            let table = format!("The table of so many cells is made on demand: {show}\n");
            self.conclude(&table, outcome, cells)?;
        }
        Ok(if has_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    /// Tells of a sweep that ended early, and how to go on; the exit code says why it did.
    ///
    /// # Errors
    /// If what is finished cannot be read.
    pub(crate) fn stopped(
        &self,
        ending: Ending,
        cells: &[Arc<Cell>],
        writer: &RunWriter,
    ) -> Result<ExitCode> {
        let finished = writer.folder().finished()?.cells;
        let done = cells.iter().filter(|cell| finished.contains_key(cell.id.as_str())).count();
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
            self.tell_failures(&name, &memories);
        }
        self.reporter.warn(
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

    /// Prints the question, the table, how trials were added, and where the results are.
    fn conclude(&self, table: &str, outcome: Option<&Stopping>, cells: &BTreeMap<Status, u64>) -> Result<()> {
        let question = wrapped(self.definition.question.trim(), columns(), 0);
        let looks = outcome.map_or_else(String::new, |outcome| outcome.text() + "\n");
        let footer = self.footer(cells);
        let folder = self.experiment.folder(self.definition);
        print_painted(&format!("{question}\n\n{table}{looks}{footer}\n"))
            .with_context(|| format!("the results are in {}, but their table is lost", folder.display()))
    }

    /// Says what failed, if anything did.
    fn tell_failures(&self, name: &str, memories: &[Memory]) -> bool {
        let Some(failures) = Failures::among(memories) else { return false };
        let replay = |memory: &Memory| {
            let replay = Next::harness("replay").name(name).option("--cell", &memory.at.cell);
            replay.results(&self.experiment.results).to_string()
        };
        let mut again = arguments();
        if !self.reruns {
            again.extend(["--rerun".to_owned(), "failed".to_owned()]);
        }
        self.reporter.warn("failures", &failures.text(replay, &command_line(again)));
        true
    }

    /// Says where the results are, what failed, and what to try next.
    fn footer(&self, cells: &BTreeMap<Status, u64>) -> String {
        let folder = self.experiment.folder(self.definition);
        let counts: Vec<String> =
            cells.iter().map(|(status, count)| format!("{count} {}", status.name())).collect();
        let next =
            |command| Next::harness(command).name(&self.definition.name).results(&self.experiment.results);
        let drawn = cfg!(feature = "report").then(|| format!("{}; ", next("figures")));
        format!(
            "Results: {} ({} cells)\nNext: {}{}",
            folder.display(),
            counts.join(", "),
            drawn.unwrap_or_default(),
            next("show").flag("--csv")
        )
    }
}

/// Returns the command that started this process.
fn arguments() -> Vec<String> {
    std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect()
}
