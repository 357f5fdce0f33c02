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
//! A file may have queries of its own, in a second file, and a third may say which row each belongs to (`queries`).
//! Their values become signs as those of the messages do.
//!
//! Parquet is read by a function that is given once ([`read_parquet_by`]), as one crate alone knows that format.

mod content;
mod error;
mod formats;
mod otsu;
mod places;
mod queries;
mod signs;
#[cfg(test)]
mod tests;

pub use error::{MessagesError, Trouble};
pub use formats::{Numbers, read_parquet_by};
pub use places::{at_hand, need, stands_in};
pub use queries::QueriesTold;
pub use signs::Told;

use content::Content;
use protocols::Patterns;
use protocols::source::{MessageFile, Pairs};
use std::path::{Path, PathBuf};

/// A `Found` is what was found in a file.
#[derive(Clone, Debug)]
pub struct Found {
    /// The file with the content that it has.
    pub file: MessageFile,
    /// BLAKE3 of what it holds, hexadecimal: of a folder, of names and contents of its pictures; with queries, of the
    /// hashes of all its files as text, one after another.
    pub hash: String,
    /// Its rows.
    pub rows: Patterns,
    /// What should be known of them.
    pub told: Told,
    /// Its queries, and what should be known of them.
    pub queries: Option<(Pairs, QueriesTold)>,
}

impl Found {
    /// Gives its rows and queries to all draws of this process. It returns the file with the content that it has.
    pub fn provide(self) -> MessageFile {
        self.file.provide(self.rows);
        if let Some((pairs, _)) = self.queries {
            self.file.provide_queries(pairs);
        }
        self.file
    }

    /// Says what should be known of them, a line a file.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("{}: {}", self.file.name(), self.told)];
        let named = self.file.queries().zip(self.queries.as_ref());
        lines.extend(named.map(|(name, (_, told))| format!("{name}: {told}")));
        lines
    }
}

/// Reads a file in the folder of its definition.
///
/// # Errors
/// If there is no such file, it is of no format that is known, its values are not of two kinds and no threshold divides
/// them, or it holds something else than the source says.
pub fn read(file: MessageFile, folder: &Path) -> Result<Found, MessagesError> {
    let names = [Some(file.name()), file.queries(), file.targets()];
    match names.into_iter().flatten().find(|name| Path::new(name).is_absolute()) {
        Some(name) => Err(MessagesError { path: name.into(), trouble: Box::new(Trouble::Absolute) }),
        None => found(file, folder),
    }
}

fn found(file: MessageFile, folder: &Path) -> Result<Found, MessagesError> {
    let open = |name: &str| Opened::at(folder.join(name));
    let messages = open(file.name())?;
    let queries = file.queries().map(open).transpose()?;
    let targets = file.targets().map(open).transpose()?;
    let all = [Some(&messages), queries.as_ref(), targets.as_ref()];
    let hash = content::joint(all.into_iter().flatten().map(|opened| opened.content.hash()).collect());
    let digits = u64::from_str_radix(&hash[..16], 16).expect("a hash is hexadecimal");
    if let Some(meant) = file.content().filter(|meant| *meant != digits) {
        let (found, meant) = (format!("{digits:016x}"), format!("{meant:016x}"));
        return messages.read(|_| Err(Trouble::Changed { found, meant, queries: queries.is_some() }));
    }
    let signs = |content: &Content| signs::of(content.numbers(file.entry())?, file.threshold());
    let (rows, told, division) = messages.read(signs)?;
    let pairs = |opened: Opened| {
        let targets = targets.map(|opened| opened.read(|content| queries::targets(content, rows.count())));
        let targets = targets.transpose()?;
        opened.read(|content| queries::of(content, targets, &rows, division))
    };
    let queries = queries.map(pairs).transpose()?;
    Ok(Found { file: file.found(digits), hash, rows, told, queries })
}

/// A file that was opened.
struct Opened {
    path: PathBuf,
    content: Content,
}

impl Opened {
    fn at(path: PathBuf) -> Result<Self, MessagesError> {
        match content::of(&path) {
            Ok(content) => Ok(Self { path, content }),
            Err(trouble) => Err(MessagesError { path, trouble: Box::new(trouble) }),
        }
    }

    /// Makes something of what it holds; its name stands before what is wrong.
    fn read<T>(&self, make: impl FnOnce(&Content) -> Result<T, Trouble>) -> Result<T, MessagesError> {
        make(&self.content)
            .map_err(|trouble| MessagesError { path: self.path.clone(), trouble: Box::new(trouble) })
    }
}

/// Reads a file by its path, as messages or queries that are given to a command.
///
/// # Errors
/// As for [`read`].
pub fn read_path(path: &Path) -> Result<Patterns, MessagesError> {
    let name = path.to_string_lossy();
    let failed = |trouble| MessagesError { path: path.to_owned(), trouble: Box::new(trouble) };
    let file = MessageFile::new(&name, None, None).map_err(|_| failed(Trouble::Name))?;
    found(file, Path::new("")).map(|found| found.rows)
}
