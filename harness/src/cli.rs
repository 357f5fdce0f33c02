//! This module runs the command line. Rules are registered, arguments parsed, the command run, its error
//! printed once.

use crate::stderr::tell;
use crate::{cmd, stdout};
use anyhow::anyhow;
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::CompleteEnv;
use protocols::RegisterError;
use protocols::protocol::Rule;
use std::process::ExitCode;
use store::provenance::{BuildSource, built_from};
use worker::External;

/// A `Cli` is the program, with the rules of this workspace and those of your own.
#[derive(Debug, Default)]
pub struct Cli {
    /// The first rule that could not be registered.
    refused: Option<RegisterError>,
}

impl Cli {
    /// Makes the program as it comes.
    pub fn new() -> Self {
        messages::read_parquet_by(store::read_messages);
        // A second program in the same process finds it there.
        let _ = protocols::register::<External>();
        Self::default()
    }

    /// Adds a rule to the catalogue, after those that are there. Every command, table, figure and definition
    /// then knows it. What keeps it out is told by [`run`](Self::run).
    #[must_use]
    pub fn register<R: Rule>(mut self) -> Self {
        let registered = protocols::register::<R>();
        self.refused = self.refused.or(registered.err());
        self
    }

    /// Does what the command line says. It returns how a program should exit.
    pub fn run(self) -> ExitCode {
        // Cells run in parallel; inside a cell every product runs on its own thread alone.
        faer::set_global_parallelism(faer::Par::Seq);
        built_from(source());
        // A shell that completes a line asks so, and nothing else is done.
        CompleteEnv::with_factory(Arguments::command).var(cmd::completions::VARIABLE).complete();
        let outcome = match self.refused {
            Some(error) => Err(error.into()),
            None if absent().is_some() => Err(anyhow!(
                "`{}` is not in this program, which was built lean, without the feature `report`; use one that \
                 was built with it, on the same results",
                absent().unwrap_or_default()
            )),
            None => match Arguments::try_parse() {
                Ok(arguments) => arguments.command.run(),
                Err(help) if !help.use_stderr() => {
                    stdout::print_styled(&help.render().ansi().to_string()).map(|()| ExitCode::SUCCESS)
                }
                Err(wrong) => wrong.exit(),
            },
        };
        outcome.unwrap_or_else(|error| {
            tell(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        })
    }
}

/// What this program was built from, as `build.rs` recorded it; an empty word is absent.
fn source() -> BuildSource {
    let word = |word: &str| (!word.is_empty()).then(|| word.to_owned());
    BuildSource {
        commit: word(env!("HARNESS_COMMIT")),
        dirty: env!("HARNESS_DIRTY").parse().ok(),
        diff_hash: word(env!("HARNESS_DIFF_HASH")),
        lock_hash: word(env!("HARNESS_LOCK_HASH")),
    }
}

/// What `--version` says: version, commit and features.
#[cfg(feature = "report")]
const VERSION: &str =
    concat!(env!("CARGO_PKG_VERSION"), " (", env!("HARNESS_VERSION"), "; features: report)");
#[cfg(not(feature = "report"))]
const VERSION: &str =
    concat!(env!("CARGO_PKG_VERSION"), " (", env!("HARNESS_VERSION"), "; features: none, lean)");

/// The command that is asked for, where only a program with the feature `report` has it.
fn absent() -> Option<&'static str> {
    const ABSENT: [&str; 5] = ["figures", "claims", "report", "bundle", "cost"];
    if cfg!(feature = "report") {
        return None;
    }
    let asked = std::env::args_os().nth(1)?;
    ABSENT.into_iter().find(|command| asked == *command)
}

