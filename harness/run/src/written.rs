//! This module writes the memory of a cell by a rule of the catalogue, within limits, and says why it failed.

use crate::limits::{Cut, Limits};
use protocols::{Patterns, WriteError, Written};
use std::ops::ControlFlow;
use std::time::Instant;
use study::plan::Cell;
use study::record::Status;

/// A `Fault` says why a cell has no numbers.
pub(crate) enum Fault {
    /// It failed by itself.
    Failed(Status, String),
    /// It was ended at this stage.
    Cut(Cut, &'static str),
}

const WRITING: &str = "writing";

impl Fault {
    /// Returns the record of the fault; `None` where the sweep ended, which leaves none.
    pub(crate) fn recorded(self) -> Option<(Status, String)> {
        match self {
            Self::Failed(status, message) => Some((status, message)),
            Self::Cut(cut, stage) => exceeded(cut, stage),
        }
    }
}

/// Makes the record of a budget that was exceeded. It does not say how far the cell came: that changes from
/// run to run.
fn exceeded(cut: Cut, stage: &str) -> Option<(Status, String)> {
    match cut {
        Cut::Abandoned => None,
        Cut::Time(most) => Some((
            Status::Timeout,
            format!("exceeded its time budget of {most} (seconds_per_cell) while {stage}"),
        )),
        Cut::Memory(most) => {
            Some((Status::Memory, format!("exceeded its memory budget of {most} (memory_mib) while {stage}")))
        }
    }
}

/// Draws the messages of a cell.
pub(crate) fn messages(cell: &Cell) -> Result<Patterns, Fault> {
    let drawn = cell.source.draw(cell.n as usize, cell.m as usize, &mut cell.messages_stream());
    drawn.map_err(|error| failed(&error.into()))
}

/// Writes the messages of a cell. The seconds that it took go to `write_seconds`, however it ends.
pub(crate) fn write(
    cell: &Cell,
    messages: &Patterns,
    limits: &Limits,
    write_seconds: &mut Option<f64>,
) -> Result<Written, Fault> {
    let mut cut = Ok(());
    let mut watch = |_| {
        cut = limits.check();
        if cut.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(String::new()) }
    };
    let start = Instant::now();
    let written = cell.spec.protocol().write_watched(messages, &mut cell.training_stream(), &mut watch);
    *write_seconds = Some(start.elapsed().as_secs_f64());
    // A write that was cut reports an interruption of ours; one that ended by itself may have passed a limit unasked.
    cut.and_then(|()| limits.check()).map_err(|cut| Fault::Cut(cut, WRITING))?;
    written.map_err(|error| failed(&error))
}

fn failed(error: &WriteError) -> Fault {
    let status = match error {
        WriteError::Diverged { .. } => Status::Diverged,
        WriteError::Interrupted { .. } => Status::Timeout,
        _ => Status::Invalid,
    };
    Fault::Failed(status, error.to_string())
}
