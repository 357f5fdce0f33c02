//! A job is a folder: what a program is given goes in, its answer comes out. FORMAT.md describes it.
//!
//! Here is what all jobs have in common. `writing` and `recalling` say what goes in and comes out of each.

use crate::external::{External, Free};
use crate::failure::WorkerFailure;
use npy::NpyError;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

/// Names the files that every job has.
pub(crate) const JOB: &str = "job.json";
pub(crate) const MESSAGES: &str = "messages.npy";
pub(crate) const RESULT: &str = "result.json";

/// Version of the folder's format.
const SCHEMA: u32 = 1;

/// A `JobTerms` says by what name a job goes, from which seeds, and within which limits.
#[derive(Clone, Debug)]
pub struct JobTerms {
    /// Names it: the same job has the same name.
    pub name: String,
    /// A seed for each trial.
    pub seeds: Vec<u64>,
    /// Wall time for all of them; `None` is no limit.
    pub limit: Option<Duration>,
    /// Bytes of memory that the program and what it starts may hold together; `None` is no limit.
    pub memory: Option<u64>,
}

/// A `Spent` is what a job took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spent {
    /// Wall time, from the order to the answer.
    pub(crate) wall: Duration,
    /// Processor time of the program and of what it started, where the system tells.
    pub(crate) processor: Option<Duration>,
    /// Wall time from the program's start to its first answer.
    pub(crate) startup: Duration,
}

/// A `Job` can be put into a folder, and its answer be taken out of it.
pub(crate) trait Job {
    /// What a program answers.
    type Answer;

    /// Files that go in beside `job.json`, those that are kept when it fails.
    const INPUTS: &'static [&'static str];

    /// Returns its name, seeds and limits.
    fn terms(&self) -> &JobTerms;

    /// Makes the folder, with what goes in.
    fn make(&self, folder: &Path, external: &External) -> io::Result<()>;

    /// Returns how many bytes the folder holds at most: its order, and an answer in which every number is wider than
    /// it should be.
    fn most_bytes(&self) -> u64;

    /// Takes the answer out of the folder.
    fn answer(&self, folder: &Path, spent: Spent) -> Result<Self::Answer, WorkerFailure>;
}

/// The content of `job.json`.
#[derive(Serialize)]
struct Order<'a> {
    schema: u32,
    task: &'static str,
    n: usize,
    m: usize,
    trials: usize,
    /// Queries of a trial, where there are some.
    #[serde(skip_serializing_if = "Option::is_none")]
    queries: Option<usize>,
    parameters: &'a Free,
    /// Wall time for the whole job.
    seconds: Option<f64>,
    seeds: Vec<u32>,
    seeds64: Vec<String>,
}

/// A `Size` says how much goes into a job.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) n: usize,
    pub(crate) m: usize,
    pub(crate) trials: usize,
    pub(crate) queries: Option<usize>,
}

/// Writes `job.json`.
pub(crate) fn order(
    folder: &Path,
    task: &'static str,
    size: Size,
    terms: &JobTerms,
    external: &External,
) -> io::Result<()> {
    let Size { n, m, trials, queries } = size;
    let order = Order {
        schema: SCHEMA,
        task,
        n,
        m,
        trials,
        queries,
        parameters: &external.parameters,
        seconds: terms.limit.map(|limit| limit.as_secs_f64()),
        seeds: terms.seeds.iter().map(|seed| (seed >> 33) as u32).collect(),
        seeds64: terms.seeds.iter().map(u64::to_string).collect(),
    };
    fs::write(folder.join(JOB), serde_json::to_vec(&order)?)
}

/// The content of `result.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    schema: u32,
    seconds: Option<Vec<f64>>,
    error: Option<String>,
}

/// Takes what the program says of the job: the seconds of each trial, if it measures itself.
pub(crate) fn said(folder: &Path, trials: usize, wall: Duration) -> Result<Option<Vec<f64>>, WorkerFailure> {
    let wrong = |found: String| WorkerFailure::Answer { file: RESULT, found };
    let needed =
        r#"{"schema": 1} is needed, with "seconds" (a number a trial) or "error" (a text) if you like"#;
    let bytes = plain(folder, RESULT).map_err(|found| wrong(format!("{found}; {needed}")))?;
    let said: Said = serde_json::from_slice(&bytes)
        .map_err(|error| wrong(format!("is not as it should be ({error}); {needed}")))?;
    if said.schema != SCHEMA {
        return Err(wrong(format!("has schema {}; {needed}", said.schema)));
    }
    if let Some(error) = said.error {
        return Err(WorkerFailure::Reported(error.chars().take(1000).collect()));
    }
    let Some(seconds) = said.seconds else { return Ok(None) };
    if seconds.len() != trials || !seconds.iter().all(|s| s.is_finite() && *s >= 0.0) {
        return Err(wrong(format!(
            "has {} `seconds`; {trials} finite numbers are needed, none negative, one a trial",
            seconds.len()
        )));
    }
    let (sum, wall) = (seconds.iter().sum::<f64>(), wall.as_secs_f64());
    // Two clocks never agree to the last digit.
    if sum > 1.01 * wall + 0.01 {
        return Err(wrong(format!("reports {sum} `seconds`, but only {wall} s have passed")));
    }
    Ok(Some(seconds))
}

/// Tells whether something of that name is there, if only a link that leads nowhere.
pub(crate) fn is_there(folder: &Path, file: &str) -> bool {
    fs::symlink_metadata(folder.join(file)).is_ok()
}

/// Reads an answer's array of float32.
pub(crate) fn array(folder: &Path, file: &'static str, shape: &[usize]) -> Result<Vec<f32>, WorkerFailure> {
    npy::read_exactly(&folder.join(file), shape).map_err(|error| wrong(file, error))
}

/// Says what is wrong with an answer's array.
pub(crate) fn wrong(file: &'static str, NpyError { fault, .. }: NpyError) -> WorkerFailure {
    WorkerFailure::Answer { file, found: fault.to_string() }
}

/// Reads a small regular file, or says why not.
fn plain(folder: &Path, file: &str) -> Result<Vec<u8>, String> {
    /// Far more than a number a trial takes.
    const MOST: u64 = 4 << 20;
    let path = folder.join(file);
    let there = fs::symlink_metadata(&path).map_err(|_| "is not there".to_owned())?;
    if !there.is_file() {
        return Err("is a link or no regular file".to_owned());
    }
    if there.len() > MOST {
        return Err(format!("has {} bytes, more than {MOST}", there.len()));
    }
    let mut bytes = Vec::new();
    let opened = fs::File::open(&path).and_then(|file| file.take(MOST).read_to_end(&mut bytes));
    opened.map(|_| bytes).map_err(|error| format!("cannot be read: {error}"))
}
