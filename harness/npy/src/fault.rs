//! A fault says what is wrong with an npy file, what is allowed, and the remedy.

use std::io;
use std::path::PathBuf;

/// An `NpyError` tells of a file that cannot be used as the array asked for.
#[derive(Debug, thiserror::Error)]
#[error("{}: {fault}", path.display())]
pub struct NpyError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: Fault,
}

/// A `Fault` says what is wrong with an npy file.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It cannot be opened.
    #[error("cannot be opened: {0}; give the path of a readable npy file, as numpy.save writes it")]
    Open(io::Error),
    /// A folder, pipe or device.
    #[error("is not a regular file; give the path of an npy file, as numpy.save writes it")]
    NotAFile,
    /// Reading stopped.
    #[error("cannot be read to its end: {0}; was it changed meanwhile? Try again")]
    Read(io::Error),
    /// A zip archive.
    #[error(
        "is a zip archive (npz), which holds several arrays; give one array in an npy file: \
         numpy.save(\"x.npy\", numpy.load(\"x.npz\")[name])"
    )]
    Npz,
    /// Something else.
    #[error(
        "is not an npy file (it does not start with \\x93NUMPY); write one with numpy.save(\"x.npy\", x)"
    )]
    NotNpy,
    /// A version of the format that does not exist yet.
    #[error(
        "has version {major}.{minor} of the npy format; known are 1.0, 2.0 and 3.0; write it anew with numpy.save"
    )]
    Version {
        /// First number.
        major: u8,
        /// Second number.
        minor: u8,
    },
    /// A header that cannot be there.
    #[error(
        "claims a header of {claimed} bytes where {present} bytes follow and at most {limit} are allowed; the file is \
         damaged, write it anew with numpy.save"
    )]
    HeaderLength {
        /// Bytes claimed.
        claimed: u64,
        /// Bytes that follow in the file.
        present: u64,
        /// Bytes accepted at most.
        limit: u64,
    },
    /// A header other than numpy writes.
    #[error(
        "has a damaged header: at byte {at} of it, expected {expected}; write the file anew with numpy.save"
    )]
    Header {
        /// Position in the header's text.
        at: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// A dtype that holds no numbers of the kind needed.
    #[error(
        "has dtype {dtype}, {reason}; allowed are int8, int16, int32, int64, float32 and float64{}; convert it: \
         {remedy}",
        if *any { ", uint8 to uint64, and bool" } else { "" }
    )]
    Dtype {
        /// As in the header.
        dtype: String,
        /// What is wrong with it.
        reason: &'static str,
        /// How to convert it.
        remedy: &'static str,
        /// Whether numbers without a sign and truth values are allowed too.
        any: bool,
    },
    /// Not as many axes as asked for.
    #[error("has shape {}, which is {}-D, but {} is needed; change it with x.reshape(...) and save it again",
        tuple(shape), shape.len(), axes(*needed))]
    Dimensions {
        /// The shape.
        shape: Vec<u64>,
        /// Axes needed.
        needed: usize,
    },
    /// No values.
    #[error("has shape {} and so holds no values; at least one row and one column are needed", tuple(shape))]
    Empty {
        /// The shape.
        shape: Vec<u64>,
    },
    /// The header's shape and the file's length disagree.
    #[error("{}", disagreement(shape, *promised, *present))]
    Length {
        /// The shape.
        shape: Vec<u64>,
        /// Bytes that the shape takes, if fewer than 2^64.
        promised: Option<u64>,
        /// Bytes that follow the header.
        present: u64,
    },
    /// The values do not fit in memory.
    #[error("holds {values} values, for which there is no memory; give a smaller array")]
    Memory {
        /// Number of values.
        values: usize,
    },
    /// More units than a memory can have.
    #[error(
        "has {units} units; a memory has at most {limit}, since its weights are units x units; give fewer"
    )]
    Units {
        /// Units N.
        units: usize,
        /// The most that are allowed.
        limit: usize,
    },
    /// A value that is not allowed.
    #[error(
        "{} (counted from 0) is {value}, but every value must be {allowed}; correct it and save the array again",
        indices(place)
    )]
    Value {
        /// Its indices, from 0.
        place: Vec<usize>,
        /// The value.
        value: String,
        /// What is allowed.
        allowed: &'static str,
    },
    /// Another shape than the one that is known to be needed.
    #[error("has shape {}, but shape {} is needed", tuple(shape), tuple(needed))]
    Shape {
        /// The shape.
        shape: Vec<u64>,
        /// The shape needed.
        needed: Vec<u64>,
    },
    /// Another type than float32, where nothing else will do.
    #[error("has dtype {dtype}, but float32 is needed; convert it: x.astype(numpy.float32)")]
    Float32 {
        /// As in the header.
        dtype: String,
    },
    /// Another type than int8, where nothing else will do.
    #[error("has dtype {dtype}, but int8 is needed; convert it: x.astype(numpy.int8)")]
    Int8 {
        /// As in the header.
        dtype: String,
    },
    /// A link where a file is needed.
    #[error("is a link; write the array itself into this place")]
    Link,
}

fn indices(place: &[usize]) -> String {
    match place {
        [trial, row, column] => format!("trial {trial}, row {row}, column {column}"),
        [row, column] => format!("row {row}, column {column}"),
        // A vector is told of as the column that it is.
        [row] => format!("row {row}, column 0"),
        place => format!("value {place:?}"),
    }
}

fn tuple(shape: &[u64]) -> String {
    match shape {
        [only] => format!("({only},)"),
        sides => format!("({})", sides.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")),
    }
}

fn axes(needed: usize) -> &'static str {
    if needed == 1 { "1-D (a value for each unit)" } else { "2-D (rows x columns)" }
}

fn disagreement(shape: &[u64], promised: Option<u64>, present: u64) -> String {
    let what = if promised.is_some_and(|bytes| bytes < present) { "longer" } else { "shorter" };
    format!(
        "is {what} than its header says: shape {} takes {} bytes, but {present} follow; the file is truncated or \
         damaged, write it anew with numpy.save",
        tuple(shape),
        promised.map_or("2^64 or more".to_owned(), |bytes| bytes.to_string())
    )
}
