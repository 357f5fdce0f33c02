//! The subcommands, one file each, all in the same order: arguments, `run`, helpers.

pub mod claims;
pub mod compare;
pub mod cost;
pub mod figures;
mod freeze;
pub mod merge;
pub mod plan;
pub mod protocols;
pub mod recall;
pub mod replay;
pub mod shard;
pub mod show;
pub mod sweep;
pub mod verify;
pub mod write;
