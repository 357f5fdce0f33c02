//! What every floor stands on: files written whole, signals, panics, shell words, commands to be run next, text in
//! spreadsheets, spelling, colours and counted allocations.

pub mod allocation;
pub mod atomic;
pub mod next;
pub mod paint;
pub mod panics;
pub mod shell;
pub mod signals;
pub mod spreadsheet;
pub mod suggest;
