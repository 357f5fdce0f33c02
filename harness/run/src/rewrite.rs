//! The memory of a planned cell, written anew: what pictures and pages show of it.

use protocols::{Patterns, Weights, WriteError};
use study::plan::Cell;

/// The memory that the cell's protocol writes of its `messages`, by the cell's own stream.
///
/// # Errors
/// If the write fails, as it did or would in the sweep.
pub fn rewritten(cell: &Cell, messages: &Patterns) -> Result<Weights, WriteError> {
    Ok(cell.spec.protocol().write(messages, &mut cell.training_stream())?.weights)
}
