//! This module finds the results that a command names. It says where they are, what they hold, and how to
//! name them again.

use crate::stderr::tell;
use anyhow::{Context, Result, bail};
use run::shards::{Frozen, FrozenError};
use std::path::{Path, PathBuf};
use store::StoreError;
use store::runs::{self, first_place, folder, list, looked_in};
use study::records::Records;

/// Reads the records of the results `name` (see [`folder`]). Damage is warned of.
pub(crate) fn records(root: &Path, name: &str) -> Result<Records> {
    let folder = folder(root, name);
    tell_if_elsewhere(root, name, folder.path());
    let stored = match runs::read(&folder) {
        Err(StoreError::NoResults { .. }) => bail!(
            "there are no results {name:?} (looked for in {}); `harness sweep` makes results, and these \
             are there: {}",
            looked_in(root, name),
            names(root)
        ),
        stored => stored.with_context(|| format!("cannot read the results {name:?}"))?,
    };
    warn_of(&stored.damaged);
    Ok(stored.records)
}

/// A `Sharded` is a run in shards that a command names.
pub(crate) struct Sharded {
    /// Its folder.
    pub root: PathBuf,
    /// The folder of results in which it lies.
    pub results: PathBuf,
    /// The plan that its shards follow.
    pub frozen: Frozen,
}

impl Sharded {
    /// Finds the run `name` by the rule of all results (see [`folder`]): where a plan is frozen.
    pub(crate) fn find(results: &Path, name: &str) -> Result<Self> {
        let root = first_place(results, name, Frozen::is_in);
        let frozen = match Frozen::read(&root) {
            Err(FrozenError::None { .. }) => bail!(
                "no plan of {name:?} is frozen (looked for in {}); shards follow one: make it with `harness plan \
                 DEFINITION --shards N` or `harness submit`",
                looked_in(results, name)
            ),
            frozen => frozen?,
        };
        tell_if_elsewhere(results, name, &root);
        let around = match root.parent() {
            Some(around) if !around.as_os_str().is_empty() => around.to_owned(),
            _ => PathBuf::from("."),
        };
        Ok(Self { root, results: around, frozen })
    }
}

/// Says where results were found that are not in the folder of results.
fn tell_if_elsewhere(root: &Path, name: &str, found: &Path) {
    if found != Path::new(name) && !found.starts_with(root) {
        tell(format_args!("note: {name} is not in {}; read is {}", root.display(), found.display()));
    }
}

/// Warns of damaged parts.
pub(crate) fn warn_of(damaged: &[StoreError]) {
    for damage in damaged {
        tell(format_args!("warning: {damage}; what it held is left out"));
    }
}

fn names(root: &Path) -> String {
    let names = list(root);
    if names.is_empty() { format!("none in {}", root.display()) } else { names.join(", ") }
}
