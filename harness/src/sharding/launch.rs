//! This module holds what `submit` and `resume` share: batch files and their submission.

use crate::stdout::{Told, print};
use anyhow::{Context, Result, bail};
use base::atomic;
use base::next::Next;
use base::shell::command_line;
use run::shards::Frozen;
use run::slurm::{self, Array, BatchRun, JOBS, Queue, Request, Submission, SubmittedJob};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A `Launch` holds jobs ready to be submitted.
pub(crate) struct Launch {
    name: String,
    /// The folder of results, as it was given.
    results: PathBuf,
    /// Where the jobs write what they have to say.
    logs: PathBuf,
    /// Where the batch files go.
    folder: PathBuf,
    request: Request,
    arrays: Vec<(Array, Script)>,
    merge: Script,
}

/// A `Script` is a batch file.
struct Script {
    path: PathBuf,
    text: String,
}

impl Launch {
    /// Prepares the shards of these numbers, and the merge, of a frozen run in the folder of `results`.
    /// Nothing is written.
    pub(crate) fn prepare(
        results: &Path,
        frozen: &Frozen,
        request: &Request,
        numbers: &[u32],
    ) -> Result<Self> {
        let given = results.to_owned();
        let results = std::path::absolute(results).context("the folder of results has no absolute path")?;
        let name = &frozen.run.definition;
        let root = results.join(name);
        let (logs, folder) = (root.join(JOBS).join("logs"), Submission::next_folder(&root)?);
        let program = std::env::current_exe().context("cannot find the file of this program")?;
        let run = BatchRun {
            name,
            program: &program,
            definition: &frozen.definition_path(&root),
            results: &results,
            logs: &logs,
            of: frozen.shards.len(),
            request,
        };
        // Without Slurm's commands only --dry-run goes on, and the usual size will do for it.
        let most = slurm::largest_array().unwrap_or(slurm::USUAL_ARRAY);
        let arrays = slurm::arrays(&frozen.shards, numbers, most, request);
        let script = |name: &str, text| Script { path: folder.join(name), text };
        let arrays = (1..).zip(arrays).map(|(i, array)| {
            let text = slurm::shards(&run, &array)?;
            Ok((array, script(&format!("shards-{i}.sh"), text)))
        });
        let arrays = arrays.collect::<Result<_>>()?;
        let merge = script("merge.sh", slurm::merge(&run, frozen.cells().count())?);
        let (name, request) = (name.clone(), request.clone());
        Ok(Self { name, results: given, logs, request, arrays, merge, folder })
    }

    /// Keeps the plan in the folder `root` and submits its shards. A dry run prints what that would be.
    pub(crate) fn carry_out(self, frozen: &Frozen, root: &Path, dry_run: bool) -> Result<()> {
        if dry_run {
            return print(&self.text());
        }
        frozen.write(root)?;
        self.go()
    }

    /// Returns everything that would be written, and the commands that would submit it.
    fn text(&self) -> String {
        let mut text = String::new();
        let (mut jobs, mut commands) = (Vec::new(), Vec::new());
        for (number, (array, script)) in self.arrays.iter().enumerate() {
            text +=
                &format!("\n== {} ({} shards)\n{}", script.path.display(), array.shards.len(), script.text);
            commands.push(slurm::submission(&script.path, &behind(array, &jobs)));
            jobs.push(format!("JOB{}", number + 1));
        }
        text += &format!("\n== {}\n{}", self.merge.path.display(), self.merge.text);
        commands.push(slurm::submission(&self.merge.path, &[slurm::after(&jobs)]));
        text += "\n== commands\n";
        commands.into_iter().for_each(|words| text += &format!("{}\n", command_line(words)));
        text
    }

    /// Writes the batch files and submits them. What the scheduler has accepted is on record whatever happens next.
    fn go(self) -> Result<()> {
        for folder in [&self.logs, &self.folder] {
            fs::create_dir_all(folder).with_context(|| format!("{}: cannot be made", folder.display()))?;
        }
        for script in self.arrays.iter().map(|(_, script)| script).chain([&self.merge]) {
            atomic::write(&script.path, |file| file.write_all(script.text.as_bytes()))?;
        }
        let (mut submission, mut jobs) = (Submission::new(self.request), Vec::new());
        let mut told = Told::nothing();
        let refused = |jobs: &[SubmittedJob]| {
            let accepted: Vec<&str> = jobs.iter().map(|job| job.job.as_str()).collect();
            match accepted.as_slice() {
                [] => format!("nothing was submitted; the batch files are in {}", self.folder.display()),
                jobs => format!(
                    "only the jobs {} were submitted; when they have ended, `{}` submits what is missing",
                    jobs.join(", "),
                    Next::harness("resume").name(&self.name).results(&self.results)
                ),
            }
        };
        for (array, script) in self.arrays {
            let job = slurm::submit(&script.path, &behind(&array, &jobs))
                .with_context(|| refused(&submission.arrays))?;
            told.say(&format!("Submitted job {job}: {} shards\n", array.shards.len()));
            jobs.push(job.clone());
            submission.arrays.push(SubmittedJob { job, shards: array.shards });
            submission.write(&self.folder)?;
        }
        let merge = slurm::submit(&self.merge.path, &[slurm::after(&jobs)])
            .with_context(|| refused(&submission.arrays))?;
        told.say(&format!("Submitted job {merge}: the merge, when they have ended\n"));
        submission.merge = Some(merge);
        submission.write(&self.folder)?;
        let status = Next::harness("status").name(&self.name).results(&self.results);
        told.say(&format!("Next: {status}\n"));
        told.end()
    }
}

/// Returns the option that holds an array back, where it waits for one of those that were submitted before.
fn behind(array: &Array, jobs: &[String]) -> Vec<String> {
    let job = array.after.and_then(|before| jobs.get(before));
    job.map(|job| slurm::after(std::slice::from_ref(job))).into_iter().collect()
}

/// Refuses to submit while jobs of the run in the folder `root` are queued or running. Two at once would
/// compute the same.
pub(crate) fn refuse_while_queued(root: &Path) -> Result<()> {
    let submissions = Submission::all(root)?;
    if submissions.is_empty() {
        return Ok(());
    }
    let queue =
        Queue::ask().context("jobs were submitted before, and whether they have ended is not known")?;
    let still = submissions.iter().flat_map(Submission::jobs).filter_map(|job| {
        let states = queue.states_of(job).into_iter();
        let counts: Vec<String> = states.map(|(state, count)| format!("{count} {state}")).collect();
        (!counts.is_empty()).then(|| format!("{job} ({})", counts.join(", ")))
    });
    let jobs: Vec<String> = still.collect();
    if jobs.is_empty() {
        return Ok(());
    }
    bail!(
        "jobs of {} are still queued or running: {}; wait for them, or end them with scancel, and run the same \
         command again",
        root.display(),
        jobs.join(", ")
    )
}
