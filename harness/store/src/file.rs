//! This module keeps files that are there whole or not at all, and locks a folder.

use super::StoreError;
use base::atomic;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// A `Seal` says what a file must hold. It is checked before anything is made of the content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// Rows of the table.
    pub rows: u64,
    /// Length of the file.
    pub bytes: u64,
    /// BLAKE3 of the file, hexadecimal.
    pub blake3: String,
    /// SHA-256 of the file, hexadecimal: what other programs check parts by. Tables that were put together of
    /// parts have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl Seal {
    /// Returns the seal of the file of a part's table.
    pub(super) fn of(rows: usize, bytes: &[u8]) -> Self {
        Self {
            rows: rows as u64,
            bytes: bytes.len() as u64,
            blake3: blake3::hash(bytes).to_hex().to_string(),
            sha256: Some(sha256(bytes)),
        }
    }

    /// Reads a file and checks it against all that the seal says of it.
    pub(super) fn verify(&self, path: &Path) -> Result<Vec<u8>, StoreError> {
        let bytes = self.read(path)?;
        match &self.sha256 {
            Some(hash) if *hash != sha256(&bytes) => {
                Err(StoreError::damaged(path, "its bytes are not those that its sidecar names (SHA-256)"))
            }
            _ => Ok(bytes),
        }
    }

    /// Reads a file and checks it against the seal.
    pub(super) fn read(&self, path: &Path) -> Result<Vec<u8>, StoreError> {
        let Some(bytes) = read(path)? else {
            return Err(StoreError::damaged(path, "it is missing"));
        };
        if bytes.len() as u64 != self.bytes {
            return Err(StoreError::damaged(
                path,
                format!("it has {} bytes where {} were written", bytes.len(), self.bytes),
            ));
        }
        if blake3::hash(&bytes).to_hex().as_str() != self.blake3 {
            return Err(StoreError::damaged(path, "its bytes have changed since it was written (BLAKE3)"));
        }
        Ok(bytes)
    }
}

/// Returns the SHA-256 as `sha256sum` prints it.
fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A `Sealing` is a file that is sealed while it is written. It serves for what is too large to be held, and
/// is no more than a start until [`Sealing::finish`].
pub(super) struct Sealing {
    path: PathBuf,
    file: BufWriter<File>,
    hash: blake3::Hasher,
    bytes: u64,
    /// Why the file system refused, where it did.
    refusal: Option<io::Error>,
}

impl Sealing {
    /// Begins the file `path`; what was there is gone.
    pub(super) fn begin(path: &Path) -> Result<Self, StoreError> {
        let file = File::create(path).map_err(StoreError::io("write", path))?;
        let (file, hash) = (BufWriter::new(file), blake3::Hasher::new());
        Ok(Self { path: path.to_owned(), file, hash, bytes: 0, refusal: None })
    }

    /// Returns what the file system said, where it refused. Those who wrote may have wrapped it in words of
    /// their own.
    pub(super) fn refusal(&mut self) -> Option<StoreError> {
        self.refusal.take().map(StoreError::io("write", &self.path))
    }

    /// Makes the file durable. It holds so many rows.
    pub(super) fn finish(mut self, rows: usize) -> Result<Seal, StoreError> {
        let done = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        done.map_err(StoreError::io("write", &self.path))?;
        let blake3 = self.hash.finalize().to_hex().to_string();
        Ok(Seal { rows: rows as u64, bytes: self.bytes, blake3, sha256: None })
    }
}

