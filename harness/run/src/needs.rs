//! This module counts the memory that a cell is sure to need. That is its largest buffers that live at the
//! same time.
//!
//! A lower bound, so that a cell refused by it could never have stayed within its budget. What depends on the course of
//! the computation (the history of L-BFGS, blocks of matrix products) is left out.

use crate::block::{block, readers};
use crate::limits::Limits;
use base::allocation::Meter;
use std::hint::black_box;
use study::measure::Probe;
use study::plan::Cell;

/// Counts the bytes that a cell is sure to hold at its peak. It may hold more.
pub fn needs(cell: &Cell) -> u64 {
    let (n, m) = (u64::from(cell.n), u64::from(cell.m));
    let messages = n * m;
    let weights = 4 * n * n;
    messages + cell.spec.bytes(n, m).max(weights + reads(cell).max(symmetric(cell))).max(recalled(cell))
}

/// Bytes that a cell is expected to hold at its peak, with its other buffers and what the allocator keeps.
pub fn expected(cell: &Cell) -> u64 {
    (needs(cell) as f64 * MARGIN) as u64
}

/// Holds how many times what is sure to be needed is expected to be taken.
pub const MARGIN: f64 = 2.5;

/// Says what helps who has too little memory.
pub const MORE_MEMORY: &str =
    "raise the limit of memory, take a machine that has more, or a smaller n or fewer queries";

/// Returns whether so many bytes can be had in one piece now. They are given back untouched.
pub fn can_be_had(bytes: u64) -> bool {
    /// Whoever runs at all has as much.
    const LITTLE: u64 = 16 << 20;
    if bytes <= LITTLE {
        return true;
    }
    let mut buffer: Vec<u8> = Vec::new();
    let is_had = usize::try_from(bytes).is_ok_and(|bytes| buffer.try_reserve_exact(bytes).is_ok());
    // A buffer that nobody looks at would not be asked for.
    black_box(&mut buffer);
    is_had
}

/// The symmetric part of the weights, whose energy is looked at.
fn symmetric(cell: &Cell) -> u64 {
    let n = u64::from(cell.n);
    if cell.task.probes.contains(&Probe::Structure) { 4 * n * n } else { 0 }
}

/// Counts the bytes of reads. They are the queries as signs, then also the final states and two checkpoints
/// of each.
fn reads(cell: &Cell) -> u64 {
    if cell.task.probes.contains(&Probe::Recovery) && !cell.task.flips.is_empty() {
        4 * u64::from(cell.n) * u64::from(cell.task.queries)
    } else {
        0
    }
}

/// Counts the bytes of a block from which programs recall: its memories, messages and queries.
fn recalled(cell: &Cell) -> u64 {
    let Some(block) = block(cell).filter(|_| !readers(cell).is_empty()) else { return 0 };
    let [n, m, queries] = [cell.n, cell.m, cell.task.queries].map(u64::from);
    let of_trial = 4 * n * n + n * m + n * queries.saturating_mul(cell.task.flips.len() as u64);
    u64::from(block.get()).saturating_mul(of_trial)
}

/// Refuses a cell that is sure to exceed its memory budget or the memory that is there, before it takes it. Refuses
/// also one for which the system refuses what it may take: its buffers are asked for as one piece beforehand, since a
/// refusal while it runs would end the process and every other cell.
pub(crate) fn affordable(cell: &Cell, limits: &Limits) -> Result<(), String> {
    let needed = needs(cell);
    let mebibytes = needed.div_ceil(1 << 20);
    if let Some(most) = limits.budget().memory_mib.filter(|most| needed > most.bytes()) {
        return Err(format!(
            "needs at least {mebibytes} MiB, more than its memory budget of {most} (memory_mib): not started"
        ));
    }
    if let Some(there) = limits.there().filter(|&there| needed > there) {
        return Err(format!(
            "out of memory: needs at least {mebibytes} MiB, {} MiB are there: not started; {MORE_MEMORY}",
            there >> 20
        ));
    }
    let most = expected(cell);
    let is_had = can_be_had(most);
    // What was had for a moment is no part of what the cell takes.
    Meter::start();
    if !is_had {
        return Err(format!(
            "out of memory: may need {} MiB, which the system refuses: not started; {MORE_MEMORY}",
            most >> 20
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execute::execute_within;
    use crate::limits::Abandonment;
    use base::allocation::Meter;
    use std::path::Path;
    use study::budget::Budget;
    use study::definition::Definition;
    use study::plan::plan;

    /// What the cells of every protocol do allocate, with what they need; by label, N and M.
    fn measured(rest: &str) -> Vec<(String, u64, u64)> {
        let text = r#"question = "?"
analysis = "."
[protocols]
HOP = { hop = {} }
PSE = { pse = {} }
MPF = { mpf = {} }
"MPF, copies" = { mpf = { copies = 5 } }
margin = { margin = {} }
"margin, copies" = { margin = { loss = "logistic", copies = 5 } }
TRN = { trn = { epochs = 2 } }
"TRN, minibatches" = { trn = { epochs = 2, start = "hop", batch = 300, patience = 5 } }
"TRN, exhaustive" = { trn = { epochs = 1, start = "hop", noise_model = "exhaustive", noise = 0.012 } }
literal = { trn-literal = { epochs = 2 } }
"TRN, HOP start" = { trn = { epochs = 1, start = "hop", input = true, optimiser = { sgd = { momentum = 0.9 } } } }
[grid]
n = [64, 100]
load = [0.5, 1.5]
trials = 1
"#;
        let text = match rest {
            "" => text.replace("[protocols]", "probes = [\"stability\"]\n[protocols]"),
            _ => text.to_owned() + rest,
        };
        let definition = Definition::parse("test", Path::new("test.toml"), &text);
        let measure = |cell: Cell| {
            // The first limits of a thread allocate what it keeps.
            let limits = Limits::start(Budget::default(), Abandonment::default());
            let meter = Meter::start();
            let records = execute_within(&cell, "here", &limits, None).unwrap();
            assert!(records.memory.figures.is_some(), "{}", records.memory.message);
            (format!("{}, N = {}, M = {}", cell.label, cell.n, cell.m), meter.peak(), needs(&cell))
        };
        plan(&definition.unwrap_or_else(|error| panic!("{error}"))).into_iter().map(measure).collect()
    }

    #[test]
    fn writes_allocate_what_they_need_and_not_five_times_as_much() {
        for (cell, peak, needs) in measured("") {
            assert!((needs..5 * needs).contains(&peak), "{cell}: {peak} against {needs}");
        }
    }

    #[test]
    fn what_can_be_had_is_told() {
        assert!(can_be_had(0) && can_be_had(64 << 20));
        assert!(!can_be_had(1 << 60) && !can_be_had(u64::MAX), "more than there are addresses");
    }

    #[test]
    fn reads_allocate_what_they_need() {
        for (cell, peak, needs) in measured("noise = [0.1]\nqueries = 3000\n") {
            assert!(peak >= needs, "{cell}: {peak} against {needs}");
        }
    }
}
