//! This module joins a definition with the programs that it names. They stand beside its file, outside its text, and
//! what they are belongs to the identity of what they write.

use super::{Definition, DefinitionError};
use indexmap::IndexMap;
use protocols::Spec;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use worker::External;

/// `Programs` hold what was found of the programs of a definition, as the provenance of its results keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programs {
    /// The folder of the definition.
    pub folder: PathBuf,
    /// By the protocol's label: BLAKE3 of its files, and the line that it prints for `version`.
    pub found: IndexMap<String, (String, String)>,
}

impl Definition {
    /// Looks at the programs and files that it names: where they were found once, or beside its file at `path`.
    ///
    /// # Errors
    /// If one is not there, or is another than was found once.
    pub fn settled(self, path: &Path) -> Result<Self, DefinitionError> {
        self.with_messages_read(path)?.with_programs_found(path)
    }

    fn with_programs_found(mut self, path: &Path) -> Result<Self, DefinitionError> {
        if !self.protocols.values().any(|spec| external(spec).is_some()) {
            return Ok(self);
        }
        // The working folder may be another when they run.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let beside = path.parent().unwrap_or(Path::new(""));
        for (label, spec) in &mut self.protocols {
            let Some(external) = external(spec) else { continue };
            let wrong =
                |reason| DefinitionError::External { path: path.clone(), label: label.clone(), reason };
            let folder = external.folder().unwrap_or(beside).to_owned();
            *spec = external.settled(&folder).map_err(|reason| wrong(reason.into()))?.into();
        }
        Ok(self)
    }

    /// Returns what was found of its programs; `None` where it names none.
    pub fn programs(&self) -> Option<Programs> {
        let all = || self.protocols.iter().filter_map(|(label, spec)| Some((label, external(spec)?)));
        let folder = all().find_map(|(_, external)| external.folder())?.to_owned();
        let found = |(label, external): (&String, &External)| {
            (label.clone(), (external.content.clone(), external.version.clone()))
        };
        Some(Programs { folder, found: all().map(found).collect() })
    }

    /// Takes the programs for what was found of them once. Nothing is read or run.
    #[must_use]
    pub fn with_programs(mut self, programs: &Programs) -> Self {
        for (label, spec) in &mut self.protocols {
            let (Some(external), Some((content, version))) = (external(spec), programs.found.get(label))
            else {
                continue;
            };
            *spec = external.in_folder(&programs.folder).found(content.clone(), version.clone()).into();
        }
        self
    }
}

fn external(spec: &Spec) -> Option<&External> {
    spec.downcast_ref()
}
