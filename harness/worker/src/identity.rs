//! A program is identified by what it is made of and by what it says of itself.

use crate::child::Group;
use crate::external::External;
use crate::log::lines;
use base::shell::command_line;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A `SettleError` says why it cannot be found out what a program is, or that it is another.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettleError {
    /// No program.
    #[error("`command` is empty; write for example `command = [\"python3\", \"my_rule.py\"]`")]
    NoCommand,
    /// A file that is not looked for beside the definition.
    #[error(
        "`files` names {file}, which is not relative to the definition's folder; write the path from there"
    )]
    Absolute {
        /// The file.
        file: String,
    },
    /// A file that is not there.
    #[error("cannot read {file} of `files` in {}: {reason}", folder.display())]
    File {
        /// The file.
        file: String,
        /// Where it should be.
        folder: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A file whose change would go unseen.
    #[error(
        "{file} is part of the command and not of `files`, so a change of it would go unseen; add it to `files`"
    )]
    Undeclared {
        /// The file.
        file: String,
    },
    /// The program is not the one that was meant.
    #[error(
        "its {what} {found:?}, not {meant:?} as the results or the definition say: it is another rule; sweep again, or \
         bring it back"
    )]
    Changed {
        /// What is another.
        what: &'static str,
        /// What there is.
        found: String,
        /// What was meant.
        meant: String,
    },
}

impl External {
    /// Returns the rule with all that identifies it, as it is found now in the folder of its definition.
    ///
    /// # Errors
    /// If a file cannot be read, or something is not what the rule says already.
    pub fn settled(&self, folder: &Path) -> Result<Self, SettleError> {
        if self.command.first().is_none_or(String::is_empty) {
            return Err(SettleError::NoCommand);
        }
        let content = content(self, folder)?;
        agrees("files have the hash", &self.content, &content)?;
        let version = version(self, folder, &content);
        agrees("version is", &self.version, &version)?;
        Ok(self.in_folder(folder).found(content, version))
    }

    /// Returns the command in the folder of its definition, with a token by which it answers.
    pub(crate) fn command(&self, folder: &Path, token: &str) -> Command {
        let program = Path::new(&self.command[0]);
        // A name is looked for where programs are; a path goes from the definition.
        let is_path = program.components().count() > 1 || program.starts_with(Component::CurDir);
        let program = if is_path { folder.join(program) } else { program.to_owned() };
        let mut command = Command::new(program);
        command.args(&self.command[1..]).current_dir(folder).env("HARNESS_TOKEN", token);
        for threads in ["OMP", "OPENBLAS", "MKL", "NUMEXPR"] {
            command.env(format!("{threads}_NUM_THREADS"), "1");
        }
        // What it prints arrives when it is printed, and the order of its sets is the same every time.
        command.env("VECLIB_MAXIMUM_THREADS", "1").env("PYTHONUNBUFFERED", "1").env("PYTHONHASHSEED", "0");
        command
    }

    /// Returns the command as it is typed.
    pub fn typed(&self) -> String {
        command_line(self.command.clone())
    }
}

/// Something that was stated is what was found.
fn agrees(what: &'static str, meant: &str, found: &str) -> Result<(), SettleError> {
    match meant.is_empty() || meant == found {
        true => Ok(()),
        false => Err(SettleError::Changed { what, found: found.to_owned(), meant: meant.to_owned() }),
    }
}

/// Returns BLAKE3 of names and contents of the files.
fn content(external: &External, folder: &Path) -> Result<String, SettleError> {
    let undeclared = |word: &&String| {
        let path = Path::new(word.as_str());
        path.is_relative()
            && !external.files.iter().any(|file| folder.join(file) == folder.join(path))
            && folder.join(path).is_file()
            && !word.is_empty()
    };
    if let Some(file) = external.command.iter().find(undeclared) {
        return Err(SettleError::Undeclared { file: file.clone() });
    }
    let mut hasher = blake3::Hasher::new();
    for file in &external.files {
        if Path::new(file).is_absolute() {
            return Err(SettleError::Absolute { file: file.clone() });
        }
        let path = folder.join(file);
        let bytes = match path.is_file() {
            true => std::fs::read(&path).map_err(|error| error.to_string()),
            false => Err("there is no such file".to_owned()),
        };
        let bytes = bytes.map_err(|reason| SettleError::File {
            file: file.clone(),
            folder: folder.to_owned(),
            reason,
        })?;
        for part in [file.as_bytes(), &bytes] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// Returns the first line that the program prints for `version`; nothing where it fails or takes too long. A program
/// is asked once.
fn version(external: &External, folder: &Path, content: &str) -> String {
    type Asked = (Vec<String>, PathBuf, String);
    static KNOWN: Mutex<Option<HashMap<Asked, String>>> = Mutex::new(None);
    let asked = (external.command.clone(), folder.to_owned(), content.to_owned());
    // Held while it is asked: others that want to know it wait for the one answer.
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_default();
    known.entry(asked).or_insert_with(|| ask(external, folder).unwrap_or_default()).clone()
}

fn ask(external: &External, folder: &Path) -> Option<String> {
    /// Seconds that an answer may take; a program that starts slowly does so for every worker too.
    const MOST: Duration = Duration::from_secs(60);
    /// Bytes of it that count.
    const BYTES: usize = 200;
    let jobs = tempfile::Builder::new().prefix("harness-version-").tempdir().ok()?;
    let mut command = external.command(folder, "");
    command.arg("version").stdin(Stdio::null()).stderr(Stdio::null());
    let mut group = Group::start(&mut command, jobs.path()).ok()?;
    let (_, output, _) = group.pipes();
    let reader = std::thread::spawn(move || {
        let mut first = None;
        if let Some(output) = output {
            lines(output, BYTES, |line| _ = first.get_or_insert(line));
        }
        first
    });
    let succeeded = group.wait(MOST).is_some_and(|status| status.success());
    drop(group);
    let first = reader.join().ok().flatten()?;
    succeeded.then(|| first.trim().to_owned())
}
