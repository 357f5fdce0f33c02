//! This module puts the source of a commit into a bundle, where the checkout that the command runs in has it.

use anyhow::{Context, Result};
use serde::Serialize;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A `Source` is the source that something was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Source {
    /// The commit.
    pub commit: String,
    /// The archive of it in the bundle; absent where this checkout does not have the commit, or is none.
    pub file: Option<String>,
}

/// Results and figures stand in the bundle by themselves, or belong to other runs.
const CODE: [&str; 4] = ["--", ".", ":(exclude)results/reference", ":(exclude)paper-figs/reference"];

impl Source {
    /// Archives `commit` of the repository around `checkout` below `folder`, where it is there.
    ///
    /// # Errors
    /// If the archive cannot be written.
    pub(super) fn archived(commit: &str, checkout: &Path, folder: &Path) -> Result<Self> {
        let absent = Self { commit: commit.to_owned(), file: None };
        // A manifest is a stranger's claim: no option of git may be made of it.
        if !commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(absent);
        }
        let top =
            git(checkout, &["rev-parse", "--show-toplevel"]).and_then(|top| String::from_utf8(top).ok());
        let Some(top) = top else { return Ok(absent) };
        // Of what a user may have set this alone changes the bytes.
        let archive = [&["-c", "tar.umask=0022", "archive", "--format=tar", commit][..], &CODE].concat();
        let Some(bytes) = git(Path::new(top.trim_end_matches('\n')), &archive) else { return Ok(absent) };
        let file = format!("source/{commit}.tar");
        fs::create_dir_all(folder.join("source")).context("no folder for the source")?;
        fs::write(folder.join(&file), bytes).with_context(|| format!("{file} cannot be written"))?;
        Ok(Self { file: Some(file), ..absent })
    }
}

/// Returns what a git command prints; none where it fails.
fn git(folder: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments);
    // Set inside a git hook, where they name another repository.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(variable);
    }
    command.output().ok().filter(|output| output.status.success()).map(|output| output.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_of_a_commit_is_archived_and_another_is_said_to_be_absent() {
        let (folder, bundle) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let archived = |commit: &str| Source::archived(commit, folder.path(), bundle.path()).unwrap();
        let none = |commit: &str| Source { commit: commit.to_owned(), file: None };
        assert_eq!(archived("c0ffee"), none("c0ffee"), "no repository");
        let run = |arguments: &[&str]| {
            let identity = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"];
            git(folder.path(), &[&identity[..], arguments].concat())
        };
        if run(&["init", "--quiet"]).is_none() {
            eprintln!("skipped: there is no git here");
            return;
        }
        fs::create_dir_all(folder.path().join("results/reference")).unwrap();
        for name in ["Cargo.toml", "results/README.md", "results/reference/table"] {
            fs::write(folder.path().join(name), "[workspace]\n").unwrap();
        }
        run(&["add", "."]).unwrap();
        run(&["commit", "--quiet", "-m", "one"]).unwrap();
        let commit = String::from_utf8(run(&["rev-parse", "HEAD"]).unwrap()).unwrap();
        let commit = commit.trim();
        let source = archived(commit);
        let file = source.file.expect("archived");
        let bytes = fs::read(bundle.path().join(&file)).unwrap();
        let mut tar = tar::Archive::new(&bytes[..]);
        let paths = tar.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().into_owned());
        let names: Vec<String> = paths.map(|path| path.display().to_string()).collect();
        assert!(names.contains(&"Cargo.toml".to_owned()) && names.contains(&"results/README.md".to_owned()));
        assert!(!names.iter().any(|name| name.ends_with("table")), "{names:?}");
        for other in ["0000000000000000000000000000000000000000", "--output=x", ""] {
            assert_eq!(archived(other), none(other));
        }
    }
}
