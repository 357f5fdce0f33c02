//! The harness: from a definition to a plan, to records in Parquet, to estimates with intervals, to figures.
//!
//! Every arrow goes one way. [`plan`] and [`summary`] are pure functions; only `execute` computes, only `store` touches
//! Parquet, only `figure` knows plotters.

pub mod atomic;
pub mod cmd;
pub mod npy;
pub mod protocol_text;
pub mod record;
pub mod suggest;
pub mod summary;
