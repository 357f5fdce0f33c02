//! A sweep runs in shards where more machines than one share it.
//!
//! The plan is frozen once, with the cost of every cell and the shard that computes it, in `plan.json`. From
//! then on any number of processes compute shards without a word between them: each reads the frozen plan,
//! never a clock of its own, and writes into a folder that it alone has ([`store::Attempt`]). A shard may run
//! twice, at once or again; its cells have the same numbers. When all cells are there they are merged into
//! the tables that one machine would have written.

mod assign;
mod frozen;
mod program;
mod simulation;

pub use assign::{Job, Load};
pub use frozen::PLAN_KEYS;
pub use frozen::{Frozen, FrozenCondition, FrozenError, ShardShare, Work, divisible};
pub use program::program;
pub use simulation::{Course, Fleet, Spread, course};
