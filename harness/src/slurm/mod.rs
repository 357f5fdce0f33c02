//! Slurm: what a task knows of itself, the batch files, and the commands that submit and ask.

mod place;

pub use place::place;
