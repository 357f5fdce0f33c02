//! This module finds the results that a command names. It says where they are, what they hold, and how to
//! name them again.

use anyhow::{Context, Result, bail};
use std::path::Path;
use store::StoreError;
use store::runs::{self, folder, list, looked_in};
use study::records::Records;

/// Reads the records of the results `name` (see [`folder`]). Damage is warned of.
pub(crate) fn records(root: &Path, name: &str) -> Result<Records> {
    let folder = folder(root, name);
    if folder.path() != Path::new(name) && !folder.path().starts_with(root) {
        eprintln!("note: {name} is not in {}; read is {}", root.display(), folder.path().display());
    }
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

/// Warns of damaged parts.
pub(crate) fn warn_of(damaged: &[StoreError]) {
    for damage in damaged {
        eprintln!("warning: {damage}; what it held is left out");
    }
}

fn names(root: &Path) -> String {
    let names = list(root);
    if names.is_empty() { format!("none in {}", root.display()) } else { names.join(", ") }
}
