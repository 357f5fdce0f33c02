//! The subcommands, one file each, all in the same order: arguments, `run`, helpers.

pub mod protocols;
pub mod recall;
pub mod write;
