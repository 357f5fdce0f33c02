//! This module finds runs by name: their folders, their records, and the definitions that say what they are
//! for.

use crate::plan_order::PlanOrder;
use crate::{Contents, Manifest, RunFolder, StoreError};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use study::definition::{Definition, DefinitionError};
use study::measure::CONFIDENCE;
use study::records::Records;

/// A `Run` is a definition, and the folder of results by which it is judged and drawn.
#[derive(Debug)]
pub struct Run {
    /// What it is for.
    pub definition: Definition,
    /// The name that the definition is swept by.
    pub swept: String,
    /// The results; absent where there are none yet.
    pub folder: Option<RunFolder>,
}

/// A `StoredRun` holds what a run has recorded so far.
#[derive(Debug, Default)]
pub struct StoredRun {
    /// Its records.
    pub records: Records,
    /// Its manifest; absent where nothing was computed yet.
    pub manifest: Option<Manifest>,
    /// Damaged parts, which are left out.
    pub damaged: Vec<StoreError>,
}

impl Run {
    /// Finds a definition by name or path with its run. Where there is none, it finds the results of that
    /// name with the definition that made them.
    ///
    /// # Errors
    /// If there is neither, or it cannot be read.
    pub fn named(root: &Path, name: &str) -> Result<Self> {
        match Self::of_definition(root, name) {
            Err(error) if is_no_definition(&error) => Self::of_results(root, name),
            run => run,
        }
    }

    /// Finds a definition by name or path, with its results. They are those of its name below `root` or,
    /// where there are none, in `reference`, there or where the program is [`installed`].
    ///
    /// # Errors
    /// If there is no such definition, or it cannot be read.
    pub fn of_definition(root: &Path, name: &str) -> Result<Self> {
        let definition = Definition::load(name)?;
        let below =
            |root: &Path| [root.join(&definition.name), root.join("reference").join(&definition.name)];
        let places = below(root).into_iter().chain(installed().into_iter().flat_map(|root| below(&root)));
        let run = places.into_iter().find(|place| has_results(place));
        Ok(Self { definition, swept: name.to_owned(), folder: run.map(RunFolder::new) })
    }

    /// Finds the results `name`, with the definition that their manifest names last.
    ///
    /// # Errors
    /// If there are no such results, or they cannot be read.
    pub fn of_results(root: &Path, name: &str) -> Result<Self> {
        let folder = folder(root, name);
        let manifest = folder.manifest()?.with_context(|| {
            let shipped: Vec<&str> = Definition::shipped().iter().map(|(name, _)| *name).collect();
            format!(
                "there is neither a definition nor a run {name:?} (looked for in {}); shipped definitions are {}, \
                 runs in {} are {}",
                looked_in(root, name),
                shipped.join(", "),
                root.display(),
                list(root).join(", ")
            )
        })?;
        let run = manifest.runs.last().context("the manifest names no run; sweep again")?;
        let path = folder.path().join("manifest.json");
        let definition = run.definition(&path)?.with_shipped_figures();
        Ok(Self { definition, swept: run.definition.clone(), folder: Some(folder) })
    }

    /// Returns the name of the run. That is the folder of its results as seen from `root`, or that of its
    /// definition.
    pub fn name(&self, root: &Path) -> String {
        let folder =
            self.folder.as_ref().map(|folder| folder.path().strip_prefix(root).unwrap_or(folder.path()));
        folder.map_or_else(|| self.definition.name.clone(), |path| path.to_string_lossy().into_owned())
    }

    /// Reads what the run has recorded; nothing where there are no results.
    ///
    /// # Errors
    /// If results are there and cannot be read.
    pub fn read(&self) -> Result<StoredRun> {
        let Some(folder) = &self.folder else { return Ok(StoredRun::default()) };
        match read(folder) {
            // A sweep that has just begun.
            Err(StoreError::NoResults { .. }) => {
                Ok(StoredRun { manifest: folder.manifest()?, ..StoredRun::default() })
            }
            stored => {
                stored.with_context(|| format!("cannot read the results in {}", folder.path().display()))
            }
        }
    }
}

