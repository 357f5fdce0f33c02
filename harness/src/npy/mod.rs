//! Arrays in files: the npy format, versions 1.0 to 3.0 (NEP 1, `numpy.lib.format`).
//!
//! A header is a stranger's claim. It is parsed by a grammar of exactly what numpy writes, and what it promises is
//! compared with the file's length in checked arithmetic before a byte is allocated for values; what is read may be
//! allocated, but nothing that is only claimed. Values are checked while they stream in, so that the first wrong one
//! ends the reading. Elements are decoded and files written by the crate npyz; its header parser is not used, because
//! version 0.8 recurses into nested literals and multiplies the shape unchecked.
//!
//! Read are arrays of signed integers (1, 2, 4, 8 bytes) and floats (4, 8 bytes) in either byte order, in C or Fortran
//! order. Written are int8 and float32 in C order.

mod fault;
#[cfg(test)]
mod fuzz;
mod header;
#[cfg(test)]
mod tests;

pub(crate) use fault::{Fault, NpyError};

use crate::limits::UNITS;
use base::atomic;
use faer::{Mat, MatRef};
use header::{Element, Header};
use npyz::{AutoSerialize, Deserialize, TypeRead, WriterBuilder};
use protocols::Patterns;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// Reads patterns: ±1, M rows x N columns.
///
/// # Errors
/// If the file cannot be read, is not an npy file of that form, or has a value other than -1 and +1.
pub(crate) fn read_patterns(path: &Path) -> Result<Patterns, NpyError> {
    with_file(path, patterns)
}

/// Reads a matrix; values become f32 and must be finite.
///
/// # Errors
/// If the file cannot be read, is not an npy file of a matrix, or has a value that is no finite f32.
pub(crate) fn read_matrix(path: &Path) -> Result<Mat<f32>, NpyError> {
    with_file(path, matrix)
}

/// Reads a vector; values become f32 and must be finite.
///
/// # Errors
/// If the file cannot be read, is not an npy file of a vector, or has a value that is no finite f32.
pub(crate) fn read_vector(path: &Path) -> Result<Vec<f32>, NpyError> {
    with_file(path, vector)
}

/// Writes patterns as int8, count x N, C order; the file appears complete or not at all.
///
/// # Errors
/// If the file cannot be written.
pub(crate) fn write_patterns(path: &Path, patterns: &Patterns) -> anyhow::Result<()> {
    write(path, &[patterns.count(), patterns.n()], patterns.signs().iter().copied())
}

/// Writes a matrix as float32, C order; the file appears complete or not at all.
///
/// # Errors
/// If the file cannot be written.
pub(crate) fn write_matrix(path: &Path, matrix: MatRef<'_, f32>) -> anyhow::Result<()> {
    let (rows, columns) = matrix.shape();
    let values = (0..rows).flat_map(|i| (0..columns).map(move |j| matrix[(i, j)]));
    write(path, &[rows, columns], values)
}

/// Writes a vector as float32; the file appears complete or not at all.
///
/// # Errors
/// If the file cannot be written.
pub(crate) fn write_vector(path: &Path, values: &[f32]) -> anyhow::Result<()> {
    write(path, &[values.len()], values.iter().copied())
}

fn write<T: AutoSerialize>(
    path: &Path,
    shape: &[usize],
    values: impl Iterator<Item = T>,
) -> anyhow::Result<()> {
    let shape: Vec<u64> = shape.iter().map(|&side| side as u64).collect();
    atomic::write(path, |file| {
        let mut array = npyz::WriteOptions::new().default_dtype().shape(&shape).writer(file).begin_nd()?;
        array.extend(values)?;
        array.finish()
    })
}

fn with_file<T>(
    path: &Path,
    read: impl FnOnce(BufReader<File>, u64) -> Result<T, Fault>,
) -> Result<T, NpyError> {
    let read = || {
        // Asked before opening: opening a named pipe would wait for its writer.
        if !std::fs::metadata(path).map_err(Fault::Open)?.is_file() {
            return Err(Fault::NotAFile);
        }
        let file = File::open(path).map_err(Fault::Open)?;
        let length = file.metadata().map_err(Fault::Open)?.len();
        read(BufReader::new(file), length)
    };
    read().map_err(|fault| NpyError { path: path.to_owned(), fault })
}

