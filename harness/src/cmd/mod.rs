//! This module holds the subcommands, one file each, all in the same order: arguments, `run`, helpers. Every
//! `run` takes its arguments and gives the exit code.

#[cfg(feature = "report")]
pub(crate) mod bundle;
pub(crate) mod check;
#[cfg(feature = "report")]
pub(crate) mod claims;
pub(crate) mod compare;
pub(crate) mod completions;
#[cfg(feature = "report")]
pub(crate) mod cost;
pub(crate) mod doctor;
pub(crate) mod effects;
#[cfg(feature = "report")]
pub(crate) mod figures;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod merge;
pub(crate) mod messages;
pub(crate) mod plan;
pub(crate) mod protocols;
pub(crate) mod rank;
pub(crate) mod readers;
pub(crate) mod recall;
pub(crate) mod replay;
#[cfg(feature = "report")]
pub(crate) mod report;
pub(crate) mod resume;
pub(crate) mod show;
pub(crate) mod status;
pub(crate) mod submit;
pub(crate) mod sweep;
pub(crate) mod verify;
pub(crate) mod write;