/// Reads what a folder of results has recorded, in the order of the plan.
///
/// # Errors
/// If there is nothing, or it cannot be read.
pub fn read(folder: &RunFolder) -> Result<StoredRun, StoreError> {
    let Contents { records, damaged } = folder.read()?;
    Ok(in_order(records, folder.manifest()?, damaged))
}

/// Puts records in the order of the plan of their manifest.
pub(crate) fn in_order(
    mut records: Records,
    manifest: Option<Manifest>,
    damaged: Vec<StoreError>,
) -> StoredRun {
    let order = manifest.as_ref().map_or_else(PlanOrder::default, PlanOrder::of_run);
    order.sort(&mut records.memories);
    order.sort(&mut records.recalls);
    order.sort(&mut records.timings);
    let rule = manifest.as_ref().and_then(|manifest| manifest.sequential.as_ref());
    records.confidence = rule.map_or(CONFIDENCE, |outcome| outcome.rule.confidence());
    StoredRun { records, manifest, damaged }
}

/// Returns the folder of results that was installed beside the program, where there is one. It is
/// `../share/hopfield-harness/results` as seen from the folder that the program lies in.
pub fn installed() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let folder = program.parent()?.parent()?.join("share/hopfield-harness/results");
    folder.is_dir().then_some(folder)
}

/// Returns the places where results `name` are looked for, in this order: below `root`, as a path, in `reference` below
/// `root`, the same below the folder `results`, and below the folder that was [`installed`].
pub fn places(root: &Path, name: &str) -> Vec<PathBuf> {
    let below = |root: &Path| [root.join(name), root.join("reference").join(name)];
    let ([first, second], usual) = (below(root), below(Path::new("results")));
    let mut places: Vec<PathBuf> = Vec::new();
    let installed = installed().into_iter().flat_map(|root| below(&root));
    for place in [first, PathBuf::from(name), second].into_iter().chain(usual).chain(installed) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

/// Writes the [`places`] of the results `name` in a sentence.
pub fn looked_in(root: &Path, name: &str) -> String {
    places(root, name).iter().map(|place| place.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// Returns the folder of the results `name`: the first of its [`places`] that has results, or the first of all.
pub fn folder(root: &Path, name: &str) -> RunFolder {
    RunFolder::new(first_place(root, name, has_results))
}

/// Returns the first of the [`places`] of the results `name` that has what is looked for, or the first of all.
pub fn first_place(root: &Path, name: &str, has: impl Fn(&Path) -> bool) -> PathBuf {
    let mut places = places(root, name);
    let found = places.iter().position(|place| has(place)).unwrap_or(0);
    places.swap_remove(found)
}

/// Lists the names of all results below `root`. They are every folder with a manifest, at most two levels
/// deep.
pub fn list(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for folder in folders(root) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if has_results(&folder) {
            found.push(name);
        } else {
            let inner = folders(&folder).into_iter().filter(|f| has_results(f));
            found.extend(
                inner.map(|f| format!("{name}/{}", f.file_name().unwrap_or_default().to_string_lossy())),
            );
        }
    }
    found.sort();
    found
}

/// Returns a text that changes when a file below `folder` does. It is made of their names, sizes and times.
pub fn fingerprint(folder: &Path) -> String {
    let mut files = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(path) = waiting.pop() {
        for entry in std::fs::read_dir(&path).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(found) if found.is_dir() => waiting.push(entry.path()),
                Ok(found) => {
                    files.push(format!("{:?} {} {:?}", entry.path(), found.len(), found.modified().ok()))
                }
                // Gone since it was listed.
                Err(_) => {}
            }
        }
    }
    files.sort();
    blake3::hash(files.join("\n").as_bytes()).to_hex()[..16].to_owned()
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

fn has_results(folder: &Path) -> bool {
    folder.join("manifest.json").exists()
}

/// Returns whether a name is simply not that of a definition. Then it may be one of results.
fn is_no_definition(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(DefinitionError::Unknown { .. } | DefinitionError::Unreadable { .. }))
}
