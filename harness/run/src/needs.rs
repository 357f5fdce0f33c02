//! The memory that a cell is sure to need: its largest buffers that live at the same time, counted.
//!
//! A lower bound, so that a cell refused by it could never have stayed within its budget. What depends on the course of
//! the computation (the history of L-BFGS, blocks of matrix products) is left out.

use protocols::Spec;
use protocols::protocol::{Start, Trn, TrnLiteral};
use study::measure::Probe;
use study::plan::Cell;

/// Bytes that a cell holds at its peak, or more.
pub fn needs(cell: &Cell) -> u64 {
    let (n, m) = (u64::from(cell.n), u64::from(cell.m));
    let messages = n * m;
    messages + write(&cell.spec, n, m).max(4 * n * n + reads(cell))
}

/// Queries as signs, then also the final states and two checkpoints of each.
fn reads(cell: &Cell) -> u64 {
    if cell.task.probes.contains(&Probe::Recovery) && !cell.task.flips.is_empty() {
        4 * u64::from(cell.n) * u64::from(cell.task.queries)
    } else {
        0
    }
}

const F32: u64 = 4;
const F64: u64 = 8;

/// Bytes that a write holds beside its messages.
fn write(spec: &Spec, n: u64, m: u64) -> u64 {
    match spec {
        // The messages once more, and W.
        Spec::Hop(_) => n * m + F32 * n * n,
        // The overlaps twice, their Cholesky factor, the factor of W and the messages once more; then that factor and W.
        Spec::Pse(_) if m <= n => ((F32 + 2 * F64) * m * m + (F32 + 1) * n * m).max(F32 * (n * m + n * n)),
        // The messages as numbers, and their singular vectors.
        Spec::Pse(_) => F64 * (n * m + n * n),
        Spec::Mpf(spec) => mpf(n, m * u64::from(spec.copies.max(1))),
        // The states as numbers, their fields, and the seven vectors of an L-BFGS step.
        Spec::Margin(spec) => F32 * (2 * n * m * u64::from(spec.copies.max(1)) + 7 * n * n),
        // The messages as numbers, their fields, u(W), two slopes of every weight, and the seven vectors.
        Spec::Mcf(_) => F32 * (2 * n * m + 10 * n * n),
        Spec::Trn(trn) | Spec::TrnLiteral(TrnLiteral(trn)) => trained(trn, n, m),
    }
}

/// The messages and all queries as numbers, those of a minibatch once more, those held out, and the messages for these; the
/// parameters, their gradient, what the optimiser keeps, and the best that validation has seen.
fn trained(trn: &Trn, n: u64, m: u64) -> u64 {
    // A training that is refused for its many queries takes nothing.
    let Ok(per_message) = trn.queries_per_message(n as usize, m as usize) else { return 0 };
    let queries = m * u64::from(per_message);
    let minibatch = if u64::from(trn.batch) < queries { trn.batch.into() } else { 0 };
    let validates = u64::from(trn.patience > 0);
    let held_out = validates * m * (u64::from(trn.queries.get()) + 1);
    let parameters = n * n * if trn.input { 2 } else { 1 };
    let training = F32 * (n * (m + queries + minibatch + held_out) + (3 + validates) * parameters);
    if trn.start == Start::Mpf { training.max(mpf(n, m)) } else { training }
}

/// `m` states as numbers, their fields, W and its gradient, and the seven vectors of an L-BFGS step, half of W each.
fn mpf(n: u64, m: u64) -> u64 {
    4 * (2 * n * m + 2 * n * n + 7 * (n * (n - 1) / 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execute::execute_within;
    use crate::limits::{Abandonment, Limits};
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
            let records = execute_within(&cell, "here", &limits).unwrap();
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
    fn reads_allocate_what_they_need() {
        for (cell, peak, needs) in measured("noise = [0.1]\nqueries = 3000\n") {
            assert!(peak >= needs, "{cell}: {peak} against {needs}");
        }
    }
}
