//! In a job of writing, messages go in and weights come out.

use crate::external::{External, report};
use crate::failure::WorkerFailure;
use crate::job::{Job, JobTerms, MESSAGES, Size, Spent, array, is_there, order, said};
use crate::times::ProgramTimes;
use faer::Mat;
use protocols::protocol::Written;
use protocols::{Patterns, Weights};
use std::fs;
use std::io;
use std::path::Path;

const WEIGHTS: &str = "weights.npy";
const THRESHOLDS: &str = "thresholds.npy";
const INPUT: &str = "input.npy";

/// A `BatchJob` is a batch of message sets of one size to be written.
#[derive(Clone, Debug)]
pub struct BatchJob {
    /// Its name, a seed for each set, and its limits.
    pub terms: JobTerms,
    /// The message sets.
    pub messages: Vec<Patterns>,
}

/// A `BatchAnswer` is what a program wrote.
#[derive(Debug)]
pub struct BatchAnswer {
    /// The memories, trial by trial.
    pub written: Vec<Written>,
    /// What each took.
    pub times: Vec<ProgramTimes>,
}

impl BatchJob {
    /// Returns N and M.
    pub(crate) fn shape(&self) -> (usize, usize) {
        (self.messages[0].n(), self.messages[0].count())
    }

    /// Returns the job of its first trial alone, whose answer nobody needs.
    pub(crate) fn warm_up(&self) -> Self {
        let JobTerms { name, seeds, .. } = &self.terms;
        let terms =
            JobTerms { name: format!("{name}-warm-up"), seeds: seeds[..1].to_vec(), ..self.terms.clone() };
        Self { terms, messages: self.messages[..1].to_vec() }
    }
}

impl Job for BatchJob {
    type Answer = BatchAnswer;

    const INPUTS: &'static [&'static str] = &[MESSAGES];

    fn terms(&self) -> &JobTerms {
        &self.terms
    }

    fn make(&self, folder: &Path, external: &External) -> io::Result<()> {
        fs::create_dir(folder)?;
        let (trials, (n, m)) = (self.messages.len(), self.shape());
        let signs = self.messages.iter().flat_map(|messages| messages.signs().iter().copied());
        npy::write_signs(&folder.join(MESSAGES), &[trials, m, n], signs)?;
        order(folder, "write", Size { n, m, trials, queries: None }, &self.terms, external)
    }

    fn most_bytes(&self) -> u64 {
        let (trials, (n, m)) = (self.messages.len() as u64, self.shape());
        let (n, m) = (n as u64, m as u64);
        (16 << 20) + trials * n * (m + 2 * 8 * n + 8)
    }

    fn answer(&self, folder: &Path, spent: Spent) -> Result<BatchAnswer, WorkerFailure> {
        let (trials, (n, _)) = (self.messages.len(), self.shape());
        let reported = said(folder, trials, spent.wall)?;
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
        Ok(BatchAnswer { written, times: ProgramTimes::shared(spent, reported.as_deref(), trials) })
    }
}
