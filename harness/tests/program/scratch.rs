//! A folder in which the program runs: what it is told, what it says, and what it leaves.

use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{Read, Write};
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use store::RunFolder;
use study::record::{CellRecords, Status};
use study::records::Records;
use tempfile::TempDir;

/// A definition of a few small cells and one figure, for tests of what is around them.
pub(crate) const ONE_FIGURE: &str = r#"
question = "Does it work?"
analysis = "What it says."
[protocols]
HOP = { hop = {} }
[grid]
n = [16]
m = [2, 6]
flips = [0, 2]
trials = 3
queries = 5
[[figure]]
name = "recovery"
kind = "load"
measure = "recovered"
"#;

/// A claim on [`ONE_FIGURE`].
pub(crate) const CLAIM: &str = r#"
[[claim]]
id = "C3"
statement = "HOP recovers."
source = "A test."
analysis = "None."
figure = "recovery"
[[claim.test]]
[claim.test.property]
name = "recovered"
subject = "HOP"
measure = "recovered"
above = 0.5
"#;

/// The program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_harness");

/// A folder with a definition `d.toml` and a cache of its own, in which programs run.
pub(crate) struct Scratch {
    path: PathBuf,
    /// Variables of the environment that programs here have besides.
    environment: Vec<(&'static str, OsString)>,
    _guard: Option<TempDir>,
}

impl Scratch {
    /// Writes what criterion leaves of a benchmark of HOP at three sizes, in the folder `criterion`.
    pub(crate) fn benchmarks(&self) {
        for (n, nanoseconds) in [(256, 10), (512, 40), (1024, 160)] {
            let folder = self.path(&format!("criterion/write/hop/{n}/new"));
            fs::create_dir_all(&folder).unwrap();
            let names = format!(r#"{{"group_id":"write m=64","function_id":"hop","value_str":"{n}"}}"#);
            fs::write(folder.join("benchmark.json"), names).unwrap();
            let sample =
                format!(r#"{{"iters":[1,1,1],"times":[{nanoseconds},{nanoseconds},{nanoseconds}]}}"#);
            fs::write(folder.join("sample.json"), sample).unwrap();
        }
    }

    pub(crate) fn new(definition: &str) -> Self {
        let guard = TempDir::new().unwrap();
        let scratch = Self::at(guard.path(), definition);
        Self { _guard: Some(guard), ..scratch }
    }

    /// In a folder that somebody else removes.
    pub(crate) fn at(path: &Path, definition: &str) -> Self {
        let environment = vec![("XDG_CACHE_HOME", path.join("cache").into_os_string())];
        let scratch = Self { path: path.to_owned(), environment, _guard: None };
        scratch.write("d.toml", definition);
        scratch
    }

    /// Where the definition has been swept already.
    pub(crate) fn swept(definition: &str) -> Self {
        let scratch = Self::new(definition);
        scratch.succeed(&["sweep", "d.toml", "--quiet"]);
        scratch
    }

    /// With a further variable for the programs that run here.
    pub(crate) fn with(mut self, variable: &'static str, value: impl Into<OsString>) -> Self {
        self.environment.push((variable, value.into()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.path
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Another program, here.
    pub(crate) fn other(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir(&self.path).envs(self.environment.iter().cloned());
        command
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.other(PROGRAM);
        command.args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        Said::by(&mut self.command(arguments))
    }

    /// Runs the program with this for its standard output.
    pub(crate) fn run_into(&self, stdout: impl Into<Stdio>, arguments: &[&str]) -> Said {
        let mut command = self.command(arguments);
        command.stdin(Stdio::null()).stdout(stdout).stderr(Stdio::piped());
        Running::new(&mut command).said()
    }

    /// Runs the program, which must end well.
    pub(crate) fn succeed(&self, arguments: &[&str]) -> Said {
        self.run(arguments).well()
    }

    pub(crate) fn sweep(&self, arguments: &[&str]) -> Said {
        self.run(&[&["sweep", "d.toml"], arguments].concat())
    }

    /// The program in the background; its standard error can be read when it has ended.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        Running::new(self.command(arguments).stdout(Stdio::null()).stderr(Stdio::piped()))
    }

    /// The folder of the results of `d.toml`.
    pub(crate) fn results(&self) -> PathBuf {
        self.path("results/d")
    }

    /// The cells that are on disk, and how they ended.
    pub(crate) fn finished(&self) -> BTreeMap<String, Status> {
        RunFolder::new(self.results()).finished().unwrap().cells
    }

    pub(crate) fn tables(&self) -> [Vec<u8>; 2] {
        tables(&self.results())
    }

    pub(crate) fn manifest(&self) -> Value {
        manifest(&self.results())
    }
}

/// How the program ended, and what it said.
#[derive(Debug)]
pub(crate) struct Said {
    /// The exit code; none where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// Runs a command to its end.
    pub(crate) fn by(command: &mut Command) -> Self {
        command.output().unwrap().into()
    }

    /// Asserts that it ended well.
    #[track_caller]
    pub(crate) fn well(self) -> Self {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self
    }

    /// Asserts that it ended with this code and said these words on standard error.
    #[track_caller]
    pub(crate) fn refused(&self, code: i32, said: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        for words in said {
            assert!(self.stderr.contains(words), "{words}: {}", self.stderr);
        }
    }

    /// Asserts that it said these words on standard error.
    #[track_caller]
    pub(crate) fn tells(&self, said: &[&str]) {
        self.refused(0, said);
    }

    /// Standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
}

/// A process that runs no longer than its test, also where that fails.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn new(command: &mut Command) -> Self {
        Self(command.spawn().unwrap())
    }

    /// Waits for its end: how it ended, and what it said on standard error.
    pub(crate) fn said(mut self) -> Said {
        let mut stderr = Vec::new();
        self.stderr.take().unwrap().read_to_end(&mut stderr).unwrap();
        let status = self.wait().unwrap();
        Output { status, stdout: Vec::new(), stderr }.into()
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.try_wait().unwrap().is_some()
    }

    /// Kills it, and waits until it is dead.
    pub(crate) fn end(&mut self) {
        self.kill().unwrap();
        self.wait().unwrap();
    }

    /// Sends it a signal, for example `-TERM`.
    #[cfg(unix)]
    pub(crate) fn send(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.id().to_string()]).status().unwrap().success());
    }
}

