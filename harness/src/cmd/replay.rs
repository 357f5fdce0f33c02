//! The command `replay` computes one stored cell again and shows its records beside the stored ones.

use crate::completing;
use crate::rerun::{Rerunnable, recompute};
use crate::stderr::tell;
use crate::stdout::print;
use analysis::agreement::{Findings, conditions, deviations, exceeded_budget};
use anyhow::{Context, Result, bail};
use comfy_table::{Table, presets};
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use store::provenance::Change;
use study::canonical::canonical;
use study::plan::Cell;
use study::record::{Memory, Recall, Status};
use study::schema::{Get, Row};

/// Arguments of `replay`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness replay quick --cell d8d350e6a0e38fee
  harness replay reference/quick --cell d8d3      the start of an id, where no other cell has it
  harness replay quick --failed                   the first cell that failed, with its message

Ids are in the column `cell` of every table (FORMAT.md). A value that is another now is shown as `stored -> now`.
Exit code 1 where one is. Budgets do not apply: a cell that had exceeded one runs to its end.")]
pub(crate) struct Args {
    /// Name of the results, or a path to their folder.
    #[arg(add = completing::runs())]
    pub name: String,
    /// Id of the cell, or its start.
    #[arg(long, required_unless_present = "failed")]
    pub cell: Option<String>,
    /// The first cell that failed.
    #[arg(long, conflicts_with = "cell")]
    pub failed: bool,
    /// Folder of results.
    #[arg(long, default_value = "results")]
    pub results: PathBuf,
    /// Both records as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Computes the cell again and prints what it gives.
///
/// # Errors
/// If the results cannot be read, have no such cell, or this program plans it no more.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let stored = Rerunnable::open(&args.results, &args.name)?;
    let before = match &args.cell {
        Some(start) => find(&stored.findings, start, &args.name)?,
        None => stored
            .findings
            .iter()
            .find(|cell| cell.memory.status != Status::Ok)
            .with_context(|| format!("no cell of {} failed; name one with --cell", args.name))?,
    };
    let id = &before.memory.at.cell;
    let cell = stored.cells.get(id.as_str()).with_context(|| {
        format!(
            "cell {id} of {} is no longer planned by this program: a protocol's version, a default or the schema has \
             changed; check out the commit that its manifest.json names",
            args.name
        )
    })?;
    if exceeded_budget(&before.memory) {
        tell("the cell had exceeded its budget; now it runs without one");
    }
    let now = recompute(&[cell], None)?.swap_remove(0);
    let changed = deviations(before, &now).len();
    let text = if args.json {
        let both = json!({ "stored": as_json(before), "now": as_json(&now), "changed": changed });
        serde_json::to_string_pretty(&both)? + "\n"
    } else {
        text(cell, before, &now, &stored.changes())
    };
    print(&text)?;
    Ok(if changed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Writes both records side by side.
fn text(cell: &Cell, before: &Findings, now: &Findings, changes: &[Change]) -> String {
    let Cell { id, label, n, m, trial, .. } = cell;
    let mut text = format!(
        "cell {id}: {label}, {} messages, N = {n}, M = {m}, trial {trial}\n{}\n\n{}\n\n",
        cell.source.name(),
        canonical(&cell.spec),
        memory_table(&before.memory, &now.memory)
    );
    if !(before.recalls.is_empty() && now.recalls.is_empty()) {
        text += &format!("{}\n\n", recall_table(before, now));
    }
    for Change { what, then, now } in changes {
        text += &format!("{what}: {now} here, {then} in the run\n");
    }
    match deviations(before, now).len() {
        0 => text + "Every bit agrees.\n",
        changed => text + &format!("{changed} values differ.\n"),
    }
}

/// Finds the one cell whose id begins with `start`.
fn find<'a>(cells: &'a [Findings], start: &str, name: &str) -> Result<&'a Findings> {
    let matching: Vec<&Findings> =
        cells.iter().filter(|cell| cell.memory.at.cell.starts_with(start)).collect();
    let describe = |cell: &&'a Findings| {
        let at = &cell.memory.at;
        format!("{} ({} {} N={} M={} trial {})", at.cell, at.protocol, at.source.name(), at.n, at.m, at.trial)
    };
    match matching.as_slice() {
        [cell] => Ok(cell),
        [] => {
            // The nearest in sight: ids that share the longest start.
            let shared = |cell: &&Findings| {
                cell.memory.at.cell.bytes().zip(start.bytes()).take_while(|(a, b)| a == b).count()
            };
            let mut nearest: Vec<&Findings> = cells.iter().collect();
            nearest.sort_by_key(|cell| std::cmp::Reverse(shared(cell)));
            let nearest: Vec<String> = nearest.iter().take(3).map(describe).collect();
            bail!(
                "{name} has no cell whose id begins with `{start}`; the nearest of its {}: {}. Ids are in the column \
                 `cell` of its tables",
                cells.len(),
                nearest.join(", ")
            )
        }
        many => {
            let some: Vec<String> = many.iter().take(3).map(describe).collect();
            bail!(
                "`{start}` begins the ids of {} cells of {name}, such as {}; give more of it",
                many.len(),
                some.join(", ")
            )
        }
    }
}

/// Writes `5`, or `5 -> 6` where the value is another now. A side without the row is `none`.
fn beside<R>(get: &Get<R>, stored: Option<&R>, now: Option<&R>) -> String {
    let side = |row: Option<&R>| {
        row.map_or_else(|| Some("none".to_owned()), |row| get.text(row)).unwrap_or_default()
    };
    let (stored, now) = (side(stored), side(now));
    if stored == now { stored } else { format!("{stored} -> {now}") }
}

/// Counts the coordinates, which stand above the tables.
const COORDINATES: usize = 8;

/// A row a column of the memory that has a value.
fn memory_table(stored: &Memory, now: &Memory) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    for column in Memory::columns().iter().skip(COORDINATES) {
        let value = beside(&column.get, Some(stored), Some(now));
        if !value.is_empty() {
            table.add_row([column.name.to_owned(), value]);
        }
    }
    table.trim_fmt()
}

/// Makes a table with a row for each read condition.
fn recall_table(stored: &Findings, now: &Findings) -> String {
    let columns = Recall::columns();
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header(columns.iter().skip(COORDINATES).map(|column| column.name.replace('_', " ")));
    for (_, before, after) in conditions(stored, now) {
        table.add_row(columns.iter().skip(COORDINATES).map(|column| beside(&column.get, before, after)));
    }
    table.trim_fmt()
}

fn as_json(cell: &Findings) -> Value {
    json!({
        "memory": row_json(&cell.memory),
        "recalls": cell.recalls.iter().map(row_json).collect::<Vec<_>>(),
    })
}

/// A row by the names of its columns; NaN and infinities, which JSON has not, are texts.
fn row_json<R: Row>(row: &R) -> Value {
    let value = |get: &Get<R>| match get {
        Get::U32(get) => json!(get(row)),
        Get::U64(get) => json!(get(row)),
        Get::F64(get) => match get(row) {
            Some(x) if !x.is_finite() => json!(x.to_string()),
            x => json!(x),
        },
        Get::Text(get) => json!(get(row)),
    };
    let fields = R::columns().into_iter().map(|column| (column.name.to_owned(), value(&column.get)));
    Value::Object(fields.collect::<Map<_, _>>())
}
