//! A program runs in a process group of its own, which ends whole: on a time-out, at the end of a sweep, and when the
//! harness itself dies, by whatever signal.
//!
//! Beside each program stands a guard, a shell that leads the group, waits for a pipe to close and then kills all of
//! it. It is there before the program, which joins its group at birth. The pipe's other end belongs to the harness
//! alone, so that it closes when the harness lets go or is no more. The kernel's own notice of a parent's death would
//! come when the thread ends that started the program, and to no grandchild.

use crate::usage::{self, Usage};
use std::io;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What the guard does: it waits, asks its group to end, removes the folder of its jobs, and kills the group and
/// itself.
const GUARD: &str = r#"read -r _; trap '' TERM; kill -TERM 0; rm -rf -- "$1"; kill -9 0"#;

/// A `Group` is a running program with its guard. It ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Group {
    child: Child,
    guard: Option<Child>,
}

impl Group {
    /// Starts a program in a process group of its own, whose jobs stand in `jobs`.
    pub(crate) fn start(command: &mut Command, jobs: &Path) -> io::Result<Self> {
        let mut guard = guard(jobs)?;
        let leader = guard.as_ref().map_or(0, |guard| guard.id() as i32);
        let started = grouped(command, leader).stdout(Stdio::piped()).spawn();
        let child = match started {
            Ok(child) => child,
            Err(error) => {
                drop(guard.as_mut().and_then(|guard| guard.stdin.take()));
                let _ = guard.map(|mut guard| guard.wait());
                return Err(error);
            }
        };
        Ok(Self { child, guard })
    }

    /// Returns the program's ends of its pipes that nobody has taken yet.
    pub(crate) fn pipes(&mut self) -> (Option<ChildStdin>, Option<ChildStdout>, Option<ChildStderr>) {
        (self.child.stdin.take(), self.child.stdout.take(), self.child.stderr.take())
    }

    /// Returns how the program ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Returns what the program and all that it started hold and have used, where the system tells.
    pub(crate) fn usage(&self) -> Option<Usage> {
        let leader = self.guard.as_ref().map_or(self.child.id(), Child::id);
        usage::of_group(leader)
    }

    /// Waits for the program to end by itself, for so long.
    pub(crate) fn wait(&mut self, most: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + most;
        loop {
            if let Some(status) = self.ended() {
                return Some(status);
            }
            if Instant::now() >= until {
                return None;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            drop(guard.stdin.take());
            let _ = guard.wait();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(unix)]
fn guard(jobs: &Path) -> io::Result<Option<Child>> {
    let mut command = Command::new("sh");
    command.args(["-c", GUARD, "guard"]).arg(jobs);
    grouped(&mut command, 0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(Some)
}

#[cfg(unix)]
fn grouped(command: &mut Command, leader: i32) -> &mut Command {
    std::os::unix::process::CommandExt::process_group(command, leader)
}

/// Elsewhere a program ends with its input.
#[cfg(not(unix))]
fn guard(_: &Path) -> io::Result<Option<Child>> {
    let _ = GUARD;
    Ok(None)
}

#[cfg(not(unix))]
fn grouped(command: &mut Command, _: i32) -> &mut Command {
    command
}
