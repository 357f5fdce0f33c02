//! The harness: from a definition to a plan, to records in Parquet, to estimates with intervals, to figures.
//!
//! Every arrow goes one way. [`plan`] and [`summary`] are pure functions; only [`execute`] computes (and the probes of [`cost`]), only [`store`] touches
//! Parquet, only [`figure`] knows plotters; [`cmd`] puts them together and nothing imports it.

pub mod agreement;
pub mod allocation;
pub mod atomic;
pub mod basins;
pub mod benchmarks;
pub mod budget;
pub mod claim;
pub mod cmd;
pub mod command_line;
pub mod comparison;
pub mod cost;
pub mod definition;
pub mod drawing;
pub mod execute;
pub mod failures;
pub mod figure;
#[cfg(test)]
mod fuzz;
pub mod limits;
pub mod margins;
mod needs;
pub mod npy;
pub mod paint;
pub mod panics;
pub mod plan;
pub mod plan_order;
pub mod progress;
pub mod protocol_text;
pub mod provenance;
pub mod purpose;
pub mod record;
pub mod replan;
pub mod report;
pub mod reporter;
pub mod runs;
pub mod schema;
pub mod sequential;
pub mod shards;
pub mod shell;
pub mod signals;
pub mod slurm;
pub mod spark;
pub mod stats;
pub mod store;
pub mod suggest;
pub mod summary;
pub mod sweep;
pub mod table;
pub mod theory;
pub mod theory_marks;
pub mod verdict;
