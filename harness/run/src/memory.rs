//! This module says what memory is there for a sweep, and shares it among the cells that run at once.
//!
//! A process that is refused memory aborts, and with it every other cell; one whose group takes too much is
//! killed. So a cell that is sure not to fit is not started, and those that fit only one after another do not
//! run at once.

use crate::limits::Abandonment;
use crate::needs::{can_be_had, expected, needs};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use study::plan::Cell;
use sysinfo::{MemoryRefreshKind, RefreshKind, System};

/// Returns the bytes that this process may still take: the least that the machine, the limits of its groups (cgroups of
/// both versions) and its own limit of addresses (`ulimit -v`) leave. `None` where the system does not tell.
pub(crate) fn there() -> Option<u64> {
    let root = Path::new("/");
    [machine(), addresses(root), groups(root)].into_iter().flatten().min()
}

/// Returns what the machine has free, with its free swap.
fn machine() -> Option<u64> {
    let system =
        System::new_with_specifics(RefreshKind::nothing().with_memory(MemoryRefreshKind::everything()));
    Some(system.available_memory() + system.free_swap()).filter(|&bytes| bytes > 0)
}

/// Returns the number of bytes in the line of a table that begins with `key`, in the given column behind it.
fn number(text: &str, key: &str, column: usize) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(key))?.split_whitespace().nth(column)?.parse().ok()
}

/// Returns what the limit of addresses leaves.
fn addresses(root: &Path) -> Option<u64> {
    /// Addresses that the allocator takes at the start for what comes, as mimalloc 2 does on 64 bits.
    const ARENA: u64 = 1 << 30;
    let most = number(&fs::read_to_string(root.join("proc/self/limits")).ok()?, "Max address space", 0)?;
    let status = fs::read_to_string(root.join("proc/self/status")).ok()?;
    let kibibytes = |key| number(&status, key, 0).map(|number| number << 10);
    let (taken, filled) = (kibibytes("VmSize:")?, kibibytes("VmRSS:")?);
    let reserved = if taken >= ARENA { ARENA.saturating_sub(filled) } else { 0 };
    Some(most.saturating_sub(taken).max(reserved))
}

/// Returns what the groups of this process leave, each of which is bounded by those above it.
fn groups(root: &Path) -> Option<u64> {
    let text = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let left = text.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ':');
        let (_, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        match controllers {
            "" => group(&root.join("sys/fs/cgroup"), path, &SECOND),
            _ if controllers.split(',').any(|one| one == "memory") => {
                group(&root.join("sys/fs/cgroup/memory"), path, &FIRST)
            }
            _ => None,
        }
    });
    left.min()
}

/// `Names` say how a version of cgroups names a limit, what is taken of it, and what of that is a copy of files.
struct Names {
    most: &'static str,
    taken: &'static str,
    copies: &'static str,
}

const FIRST: Names =
    Names { most: "memory.limit_in_bytes", taken: "memory.usage_in_bytes", copies: "total_inactive_file" };
const SECOND: Names = Names { most: "memory.max", taken: "memory.current", copies: "inactive_file" };

/// Returns what a group and those above it leave. In a container the path may be that of the host: its last part that
/// is there counts, up to the mount itself.
fn group(mount: &Path, path: &str, names: &Names) -> Option<u64> {
    let folder: PathBuf = mount.join(path.trim_start_matches('/'));
    let left = |folder: &Path| {
        let bytes = |file| fs::read_to_string(folder.join(file)).ok()?.trim().parse::<u64>().ok();
        // `max` is no number, and no limit.
        let (most, taken) = (bytes(names.most)?, bytes(names.taken)?);
        let stat = fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
        let copies = number(&stat, &format!("{} ", names.copies), 0).unwrap_or(0);
        Some(most.saturating_sub(taken.saturating_sub(copies)))
    };
    folder.ancestors().take_while(|folder| folder.starts_with(mount)).filter_map(left).min()
}

/// A `Room` is the memory of a sweep, of which running cells hold what they are expected to take.
#[derive(Debug)]
pub(crate) struct Room {
    all: Option<u64>,
    taken: Mutex<u64>,
    freed: Condvar,
}

/// Says how often one who waits asks whether the sweep goes on.
const TICK: Duration = Duration::from_millis(100);

impl Room {
    /// Makes one of so many bytes; `None` has no bound.
    pub(crate) fn of(all: Option<u64>) -> Self {
        Self { all, taken: Mutex::new(0), freed: Condvar::new() }
    }