/// How should a Hopfield memory be written? Seeded sweeps over writing protocols, as Parquet, tables and figures.
#[derive(Parser)]
#[command(
    name = "harness",
    version = VERSION,
    arg_required_else_help = true,
    after_help = "\
The results NAME are looked for below the folder of results (--results), as a path, in reference/ below that
folder, in results/ and results/reference/, and at last in ../share/hopfield-harness/results beside the program; the
first that is there is taken."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a definition and write its results
    Sweep(cmd::sweep::Args),
    /// Hold the rules and readers of a definition, programs above all, against what is asked of them
    Check(cmd::check::Args),
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
    #[cfg(feature = "report")]
    Figures(cmd::figures::Args),
    /// Print results as a table, CSV or JSON
    Show(cmd::show::Args),
    /// Compute stored cells again and compare
    Verify(cmd::verify::Args),
    /// Compute one stored cell again and show both records
    Replay(cmd::replay::Args),
    /// Judge the paper's claims by the results
    #[cfg(feature = "report")]
    Claims(cmd::claims::Args),
    /// Say what each part of a rule or a reader does, over several runs
    Effects(cmd::effects::Args),
    /// Put rules in order under each reader, every one at its best
    Rank(cmd::rank::Args),
    /// Put verdicts, figures and numbers on one HTML page
    #[cfg(feature = "report")]
    Report(cmd::report::Args),
    /// Pack runs with all that is said of them into one file, or check such a file
    #[cfg(feature = "report")]
    Bundle(cmd::bundle::Args),
    /// Compare two result sets; exit code 1 if the second is worse
    Compare(cmd::compare::Args),
    /// Tabulate and draw what the criterion benchmarks measured
    #[cfg(feature = "report")]
    Cost(cmd::cost::Args),
    /// List the protocols with parameters, defaults and sources
    Protocols(cmd::protocols::Args),
    /// List the readers with parameters, defaults and sources
    Readers(cmd::readers::Args),
    /// List the kinds of messages with parameters and sources
    Messages(cmd::messages::Args),
    /// List definitions and runs, and how they stand
    List(cmd::list::Args),
    /// Make a folder to begin with: a definition to change
    Init(cmd::init::Args),
    /// Say what this machine has, and what would spoil a sweep or its times
    Doctor(cmd::doctor::Args),
    /// Print completions for a shell
    Completions(cmd::completions::Args),
    /// Write pages of the manual
    Man(cmd::man::Args),
    /// Write messages of your own (npy) into a memory
    Write(cmd::write::Args),
    /// Read a memory of your own (npy) from queries
    Recall(cmd::recall::Args),
}

impl Command {
    fn run(&self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Sweep(args) => cmd::sweep::run(args),
            Self::List(args) => cmd::list::run(args),
            Self::Init(args) => cmd::init::run(args),
            Self::Doctor(args) => cmd::doctor::run(args),
            Self::Completions(args) => cmd::completions::run(args),
            Self::Man(args) => cmd::man::run(args, Arguments::command()),
            Self::Check(args) => cmd::check::run(args),
            Self::Plan(args) => cmd::plan::run(args),
            Self::Submit(args) => cmd::submit::run(args),
            Self::Status(args) => cmd::status::run(args),
            Self::Resume(args) => cmd::resume::run(args),
            Self::Merge(args) => cmd::merge::run(args),
            #[cfg(feature = "report")]
            Self::Figures(args) => cmd::figures::run(args),
            Self::Show(args) => cmd::show::run(args),
            Self::Verify(args) => cmd::verify::run(args),
            Self::Replay(args) => cmd::replay::run(args),
            #[cfg(feature = "report")]
            Self::Claims(args) => cmd::claims::run(args),
            Self::Effects(args) => cmd::effects::run(args),
            Self::Rank(args) => cmd::rank::run(args),
            #[cfg(feature = "report")]
            Self::Report(args) => cmd::report::run(args),
            #[cfg(feature = "report")]
            Self::Bundle(args) => cmd::bundle::run(args),
            Self::Compare(args) => cmd::compare::run(args),
            #[cfg(feature = "report")]
            Self::Cost(args) => cmd::cost::run(args),
            Self::Protocols(args) => cmd::protocols::run(args),
            Self::Readers(args) => cmd::readers::run(args),
            Self::Messages(args) => cmd::messages::run(args),
            Self::Write(args) => cmd::write::run(args),
            Self::Recall(args) => cmd::recall::run(args),
        }
    }
}
