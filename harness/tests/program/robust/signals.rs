//! SIGINT and SIGTERM: the sweep ends soon, with what is done on disk, and says how to go on.

#![cfg(unix)]

use super::{ENDLESS, SHORT, assert_completes};
use crate::scratch::{Said, Scratch, wait_for};
use std::thread;
use std::time::Duration;

/// Sends a signal to a sweep of which one cell is finished and the other trains for weeks.
fn stopped_by(signal: &str) -> (Scratch, Said) {
    let scratch = Scratch::new(ENDLESS);
    let mut child = scratch.start(&["sweep", "d.toml", "--threads", "2", "--seconds-per-cell", "1e6"]);
    wait_for("the cell that ends", || scratch.finished().len() == 1);
    child.send(signal);
    wait_for("the end", || child.has_ended());
    (scratch, child.said())
}

#[test]
fn a_signal_ends_a_sweep_inside_training_and_the_same_command_continues() {
    for (signal, name, code) in [("-INT", "SIGINT", 130), ("-TERM", "SIGTERM", 143)] {
        let (scratch, said) = stopped_by(signal);
        said.refused(code, &[&format!("stopped by {name}; 1 of 2 cells are finished")]);
        let again = "sweep d.toml --threads 2 --seconds-per-cell 1e6";
        let mut lines = said.stderr.lines();
        let line = lines.find(|line| line.starts_with("Continue: ")).expect("it says how to continue");
        assert!(line.ends_with(again), "{line}");
        // Going on with a budget that can be met shows that the finished cell is not computed again.
        let said = scratch.sweep(&["--seconds-per-cell", "0.1"]);
        said.refused(1, &["1 of 2 cells are finished already", "1 timeout"]);
    }
}

#[test]
fn a_signal_when_nothing_is_finished_leaves_a_folder_that_goes_on() {
    let scratch = Scratch::new(&ENDLESS.replace("HOP = { hop = {} }", ""));
    let mut child = scratch.start(&["sweep", "d.toml", "--log", "json"]);
    wait_for("the lock", || scratch.results().join(".lock").exists());
    thread::sleep(Duration::from_millis(300));
    child.send("-INT");
    wait_for("the end", || child.has_ended());
    let said = child.said();
    said.refused(130, &[]);
    for line in said.stderr.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(event["timestamp"].is_string() && event["event"].is_string(), "{line}");
    }
    scratch.write("d.toml", SHORT);
    assert_completes(&scratch);
}

/// A decomposition that takes long and asks nothing meanwhile, so that the first signal alone would wait for it.
#[test]
fn a_second_signal_ends_a_sweep_at_once() {
    let long = ENDLESS
        .replace("HOP = { hop = {} }", "PSE = { pse = {} }")
        .replace("n = [64]\nm = [20]", "n = [2000]\nm = [2600]");
    let scratch = Scratch::new(&long.replace("TRN = { trn = { epochs = 4000000000 } }", ""));
    let mut child = scratch.start(&["sweep", "d.toml"]);
    wait_for("the lock", || scratch.results().join(".lock").exists());
    thread::sleep(Duration::from_secs(1));
    child.send("-TERM");
    thread::sleep(Duration::from_millis(50));
    child.send("-INT");
    wait_for("the end", || child.has_ended());
    let said = child.said();
    assert_eq!(said.code, Some(130), "the code is that of the second one");
    assert!(!said.stderr.contains("stopped by"), "it says no more: {}", said.stderr);
}
