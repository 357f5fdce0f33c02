//! This module sorts the rows of a run by cell id, however many there are. It is an external merge sort.
//!
//! Rows come as the files hold them. As many as memory is meant for are sorted; where there are more, they
//! are put aside in a file, a *run*, and at the end all runs are read side by side, a few thousand rows of
//! each at a time. So what is held at once does not grow with the number of rows, but for the id of every
//! cell.

use super::StoreError;
use super::file;
use super::metadata::metadata;
use super::planned::Planned;
use super::survey::{Survey, Winners, wins};
use super::table::{Present, StoredTable, decode, encode};
use crate::provenance::Provenance;
use protocols::Corruption;
use protocols::reading::Reader;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A `Room` says how many rows are held at once, a few hundred bytes each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// While they are taken in.
    pub(super) rows: usize,
    /// Of every run, while runs are read side by side.
    pub(super) of_a_run: usize,
}

impl Room {
    /// Takes some 100 MB, as is usual.
    pub(super) const USUAL: Self = Self { rows: 1 << 17, of_a_run: 1 << 12 };
}

/// Says where a row stands: the id of its cell, then its place among the rows of the cell.
type SortKey<T> = (T, Option<(Reader, Corruption)>);

/// Gives rows in order, one after another.
pub(super) struct Sorted<R> {
    sources: Vec<Source<R>>,
    /// The columns in which a row has a value.
    present: Rc<Present<R>>,
    /// The next row of every source that has one, the first row on top.
    next: BinaryHeap<Reverse<(SortKey<String>, usize)>>,
}

impl<R: StoredTable> Sorted<R> {
    /// Sorts the rows of one table that count, of the planned cells. Runs go to `folder`, which must exist.
    ///
    /// # Errors
    /// If a file cannot be read or written.
    pub(super) fn of(
        survey: &Survey,
        winners: &Winners<'_>,
        planned: &Planned<'_>,
        (folder, provenance): (&Path, &Provenance),
        room: Room,
    ) -> Result<Self, StoreError> {
        let (mut sources, mut rows, mut present) = (Vec::new(), Vec::new(), Present::default());
        let counts = |set: usize, cell: &str| planned.contains(cell) && wins(winners, set, cell);
        survey.each(counts, |row: R| {
            present.note(&row);
            rows.push(row);
            if rows.len() >= room.rows {
                let path = folder.join(format!("{}-{}.run", R::TABLE.name(), sources.len()));
                let sorted = in_order(std::mem::take(&mut rows));
                sources.push(Source::put_aside(path, &sorted, provenance, room.of_a_run)?);
            }
            Ok(())
        })?;
        sources.push(Source::in_memory(in_order(rows)));
        let mut sorted = Self { sources, present: Rc::new(present), next: BinaryHeap::new() };
        (0..sorted.sources.len()).try_for_each(|source| sorted.look(source))?;
        Ok(sorted)
    }

    /// Returns the columns in which a row has a value.
    pub(super) fn present(&self) -> Rc<Present<R>> {
        Rc::clone(&self.present)
    }

    /// Looks at the next row of a source.
    fn look(&mut self, source: usize) -> Result<(), StoreError> {
        if let Some(row) = self.sources[source].peek()? {
            let (cell, rank) = key(row);
            self.next.push(Reverse(((cell.to_owned(), rank), source)));
        }
        Ok(())
    }
}

impl<R: StoredTable> Iterator for Sorted<R> {
    type Item = Result<R, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let Reverse((_, source)) = self.next.pop()?;
        let row = self.sources[source].held.pop_front()?;
        Some(self.look(source).map(|()| row))
    }
}

fn key<R: StoredTable>(row: &R) -> SortKey<&str> {
    (&row.at().cell, row.rank())
}

fn in_order<R: StoredTable>(mut rows: Vec<R>) -> Vec<R> {
    rows.sort_by(|a, b| key(a).cmp(&key(b)));
    rows
}

/// A `Source` gives sorted rows. They are those that are held, and behind them those in a file.
struct Source<R> {
    held: VecDeque<R>,
    rest: Option<SortedRun>,
}

/// A `SortedRun` is a file of blocks of rows, each a Parquet file by itself.
struct SortedRun {
    path: PathBuf,
    file: File,
    /// Bytes of the blocks that are not read yet.
    blocks: VecDeque<usize>,
}

impl<R: StoredTable> Source<R> {
    fn in_memory(rows: Vec<R>) -> Self {
        Self { held: rows.into(), rest: None }
    }

    fn put_aside(path: PathBuf, rows: &[R], run: &Provenance, block: usize) -> Result<Self, StoreError> {
        let mut blocks = VecDeque::new();
        let mut file = File::create(&path).map(BufWriter::new).map_err(StoreError::io("write", &path))?;
        for rows in rows.chunks(block) {
            let bytes = encode(&rows.iter().collect::<Vec<_>>(), metadata(R::TABLE, run))?;
            file.write_all(&bytes).map_err(StoreError::io("write", &path))?;
            blocks.push_back(bytes.len());
        }
        file.flush().map_err(StoreError::io("write", &path))?;
        drop(file);
        let file = file::open(&path)?.ok_or_else(|| StoreError::damaged(&path, "it is missing"))?;
        Ok(Self { held: VecDeque::new(), rest: Some(SortedRun { path, file, blocks }) })
    }

    /// Returns the next row.
    fn peek(&mut self) -> Result<Option<&R>, StoreError> {
        if let (true, Some(run)) = (self.held.is_empty(), &mut self.rest)
            && let Some(length) = run.blocks.pop_front()
        {
            let mut bytes = vec![0; length];
            run.file.read_exact(&mut bytes).map_err(StoreError::io("read", &run.path))?;
            self.held = decode::<R>(&run.path, bytes)?.into();
        }
        Ok(self.held.front())
    }
}
