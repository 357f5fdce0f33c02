//! Results are found by one rule, whichever command is told their name.

use crate::scratch::{ONE_FIGURE, PROGRAM, Said, Scratch};
use std::fs;

/// What is asked of the results NAME.
const COMMANDS: [&str; 6] = [
    "show NAME",
    "figures NAME --out figures",
    "verify NAME --sample 1",
    "compare NAME NAME",
    "replay NAME --cell CELL",
    "report NAME --out report.html",
];

#[test]
fn every_command_finds_results_by_the_same_rule() {
    let scratch = Scratch::swept(ONE_FIGURE);
    let cell = scratch.finished().into_keys().next().unwrap();
    fs::create_dir_all(scratch.path("results/reference")).unwrap();
    fs::rename(scratch.results(), scratch.path("results/reference/moved")).unwrap();
    for name in ["moved", "reference/moved", "results/reference/moved"] {
        for results in ["results", "elsewhere"] {
            for command in COMMANDS {
                let line = command.replace("NAME", name).replace("CELL", &cell);
                let line = format!("{line} --results {results}");
                let said = scratch.run(&line.split(' ').collect::<Vec<_>>());
                assert_eq!(said.code, Some(0), "{line}: {}", said.stderr);
            }
        }
    }
}

#[test]
fn what_is_not_found_names_each_place_once() {
    let scratch = Scratch::new(ONE_FIGURE);
    let places =
        "(looked for in other/none, none, other/reference/none, results/none, results/reference/none)";
    for command in COMMANDS {
        let line = command.replace("NAME", "none") + " --results other";
        scratch.run(&line.split(' ').collect::<Vec<_>>()).refused(1, &[places]);
    }
}

/// A program that lies elsewhere than its checkout brings its reference results along, if they were installed with it.
#[cfg(unix)]
#[test]
fn an_installed_program_finds_what_was_installed_with_it() {
    let scratch = Scratch::swept(ONE_FIGURE);
    let cell = scratch.finished().into_keys().next().unwrap();
    let share = scratch.path("prefix/share/hopfield-harness/results/reference");
    fs::create_dir_all(&share).unwrap();
    fs::create_dir_all(scratch.path("prefix/bin")).unwrap();
    fs::create_dir_all(scratch.path("empty")).unwrap();
    fs::rename(scratch.results(), share.join("kept")).unwrap();
    let program = scratch.path("prefix/bin/harness");
    if fs::hard_link(PROGRAM, &program).is_err() {
        fs::copy(PROGRAM, &program).unwrap();
    }
    for command in COMMANDS.iter().chain(&["show reference/NAME"]) {
        let line = command.replace("NAME", "kept").replace("CELL", &cell);
        let mut command = scratch.other(&program);
        command.args(line.split(' ')).current_dir(scratch.path("empty")).env_remove("HOME");
        let said = Said::by(&mut command);
        assert_eq!(said.code, Some(0), "{line}: {}", said.stderr);
    }
}
