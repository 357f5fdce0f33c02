//! This module writes the memory of a planned cell anew. Pictures and pages show it.

use protocols::{Patterns, Weights, WriteError};
use study::plan::Cell;

/// Writes the memory that the cell's protocol makes of its `messages`, by the cell's own stream.
///
/// # Errors
/// If the write fails, as it did or would in the sweep.
pub fn rewritten(cell: &Cell, messages: &Patterns) -> Result<Weights, WriteError> {
    Ok(cell.spec.protocol().write(messages, &mut cell.training_stream())?.weights)
}
