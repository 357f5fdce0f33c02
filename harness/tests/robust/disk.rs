//! A full disk and a read-only one, for real: on a small file system in memory. Mounting it needs root, and no test
//! should mount anything unasked, so these run only where `HARNESS_TEST_MOUNT` is set (as in CI).

use crate::{SHORT, Scratch, assert_completes, stderr};
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
        let mount = Self(TempDir::new().expect("the system has a temporary folder"));
        mount.mount(&format!("size={kib}k"));
        Some(mount)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn mount(&self, options: &str) {
        let done =
            Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(self.path()).status();
        assert!(done.expect("there is a mount").success(), "mount -o {options}");
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
    let scratch = Scratch::at(mount.path().to_owned(), SHORT);
    let output = scratch.sweep(&[]);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("free some space") && text.contains("No space left"), "{text}");
    let before = scratch.finished();
    mount.mount("remount,size=8m");
    let text = stderr(&assert_completes(&scratch));
    if !before.is_empty() {
        assert!(text.contains(&format!("{} of 90 cells are finished already", before.len())), "{text}");
    }
}

#[test]
fn a_read_only_disk_is_named_and_its_results_are_read() {
    let Some(mount) = Mount::new(8192) else { return };
    let scratch = Scratch::at(mount.path().to_owned(), SHORT);
    assert_completes(&scratch);
    mount.mount("remount,ro");
    let output = scratch.sweep(&["--rerun", "all"]);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("results/d") && text.contains("--out"), "{text}");
    assert!(scratch.run(&["show", "d"]).status.success());
}
