//! The harness: from a definition to a plan, to records in Parquet, to estimates with intervals, to figures.

pub mod benchmarks;
pub mod cmd;
#[cfg(test)]
mod format;
pub mod npy;
pub mod protocol_text;
pub mod reporter;
pub mod spark;
pub mod table;
