//! A submission says what was submitted for a run. The folder of a run has `jobs/`, and in it a folder for
//! each time.

use super::Request;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use store::{StoreError, sealed};
use study::schema::SCHEMA_VERSION;
use study::schema::{Key, key};

/// Names the folder of all that concerns jobs.
pub const JOBS: &str = "jobs";

/// A `Submission` is one time that jobs were submitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// Version of the schema.
    pub schema_version: u32,
    /// The scheduler.
    pub engine: String,
    /// What was asked of it.
    pub request: Request,
    /// The arrays that it accepted.
    pub arrays: Vec<SubmittedJob>,
    /// The job that merges; absent where it did not come to that.
    pub merge: Option<String>,
}

/// Holds the keys of [`Submission`] as FORMAT.md lists them.
pub const SUBMISSION_KEYS: &[Key] = &[
    key("schema_version", "Version of the schema."),
    key("engine", "The scheduler."),
    key("request", "The options given to `harness submit` or `harness resume`."),
    key("arrays", "The job arrays that it accepted: `job` and `shards`, of which task i computes the i-th."),
    key("merge", "The job that merges; null where it did not come to that."),
    key("blake3", "BLAKE3 of this file's other keys as compact JSON, in their order."),
];

/// A `SubmittedJob` is a job array.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmittedJob {
    /// Its number.
    pub job: String,
    /// The shards; task i computes the i-th.
    pub shards: Vec<u32>,
}

impl Submission {
    /// Makes the submission as it is before anything is submitted.
    pub fn new(request: Request) -> Self {
        let (schema_version, engine) = (SCHEMA_VERSION, "slurm".to_owned());
        Self { schema_version, engine, request, arrays: Vec::new(), merge: None }
    }

    /// Returns the folder for the next submission of the run in the folder `root`.
    ///
    /// # Errors
    /// If folders cannot be listed.
    pub fn next_folder(root: &Path) -> Result<PathBuf, StoreError> {
        let next = numbers(root)?.last().map_or(1, |last| last + 1);
        Ok(folder(root, next))
    }

    /// Keeps the submission in its folder.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn write(&self, folder: &Path) -> Result<(), StoreError> {
        sealed::write(&folder.join("submission.json"), self)
    }

    /// Reads all submissions of the run in the folder `root`, in their order.
    ///
    /// # Errors
    /// If one is damaged, of another schema version, or cannot be read.
    pub fn all(root: &Path) -> Result<Vec<Self>, StoreError> {
        let read = |number| sealed::read(&folder(root, number).join("submission.json"));
        numbers(root)?.into_iter().filter_map(|number| read(number).transpose()).collect()
    }

    /// Returns the jobs of all kinds that the submission led to.
    pub fn jobs(&self) -> impl Iterator<Item = &String> {
        self.arrays.iter().map(|array| &array.job).chain(&self.merge)
    }
}

fn folder(root: &Path, number: u32) -> PathBuf {
    root.join(JOBS).join(format!("{number:03}"))
}

/// Returns the numbers of the folders there are, rising.
fn numbers(root: &Path) -> Result<Vec<u32>, StoreError> {
    let path = root.join(JOBS);
    let entries = match fs::read_dir(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(StoreError::io("list", &path))?,
    };
    let mut numbers: Vec<u32> =
        entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    numbers.sort_unstable();
    Ok(numbers)
}
