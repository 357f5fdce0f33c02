//! What lies in a folder of results, and how much of it can be trusted.

use super::StoreError;
use super::file;
use super::manifest::{CellStatus, MANIFEST, Manifest};
use super::part::{Origin, Set};
use super::table::Stored;
use crate::record::{Memory, Status};
use crate::schema::Table;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// Folder of the parts written since the tables were.
pub(super) const PARTS: &str = "parts";
/// Folder of the parts whose cells a plan no longer named.
pub(super) const ATTIC: &str = "attic";
/// Folder of tables on their way into place; a manifest in it says that they are complete.
pub(super) const STAGED: &str = "staged";

/// For every cell, the index of the set that holds what counts of it, and how it ended.
pub(super) type Winners<'a> = HashMap<&'a str, (usize, Status)>;

/// Whether what counts of a cell is in this set.
pub(super) fn wins(winners: &Winners<'_>, set: usize, cell: &str) -> bool {
    winners.get(cell).is_some_and(|(winner, _)| *winner == set)
}

/// Files that do not hold what was written.
#[derive(Debug)]
pub(super) struct Broken {
    /// Which file, and what is wrong with it.
    pub(super) error: StoreError,
    /// Whether it is one of the consolidated tables or their manifest.
    pub(super) origin: Origin,
    /// Everything that is worth nothing without it.
    pub(super) files: Vec<PathBuf>,
}

/// What lies in a folder of results.
#[derive(Debug)]
pub(super) struct Survey {
    /// Sets whose seals hold; where two hold the same cell, the later counts.
    pub(super) sets: Vec<Set>,
    /// Files whose seals do not hold.
    pub(super) broken: Vec<Broken>,
    /// Tables of parts whose sidecar was not written, or not yet.
    pub(super) unfinished: Vec<PathBuf>,
    /// Whether all cells are being computed again, so that only parts are finished.
    rerun: bool,
}

impl Survey {
    /// Looks through the folder and checks every file against its seal.
    pub(super) fn of(root: &Path) -> Result<Self, StoreError> {
        let mut survey = Self { sets: Vec::new(), broken: Vec::new(), unfinished: Vec::new(), rerun: false };
        survey.tables(root)?;
        survey.parts(Origin::Attic, &root.join(ATTIC))?;
        survey.parts(Origin::Part, &root.join(PARTS))?;
        survey.sets.sort_by_key(|set| (set.origin, set.sequence));
        Ok(survey)
    }

    /// For every cell, the set that holds what counts of it.
    pub(super) fn winners(&self) -> Winners<'_> {
        let mut winners = HashMap::new();
        for (i, set) in self.sets.iter().enumerate() {
            winners.extend(set.cells.iter().map(|cell| (cell.cell.as_str(), (i, cell.status))));
        }
        winners
    }

    /// The cells that need not be computed again.
    pub(super) fn finished(&self) -> impl Iterator<Item = (&str, Status)> {
        let counts = |set: usize| !self.rerun || self.sets[set].origin == Origin::Part;
        self.winners().into_iter().filter(move |(_, (set, _))| counts(*set)).map(|(cell, (_, s))| (cell, s))
    }

    /// The rows of one table that count, of cells that `keep` accepts, in the order of the sets.
    pub(super) fn gather<R: Stored>(&self, keep: impl Fn(usize, &str) -> bool) -> Result<Vec<R>, StoreError> {
        let mut rows = Vec::new();
        for (i, set) in self.sets.iter().enumerate() {
            if set.cells.iter().any(|cell| keep(i, &cell.cell)) {
                rows.extend(set.rows::<R>()?.into_iter().filter(|row| keep(i, &row.at().cell)));
            }
        }
        Ok(rows)
    }

    /// Looks at the consolidated tables: they count together or not at all.
    fn tables(&mut self, root: &Path) -> Result<(), StoreError> {
        let manifest_path = place(root, MANIFEST);
        let manifest = match Manifest::read(&manifest_path) {
            Err(error) if error.is_damage() => {
                self.broken.push(Broken { error, origin: Origin::Tables, files: vec![manifest_path] });
                None
            }
            manifest => manifest?,
        };
        self.rerun = manifest.as_ref().is_some_and(|manifest| manifest.rerun);
        let path = |table: Table| place(root, &table.file());
        let Some(seals) = manifest.and_then(|manifest| manifest.tables) else {
            for path in Table::ALL.map(path).into_iter().filter(|path| path.exists()) {
                let error = StoreError::damaged(&path, format!("no {MANIFEST} vouches for it"));
                self.broken.push(Broken { error, origin: Origin::Tables, files: vec![path] });
            }
            return Ok(());
        };
        let set = Set::new(Origin::Tables, &seals, path);
        let status = |memory: Memory| CellStatus { cell: memory.at.cell, status: memory.status };
        let cells = set.verify().and_then(|()| set.rows::<Memory>());
        self.admit(set, cells.map(|memories| memories.into_iter().map(status).collect()))
    }

    /// Looks at the parts in `folder`.
    fn parts(&mut self, origin: Origin, folder: &Path) -> Result<(), StoreError> {
        let names = file::names(folder)?;
        let stems: BTreeSet<&str> = names.iter().filter_map(|name| name.strip_suffix(".json")).collect();
        for stem in &stems {
            match Set::part(origin, folder, stem) {
                Ok(None) => {}
                Ok(Some(mut set)) => {
                    let cells = set.verify().map(|()| std::mem::take(&mut set.cells));
                    self.admit(set, cells)?;
                }
                Err(error) if error.is_damage() => {
                    let prefix = format!("{stem}.");
                    let files =
                        names.iter().filter(|name| name.starts_with(&prefix)).map(|name| folder.join(name));
                    self.broken.push(Broken { error, origin, files: files.collect() });
                }
                Err(error) => return Err(error),
            }
        }
        let is_orphan = |name: &&String| {
            name.ends_with(".parquet") && name.split('.').next().is_some_and(|stem| !stems.contains(stem))
        };
        self.unfinished.extend(names.iter().filter(is_orphan).map(|name| folder.join(name)));
        Ok(())
    }

    /// Takes a set in with its cells, or notes why not.
    fn admit(&mut self, mut set: Set, cells: Result<Vec<CellStatus>, StoreError>) -> Result<(), StoreError> {
        match cells {
            Ok(cells) => {
                set.cells = cells;
                self.sets.push(set);
            }
            Err(error) if error.is_damage() && set.is_gone() => {}
            Err(error) if error.is_damage() => {
                let files = set.files().cloned().collect();
                self.broken.push(Broken { error, origin: set.origin, files });
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// Where a file of the consolidated tables lies: still staged, if a consolidation was cut short at its last step.
pub(super) fn place(root: &Path, name: &str) -> PathBuf {
    let staged = root.join(STAGED);
    let path = staged.join(name);
    if staged.join(MANIFEST).exists() && path.exists() { path } else { root.join(name) }
}
