//! A bundle is one file with runs and all that is said of them. It holds definitions, tables, figures, the report,
//! the verdicts, where they come from, the source, and the commands that make them.
//!
//! It is a tar archive under Zstandard, so other programs open it too. Its files stand in order and carry the time of
//! the runs, so the same inputs give the same bytes. `SHA256SUMS` names the hash of each, which shows damage. It
//! is no signature: that the numbers are what the definition gives is shown by computing cells again.

pub(crate) mod archive;
mod bundled;
pub(crate) mod check;
mod commands;
pub(crate) mod contents;
mod readme;
mod research_object;
mod source;
pub(crate) mod sums;
