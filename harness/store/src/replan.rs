//! This module goes from stored results back to cells that can run again. It plans the definitions in the
//! manifest anew.

use crate::Manifest;
use protocols::Source;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use study::cell_id::CellId;
use study::definition::DefinitionError;
use study::plan::{Cell, Planner};
use study::record::{Coordinates, Memory};
use study::schema::Table;

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
    /// A row says of its cell what its id does not.
    #[error(
        "{path} is damaged: column `{column}` has {value} for cell {cell}, whose id stands for {due}; allowed is \
         {allowed}; put back a copy of the file, or compute these cells again by `sweep --rerun all`"
    )]
    Forged {
        /// The table.
        path: String,
        /// Id of the cell.
        cell: String,
        /// The column.
        column: &'static str,
        /// What it has.
        value: u32,
        /// What it had when the cell was named.
        due: u32,
        /// What the definition allows.
        allowed: String,
    },
}

/// Plans the cells behind `memories`, by id, from the definitions of all runs in `manifest`. A cell that this
/// program plans under another identity is not among them: a protocol's version, a default or the schema has
/// changed since.
///
/// The number of trials is no part of a cell's identity, and `--trials` may have overridden the definition's,
/// so of every source and size the trials are planned that are stored and those of the definition, and no others: a
/// forged number asks for no more work than a true one.
///
/// An id is a hash of what can change the cell's numbers. So a row whose N, M or trial is not what its id stands for
/// is damage, whatever vouches for its file. Of an id that is not planned nobody can say what it stood for.
///
/// # Errors
/// If the manifest at `path` names no run, none of its definitions can be read, or a row contradicts its id.
pub fn replan(
    manifest: &Manifest,
    path: &Path,
    memories: &[Memory],
) -> Result<HashMap<CellId, Cell>, ReplanError> {
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
                    let all: BTreeSet<u32> =
                        stored.into_iter().flatten().copied().chain(0..condition.trials).collect();
                    for cell in planner.cells(condition, all) {
                        let allowed = condition.trials;
                        cells.entry(cell.id).or_insert((cell, allowed));
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
        _ => {
            memories.iter().try_for_each(|memory| agrees(path, &cells, &memory.at))?;
            Ok(cells.into_iter().map(|(id, (cell, _))| (id, cell)).collect())
        }
    }
}

/// Whether a row says of its cell what the id of the cell stands for. With each cell come the trials that its
/// definition asks for.
fn agrees(
    manifest: &Path,
    cells: &HashMap<CellId, (Cell, u32)>,
    at: &Coordinates,
) -> Result<(), ReplanError> {
    let Some((cell, trials)) = cells.get(at.cell.as_str()) else { return Ok(()) };
    let columns = [("n", at.n, cell.n), ("m", at.m, cell.m), ("trial", at.trial, cell.trial)];
    let Some((column, value, due)) = columns.into_iter().find(|(_, value, due)| value != due) else {
        return Ok(());
    };
    let allowed = match column {
        "trial" => format!("0 to {}", (*trials).max(cell.trial + 1) - 1),
        _ => format!("{due} for this cell"),
    };
    let path = manifest.with_file_name(Table::Memories.file()).display().to_string();
    Err(ReplanError::Forged { path, cell: at.cell.to_string(), column, value, due, allowed })
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
                assert_eq!(cells[memory.at.cell.as_str()].coordinates(), memory.at, "{name}");
            }
        }
    }

    #[test]
    fn a_forged_trial_asks_for_no_more_cells_than_are_stored() {
        let (manifest, mut memories) = reference("quick");
        let path = Path::new("manifest.json");
        let honest = replan(&manifest, path, &memories).unwrap().len();
        // An id that nobody plans contradicts nothing.
        memories[0].at =
            Coordinates { cell: "0".repeat(16).into(), trial: 999_999, ..memories[0].at.clone() };
        let forged = replan(&manifest, path, &memories).unwrap();
        assert!(forged.len() < honest + 100, "{} for {honest}", forged.len());
        assert!(memories[1..].iter().all(|memory| forged.contains_key(memory.at.cell.as_str())));
    }

    /// Also where the forged trial, beyond the definition's or another's, is the only one of its size.
    #[test]
    fn a_row_that_contradicts_its_id_is_damage() {
        let (manifest, memories) = reference("quick");
        let said = |memories: &[Memory]| {
            replan(&manifest, Path::new("run/manifest.json"), memories).unwrap_err().to_string()
        };
        for place in [0, memories.len() / 2, memories.len() - 1] {
            let forged = |change: fn(&mut Coordinates)| {
                let mut memories = memories.clone();
                change(&mut memories[place].at);
                [said(&memories), said(&memories[place..=place])]
            };
            let trial = memories[place].at.trial;
            for text in forged(|at| at.trial = 999_999) {
                let due = format!("whose id stands for {trial}; allowed is 0 to ");
                assert!(text.starts_with("run/memories.parquet is damaged") && text.contains(&due), "{text}");
                assert!(text.contains("`trial` has 999999"), "{text}");
            }
            for text in forged(|at| at.trial = u32::from(at.trial == 0)) {
                assert!(text.contains("`trial` has"), "another's: {text}");
            }
            for text in forged(|at| at.m += 1) {
                assert!(text.contains("`m` has"), "{text}");
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
