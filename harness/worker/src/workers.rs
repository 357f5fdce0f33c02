//! Workers are running programs. One that has answered waits for the next job; one that failed is ended.

use crate::child::Group;
use crate::external::{External, WriteOne};
use crate::failure::WorkerFailure;
use crate::job::{JOB, Job, JobTerms, RESULT, Spent};
use crate::log::{self, Tail};
use crate::recalling::{RecallAnswer, RecallJob};
use crate::usage::Usage;
use crate::writing::{BatchAnswer, BatchJob};
use base::shell::{command_line, quoted};
use protocols::Patterns;
use protocols::protocol::Written;
use std::collections::HashSet;
use std::convert::Infallible;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Says how often a job that runs is looked at.
const TICK: Duration = Duration::from_millis(20);
/// Says how often the memory of a program is looked at.
const WEIGH: Duration = Duration::from_millis(200);
/// Says how long a program may take to start, beside the time of its first job.
const START: Duration = Duration::from_secs(60);
/// Says how long a program that is no longer needed gets to end by itself, and its last words to arrive.
const GRACE: Duration = Duration::from_millis(500);

/// `Workers` are the programs of a sweep: of each as many as there are threads that have work for it.
#[derive(Debug, Default)]
pub struct Workers(Mutex<Vec<Worker>>);

