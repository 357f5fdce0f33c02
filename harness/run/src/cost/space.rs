//! This module computes the memory and disk that a sweep takes.

use crate::needs::{MARGIN, needs};
use crate::waiting::parts;
use study::measure::Probe;
use study::plan::Cell;

/// Holds the bytes of the program with the libraries that write tables at work, as measured once.
const PROGRAM: f64 = 5e7;

/// Computes the bytes of memory for cells that need so many bytes each for sure, on so many threads.
pub fn memory(mut needs: Vec<u64>, threads: usize) -> f64 {
    needs.sort_unstable_by(|a, b| b.cmp(a));
    PROGRAM + MARGIN * needs.into_iter().take(threads).sum::<u64>() as f64
}

/// Counts the rows of the three tables.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tables {
    /// Cells: a row each in `memories` and `timings`.
    pub cells: f64,
    /// Rows of `recalls`.
    pub recalls: f64,
}

impl Tables {
    /// Counts the rows that `cells` leave.
    pub fn of<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> Self {
        let of_cell =
            |rows: Self, cell| Self { cells: rows.cells + 1.0, recalls: rows.recalls + recalls(cell) };
        cells.into_iter().fold(Self::default(), of_cell)
    }

    /// Computes the bytes of the tables and the manifest of one sweep on disk.
    pub fn bytes(self) -> f64 {
        /// It grows by each further sweep into the folder, of which it keeps the definition.
        const MANIFEST: f64 = 7e3;
        MANIFEST + self.files()
    }

    /// Computes the bytes of the three files. A file is a frame and its rows; both are measured on the
    /// reference runs, whose files a test holds against this.
    pub(super) fn files(self) -> f64 {
        // The rows of a cell have most of their coordinates in common.
        let read = if self.recalls > 0.0 { 26.0 * self.cells } else { 0.0 };
        let recalls = 2.8e3 + read + 3.9 * self.recalls;
        (1.2e4 + 36.0 * self.cells) + (6.5e3 + 26.0 * self.cells) + recalls
    }

    /// Computes the bytes of the rows in memory while the tables are written and summarised, as measured
    /// once.
    fn loaded(self) -> f64 {
        const ROW: f64 = 1e3;
        ROW * (2.0 * self.cells + self.recalls)
    }
}

/// Holds the bytes that a sweep takes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Space {
    /// Of memory, at most.
    pub memory: f64,
    /// On disk, when it has ended.
    pub disk: f64,
    /// On disk, at most, while it runs.
    pub disk_running: f64,
}

impl Space {
    /// Computes the space for `pending` of the cells `all` on `threads` threads for about `seconds`.
    pub fn of(all: &[Cell], pending: &[&Cell], threads: usize, seconds: f64) -> Self {
        let tables = Tables::of(all);
        let parts = parts(seconds) * Tables::default().bytes() + Tables::of(pending.iter().copied()).bytes();
        Self {
            memory: (PROGRAM + tables.loaded())
                .max(memory(pending.iter().map(|cell| needs(cell)).collect(), threads)),
            disk: tables.bytes(),
            // New tables are complete beside the old ones before they take their place.
            disk_running: 2.0 * tables.bytes() + parts,
        }
    }
}

fn recalls(cell: &Cell) -> f64 {
    let reads = cell.task.probes.contains(&Probe::Recovery);
    if reads { (cell.task.flips.len() * cell.task.dynamics.len()) as f64 } else { 0.0 }
}
