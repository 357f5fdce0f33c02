//! This module runs `plan --simulate`. It shows how a sweep in shards would go on more workers than there
//! are.

use crate::amounts::{bytes, duration};
use crate::sharding::freeze::{Division, Shards, freeze};
use anyhow::Result;
use comfy_table::{CellAlignment, Table, presets};
use cpu_time::ProcessTime;
use run::cost::{CellCost, Model, Tables};
use run::shards::{Course, Fleet, Frozen, Spread, course};
use run::sweep::{FLUSH_CELLS, SHARD_WAIT};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::path::Path;
use study::definition::Definition;
use study::plan::Cell;

/// Simulates the sweep and makes a row for each number of workers.
pub(crate) fn simulate(
    definition: &Definition,
    cells: &[Cell],
    model: &Model,
    workers: &[NonZeroU32],
) -> Result<String> {
    let costs: Vec<f64> = model.costs(cells).into_iter().map(CellCost::total).collect();
    let (total, longest) = (costs.iter().sum::<f64>(), costs.iter().copied().fold(0.0, f64::max));
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header([
        "workers",
        "shards",
        "ideal",
        "longest first",
        "as it varies",
        "in slices",
        "files",
        "written",
        "plan.json",
        "its reading",
        "read in all",
    ]);
    for workers in workers {
        table.add_row(row(definition, cells, model, &costs, workers.get() as usize)?);
    }
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    Ok(format!(
        "{} cells, {} of CPU time, the longest {}\n\n{table}\n\n\
         longest first: makespan over ideal if every cell takes what is expected; as it varies: if cells and \
         machines differ; \
         in slices: the same with one slice of the plan a worker\n",
        cells.len(),
        duration(total),
        duration(longest)
    ))
}

fn row(
    definition: &Definition,
    cells: &[Cell],
    model: &Model,
    costs: &[f64],
    workers: usize,
) -> Result<Vec<String>> {
    let division = Division { trials: None, threads: 1, shards: Shards::ForWorkers(workers) };
    let frozen = freeze(definition, cells, model, &HashMap::new(), division)?;
    let text = frozen.text();
    // What every shard does before its first cell; a file system would come on top of it. CPU time, which
    // holds on a busy machine too.
    let begun = ProcessTime::now();
    let frozen = Frozen::parse(Path::new("plan.json"), text.as_bytes())?;
    let start_seconds = begun.elapsed().as_secs_f64();
    let shard_of: Vec<usize> = frozen.cells().map(|(_, shard)| shard as usize - 1).collect();
    let shards = frozen.shards.len();
    let flush = (SHARD_WAIT, FLUSH_CELLS);
    let even = Fleet { workers, start_seconds, spread: Spread::NONE };
    let uneven = Fleet { spread: Spread::USUAL, ..even };
    let exact = course(costs, &shard_of, shards, even, flush);
    let varied = course(costs, &shard_of, shards, uneven, flush);
    let slices: Vec<usize> = (0..cells.len()).map(|i| i * workers / cells.len()).collect();
    let slices = course(costs, &slices, workers, uneven, flush);
    let ratio = |course: &Course| format!("{:.2}", course.seconds / course.ideal_seconds);
    let (files, written) = left_behind(&frozen, cells, varied.parts);
    Ok(vec![
        workers.to_string(),
        shards.to_string(),
        duration(exact.ideal_seconds),
        ratio(&exact),
        ratio(&varied),
        ratio(&slices),
        files.to_string(),
        bytes(written),
        bytes(text.len() as f64),
        duration(start_seconds),
        bytes(text.len() as f64 * shards as f64),
    ])
}

/// Counts the files that the shards leave before they are merged, and their bytes.
fn left_behind(frozen: &Frozen, cells: &[Cell], parts: u64) -> (u64, f64) {
    /// A part: three tables and what vouches for them.
    const OF_A_PART: u64 = 4;
    /// A cell in the sidecar of its part.
    const IN_SIDECAR: f64 = 41.0;
    let attempts = frozen.shards.iter().filter(|share| share.cells > 0).count() as u64;
    let provenance = serde_json::to_string(&frozen.run).map_or(0, |text| text.len());
    let bytes = parts as f64 * Tables::default().bytes()
        + Tables::of(cells).bytes()
        + IN_SIDECAR * cells.len() as f64
        + (attempts * provenance as u64) as f64;
    (OF_A_PART * parts + attempts, bytes)
}
