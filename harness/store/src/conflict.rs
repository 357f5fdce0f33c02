//! A conflict is two records of one cell that differ, though the same cell always gives the same numbers.

use analysis::agreement::Deviation;
use std::fmt;
use study::record::Coordinates;

/// A `Conflict` is a cell with two records that differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The cell.
    pub at: Coordinates,
    /// The first value that differs.
    pub deviation: Deviation,
    /// How many values differ.
    pub values: usize,
    /// The files of both records, with who computed them.
    pub files: [String; 2],
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Coordinates { cell, protocol, source, n, m, trial, .. } = &self.at;
        let Deviation { dynamics, flips, column, stored, now } = &self.deviation;
        let reads = match (dynamics, flips) {
            (Some(dynamics), Some(flips)) => format!(" of reads {}, d = {flips}", dynamics.name()),
            _ => String::new(),
        };
        write!(
            f,
            "cell {cell} ({protocol}, {} messages, N = {n}, M = {m}, trial {trial}) differs in {} values: \
             {column}{reads} \
             is {stored} in {} and {now} in {}",
            source.name(),
            self.values,
            self.files[0],
            self.files[1]
        )
    }
}
