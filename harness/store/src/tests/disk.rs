//! These tests use a disk that is full and one that is read-only, for real. They lie on a small file system
//! in memory. Mounting it needs root, and no test should mount anything unasked, so these run only where
//! `HARNESS_TEST_MOUNT` is set (as in CI).

use super::*;
use crate::StoreError;
use std::io::ErrorKind;
use std::process::Command;

/// A mounted file system, unmounted when it is dropped.
struct Mount(TempDir);

impl Mount {
    /// A file system of so many KiB, or `None` where none may be mounted.
    fn new(kib: u32) -> Option<Self> {
        if std::env::var_os("HARNESS_TEST_MOUNT").is_none() {
            eprintln!("skipped: set HARNESS_TEST_MOUNT=1 and be root to mount a small file system");
            return None;
        }
        let mount = Self(tempfile::tempdir().unwrap());
        mount.mount(&format!("size={kib}k"));
        Some(mount)
    }

    fn mount(&self, options: &str) {
        let done =
            Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(self.0.path()).status();
        assert!(done.unwrap().success(), "mount -o {options}");
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

fn kind(error: &StoreError) -> ErrorKind {
    match error {
        StoreError::Io { source, .. } => source.kind(),
        other => panic!("not of the file system: {other}"),
    }
}

#[test]
fn a_full_disk_loses_nothing_that_was_finished() {
    let Some(mount) = Mount::new(512) else { return };
    let path = mount.0.path().join("quick");
    let mut first = writer(&path);
    let mut plan = Vec::new();
    let error = loop {
        let id = format!("c{:04}", plan.len());
        match first.write_part(&[cell(&id)]) {
            Ok(()) => plan.push(id),
            Err(error) => break error,
        }
    };
    assert_eq!(kind(&error), ErrorKind::StorageFull);
    assert!(error.to_string().contains("free some space"), "{error}");
    assert!(plan.len() > 1);
    assert_eq!(kind(&first.consolidate(&plan).unwrap_err()), ErrorKind::StorageFull);
    assert_eq!(finished(first.folder()), plan);
    assert!(first.folder().finished().unwrap().damaged.is_empty());
    let left = snapshot(&path).into_iter().filter(|(file, _)| file.to_string_lossy().ends_with(".tmp"));
    assert_eq!(left.count(), 0, "no temporary file is left");
    drop(first);

    mount.mount("remount,size=4m");
    let mut second = writer(&path);
    second.consolidate(&plan).unwrap();
    assert_eq!(order(second.folder()), plan);
}

#[test]
fn a_read_only_disk_is_named_and_can_still_be_read() {
    let Some(mount) = Mount::new(4096) else { return };
    let path = mount.0.path().join("quick");
    end(&path);
    mount.mount("remount,ro");
    for path in [path.clone(), path.with_file_name("another")] {
        let error = RunWriter::lock(&path, run(1)).unwrap_err();
        assert_eq!(kind(&error), ErrorKind::ReadOnlyFilesystem);
        assert!(error.to_string().contains("--out"), "{error}");
    }
    assert_eq!(order(&RunFolder::new(&path)), ["a"]);
}
