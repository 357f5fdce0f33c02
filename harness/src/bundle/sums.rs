//! This module writes `SHA256SUMS`, the list that `sha256sum -c` reads, and holds a folder against it.

use super::archive::files;
use anyhow::{Context, Result, bail, ensure};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// The name of the list.
pub(crate) const NAME: &str = "SHA256SUMS";

/// A `Damage` is a file of a bundle that is not as the list has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "damage", content = "file")]
pub(crate) enum Damage {
    /// It is listed and not there.
    Missing(String),
    /// It is there and not listed.
    Extra(String),
    /// Its bytes are others.
    Changed(String),
}

impl Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(file) => write!(f, "{file} is missing"),
            Self::Extra(file) => write!(f, "{file} is not listed in {NAME}"),
            Self::Changed(file) => write!(f, "{file} has changed since it was bundled (SHA-256)"),
        }
    }
}

/// Writes the list of all files below `folder` into it.
///
/// # Errors
/// If a file cannot be read, or the list not be written.
pub(crate) fn write(folder: &Path) -> Result<()> {
    let mut list = String::new();
    for name in files(folder)? {
        list += &format!("{}  {name}\n", hash(&folder.join(&name))?);
    }
    fs::write(folder.join(NAME), list).context("the list of hashes cannot be written")
}

/// Holds the files below `folder` against its list. Nothing comes back where every file is as it was.
///
/// # Errors
/// If there is no list, it is none, or a file cannot be read.
pub(crate) fn check(folder: &Path) -> Result<Vec<Damage>> {
    let Ok(list) = fs::read_to_string(folder.join(NAME)) else {
        bail!("is no bundle, or not a whole one: it has no readable {NAME}")
    };
    let mut listed = BTreeMap::new();
    for (number, line) in list.lines().enumerate() {
        let parts = line.split_once("  ").filter(|(hash, _)| hash.len() == 64);
        let Some((hash, name)) = parts else {
            bail!("line {} of its {NAME} is no hash and a name", number + 1)
        };
        ensure!(listed.insert(name.to_owned(), hash).is_none(), "its {NAME} lists {name:?} twice");
    }
    let mut there = files(folder)?;
    there.remove(NAME);
    let names: BTreeSet<String> = listed.keys().cloned().collect();
    let mut damages: Vec<Damage> = names.difference(&there).cloned().map(Damage::Missing).collect();
    damages.extend(there.difference(&names).cloned().map(Damage::Extra));
    for name in names.intersection(&there) {
        let is_same = hash(&folder.join(name))?.eq_ignore_ascii_case(listed[name]);
        damages.extend((!is_same).then(|| Damage::Changed(name.clone())));
    }
    Ok(damages)
}

/// Returns the SHA-256 of a file, hexadecimal.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn hash(path: &Path) -> Result<String> {
    let unreadable = || format!("{}: cannot be read", path.display());
    let mut file = File::open(path).with_context(unreadable)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer).with_context(unreadable)? {
            0 => return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            read => hash.update(&buffer[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_damage_is_told_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let write_file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        fs::create_dir(folder.path().join("in")).unwrap();
        write_file("abc", "abc");
        write_file("in/a file", "1");
        write_file("z", "2");
        write(folder.path()).unwrap();
        let list = fs::read_to_string(folder.path().join(NAME)).unwrap();
        // FIPS 180-4: the hash of `abc`.
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  abc\n";
        assert!(list.starts_with(known), "{list}");
        assert_eq!(check(folder.path()).unwrap(), []);
        fs::remove_file(folder.path().join("abc")).unwrap();
        write_file("in/a file", "3");
        write_file("other", "");
        let name = |name: &str| name.to_owned();
        let due =
            [Damage::Missing(name("abc")), Damage::Extra(name("other")), Damage::Changed(name("in/a file"))];
        assert_eq!(check(folder.path()).unwrap(), due);
        for (text, said) in [("no list", "line 1"), (&known.repeat(2), "twice")] {
            write_file(NAME, text);
            let error = check(folder.path()).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
        fs::remove_file(folder.path().join(NAME)).unwrap();
        assert!(check(folder.path()).unwrap_err().to_string().contains("no readable"));
    }
}
