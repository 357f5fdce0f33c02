//! This crate lets a program of any language be a writing rule or a reader. Control goes by lines, data by files.
//!
//! A definition names the program: `{ external = { command = ["python3", "rule.py"], files = ["rule.py"] } }`. It is
//! started once for each thread that has work for it, reads the path of a job folder a line, writes its answer into
//! that folder and says so in a line. FORMAT.md describes the folder. A program that does not answer, or answers
//! wrongly, fails its batch and no other; then it is started anew.
//!
//! A program runs with all rights of whoever runs the harness: what stands between them are processes, not a sandbox.

mod child;
mod external;
mod failure;
mod identity;
mod job;
mod log;
mod reader;
mod recalling;
mod times;
mod usage;
mod workers;
mod writing;

pub use external::{External, Free};
pub use failure::WorkerFailure;
pub use identity::SettleError;
pub use job::JobTerms;
pub use reader::ExternalReader;
pub use recalling::{RecallAnswer, RecallJob};
pub use times::ProgramTimes;
pub use workers::Workers;
pub use writing::{BatchAnswer, BatchJob};