impl Write for Sealing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.file.write(bytes) {
            Ok(written) => {
                self.hash.update(&bytes[..written]);
                self.bytes += written as u64;
                Ok(written)
            }
            Err(error) => {
                let kept = error.raw_os_error().map_or(error.kind().into(), io::Error::from_raw_os_error);
                self.refusal = Some(kept);
                Err(error)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Reads the bytes of a file; `None` where there is none.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(mut file) = open(path)? else { return Ok(None) };
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(StoreError::io("read", path))?;
    Ok(Some(bytes))
}

/// Opens a regular file for reading; `None` where there is none. Whatever else has its name (a folder, a pipe, a
/// device, a circle of links) holds nothing that was written, so that it is damage: it can be set aside. A link to a
/// regular file is as good as the file, since its bytes must pass the seal.
pub(super) fn open(path: &Path) -> Result<Option<File>, StoreError> {
    let opened = match fs::metadata(path) {
        Ok(found) if found.is_file() => without_waiting().open(path),
        Ok(found) => return Err(StoreError::damaged(path, irregular(&found))),
        Err(e) => Err(e),
    };
    match opened {
        // It may have become something else since it was looked at.
        Ok(file) => match file.metadata().map_err(StoreError::io("read", path))? {
            found if found.is_file() => Ok(Some(file)),
            found => Err(StoreError::damaged(path, irregular(&found))),
        },
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(_) if path.is_symlink() && fs::metadata(path).is_err() => {
            Err(StoreError::damaged(path, "it is a link that leads to no file"))
        }
        Err(e) => Err(StoreError::io("read", path)(e)),
    }
}

/// How files are opened for reading: a pipe that nobody writes to must not be waited for.
fn without_waiting() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
    {
        /// `O_NONBLOCK` of the kernel's generic ABI.
        const NONBLOCK: i32 = 0o4000;
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, NONBLOCK);
    }
    options
}

/// What is wrong with that which is no regular file.
fn irregular(found: &fs::Metadata) -> &'static str {
    if found.is_dir() { "it is a folder where a file is due" } else { "it is no regular file" }
}

/// Whether there is something of that name that [`open`] does not open.
pub(super) fn is_irregular(path: &Path) -> bool {
    match fs::metadata(path) {
        Ok(found) => !found.is_file(),
        Err(_) => path.is_symlink(),
    }
}

/// Writes a file whole or not at all. It goes by way of a temporary file that [`remove_temporary`] knows. The
/// folder itself must be synced by [`sync_folder`] for the name to survive a power cut.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}{TEMPORARY}"));
    atomic::replace_through(&temporary, path, |file| file.write_all(bytes))
        .map_err(StoreError::io("write", path))
}

/// Holds the ending of temporary files.
const TEMPORARY: &str = ".tmp";

/// Makes the names in a folder durable.
pub(super) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    // Windows cannot open a folder as a file, and needs no sync of it.
    if cfg!(unix) {
        File::open(path).and_then(|d| d.sync_all()).map_err(StoreError::io("sync", path))
    } else {
        Ok(())
    }
}

/// Creates a folder and those above it.
///
/// # Errors
/// If the file system refuses, or one of them is a link that leads nowhere.
pub fn create_folder(path: &Path) -> Result<(), StoreError> {
    let leads_nowhere = |path: &&Path| path.is_symlink() && !path.exists();
    fs::create_dir_all(path).map_err(|source| match path.ancestors().find(leads_nowhere) {
        Some(link) => {
            let to = fs::read_link(link).unwrap_or_default();
            StoreError::Dangling { path: link.to_owned(), to }
        }
        None => StoreError::io("create the folder", path)(source),
    })
}

/// Returns the names of the files in a folder, sorted; none where there is no folder.
pub(super) fn names(folder: &Path) -> Result<Vec<String>, StoreError> {
    let error = || StoreError::io("list", folder);
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(error())?,
    };
    let mut names = Vec::new();
    for entry in entries {
        // A name that is no Unicode is not ours.
        names.extend(entry.map_err(error())?.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

/// Returns the names of the folders in a folder, sorted.
pub(super) fn folders(folder: &Path) -> Result<Vec<String>, StoreError> {
    Ok(names(folder)?.into_iter().filter(|name| folder.join(name).is_dir()).collect())
}

/// Removes a file; that it is gone already is no error. A folder of that name stays: nobody knows what is in it.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(_) if path.is_dir() && !path.is_symlink() => Ok(()),
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(StoreError::io("remove", path)(e)),
        _ => Ok(()),
    }
}

/// Moves a file. That it is gone already is no error.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    match fs::rename(from, to) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(StoreError::io("rename", from)(e)),
        _ => Ok(()),
    }
}

