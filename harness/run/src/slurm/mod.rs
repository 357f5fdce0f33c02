//! This module speaks with Slurm. It holds what a task knows of itself, the batch files, and the commands
//! that submit and ask.

mod arrays;
mod directive;
mod place;
mod queue;
mod request;
mod script;
mod submission;

pub use arrays::{Array, arrays};
pub use directive::Unfit;
pub use place::place;
pub use queue::{Queue, USUAL_ARRAY, after, largest_array, submission, submit};
pub use request::Request;
pub use script::{BatchRun, merge, shards};
pub use submission::SUBMISSION_KEYS;
pub use submission::{JOBS, Submission, SubmittedJob};
