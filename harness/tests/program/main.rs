//! The program as a whole, most of it through its command line.
//!
//! It is one binary, since each is linked with all that the harness stands on. Tests run side by side in one process,
//! so none changes what the process has once: environment, working directory, signals, limits. What needs others is
//! started as a process of its own, in a [`scratch::Scratch`].

mod scratch;

mod architecture;
mod begin;
mod bundle;
mod check;
mod compare;
mod exponents;
#[cfg(unix)]
mod external;
mod external_readers;
mod figures;
mod files;
mod limits;
mod lines;
mod many;
mod names;
#[cfg(unix)]
mod next;
mod old_runs;
mod order;
mod own_queries;
mod plan;
mod robust;
mod sequential;
mod shards;
mod show;
#[cfg(unix)]
mod slurm;
mod states;
mod stdout;
mod sweep;
mod tables;
mod verify;
