//! The command `check` holds the rules and readers of a definition against what is asked of them.

use crate::check::{Mark, all};
use crate::outcome::Outcome;
use crate::stdout::print;
use anyhow::Result;
use std::process::ExitCode;
use study::budget::Seconds;
use study::definition::Definition;

/// Hold the rules and readers of a definition against what is asked of them. Programs that it names are run.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness check my.toml         every rule and reader that it names
  harness check my.toml Mine    one of them, by its label or name

A tick is well, ~ may be meant so, a cross says that numbers could not be trusted, and what to do.
Exit code 1 where there is a cross.")]
pub(crate) struct Args {
    /// A shipped definition's name, or a path to one of your own.
    pub definition: String,
    /// Only the protocol of this label, or the reader of this name.
    pub name: Option<String>,
    /// Wall time that a program may take for a job, besides a minute to start.
    #[arg(long, default_value = "10")]
    pub seconds: Seconds,
}

/// Prints what was found.
///
/// # Errors
/// If the definition is wrong, a program cannot be had, or nothing has that name.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let definition = Definition::load(&args.definition)?;
    let checked = all(&definition, args.name.as_deref(), args.seconds.duration())?;
    let count = |mark| checked.iter().map(|checked| checked.count(mark)).sum::<usize>();
    let texts: Vec<String> = checked.iter().map(|checked| checked.text()).collect();
    let [well, perhaps, wrong] = [Mark::Well, Mark::Perhaps, Mark::Wrong].map(count);
    print(&format!("{}\n{well} well, {perhaps} that may be meant so, {wrong} wrong\n", texts.join("\n")))?;
    Ok(Outcome::of(well + wrong, wrong == 0).into())
}
