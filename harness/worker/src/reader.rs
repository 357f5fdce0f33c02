//! An external reader is a program that recalls. A definition describes it, and tables know it by a name and an
//! identity.

use crate::external::{External, Free};
use protocols::reading::{Reader, ReaderProgram};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::num::NonZeroU32;
use std::path::Path;

/// An `ExternalReader` is a program that recalls.
#[derive(Clone, Debug, PartialEq)]
pub struct ExternalReader {
    name: String,
    program: External,
}

/// Hexadecimal digits of an identity.
const DIGITS: usize = 12;

impl ExternalReader {
    /// Returns what a definition may say of it, with the meaning of each.
    pub const KEYS: [(&'static str, &'static str); 7] = [
        ("name", "letters, digits, . _ and -, at most 40"),
        ("command", "a list of texts"),
        ("files", "a list of files, relative to the definition"),
        ("batch", "a whole number of at least 1"),
        ("parameters", "a table of numbers, texts, truth values, lists and tables"),
        ("content", "64 hexadecimal digits, or nothing"),
        ("version", "a line of text, or nothing"),
    ];

    /// Returns its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the program.
    pub fn program(&self) -> &External {
        &self.program
    }

    /// Returns the same reader with a program that was found.
    #[must_use]
    pub fn with(&self, program: External) -> Self {
        Self { name: self.name.clone(), program }
    }

    /// Returns the reader as tables know it. Its identity is that of the program as far as it is known.
    pub fn reader(&self) -> Reader {
        let mut what = serde_json::json!(self.program);
        what.sort_all_objects();
        let id = &blake3::hash(what.to_string().as_bytes()).to_hex()[..DIGITS];
        Reader::External(
            ReaderProgram::new(&self.name, id).expect("the name was checked, and the hash is hexadecimal"),
        )
    }
}

/// What a definition says of a reader.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default, rename = "external")]
struct Described {
    name: Option<Name>,
    command: Vec<String>,
    files: Vec<String>,
    /// Queries are many already, so that one memory is usual.
    batch: NonZeroU32,
    parameters: Free,
    content: String,
    version: String,
}

impl Default for Described {
    fn default() -> Self {
        Self {
            name: None,
            command: Vec::new(),
            files: Vec::new(),
            batch: NonZeroU32::MIN,
            parameters: Free::default(),
            content: String::new(),
            version: String::new(),
        }
    }
}

impl<'de> Deserialize<'de> for ExternalReader {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Described { name, command, files, batch, parameters, content, version } =
            Described::deserialize(deserializer)?;
        let name = name.map_or_else(|| stem(files.first().or(command.first())), |Name(name)| name);
        let program = External::described(command, files, batch, parameters);
        Ok(Self { name, program: program.found(content, version) })
    }
}

/// A name that tables may hold.
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        match ReaderProgram::new(&name, "") {
            Some(_) => Ok(Self(name)),
            None => Err(D::Error::custom(format_args!("{name:?} is no name of a reader"))),
        }
    }
}

/// The name of a file without its folder and ending, and without what no name has.
fn stem(file: Option<&String>) -> String {
    let stem = file.and_then(|file| Path::new(file).file_stem()).unwrap_or_default().to_string_lossy();
    let allowed = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') { c } else { '-' };
    let name: String = stem.chars().take(40).map(allowed).collect();
    if name.is_empty() { "external".to_owned() } else { name }
}