fn patterns(source: impl Read, length: u64) -> Result<Patterns, Fault> {
    let array = Array::open(source, length, 2)?;
    let columns = units(array.header.columns())?;
    let signs = array.values("-1 or +1", |x| match x {
        1.0 => Some(1),
        -1.0 => Some(-1),
        _ => None,
    })?;
    Ok(Patterns::new(columns, signs).expect("the shape was checked against the values and is not empty"))
}

fn matrix(source: impl Read, length: u64) -> Result<Mat<f32>, Fault> {
    let array = Array::open(source, length, 2)?;
    let (rows, columns) = (units(array.header.rows())?, units(array.header.columns())?);
    let values = array.values(FINITE, finite)?;
    Ok(Mat::from_fn(rows, columns, |i, j| values[i * columns + j]))
}

fn vector(source: impl Read, length: u64) -> Result<Vec<f32>, Fault> {
    Array::open(source, length, 1)?.values(FINITE, finite)
}

/// A number of units that a memory may have.
fn units(units: usize) -> Result<usize, Fault> {
    if units <= UNITS { Ok(units) } else { Err(Fault::Units { units, limit: UNITS }) }
}

const FINITE: &str = "a finite number within the range of float32";

fn finite(x: f64) -> Option<f32> {
    let narrow = x as f32;
    narrow.is_finite().then_some(narrow)
}

/// An array whose header agrees with the length of its source, its values still to be read.
struct Array<R> {
    header: Header,
    values: R,
}

impl<R: Read> Array<R> {
    /// Reads the header from a `source` of `length` bytes, and demands `dimensions`.
    fn open(mut source: R, length: u64, dimensions: usize) -> Result<Self, Fault> {
        let header = Header::read(&mut source, length, dimensions)?;
        Ok(Self { header, values: source })
    }

    /// All values in C order, each as `accept` takes it; `allowed` says in words what it takes.
    fn values<T: Copy>(
        self,
        allowed: &'static str,
        accept: impl Fn(f64) -> Option<T>,
    ) -> Result<Vec<T>, Fault> {
        match self.header.element {
            Element::I1 => self.decode::<i8, T>(allowed, accept),
            Element::I2 => self.decode::<i16, T>(allowed, accept),
            Element::I4 => self.decode::<i32, T>(allowed, accept),
            Element::I8 => self.decode::<i64, T>(allowed, accept),
            Element::F4 => self.decode::<f32, T>(allowed, accept),
            Element::F8 => self.decode::<f64, T>(allowed, accept),
        }
    }

    fn decode<E: Number, T: Copy>(
        mut self,
        allowed: &'static str,
        accept: impl Fn(f64) -> Option<T>,
    ) -> Result<Vec<T>, Fault> {
        let (rows, columns, fortran) = (self.header.rows(), self.header.columns(), self.header.fortran);
        let count = rows * columns;
        let element = E::reader(&self.header.dtype).expect("the element type was chosen by this dtype");
        let mut values = Vec::new();
        values.try_reserve_exact(count).map_err(|_| Fault::Memory { values: count })?;
        for index in 0..count {
            let value = element.read_one(&mut self.values).map_err(Fault::Read)?;
            values.push(accept(value.number()).ok_or_else(|| {
                let (row, column) =
                    if fortran { (index % rows, index / rows) } else { (index / columns, index % columns) };
                Fault::Value { row, column, value: value.to_string(), allowed }
            })?);
        }
        if fortran {
            let stored = values;
            values = (0..rows)
                .flat_map(|i| (0..columns).map(move |j| j * rows + i))
                .map(|at| stored[at])
                .collect();
        }
        Ok(values)
    }
}

/// An element type; f64 holds every value that is accepted exactly.
trait Number: Deserialize + std::fmt::Display + Copy {
    fn number(self) -> f64;
}

macro_rules! number {
    ($($element:ty)+) => {
        $(impl Number for $element {
            fn number(self) -> f64 {
                self as f64
            }
        })+
    };
}

number!(i8 i16 i32 i64 f32 f64);
