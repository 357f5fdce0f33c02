//! The results that a command names: where they are, what they hold, and how to name them again.

use anyhow::{Context, Result};
use base::shell::command_line;
use std::path::Path;
use store::StoreError;
use store::runs::{self, folder, list};
use study::records::Records;

/// The records of the results `name` (see [`folder`]). Damage is warned of.
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

/// The name of results as a command ends with it, and the option that names their folder, where it is not the
/// usual one. A name that begins with a dash goes last, behind `--`, so that it is not taken for an option.
pub(crate) fn named(name: &str, results: &Path) -> String {
    let (word, elsewhere) = (command_line([name.to_owned()]), elsewhere(results));
    if name.starts_with('-') {
        format!("{}{}-- {word}", elsewhere.trim_start(), if elsewhere.is_empty() { "" } else { " " })
    } else {
        word + &elsewhere
    }
}

/// The option that names the folder of results, where it is not the usual one.
pub(crate) fn elsewhere(results: &Path) -> String {
    match results == Path::new("results") {
        true => String::new(),
        false => format!(" --results {}", command_line([results.display().to_string()])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_taken_for_an_option_or_for_two_words() {
        let (here, there) = (Path::new("results"), Path::new("my results"));
        assert_eq!(
            [named("capacity", here), named("capacity", there)],
            ["capacity", "capacity --results 'my results'"]
        );
        assert_eq!([named("-x", here), named("-x", there)], ["-- -x", "--results 'my results' -- -x"]);
        assert_eq!(named("$(id) it's", here), r"'$(id) it'\''s'");
    }
}
