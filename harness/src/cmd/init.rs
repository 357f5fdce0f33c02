//! The command `init` makes a folder to begin with: a definition to change, a page that says how, and what git is to
//! leave alone.

use crate::stdout::print;
use anyhow::{Context, Result, ensure};
use base::next::Next;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use study::run_name::RunName;

/// Arguments of `init`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  harness init mine                  makes mine/mine.toml, mine/README.md and mine/.gitignore
  cd mine && harness sweep mine.toml")]
pub(crate) struct Args {
    /// The folder, and the definition in it.
    pub name: PathBuf,
}

/// A definition that runs in seconds, with every key that is mostly changed.
const DEFINITION: &str = include_str!("init.toml");

/// Makes the folder.
///
/// # Errors
/// If the name could not name a run, if the folder is there and not empty, or if it cannot be written.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let folder = &args.name;
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    RunName::new(&name).with_context(|| format!("a definition cannot be called {name:?}"))?;
    let is_free = fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
    ensure!(
        is_free && !folder.is_file(),
        "{} is there and not empty; give another name, so that nothing of yours is changed",
        folder.display()
    );
    let write = |file: &str, text: &str| {
        let path = folder.join(file);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    write(&format!("{name}.toml"), DEFINITION)?;
    write(".gitignore", "/results/\n/paper-figs/\n")?;
    let sweep = Next::harness("sweep").name(format!("{name}.toml"));
    let figures = Next::harness("figures").name(&name);
    let plan = Next::harness("plan").name(format!("{name}.toml"));
    let readme = format!(
        "# {name}\n\n`{name}.toml` says what is asked, which rules are compared, on which messages, and how they are \
         read.\n`{sweep}` runs it and goes on where it was stopped; `{figures}` draws its figures.\n\
         `{plan}` says before what it takes, and `harness list` what is there.\n"
    );
    write("README.md", &readme)?;
    print(&format!("{} is made. Next: cd {0} && {sweep}\n", folder.display()))?;
    Ok(ExitCode::SUCCESS)
}
