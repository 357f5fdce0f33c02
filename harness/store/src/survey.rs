//! A survey says what lies in a folder of results, and how much of it can be trusted.

use super::attempt_state::AttemptState;
use super::layout::{ATTEMPT, ATTIC, MANIFEST, PARTS, SHARDS, STAGED};
use super::manifest::Manifest;
use super::part::{Examined, Origin, Set, join};
use super::planned::{Labels, Planned};
use super::table::StoredTable;
use super::{StoreError, file, sealed};
use crate::provenance::Provenance;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use study::record::{Coordinates, SharedText, Status};
use study::records::Records;
use study::schema::{Row, Table};

/// Says for every cell which set, by its index, holds what counts of it, and how it ended.
pub(super) type Winners<'a> = HashMap<&'a str, (u32, Status)>;

/// Returns whether what counts of a cell is in this set.
pub(super) fn wins(winners: &Winners<'_>, set: usize, cell: &str) -> bool {
    winners.get(cell).is_some_and(|(winner, _)| *winner as usize == set)
}

/// Holds files that do not hold what was written.
#[derive(Debug)]
pub(super) struct Broken {
    /// Which file, and what is wrong with it.
    pub(super) error: StoreError,
    /// Whether it is one of the consolidated tables or their manifest.
    pub(super) origin: Origin,
    /// Everything that is worth nothing without it.
    pub(super) files: Vec<PathBuf>,
}

/// A `Survey` holds what lies in a folder of results.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Sets whose seals hold; where two hold the same cell, the later counts.
    pub(super) sets: Vec<Set>,
    /// Files whose seals do not hold.
    pub(super) broken: Vec<Broken>,
    /// Tables of parts whose sidecar was not written, or not yet.
    pub(super) unfinished: Vec<PathBuf>,
    /// The folders of all attempts at shards, with the names of what lay in them.
    pub(super) attempts: Vec<(PathBuf, Vec<String>)>,
    /// How these attempts came about, one of each kind of machine and program.
    pub(super) workers: Vec<Provenance>,
    /// Whether all cells are being computed again, so that only parts are finished.
    rerun: bool,
    /// Whether sets keep the rows that were decoded to check them.
    keeps: bool,
    /// The sidecars of parts that this process has written, whose tables are checked against their seals alone.
    own: HashSet<PathBuf>,
    /// Whether all tables are.
    #[cfg(test)]
    glances: bool,
}

impl Survey {
    /// Looks through the folder and checks every file against its seal.
    pub(super) fn of(root: &Path) -> Result<Self, StoreError> {
        Self::default().over(root)
    }

    /// Does as [`of`](Self::of), and keeps all rows for [`records`](Self::records).
    pub(super) fn with_rows(root: &Path) -> Result<Self, StoreError> {
        Self { keeps: true, ..Self::default() }.over(root)
    }

    /// Does as [`of`](Self::of), but does not decode the parts whose sidecars are `own`: this process has checked
    /// their rows when it wrote them.
    pub(super) fn beside(own: HashSet<PathBuf>, root: &Path) -> Result<Self, StoreError> {
        Self { own, ..Self::default() }.over(root)
    }

    /// Does as [`of`](Self::of), but decodes nothing, since in tests the library that decodes is not optimised.
    #[cfg(test)]
    pub(super) fn glance(root: &Path) -> Result<Self, StoreError> {
        Self { glances: true, ..Self::default() }.over(root)
    }

    fn over(mut self, root: &Path) -> Result<Self, StoreError> {
        self.look_at_run(root)?;
        for shard in file::folders(&root.join(SHARDS))? {
            self.look_at_shard(&root.join(SHARDS).join(shard))?;
        }
        Ok(self.in_order())
    }

    /// Does as [`of`](Self::of), but of all shards it looks only at that in `folder`.
    pub(super) fn of_shard(root: &Path, folder: &Path) -> Result<Self, StoreError> {
        let mut survey = Self::default();
        survey.look_at_run(root)?;
        survey.look_at_shard(folder)?;
        Ok(survey.in_order())
    }

    /// Puts the sets in the order in which they count. Parts come before tables, tables before the attic and,
    /// unless all cells are being computed again, before shards, which then hold nothing else.
    fn in_order(mut self) -> Self {
        let rank = |origin| match origin {
            Origin::Shard if !self.rerun => 0,
            Origin::Attic => 1,
            Origin::Tables => 2,
            Origin::Shard => 3,
            Origin::Part => 4,
        };
        self.sets.sort_by_key(|set| (rank(set.origin), set.sequence));
        self
    }

