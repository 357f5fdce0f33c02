//! A listing says of each entry of a catalogue what it is, and lists its parameters in columns.

use crate::stdout::print;
use crate::width::wrapped;
use base::paint::width;
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

/// Returns the text of a catalogue whose lines have at most `room` columns.
pub(crate) fn listing(entries: &[Listed], room: usize) -> String {
    let text = in_columns(entries);
    if text.lines().all(|line| width(line) <= room) { text } else { in_lines(entries, room) }
}

/// Writes each parameter as a line or more.
fn in_lines(entries: &[Listed], room: usize) -> String {
    let mut text = String::new();
    for entry in entries {
        for (i, line) in entry.lines.iter().enumerate() {
            let indent = if i == 0 { "" } else { "  " };
            let _ = writeln!(text, "{}", wrapped(&format!("{indent}{line}"), room, 4));
        }
        for [name, default, allowed, meaning] in &entry.parameters {
            let _ = writeln!(
                text,
                "{}",
                wrapped(&format!("    {name} = {default}; allowed: {allowed}"), room, 8)
            );
            let _ = writeln!(text, "{}", wrapped(&format!("        {meaning}"), room, 8));
        }
        text.push('\n');
    }
    text
}

/// Writes parameters in columns, which stand at the same place for all entries.
fn in_columns(entries: &[Listed]) -> String {
    let widest = |column: usize| {
        let cells = entries.iter().flat_map(|entry| &entry.parameters).map(|row| row[column].len());
        cells.chain([HEAD[column].len()]).max().unwrap_or(0)
    };
    let widths = [widest(0), widest(1), widest(2)];
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
