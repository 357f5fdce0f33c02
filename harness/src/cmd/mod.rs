//! The subcommands, one file each, all in the same order: arguments, `run`, helpers. Every `run` takes its arguments and
//! gives the exit code.

pub mod claims;
pub mod compare;
pub mod cost;
mod experiment;
pub mod figures;
mod freeze;
mod launch;
pub mod merge;
pub mod plan;
pub mod protocols;
pub mod recall;
pub mod replay;
pub mod report;
pub mod resume;
pub mod shard;
pub mod show;
mod simulate;
pub mod status;
pub mod submit;
pub mod sweep;
pub mod verify;
pub mod write;
