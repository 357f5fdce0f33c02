//! This module holds the margins of the messages of one protocol, as histograms show them.

use protocols::Source;

/// A `Sample` holds all margins of one protocol at one load.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The protocol's label.
    pub protocol: String,
    /// Its parameters, canonical JSON.
    pub parameters: String,
    /// Where the messages come from.
    pub source: Source,
    /// Units N.
    pub n: u32,
    /// Messages M of a set.
    pub m: u32,
    /// Message sets pooled.
    pub sets: u32,
    /// kappa_i^m of every bit of every message; fewer where a memory has a row of zeros.
    pub margins: Vec<f64>,
}

impl Sample {
    /// Returns the load M/N.
    pub fn load(&self) -> f64 {
        f64::from(self.m) / f64::from(self.n)
    }
}