impl Deref for Running {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Running {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only where it has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until something holds; a minute without it is a failure.
#[track_caller]
pub(crate) fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(60), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The deterministic tables of a run's folder.
pub(crate) fn tables(run: &Path) -> [Vec<u8>; 2] {
    ["memories.parquet", "recalls.parquet"].map(|table| fs::read(run.join(table)).unwrap())
}

/// The manifest of a run's folder.
pub(crate) fn manifest(run: &Path) -> Value {
    serde_json::from_slice(&fs::read(run.join("manifest.json")).unwrap()).unwrap()
}

/// Changes the manifest of a run's folder, and takes its seal away: an older one has none of its own.
pub(crate) fn edit_manifest(run: &Path, edit: impl Fn(&mut Value)) {
    let mut manifest = manifest(run);
    edit(&mut manifest);
    manifest.as_object_mut().unwrap().remove("blake3");
    fs::write(run.join("manifest.json"), manifest.to_string()).unwrap();
}

/// What a folder holds, cell by cell.
pub(crate) fn by_cell(stored: Records) -> Vec<CellRecords> {
    let Records { memories, recalls, timings, .. } = stored;
    let cell = |(memory, timing)| {
        let mut cell = CellRecords { memory, recalls: Vec::new(), timing };
        let mine = recalls.iter().filter(|recall| recall.at.cell == cell.memory.at.cell);
        cell.recalls.extend(mine.cloned());
        cell
    };
    memories.into_iter().zip(timings).map(cell).collect()
}

/// Files of a folder whose names end like this, in their order.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files = entries(folder);
    files.retain(|path| path.to_string_lossy().ends_with(ending));
    files
}

/// All that a folder holds, in its order; nothing where it is not there.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    entries.sort();
    entries
}

/// Flips a bit in the middle of a file.
pub(crate) fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// Writes a program. Another process does it: a file that is open for writing cannot be run, and a test that starts a
/// process at the same moment would hand it this one's open files for a while.
#[cfg(unix)]
pub(crate) fn executable(path: &Path, program: &[u8]) {
    let mut command = Command::new("sh");
    command.args(["-c", r#"cat > "$0" && chmod 755 "$0""#]).arg(path).stdin(Stdio::piped());
    let mut writer = command.spawn().unwrap();
    writer.stdin.take().unwrap().write_all(program).unwrap();
    assert!(writer.wait().unwrap().success());
}
