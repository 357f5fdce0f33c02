//! This module runs a cell. It draws the messages, writes them, probes the memory, and records what happened,
//! whatever happens.

use crate::batch::{Batch, Trial};
use crate::limits::{Abandonment, Limits};
use crate::needs::{MORE_MEMORY, affordable};
use crate::written::{Fault, messages, write};
use base::panics::caught;
use protocols::probe::{
    Recovery, correction, counted, energy_descent, random_starts, recovery, stability, structure,
};
use protocols::reading::{Reads, Settings};
use protocols::{CorruptionKind, Patterns, Queries, Report, Written};
use std::time::Instant;
use study::budget::Budget;
use study::measure::Probe;
use study::plan::Cell;
use study::record::{CellRecords, Coordinates, Memory, MemoryFigures, Recall, Status, Timing};
use worker::Workers;

/// Says how many queries the energy probe reads at most. It counts flips, of which each read has many.
pub(crate) const ENERGY_READS: u32 = 20;

/// Says from how many random states a memory is read.
pub(crate) const RANDOM_STARTS: u32 = 100;

/// Runs the cells of a group (see [`groups`](crate::block::groups)) for as long as it takes, by `workers` where a
/// program writes or recalls them. Failures and panics become a status and message.
pub fn execute(group: &[&Cell], host: &str, workers: &Workers) -> Vec<CellRecords> {
    let limits = || Limits::start(Budget::default(), Abandonment::default());
    let batch = Batch::of(group, workers, &limits);
    let run =
        |cell: &&Cell| execute_within(cell, host, &limits(), batch.as_ref().map(|batch| batch.trial(cell)));
    group.iter().map(|cell| run(cell).expect("nobody abandons it")).collect()
}

/// Runs a cell within limits that were just started. It is `ready` as far as it was prepared with its batch. A
/// budget that it exceeds is a failure like others; `None` if it was abandoned.
pub(crate) fn execute_within(
    cell: &Cell,
    host: &str,
    limits: &Limits,
    ready: Option<Trial<'_>>,
) -> Option<CellRecords> {
    let start = Instant::now();
    // Its parameters are spelled out once, and not for every record.
    let at = cell.coordinates();
    let mut write_seconds = None;
    let of_batch = ready.map_or(0.0, |ready| ready.write_seconds() + ready.read_seconds());
    let outcome = caught(|| attempt(cell, &at, limits, ready, &mut write_seconds))
        .unwrap_or_else(|panic| Err(panicked(panic)));
    let total = start.elapsed().as_secs_f64() + of_batch;
    let write_seconds = write_seconds.unwrap_or(total);
    let timing = Timing {
        at: at.clone(),
        write_seconds,
        read_seconds: total - write_seconds,
        host: host.to_owned(),
        program: ready.and_then(|ready| ready.times()),
    };
    let memory = |status, message, figures| Memory { at, status, message, figures };
    let (status, message) = match outcome {
        Ok((figures, recalls)) => {
            let memory = memory(Status::Ok, String::new(), Some(figures));
            return Some(CellRecords { memory, recalls, timing });
        }
        Err(fault) => fault.recorded()?,
    };
    Some(CellRecords { memory: memory(status, message, None), recalls: vec![], timing })
}

/// Makes the fault of a panic. The library of matrices panics where it is refused memory.
fn panicked(panic: String) -> Fault {
    if panic.contains("AllocError") {
        let message = format!("out of memory: the system refused some while it ran; {MORE_MEMORY} ({panic})");
        return Fault::Failed(Status::Memory, message);
    }
    Fault::Failed(Status::Panic, panic)
}

const READING: &str = "probing and reading";

/// Computes the numbers of a cell. The seconds that its write took go to `write_seconds` as soon as it ends.
fn attempt(
    cell: &Cell,
    at: &Coordinates,
    limits: &Limits,
    ready: Option<Trial<'_>>,
    write_seconds: &mut Option<f64>,
) -> Result<(MemoryFigures, Vec<Recall>), Fault> {
    affordable(cell, limits).map_err(|message| Fault::Failed(Status::Memory, message))?;
    let messages = messages(cell)?;
    let written_here;
    let written = match ready {
        Some(ready) => {
            *write_seconds = Some(ready.write_seconds());
            ready.written()?
        }
        None => {
            written_here = write(cell, &messages, limits, write_seconds)?;
            &written_here
        }
    };
    let goes_on = || limits.check().map_err(|cut| Fault::Cut(cut, READING));
    let figures = figures(cell, &messages, written, goes_on)?;
    Ok((figures, recalls((cell, at), &messages, written, ready, goes_on)?))
}

