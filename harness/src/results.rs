//! This module finds the results that a command names. It says where they are, what they hold, and how to
//! name them again.

use anyhow::{Context, Result};
use std::path::Path;
use store::StoreError;
use store::runs::{self, folder, list};
use study::records::Records;

/// Reads the records of the results `name` (see [`folder`]). Damage is warned of.
pub(crate) fn records(root: &Path, name: &str) -> Result<Records> {
    let stored = runs::read(&folder(root, name)).with_context(|| {
        format!(
            "cannot read the results {name:?}; `harness sweep` makes results, and these are there: {}",
            names(root)
        )
    })?;
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
