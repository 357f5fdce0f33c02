//! A failure says why a program gave no answer: what was wanted, what was found, and what to do.

use crate::identity::SettleError;
use std::io;
use std::time::Duration;

/// A `WorkerFailure` says why a batch has no answer.
#[derive(Debug, thiserror::Error)]
pub enum WorkerFailure {
    /// The sweep ended meanwhile, which leaves no record.
    #[error("the sweep ended")]
    Abandoned,
    /// The program is not the one that the results are of.
    #[error(transparent)]
    Settle(#[from] SettleError),
    /// Nobody knows where its files are.
    #[error("the folder of its definition is not known; sweep the definition again")]
    NoFolder,
    /// It cannot be started.
    #[error("cannot start `{command}`: {source}; is it installed, and is the command right?")]
    Start {
        /// The command.
        command: String,
        /// Why not.
        source: io::Error,
    },
    /// The job folder cannot be made.
    #[error("cannot make a job folder: {0}; is the folder of temporary files full? TMPDIR names another")]
    Folder(io::Error),
    /// It took too long.
    #[error("no answer within {} s; `seconds_per_cell` of [budget], times the batch, allows more", .0.as_secs_f64())]
    Timeout(Duration),
    /// It took too long to say that it was done.
    #[error(
        "no answer within {} s, though there is a result.json: print $HARNESS_TOKEN, a space and the folder's path as \
         a line of its own, and flush it", .0.as_secs_f64()
    )]
    Unsaid(Duration),
    /// It ended before it answered.
    #[error("the program ended ({0}) before it answered{hint}", hint = goes_on(.0))]
    Ended(String),
    /// It wrote more than an answer can be.
    #[error("the job folder holds more than {most} bytes, which no answer needs")]
    TooMuch {
        /// Bytes that are allowed.
        most: u64,
    },
    /// It holds more memory than it may.
    #[error(
        "the program holds {} MiB of memory, more than {} MiB: the limit is `memory_mib` of [budget], or what was free",
        held >> 20,
        most >> 20
    )]
    Memory {
        /// Bytes that it and all that it started hold together.
        held: u64,
        /// Bytes that are allowed.
        most: u64,
    },
    /// It said that it failed.
    #[error("the program reports: {0}")]
    Reported(String),
    /// Its answer is not what was asked for.
    #[error("{file}: {found}")]
    Answer {
        /// The file.
        file: &'static str,
        /// What is wrong with it.
        found: String,
    },
    /// Any of these, with what helps to find out why.
    #[error("{failure}{}\nby hand: {by_hand}", ended(log))]
    Explained {
        /// What went wrong.
        failure: Box<Self>,
        /// The last lines that the program printed.
        log: String,
        /// The command that runs the job again.
        by_hand: String,
    },
}

/// What a program printed last, if it printed anything.
fn ended(log: &str) -> String {
    if log.is_empty() { String::new() } else { format!("\nits log ends:\n{log}") }
}

/// What to do where a program has ended as if all were well.
fn goes_on(how: &str) -> &'static str {
    match how {
        "exit status: 0" => "; it must read a path a line from its input, and go on until the input ends",
        _ => "",
    }
}

impl WorkerFailure {
    /// Tells whether the program answered, if wrongly, and goes on.
    pub(crate) fn is_wrong_answer(&self) -> bool {
        matches!(self, Self::Reported(_) | Self::Answer { .. })
    }

    /// Returns the failure without what explains it.
    pub fn plain(&self) -> &Self {
        match self {
            Self::Explained { failure, .. } => failure,
            other => other,
        }
    }
}
