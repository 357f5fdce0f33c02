//! The command line of the harness: parse, dispatch, print errors.
//!
//! It is part of the library so that a program of your own has it too, with rules of its own: `examples/own_rule.rs`.

use crate::cmd;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// How should a Hopfield memory be written? Seeded sweeps over writing protocols, as Parquet, tables and figures.
#[derive(Parser)]
#[command(name = "harness", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a definition and write its results
    Sweep(cmd::sweep::Args),
    /// Say what a sweep would run and cost, and what is finished of it
    Plan(cmd::plan::Args),
    /// Submit a sweep to a cluster's scheduler
    Submit(cmd::submit::Args),
    /// Say how a sweep in shards stands
    Status(cmd::status::Args),
    /// Submit again what a submitted sweep lacks
    Resume(cmd::resume::Args),
    /// Make the tables of a sweep in shards
    Merge(cmd::merge::Args),
    /// Draw the figures of results
    Figures(cmd::figures::Args),
    /// Print results as a table, CSV or JSON
    Show(cmd::show::Args),
    /// Compute stored cells again and compare
    Verify(cmd::verify::Args),
    /// Compute one stored cell again and show both records
    Replay(cmd::replay::Args),
    /// Judge the paper's claims by the results
    Claims(cmd::claims::Args),
    /// Put verdicts, figures and numbers on one HTML page
    Report(cmd::report::Args),
    /// Compare two result sets; exit code 1 if the second is worse
    Compare(cmd::compare::Args),
    /// Tabulate and draw what the criterion benchmarks measured
    Cost(cmd::cost::Args),
    /// List the protocols with parameters, defaults and sources
    Protocols(cmd::protocols::Args),
    /// Write messages of your own (npy) into a memory
    Write(cmd::write::Args),
    /// Read a memory of your own (npy) from queries
    Recall(cmd::recall::Args),
}

/// Does what the command line says; how a program should exit.
pub fn main() -> ExitCode {
    // Cells run in parallel; inside a cell every product runs on its own thread alone.
    faer::set_global_parallelism(faer::Par::Seq);
    let outcome = match Cli::parse().command {
        Command::Sweep(args) => cmd::sweep::run(&args),
        Command::Plan(args) => cmd::plan::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Submit(args) => cmd::submit::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Status(args) => cmd::status::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Resume(args) => cmd::resume::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Merge(args) => cmd::merge::run(&args),
        Command::Figures(args) => cmd::figures::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Show(args) => cmd::show::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Verify(args) => cmd::verify::run(&args),
        Command::Replay(args) => cmd::replay::run(&args),
        Command::Claims(args) => cmd::claims::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Report(args) => cmd::report::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Compare(args) => cmd::compare::run(&args),
        Command::Cost(args) => cmd::cost::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Protocols(args) => cmd::protocols::run(args).map(|()| ExitCode::SUCCESS),
        Command::Write(args) => cmd::write::run(args).map(|()| ExitCode::SUCCESS),
        Command::Recall(args) => cmd::recall::run(args).map(|()| ExitCode::SUCCESS),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
