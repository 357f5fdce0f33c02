//! The program under bad luck: signals, kills at any moment, damaged files, full disks, two sweeps in one folder. Whatever
//! happens, nothing finished is lost and the results end up with the bytes of an undisturbed sweep.

mod budgets;
mod damage;
mod disk;
mod kills;
mod signals;

use harness::record::Status;
use harness::store::RunFolder;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// About a second of cells that all end.
const SHORT: &str = r#"
question = "Does it survive?"
analysis = "It must."
[protocols]
HOP = { hop = {} }
MPF = { mpf = {} }
TRN = { trn = { epochs = 20 } }
[grid]
n = [64]
m = [5, 20, 40]
flips = [0, 6]
trials = 10
queries = 50
[[figure]]
name = "map"
kind = "heat-map"
"#;

/// One cell that ends, and one that would take weeks.
const ENDLESS: &str = r#"
question = "Does it stop?"
analysis = "It must."
[protocols]
HOP = { hop = {} }
TRN = { trn = { epochs = 4000000000 } }
[grid]
n = [64]
m = [20]
flips = [0, 6]
trials = 1
queries = 20
"#;

/// A folder with a definition `d.toml`, in which the program runs.
struct Scratch {
    _guard: Option<TempDir>,
    path: PathBuf,
}

/// A sweep that goes no longer than its test, also where that fails.
struct Running(Child);

impl Running {
    /// How it ended, and what it said.
    fn output(mut self) -> Output {
        let mut said = Vec::new();
        let mut stderr = self.stderr.take().expect("it is captured");
        stderr.read_to_end(&mut said).expect("it can be read");
        let status = self.wait().expect("it has ended");
        Output { status, stdout: Vec::new(), stderr: said }
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

impl Scratch {
    fn new(definition: &str) -> Self {
        let guard = TempDir::new().expect("the system has a temporary folder");
        let path = guard.path().to_owned();
        Self { _guard: Some(guard), ..Self::at(path, definition) }
    }

    /// In a folder that somebody else removes.
    fn at(path: PathBuf, definition: &str) -> Self {
        fs::write(path.join("d.toml"), definition).expect("the folder can be written");
        Self { _guard: None, path }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_harness"));
        command.current_dir(&self.path).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program starts")
    }

    fn sweep(&self, arguments: &[&str]) -> Output {
        self.run(&[&["sweep", "d.toml"], arguments].concat())
    }

    /// A sweep in the background; its standard error can be read when it has ended.
    fn start(&self, arguments: &[&str]) -> Running {
        let mut command = self.command(&[&["sweep", "d.toml"], arguments].concat());
        Running(command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts"))
    }

    fn results(&self) -> PathBuf {
        self.path.join("results/d")
    }

    /// The cells that are on disk, and how they ended.
    fn finished(&self) -> BTreeMap<String, Status> {
        RunFolder::new(self.results()).finished().expect("the folder can be read").cells
    }

    fn tables(&self) -> [Vec<u8>; 2] {
        let read = |table| fs::read(self.results().join(table)).expect("the sweep has ended");
        ["memories.parquet", "recalls.parquet"].map(read)
    }

    /// A sweep that was killed when some of its cells were finished and others not.
    fn cut_short() -> Self {
        loop {
            let scratch = Self::new(SHORT);
            let mut child = scratch.start(&["--quiet"]);
            wait_for("a finished cell", || !scratch.finished().is_empty());
            child.kill().expect("it can be killed");
            child.wait().expect("it has ended");
            if scratch.results().join("parts").exists() && scratch.finished().len() < 90 {
                return scratch;
            }
        }
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The tables of [`SHORT`] from an undisturbed sweep.
fn undisturbed() -> &'static [Vec<u8>; 2] {
    static TABLES: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
        let scratch = Scratch::new(SHORT);
        let output = scratch.sweep(&["--quiet"]);
        assert!(output.status.success(), "{}", stderr(&output));
        scratch.tables()
    });
    &TABLES
}

/// The same command once more: it must end well, with the bytes of an undisturbed sweep.
fn assert_completes(scratch: &Scratch) -> Output {
    let output = scratch.sweep(&[]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(scratch.tables() == *undisturbed(), "the tables differ from those of an undisturbed sweep");
    output
}

/// Waits until something holds; a minute without it is a failure.
fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(60), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Files below a folder that end like this.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.to_string_lossy().ends_with(ending)).collect();
    files.sort();
    files
}
