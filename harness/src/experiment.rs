//! What `sweep`, `plan` and `submit` are about: a definition, and the folder of its results.

use crate::limits::{TRIALS, up_to};
use anyhow::Result;
use std::num::NonZeroU32;
use std::path::PathBuf;
use study::definition::Definition;

/// A definition, with the arguments that say which of it and where.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Experiment {
    /// A shipped definition's name, or a path to one of your own.
    #[arg(default_value = "quick")]
    pub definition: String,
    /// Folder of results; the run goes to a folder of its name in it.
    #[arg(long, visible_alias = "out", default_value = "results")]
    pub results: PathBuf,
    /// Message sets of every size, in place of the definition's `trials`.
    #[arg(long, value_parser = up_to::<TRIALS, NonZeroU32>)]
    pub trials: Option<NonZeroU32>,
}

impl Experiment {
    /// The definition with its trials.
    pub(crate) fn load(&self) -> Result<Definition> {
        let mut definition = Definition::load(&self.definition)?;
        if let Some(trials) = self.trials() {
            definition.override_trials(trials);
        }
        Ok(definition)
    }

    /// Message sets in place of the definition's.
    pub(crate) fn trials(&self) -> Option<u32> {
        self.trials.map(NonZeroU32::get)
    }

    /// The folder of the run.
    pub(crate) fn folder(&self, definition: &Definition) -> PathBuf {
        self.results.join(&definition.name)
    }
}
