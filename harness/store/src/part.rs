//! A set is three tables that one seal vouches for. It is a part, or the consolidated tables.

use super::StoreError;
use super::file::{self, Seal};
use super::manifest::{CellStatus, Maker, Seals, Sidecar};
use super::metadata::metadata;
use super::table::{StoredTable, decode_by_groups, encode};
use crate::provenance::Provenance;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use study::record::{CellRecords, Memory, Recall, SharedText, Status, Timing};
use study::records::Records;
use study::schema::{Breach, Table, is_cell_id};

/// An `Origin` says where a set lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Written by a shard.
    Shard,
    /// Cells that a plan no longer named.
    Attic,
    /// The consolidated tables.
    Tables,
    /// Written since.
    Part,
}

/// A `Set` is three tables whose seals are known.
#[derive(Debug)]
pub(super) struct Set {
    /// Where it lies.
    pub(super) origin: Origin,
    /// Its place among the sets of its origin.
    pub(super) sequence: u64,
    /// Its cells and how they ended.
    pub(super) cells: Vec<CellStatus>,
    /// What the tables call the protocols of these cells.
    pub(super) labels: Vec<SharedText>,
    /// Its rows, where they were kept when it was examined.
    pub(super) rows: Records,
    /// The tables, in the order of [`Table::ALL`].
    tables: [(PathBuf, Seal); 3],
    /// The sidecar of a part.
    sidecar: Option<PathBuf>,
    /// Who computed it, where a shard did.
    pub(super) maker: Option<Maker>,
}

/// An `Examined` says what a set holds.
pub(super) struct Examined {
    /// Its cells and how they ended.
    pub(super) cells: Vec<CellStatus>,
    /// What the tables call their protocols, where they were decoded.
    pub(super) labels: Vec<SharedText>,
}

impl Set {
    /// Makes the set of the tables at `path(table)` with these seals.
    pub(super) fn new(origin: Origin, seals: &Seals, path: impl Fn(Table) -> PathBuf) -> Self {
        let tables = Table::ALL.map(|table| (path(table), seals.of(table).clone()));
        let (cells, labels, rows) = (Vec::new(), Vec::new(), Records::default());
        Self { origin, sequence: 0, cells, labels, rows, tables, sidecar: None, maker: None }
    }

    /// Opens the part in `folder` whose sidecar is `stem`.json; `None` where that is gone.
    pub(super) fn part(origin: Origin, folder: &Path, stem: &str) -> Result<Option<Self>, StoreError> {
        let path = folder.join(format!("{stem}.json"));
        let Some(sidecar) = Sidecar::read(&path)? else { return Ok(None) };
        let set = Self::new(origin, &sidecar.tables, |table| folder.join(format!("{stem}.{}", table.file())));
        let Sidecar { sequence, cells, maker, .. } = sidecar;
        Ok(Some(Self { sequence, cells, maker, sidecar: Some(path), ..set }))
    }

    /// Returns the path that names it to people. It is the sidecar of a part, or the table of the memories.
    pub(super) fn path(&self) -> &Path {
        self.sidecar.as_ref().unwrap_or(&self.tables[0].0)
    }

    /// Checks every table against its seal, every value against its column, and the tables against one another: a
    /// seal says that a file is what was written, not that it makes sense. Gives the cells, and to
    /// `keep` the rows, so that who wants them need not decode them again.
    pub(super) fn examine(&self, mut keep: Option<&mut Records>) -> Result<Examined, StoreError> {
        let (mut cells, mut labels) = (Vec::new(), Vec::new());
        let status = |memory: &Memory| {
            labels.push(memory.at.protocol.clone());
            cells.push(CellStatus { cell: memory.at.cell.to_string(), status: memory.status });
            Ok(())
        };
        self.examine_table(status, keep.as_deref_mut().map(|rows| &mut rows.memories))?;
        let ended = || cells.iter().map(|cell| (cell.cell.as_str(), cell.status));
        let failed: HashMap<&str, Status> = ended().filter(|(_, status)| *status != Status::Ok).collect();
        let has_ended_well = |recall: &Recall| match failed.get(recall.at.cell.as_str()) {
            None => Ok(()),
            Some(status) => {
                Err(format!("has reads of cell {}, which ended as `{}`", recall.at.cell, status.name()))
            }
        };
        // Rows are kept where they are not many. Of many, one table after another is held in part.
        if let Some(Records { recalls, timings, .. }) = keep {
            let (recalls, timings) = rayon::join(
                || self.examine_table(has_ended_well, Some(recalls)),
                || self.examine_table(|_: &Timing| Ok(()), Some(timings)),
            );
            recalls.and(timings)?;
        } else {
            self.examine_table(has_ended_well, None)?;
            self.examine_table(|_: &Timing| Ok(()), None)?;
        }
        if self.sidecar.is_none() {
            return Ok(Examined { cells, labels });
        }
        let statuses: HashMap<&str, Status> = ended().collect();
        let differs = |named: &&CellStatus| statuses.get(named.cell.as_str()) != Some(&named.status);
        match self.cells.iter().find(differs) {
            None => Ok(Examined { cells: self.cells.clone(), labels }),
            Some(CellStatus { cell, status }) => {
                let found = statuses.get(cell.as_str()).map_or("nothing", |found| found.name());
                let reason = format!(
                    "it says that cell {cell} ended as `{}`, and the memories `{found}`",
                    status.name()
                );
                Err(StoreError::damaged(self.path(), reason))
            }
        }
    }

