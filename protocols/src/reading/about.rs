//! What the list of readers says of each: its name, its formula, what it costs, where it comes from.

use crate::described::Parameter;
use serde::Serialize;

/// A `ReaderAbout` holds what the list of readers says of one.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ReaderAbout {
    /// The name in definitions.
    pub name: &'static str,
    /// What it is, in words.
    pub title: &'static str,
    /// The rule.
    pub formula: &'static str,
    /// What a read costs.
    pub cost: &'static str,
    /// When a read ends.
    pub ends: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Its parameters.
    pub parameters: &'static [Parameter],
}
