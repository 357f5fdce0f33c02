//! This module offers the names that a shell completes: definitions, studies, runs.

use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter};
use std::ffi::OsStr;
use std::path::Path;
use store::runs::list;
use study::definition::Definition;
use study::effects::EffectStudy;

/// Completes the name of a shipped definition, or the path of one.
pub(crate) fn definitions() -> ArgValueCompleter {
    ArgValueCompleter::new(|begun: &OsStr| {
        let shipped = Definition::shipped().iter().map(|(name, _)| (*name).to_owned());
        with_paths(begun, shipped)
    })
}

/// Completes the name of a shipped study, or the path of one.
pub(crate) fn studies() -> ArgValueCompleter {
    ArgValueCompleter::new(|begun: &OsStr| {
        let shipped = EffectStudy::shipped().iter().map(|(name, _)| (*name).to_owned());
        with_paths(begun, shipped)
    })
}

/// Completes the name of a run in the usual folder of results. A reference run has its short name too.
pub(crate) fn runs() -> ArgValueCompleter {
    ArgValueCompleter::new(|begun: &OsStr| {
        let mut names = list(Path::new("results"));
        let short: Vec<String> =
            names.iter().filter_map(|name| name.strip_prefix("reference/")).map(str::to_owned).collect();
        names.extend(short);
        names.sort();
        names.dedup();
        candidates(begun, names.into_iter())
    })
}

fn with_paths(begun: &OsStr, names: impl Iterator<Item = String>) -> Vec<CompletionCandidate> {
    let files = PathCompleter::any()
        .filter(|path| path.is_dir() || path.extension().is_some_and(|extension| extension == "toml"));
    let mut found = candidates(begun, names);
    found.extend(files.complete(begun));
    found
}

fn candidates(begun: &OsStr, names: impl Iterator<Item = String>) -> Vec<CompletionCandidate> {
    let begun = begun.to_string_lossy();
    names.filter(|name| name.starts_with(&*begun)).map(CompletionCandidate::new).collect()
}
