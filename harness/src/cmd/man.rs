//! The command `man` writes pages of the manual, one a command.

use crate::stdout::print;
use anyhow::{Context, Result};
use clap::Command;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `man`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness man ~/.local/share/man/man1     then: man harness, man harness-sweep")]
pub(crate) struct Args {
    /// Folder that takes the pages; made where it is not there.
    pub folder: PathBuf,
}

/// Writes the pages of `program` and of its commands.
///
/// # Errors
/// If the folder cannot be written.
pub(crate) fn run(args: &Args, program: Command) -> Result<ExitCode> {
    let folder = &args.folder;
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    clap_mangen::generate_to(program, folder)
        .with_context(|| format!("cannot write pages in {}", folder.display()))?;
    let pages = fs::read_dir(folder)?
        .flatten()
        .filter(|page| page.file_name().to_string_lossy().ends_with(".1"))
        .count();
    print(&format!("{pages} pages in {}\n", folder.display()))?;
    Ok(ExitCode::SUCCESS)
}
