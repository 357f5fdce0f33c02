//! Tables as they are printed, at 60, 80 and 120 columns: none is wider than the terminal, and their form is kept in
//! snapshots. `INSTA_UPDATE=always cargo test -p harness --test program tables::` writes them; read the difference.

use crate::scratch::{CLAIM, Scratch};
use std::path::Path;

/// Two rules, one of a long name, and what a claim needs.
const DEFINITION: &str = r#"
question = "Which of two rules recovers more, where the question is longer than a narrow terminal has room for?"
analysis = "All of it."
[protocols]
HOP = { hop = {} }
"PSE, the projector on all messages" = { pse = {} }
[grid]
n = [16]
m = [2, 4, 6]
flips = [0, 2]
sources = ["random", { biased = { activity = 0.3 } }]
trials = 6
queries = 10
[[figure]]
name = "recovery"
kind = "load"
measure = "recovered"
"#;

/// The commands that print tables of results, by what their snapshots are called.
const COMMANDS: [(&str, &str); 7] = [
    ("show", "show d"),
    ("show-ranked", "show d --rank --every-noise --source random"),
    ("show-markdown", "show d --markdown"),
    ("show-latex", "show d --latex"),
    ("claims", "claims d.toml --evidence"),
    ("claims-csv", "claims d.toml --csv"),
    ("compare", "compare d d"),
];

/// What prints for a terminal, and whose numbers change with other work.
const WIDE: [&str; 11] = [
    "effects --only diagonal --results RESULTS",
    "rank --results RESULTS",
    "rank settle --results RESULTS",
    "protocols",
    "readers",
    "messages",
    "list",
    "doctor",
    "plan d.toml",
    "cost --criterion criterion --from 1",
    "verify reference/quick --sample 2 --results RESULTS",
];

const WIDTHS: [usize; 3] = [60, 80, 120];

fn at(width: usize) -> Scratch {
    Scratch::swept(&(DEFINITION.to_owned() + CLAIM)).with("COLUMNS", width.to_string())
}

#[test]
fn tables_are_as_they_were() {
    for width in WIDTHS {
        let scratch = at(width);
        for (name, line) in COMMANDS {
            let said = scratch.succeed(&line.split(' ').collect::<Vec<_>>()).stdout;
            insta::assert_snapshot!(format!("{name}-{width}"), said);
            let for_terminals = !["-markdown", "-latex", "-csv"].iter().any(|form| name.ends_with(form));
            let widest = said.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            assert!(!for_terminals || widest <= width, "{line} at {width} columns is {widest} wide");
        }
    }
}

#[test]
fn nothing_that_is_listed_is_wider_than_the_terminal() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../results");
    for width in WIDTHS {
        let scratch = Scratch::new(DEFINITION).with("COLUMNS", width.to_string());
        scratch.benchmarks();
        for command in WIDE {
            let command = command.replace("RESULTS", results.to_str().expect("a path of text"));
            let said = scratch.succeed(&command.split(' ').collect::<Vec<_>>()).stdout;
            // A path and a command to copy are one word each, or end in a backslash; they are not broken.
            let broken = |line: &&str| line.trim().contains(' ');
            for line in said.lines().filter(broken) {
                assert!(line.chars().count() <= width, "{command} at {width} columns: {line}");
            }
        }
    }
}