    /// Holds what a cell is expected to take, as soon as that is free beside the others; a cell that may take
    /// more than there is runs alone. One that is sure not to fit is not started and takes nothing. `None` if
    /// the sweep ends before.
    pub(crate) fn hold(&self, cell: &Cell, abandonment: &Abandonment) -> Option<Held<'_>> {
        let bytes = match self.all {
            Some(all) if needs(cell) <= all => expected(cell).min(all),
            _ => 0,
        };
        self.hold_bytes(bytes, abandonment)
    }

    fn hold_bytes(&self, bytes: u64, abandonment: &Abandonment) -> Option<Held<'_>> {
        let all = self.all.unwrap_or(u64::MAX);
        let mut taken = self.lock();
        // Others that run may leave less than they are expected to; alone, a cell is told so by `affordable`.
        while bytes > all.saturating_sub(*taken) || (*taken > 0 && !can_be_had(bytes)) {
            if abandonment.is_declared() {
                return None;
            }
            taken = self.freed.wait_timeout(taken, TICK).unwrap_or_else(PoisonError::into_inner).0;
        }
        *taken += bytes;
        Some(Held { room: self, bytes })
    }

    fn lock(&self) -> MutexGuard<'_, u64> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A `Held` is memory held for a running cell, until it is dropped.
#[derive(Debug)]
pub(crate) struct Held<'a> {
    room: &'a Room,
    bytes: u64,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        *self.room.lock() -= self.bytes;
        self.room.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    const MIB: u64 = 1 << 20;

    /// A folder with these files in place of the system's.
    fn system(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn groups_of_both_versions_bound_what_is_there() {
        let second = system(&[
            ("proc/self/cgroup", "0::/job/step\n"),
            ("sys/fs/cgroup/job/memory.max", "4000\n"),
            ("sys/fs/cgroup/job/memory.current", "3500\n"),
            ("sys/fs/cgroup/job/memory.stat", "anon 5\nactive_file 7\ninactive_file 1000\n"),
            ("sys/fs/cgroup/job/step/memory.max", "max\n"),
            ("sys/fs/cgroup/job/step/memory.current", "3000\n"),
        ]);
        assert_eq!(groups(second.path()), Some(1500), "that of the group above, copies of files aside");
        let first = system(&[
            ("proc/self/cgroup", "9:name=systemd:/\n4:cpu,memory:/of/the/host\n0::/\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "4000\n"),
            ("sys/fs/cgroup/memory/memory.usage_in_bytes", "1000\n"),
        ]);
        assert_eq!(groups(first.path()), Some(3000), "in a container the mount is the group");
        assert_eq!(groups(system(&[("proc/self/cgroup", "0::/\n")]).path()), None);
        assert_eq!(groups(system(&[]).path()), None);
    }

    #[test]
    fn a_limit_of_addresses_bounds_what_is_there() {
        let limits =
            |most: &str| format!("Limit  Soft\nMax address space         {most}   unlimited   bytes\n");
        let left = |most: &str, taken: &str| {
            let status = format!("Name:\tx\nVmSize:\t {taken} kB\nVmRSS:\t  1024 kB\n");
            addresses(system(&[("proc/self/limits", &limits(most)), ("proc/self/status", &status)]).path())
        };
        assert_eq!(left("4194304", "2048"), Some(2 * MIB));
        assert_eq!(left("4194304000", "2097152"), Some(4_194_304_000 - 2048 * MIB));
        assert_eq!(left("1610612736", "1310720"), Some(1023 * MIB), "what the allocator has in reserve");
        assert_eq!(left("unlimited", "2048"), None);
    }

    #[test]
    fn what_is_there_is_told() {
        assert!(there().is_none_or(|bytes| bytes > MIB));
    }

    #[test]
    fn cells_hold_no_more_at_once_than_there_is() {
        let (room, held, most) = (Room::of(Some(10)), AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for bytes in [4, 4, 4, 10, 1, 7, 0, 3] {
                let (room, held, most) = (&room, &held, &most);
                scope.spawn(move || {
                    let _held = room.hold_bytes(bytes, &Abandonment::default()).unwrap();
                    most.fetch_max(held.fetch_add(bytes, Ordering::SeqCst) + bytes, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(20));
                    held.fetch_sub(bytes, Ordering::SeqCst);
                });
            }
        });
        assert!((4..=10).contains(&most.into_inner()));
        let abandonment = Abandonment::default();
        let _all = room.hold_bytes(10, &abandonment).unwrap();
        abandonment.declare();
        assert!(room.hold_bytes(1, &abandonment).is_none(), "who waits for memory ends with the sweep");
    }
}
