//! This crate is the command line of the harness, as a library. A program of your own has every command, with
//! rules of its own.
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     harness::Cli::new().run()
//! }
//! ```
//!
//! A command reads its arguments and puts the floors below together: definitions become plans (`study`),
//! plans become records on disk (`run`, `store`), records become estimates (`analysis`), and these become
//! figures and pages (`figure`, `report`). What commands share stands beside them: a command never imports
//! another. Without the feature `report` the program is lean: it draws and judges nothing.

mod amounts;
#[cfg(feature = "report")]
mod bundle;
mod check;
mod cli;
mod closing;
mod cmd;
mod completing;
#[cfg(feature = "report")]
mod contribution;
mod experiment;
mod forecast;
#[cfg(test)]
mod format;
#[cfg(feature = "report")]
mod gallery;
mod given_messages;
mod limits;
mod listing;
mod named;
#[cfg(test)]
mod npy_fuzz;
mod outcome;
mod protocol_text;
mod reporter;
mod rerun;
mod results;
mod sharding;
mod spark;
mod stderr;
mod stdout;
#[cfg(feature = "report")]
mod steps;
mod studied;
mod table;
#[cfg(test)]
mod tree;
mod typeset;
#[cfg(feature = "report")]
mod verdict_text;
mod verification;
mod width;

pub use cli::Cli;
