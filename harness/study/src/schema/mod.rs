//! This module declares the columns of the three tables. It is one declaration that the writer, the reader
//! and FORMAT.md all follow.
//!
//! A column states its name, type, unit, meaning and range, and how its value comes from a record. Coordinates stand
//! first in every table, so that any two join on them. A change of a name, a type or a meaning needs a new
//! [`SCHEMA_VERSION`]. Columns that may be missing values can be added without one: files that are older than
//! they are read as if every value were missing.

mod columns;
mod range;

pub use range::{Breach, MOST_MESSAGES, MOST_TRIALS, MOST_UNITS, Range, is_cell_id};

use crate::record::Coordinates;
use protocols::Corruption;
use protocols::reading::Reader;

/// Holds the version of everything that FORMAT.md describes. A folder of another version is refused, never
/// half understood.
pub const SCHEMA_VERSION: u32 = 1;

/// A `Table` is a table of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Table {
    /// One row a cell: the written memory. Deterministic.
    Memories,
    /// One row a cell and read condition. Deterministic.
    Recalls,
    /// One row a cell: what was measured of time. Differs from run to run.
    Timings,
}

impl Table {
    /// Holds all tables, in the order in which they are written.
    pub const ALL: [Self; 3] = [Self::Memories, Self::Recalls, Self::Timings];

    /// Returns the table's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Memories => "memories",
            Self::Recalls => "recalls",
            Self::Timings => "timings",
        }
    }

    /// Returns the name of the table's Parquet file.
    pub fn file(self) -> String {
        format!("{}.parquet", self.name())
    }
}

/// A `Get` says how a column's value comes from a record. The variant is the column's type.
pub enum Get<R> {
    /// Unsigned, 32 bits.
    U32(fn(&R) -> Option<u32>),
    /// Unsigned, 64 bits.
    U64(fn(&R) -> Option<u64>),
    /// Floating point, 64 bits.
    F64(fn(&R) -> Option<f64>),
    /// UTF-8 text.
    Text(fn(&R) -> Option<&str>),
}

impl<R> Get<R> {
    /// Returns the value of a row as text, floats exactly. There is none where it is missing.
    pub fn text(&self, row: &R) -> Option<String> {
        match self {
            Self::U32(get) => get(row).map(|x| x.to_string()),
            Self::U64(get) => get(row).map(|x| x.to_string()),
            Self::F64(get) => get(row).map(|x| x.to_string()),
            Self::Text(get) => get(row).map(str::to_owned),
        }
    }

    /// Returns whether a row has a value.
    pub fn has(&self, row: &R) -> bool {
        match self {
            Self::U32(get) => get(row).is_some(),
            Self::U64(get) => get(row).is_some(),
            Self::F64(get) => get(row).is_some(),
            Self::Text(get) => get(row).is_some(),
        }
    }
}

/// A `Column` is a column of the table whose rows are `R`.
pub struct Column<R> {
    /// Its name.
    pub name: &'static str,
    /// Its unit; empty where the value counts nothing and measures nothing.
    pub unit: &'static str,
    /// What the value is.
    pub meaning: &'static str,
    /// Whether a value may be missing.
    pub nullable: bool,
    /// Whether a file does without the column where every value of it is missing.
    pub sparse: bool,
    /// Its type, and where its value comes from.
    pub get: Get<R>,
    /// What the value may be.
    pub range: Range<R>,
}

impl<R> Column<R> {
    /// A column without missing values.
    fn new(
        name: &'static str,
        unit: &'static str,
        meaning: &'static str,
        get: Get<R>,
        range: Range<R>,
    ) -> Self {
        Self { name, unit, meaning, nullable: false, sparse: false, get, range }
    }

    /// A column whose values may be missing.
    fn nullable(
        name: &'static str,
        unit: &'static str,
        meaning: &'static str,
        get: Get<R>,
        range: Range<R>,
    ) -> Self {
        Self { nullable: true, ..Self::new(name, unit, meaning, get, range) }
    }

    /// A column that is there only where some row has a value.
    fn sparse(
        name: &'static str,
        unit: &'static str,
        meaning: &'static str,
        get: Get<R>,
        range: Range<R>,
    ) -> Self {
        Self { sparse: true, ..Self::nullable(name, unit, meaning, get, range) }
    }

    /// The value of a row, where the column may not hold it; a missing value is none.
    pub fn breach(&self, row: &R) -> Option<Breach> {
        let range = &self.range;
        let is_allowed = match &self.get {
            Get::U32(get) => get(row).is_none_or(|x| range.allows_whole(row, u64::from(x))),
            Get::U64(get) => get(row).is_none_or(|x| range.allows_whole(row, x)),
            Get::F64(get) => get(row).is_none_or(|x| range.allows_real(row, x)),
            Get::Text(get) => get(row).is_none_or(|x| range.allows_text(x)),
        };
        (!is_allowed).then(|| Breach {
            column: self.name,
            value: self.get.text(row).unwrap_or_default(),
            allowed: range.words(row),
        })
    }

    /// Returns the type as FORMAT.md names it.
    pub fn kind(&self) -> &'static str {
        match self.get {
            Get::U32(_) => "u32",
            Get::U64(_) => "u64",
            Get::F64(_) => "f64",
            Get::Text(_) => "text",
        }
    }
}

/// A `Row` is a record that is a row of a table.
pub trait Row: Sized {
    /// Holds the table that the row belongs to.
    const TABLE: Table;

    /// Returns the coordinates of its cell.
    fn at(&self) -> &Coordinates;

    /// Returns the coordinates of its cell, to be changed.
    fn at_mut(&mut self) -> &mut Coordinates;

    /// Returns its place among the rows of its cell.
    fn rank(&self) -> Option<(Reader, Corruption)> {
        None
    }

    /// Returns the columns of the table, in order.
    fn columns() -> Vec<Column<Self>>;

    /// A value that contradicts another of the row, each allowed by itself.
    fn contradiction(&self) -> Option<Breach> {
        None
    }
}

/// A `Key` is a key of a JSON file or of a Parquet file's metadata. FORMAT.md lists it.
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub meaning: &'static str,
}

/// Returns a key. It is shorthand for lists of keys.
pub const fn key(name: &'static str, meaning: &'static str) -> Key {
    Key { name, meaning }
}
