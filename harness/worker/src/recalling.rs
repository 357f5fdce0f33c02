//! In a job of recalling, messages, the memories of them and queries go in, and states come out.
//!
//! A program may use what it likes of both: a dense memory takes the messages, an energy model the weights. It is not
//! told which message a query was made of, nor how it was corrupted.

use crate::external::External;
use crate::failure::WorkerFailure;
use crate::job::{Job, JobTerms, MESSAGES, Size, Spent, is_there, order, said, wrong};
use crate::times::ProgramTimes;
use faer::MatRef;
use protocols::{Patterns, Weights};
use std::fs;
use std::io;
use std::path::Path;

const QUERIES: &str = "queries.npy";
const STATES: &str = "states.npy";
const WEIGHTS: &str = "weights.npy";
const THRESHOLDS: &str = "thresholds.npy";
const INPUT: &str = "input.npy";

/// A `RecallJob` is a batch of memories of one size, each with as many queries.
#[derive(Debug)]
pub struct RecallJob<'a> {
    /// Its name, a seed for each memory, and its limits.
    pub terms: JobTerms,
    /// The message sets.
    pub messages: Vec<Patterns>,
    /// What was written of each.
    pub weights: Vec<&'a Weights>,
    /// The queries of each, one after another: signs, and 0 where a unit is unknown.
    pub queries: Vec<Vec<i8>>,
}

/// A `RecallAnswer` is what a program recalled.
#[derive(Debug)]
pub struct RecallAnswer {
    /// The states of each memory's queries, one after another: signs, and 0 where it has none.
    pub states: Vec<Vec<i8>>,
    /// What each memory's queries took.
    pub times: Vec<ProgramTimes>,
}

impl RecallJob<'_> {
    fn size(&self) -> Size {
        let (n, m) = (self.messages[0].n(), self.messages[0].count());
        Size { n, m, trials: self.messages.len(), queries: Some(self.queries[0].len() / n) }
    }

    fn shape(&self) -> [usize; 3] {
        let Size { n, trials, queries, .. } = self.size();
        [trials, queries.unwrap_or(0), n]
    }
}

impl Job for RecallJob<'_> {
    type Answer = RecallAnswer;

    const INPUTS: &'static [&'static str] = &[MESSAGES, QUERIES, WEIGHTS, THRESHOLDS, INPUT];

    fn terms(&self) -> &JobTerms {
        &self.terms
    }

    fn make(&self, folder: &Path, external: &External) -> io::Result<()> {
        fs::create_dir(folder)?;
        let size @ Size { n, m, trials, .. } = self.size();
        let signs = self.messages.iter().flat_map(|messages| messages.signs().iter().copied());
        npy::write_signs(&folder.join(MESSAGES), &[trials, m, n], signs)?;
        npy::write_signs(&folder.join(QUERIES), &self.shape(), self.queries.iter().flatten().copied())?;
        // A memory that has none of what another of the batch has, has zeros.
        let weights = &self.weights;
        let matrices = |matrix: fn(&Weights) -> Option<MatRef<'_, f32>>| {
            weights.iter().flat_map(move |weights| {
                let matrix = matrix(weights);
                (0..n * n).map(move |at| matrix.map_or(0.0, |matrix| matrix[(at / n, at % n)]))
            })
        };
        let square = [trials, n, n];
        npy::write_floats(&folder.join(WEIGHTS), &square, matrices(|weights| Some(weights.matrix())))?;
        if weights.iter().any(|weights| weights.thresholds().is_some()) {
            let all = weights.iter().flat_map(|weights| {
                let thresholds = weights.thresholds();
                (0..n).map(move |unit| thresholds.map_or(0.0, |thresholds| thresholds[unit]))
            });
            npy::write_floats(&folder.join(THRESHOLDS), &[trials, n], all)?;
        }
        if weights.iter().any(|weights| weights.input().is_some()) {
            npy::write_floats(&folder.join(INPUT), &square, matrices(Weights::input))?;
        }
        order(folder, "recall", size, &self.terms, external)
    }

    fn most_bytes(&self) -> u64 {
        let Size { n, m, trials, queries } = self.size();
        let [n, m, trials, queries] = [n, m, trials, queries.unwrap_or(0)].map(|count| count as u64);
        (16 << 20) + trials * n * (m + 2 * 4 * n + 4 + 9 * queries)
    }

    fn answer(&self, folder: &Path, spent: Spent) -> Result<RecallAnswer, WorkerFailure> {
        let shape @ [trials, queries, n] = self.shape();
        let reported = said(folder, trials, spent.wall)?;
        if !is_there(folder, STATES) {
            let found = format!("is not there; int8 of shape ({trials}, {queries}, {n}) is needed");
            return Err(WorkerFailure::Answer { file: STATES, found });
        }
        let states = npy::read_states(&folder.join(STATES), &shape).map_err(|error| wrong(STATES, error))?;
        let states = states.chunks_exact(queries * n).map(<[i8]>::to_vec).collect();
        Ok(RecallAnswer { states, times: ProgramTimes::shared(spent, reported.as_deref(), trials) })
    }
}
