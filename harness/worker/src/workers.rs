//! Workers are running programs. One that has answered waits for the next job; one that failed is ended.

use crate::child::Group;
use crate::external::External;
use crate::failure::WorkerFailure;
use crate::job::{BatchAnswer, BatchJob, JOB, MESSAGES};
use crate::log::{self, Tail};
use base::shell::{command_line, quoted};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Says how often a job that runs is looked at.
const TICK: Duration = Duration::from_millis(20);
/// Says how long a program may take to start, beside the time of its first job.
const START: Duration = Duration::from_secs(60);
/// Says how long a program that is no longer needed gets to end by itself.
const GRACE: Duration = Duration::from_millis(500);

/// `Workers` are the programs of a sweep: of each rule as many as write at once.
#[derive(Debug, Default)]
pub struct Workers(Mutex<Vec<Worker>>);

impl Workers {
    /// Has a rule's program do a job. `goes_on` is asked all the while whether the sweep goes on.
    ///
    /// # Errors
    /// If the program cannot be started, does not answer, or answers wrongly. It is then ended, and the next job
    /// starts it anew.
    pub fn write(
        &self,
        external: &External,
        job: &BatchJob,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<BatchAnswer, WorkerFailure> {
        let idle = {
            let mut idle = self.lock();
            idle.iter().position(|worker| worker.external == *external).map(|at| idle.swap_remove(at))
        };
        let mut worker = match idle {
            Some(worker) => worker,
            None => Worker::start(external)?,
        };
        let answer = worker.write(job, goes_on)?;
        self.lock().push(worker);
        Ok(answer)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Worker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A `Worker` is a running program.
#[derive(Debug)]
struct Worker {
    external: External,
    /// Where its definition stands.
    home: PathBuf,
    group: Group,
    input: Option<ChildStdin>,
    /// The paths that it says it is done with.
    answers: Receiver<String>,
    log: Tail,
    jobs: TempDir,
    is_new: bool,
}

impl Worker {
    fn start(external: &External) -> Result<Self, WorkerFailure> {
        let home = external.folder().ok_or(WorkerFailure::NoFolder)?.to_owned();
        let external = external.settled(&home)?;
        let jobs =
            tempfile::Builder::new().prefix("harness-jobs-").tempdir().map_err(WorkerFailure::Folder)?;
        let token = token(jobs.path());
        let mut command = external.command(&home, &token);
        command.stdin(Stdio::piped()).stderr(Stdio::piped());
        let mut group = Group::start(&mut command, jobs.path())
            .map_err(|source| WorkerFailure::Start { command: external.typed(), source })?;
        let (input, output, errors) = group.pipes();
        let log = Tail::default();
        let (sender, answers) = channel();
        let (of_output, of_errors) = (log.clone(), log.clone());
        std::thread::spawn(move || output.map(|output| listen(output, &token, &sender, &of_output)));
        std::thread::spawn(move || errors.map(|errors| log::follow(errors, &of_errors)));
        Ok(Self { external, home, group, input, answers, log, jobs, is_new: true })
    }

    /// Does a job, and explains a failure.
    fn write(&mut self, job: &BatchJob, goes_on: &dyn Fn() -> bool) -> Result<BatchAnswer, WorkerFailure> {
        let folder = self.jobs.path().join(&job.name);
        job.make(&folder, &self.external).map_err(WorkerFailure::Folder)?;
        self.log.clear();
        let answer = self.wait(job, &folder, goes_on).and_then(|wall| job.answer(&folder, wall));
        self.is_new = false;
        let Err(failure) = answer else {
            let _ = fs::remove_dir_all(&folder);
            return answer;
        };
        if matches!(failure, WorkerFailure::Abandoned) {
            return Err(failure);
        }
        let kept = keep(&folder, &job.name).unwrap_or(folder);
        let by_hand = format!(
            "cd {} && echo {} | {}",
            quoted(&self.home.to_string_lossy()),
            quoted(&kept.to_string_lossy()),
            command_line(self.external.command.clone())
        );
        Err(WorkerFailure::Explained { failure: failure.into(), log: self.log.text(), by_hand })
    }

    /// Sends a job and waits for its end; returns how long it took.
    fn wait(
        &mut self,
        job: &BatchJob,
        folder: &Path,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<Duration, WorkerFailure> {
        let start = Instant::now();
        let limit = job.limit.map(|limit| if self.is_new { limit + START } else { limit });
        let shown = folder.to_string_lossy().into_owned();
        // A program that does not read has ended or will, which is found out below.
        let _ = self.input.as_mut().map(|input| writeln!(input, "{shown}").and_then(|()| input.flush()));
        loop {
            match self.answers.recv_timeout(TICK) {
                Ok(path) if path == shown => return Ok(start.elapsed()),
                // An answer to nothing that was asked is one of its prints.
                Ok(path) => self.log.push(path),
                Err(RecvTimeoutError::Disconnected) => {
                    let ended = self.group.wait(GRACE);
                    let how = ended.map_or("it closed its output".to_owned(), |status| status.to_string());
                    return Err(WorkerFailure::Ended(how));
                }
                Err(RecvTimeoutError::Timeout) => {
                    if let Some(status) = self.group.ended() {
                        // What it printed last may still be on its way.
                        return match self.answers.recv_timeout(GRACE) {
                            Ok(path) if path == shown => Ok(start.elapsed()),
                            _ => Err(WorkerFailure::Ended(status.to_string())),
                        };
                    }
                }
            }
            if !goes_on() {
                return Err(WorkerFailure::Abandoned);
            }
            if size(folder) > job.most_bytes() {
                return Err(WorkerFailure::TooMuch { most: job.most_bytes() });
            }
            if let Some(limit) = limit.filter(|limit| start.elapsed() > *limit) {
                return Err(WorkerFailure::Timeout(job.limit.unwrap_or(limit)));
            }
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // The end of its input asks a program that waits to end.
        drop(self.input.take());
        self.group.wait(if self.is_new { Duration::ZERO } else { GRACE });
    }
}

/// Hears what a program prints: answers, and the rest for its log.
fn listen(output: impl std::io::Read, token: &str, answers: &Sender<String>, log: &Tail) {
    /// Longer than any path.
    const BYTES: usize = 1 << 13;
    log::lines(output, BYTES, |line| {
        match line.strip_prefix(token).and_then(|rest| rest.strip_prefix(' ')) {
            Some(path) => _ = answers.send(path.to_owned()),
            None => log.push(line.chars().take(300).collect()),
        }
    });
}

/// Makes a word that no program prints by chance. The name of the folder is random.
fn token(jobs: &Path) -> String {
    let text = format!("{} {} {:?}", jobs.display(), std::process::id(), Instant::now());
    blake3::hash(text.as_bytes()).to_hex()[..32].to_owned()
}

/// Returns the bytes of the files in a folder.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).map(|file| file.len()).sum()
}

/// Keeps what went into a job that failed, where the next program does not remove it. What came out is written anew
/// by whoever runs it by hand.
fn keep(folder: &Path, name: &str) -> Option<PathBuf> {
    let kept = std::env::temp_dir().join(format!("harness-failed-{name}"));
    let _ = fs::remove_dir_all(&kept);
    fs::create_dir(&kept).ok()?;
    for file in [JOB, MESSAGES] {
        fs::rename(folder.join(file), kept.join(file)).ok()?;
    }
    Some(kept)
}