    /// Checks every table against its seal alone, by BLAKE3: enough for a part that this process has written.
    pub(super) fn glance(&self) -> Result<Examined, StoreError> {
        self.tables.iter().try_for_each(|(path, seal)| seal.read(path).map(drop))?;
        Ok(Examined { cells: self.cells.clone(), labels: Vec::new() })
    }

    /// Checks a table against its seal and its rows against the schema; `law` says in words what else is wrong.
    fn examine_table<R: StoredTable>(
        &self,
        mut law: impl FnMut(&R) -> Result<(), String> + Send,
        mut keep: Option<&mut Vec<R>>,
    ) -> Result<(), StoreError> {
        let (path, seal) = &self.tables[R::TABLE as usize];
        let columns = R::columns();
        let mut number = 0;
        let bytes = seal.verify(path)?;
        // As many as there will be, unless somebody else wrote the seal and it says what is not true.
        let due = usize::try_from(seal.rows).unwrap_or(0).min(bytes.len());
        decode_by_groups(path, &bytes, |rows: Vec<R>| {
            for row in &rows {
                let breach =
                    columns.iter().find_map(|column| column.breach(row)).or_else(|| row.contradiction());
                if let Some(Breach { column, value, allowed }) = breach {
                    let reason =
                        format!("column `{column}` has {value} in row {number}, and allowed is {allowed}");
                    return Err(StoreError::damaged(path, reason));
                }
                law(row).map_err(|what| StoreError::damaged(path, format!("row {number} {what}")))?;
                number += 1;
            }
            if let Some(kept) = keep.as_deref_mut() {
                if kept.is_empty() && rows.len() < due {
                    kept.reserve_exact(due);
                }
                join(kept, rows);
            }
            Ok(())
        })
    }

    /// Gives the rows of one table, checked against its seal, to `take`.
    pub(super) fn each<R: StoredTable>(
        &self,
        mut take: impl FnMut(R) -> Result<(), StoreError> + Send,
    ) -> Result<(), StoreError> {
        let (path, seal) = &self.tables[R::TABLE as usize];
        decode_by_groups(path, &seal.read(path)?, |rows| rows.into_iter().try_for_each(&mut take))
    }

    /// Adds the rows of some cells to `rows`.
    pub(super) fn each_of<R: StoredTable>(
        &self,
        cells: &HashSet<&str>,
        rows: &mut Vec<R>,
    ) -> Result<(), StoreError> {
        self.each(|row: R| {
            if cells.contains(row.at().cell.as_str()) {
                rows.push(row);
            }
            Ok(())
        })
    }

    /// Returns the file that vouches for a part.
    pub(super) fn sidecar(&self) -> Option<&Path> {
        self.sidecar.as_deref()
    }

    /// Whether the sidecar that vouched for the part is gone: another process has merged it.
    pub(super) fn is_gone(&self) -> bool {
        self.sidecar.as_ref().is_some_and(|sidecar| !sidecar.exists())
    }

    /// Returns the files of the set, the sidecar first. Without it the others count for nothing.
    pub(super) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.sidecar.iter().chain(self.tables.iter().map(|(path, _)| path))
    }
}

/// A `Block` holds records on their way into a part.
pub(super) struct Block<'a> {
    /// One a cell.
    pub(super) memories: Vec<&'a Memory>,
    /// Any number a cell.
    pub(super) recalls: Vec<&'a Recall>,
    /// One a cell.
    pub(super) timings: Vec<&'a Timing>,
}

