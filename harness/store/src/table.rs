//! This module turns records into Parquet and back.
//!
//! The same rows give the same bytes: one thread, one row group layout, columns built afresh from the records, and no
//! metadata but what the caller passes. polars promises nothing about bytes across its versions.
//!
//! polars panics on some Parquet files of which a few bytes were changed (seen in fuzzing 0.55). So bytes are checked
//! against their seal before they come here. Only a file that was forged together with its seal gets past that; for it
//! there are bounds on what it claims of its sizes ([`pages`]), and [`caught`] turns a panic into an error.

use super::metadata::VERSION_KEY;
use super::{MANY, StoreError, pages};
use base::panics::caught;
use polars::io::parquet::read::ParallelStrategy;
use polars::io::parquet::write::{KeyValueMetadata, ParquetCompression, ParquetWriter};
use polars::prelude::*;
use polars_parquet::write::ZstdLevel;
use serde::Deserialize;
use serde::de::value::{Error as NameError, StrDeserializer};
use std::borrow::Borrow;
use std::collections::HashMap;
use std::io::{self, Cursor};
use std::path::Path;
use study::record::SharedText;
use study::schema::{self, Get, Row, SCHEMA_VERSION};

/// Says how many rows a row group has. A table is cut there and nowhere else, so that its bytes depend on its
/// rows alone.
const GROUP: usize = 1 << 16;

/// The level at which a table that stays is compressed, unless it is of [`MANY`](crate::MANY) cells. On the largest
/// reference runs it saves 16 % of what the default level makes, for some 5 to 15 microseconds a row. Parts, which do
/// not stay, are compressed at the default level.
const LEVEL: i32 = 19;

/// A `Present` says which columns a file has: all but sparse ones of which no row has a value.
pub(super) struct Present<R> {
    columns: Vec<(schema::Column<R>, bool)>,
}

impl<R: Row> Default for Present<R> {
    /// Returns the columns of a table without rows.
    fn default() -> Self {
        let columns = R::columns().into_iter().map(|column| {
            let due = !column.sparse;
            (column, due)
        });
        Self { columns: columns.collect() }
    }
}

impl<R: Row> Present<R> {
    /// Takes note of the columns in which a row has a value.
    pub(super) fn note(&mut self, row: &R) {
        for (column, due) in self.columns.iter_mut().filter(|(_, due)| !due) {
            *due = column.get.has(row);
        }
    }

    fn columns(&self) -> impl Iterator<Item = &schema::Column<R>> {
        self.columns.iter().filter(|(_, due)| *due).map(|(column, _)| column)
    }
}

/// Returns the Parquet file that holds `rows`, as a part of a run keeps them.
pub(super) fn encode<R: Row>(rows: &[&R], metadata: Vec<(String, String)>) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    let mut present = Present::<R>::default();
    rows.iter().for_each(|row| present.note(row));
    write_at::<R, _>(None, &mut bytes, rows.iter().copied().map(Ok), &present, metadata)?;
    Ok(bytes)
}

/// Writes the Parquet file that holds `rows` to `sink`, a row group at a time, and gives their number. A run of
/// `cells` cells has them.
pub(super) fn write<R: Row, B: Borrow<R>>(
    sink: impl io::Write,
    rows: impl Iterator<Item = Result<B, StoreError>>,
    present: &Present<R>,
    metadata: Vec<(String, String)>,
    cells: usize,
) -> Result<usize, StoreError> {
    write_at((cells < MANY).then_some(LEVEL), sink, rows, present, metadata)
}

fn write_at<R: Row, B: Borrow<R>>(
    level: Option<i32>,
    sink: impl io::Write,
    mut rows: impl Iterator<Item = Result<B, StoreError>>,
    present: &Present<R>,
    metadata: Vec<(String, String)>,
) -> Result<usize, StoreError> {
    let problem = |e: PolarsError| StoreError::Encode { table: R::TABLE.name(), reason: e.to_string() };
    let level = level.map(ZstdLevel::try_new).transpose().map_err(problem)?;
    let schema = columns::<R, &R>(&[], present).map_err(problem)?.schema().clone();
    let mut writer = ParquetWriter::new(sink)
        .with_compression(ParquetCompression::Zstd(level))
        .with_key_value_metadata(Some(KeyValueMetadata::from_static(metadata)))
        .set_parallel(false)
        .batched(&schema)
        .map_err(problem)?;
    let mut written = 0;
    loop {
        let group: Vec<B> = rows.by_ref().take(GROUP).collect::<Result<_, _>>()?;
        if group.is_empty() {
            break;
        }
        written += group.len();
        columns(&group, present).and_then(|frame| writer.write_batch(&frame)).map_err(problem)?;
    }
    writer.finish().map_err(problem)?;
    Ok(written)
}

/// Turns rows into columns.
fn columns<R: Row, B: Borrow<R>>(rows: &[B], present: &Present<R>) -> PolarsResult<DataFrame> {
    let columns = present.columns().map(|column| build(column.name.into(), &column.get, rows)).collect();
    DataFrame::new(rows.len(), columns)
}

