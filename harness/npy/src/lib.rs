//! This crate reads and writes arrays in files. They have the npy format, versions 1.0 to 3.0 (NEP 1,
//! `numpy.lib.format`).
//!
//! A header is a stranger's claim. It is parsed by a grammar of exactly what numpy writes, and what it promises is
//! compared with the file's length in checked arithmetic before a byte is allocated for values; what is read may be
//! allocated, but nothing that is only claimed. Values are checked while they stream in, so that the first wrong one
//! ends the reading. Elements are decoded and files written by the crate npyz; its header parser is not used, because
//! version 0.8 recurses into nested literals and multiplies the shape unchecked.
//!
//! Read are arrays of signed integers (1, 2, 4, 8 bytes) and floats (4, 8 bytes) in either byte order, in C or Fortran
//! order; where any numbers will do ([`numbers`]), those of unsigned integers and truth values too. Written are int8
//! and float32 in C order.

mod fault;
mod header;
#[cfg(test)]
mod tests;

pub use fault::{Fault, NpyError};

use base::atomic;
use faer::{Mat, MatRef};
use header::{Element, Header, Wanted};
use npyz::{AutoSerialize, Deserialize, TypeRead, WriterBuilder};
use protocols::Patterns;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

/// Bounds the units N of a memory; W of N x N float32 then takes 40 GB.
pub const UNITS: usize = 100_000;

/// Reads patterns: ±1, M rows x N columns.
///
/// # Errors
/// If the file cannot be read, is not an npy file of that form, or has a value other than -1 and +1.
pub fn read_patterns(path: &Path) -> Result<Patterns, NpyError> {
    with_file(path, patterns)
}

/// Reads a matrix. Its values become f32 and must be finite.
///
/// # Errors
/// If the file cannot be read, is not an npy file of a matrix, or has a value that is no finite f32.
pub fn read_matrix(path: &Path) -> Result<Mat<f32>, NpyError> {
    with_file(path, matrix)
}

/// Reads a vector. Its values become f32 and must be finite.
///
/// # Errors
/// If the file cannot be read, is not an npy file of a vector, or has a value that is no finite f32.
pub fn read_vector(path: &Path) -> Result<Vec<f32>, NpyError> {
    with_file(path, vector)
}

/// Writes patterns as int8, count x N, C order. The file appears complete or not at all.
///
/// # Errors
/// If the file cannot be written.
pub fn write_patterns(path: &Path, patterns: &Patterns) -> anyhow::Result<()> {
    write(path, &[patterns.count(), patterns.n()], patterns.signs().iter().copied())
}

/// Writes a matrix as float32, C order. The file appears complete or not at all.
///
/// # Errors
/// If the file cannot be written.
pub fn write_matrix(path: &Path, matrix: MatRef<'_, f32>) -> anyhow::Result<()> {
    let (rows, columns) = matrix.shape();
    let values = (0..rows).flat_map(|i| (0..columns).map(move |j| matrix[(i, j)]));
    write(path, &[rows, columns], values)
}

