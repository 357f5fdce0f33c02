//! Submission to Slurm, with `sbatch`, `squeue` and `scontrol` that only take notes. What the batch files do is run by
//! bash here, task after task; a cluster of several nodes is `scripts/slurm-local/test`.

mod batch;
mod messages;
mod submit;

use crate::scratch::{Said, Scratch, executable};
use std::env;
use std::fs;
use std::ops::Deref;
use std::path::Path;
use std::process::Command;

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

/// Takes notes of its arguments; the jobs get the numbers 1, 2, ... Where a file `refuse` holds a number, that job is
/// refused.
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

/// A folder whose programs find the commands of a Slurm that only takes notes.
struct Cluster(Scratch);

impl Deref for Cluster {
    type Target = Scratch;

    fn deref(&self) -> &Scratch {
        &self.0
    }
}

impl Cluster {
    fn new() -> Self {
        Self::of(DEFINITION)
    }

    fn of(definition: &str) -> Self {
        let scratch = Scratch::new(definition);
        let bin = scratch.path("bin");
        fs::create_dir(&bin).unwrap();
        for (name, text) in [("sbatch", SBATCH), ("squeue", SQUEUE), ("scontrol", SCONTROL)] {
            executable(&bin.join(name), text.as_bytes());
        }
        let path = format!("{}:{}", bin.display(), env::var("PATH").unwrap());
        let folder = scratch.folder().to_owned();
        Self(scratch.with("PATH", path).with("FAKE", folder))
    }

    /// What the commands of Slurm were told.
    fn notes(&self) -> Vec<String> {
        let notes = fs::read_to_string(self.path("notes")).unwrap_or_default();
        let here = fs::canonicalize(self.folder()).unwrap();
        notes.lines().map(|line| line.replace(here.to_str().unwrap(), "HERE")).collect()
    }

    /// A task of an array, as Slurm would run it.
    fn task(&self, script: &Path, job: u32, task: usize, restarts: u32) -> Command {
        let mut command = self.other("bash");
        command
            .arg(script)
            .env("SLURM_ARRAY_JOB_ID", job.to_string())
            .env("SLURM_ARRAY_TASK_ID", task.to_string())
            .env("SLURM_RESTART_COUNT", restarts.to_string())
            .env("SLURM_CPUS_PER_TASK", "1")
            .env("SLURMD_NODENAME", "n1");
        command
    }

    /// Runs the job that merges.
    fn merge(&self, job: &str) -> Said {
        Said::by(self.other("bash").arg(self.path(job).join("merge.sh")))
    }

    /// The shards that an array's batch file computes.
    fn shards(&self, script: &str) -> Vec<u32> {
        let text = fs::read_to_string(self.path(script)).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("shards=(")).unwrap();
        line.trim_end_matches(')').split(' ').map(|number| number.parse().unwrap()).collect()
    }
}
