//! This module holds what `sweep`, `plan` and `submit` are about: a definition, and the folder of its
//! results.

use crate::completing;
use crate::given_messages::given;
use crate::limits::{TRIALS, up_to};
use anyhow::Result;
use run::shards::Frozen;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use study::definition::Definition;

/// A definition, with the arguments that say which of it and where.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Experiment {
    /// A shipped definition's name, or a path to one of your own.
    #[arg(default_value = "quick", add = completing::definitions())]
    pub definition: String,
    /// Folder of results; the run goes to a folder of its name in it.
    #[arg(long, visible_alias = "out", default_value = "results")]
    pub results: PathBuf,
    /// Message sets of every size, in place of the definition's `trials`.
    #[arg(long, value_parser = up_to::<TRIALS, NonZeroU32>)]
    pub trials: Option<NonZeroU32>,
    /// Messages of your own, in place of the definition's sources and n: an npy, npz, csv, IDX, PNG, PBM, PGM or
    /// Parquet file, or a folder of pictures. With a threshold: 'file(digits.png threshold=otsu)'. The run is named
    /// after both.
    #[arg(long, value_name = "FILE")]
    pub messages: Option<String>,
    /// Queries of your own for these messages, beside the definition's noise: a file of the same formats, whose rows
    /// have the units of a message.
    #[arg(long, value_name = "FILE", requires = "messages")]
    pub queries: Option<PathBuf>,
    /// The row of its message for every query, from 0; without it query q belongs to message q.
    #[arg(long, value_name = "FILE", requires = "queries")]
    pub targets: Option<PathBuf>,
}

impl Experiment {
    /// Loads the definition with its trials.
    pub(crate) fn load(&self) -> Result<Definition> {
        let mut definition = match (self.frozen()?, &self.messages) {
            (Some(definition), _) => definition,
            (None, Some(messages)) => {
                let (file, folder) = given(messages, self.queries.as_deref(), self.targets.as_deref())?;
                Definition::load_with(&self.definition, file, &folder)?
            }
            (None, None) => Definition::load(&self.definition)?,
        };
        if let Some(trials) = self.trials() {
            definition.override_trials(trials);
        }
        Ok(definition)
    }

    /// Reads the copy of a definition that stands beside its frozen plan. Its programs and files stand elsewhere, where
    /// they were found when it was frozen, and must be the same still.
    fn frozen(&self) -> Result<Option<Definition>> {
        let path = Path::new(&self.definition);
        let Some(folder) = path.parent().filter(|folder| Frozen::is_in(folder)) else { return Ok(None) };
        let frozen = Frozen::read(folder)?;
        if (frozen.run.programs.is_none() && frozen.run.files.is_none())
            || frozen.definition_path(folder) != path
        {
            return Ok(None);
        }
        Ok(Some(frozen.definition(folder)?.settled(path)?))
    }

    /// Returns the number of message sets in place of the definition's.
    pub(crate) fn trials(&self) -> Option<u32> {
        self.trials.map(NonZeroU32::get)
    }

    /// Returns the folder of the run.
    pub(crate) fn folder(&self, definition: &Definition) -> PathBuf {
        self.results.join(&definition.name)
    }
}
