//! This module holds a read of a memory step by step, as pictures of basins show it.

use protocols::reading::{End, Reader};
use protocols::{Corruption, Source};

/// A `Trajectory` is one read of one memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Trajectory {
    /// The protocol's label.
    pub protocol: String,
    /// Its parameters, canonical JSON.
    pub parameters: String,
    /// Where the messages come from.
    pub source: Source,
    /// Units N.
    pub n: u32,
    /// Messages M.
    pub m: u32,
    /// How it is read.
    pub dynamics: Reader,
    /// Flipped bits of the query.
    pub flips: Corruption,
    /// Number of the query, which is that of its message.
    pub query: u32,
    /// The message.
    pub stored: Vec<i8>,
    /// The query.
    pub offered: Vec<i8>,
    /// States after so many steps, up to the last that differs from the one before among those kept.
    pub states: Vec<(u32, Vec<i8>)>,
    /// The state in the end.
    pub last: Vec<i8>,
    /// How the read ended.
    pub end: End,
}

impl Trajectory {
    /// Returns whether the read ended at the message for good.
    pub fn is_recovered(&self) -> bool {
        matches!(self.end, End::Fixed | End::Stopped) && self.last == self.stored
    }
}
