//! This module joins a definition with the programs that it names. They stand beside its file, outside its text, and
//! what they are belongs to the identity of what they write.

use super::readers::references;
use super::{Definition, DefinitionError};
use indexmap::IndexMap;
use protocols::Spec;
use protocols::reading::Reader;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use worker::{External, ExternalReader};

/// `Programs` hold what was found of the programs of a definition, as the provenance of its results keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programs {
    /// The folder of the definition.
    pub folder: PathBuf,
    /// By the protocol's label: BLAKE3 of its files, and the line that it prints for `version`.
    pub found: IndexMap<String, (String, String)>,
    /// The same by the name of a reader.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub readers: IndexMap<String, (String, String)>,
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
        if self.reads.programs.is_empty() && !self.protocols.values().any(|spec| external(spec).is_some()) {
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
        let settled = |reader: &ExternalReader| {
            let wrong = |reason| DefinitionError::Reader {
                path: path.clone(),
                name: reader.name().to_owned(),
                reason,
            };
            let folder = reader.program().folder().unwrap_or(beside);
            let program = reader.program().settled(folder).map_err(|reason| wrong(reason.into()))?;
            Ok(reader.with(program))
        };
        let readers = self.reads.programs.iter().map(settled).collect::<Result<_, _>>()?;
        Ok(self.with_readers(readers))
    }

    /// Takes the readers that are programs for what they were found to be, wherever they are referred to.
    fn with_readers(mut self, programs: Vec<ExternalReader>) -> Self {
        let pairs = self.reads.programs.iter().zip(&programs);
        let known: HashMap<Reader, Reader> = pairs.map(|(old, new)| (old.reader(), new.reader())).collect();
        let dynamics = self.reads.dynamics.iter_mut();
        let rule = self.sequential.iter_mut().filter_map(|rule| rule.dynamics.as_mut());
        let others = references(&mut self.figures, &mut self.claims);
        for reader in dynamics.chain(rule).chain(others) {
            *reader = known.get(reader).copied().unwrap_or(*reader);
        }
        self.reads.dynamics.sort_unstable();
        self.reads.programs = programs;
        self
    }

    /// Returns what was found of its programs; `None` where it names none.
    pub fn programs(&self) -> Option<Programs> {
        let all = || self.protocols.iter().filter_map(|(label, spec)| Some((label, external(spec)?)));
        let readers = || self.reads.programs.iter().map(|reader| (reader.name(), reader.program()));
        let programs = all().map(|(_, program)| program).chain(readers().map(|(_, program)| program));
        let folder = programs.into_iter().find_map(External::folder)?.to_owned();
        let found = |external: &External| (external.content.clone(), external.version.clone());
        Some(Programs {
            folder,
            found: all().map(|(label, external)| (label.clone(), found(external))).collect(),
            readers: readers().map(|(name, external)| (name.to_owned(), found(external))).collect(),
        })
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
        let found = |reader: &ExternalReader| match programs.readers.get(reader.name()) {
            Some((content, version)) => {
                let program = reader.program().in_folder(&programs.folder);
                reader.with(program.found(content.clone(), version.clone()))
            }
            None => reader.clone(),
        };
        let readers = self.reads.programs.iter().map(found).collect();
        self.with_readers(readers)
    }
}

fn external(spec: &Spec) -> Option<&External> {
    spec.downcast_ref()
}