fn figures(
    cell: &Cell,
    messages: &Patterns,
    written: &Written,
    goes_on: impl Fn() -> Result<(), Fault>,
) -> Result<MemoryFigures, Fault> {
    let Report { iterations, evaluations, objective, stop, rank } = &written.report;
    let probes = |probe| cell.task.probes.contains(&probe);
    let stability = probes(Probe::Stability).then(|| stability(&written.weights, messages));
    goes_on()?;
    let structure = probes(Probe::Structure).then(|| structure(&written.weights, messages));
    goes_on()?;
    let descent = cell.task.flips.last().filter(|_| probes(Probe::Structure)).map(|&flips| {
        let queries = cell.queries(messages, flips, cell.task.queries.min(ENERGY_READS));
        energy_descent(&written.weights, &queries.states, cell.task.max_steps, &mut cell.order_stream(flips))
    });
    goes_on()?;
    let correction = probes(Probe::Correction).then(|| correction(&written.weights, messages));
    goes_on()?;
    let starts = probes(Probe::Starts).then(|| {
        let (sweeps, mut stream) = (cell.task.max_steps, cell.starts_stream());
        random_starts(&written.weights, messages, RANDOM_STARTS, sweeps, &mut stream)
    });
    goes_on()?;
    let margins = stability.as_ref().and_then(|s| s.margins);
    Ok(MemoryFigures {
        iterations: *iterations,
        evaluations: *evaluations,
        objective: *objective,
        stop: stop.name().to_owned(),
        rank: rank.map(|rank| rank as u32),
        fixed: stability.as_ref().map(|s| s.fixed),
        wrong_bits: stability.as_ref().map(|s| s.wrong_bits),
        tied_bits: stability.as_ref().map(|s| s.tied_bits),
        margin_min: margins.map(|m| m.min),
        margin_mean: margins.map(|m| m.mean),
        asymmetry: structure.as_ref().map(|s| s.asymmetry),
        diagonal_ratio: structure.as_ref().map(|s| s.diagonal_ratio),
        strict_minima: structure.as_ref().map(|s| s.strict_minima),
        energy_flips: descent.map(|d| d.flips),
        energy_rises: descent.map(|d| d.rises),
        correction,
        starts,
    })
}

fn recalls(
    (cell, at): (&Cell, &Coordinates),
    messages: &Patterns,
    written: &Written,
    ready: Option<Trial<'_>>,
    goes_on: impl Fn() -> Result<(), Fault>,
) -> Result<Vec<Recall>, Fault> {
    let mut recalls = Vec::new();
    if !cell.task.probes.contains(&Probe::Recovery) {
        return Ok(recalls);
    }
    for (place, &flips) in cell.task.flips.iter().enumerate() {
        let queries = cell.queries(messages, flips, cell.task.queries);
        let own = flips.kind == CorruptionKind::Own;
        for &dynamics in &cell.task.dynamics {
            let settings = Settings { reader: dynamics, max_steps: cell.task.max_steps };
            let mut order = cell.order_stream(flips);
            let reads = match ready.filter(|_| dynamics.is_program()) {
                Some(ready) => {
                    let start = place * (cell.task.queries * cell.n) as usize;
                    recalled(&ready.states(dynamics)?[start..], messages, &queries)
                }
                None => recovery(&written.weights, messages, &queries, settings, cell.checkpoint, &mut order),
            };
            recalls.push(Recall {
                at: at.clone(),
                dynamics,
                flips,
                checkpoint: cell.checkpoint,
                reads,
                differing: own.then(|| queries.differing(messages)),
            });
            goes_on()?;
        }
    }
    recalls.sort_by_key(|r| (r.dynamics, r.flips));
    Ok(recalls)
}

