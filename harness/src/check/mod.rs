//! A check holds rules and readers against what is asked of them: above all programs, of which nobody here knows
//! anything. Each finding says what was asked, what was found, and what to do.

mod catalogue;
mod finding;
mod reader;
mod rule;
mod sample;

pub(crate) use finding::{Checked, Mark};

use anyhow::{Result, bail};
use base::suggest::nearest;
use std::time::Duration;
use study::definition::Definition;
use worker::External;

/// Checks the rules and readers of a definition, or the one of that name. A program gets `limit` for a job.
///
/// # Errors
/// If the definition has none of that name.
pub(crate) fn all(definition: &Definition, name: Option<&str>, limit: Duration) -> Result<Vec<Checked>> {
    let names: Vec<&str> = names(definition).collect();
    if let Some(name) = name.filter(|name| !names.contains(name)) {
        let meant = nearest(name, names.iter().copied());
        let meant = meant.map_or(String::new(), |meant| format!("; did you mean {meant:?}?"));
        bail!("no rule and no reader is called {name:?}; there are {}{meant}", names.join(", "));
    }
    let is_meant = |of: &str| name.is_none_or(|name| name == of);
    let mut checked = Vec::new();
    for (label, spec) in definition.protocols.iter().filter(|(label, _)| is_meant(label)) {
        checked.push(match spec.downcast_ref::<External>() {
            Some(external) => rule::check(label, external, sample::sizes(definition, label), limit),
            None => catalogue::rule(label, spec),
        });
    }
    for &reader in &definition.reads.dynamics {
        let program = definition.reads.programs.iter().find(|program| program.reader() == reader);
        match program {
            Some(program) if is_meant(program.name()) => {
                checked.push(reader::check(program, sample::least(definition), limit));
            }
            None if is_meant(reader.name()) => checked.push(catalogue::reader(reader)),
            _ => {}
        }
    }
    Ok(checked)
}

/// Lists what a definition has to be checked: the labels of its protocols, and the names of its readers.
fn names(definition: &Definition) -> impl Iterator<Item = &str> {
    let programs = &definition.reads.programs;
    let reader = move |reader: &protocols::reading::Reader| {
        let program = programs.iter().find(|program| program.reader() == *reader);
        program.map_or(reader.name(), |program| program.name())
    };
    definition.protocols.keys().map(String::as_str).chain(definition.reads.dynamics.iter().map(reader))
}