/// Removes the temporary files that a killed process left in a folder.
pub(super) fn remove_temporary(folder: &Path) -> Result<(), StoreError> {
    for name in names(folder)? {
        if name.starts_with('.') && name.ends_with(TEMPORARY) {
            remove(&folder.join(name))?;
        }
    }
    Ok(())
}

/// A `Lock` is an exclusive lock on a folder. It is held until it is dropped or the process ends, however it
/// ends.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl Lock {
    /// Locks `folder`, or says who holds it.
    pub(super) fn acquire(folder: &Path) -> Result<Self, StoreError> {
        let path: PathBuf = folder.join(".lock");
        let error = || StoreError::io("lock", &path);
        if let Ok(found) = fs::metadata(&path)
            && !found.is_file()
        {
            return Err(StoreError::Irregular { path, what: irregular(&found) });
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(error())?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.take(200).read_to_string(&mut holder);
                let holder = if holder.is_empty() { "unknown process".to_owned() } else { holder };
                return Err(StoreError::Locked { path: folder.to_owned(), holder });
            }
            Err(TryLockError::Error(e)) => return Err(error()(e)),
        }
        // The file stays behind: removing it would let a third process lock a file that a second one still waits on.
        let holder = format!("process {} on {}", std::process::id(), crate::provenance::host());
        file.set_len(0).and_then(|()| file.write_all(holder.as_bytes())).map_err(error())?;
        Ok(Self(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_is_that_of_the_standard() {
        // FIPS 180-4, examples of one block and of two.
        let one = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let two = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
        let message = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        assert_eq!((sha256(b"abc").as_str(), sha256(message).as_str()), (one, two));
    }

    #[cfg(unix)]
    #[test]
    fn only_regular_files_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        assert!(read(&at("none")).unwrap().is_none());
        fs::write(at("file"), b"abc").unwrap();
        fs::create_dir(at("folder")).unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap();
        assert!(pipe.success());
        for (link, to) in [("round", "about"), ("about", "round"), ("to-file", "file"), ("to-pipe", "pipe")] {
            std::os::unix::fs::symlink(at(to), at(link)).unwrap();
        }
        assert_eq!(read(&at("file")).unwrap().unwrap(), b"abc");
        assert_eq!(read(&at("to-file")).unwrap().unwrap(), b"abc");
        for name in ["folder", "pipe", "round", "to-pipe"] {
            let error = read(&at(name)).unwrap_err();
            assert!(error.is_damage() && is_irregular(&at(name)), "{name}: {error}");
        }
        assert!(!is_irregular(&at("file")) && !is_irregular(&at("none")));
        // Nor is anything else written to or locked.
        for (name, what) in [("folder", "a folder"), ("pipe", "no regular file")] {
            let run = at(&format!("run-{name}"));
            fs::create_dir(&run).unwrap();
            fs::rename(at(name), run.join(".lock")).unwrap();
            let error = Lock::acquire(&run).unwrap_err().to_string();
            assert!(error.contains(what) && error.contains("remove it"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_is_called_that() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("run");
        std::os::unix::fs::symlink("gone", &link).unwrap();
        for path in [link.clone(), link.join("parts")] {
            let error = create_folder(&path).unwrap_err().to_string();
            assert!(error.contains("run is a link to gone, which is not there"), "{error}");
        }
    }

    #[test]
    fn a_file_of_another_sha256_is_damaged_and_one_without_is_checked_by_blake3_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, b"abc").unwrap();
        let seal = Seal::of(1, b"abc");
        assert!(seal.verify(&path).is_ok());
        assert!(Seal { sha256: None, ..seal.clone() }.verify(&path).is_ok());
        let error = Seal { sha256: Some(sha256(b"abd")), ..seal.clone() }.verify(&path).unwrap_err();
        assert!(error.is_damage() && error.to_string().contains("SHA-256"), "{error}");
        fs::write(&path, b"abd").unwrap();
        assert!(Seal { sha256: None, ..seal }.verify(&path).unwrap_err().to_string().contains("BLAKE3"));
    }
}