/// Writes a vector as float32. The file appears complete or not at all.
///
/// # Errors
/// If the file cannot be written.
pub fn write_vector(path: &Path, values: &[f32]) -> anyhow::Result<()> {
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

/// Reads finite float32 values of exactly that shape, in C order whatever the file's order is. No other type is
/// taken, and no link is followed.
///
/// # Errors
/// If the file cannot be read, is a link, or is not an npy file of such an array.
pub fn read_exactly(path: &Path, shape: &[usize]) -> Result<Vec<f32>, NpyError> {
    with_no_link(path, |source, length| exactly(source, length, shape))
}

/// Reads int8 of exactly that shape, each -1, 0 or +1, as [`read_exactly`] does.
///
/// # Errors
/// As for [`read_exactly`]; or if a value is another.
pub fn read_states(path: &Path, shape: &[usize]) -> Result<Vec<i8>, NpyError> {
    with_no_link(path, |source, length| states(source, length, shape))
}

/// Writes signs of any shape as int8, C order, into a file that nobody looks at yet.
///
/// # Errors
/// If the file cannot be written.
pub fn write_signs(path: &Path, shape: &[usize], signs: impl Iterator<Item = i8>) -> io::Result<()> {
    write_new(path, shape, signs)
}

/// Writes numbers of any shape as float32, C order, into a file that nobody looks at yet.
///
/// # Errors
/// If the file cannot be written.
pub fn write_floats(path: &Path, shape: &[usize], values: impl Iterator<Item = f32>) -> io::Result<()> {
    write_new(path, shape, values)
}

fn write_new<T: AutoSerialize>(
    path: &Path,
    shape: &[usize],
    values: impl Iterator<Item = T>,
) -> io::Result<()> {
    let shape: Vec<u64> = shape.iter().map(|&side| side as u64).collect();
    let mut file = BufWriter::new(File::create_new(path)?);
    let mut array = npyz::WriteOptions::new().default_dtype().shape(&shape).writer(&mut file).begin_nd()?;
    array.extend(values)?;
    array.finish()?;
    file.flush()
}

fn with_no_link<T>(
    path: &Path,
    read: impl FnOnce(BufReader<File>, u64) -> Result<T, Fault>,
) -> Result<T, NpyError> {
    let is_link = std::fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink());
    if is_link {
        return Err(NpyError { path: path.to_owned(), fault: Fault::Link });
    }
    with_file(path, read)
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

/// Reads patterns from a source of so many bytes, as [`read_patterns`] does.
///
/// # Errors
/// As for [`read_patterns`].
pub fn patterns(source: impl Read, length: u64) -> Result<Patterns, Fault> {
    let array = Array::open(source, length, 2)?;
    let columns = units(array.header.columns())?;
    let signs = array.values("-1 or +1", |x| match x {
        1.0 => Some(1),
        -1.0 => Some(-1),
        _ => None,
    })?;
    Ok(Patterns::new(columns, signs).expect("the shape was checked against the values and is not empty"))
}

/// Reads a matrix from a source of so many bytes, as [`read_matrix`] does.
///
/// # Errors
/// As for [`read_matrix`].
pub fn matrix(source: impl Read, length: u64) -> Result<Mat<f32>, Fault> {
    let array = Array::open(source, length, 2)?;
    let (rows, columns) = (units(array.header.rows())?, units(array.header.columns())?);
    let values = array.values(FINITE, finite)?;
    Ok(Mat::from_fn(rows, columns, |i, j| values[i * columns + j]))
}

/// Reads a vector from a source of so many bytes, as [`read_vector`] does.
///
/// # Errors
/// As for [`read_vector`].
pub fn vector(source: impl Read, length: u64) -> Result<Vec<f32>, Fault> {
    Array::open(source, length, 1)?.values(FINITE, finite)
}

/// Reads float32 of exactly that shape from a source of so many bytes, as [`read_exactly`] does.
///
/// # Errors
/// As for [`read_exactly`].
pub fn exactly(source: impl Read, length: u64, shape: &[usize]) -> Result<Vec<f32>, Fault> {
    let is_right = |element: &Element| matches!(element, Element::F4);
    let wrong = |dtype| Fault::Float32 { dtype };
    of_shape(source, length, shape, is_right, wrong)?.values(FINITE, finite)
}

/// Reads int8 of exactly that shape from a source of so many bytes, as [`read_states`] does.
///
/// # Errors
/// As for [`read_states`].
pub fn states(source: impl Read, length: u64, shape: &[usize]) -> Result<Vec<i8>, Fault> {
    let array = of_shape(source, length, shape, |e| matches!(e, Element::I1), |dtype| Fault::Int8 { dtype })?;
    array.values("-1, 0 or +1", |x| matches!(x, -1.0 | 0.0 | 1.0).then_some(x as i8))
}

/// Opens an array of exactly that shape and type.
fn of_shape<R: Read>(
    source: R,
    length: u64,
    shape: &[usize],
    is_right: impl Fn(&Element) -> bool,
    wrong: impl Fn(String) -> Fault,
) -> Result<Array<R>, Fault> {
    let needed = || shape.iter().map(|&side| side as u64).collect();
    let array = Array::open(source, length, shape.len()).map_err(|fault| match fault {
        Fault::Dimensions { shape: found, .. } => Fault::Shape { shape: found, needed: needed() },
        // What is allowed elsewhere would be no remedy.
        Fault::Dtype { dtype, .. } => wrong(dtype),
        other => other,
    })?;
    if !is_right(&array.header.element) {
        return Err(wrong(array.header.descr));
    }
    if array.header.shape != shape {
        let found = array.header.shape.iter().map(|&side| side as u64).collect();
        return Err(Fault::Shape { shape: found, needed: needed() });
    }
    Ok(array)
}

/// Reads an array of any numbers with two axes or more from a source of so many bytes, as rows: all values of the first
/// index 0, and so on. It returns the number of rows with them.
///
/// # Errors
/// If it is not an npy file of such an array, or a number is not finite.
pub fn numbers(mut source: impl Read, length: u64) -> Result<(usize, Vec<f64>), Fault> {
    let header = Header::read(&mut source, length, Wanted::Any)?;
    let array = Array { header, values: source };
    let rows = array.header.rows();
    let values = array.values("a finite number", |x| x.is_finite().then_some(x))?;
    Ok((rows, values))
}

/// Reads a list of any numbers from a source of so many bytes: an array of one axis, or of a second that is 1.
///
/// # Errors
/// As for [`numbers`].
pub fn list(mut source: impl Read, length: u64) -> Result<Vec<f64>, Fault> {
    let header = Header::read(&mut source, length, Wanted::List)?;
    Array { header, values: source }.values("a finite number", |x| x.is_finite().then_some(x))
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

/// An `Array` has a header that agrees with the length of its source. Its values are still to be read.
struct Array<R> {
    header: Header,
    values: R,
}

impl<R: Read> Array<R> {
    /// Reads the header from a `source` of `length` bytes, and demands `dimensions`.
    fn open(mut source: R, length: u64, dimensions: usize) -> Result<Self, Fault> {
        let header = Header::read(&mut source, length, Wanted::Signed(dimensions))?;
        Ok(Self { header, values: source })
    }

    /// Returns all values in C order, each as `accept` takes it. In words, `allowed` says what it takes.
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
            Element::U1 => self.decode::<u8, T>(allowed, accept),
            Element::U2 => self.decode::<u16, T>(allowed, accept),
            Element::U4 => self.decode::<u32, T>(allowed, accept),
            Element::U8 => self.decode::<u64, T>(allowed, accept),
            Element::Bool => self.decode::<bool, T>(allowed, accept),
            Element::F4 => self.decode::<f32, T>(allowed, accept),
            Element::F8 => self.decode::<f64, T>(allowed, accept),
        }
    }

    fn decode<E: Number, T: Copy>(
        mut self,
        allowed: &'static str,
        accept: impl Fn(f64) -> Option<T>,
    ) -> Result<Vec<T>, Fault> {
        let Header { shape, fortran, .. } = &self.header;
        let count = shape.iter().product();
        let element = E::reader(&self.header.dtype).expect("the element type was chosen by this dtype");
        let mut values = Vec::new();
        values.try_reserve_exact(count).map_err(|_| Fault::Memory { values: count })?;
        for at in 0..count {
            let value = element.read_one(&mut self.values).map_err(Fault::Read)?;
            values.push(accept(value.number()).ok_or_else(|| {
                let place = if *fortran { fortran_place(shape, at) } else { place(shape, at) };
                Fault::Value { place, value: value.to_string(), allowed }
            })?);
        }
        if *fortran {
            let stored = values;
            let index =
                |at| place(shape, at).iter().zip(shape).rev().fold(0, |sum, (i, side)| sum * side + i);
            values = (0..count).map(|at| stored[index(at)]).collect();
        }
        Ok(values)
    }
}

/// Returns the indices of a value by its place in C order, where the last index runs fastest.
fn place(shape: &[usize], mut at: usize) -> Vec<usize> {
    let mut place: Vec<usize> = shape.iter().rev().map(|side| (at % side, at /= side).0).collect();
    place.reverse();
    place
}

/// Returns the indices of a value by its place in Fortran order, where the first index runs fastest.
fn fortran_place(shape: &[usize], mut at: usize) -> Vec<usize> {
    shape.iter().map(|side| (at % side, at /= side).0).collect()
}

/// A `Number` is an element type. An f64 holds every value that is accepted exactly.
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

number!(i8 i16 i32 i64 u8 u16 u32 u64 f32 f64);

impl Number for bool {
    fn number(self) -> f64 {
        self.into()
    }
}
