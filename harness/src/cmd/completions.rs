//! The command `completions` prints what a shell needs to complete commands, options and names.

use crate::stdout::print;
use anyhow::{Result, anyhow};
use clap_complete::env::Shells;
use std::process::ExitCode;

/// Arguments of `completions`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness completions bash > ~/.local/share/bash-completion/completions/harness
  harness completions zsh > ~/.zfunc/_harness          with ~/.zfunc in fpath
  harness completions fish > ~/.config/fish/completions/harness.fish

The program itself is asked while you type, so names of definitions, studies and runs are completed too.")]
pub(crate) struct Args {
    /// The shell.
    pub shell: Shell,
}

/// A shell whose completions are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Shell {
    /// GNU Bash.
    Bash,
    /// Zsh.
    Zsh,
    /// Fish.
    Fish,
    /// Elvish.
    Elvish,
    /// PowerShell.
    Powershell,
}

impl Shell {
    fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::Elvish => "elvish",
            Self::Powershell => "powershell",
        }
    }
}

/// The variable by which a shell asks the program for completions.
pub(crate) const VARIABLE: &str = "COMPLETE";

/// Prints the script.
///
/// # Errors
/// If standard output cannot be written.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let shells = Shells::builtins();
    let name = args.shell.name();
    let completer = shells.completer(name).ok_or_else(|| anyhow!("no completions are known for {name}"))?;
    let mut script = Vec::new();
    completer.write_registration(VARIABLE, "harness", "harness", "harness", &mut script)?;
    print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