/// Counts what a program recalled from the queries of a corruption, whose states begin with these.
fn recalled(states: &[i8], messages: &Patterns, queries: &Queries) -> Recovery {
    let states = states[..queries.states.signs().len()].to_vec();
    // It has one step, so that its first and its last state are the same.
    counted(&Reads::at_once(&queries.states, states, 2), messages, queries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocols::Corruption;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::{Duration, Instant};
    use study::definition::Definition;
    use study::plan::{Task, plan};

    /// A cell of `protocol` at N = 64, M = 16, with all probes.
    fn cell(protocol: &str) -> Cell {
        let text = format!(
            "question = \"?\"\nanalysis = \".\"\n[protocols]\nP = {{ {protocol} }}\n\
             [grid]\nn = [64]\nm = [16]\nflips = [0, 6]\ntrials = 1\nqueries = 20\n"
        );
        let definition = Definition::parse("test", Path::new("test.toml"), &text);
        plan(&definition.unwrap_or_else(|error| panic!("{error}"))).swap_remove(0)
    }

    fn within(cell: &Cell, budget: Budget) -> Option<CellRecords> {
        execute_within(cell, "here", &Limits::start(budget, Abandonment::default()), None)
    }

    fn alone(cell: &Cell) -> CellRecords {
        execute(&[cell], "here", &Workers::default()).swap_remove(0)
    }

    fn ending(records: CellRecords) -> (Status, String) {
        assert!(records.memory.figures.is_none() && records.recalls.is_empty());
        (records.memory.status, records.memory.message)
    }

    /// Hours of training.
    const LONG: &str = "trn = { epochs = 100000000, start = \"hop\" }";

    #[test]
    fn a_time_budget_binds_inside_training() {
        // The budget is of the whole cell: on a machine that does other things as well, its write may have less.
        let budget = Budget { seconds_per_cell: "0.5".parse().ok(), ..Budget::default() };
        let start = Instant::now();
        let records = within(&cell(LONG), budget).unwrap();
        assert!(start.elapsed() >= Duration::from_millis(500) && records.timing.write_seconds > 0.0);
        let message = "exceeded its time budget of 0.5 s (seconds_per_cell) while writing";
        assert_eq!(ending(records), (Status::Timeout, message.to_owned()));
    }

    #[test]
    fn a_memory_budget_binds_before_the_start_and_inside_training() {
        let budget = |mib: u64| Budget { memory_mib: mib.try_into().ok(), ..Budget::default() };
        // 64 units, 16 messages and 2000 queries of each: 8 MiB of numbers.
        let hungry = cell("trn = { epochs = 100000000, queries = 2000, start = \"hop\" }");
        let message = "needs at least 8 MiB, more than its memory budget of 2 MiB (memory_mib): not started";
        assert_eq!(ending(within(&hungry, budget(2)).unwrap()), (Status::Memory, message.to_owned()));
        let message = "exceeded its memory budget of 8 MiB (memory_mib) while writing";
        assert_eq!(ending(within(&hungry, budget(8)).unwrap()), (Status::Memory, message.to_owned()));
    }

    #[test]
    fn a_cell_that_does_not_fit_into_what_is_there_is_a_record_and_takes_nothing() {
        // 6.7 GiB for its weights and their symmetric part.
        let huge = Cell { n: 30_000, ..cell("hop = {}") };
        let start = |there| Limits::start(Budget::default(), Abandonment::default()).where_there_are(there);
        let limits = start(Some(1 << 30));
        let (status, message) = ending(execute_within(&huge, "here", &limits, None).unwrap());
        assert_eq!(status, Status::Memory);
        let said = "out of memory: needs at least 6867 MiB, 1024 MiB are there: not started; raise the limit";
        assert!(message.starts_with(said), "{message}");
        let fits = execute_within(&cell("hop = {}"), "here", &start(Some(1 << 30)), None).unwrap();
        assert_eq!(fits.memory.status, Status::Ok);
    }

    #[test]
    fn a_cell_within_its_budget_has_the_numbers_that_it_has_without_one() {
        let cell = cell("trn = { epochs = 3 }");
        let budget = Budget { seconds_per_cell: "3600".parse().ok(), memory_mib: "1000".parse().ok() };
        let (free, bound) = (alone(&cell), within(&cell, budget).unwrap());
        assert_eq!(free.memory.status, Status::Ok);
        assert_eq!((free.memory, free.recalls), (bound.memory, bound.recalls));
    }

    #[test]
    fn an_abandoned_cell_ends_and_leaves_no_record() {
        let abandonment = Abandonment::default();
        let limits = Limits::start(Budget::default(), abandonment.clone());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(50));
                abandonment.declare();
            });
            assert_eq!(execute_within(&cell(LONG), "here", &limits, None), None);
        });
    }

    /// 2^47 bytes are more than a process can address.
    #[test]
    fn a_matrix_that_cannot_be_had_is_memory_that_is_not_there() {
        let panic = caught(|| faer::Mat::<f32>::zeros(1 << 23, 1 << 22)).unwrap_err();
        let Fault::Failed(status, message) = panicked(panic) else { panic!("nobody cut it") };
        assert_eq!(status, Status::Memory);
        assert!(message.starts_with("out of memory: ") && message.contains(MORE_MEMORY), "{message}");
    }

    #[test]
    fn a_failure_is_a_record_with_its_reason() {
        let (status, message) = ending(alone(&cell("trn = { epochs = 9, learning_rate = 1e38 }")));
        assert_eq!(status, Status::Diverged);
        assert!(message.starts_with("diverged at iteration"), "{message}");
        // No definition asks for more flips than bits: it stands for a mistake in the program.
        let cell = cell("hop = {}");
        let broken = Cell {
            task: Arc::new(Task { flips: vec![Corruption::flips(65)], ..(*cell.task).clone() }),
            ..cell
        };
        let (status, message) = ending(alone(&broken));
        assert_eq!(status, Status::Panic);
        assert!(
            message.starts_with("65 of 64 bits cannot be corrupted (") && message.contains(".rs:"),
            "{message}"
        );
    }
}
