//! Standard output that is closed, as by `| head -1`, and one that is full: every command, whatever it prints.

use crate::scratch::{Scratch, files};
use std::fs::{self, File};
use std::io::PipeWriter;

const DEFINITION: &str = r#"
question = "Who listens?"
analysis = "Nobody."
[protocols]
HOP = { hop = {} }
PSE = { pse = {} }
[grid]
n = [16]
m = [2, 6]
flips = [0, 2]
trials = 3
queries = 5
[[figure]]
name = "first"
kind = "load"
measure = "recovered"
[[figure]]
name = "second"
kind = "load"
measure = "fixed-points"
"#;

/// A study of what the run `d` says.
const EFFECTS: &str = r#"
question = "Is PSE ahead?"
analysis = "One run."
measure = "recovered"
region = {}
[[size]]
n = 16
runs = ["d"]
rules = { "HOP" = { sync = ["HOP", "sync"] }, "PSE" = { sync = ["PSE", "sync"] } }
[[effect]]
name = "rule"
question = "PSE less HOP."
with = ["PSE"]
without = ["HOP"]
"#;

/// Command lines that print. `submit` and `resume` print besides what a scheduler says, which its tests have.
const PRINTING: [&str; 38] = [
    "--help",
    "--version",
    "help sweep",
    "plan d.toml",
    "plan d.toml --json",
    "plan d.toml --simulate 2",
    "plan d.toml --shards 2",
    "sweep d.toml",
    "sweep d.toml --rerun all",
    "submit d.toml --trials 4 --dry-run",
    "status d",
    "merge d",
    "figures d",
    "show d",
    "show d --csv",
    "show d --json",
    "verify d --sample 2",
    "replay d --cell CELL",
    "claims",
    "effects effects.toml",
    "effects effects.toml --json",
    "rank effects.toml",
    "rank effects.toml --json",
    "check d.toml",
    "report d",
    "bundle d --out d.tar.zst",
    "compare d d",
    "cost --criterion criterion",
    "list",
    "list --json",
    "init fresh",
    "doctor",
    "doctor --json",
    "completions bash",
    "man pages",
    "protocols",
    "readers",
    "messages",
];
/// Those that print nothing, and why they are not above.
const SILENT: [&str; 4] = ["write", "recall", "resume", "help"];

/// A folder with what every command needs, and the command lines.
fn scratch() -> (Scratch, Vec<String>) {
    let scratch = Scratch::swept(DEFINITION);
    scratch.benchmarks();
    fs::write(scratch.path("effects.toml"), EFFECTS).unwrap();
    scratch.succeed(&["plan", "d.toml", "--shards", "2"]);
    let cell = scratch.finished().into_keys().next().unwrap();
    let lines = PRINTING.map(|line| line.replace("CELL", &cell));
    (scratch, lines.to_vec())
}

/// A pipe that nobody reads.
fn closed() -> PipeWriter {
    std::io::pipe().unwrap().1
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let (scratch, lines) = scratch();
    for line in lines {
        let said = scratch.run_into(closed(), &line.split(' ').collect::<Vec<_>>());
        assert_eq!(said.code, Some(0), "{line}: {}", said.stderr);
        assert!(
            !said.stderr.contains("error") && !said.stderr.contains("panicked"),
            "{line}: {}",
            said.stderr
        );
    }
    assert_eq!(files(&scratch.path("paper-figs/d"), ".svg").len(), 2, "all figures are drawn");
    assert_eq!(files(&scratch.path("paper-figs/cost"), ".svg").len(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_standard_output_that_is_full_is_an_error_that_loses_no_work() {
    let (scratch, lines) = scratch();
    for line in lines {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let said = scratch.run_into(full, &line.split(' ').collect::<Vec<_>>());
        assert_eq!(said.code, Some(1), "{line}: {}", said.stderr);
        let text = "cannot write to standard output; give it a file or a pipe with room: No space left";
        assert!(said.stderr.contains(text), "{line}: {}", said.stderr);
    }
    assert_eq!(files(&scratch.path("paper-figs/d"), ".svg").len(), 2, "all figures are drawn");
    assert_eq!(files(&scratch.path("paper-figs/cost"), ".svg").len(), 1);
}

#[test]
fn every_command_is_tried() {
    let scratch = Scratch::new(DEFINITION);
    let help = scratch.succeed(&["--help"]).stdout;
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    for line in commands.lines().take_while(|line| !line.is_empty()) {
        let Some(name) = line.strip_prefix("  ").and_then(|line| line.split(' ').next()) else { continue };
        let is_tried = PRINTING.iter().any(|line| line.split(' ').next() == Some(name));
        assert!(name.is_empty() || is_tried || SILENT.contains(&name), "{name}");
    }
}
