//! This module says what a sweep will cost before anything runs: CPU time, wall time, memory and disk.
//!
//! A cell's work is counted in operations, pure functions of its protocol and size (`work`). How long an
//! operation takes is measured on this machine by small probes: every protocol with the parameters asked for
//! writes and reads at a lattice of sizes and loads (`lattice`, `probe`), because products run faster in
//! large matrices, because optimisers take more iterations at high load, and because reads of a memory that
//! is too full settle late. Between the points of the lattice seconds an operation are interpolated; beyond
//! its largest N they stay what they are there. Probes are kept for the machine and the build (`cache`).
//!
//! Two things are not probed. Training is measured by the epoch, so that its probes are short; and a trained memory is
//! taken to be read like the one of minimum probability flow.

mod cache;
mod calibration;
mod forecast;
mod lattice;
mod model;
mod probe;
mod programs;
mod schedule;
mod space;
#[cfg(test)]
mod tests;
mod work;

pub use cache::Cache;
pub use calibration::Calibration;
pub use forecast::{Forecast, ForecastRow, State};
pub use model::{CellCost, Model};
pub use schedule::wall_seconds;
pub use space::{Space, Tables, memory};
