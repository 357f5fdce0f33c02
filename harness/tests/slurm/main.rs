//! Submission to Slurm, with `sbatch`, `squeue` and `scontrol` that only take notes. What the batch files do is run by bash here,
//! task after task; a cluster of several nodes is `scripts/slurm-local/test`.
#![cfg(unix)]

mod batch;
mod submit;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const DEFINITION: &str = r#"
question = "Is a sweep the sum of its jobs?"
analysis = "To the byte."
[protocols]
HOP = { hop = {} }
PSE = { pse = {} }
[grid]
n = [16, 64]
load = [0.1, 0.3]
flips = [0, 1]
trials = 5
queries = 20
"#;

/// Takes notes of its arguments; the jobs get the numbers 1, 2, ... Where a file `refuse` holds a number, that job is refused.
const SBATCH: &str = r#"#!/bin/bash
job=$(($(cat "$FAKE/jobs" 2>/dev/null || echo 0) + 1))
if [ "$(cat "$FAKE/refuse" 2>/dev/null)" = "$job" ]; then echo "sbatch: error: no more jobs" >&2; exit 1; fi
echo "$job" > "$FAKE/jobs"
echo "sbatch $*" >> "$FAKE/notes"
echo "$job;cluster"
"#;
/// Gives the file `queue`; the word `refuse` in it is an error.
const SQUEUE: &str = r#"#!/bin/bash
queue=$(cat "$FAKE/queue" 2>/dev/null)
if [ "$queue" = refuse ]; then echo "slurm_load_jobs error: no contact" >&2; exit 1; fi
echo "$queue"
"#;
const SCONTROL: &str = r#"#!/bin/bash
if [ "$1" = show ]; then echo "MaxArraySize            = $(cat "$FAKE/largest" 2>/dev/null || echo 1001)"
else echo "scontrol $*" >> "$FAKE/notes"; fi
"#;

/// A folder with a definition `d.toml` and the commands of a Slurm that only takes notes.
struct Cluster(TempDir);

impl Cluster {
    fn new() -> Self {
        let cluster = Self(TempDir::new().unwrap());
        fs::write(cluster.path("d.toml"), DEFINITION).unwrap();
        fs::create_dir(cluster.path("bin")).unwrap();
        for (name, text) in [("sbatch", SBATCH), ("squeue", SQUEUE), ("scontrol", SCONTROL)] {
            executable(&cluster.path("bin").join(name), text);
        }
        cluster
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A command that finds the commands of Slurm.
    fn command(&self, program: &str) -> Command {
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        let mut command = Command::new(program);
        command.current_dir(self.0.path()).env("PATH", path).env("FAKE", self.0.path());
        command.env("XDG_CACHE_HOME", self.path("cache"));
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(env!("CARGO_BIN_EXE_harness")).args(arguments).output().unwrap()
    }

    fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    fn refused(&self, arguments: &[&str], said: &[&str]) {
        let output = self.run(arguments);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(said.iter().all(|words| text.contains(words)), "{text}");
    }

    /// What the commands of Slurm were told.
    fn notes(&self) -> Vec<String> {
        let notes = fs::read_to_string(self.path("notes")).unwrap_or_default();
        let here = fs::canonicalize(self.0.path()).unwrap();
        notes.lines().map(|line| line.replace(here.to_str().unwrap(), "HERE")).collect()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Runs a task of an array as Slurm would.
    fn task(&self, script: &Path, job: u32, task: usize, restarts: u32) -> Command {
        let mut command = self.command("bash");
        command
            .arg(script)
            .env("SLURM_ARRAY_JOB_ID", job.to_string())
            .env("SLURM_ARRAY_TASK_ID", task.to_string())
            .env("SLURM_RESTART_COUNT", restarts.to_string())
            .env("SLURM_CPUS_PER_TASK", "1")
            .env("SLURMD_NODENAME", "n1");
        command
    }

    /// The shards that an array's batch file computes.
    fn shards(&self, script: &str) -> Vec<u32> {
        let text = fs::read_to_string(self.path(script)).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("shards=(")).unwrap();
        line.trim_end_matches(')').split(' ').map(|number| number.parse().unwrap()).collect()
    }
}

/// Writes a program.
fn executable(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}
