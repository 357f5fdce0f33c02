//! This module runs the commands of Slurm. They submit, ask what is queued, and ask what the cluster takes.

use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

/// Says how many tasks an array may have on a cluster that does not say (slurm.conf(5),
/// `MaxArraySize`).
pub const USUAL_ARRAY: usize = 1001;

/// Asks how many tasks one array may have.
///
/// # Errors
/// If `scontrol` cannot be run.
pub fn largest_array() -> Result<usize> {
    let output = run("scontrol", &["show".to_owned(), "config".to_owned()])?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find(|line| line.trim_start().starts_with("MaxArraySize"));
    let size = line.and_then(|line| line.split_once('=')?.1.trim().parse().ok());
    Ok(size.unwrap_or(USUAL_ARRAY))
}

/// Submits a batch file and gives the job's number.
///
/// # Errors
/// If `sbatch` cannot be run or refuses.
pub fn submit(script: &Path, options: &[String]) -> Result<String> {
    let words = submission(script, options);
    let output = run(&words[0], &words[1..])?;
    let text = String::from_utf8_lossy(&output.stdout);
    // Job, or job;cluster.
    let job = text.trim().split(';').next().unwrap_or_default();
    match job.parse::<u64>() {
        Ok(_) => Ok(job.to_owned()),
        Err(_) => bail!("sbatch gave no job number for {} but {:?}", script.display(), text.trim()),
    }
}

/// Returns the command that submits a batch file.
pub fn submission(script: &Path, options: &[String]) -> Vec<String> {
    let head = ["sbatch".to_owned(), "--parsable".to_owned()];
    head.into_iter().chain(options.iter().cloned()).chain([script.display().to_string()]).collect()
}

/// Returns the option that holds a job back until these have ended, however they end.
pub fn after(jobs: &[String]) -> String {
    format!("--dependency=afterany:{}", jobs.join(":"))
}

/// A `Queue` holds the user's tasks that are queued or running. They go by their names (`7`, of an array
/// `7_2`), each with its state (`R` running, `PD` pending, ...).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue(BTreeMap<String, String>);

impl Queue {
    /// Asks Slurm for the queue.
    ///
    /// # Errors
    /// If `squeue` cannot be run or refuses.
    pub fn ask() -> Result<Self> {
        let output = run("squeue", &["--me", "--noheader", "--array", "--format=%i %t"].map(str::to_owned))?;
        Ok(Self::parse(&String::from_utf8_lossy(&output.stdout)))
    }

    fn parse(text: &str) -> Self {
        let task =
            |line: &str| line.trim().split_once(' ').map(|(task, state)| (task.into(), state.trim().into()));
        Self(text.lines().filter_map(task).collect())
    }

    /// Counts how many tasks of a job, alone or an array, are in each state.
    pub fn states_of(&self, job: &str) -> BTreeMap<&str, usize> {
        let mut states = BTreeMap::new();
        let is_of = |task: &str| task.split('_').next() == Some(job);
        for (_, state) in self.0.iter().filter(|(task, _)| is_of(task)) {
            *states.entry(state.as_str()).or_default() += 1;
        }
        states
    }

    /// Returns whether a task has begun and not ended.
    pub fn is_under_way(&self, task: &str) -> bool {
        self.0.get(task).is_some_and(|state| state != "PD")
    }
}

fn run(program: &str, arguments: &[String]) -> Result<Output> {
    let output = Command::new(program).args(arguments).output().with_context(|| {
        format!(
            "cannot run {program}: is this a machine from which jobs are submitted? (`--engine slurm` needs \
         Slurm's commands)"
        )
    })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{program} refused: {}", said.trim());
    }
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_count_for_their_job() {
        let queue = Queue::parse("7_0 R\n7_11 PD\n7_12 PD\n  9 PD \n70_1 R\n\n");
        assert_eq!(queue.states_of("7"), BTreeMap::from([("PD", 2), ("R", 1)]));
        assert_eq!(queue.states_of("9"), BTreeMap::from([("PD", 1)]));
        assert!(queue.states_of("1").is_empty());
        let under_way = |task| queue.is_under_way(task);
        assert!(under_way("7_0") && !under_way("7_11") && !under_way("7_1") && !under_way("7"));
    }
}