/// Makes a column of the values that `get` takes from the rows.
fn build<R, B: Borrow<R>>(name: PlSmallStr, get: &Get<R>, rows: &[B]) -> Column {
    let rows = rows.iter().map(B::borrow);
    match get {
        Get::U32(get) => UInt32Chunked::from_iter_options(name, rows.map(get)).into_column(),
        Get::U64(get) => UInt64Chunked::from_iter_options(name, rows.map(get)).into_column(),
        Get::F64(get) => Float64Chunked::from_iter_options(name, rows.map(get)).into_column(),
        Get::Text(get) => StringChunked::from_iter_options(name, rows.map(get)).into_column(),
    }
}

/// A `StoredTable` is a record that can be made from a row of its table.
pub(super) trait StoredTable: Row + Send {
    /// Reads all rows of a table.
    fn decode(table: &Columns<'_>) -> Result<Vec<Self>, StoreError>;
}

/// Reads the records in the Parquet file `path`, whose content is `bytes`.
pub(super) fn decode<R: StoredTable>(path: &Path, bytes: Vec<u8>) -> Result<Vec<R>, StoreError> {
    check(path, &bytes)?;
    read(path, &bytes, Section::default(), |table| R::decode(&table))
}

/// Gives the records in the Parquet file `path` to `take`, a row group's number of them at a time. The next ones are
/// decoded meanwhile, on another thread if there is one.
pub(super) fn decode_by_groups<R: StoredTable>(
    path: &Path,
    bytes: &[u8],
    mut take: impl FnMut(Vec<R>) -> Result<(), StoreError> + Send,
) -> Result<(), StoreError> {
    check(path, bytes)?;
    let group = |first| {
        let section = Section { rows: Some((first, GROUP)) };
        read(path, bytes, section, |table| R::decode(&table))
    };
    let (mut first, mut rows) = (0, group(0)?);
    while rows.len() == GROUP {
        first += GROUP;
        let (taken, next) = rayon::join(|| take(rows), || group(first));
        taken?;
        rows = next?;
    }
    take(rows)
}

/// Checks what a file says of its own sizes, once, before anything of it is read.
fn check(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    caught(|| pages::check(bytes))
        .unwrap_or_else(Err)
        .map_err(|what| StoreError::damaged(path, format!("it is no valid Parquet ({what})")))
}

/// A `Section` says what is read of a table.
#[derive(Default)]
struct Section {
    /// The first row, and how many; all where it is absent.
    rows: Option<(usize, usize)>,
}

/// Returns what `decode` makes of a section of the Parquet file `path`, whose content is `bytes`.
fn read<T>(
    path: &Path,
    bytes: &[u8],
    section: Section,
    decode: impl FnOnce(Columns<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let first = section.rows.map_or(0, |(first, _)| first);
    caught(|| decode(Columns { path, first, frame: frame(path, bytes, section)? })).unwrap_or_else(|panic| {
        Err(StoreError::damaged(path, format!("it is no valid Parquet (the reader panicked: {panic})")))
    })
}

/// Reads the content of a Parquet file of this schema version.
fn frame(path: &Path, bytes: &[u8], section: Section) -> Result<DataFrame, StoreError> {
    let broken = |e: PolarsError| StoreError::damaged(path, format!("it is no valid Parquet ({e})"));
    let mut reader = ParquetReader::new(Cursor::new(bytes))
        .read_parallel(ParallelStrategy::None)
        .set_rechunk(true)
        .with_slice(section.rows);
    let metadata = reader.get_metadata().map_err(broken)?.key_value_metadata().as_deref().unwrap_or_default();
    let version = metadata.iter().find(|pair| pair.key == VERSION_KEY).and_then(|pair| pair.value.as_deref());
    match version.map(str::parse::<u64>) {
        Some(Ok(found)) if found == u64::from(SCHEMA_VERSION) => reader.finish().map_err(broken),
        Some(Ok(found)) => Err(StoreError::Schema { path: path.to_owned(), found }),
        _ => Err(StoreError::damaged(path, format!("its metadata do not state `{VERSION_KEY}`"))),
    }
}

/// Holds the columns of a table that was read.
pub(super) struct Columns<'a> {
    path: &'a Path,
    /// The place of its first row in the file.
    first: usize,
    frame: DataFrame,
}

impl Columns<'_> {
    /// Returns the number of rows.
    pub(super) fn rows(&self) -> usize {
        self.frame.height()
    }

    /// Returns whether there is a column of that name. Columns that may be missing a value may be missing as
    /// a whole: the file is older than they are.
    pub(super) fn has(&self, name: &str) -> bool {
        self.frame.column(name).is_ok()
    }

