//! Each format has a function of bytes to numbers. What a file is says its beginning.

mod csv;
mod idx;
mod npz;
mod pictures;

pub(crate) use pictures::{is_picture, pictures};

use crate::error::Trouble;
use std::sync::OnceLock;

/// `Numbers` are the values of rows that are equally long, one row after another.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    /// How many rows.
    pub rows: usize,
    /// All values.
    pub values: Vec<f64>,
}

/// Values that are held at most: a gigabyte of them.
pub(crate) const MOST_VALUES: usize = 1 << 27;

/// Reads a Parquet file: the column named, or the only one of lists, or all columns if they are numbers.
type ReadParquet = fn(&[u8], Option<&str>) -> Result<Numbers, Trouble>;

static PARQUET: OnceLock<ReadParquet> = OnceLock::new();

/// Says, once, how Parquet files are read.
pub fn read_parquet_by(read: ReadParquet) {
    PARQUET.get_or_init(|| read);
}

/// Returns the values of a file whose name in small letters is `name`.
pub(crate) fn of_file(name: &str, bytes: &[u8], entry: Option<&str>) -> Result<Numbers, Trouble> {
    if is_archive(bytes) {
        let (name, array) = npz::array(bytes, entry)?;
        return npy(&array, &name);
    }
    if bytes.starts_with(b"PAR1") {
        return PARQUET.get().ok_or(Trouble::NoParquet)?(bytes, entry);
    }
    one_array(entry)?;
    if bytes.starts_with(NUMPY) {
        return npy(bytes, "");
    }
    if bytes.starts_with(&[0x1f, 0x8b]) || bytes.starts_with(&[0, 0]) {
        return idx::numbers(bytes);
    }
    if is_picture(bytes) {
        return pictures(&[(name.to_owned(), bytes.to_vec())]);
    }
    if is_text(name) {
        return csv::numbers(bytes);
    }
    let start = bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    Err(Trouble::Format { start })
}

/// Returns the values of a file that holds a list: a number a row, or all in one row.
pub(crate) fn list_of_file(name: &str, bytes: &[u8]) -> Result<Vec<f64>, Trouble> {
    let array = if is_archive(bytes) { Some(npz::array(bytes, None)?) } else { None };
    let (entry, bytes) = array.as_ref().map_or(("", bytes), |(entry, array)| (entry.as_str(), &array[..]));
    if bytes.starts_with(NUMPY) {
        let read = ::npy::list(bytes, bytes.len() as u64);
        return read.map_err(|fault| Trouble::Npy { entry: entry.to_owned(), fault });
    }
    let read = if is_text(name) { csv::list(bytes) } else { of_file(name, bytes, None) };
    let Numbers { rows, values } = read?;
    match values.len().checked_div(rows) {
        Some(columns) if rows > 1 && columns > 1 => Err(Trouble::List { rows, columns }),
        _ => Ok(values),
    }
}

const NUMPY: &[u8] = b"\x93NUMPY";

fn is_text(name: &str) -> bool {
    [".csv", ".tsv", ".txt"].iter().any(|extension| name.ends_with(extension))
}

fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// No array is named, where there is only one.
pub(crate) fn one_array(entry: Option<&str>) -> Result<(), Trouble> {
    match entry {
        Some(entry) => Err(Trouble::OneArray { entry: entry.to_owned() }),
        None => Ok(()),
    }
}

/// Reads an npy file: all axes but the first are a row.
fn npy(bytes: &[u8], entry: &str) -> Result<Numbers, Trouble> {
    let read = ::npy::numbers(bytes, bytes.len() as u64);
    let (rows, values) = read.map_err(|fault| Trouble::Npy { entry: entry.to_owned(), fault })?;
    bounded(values.len())?;
    Ok(Numbers { rows, values })
}

fn bounded(values: usize) -> Result<(), Trouble> {
    if values > MOST_VALUES { Err(Trouble::Values { values, most: MOST_VALUES }) } else { Ok(()) }
}
