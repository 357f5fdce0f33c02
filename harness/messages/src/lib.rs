//! This crate reads messages of one's own. A file's rows become signs, and what the file is becomes their identity.
//!
//! A file is read whole, once: the bytes that are hashed are those that are decoded. What it is says its beginning, and
//! of a text its name; each format has a function of bytes to numbers (`formats`), and `signs` makes two kinds of
//! values of them. A file is a stranger's claim: only regular files are opened, what they promise is compared with
//! what they hold, and what is unpacked has a limit. Every error names the file, what was found, and the remedy.
//!
//! A definition that is loaded has its files read ([`read`]) and their rows given to the sources
//! ([`MessageFile::provide`]). Results that are read remember where their files stood ([`stands_in`]); whoever draws
//! their messages again asks for them ([`need`]), and is told if one is missing or holds something else.
//!
//! Parquet is read by a function that is given once ([`read_parquet_by`]), as one crate alone knows that format.

mod content;
mod error;
mod formats;
mod otsu;
mod places;
mod signs;
#[cfg(test)]
mod tests;

pub use error::{MessagesError, Trouble};
pub use formats::{Numbers, read_parquet_by};
pub use places::{at_hand, need, stands_in};
pub use signs::Told;

use protocols::Patterns;
use protocols::source::MessageFile;
use std::path::Path;

/// A `Found` is what was found in a file.
#[derive(Clone, Debug)]
pub struct Found {
    /// The file with the content that it has.
    pub file: MessageFile,
    /// BLAKE3 of what it holds, hexadecimal: of a folder, of names and contents of its pictures.
    pub hash: String,
    /// Its rows.
    pub rows: Patterns,
    /// What should be known of them.
    pub told: Told,
}

/// Reads a file in the folder of its definition.
///
/// # Errors
/// If there is no such file, it is of no format that is known, its values are not of two kinds and no threshold divides
/// them, or it holds something else than the source says.
pub fn read(file: MessageFile, folder: &Path) -> Result<Found, MessagesError> {
    let path = folder.join(file.name());
    let read = || {
        if Path::new(file.name()).is_absolute() {
            return Err(Trouble::Absolute);
        }
        found(file, &path)
    };
    read().map_err(|trouble| MessagesError { path: path.clone(), trouble: Box::new(trouble) })
}

fn found(file: MessageFile, path: &Path) -> Result<Found, Trouble> {
    let content = content::of(path)?;
    let hash = content.hash();
    let digits = u64::from_str_radix(&hash[..16], 16).expect("a hash is hexadecimal");
    if let Some(meant) = file.content().filter(|meant| *meant != digits) {
        return Err(Trouble::Changed { found: format!("{digits:016x}"), meant: format!("{meant:016x}") });
    }
    let numbers = content.numbers(file.entry())?;
    let (rows, told) = signs::of(numbers, file.threshold())?;
    Ok(Found { file: file.found(digits), hash, rows, told })
}

/// Reads a file by its path, as messages or queries that are given to a command.
///
/// # Errors
/// As for [`read`].
pub fn read_path(path: &Path) -> Result<Patterns, MessagesError> {
    let name = path.to_string_lossy();
    let failed = |trouble| MessagesError { path: path.to_owned(), trouble: Box::new(trouble) };
    let file = MessageFile::new(&name, None, None).map_err(|_| failed(Trouble::Name))?;
    found(file, path).map(|found| found.rows).map_err(failed)
}