impl Workers {
    /// Has a rule's program write. Before a program's first job of a size it writes one message set of that size, so
    /// that what is done but once, such as a compilation, counts in no time. `goes_on` is asked all the while whether
    /// the sweep goes on.
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
        let mut worker = self.take(external)?;
        if worker.warm.insert(job.shape()) {
            match worker.perform(&job.warm_up(), goes_on) {
                // It goes on, and says of the job itself what is wrong.
                Err(failure) if !failure.plain().is_wrong_answer() => return Err(failure),
                _ => {}
            }
        }
        let answer = worker.perform(job, goes_on)?;
        self.lock().push(worker);
        Ok(answer)
    }

    /// Has a reader's program recall.
    ///
    /// # Errors
    /// As [`write`](Self::write) does.
    pub fn recall(
        &self,
        external: &External,
        job: &RecallJob<'_>,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<RecallAnswer, WorkerFailure> {
        let mut worker = self.take(external)?;
        let answer = worker.perform(job, goes_on)?;
        self.lock().push(worker);
        Ok(answer)
    }

    /// Returns what a program that waits has printed with its last job that is no answer.
    pub fn log(&self, external: &External) -> String {
        let idle = self.lock();
        idle.iter()
            .find(|worker| worker.external == *external)
            .map_or(String::new(), |worker| worker.log.text())
    }

    /// Closes the input of a program that waits. It returns whether the program ended by itself, within so long;
    /// `None` where none waits.
    pub fn dismiss(&self, external: &External, most: Duration) -> Option<bool> {
        let mut worker = {
            let mut idle = self.lock();
            let at = idle.iter().position(|worker| worker.external == *external)?;
            idle.swap_remove(at)
        };
        drop(worker.input.take());
        Some(worker.group.wait(most).is_some())
    }

    /// Takes a program that waits, or starts one.
    fn take(&self, external: &External) -> Result<Worker, WorkerFailure> {
        let idle = {
            let mut idle = self.lock();
            idle.iter().position(|worker| worker.external == *external).map(|at| idle.swap_remove(at))
        };
        idle.map_or_else(|| Worker::start(external), Ok)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Worker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `OneByOne` has a program write one message set at a time, as laws of rules ask for it.
#[derive(Debug)]
struct OneByOne {
    workers: Workers,
    limit: Duration,
    jobs: AtomicU32,
}

impl WriteOne for OneByOne {
    fn write_one(&self, external: &External, messages: &Patterns, seed: u64) -> Result<Written, String> {
        let name = format!("law-{}-{}", std::process::id(), self.jobs.fetch_add(1, Ordering::Relaxed));
        let terms = JobTerms { name, seeds: vec![seed], limit: Some(self.limit), memory: None };
        let job = BatchJob { terms, messages: vec![messages.clone()] };
        let mut worker = self.workers.take(external).map_err(|failure| failure.to_string())?;
        let answer = worker.perform(&job, &|| true).map_err(|failure| failure.plain().to_string());
        if answer.is_ok() {
            self.workers.lock().push(worker);
        }
        answer?.written.pop().ok_or_else(|| "there is no memory".to_owned())
    }
}

impl External {
    /// Returns the same rule, whose program writes wherever it is asked to, each message set within `limit`. So it can
    /// be held against the laws of rules.
    #[must_use]
    pub fn one_by_one(&self, limit: Duration) -> Self {
        self.by(Some(Arc::new(OneByOne { workers: Workers::default(), limit, jobs: AtomicU32::new(0) })))
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
    /// Ends when all that the program can print was read.
    read: Receiver<Infallible>,
    jobs: TempDir,
    started: Instant,
    /// From its start to its first answer; `None` where there was none yet.
    startup: Option<Duration>,
    /// Sizes N and M of what it has written.
    warm: HashSet<(usize, usize)>,
}

impl Worker {
    fn start(external: &External) -> Result<Self, WorkerFailure> {
        let home = external.folder().ok_or(WorkerFailure::NoFolder)?.to_owned();
        // A worker that held who holds it would never end.
        let external = external.settled(&home)?.by(None);
        let jobs =
            tempfile::Builder::new().prefix("harness-jobs-").tempdir().map_err(WorkerFailure::Folder)?;
        let token = token(jobs.path());
        let mut command = external.command(&home, &token);
        command.stdin(Stdio::piped()).stderr(Stdio::piped());
        let started = Instant::now();
        let mut group = Group::start(&mut command, jobs.path())
            .map_err(|source| WorkerFailure::Start { command: external.typed(), source })?;
        let (input, output, errors) = group.pipes();
        let log = Tail::default();
        let (sender, answers) = channel();
        let (of_output, of_errors) = (log.clone(), log.clone());
        let (reading_output, read) = channel();
        let reading_errors = reading_output.clone();
        std::thread::spawn(move || {
            let _reading = reading_output;
            output.map(|output| listen(output, &token, &sender, &of_output))
        });
        std::thread::spawn(move || {
            let _reading = reading_errors;
            errors.map(|errors| log::follow(errors, &of_errors))
        });
        let (startup, warm) = (None, HashSet::new());
        Ok(Self { external, home, group, input, answers, log, read, jobs, started, startup, warm })
    }

    /// Does a job, and explains a failure.
    fn perform<J: Job>(&mut self, job: &J, goes_on: &dyn Fn() -> bool) -> Result<J::Answer, WorkerFailure> {
        let name = &job.terms().name;
        let folder = self.jobs.path().join(name);
        job.make(&folder, &self.external).map_err(WorkerFailure::Folder)?;
        self.log.clear();
        let before = self.group.usage();
        let answer = self.wait(job, &folder, goes_on).and_then(|wall| {
            let startup = *self.startup.get_or_insert_with(|| self.started.elapsed());
            let processor = || {
                let spent = |usage: Usage| usage.processor.saturating_sub(before?.processor).into();
                self.group.usage().and_then(spent)
            };
            job.answer(&folder, Spent { wall, processor: processor(), startup })
        });
        let Err(failure) = answer else {
            let _ = fs::remove_dir_all(&folder);
            return answer;
        };
        if matches!(failure, WorkerFailure::Abandoned) {
            return Err(failure);
        }
        if matches!(failure, WorkerFailure::Ended(_)) {
            // Why it ended is what it printed last, which may still be on its way.
            let _ = self.read.recv_timeout(GRACE);
        }
        let kept = keep(&folder, name, J::INPUTS).unwrap_or(folder);
        let by_hand = format!(
            "cd {} && echo {} | {}",
            quoted(&self.home.to_string_lossy()),
            quoted(&kept.to_string_lossy()),
            command_line(self.external.command.clone())
        );
        Err(WorkerFailure::Explained { failure: failure.into(), log: self.log.text(), by_hand })
    }

    /// Sends a job and waits for its end; returns how long it took.
    fn wait<J: Job>(
        &mut self,
        job: &J,
        folder: &Path,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<Duration, WorkerFailure> {
        let start = Instant::now();
        let given = job.terms().limit;
        let limit = given.map(|limit| if self.startup.is_none() { limit + START } else { limit });
        let mut weighed = start;
        let shown = folder.to_string_lossy().into_owned();
        // A program that does not read has ended or will, which is found out below.
        let _ = self.input.as_mut().map(|input| writeln!(input, "{shown}").and_then(|()| input.flush()));
        loop {
            match self.answers.recv_timeout(TICK) {
                Ok(path) if path == shown => {
                    let wall = start.elapsed();
                    return fits(job, folder).map(|()| wall);
                }
                // An answer to nothing that was asked is one of its prints.
                Ok(path) => self.log.push(path),
                Err(RecvTimeoutError::Disconnected) => {
                    let ended = self.group.wait(GRACE);
                    let how = ended.map_or("it closed its output".to_owned(), |status| status.to_string());
                    return Err(WorkerFailure::Ended(how));
                }
                Err(RecvTimeoutError::Timeout) => {
                    if let Some(status) = self.group.ended() {
                        // Its answer may still be on its way.
                        return match self.answers.recv_timeout(GRACE) {
                            Ok(path) if path == shown => fits(job, folder).map(|()| start.elapsed()),
                            _ => Err(WorkerFailure::Ended(status.to_string())),
                        };
                    }
                }
            }
            if !goes_on() {
                return Err(WorkerFailure::Abandoned);
            }
            fits(job, folder)?;
            if weighed.elapsed() >= WEIGH {
                weighed = Instant::now();
                self.weigh(job.terms().memory)?;
            }
            if let Some(limit) = limit.filter(|limit| start.elapsed() > *limit) {
                let most = given.unwrap_or(limit);
                let unsaid = folder.join(RESULT).exists();
                return Err(if unsaid { WorkerFailure::Unsaid(most) } else { WorkerFailure::Timeout(most) });
            }
        }
    }

    /// Refuses a program that holds more memory than it may.
    fn weigh(&self, most: Option<u64>) -> Result<(), WorkerFailure> {
        let Some((usage, most)) = self.group.usage().zip(most) else { return Ok(()) };
        if usage.memory > most {
            return Err(WorkerFailure::Memory { held: usage.memory, most });
        }
        Ok(())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // The end of its input asks a program that waits to end.
        drop(self.input.take());
        self.group.wait(if self.startup.is_none() { Duration::ZERO } else { GRACE });
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

/// Refuses a folder that holds more than an answer can.
fn fits(job: &impl Job, folder: &Path) -> Result<(), WorkerFailure> {
    let most = job.most_bytes();
    if size(folder) > most { Err(WorkerFailure::TooMuch { most }) } else { Ok(()) }
}

/// Returns the bytes of the files in a folder and those below it; links are not followed.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let of_entry = |entry: fs::DirEntry| match entry.metadata() {
        Ok(there) if there.is_dir() => size(&entry.path()),
        Ok(there) => there.len(),
        Err(_) => 0,
    };
    entries.map(of_entry).fold(0, u64::saturating_add)
}

/// Keeps what went into a job that failed, where the next program does not remove it. What came out is written anew
/// by whoever runs it by hand.
fn keep(folder: &Path, name: &str, inputs: &[&str]) -> Option<PathBuf> {
    let kept = std::env::temp_dir().join(format!("harness-failed-{name}"));
    let _ = fs::remove_dir_all(&kept);
    fs::create_dir(&kept).ok()?;
    fs::rename(folder.join(JOB), kept.join(JOB)).ok()?;
    for file in inputs.iter().filter(|file| folder.join(file).exists()) {
        fs::rename(folder.join(file), kept.join(file)).ok()?;
    }
    Some(kept)
}