    /// Returns those columns of `names` that have any value.
    pub(super) fn with_values(&self, names: &[&'static str]) -> Vec<&'static str> {
        let has_values =
            |name: &&str| self.frame.column(name).is_ok_and(|column| column.null_count() < column.len());
        names.iter().copied().filter(has_values).collect()
    }

    /// Checks that no column of `names` has a value in a row, of which `why` says that it has none.
    pub(super) fn none_in(&self, row: usize, names: &[&'static str], why: &str) -> Result<(), StoreError> {
        let has_value = |name: &str| {
            self.frame.column(name).is_ok_and(|column| column.get(row).is_ok_and(|value| !value.is_null()))
        };
        match names.iter().find(|name| has_value(name)) {
            Some(name) => Err(self.problem(name, format!("has a value in row {}, {why}", self.first + row))),
            None => Ok(()),
        }
    }

    /// The values of a column of 32-bit counts.
    pub(super) fn u32(&self, name: &'static str) -> Result<Values<'_, u32>, StoreError> {
        self.numbers::<UInt32Type>(name)
    }

    /// Returns the values of a column of 64-bit counts.
    pub(super) fn u64(&self, name: &'static str) -> Result<Values<'_, u64>, StoreError> {
        self.numbers::<UInt64Type>(name)
    }

    /// Returns the values of a column of floats.
    pub(super) fn f64(&self, name: &'static str) -> Result<Values<'_, f64>, StoreError> {
        self.numbers::<Float64Type>(name)
    }

    /// Returns the values of a column of text.
    pub(super) fn text(&self, name: &'static str) -> Result<Values<'_, String>, StoreError> {
        let texts = self.array::<StringType>(name)?.iter();
        Ok(self.values(name, Held::Some(texts.map(|text| text.map(str::to_owned)).collect())))
    }

    /// Returns the values of a column of text of which many are alike: equal ones are one.
    pub(super) fn shared(&self, name: &'static str) -> Result<Values<'_, SharedText>, StoreError> {
        self.alike(name, |text| Ok(SharedText::from(text)))
    }

    /// Returns the values of a column of names, each a variant of the enum `T`.
    pub(super) fn name<T: for<'d> Deserialize<'d> + Clone>(
        &self,
        name: &'static str,
    ) -> Result<Values<'_, T>, StoreError> {
        self.alike(name, |text| {
            T::deserialize(StrDeserializer::<NameError>::new(text))
                .map_err(|e| self.problem(name, format!("has an {e}")))
        })
    }

    /// Returns what `make` makes of a column of text of which many are alike: it is asked once of each.
    fn alike<T: Clone>(
        &self,
        name: &'static str,
        make: impl Fn(&str) -> Result<T, StoreError>,
    ) -> Result<Values<'_, T>, StoreError> {
        let array = self.array::<StringType>(name)?;
        let mut known: HashMap<&str, T> = HashMap::new();
        // Texts are long, and mostly that of the row before.
        let mut last: Option<(&str, T)> = None;
        let mut values = Vec::with_capacity(array.len());
        for text in array.iter() {
            let Some(text) = text else {
                values.push(None);
                continue;
            };
            if last.as_ref().is_none_or(|(before, _)| *before != text) {
                let value = match known.get(text) {
                    Some(value) => value.clone(),
                    None => known.entry(text).or_insert(make(text)?).clone(),
                };
                last = Some((text, value));
            }
            values.push(last.as_ref().map(|(_, value)| value.clone()));
        }
        Ok(self.values(name, Held::Some(values)))
    }

    /// Returns the values of a column of numbers, where they lie if none is missing.
    fn numbers<K: PolarsNumericType>(&self, name: &'static str) -> Result<Values<'_, K::Native>, StoreError> {
        let array = self.array::<K>(name)?;
        let held = array.cont_slice().map_or_else(|_| Held::Some(array.iter().collect()), Held::All);
        Ok(self.values(name, held))
    }

    fn array<K: PolarsPhysicalType>(&self, name: &'static str) -> Result<&ChunkedArray<K>, StoreError> {
        let column = self.frame.column(name).map_err(|_| self.problem(name, "is missing".to_owned()))?;
        column.as_materialized_series().unpack::<K>().map_err(|_| {
            let due = K::get_static_dtype();
            self.problem(name, format!("has type {} where {due} is due", column.dtype()))
        })
    }

    fn values<'s, T>(&'s self, name: &'static str, held: Held<'s, T>) -> Values<'s, T> {
        Values { path: self.path, first: self.first, name, held }
    }

    fn problem(&self, column: &str, problem: String) -> StoreError {
        StoreError::Column { path: self.path.to_owned(), column: column.to_owned(), problem }
    }
}

/// Holds the values of one column.
pub(super) struct Values<'a, T> {
    path: &'a Path,
    /// The place of the first row in the file.
    first: usize,
    name: &'static str,
    held: Held<'a, T>,
}

/// The values themselves.
enum Held<'a, T> {
    /// One in each row.
    All(&'a [T]),
    /// One in some rows.
    Some(Vec<Option<T>>),
}

impl<T: Clone> Values<'_, T> {
    /// Returns the value in a row, if there is one.
    pub(super) fn get(&self, row: usize) -> Option<T> {
        match &self.held {
            Held::All(values) => Some(values[row].clone()),
            Held::Some(values) => values[row].clone(),
        }
    }

    /// Returns the value in a row, which must be there.
    pub(super) fn need(&self, row: usize) -> Result<T, StoreError> {
        self.get(row).ok_or_else(|| StoreError::Column {
            path: self.path.to_owned(),
            column: self.name.to_owned(),
            problem: format!("has no value in row {}", self.first + row),
        })
    }
}
