//! A job is a folder: messages go in, weights come out. FORMAT.md describes it.

use crate::external::{External, Free, report};
use crate::failure::WorkerFailure;
use faer::Mat;
use npy::NpyError;
use protocols::protocol::Written;
use protocols::{Patterns, Weights};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

/// Names the files of a job.
pub(crate) const JOB: &str = "job.json";
pub(crate) const MESSAGES: &str = "messages.npy";
const RESULT: &str = "result.json";
const WEIGHTS: &str = "weights.npy";
const THRESHOLDS: &str = "thresholds.npy";
const INPUT: &str = "input.npy";

/// Version of the folder's format.
const SCHEMA: u32 = 1;

/// A `BatchJob` is a batch of message sets of one size, with a seed each.
#[derive(Debug)]
pub struct BatchJob {
    /// Names it: the same job has the same name.
    pub name: String,
    /// The message sets.
    pub messages: Vec<Patterns>,
    /// A seed for each.
    pub seeds: Vec<u64>,
    /// Wall time for all of them; `None` is no limit.
    pub limit: Option<Duration>,
}

/// A `BatchAnswer` is what a program wrote.
#[derive(Debug)]
pub struct BatchAnswer {
    /// The memories, trial by trial.
    pub written: Vec<Written>,
    /// Seconds that each took: as the program reports, or its share of the wall time.
    pub seconds: Vec<f64>,
}

/// The content of `job.json`.
#[derive(Serialize)]
struct Order<'a> {
    schema: u32,
    n: usize,
    m: usize,
    trials: usize,
    parameters: &'a Free,
    /// Wall time for the whole job.
    seconds: Option<f64>,
    seeds: Vec<u32>,
    seeds64: Vec<String>,
}

/// The content of `result.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    schema: u32,
    seconds: Option<Vec<f64>>,
    error: Option<String>,
}

impl BatchJob {
    fn trials(&self) -> usize {
        self.messages.len()
    }

    fn n(&self) -> usize {
        self.messages[0].n()
    }

    /// Makes the folder, with what goes in.
    pub(crate) fn make(&self, folder: &Path, external: &External) -> io::Result<()> {
        fs::create_dir(folder)?;
        let (trials, m, n) = (self.trials(), self.messages[0].count(), self.n());
        let signs = self.messages.iter().flat_map(|messages| messages.signs().iter().copied());
        npy::write_signs(&folder.join(MESSAGES), &[trials, m, n], signs)?;
        let order = Order {
            schema: SCHEMA,
            n,
            m,
            trials,
            parameters: &external.parameters,
            seconds: self.limit.map(|limit| limit.as_secs_f64()),
            seeds: self.seeds.iter().map(|seed| (seed >> 33) as u32).collect(),
            seeds64: self.seeds.iter().map(u64::to_string).collect(),
        };
        fs::write(folder.join(JOB), serde_json::to_vec(&order)?)
    }

    /// Returns how many bytes the folder holds at most: its order, and an answer in which every number is wider than
    /// it should be.
    pub(crate) fn most_bytes(&self) -> u64 {
        let (trials, m, n) = (self.trials() as u64, self.messages[0].count() as u64, self.n() as u64);
        (16 << 20) + trials * n * (m + 2 * 8 * n + 8)
    }

    /// Takes the answer out of the folder; `wall` is how long it took.
    pub(crate) fn answer(&self, folder: &Path, wall: Duration) -> Result<BatchAnswer, WorkerFailure> {
        let (trials, n) = (self.trials(), self.n());
        let seconds = self.said(folder, wall.as_secs_f64())?;
        let optional = |file: &'static str, shape: &[usize]| {
            if is_there(folder, file) { array(folder, file, shape).map(Some) } else { Ok(None) }
        };
        if !is_there(folder, WEIGHTS) {
            let found = format!("is not there; float32 of shape ({trials}, {n}, {n}) is needed");
            return Err(WorkerFailure::Answer { file: WEIGHTS, found });
        }
        let weights = array(folder, WEIGHTS, &[trials, n, n])?;
        let thresholds = optional(THRESHOLDS, &[trials, n])?;
        let input = optional(INPUT, &[trials, n, n])?;
        let matrix = |values: &[f32], trial: usize| {
            let of_trial = &values[trial * n * n..][..n * n];
            Mat::from_fn(n, n, |i, j| of_trial[i * n + j])
        };
        let memory = |trial| {
            let mut memory = Weights::new(matrix(&weights, trial))?;
            if let Some(thresholds) = &thresholds {
                memory = memory.with_thresholds(thresholds[trial * n..][..n].to_vec())?;
            }
            if let Some(input) = &input {
                memory = memory.with_input(matrix(input, trial))?;
            }
            Ok(Written { weights: memory, report: report() })
        };
        let written = (0..trials).map(memory).collect::<Result<_, protocols::WeightsError>>();
        let written =
            written.map_err(|error| WorkerFailure::Answer { file: WEIGHTS, found: error.to_string() })?;
        Ok(BatchAnswer { written, seconds })
    }

    /// Takes what the program says of the job: the seconds of each trial.
    fn said(&self, folder: &Path, wall: f64) -> Result<Vec<f64>, WorkerFailure> {
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
        let trials = self.trials();
        let Some(seconds) = said.seconds else { return Ok(vec![wall / trials as f64; trials]) };
        if seconds.len() != trials || !seconds.iter().all(|s| s.is_finite() && *s >= 0.0) {
            return Err(wrong(format!(
                "has {} `seconds`; {trials} finite numbers are needed, none negative, one a trial",
                seconds.len()
            )));
        }
        let sum: f64 = seconds.iter().sum();
        // Two clocks never agree to the last digit.
        if sum > 1.01 * wall + 0.01 {
            return Err(wrong(format!("reports {sum} `seconds`, but only {wall} s have passed")));
        }
        Ok(seconds)
    }
}

/// Tells whether something of that name is there, if only a link that leads nowhere.
fn is_there(folder: &Path, file: &str) -> bool {
    fs::symlink_metadata(folder.join(file)).is_ok()
}

fn array(folder: &Path, file: &'static str, shape: &[usize]) -> Result<Vec<f32>, WorkerFailure> {
    let read = npy::read_exactly(&folder.join(file), shape);
    read.map_err(|NpyError { fault, .. }| WorkerFailure::Answer { file, found: fault.to_string() })
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
