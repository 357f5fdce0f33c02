//! This crate runs a plan: cells, limits, sweeps, forecasts of cost, shards and batch jobs.

pub mod basins;
mod batch;
pub mod block;
pub mod cost;
pub mod execute;
pub mod limits;
pub mod margins;
mod memory;
pub mod needs;
pub mod progress;
pub mod rewrite;
pub mod shards;
pub mod slurm;
pub mod sweep;
pub mod waiting;
mod written;
