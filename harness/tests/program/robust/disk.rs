//! A full disk and a read-only one, for real: on a small file system in memory. Mounting it needs root, and no test
//! should mount anything unasked, so these run only where `HARNESS_TEST_MOUNT` is set (as in CI).

use super::{SHORT, assert_completes};
use crate::scratch::Scratch;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A mounted file system, unmounted when it is dropped.
struct Mount(TempDir);

impl Mount {
    /// A file system of so many KiB, or `None` where none may be mounted.
    fn new(kib: u32) -> Option<Self> {
        if std::env::var_os("HARNESS_TEST_MOUNT").is_none() {
            eprintln!("skipped: set HARNESS_TEST_MOUNT=1 and be root to mount a small file system");
            return None;
        }
        let mount = Self(TempDir::new().unwrap());
        mount.mount(&format!("size={kib}k"));
        Some(mount)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn mount(&self, options: &str) {
        let done =
            Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(self.path()).status();
        assert!(done.unwrap().success(), "mount -o {options}");
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.path()).status();
    }
}

#[test]
fn a_sweep_on_a_full_disk_says_so_and_goes_on_when_there_is_room() {
    let Some(mount) = Mount::new(64) else { return };
    let scratch = Scratch::at(mount.path(), SHORT);
    scratch.sweep(&[]).refused(1, &["free some space", "No space left"]);
    let before = scratch.finished();
    mount.mount("remount,size=8m");
    let text = assert_completes(&scratch).stderr;
    if !before.is_empty() {
        assert!(text.contains(&format!("{} of 90 cells are finished already", before.len())), "{text}");
    }
}

#[test]
fn a_read_only_disk_is_named_and_its_results_are_read() {
    let Some(mount) = Mount::new(8192) else { return };
    let scratch = Scratch::at(mount.path(), SHORT);
    assert_completes(&scratch);
    mount.mount("remount,ro");
    scratch.sweep(&["--rerun", "all"]).refused(1, &["results/d", "--out"]);
    scratch.succeed(&["show", "d"]);
}