    /// Returns for every cell the set that holds what counts of it. Of two attempts at a shard, a budget may
    /// have ended a cell in one and not in the other: then its numbers count.
    pub(super) fn winners(&self) -> Winners<'_> {
        let most = self.sets.iter().map(|set| set.cells.len()).sum();
        let mut winners: Winners<'_> = HashMap::with_capacity(most);
        for (i, set) in (0..).zip(&self.sets) {
            for cell in &set.cells {
                let is_less = set.origin == Origin::Shard && cell.status.is_of_budget();
                if !is_less || !winners.contains_key(cell.cell.as_str()) {
                    winners.insert(&cell.cell, (i, cell.status));
                }
            }
        }
        winners
    }

    /// Returns the cells that need not be computed again.
    pub(super) fn finished<'a>(
        &'a self,
        winners: &'a Winners<'a>,
    ) -> impl Iterator<Item = (&'a str, Status)> {
        let is_new = |set: u32| matches!(self.sets[set as usize].origin, Origin::Part | Origin::Shard);
        let counts = move |set: u32| !self.rerun || is_new(set);
        winners.iter().filter(move |(_, (set, _))| counts(*set)).map(|(cell, (_, status))| (*cell, *status))
    }

    /// Returns whether the consolidated tables are all that there is, each row under the label that `labels` have for
    /// its cell, and hold the cells of `plan` and no others. It is known where rows were kept.
    pub(super) fn is_settled(&self, plan: &Planned<'_>, labels: &Labels) -> bool {
        let [set] = &self.sets[..] else { return false };
        let is_label =
            |cell: &str, label: &SharedText| labels.get(cell).is_some_and(|planned| planned == label);
        let is_called = |at: &Coordinates| is_label(&at.cell, &at.protocol);
        let nothing_else = self.broken.is_empty() && self.unfinished.is_empty() && self.attempts.is_empty();
        nothing_else
            && !self.rerun
            && set.origin == Origin::Tables
            && set.cells.len() == plan.len()
            && set.cells.iter().all(|cell| plan.contains(cell.cell.as_str()))
            && set.cells.iter().zip(&set.labels).all(|(cell, label)| is_label(&cell.cell, label))
            && set.rows.recalls.iter().all(|row| is_called(&row.at))
            && set.rows.timings.iter().all(|row| is_called(&row.at))
    }

    /// Counts the cells outside the attic that `plan` does not name.
    pub(super) fn unplanned(&self, winners: &Winners<'_>, plan: &Planned<'_>) -> usize {
        let is_there = |set: u32| self.sets[set as usize].origin != Origin::Attic;
        winners.iter().filter(|(cell, (set, _))| is_there(*set) && !plan.contains(*cell)).count()
    }

    /// Returns the rows that count, of sets whose origin is accepted. They come in the order of the sets.
    pub(super) fn records(mut self, is_accepted: impl Fn(Origin) -> bool) -> Records {
        let kept: Vec<Records> = self.sets.iter_mut().map(|set| std::mem::take(&mut set.rows)).collect();
        let winners = self.winners();
        let mut records = Records::default();
        for (i, mut rows) in kept.into_iter().enumerate().filter(|(i, _)| is_accepted(self.sets[*i].origin)) {
            retain(&mut rows.memories, |cell| wins(&winners, i, cell));
            retain(&mut rows.recalls, |cell| wins(&winners, i, cell));
            retain(&mut rows.timings, |cell| wins(&winners, i, cell));
            join(&mut records.memories, rows.memories);
            join(&mut records.recalls, rows.recalls);
            join(&mut records.timings, rows.timings);
        }
        records
    }

    /// Returns the rows of one table that count, of cells that `keep` accepts. They come in the order of the
    /// sets.
    pub(super) fn gather<R: StoredTable>(
        &self,
        keep: impl Fn(usize, &str) -> bool + Sync,
    ) -> Result<Vec<R>, StoreError> {
        let mut rows = Vec::new();
        self.each(keep, |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }

    /// Gives the rows of [`gather`](Self::gather) to `take`, one after another.
    pub(super) fn each<R: StoredTable>(
        &self,
        keep: impl Fn(usize, &str) -> bool + Sync,
        mut take: impl FnMut(R) -> Result<(), StoreError> + Send,
    ) -> Result<(), StoreError> {
        for (i, set) in self.sets.iter().enumerate() {
            if set.cells.iter().any(|cell| keep(i, &cell.cell)) {
                set.each::<R>(|row| if keep(i, &row.at().cell) { take(row) } else { Ok(()) })?;
            }
        }
        Ok(())
    }

    /// Looks at everything but shards.
    fn look_at_run(&mut self, root: &Path) -> Result<(), StoreError> {
        self.tables(root)?;
        self.parts(Origin::Attic, &root.join(ATTIC))?;
        self.parts(Origin::Part, &root.join(PARTS))?;
        Ok(())
    }

    /// Looks at the consolidated tables. They count together or not at all.
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
        self.admit(Set::new(Origin::Tables, &seals, path))
    }

    /// Looks at the attempts in the folder of a shard.
    fn look_at_shard(&mut self, shard: &Path) -> Result<(), StoreError> {
        for attempt in file::folders(shard)? {
            let folder = shard.join(attempt);
            let names = self.parts(Origin::Shard, &folder)?;
            // What an attempt says of itself decides nothing: unreadable, it is left out.
            if let Ok(Some(state)) = sealed::read::<AttemptState>(&folder.join(ATTEMPT))
                && !self.workers.iter().any(|run| run.is_same_kind(&state.run))
            {
                self.workers.push(state.run);
            }
            self.attempts.push((folder, names));
        }
        Ok(())
    }

    /// Looks at the parts in `folder`. Gives the names of all that is there.
    fn parts(&mut self, origin: Origin, folder: &Path) -> Result<Vec<String>, StoreError> {
        let names = file::names(folder)?;
        let is_sidecar = |name: &&str| *name != ATTEMPT;
        let stems: BTreeSet<&str> = names
            .iter()
            .map(String::as_str)
            .filter(is_sidecar)
            .filter_map(|name| name.strip_suffix(".json"))
            .collect();
        for stem in &stems {
            match Set::part(origin, folder, stem) {
                Ok(None) => {}
                Ok(Some(set)) => self.admit(set)?,
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
        // An attempt may be writing: what it has not vouched for is no sign of trouble.
        if origin != Origin::Shard {
            let (irregular, unfinished): (Vec<PathBuf>, Vec<PathBuf>) = names
                .iter()
                .filter(is_orphan)
                .map(|name| folder.join(name))
                .partition(|path| file::is_irregular(path));
            self.unfinished.extend(unfinished);
            self.broken.extend(irregular.into_iter().map(|path| {
                let error = StoreError::damaged(&path, "it is no regular file");
                Broken { error, origin, files: vec![path] }
            }));
        }
        Ok(names)
    }

    /// Examines a set and takes it in, or notes why not.
    fn admit(&mut self, mut set: Set) -> Result<(), StoreError> {
        let mut rows = Records::default();
        let is_own = set.sidecar().is_some_and(|sidecar| self.own.contains(sidecar));
        #[cfg(test)]
        let is_own = is_own || self.glances;
        let examined = if is_own { set.glance() } else { set.examine(self.keeps.then_some(&mut rows)) };
        match examined {
            Ok(Examined { cells, labels }) => {
                (set.cells, set.labels, set.rows) = (cells, labels, rows);
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

/// Keeps the rows of the cells that `counts` accepts, which is asked once where rows of one cell lie side by side.
fn retain<R: Row>(rows: &mut Vec<R>, counts: impl Fn(&str) -> bool) {
    let mut last: Option<(SharedText, bool)> = None;
    rows.retain(|row| {
        let cell = &row.at().cell;
        match &last {
            Some((before, counted)) if before == cell => *counted,
            _ => {
                let counted = counts(cell);
                last = Some((cell.clone(), counted));
                counted
            }
        }
    });
}

/// Returns where a file of the consolidated tables lies. It is still staged, if a consolidation was cut short
/// at its last step.
pub(super) fn place(root: &Path, name: &str) -> PathBuf {
    let staged = root.join(STAGED);
    let path = staged.join(name);
    if staged.join(MANIFEST).exists() && path.exists() { path } else { root.join(name) }
}
