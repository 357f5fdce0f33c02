//! A sweep in shards through its command line: whatever happens to the processes, the merged tables have the bytes of a sweep on
//! one machine.

mod merge;
mod refusals;
mod signals;

use harness::store::attempts;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const DEFINITION: &str = r#"
question = "Is a sweep the sum of its shards?"
analysis = "To the byte."
[protocols]
HOP = { hop = {} }
PSE = { pse = {} }
TRN = { trn = { epochs = 5, queries = 3 } }
[grid]
sources = ["random", "glyphs"]
n = [64]
m = [5, 20]
flips = [0, 6]
trials = 4
queries = 20
"#;

/// A folder with a definition `d.toml`, in which the program runs.
struct Scratch(TempDir);

impl Scratch {
    fn new(definition: &str) -> Self {
        let scratch = Self(TempDir::new().unwrap());
        fs::write(scratch.path("d.toml"), definition).unwrap();
        scratch
    }

    /// With the plan frozen in so many shards.
    fn frozen(definition: &str, shards: u32) -> Self {
        let scratch = Self::new(definition);
        let output = scratch.run(&["plan", "d.toml", "--shards", &shards.to_string()]);
        assert!(output.status.success(), "{}", stderr(&output));
        scratch
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_harness"));
        command.current_dir(self.0.path()).env("XDG_CACHE_HOME", self.path("cache")).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn shard(&self, shard: &str) -> Output {
        self.run(&["sweep", "d.toml", "--shard", shard])
    }

    fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn results(&self) -> PathBuf {
        self.path("results/d")
    }

    /// The deterministic tables.
    fn tables(&self) -> [Vec<u8>; 2] {
        ["memories.parquet", "recalls.parquet"].map(|table| fs::read(self.results().join(table)).unwrap())
    }

    /// Folders of all attempts at a shard.
    fn attempts(&self, shard: u32) -> Vec<PathBuf> {
        let folder = self.results().join(format!("shards/{shard:05}"));
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        folders.sort();
        folders
    }

    /// Merges, which must end well with the bytes of one machine.
    fn assert_merges(&self) -> Output {
        let output = self.run(&["merge", "d"]);
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(self.tables() == *one_machine(), "the tables differ from those of one machine");
        assert!(!self.results().join("shards").exists(), "what is merged is gone");
        output
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The tables of [`DEFINITION`] from a sweep on one machine.
fn one_machine() -> &'static [Vec<u8>; 2] {
    static TABLES: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
        let scratch = Scratch::new(DEFINITION);
        let output = scratch.run(&["sweep", "d.toml", "--quiet"]);
        assert!(output.status.success(), "{}", stderr(&output));
        scratch.tables()
    });
    &TABLES
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

#[test]
fn shards_in_any_order_and_all_at_once_give_the_bytes_of_one_machine() {
    let scratch = Scratch::frozen(DEFINITION, 5);
    let children: Vec<Child> = [4, 2, 5, 1, 3, 2, 2]
        .iter()
        .map(|shard| scratch.start(&["sweep", "d.toml", "--shard", &format!("{shard}/5"), "--threads", "2"]))
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
    }
    let states = attempts(&scratch.results()).unwrap();
    assert!(
        states.iter().all(|state| state.ending.as_deref() == Some("complete") && state.done == state.cells)
    );
    scratch.assert_merges();
    // Once more changes nothing.
    let timings = fs::read(scratch.results().join("timings.parquet")).unwrap();
    scratch.assert_merges();
    assert_eq!(fs::read(scratch.results().join("timings.parquet")).unwrap(), timings);
}

#[test]
fn a_shard_skips_what_is_complete() {
    let scratch = Scratch::frozen(DEFINITION, 3);
    assert!(scratch.shard("2/3").status.success());
    assert_eq!(scratch.attempts(2).len(), 1);
    let output = scratch.shard("2/3");
    assert!(
        output.status.success() && stderr(&output).contains("shard 2/3 is complete"),
        "{}",
        stderr(&output)
    );
    assert_eq!(scratch.attempts(2).len(), 1, "there was nothing to attempt");
    for shard in ["1/3", "3/3"] {
        assert!(scratch.shard(shard).status.success());
    }
    scratch.assert_merges();
    assert!(
        stderr(&scratch.shard("1/3")).contains("is complete"),
        "what the tables hold is not computed again"
    );
    assert!(scratch.attempts(1).is_empty());
}

#[test]
fn one_machine_goes_on_where_shards_have_been_and_shards_where_it_was() {
    let scratch = Scratch::frozen(DEFINITION, 4);
    assert!(scratch.shard("1/4").status.success());
    let output = scratch.run(&["sweep", "d.toml"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("of 48 cells are finished already"), "{}", stderr(&output));
    assert!(scratch.tables() == *one_machine());
    assert!(!scratch.results().join("shards").exists());

    let scratch = Scratch::new(DEFINITION);
    assert!(scratch.run(&["sweep", "d.toml", "--trials", "1", "--quiet"]).status.success());
    let output = scratch.run(&["plan", "d.toml", "--shards", "2"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("36 cells to compute"), "{text}");
    for shard in ["1/2", "2/2"] {
        assert!(scratch.shard(shard).status.success());
    }
    scratch.assert_merges();
}

#[test]
fn fewer_trials_are_frozen_with_the_plan() {
    let scratch = Scratch::new(DEFINITION);
    assert!(scratch.run(&["plan", "d.toml", "--shards", "1", "--trials", "2"]).status.success());
    assert!(scratch.shard("1/1").status.success());
    assert!(scratch.run(&["merge", "d"]).status.success());
    let one = Scratch::new(DEFINITION);
    assert!(one.run(&["sweep", "d.toml", "--trials", "2", "--quiet"]).status.success());
    assert!(scratch.tables() == one.tables());
}
