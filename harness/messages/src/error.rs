//! Errors say what is wrong with a file of messages, what is allowed, and the remedy.

use npy::Fault;
use std::io;
use std::path::PathBuf;

/// A `MessagesError` tells of a file whose rows cannot be used as messages.
#[derive(Debug, thiserror::Error)]
#[error("{}: {trouble}", path.display())]
pub struct MessagesError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub trouble: Box<Trouble>,
}

/// A `Trouble` says what is wrong with a file of messages.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// It cannot be opened.
    #[error("cannot be opened: {0}; give the path of a readable file, relative to the definition")]
    Open(io::Error),
    /// A pipe or device.
    #[error("is neither a regular file nor a folder; give the path of a file, or of a folder of pictures")]
    NotAFile,
    /// A path that says nothing elsewhere.
    #[error("is not relative to the definition's folder; write the path from there")]
    Absolute,
    /// A path that is no text.
    #[error("has a name that is no text; rename it")]
    Name,
    /// Reading stopped.
    #[error("cannot be read to its end: {0}; was it changed meanwhile? Try again")]
    Read(io::Error),
    /// More than anyone needs.
    #[error("holds more than {most} bytes; give fewer rows")]
    Large {
        /// The most that are read.
        most: u64,
    },
    /// Nothing.
    #[error("is empty; give a file with a message in every row")]
    Empty,
    /// No known format.
    #[error(
        "begins with {start}, which is none of the formats that are read: npy, npz, csv (named .csv, .tsv or \
         .txt), IDX, \
         PNG, PBM, PGM and Parquet; save it in one of them"
    )]
    Format {
        /// Its first bytes.
        start: String,
    },
    /// A wrong npy file, or one in an npz.
    #[error("{}{fault}", if entry.is_empty() { String::new() } else { format!("its array {entry:?} ") })]
    Npy {
        /// Its name in an npz file.
        entry: String,
        /// What is wrong with it.
        fault: Fault,
    },
    /// Several arrays or columns.
    #[error(
        "has {}; say which one: {{ file = {{ name = \"...\", entry = \"{}\" }} }}",
        listed(names), names.first().map_or("", String::as_str)
    )]
    Several {
        /// Their names.
        names: Vec<String>,
    },
    /// No such array or column.
    #[error("has no {entry:?}; it has {}; name one of these as `entry`", listed(names))]
    NoEntry {
        /// What was asked for.
        entry: String,
        /// What there is.
        names: Vec<String>,
    },
    /// An array or column of a file that has none.
    #[error("holds one array, so `entry = {entry:?}` means nothing; remove it")]
    OneArray {
        /// What was asked for.
        entry: String,
    },
    /// A file that is not what it says.
    #[error("is damaged {format}: {reason}; write it anew")]
    Damaged {
        /// What it says that it is.
        format: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A field of a table that is no number.
    #[error(
        "line {line}, column {column} is {value:?}, not a number; correct it, or remove what is no message"
    )]
    Field {
        /// The line, from 1.
        line: u64,
        /// The column, from 1.
        column: usize,
        /// What stands there.
        value: String,
    },
    /// Text of two bytes a letter.
    #[error("is text in UTF-16; save it in UTF-8")]
    Wide,
    /// A first line that counts columns.
    #[error(
        "begins with a line that counts its columns, which would be taken for a message; remove it, or write names"
    )]
    Counted,
    /// A column that is no unit.
    #[error("has a column {column} named {name:?}, which is no unit of a message; remove this column")]
    NoUnit {
        /// The column, from 1.
        column: usize,
        /// Its name.
        name: String,
    },
    /// A picture that shows what is behind it.
    #[error(
        "has transparent pixels in {name}, and nothing says what is behind them; save it without transparency"
    )]
    Transparent {
        /// The picture.
        name: String,
    },
    /// Rows of different lengths.
    #[error(
        "line {line} has {found} values where the first row has {first}; all messages must have the same units"
    )]
    Ragged {
        /// The line, from 1.
        line: u64,
        /// How many stand there.
        found: usize,
        /// How many stand in the first row.
        first: usize,
    },
    /// Pictures of different sizes.
    #[error(
        "its picture {name} is {} x {}, but {first_name} is {} x {}; all must have one size: scale them, or divide the \
         folder", size.0, size.1, first_size.0, first_size.1
    )]
    Sizes {
        /// A picture.
        name: String,
        /// Its width and height.
        size: (u32, u32),
        /// The first.
        first_name: String,
        /// Its width and height.
        first_size: (u32, u32),
    },
    /// Something in a folder that is no picture.
    #[error(
        "holds {name}, which is {what}; a folder may hold PNG, PBM and PGM pictures alone: move it elsewhere"
    )]
    NoPicture {
        /// Its name.
        name: String,
        /// What it is.
        what: String,
    },
    /// More units than a memory can have.
    #[error("has {units} units, but a memory has at most {most}; give smaller messages")]
    Units {
        /// How many.
        units: usize,
        /// The most.
        most: usize,
    },
    /// More values than can be held.
    #[error("has {values} values, more than the {most} that are read; give fewer rows")]
    Values {
        /// How many.
        values: usize,
        /// The most.
        most: usize,
    },
    /// A value that is no number.
    #[error(
        "has a value that is no finite number in row {row}, column {column} (counted from 0); correct it"
    )]
    NotFinite {
        /// The row, from 0.
        row: usize,
        /// The column, from 0.
        column: usize,
    },
    /// One value everywhere.
    #[error(
        "has the value {value} everywhere, and nothing says which sign it is; give -1 and +1, or a `threshold`"
    )]
    OneKind {
        /// The value.
        value: f64,
    },
    /// A threshold with nothing on one side.
    #[error("has all its values, such as {value}, on one side of `threshold`; change it")]
    OneSide {
        /// A value.
        value: f64,
    },
    /// Too many values without a threshold.
    #[error(
        "has {} values, such as {}, and only two kinds become -1 and +1 by themselves; say which become +1: {{ \
         file = {{ \
         name = \"...\", threshold = \"otsu\" }} }}, or a number that they must be above",
        if *more { "more than two kinds of".to_owned() } else { format!("{} kinds of", examples.len()) },
        examples.iter().map(f64::to_string).collect::<Vec<_>>().join(", ")
    )]
    Kinds {
        /// The first that were met.
        examples: Vec<f64>,
        /// Whether there are more.
        more: bool,
    },
    /// Another file of that name.
    #[error(
        "holds something else{}: its content is {found}, not {meant} as the results or the definition say. These \
         are other \
         messages: sweep again, or bring the file back", if *queries { ", or its queries or targets do" } else { "" }
    )]
    Changed {
        /// What there is.
        found: String,
        /// What was meant.
        meant: String,
        /// Whether it has queries of its own, which are part of its content.
        queries: bool,
    },
    /// A table where a list is due.
    #[error(
        "has {rows} rows of {columns} values, where the row of its message is due for every query: give a list of \
         whole numbers"
    )]
    List {
        /// How many rows.
        rows: usize,
        /// How many columns.
        columns: usize,
    },
    /// A message that there is not.
    #[error(
        "has {value} at place {place} (counted from 0), and the messages are the rows 0 to {}{}", messages - 1,
        if *one { "; it seems to count from 1: subtract 1 of each" } else { "; correct it" }
    )]
    Target {
        /// Where it stands.
        place: usize,
        /// What stands there.
        value: f64,
        /// How many messages there are.
        messages: usize,
        /// Whether all of them would be rows if rows counted from 1.
        one: bool,
    },
    /// Queries of another width.
    #[error(
        "has queries of {found} units, but the messages have {units}; give them the units of the messages"
    )]
    Width {
        /// The units of a query.
        found: usize,
        /// The units of a message.
        units: usize,
    },
    /// Another number of queries than of targets.
    #[error(
        "has {queries} queries for {targets} {}; {}",
        if *listed { "targets" } else { "messages" },
        if *listed { "give a target for every query" } else { "say which message each belongs to, by `targets`" }
    )]
    Unpaired {
        /// How many queries.
        queries: usize,
        /// How many targets, or messages.
        targets: usize,
        /// Whether targets are given.
        listed: bool,
    },
    /// A value that is neither of the messages' two.
    #[error(
        "has {value} in row {row}, column {column} (counted from 0), and the messages {minus} and {plus}; give \
         these{}, \
         or a `threshold`, which divides messages and queries alike",
        if *minus == -1.0 && *plus == 1.0 { ", 0 beside both where a unit is unknown" } else { "" }
    )]
    QueryValue {
        /// The value.
        value: f64,
        /// The row, from 0.
        row: usize,
        /// The column, from 0.
        column: usize,
        /// What is -1 in the messages.
        minus: f64,
        /// What is +1 there.
        plus: f64,
    },
    /// Nobody said where it stands.
    #[error("is named by results that do not say where it stands; sweep again")]
    Nowhere,
    /// A program that reads no tables.
    #[error("is a Parquet file, and nothing in this program reads those; save it as npy")]
    NoParquet,
}

fn listed(names: &[String]) -> String {
    const MOST: usize = 8;
    let shown: Vec<String> = names.iter().take(MOST).map(|name| format!("{name:?}")).collect();
    let more = names.len().saturating_sub(MOST);
    match (names.is_empty(), more) {
        (true, _) => "nothing".to_owned(),
        (_, 0) => shown.join(", "),
        _ => format!("{} and {more} more", shown.join(", ")),
    }
}