/// Returns the stem of a part's files. With the sequence in it, no part ever overwrites an intact one.
fn stem(first: &str, sequence: u64, again: u32, files: &[Vec<u8>]) -> String {
    let mut hash = blake3::Hasher::new();
    hash.update(&sequence.to_le_bytes());
    for bytes in files {
        hash.update(bytes);
    }
    if again > 0 {
        hash.update(&again.to_le_bytes());
    }
    format!("{first}-{}", &hash.finalize().to_hex()[..16])
}

impl<'a> Block<'a> {
    /// Collects the records of finished cells.
    pub(super) fn of(cells: &'a [CellRecords]) -> Self {
        Self {
            memories: cells.iter().map(|cell| &cell.memory).collect(),
            recalls: cells.iter().flat_map(|cell| &cell.recalls).collect(),
            timings: cells.iter().map(|cell| &cell.timing).collect(),
        }
    }

    /// Writes the part into `folder`, and returns its sidecar; `None` where there is nothing to write. Where that
    /// fails, nothing of it stays behind.
    pub(super) fn write(
        &self,
        folder: &Path,
        sequence: u64,
        run: &Provenance,
        maker: Option<&Maker>,
    ) -> Result<Option<PathBuf>, StoreError> {
        let cells = self.cells()?;
        let Some(first) = cells.first() else { return Ok(None) };
        let files = [
            encode(&self.memories, metadata(Table::Memories, run))?,
            encode(&self.recalls, metadata(Table::Recalls, run))?,
            encode(&self.timings, metadata(Table::Timings, run))?,
        ];
        // A folder or a pipe of that name was not put there by this program, and stays: the next name is taken.
        let names = |again: u32| {
            let stem = stem(&first.cell, sequence, again, &files);
            let tables = Table::ALL.map(|table| folder.join(format!("{stem}.{}", table.file())));
            (folder.join(format!("{stem}.json")), tables)
        };
        let is_free = |(sidecar, tables): &(PathBuf, [PathBuf; 3])| {
            !tables.iter().chain([sidecar]).any(|path| file::is_irregular(path))
        };
        let (vouching, paths) = (0..).map(names).find(is_free).expect("there are names enough");
        let tables = Seals {
            memories: Seal::of(self.memories.len(), &files[0]),
            recalls: Seal::of(self.recalls.len(), &files[1]),
            timings: Seal::of(self.timings.len(), &files[2]),
        };
        let (schema_version, maker) = (run.schema_version, maker.cloned());
        let sidecar = Sidecar { schema_version, sequence, cells, tables, maker };
        file::create_folder(folder)?;
        let written = paths
            .iter()
            .zip(&files)
            .try_for_each(|(path, bytes)| file::write(path, bytes))
            .and_then(|()| sidecar.write(&vouching))
            .and_then(|()| file::sync_folder(folder));
        let written = written.inspect_err(|_| {
            for path in std::iter::once(&vouching).chain(&paths) {
                let _ = file::remove(path);
            }
        });
        written.map(|()| Some(vouching))
    }

    /// Returns the cells and how they ended, checked to be whole and named once.
    fn cells(&self) -> Result<Vec<CellStatus>, StoreError> {
        let mut named = HashSet::new();
        for memory in &self.memories {
            let id = &memory.at.cell;
            if !is_cell_id(id) {
                return Err(StoreError::CellId { id: id.to_string() });
            }
            if !named.insert(id.as_str()) {
                return Err(StoreError::Block { id: id.to_string() });
            }
        }
        if let Some(stray) = self.recalls.iter().find(|r| !named.contains(r.at.cell.as_str())) {
            return Err(StoreError::Block { id: stray.at.cell.to_string() });
        }
        // Each timing takes its cell out: what is stray or second finds none, what is left has no timing.
        if let Some(stray) = self.timings.iter().find(|r| !named.remove(r.at.cell.as_str())) {
            return Err(StoreError::Block { id: stray.at.cell.to_string() });
        }
        if let Some(&id) = named.iter().min() {
            return Err(StoreError::Block { id: id.to_owned() });
        }
        let cell = |memory: &&Memory| CellStatus { cell: memory.at.cell.to_string(), status: memory.status };
        Ok(self.memories.iter().map(cell).collect())
    }
}

/// Adds `more` to `rows`. Where there are none and no room was made, which is the rule, none are moved.
pub(super) fn join<R>(rows: &mut Vec<R>, mut more: Vec<R>) {
    if rows.is_empty() && rows.capacity() < more.len() {
        *rows = more;
    } else {
        rows.append(&mut more);
    }
}
