//! This crate holds what every floor stands on. It has files written whole, signals, panics, shell words,
//! spelling, colours and counted allocations.

pub mod allocation;
pub mod atomic;
pub mod paint;
pub mod panics;
pub mod shell;
pub mod signals;
pub mod suggest;
