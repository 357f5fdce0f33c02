//! This module asks git for the state of a source tree, when the program is built (by `build.rs`).

use std::path::{Path, PathBuf};
use std::process::Command;

/// A `Tree` is the state of a source tree.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Tree {
    /// Its commit.
    pub commit: Option<String>,
    /// Whether tracked files, results and figures aside, differ from it.
    pub dirty: Option<bool>,
    /// BLAKE3 of the difference, where there is one.
    pub diff_hash: Option<String>,
}

/// Results and figures are made by the code, not part of it: a run that replaces them leaves it clean.
const CODE: [&str; 4] = ["--", ".", ":(exclude)results", ":(exclude)paper-figs"];

impl Tree {
    /// Returns the state of the tree whose top is `folder`; empty where it is not under git or there is no git.
    pub(crate) fn at(folder: &Path) -> Self {
        // A source archive unpacked inside somebody else's repository has no commit of its own.
        let tracked = git(folder, &["ls-files", "--error-unmatch", "Cargo.toml"]);
        let commit = tracked.and_then(|_| git(folder, &["rev-parse", "HEAD"]));
        let Some(commit) = commit.and_then(|bytes| String::from_utf8(bytes).ok()) else {
            return Self::default();
        };
        let diff = ["diff", "--no-ext-diff", "--no-textconv", "--no-color", "--binary", "HEAD"];
        let diff = git(folder, &[&diff[..], &CODE].concat());
        Self {
            commit: Some(commit.trim().to_owned()),
            dirty: diff.as_ref().map(|diff| !diff.is_empty()),
            diff_hash: diff
                .filter(|diff| !diff.is_empty())
                .map(|diff| blake3::hash(&diff).to_hex().to_string()),
        }
    }
}

/// Returns the files whose change may change the state of the tree at `folder`: its tracked files, and what git
/// writes when a commit is made or another is checked out. The index is none of them: git writes it also to remember
/// what it has looked at, and what is only staged has not changed a file.
pub(crate) fn watched(folder: &Path) -> Vec<PathBuf> {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).ok();
    let mut paths: Vec<PathBuf> = Vec::new();
    let tracked = git(folder, &[&["ls-files", "-z"][..], &CODE].concat()).and_then(text).unwrap_or_default();
    paths.extend(tracked.split_terminator('\0').map(|file| folder.join(file)));
    let branch = git(folder, &["symbolic-ref", "--quiet", "HEAD"]).and_then(text);
    for file in ["HEAD", "logs/HEAD", "packed-refs"].into_iter().chain(branch.as_deref().map(str::trim)) {
        let path = git(folder, &["rev-parse", "--git-path", file]).and_then(text);
        paths.extend(path.map(|path| folder.join(path.trim_end_matches('\n'))));
    }
    // One that is absent would have Cargo build anew each time.
    paths.retain(|path| path.is_file() && !path.to_string_lossy().contains('\n'));
    paths
}

/// Returns what a git command prints; `None` where it fails.
fn git(folder: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments).env("GIT_OPTIONAL_LOCKS", "0");
    // Set inside a git hook, where they name another repository.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(variable);
    }
    command.output().ok().filter(|output| output.status.success()).map(|output| output.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_git(folder: &Path, arguments: &[&str]) {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"];
        let arguments: Vec<&str> = identity.iter().chain(arguments).copied().collect();
        assert!(git(folder, &arguments).is_some(), "git {arguments:?}");
    }

    #[test]
    fn a_tree_is_clean_then_dirty() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Tree::at(folder.path()), Tree::default(), "no repository");
        assert!(watched(folder.path()).is_empty());
        if git(folder.path(), &["--version"]).is_none() {
            eprintln!("skipped: there is no git here");
            return;
        }
        let manifest = folder.path().join("Cargo.toml");
        std::fs::write(&manifest, "[workspace]\n").unwrap();
        run_git(folder.path(), &["init", "--quiet"]);
        assert_eq!(Tree::at(folder.path()), Tree::default(), "a repository without a commit of the tree");
        let result = folder.path().join("results/table");
        std::fs::create_dir(folder.path().join("results")).unwrap();
        std::fs::write(&result, "1").unwrap();
        run_git(folder.path(), &["add", "Cargo.toml", "results"]);
        run_git(folder.path(), &["commit", "--quiet", "-m", "one"]);
        let clean = Tree::at(folder.path());
        assert_eq!(
            (clean.commit.as_ref().map(String::len), clean.dirty, &clean.diff_hash),
            (Some(40), Some(false), &None)
        );
        std::fs::write(folder.path().join("note"), "untracked files do not count").unwrap();
        std::fs::write(&result, "nor do results").unwrap();
        assert_eq!(Tree::at(folder.path()), clean);
        std::fs::write(&manifest, "[workspace]\nmembers = []\n").unwrap();
        let dirty = Tree::at(folder.path());
        assert_eq!((&dirty.commit, dirty.dirty), (&clean.commit, Some(true)));
        assert!(dirty.diff_hash.is_some());
    }

    #[test]
    fn what_changes_the_state_is_watched() {
        let folder = tempfile::tempdir().unwrap();
        if git(folder.path(), &["--version"]).is_none() {
            eprintln!("skipped: there is no git here");
            return;
        }
        let (manifest, result) = (folder.path().join("Cargo.toml"), folder.path().join("results"));
        std::fs::write(&manifest, "1").unwrap();
        std::fs::write(&result, "1").unwrap();
        run_git(folder.path(), &["init", "--quiet"]);
        run_git(folder.path(), &["add", "."]);
        run_git(folder.path(), &["commit", "--quiet", "-m", "one"]);
        let read = |paths: &[PathBuf]| paths.iter().map(|path| std::fs::read(path).ok()).collect::<Vec<_>>();
        // Packed, the branch has no file of its own, which its next commit makes.
        for packed in [false, true] {
            if packed {
                run_git(folder.path(), &["pack-refs", "--all"]);
            }
            let paths = watched(folder.path());
            assert!(paths.contains(&manifest) && !paths.contains(&result), "{paths:?}");
            let before = read(&paths);
            run_git(folder.path(), &["commit", "--quiet", "--allow-empty", "-m", "two"]);
            assert_ne!(read(&paths), before, "a commit is seen");
            let before = read(&paths);
            run_git(folder.path(), &["checkout", "--quiet", "--detach", "HEAD~1"]);
            assert_ne!(read(&paths), before, "a checkout is seen");
            run_git(folder.path(), &["checkout", "--quiet", "-"]);
        }
    }
}
