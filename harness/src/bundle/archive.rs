//! This module packs a folder into a tar archive under Zstandard, and unpacks one that a stranger has made.
//!
//! What is unpacked is bounded in number and size, consists of plain files alone, and stays in its folder: an archive
//! that asks for anything else is refused as a whole.

use anyhow::{Context, Result, bail, ensure};
use base::atomic;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read};
use std::path::{Component, Path, PathBuf};
use tar::{Archive, Builder, EntryType, Header};

/// How hard is compressed: beyond it files hardly shrink.
const LEVEL: i32 = 15;
/// The window of matches, as a power of two: several sources in one bundle differ little. It is the largest that
/// programs accept unasked.
const WINDOW: u32 = 27;
/// What an archive may grow to whatever its size, in bytes.
const ALLOWANCE: u64 = 64 << 20;
/// How many times its size it may grow to besides. Source text shrinks to a fifth.
const GROWTH: u64 = 200;
/// Bounds the files of an archive.
const MOST_FILES: usize = 100_000;
/// Bounds the bytes of a file's name; file systems take more.
const LONGEST_PATH: usize = 1000;
/// The first bytes of what Zstandard has compressed.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Lists the files below `folder` by their names from it, parts joined by `/`, in the order of bytes.
///
/// # Errors
/// If a folder cannot be read, or holds what is neither a file nor a folder.
pub(crate) fn files(folder: &Path) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![(folder.to_owned(), String::new())];
    while let Some((path, prefix)) = waiting.pop() {
        let unreadable = || format!("{}: the folder cannot be read", path.display());
        for entry in fs::read_dir(&path).with_context(unreadable)? {
            let entry = entry.with_context(unreadable)?;
            let name = entry.file_name();
            let name =
                name.to_str().with_context(|| format!("{}: its name is no text", entry.path().display()))?;
            let kind = entry.file_type().with_context(unreadable)?;
            match (kind.is_dir(), kind.is_file()) {
                (true, _) => waiting.push((entry.path(), format!("{prefix}{name}/"))),
                (_, true) => found.extend([format!("{prefix}{name}")]),
                _ => bail!("{}: is neither a file nor a folder", entry.path().display()),
            }
        }
    }
    Ok(found)
}

/// Packs all files below `folder` into `out`, each with the same owner, rights and `time` in seconds since 1970.
///
/// # Errors
/// If a file cannot be read, or `out` not be written.
pub(crate) fn pack(folder: &Path, out: &Path, time: u64) -> Result<()> {
    let names = files(folder)?;
    atomic::write(out, |file| {
        let mut encoder = zstd::Encoder::new(file, LEVEL)?;
        encoder.include_checksum(true)?;
        encoder.long_distance_matching(true)?;
        encoder.window_log(WINDOW)?;
        let mut tar = Builder::new(encoder);
        for name in &names {
            let content = File::open(folder.join(name))?;
            let mut header = Header::new_gnu();
            header.set_entry_type(EntryType::Regular);
            header.set_size(content.metadata()?.len());
            header.set_mode(if name.ends_with(".sh") { 0o755 } else { 0o644 });
            header.set_mtime(time);
            tar.append_data(&mut header, name, BufReader::new(content))?;
        }
        tar.into_inner()?.finish().map(drop)
    })
}

/// Unpacks the archive `path` into `folder`, which must be empty.
///
/// # Errors
/// If it is no such archive, damaged or cut off, or asks for what a bundle never has; the error says which.
pub(crate) fn unpack(path: &Path, folder: &Path) -> Result<()> {
    let shown = path.display();
    let mut file = File::open(path).with_context(|| format!("{shown}: cannot be opened"))?;
    let about = file.metadata().with_context(|| format!("{shown}: cannot be read"))?;
    ensure!(about.is_file(), "{shown}: is no file; a bundle is a file such as quick.tar.zst");
    let mut start = [0; MAGIC.len()];
    let begins = file.read_exact(&mut start).is_ok() && start == MAGIC;
    ensure!(
        begins,
        "{shown}: is no bundle; it does not begin as a file of Zstandard, such as quick.tar.zst, does"
    );
    let most = GROWTH.saturating_mul(about.len()).saturating_add(ALLOWANCE);
    let mut decoder = zstd::Decoder::new(start.chain(file)).with_context(|| damaged(path))?;
    decoder.window_log_max(WINDOW).context("the decoder refuses its window")?;
    let mut archive = Archive::new(Bounded { inner: decoder, left: most, most });
    let mut seen = BTreeSet::new();
    for entry in archive.entries().with_context(|| damaged(path))? {
        let mut entry = entry.with_context(|| damaged(path))?;
        let named = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kind = entry.header().entry_type();
        let Some(inside) = inside(&named).with_context(|| format!("{shown}: refused"))? else { continue };
        if kind.is_dir() {
            continue;
        }
        ensure!(
            kind.is_file(),
            "{shown}: refused: {named:?} is a {kind:?}; a bundle holds plain files alone"
        );
        // To some file systems capitals are the same.
        ensure!(seen.insert(named.to_lowercase()), "{shown}: refused: it holds {named:?} twice");
        ensure!(seen.len() <= MOST_FILES, "{shown}: refused: it holds more than {MOST_FILES} files");
        let target = folder.join(inside);
        let parent = target.parent().unwrap_or(folder);
        fs::create_dir_all(parent).with_context(|| format!("{shown}: no folder for {named:?}"))?;
        let out = File::create_new(&target).with_context(|| format!("{shown}: no file for {named:?}"))?;
        io::copy(&mut entry, &mut BufWriter::new(out)).with_context(|| damaged(path))?;
    }
    // What follows the last file ends the archive; without it the file was cut off.
    io::copy(&mut archive.into_inner(), &mut io::sink()).with_context(|| damaged(path))?;
    ensure!(!seen.is_empty(), "{shown}: is no bundle; it holds no file");
    Ok(())
}

fn damaged(path: &Path) -> String {
    format!("{}: is damaged, cut off, or no bundle; get it again from where it came", path.display())
}

/// The path of an archived name below the folder it is unpacked into; none for that folder itself.
fn inside(named: &str) -> Result<Option<PathBuf>> {
    ensure!(named.len() <= LONGEST_PATH, "a name of {} bytes", named.len());
    // Elsewhere these lead out of a folder, or into a stream of a file.
    let odd = named.chars().find(|&c| c.is_control() || matches!(c, '\\' | ':'));
    ensure!(odd.is_none(), "the name {named:?} holds {:?}", odd.unwrap_or_default());
    let mut path = PathBuf::new();
    for part in Path::new(named).components() {
        match part {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            _ => bail!("the name {named:?} leads out of the folder"),
        }
    }
    Ok((!path.as_os_str().is_empty()).then_some(path))
}

/// A `Bounded` reader fails where more comes than is allowed.
struct Bounded<R> {
    inner: R,
    left: u64,
    most: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            let words = format!("it unpacks to more than {} MiB, far more than its size", self.most >> 20);
            io::Error::new(io::ErrorKind::FileTooLarge, words)
        })?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
