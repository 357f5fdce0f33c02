//! A listing says of each entry of a catalogue what it is, and lists its parameters in columns.

use crate::stdout::print;
use protocols::protocol::Parameter;
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::process::ExitCode;

/// A `Form` says how a catalogue is printed.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Form {
    /// JSON instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Form {
    /// Prints a catalogue in this form.
    ///
    /// # Errors
    /// If standard output cannot be written; a reader that has closed it is no error.
    pub(crate) fn print(
        &self,
        table: impl FnOnce() -> String,
        json: impl FnOnce() -> String,
    ) -> anyhow::Result<ExitCode> {
        print(&if self.json { json() } else { table() })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Returns the text of a catalogue in JSON.
pub(crate) fn json_text(catalogue: &impl Serialize) -> String {
    serde_json::to_string_pretty(catalogue).expect("plain data") + "\n"
}

/// Returns what a catalogue in JSON says of a parameter.
pub(crate) fn described(parameter: &Parameter, default: impl Serialize) -> Value {
    let Parameter { name, allowed, meaning, .. } = parameter;
    json!({ "name": name, "default": default, "allowed": allowed, "meaning": meaning })
}

/// The heads of the columns of parameters.
const HEAD: [&str; 4] = ["parameter", "default", "allowed", "meaning"];

/// A `Listed` is an entry of a catalogue.
pub(crate) struct Listed {
    /// What it is: its name in the first line.
    pub(crate) lines: Vec<String>,
    /// Its parameters: name, default, what is allowed, and what it means.
    pub(crate) parameters: Vec<[String; 4]>,
}

/// Returns the text of a catalogue. Columns stand at the same place for all entries.
pub(crate) fn listing(entries: &[Listed]) -> String {
    let width = |column: usize| {
        let cells = entries.iter().flat_map(|entry| &entry.parameters).map(|row| row[column].len());
        cells.chain([HEAD[column].len()]).max().unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2)];
    let line = |text: &mut String, row: [&str; 4]| {
        let _ = write!(text, "  ");
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(text, "{cell:width$}  ");
        }
        let _ = writeln!(text, "{}", row[3]);
    };
    let mut text = String::new();
    for entry in entries {
        let _ = writeln!(text, "{}", entry.lines.join("\n  "));
        if !entry.parameters.is_empty() {
            line(&mut text, HEAD);
        }
        for row in &entry.parameters {
            line(&mut text, row.each_ref().map(String::as_str));
        }
        text.push('\n');
    }
    text
}
