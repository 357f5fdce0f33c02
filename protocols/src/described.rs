//! Parameters are described in the same words wherever a catalogue lists them: of rules, readers and messages.

use serde::Serialize;

/// A `Parameter` holds what the catalogue says of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// Its key in a definition.
    pub name: &'static str,
    /// The values it takes.
    pub allowed: &'static str,
    /// What it does.
    pub meaning: &'static str,
}

impl Parameter {
    /// Makes a parameter of its key, the values it takes, and what it does.
    pub const fn new(name: &'static str, allowed: &'static str, meaning: &'static str) -> Self {
        Self { name, allowed, meaning }
    }
}
