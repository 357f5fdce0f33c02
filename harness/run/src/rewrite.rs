//! This module writes the memory of a planned cell anew. Pictures and pages show it.

use protocols::{Patterns, Weights, WriteError};
use study::plan::Cell;
use worker::External;

/// Tells whether the memory of a cell can be written anew: a program of one's own writes in a sweep alone, since
/// whoever draws a figure of results should not run what they name; and messages of a file must be there still.
pub(crate) fn can_be_rewritten(cell: &Cell) -> bool {
    cell.spec.downcast_ref::<External>().is_none() && messages_at_hand(cell)
}

/// Tells whether the messages of a cell can be drawn again.
pub fn messages_at_hand(cell: &Cell) -> bool {
    messages::at_hand(cell.source)
}

/// Writes the memory that the cell's protocol makes of its `messages`, by the cell's own stream.
///
/// # Errors
/// If the write fails, as it did or would in the sweep.
pub fn rewritten(cell: &Cell, messages: &Patterns) -> Result<Weights, WriteError> {
    Ok(cell.spec.protocol().write(messages, &mut cell.training_stream())?.weights)
}
