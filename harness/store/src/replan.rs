//! This module goes from stored results back to cells that can run again. It plans the definitions in the
//! manifest anew.

use crate::Manifest;
use protocols::Source;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use study::definition::DefinitionError;
use study::plan::{Cell, Planner};
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
/// so of every source and size the trials are planned that are stored, and no others: a forged number asks for no
/// more work than a true one.
///
/// # Errors
/// If the manifest at `path` names no run, or none of its definitions can be read.
pub fn replan(
    manifest: &Manifest,
    path: &Path,
    memories: &[Memory],
) -> Result<HashMap<String, Cell>, ReplanError> {
    let shown = path.display().to_string();
    let mut trials: HashMap<(Source, u32, u32), BTreeSet<u32>> = HashMap::new();
    for at in memories.iter().map(|memory| &memory.at) {
        trials.entry((at.source, at.n, at.m)).or_default().insert(at.trial);
    }
    let (mut cells, mut texts) = (HashMap::new(), HashSet::new());
    let (mut unread, mut is_read) = (None, false);
    // The newest first: where two definitions name a cell differently, its label counts.
    for run in manifest.runs.iter().rev() {
        let programs = run.programs.as_ref().map(|programs| &programs.found);
        let found =
            format!("{:?} {:?}", programs, run.files.as_ref().map(|files| (&files.found, files.instead)));
        if !texts.insert((&run.definition_text, run.root_seed, found)) {
            continue;
        }
        match run.definition(path) {
            Ok(definition) => {
                let mut planner = Planner::new(&definition);
                for condition in &definition.conditions {
                    let stored = trials.get(&(condition.source, condition.n, condition.m));
                    for cell in planner.cells(condition, stored.into_iter().flatten().copied()) {
                        cells.entry(cell.id.clone()).or_insert(cell);
                    }
                }
                is_read = true;
            }
            Err(source) => {
                unread.get_or_insert((source, run.commit.clone()));
            }
        }
    }
    match unread {
        Some((source, commit)) if !is_read => Err(ReplanError::Definition {
            path: shown,
            commit: commit.unwrap_or_else(|| "unknown".to_owned()),
            source,
        }),
        _ if !is_read => Err(ReplanError::NoRun { path: shown }),
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
    fn a_forged_trial_asks_for_no_more_cells_than_are_stored() {
        let (manifest, mut memories) = reference("quick");
        let path = Path::new("manifest.json");
        let honest = replan(&manifest, path, &memories).unwrap().len();
        memories[0].at.trial = 999_999;
        let forged = replan(&manifest, path, &memories).unwrap();
        assert!(forged.len() < honest + 100, "{} for {honest}", forged.len());
        assert!(memories[1..].iter().all(|memory| forged.contains_key(&memory.at.cell)));
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
