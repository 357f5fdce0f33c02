//! The content of a file, or of a folder of pictures, is read whole before anything is made of it.

use crate::error::Trouble;
use crate::formats::{self, Numbers};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Bytes of a file that are read at most: ten times the images of MNIST.
const MOST_BYTES: u64 = 512 << 20;

/// A `Content` is what a file or a folder holds.
pub(crate) enum Content {
    /// A file, with its name in small letters.
    File(String, Vec<u8>),
    /// The pictures of a folder by name, in the order of names.
    Folder(Vec<(String, Vec<u8>)>),
}

/// Reads what stands at a path.
pub(crate) fn of(path: &Path) -> Result<Content, Trouble> {
    // Asked before opening: opening a named pipe would wait for its writer.
    let what = std::fs::metadata(path).map_err(Trouble::Open)?;
    if what.is_dir() {
        return folder(path);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    Ok(Content::File(name, file(path, MOST_BYTES)?))
}

fn file(path: &Path, most: u64) -> Result<Vec<u8>, Trouble> {
    if !std::fs::metadata(path).map_err(Trouble::Open)?.is_file() {
        return Err(Trouble::NotAFile);
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(Trouble::Open)?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(Trouble::Read)?;
    match bytes.len() as u64 {
        0 => Err(Trouble::Empty),
        length if length > most => Err(Trouble::Large { most: MOST_BYTES }),
        _ => Ok(bytes),
    }
}

/// What is hidden, by a point before its name, is no picture that anyone has put there.
fn folder(path: &Path) -> Result<Content, Trouble> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path).map_err(Trouble::Open)? {
        let name = entry.map_err(Trouble::Read)?.file_name().into_string().map_err(|_| Trouble::Name)?;
        if !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort_unstable();
    let (mut pictures, mut left) = (Vec::new(), MOST_BYTES);
    for name in names {
        let no_picture = |what: &str| Trouble::NoPicture { name: name.clone(), what: what.to_owned() };
        let bytes = match file(&path.join(&name), left) {
            Err(Trouble::NotAFile) => return Err(no_picture("no regular file")),
            Err(Trouble::Empty) => return Err(no_picture("empty")),
            read => read?,
        };
        if !formats::is_picture(&bytes) {
            return Err(no_picture("no picture that is read"));
        }
        left -= bytes.len() as u64;
        pictures.push((name, bytes));
    }
    if pictures.is_empty() { Err(Trouble::Empty) } else { Ok(Content::Folder(pictures)) }
}

/// Returns what identifies files together, by the hash of each: that of one alone is its own.
pub(crate) fn joint(hashes: Vec<String>) -> String {
    match &hashes[..] {
        [one] => one.clone(),
        all => blake3::hash(all.concat().as_bytes()).to_hex().to_string(),
    }
}

impl Content {
    /// Returns BLAKE3 of a file, or of names and contents of a folder's pictures.
    pub(crate) fn hash(&self) -> String {
        match self {
            Self::File(_, bytes) => blake3::hash(bytes).to_hex().to_string(),
            Self::Folder(pictures) => {
                let mut hasher = blake3::Hasher::new();
                for part in pictures.iter().flat_map(|(name, bytes)| [name.as_bytes(), bytes]) {
                    hasher.update(&(part.len() as u64).to_le_bytes());
                    hasher.update(part);
                }
                hasher.finalize().to_hex().to_string()
            }
        }
    }

    /// Returns its values where each row is one number, or all of them are one row.
    pub(crate) fn list(&self) -> Result<Vec<f64>, Trouble> {
        match self {
            Self::File(name, bytes) => formats::list_of_file(name, bytes),
            Self::Folder(_) => Err(Trouble::List { rows: 0, columns: 0 }),
        }
    }

    /// Returns its values.
    pub(crate) fn numbers(&self, entry: Option<&str>) -> Result<Numbers, Trouble> {
        match self {
            Self::File(name, bytes) => formats::of_file(name, bytes, entry),
            Self::Folder(pictures) => {
                formats::one_array(entry)?;
                formats::pictures(pictures)
            }
        }
    }
}
