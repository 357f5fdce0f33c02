//! A program runs in a process group of its own, which ends whole: on a time-out, at the end of a sweep, and when the
//! harness itself dies, by whatever signal.
//!
//! Beside each program stands a guard, a shell that waits for a pipe to close and then kills the group. The pipe's
//! other end belongs to the harness alone, so that it closes when the harness lets go or is no more. The kernel's own
//! notice of a parent's death would come when the thread ends that started the program, and to no grandchild.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What the guard does: it reads whom to kill, waits, kills, and removes the folder of the group's jobs.
const GUARD: &str = r#"read -r group; read -r _; kill -9 "-$group" 2>/dev/null; rm -rf -- "$1""#;

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
        let started = grouped(command).stdout(Stdio::piped()).spawn();
        let child = match started {
            Ok(child) => child,
            Err(error) => {
                drop(guard.as_mut().and_then(|guard| guard.stdin.take()));
                let _ = guard.map(|mut guard| guard.wait());
                return Err(error);
            }
        };
        if let Some(pipe) = guard.as_mut().and_then(|guard| guard.stdin.as_mut()) {
            // A guard that is gone cannot be told; the program's input still closes with the harness.
            let _ = writeln!(pipe, "{}", child.id());
        }
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
    grouped(&mut command).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map(Some)
}

#[cfg(unix)]
fn grouped(command: &mut Command) -> &mut Command {
    std::os::unix::process::CommandExt::process_group(command, 0)
}

/// Elsewhere a program ends with its input.
#[cfg(not(unix))]
fn guard(_: &Path) -> io::Result<Option<Child>> {
    let _ = GUARD;
    Ok(None)
}

#[cfg(not(unix))]
fn grouped(command: &mut Command) -> &mut Command {
    command
}
