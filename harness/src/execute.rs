//! Running a cell: draw its messages, write them, probe the memory, and record what happened, whatever happens.

use crate::definition::Probe;
use crate::plan::Cell;
use crate::record::{CellRecords, Memory, MemoryFigures, Recall, Status, Timing};
use protocols::probe::{energy_descent, recovery, stability, structure};
use protocols::reading::Settings;
use protocols::{Patterns, Queries, Report, WriteError, Written};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// Queries that the energy probe reads at most; it counts flips, of which each read has many.
const ENERGY_READS: u32 = 20;

/// Runs a cell. Failures and panics become its status and message.
pub fn execute(cell: &Cell, host: &str) -> CellRecords {
    let start = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| attempt(cell)));
    let total = start.elapsed().as_secs_f64();
    let (outcome, write_seconds) = match outcome {
        Ok(result) => result,
        Err(panic) => (Err((Status::Panic, panic_text(panic.as_ref()))), total),
    };
    let timing = Timing {
        at: cell.coordinates(),
        write_seconds,
        read_seconds: total - write_seconds,
        host: host.to_owned(),
    };
    let memory = |status, message, figures| Memory { at: cell.coordinates(), status, message, figures };
    match outcome {
        Ok((figures, recalls)) => {
            CellRecords { memory: memory(Status::Ok, String::new(), Some(figures)), recalls, timing }
        }
        Err((status, message)) => {
            CellRecords { memory: memory(status, message, None), recalls: vec![], timing }
        }
    }
}

type Outcome = Result<(MemoryFigures, Vec<Recall>), (Status, String)>;

/// The numbers of a cell and the seconds that its write took.
fn attempt(cell: &Cell) -> (Outcome, f64) {
    let mut seconds = 0.0;
    let outcome = (|| {
        let fail = |error: WriteError| (status(&error), error.to_string());
        let messages = cell
            .source
            .draw(cell.n as usize, cell.m as usize, &mut cell.messages_stream())
            .map_err(|error| fail(error.into()))?;
        let start = Instant::now();
        let written = cell.spec.protocol().write(&messages, &mut cell.training_stream());
        seconds = start.elapsed().as_secs_f64();
        let written = written.map_err(fail)?;
        Ok((figures(cell, &messages, &written), recalls(cell, &messages, &written)))
    })();
    (outcome, seconds)
}

fn status(error: &WriteError) -> Status {
    match error {
        WriteError::Diverged { .. } => Status::Diverged,
        WriteError::Interrupted { .. } => Status::Timeout,
        _ => Status::Invalid,
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

fn figures(cell: &Cell, messages: &Patterns, written: &Written) -> MemoryFigures {
    let Report { iterations, evaluations, objective, stop, rank } = &written.report;
    let probes = |probe| cell.task.probes.contains(&probe);
    let stability = probes(Probe::Stability).then(|| stability(&written.weights, messages));
    let structure = probes(Probe::Structure).then(|| structure(&written.weights, messages));
    let descent = cell.task.flips.last().filter(|_| probes(Probe::Structure)).map(|&flips| {
        let count = cell.task.queries.min(ENERGY_READS) as usize;
        let queries = Queries::exact(messages, flips as usize, count, &mut cell.queries_stream(flips));
        energy_descent(&written.weights, &queries.states, cell.task.max_steps, &mut cell.order_stream(flips))
    });
    let margins = stability.as_ref().and_then(|s| s.margins);
    MemoryFigures {
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
    }
}

fn recalls(cell: &Cell, messages: &Patterns, written: &Written) -> Vec<Recall> {
    let mut recalls = Vec::new();
    if !cell.task.probes.contains(&Probe::Recovery) {
        return recalls;
    }
    for &flips in &cell.task.flips {
        let count = cell.task.queries as usize;
        let queries = Queries::exact(messages, flips as usize, count, &mut cell.queries_stream(flips));
        for &dynamics in &cell.task.dynamics {
            let settings = Settings { dynamics, max_steps: cell.task.max_steps };
            let mut order = cell.order_stream(flips);
            let r = recovery(&written.weights, messages, &queries, settings, cell.checkpoint, &mut order);
            recalls.push(Recall {
                at: cell.coordinates(),
                dynamics,
                flips,
                queries: r.queries,
                recovered_first: r.first,
                checkpoint: cell.checkpoint,
                recovered_checkpoint: r.at_checkpoint,
                recovered: r.recovered,
                negative: r.negative,
                other_message: r.other_message,
                spurious: r.spurious,
                cycle: r.cycle,
                unsettled: r.unsettled,
                longest_cycle: r.longest_cycle,
                overlap_sum: r.overlap_sum,
                steps_sum: r.steps_sum,
                ties: r.ties,
            });
        }
    }
    recalls.sort_by_key(|r| (r.dynamics, r.flips));
    recalls
}
