//! This module writes the commands that make the runs of a bundle anew, as a script.

use super::bundled::{Bundled, Whence};
use base::shell::command_line;
use store::provenance::Provenance;

/// What the script begins with.
const HEAD: &str = r#"#!/usr/bin/env bash
# Makes the runs of this bundle anew, below again/ in its folder, from the source and the definitions in it.
# It needs Rust, a C compiler, and the libraries that Cargo.lock names, which cargo gets from crates.io.
set -euo pipefail
cd "$(dirname "$0")"
harness=harness

# Builds the program as a commit has it.
program() {
    if [ ! -d "again/source/$1" ]; then
        mkdir -p "again/source/$1"
        tar -xf "source/$1.tar" -C "again/source/$1"
    fi
    target=$PWD/again/target
    (cd "again/source/$1" && cargo build --locked -p harness --target-dir "$target")
    harness=again/target/debug/harness
}
"#;

/// Writes the script `commands.sh`.
pub(super) fn text(runs: &[Bundled], whence: &Whence) -> String {
    let mut text = HEAD.to_owned();
    for Bundled { name, manifest, .. } in runs {
        let Some(run) = manifest.runs.last() else { continue };
        text += &format!(
            "\n# {}, as it was run: {}\n",
            one_line(name),
            one_line(&command_line(run.arguments.clone()))
        );
        let has = |commit: &str| whence.sources.iter().any(|one| one.commit == commit && one.file.is_some());
        match run.commit.as_deref().filter(|commit| has(commit)) {
            Some(commit) => text += &format!("program {commit}\n"),
            None => text += "# Its source is not in this bundle: the program in hand runs it.\n",
        }
        if run.dirty == Some(true) {
            text += "# The source had changes besides, which are not in this bundle.\n";
        }
        text += &format!("\"$harness\" {}\n", command_line(swept(name, run)));
    }
    let definitions: Vec<String> = runs.iter().map(|one| one.run.swept.clone()).collect();
    let below = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
    let figures = below(&["figures", "--results", "again/results", "--out", "again/paper-figs"]);
    let [claims, report] = ["claims", "report"].map(|command| {
        [&below(&[command]), &definitions[..], &below(&["--results", "again/results"])].concat()
    });
    text += "\n# Figures, verdicts and report.\n";
    let declares = runs.iter().any(|one| !one.run.definition.claims.is_empty());
    for command in [Some(figures), declares.then_some(claims), Some(report)].into_iter().flatten() {
        text += &format!("\"$harness\" {}\n", command_line(command));
    }
    text
}

/// A text in one line of a comment, whatever is in it.
fn one_line(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}

/// The sweep of a run, by the definition in the bundle and with the options of the first time.
fn swept(name: &str, run: &Provenance) -> Vec<String> {
    let mut words = vec!["sweep".to_owned(), format!("definitions/{name}.toml")];
    words.extend(options(&run.arguments));
    words.extend(["--out", "again/results"].map(str::to_owned));
    words
}

/// Of a sweep's command line what changes which cells there are.
fn options(arguments: &[String]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut words = arguments.iter().skip(1);
    if words.next().is_none_or(|command| command != "sweep") {
        return kept;
    }
    while let Some(word) = words.next() {
        for option in ["--trials", "--seconds-per-cell", "--memory-mib"] {
            if word == option {
                kept.extend([option.to_owned(), words.next().cloned().unwrap_or_default()]);
            } else if word.strip_prefix(option).is_some_and(|rest| rest.starts_with('=')) {
                kept.push(word.clone());
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_change_the_cells_are_kept() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let kept = |line: &str| options(&words(line)).join(" ");
        assert_eq!(kept("harness sweep quick --trials 2 --threads 1 --out x"), "--trials 2");
        assert_eq!(kept("harness sweep --memory-mib=9 quick"), "--memory-mib=9");
        assert_eq!(kept("harness merge quick --trials 2"), "");
        assert_eq!(kept("harness"), "");
        assert_eq!(one_line("a\nrm -r x"), "a rm -r x");
    }
}
