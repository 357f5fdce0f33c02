//! This module goes from stored results back to cells that can run again. It plans the definitions in the
//! manifest anew.

use crate::Manifest;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use study::definition::DefinitionError;
use study::plan::{Cell, plan};
use study::record::Memory;

/// A `ReplanError` says why stored results name no cells that this program could run.
#[derive(Debug, thiserror::Error)]
pub enum ReplanError {
    /// No run is named.
    #[error("{path}: it names no run, so what was computed is not known; run the sweep again")]
    NoRun {
        /// The manifest.
        path: String,
    },
    /// The definition is none to this program.
    #[error(
        "{path}: this program does not read the definition that the results were made by; \
         check out the commit that wrote them ({commit})\n{source}"
    )]
    Definition {
        /// The manifest.
        path: String,
        /// The commit that wrote the results.
        commit: String,
        /// What it does not read.
        source: DefinitionError,
    },
}

/// Plans the cells behind `memories`, by id, from the definitions of all runs in `manifest`. A cell that this
/// program plans under another identity is not among them: a protocol's version, a default or the schema has
/// changed since.
///
/// The number of trials is no part of a cell's identity, and `--trials` may have overridden the definition's,
/// so as many trials are planned as are stored.
///
/// # Errors
/// If the manifest at `path` names no run, or none of its definitions can be read.
pub fn replan(
    manifest: &Manifest,
    path: &Path,
    memories: &[Memory],
) -> Result<HashMap<String, Cell>, ReplanError> {
    let shown = path.display().to_string();
    let trials = memories.iter().map(|memory| memory.at.trial + 1).max().unwrap_or(0);
    let (mut cells, mut texts) = (HashMap::new(), HashSet::new());
    let mut unread = None;
    // The newest first: where two definitions name a cell differently, its label counts.
    for run in manifest.runs.iter().rev() {
        if !texts.insert((&run.definition_text, run.root_seed)) {
            continue;
        }
        match run.definition(path) {
            Ok(mut definition) => {
                for condition in &mut definition.conditions {
                    condition.trials = condition.trials.max(trials);
                }
                for cell in plan(&definition) {
                    cells.entry(cell.id.clone()).or_insert(cell);
                }
            }
            Err(source) => {
                unread.get_or_insert((source, run.commit.clone()));
            }
        }
    }
    match unread {
        Some((source, commit)) if cells.is_empty() => Err(ReplanError::Definition {
            path: shown,
            commit: commit.unwrap_or_else(|| "unknown".to_owned()),
            source,
        }),
        _ if cells.is_empty() => Err(ReplanError::NoRun { path: shown }),
        _ => Ok(cells),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RunFolder;
    use crate::provenance::Provenance;

    fn reference(name: &str) -> (Manifest, Vec<Memory>) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/reference").join(name);
        let folder = RunFolder::new(path);
        (folder.manifest().unwrap().unwrap(), folder.read().unwrap().records.memories)
    }

    #[test]
    fn every_reference_cell_is_planned_again() {
        for name in ["quick", "capacity", "noise", "cost"] {
            let (manifest, memories) = reference(name);
            let cells = replan(&manifest, Path::new("manifest.json"), &memories).unwrap();
            for memory in &memories {
                assert_eq!(cells[&memory.at.cell].coordinates(), memory.at, "{name}");
            }
        }
    }

    #[test]
    fn what_cannot_be_planned_says_why() {
        let (manifest, memories) = reference("cost");
        let path = Path::new("manifest.json");
        let none = Manifest { runs: Vec::new(), ..manifest.clone() };
        assert!(replan(&none, path, &memories).unwrap_err().to_string().contains("names no run"));
        let run = Provenance {
            definition_text: "question = 3".to_owned(),
            commit: Some("c0ffee".to_owned()),
            ..manifest.runs[0].clone()
        };
        let other = Manifest { runs: vec![run.clone()], ..manifest.clone() };
        let text = replan(&other, path, &memories).unwrap_err().to_string();
        assert!(text.contains("c0ffee") && text.contains("question"), "{text}");
        let both = Manifest { runs: vec![run, manifest.runs[0].clone()], ..manifest };
        assert!(replan(&both, path, &memories).is_ok());
    }
}
