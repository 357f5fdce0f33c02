//! Files appear complete or not at all. They are written under a temporary name in the same folder, synced,
//! then renamed. Whatever a reader could meet half-written is written here.

use anyhow::{Context, bail};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes `path` with what `fill` writes; on an error the file is as it was before.
///
/// # Errors
/// If [`check`] refuses the path, or the file cannot be written.
pub fn write(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> anyhow::Result<()> {
    let target = resolve(path)?;
    replace(&target, fill).with_context(|| {
        format!("{}: cannot be written; is the folder writable, the disk full?", path.display())
    })
}

/// Writes the regular file `path`, or makes it; on an error it is as it was before.
///
/// # Errors
/// If `fill` fails, or the file system refuses.
pub fn replace(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    replace_through(&temporary_name(path), path, fill)
}

/// Writes as [`replace`] does, by way of a file of this name in the same folder. One that a killed process
/// left there is replaced.
///
/// # Errors
/// As for [`replace`].
pub fn replace_through(
    temporary: &Path,
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let _ = fs::remove_file(temporary);
    let mut file = BufWriter::new(File::create_new(temporary)?);
    let unfinished = Temporary(temporary);
    fill(&mut file)?;
    file.flush()?;
    file.get_ref().sync_all()?;
    fs::rename(temporary, path)?;
    std::mem::forget(unfinished);
    Ok(())
}

/// Checks, before long work, that `outputs` can be written. No two of them may be the same file, and none may
/// be one of `inputs`.
///
/// # Errors
/// If a folder is missing, a path names something other than a file, or two paths name the same file.
pub fn check(outputs: &[&Path], inputs: &[&Path]) -> anyhow::Result<()> {
    let inputs: Vec<PathBuf> = inputs.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
    let mut seen = Vec::new();
    for output in outputs {
        let target = resolve(output)?;
        if inputs.contains(&target) {
            bail!("{}: is an input of this command; give the output another name", output.display());
        }
        if seen.contains(&target) {
            bail!("{}: is given for two outputs; give each a name of its own", output.display());
        }
        seen.push(target);
    }
    Ok(())
}

/// The file behind `path`: symbolic links followed, so that a rename replaces the file and not the link.
fn resolve(path: &Path) -> anyhow::Result<PathBuf> {
    if let Ok(target) = fs::canonicalize(path) {
        if !target.is_file() {
            bail!(
                "{}: is not a regular file, so it cannot be replaced; give the name of a file",
                path.display()
            );
        }
        return Ok(target);
    }
    let Some(name) = path.file_name() else {
        bail!("{}: names no file; give a path that ends in a file name", path.display());
    };
    let folder = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    match fs::canonicalize(folder) {
        Ok(folder) if folder.is_dir() => Ok(folder.join(name)),
        Ok(_) => bail!("{}: {} is not a folder; give a path in a folder", path.display(), folder.display()),
        Err(error) => bail!(
            "{}: the folder {} cannot be used ({error}); make it with mkdir -p, or give another path",
            path.display(),
            folder.display()
        ),
    }
}

fn temporary_name(target: &Path) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().expect("the path of a file ends in its name"));
    name.push(format!(".{}-{}.tmp", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
    target.with_file_name(name)
}

/// A file that is not finished, and is removed when it goes out of scope.
struct Temporary<'a>(&'a Path);

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        // The error that led here is the one to report.
        let _ = fs::remove_file(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("the folder exists");
        entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("x");
        write(&path, |file| file.write_all(b"old")).expect("writable");
        let failed = write(&path, |file| {
            file.write_all(b"new")?;
            Err(io::Error::other("stop"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).expect("readable"), b"old");
        assert_eq!(names(folder.path()), ["x"]);
    }

    #[test]
    fn what_a_killed_process_left_is_no_obstacle() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (path, temporary) = (folder.path().join("x"), folder.path().join(".x.tmp"));
        fs::write(&temporary, "a good deal more than what comes").expect("writable");
        replace_through(&temporary, &path, |file| file.write_all(b"new")).expect("writable");
        assert_eq!(fs::read(&path).expect("readable"), b"new");
        assert_eq!(names(folder.path()), ["x"]);
    }

    #[test]
    fn a_missing_folder_a_folder_and_a_device_are_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (path, said) in [
            (folder.path().join("missing/x"), "mkdir -p"),
            (folder.path().to_owned(), "not a regular file"),
            (PathBuf::from("/dev/null"), "not a regular file"),
            (PathBuf::new(), "names no file"),
        ] {
            let error = write(&path, |file| file.write_all(b"x")).expect_err("refused").to_string();
            assert!(error.contains(said), "{error}");
        }
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn an_output_is_neither_an_input_nor_another_output() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (x, same) = (folder.path().join("x"), folder.path().join("./x"));
        let y = folder.path().join("y");
        fs::write(&x, "x").expect("writable");
        assert!(check(&[&y], &[&x]).is_ok());
        assert!(check(&[&same], &[&x]).expect_err("an input").to_string().contains("input"));
        assert!(check(&[&x, &same], &[&y]).expect_err("twice").to_string().contains("two outputs"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").expect("writable");
        std::os::unix::fs::symlink(&file, &link).expect("a link");
        write(&link, |out| out.write_all(b"new")).expect("writable");
        assert_eq!(fs::read(&file).expect("readable"), b"new");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
    }
}
