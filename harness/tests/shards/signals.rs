//! Signals: SIGUSR1 puts on disk what is finished, SIGTERM ends a shard with it, SIGKILL costs what is not.
#![cfg(unix)]

use crate::{DEFINITION, Scratch, files, stderr, wait_for};
use harness::store::attempts;
use std::process::{Child, Command};

/// Cells that all end and one that would take weeks.
fn endless() -> String {
    DEFINITION.replace("HOP = { hop = {} }", "HOP = { hop = {} }\nslow = { trn = { epochs = 4000000000 } }")
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

fn sidecars(scratch: &Scratch) -> usize {
    let mut sidecars = files(&scratch.attempts(1)[0], ".json");
    sidecars.retain(|path| !path.ends_with("attempt.json"));
    sidecars.len()
}

#[test]
fn finished_cells_wait_for_the_minute_or_a_signal() {
    let scratch = Scratch::frozen(&endless(), 1);
    let arguments = ["sweep", "d.toml", "--shard", "1/1", "--threads", "20"];
    let mut child = scratch.start(&arguments);
    wait_for("the attempt", || scratch.attempts(1).len() == 1);
    // The quick cells take a second, more on a busy machine; nothing is on disk before the minute is over.
    std::thread::sleep(std::time::Duration::from_secs(15));
    assert_eq!(sidecars(&scratch), 0);
    send("-USR1", &child);
    wait_for("a part", || sidecars(&scratch) == 1);
    assert!(child.try_wait().unwrap().is_none(), "it goes on");
    send("-TERM", &child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(143), "{}", stderr(&output));
    let state = attempts(&scratch.results()).unwrap().swap_remove(0);
    assert_eq!((state.ending.as_deref(), state.done, state.cells), (Some("SIGTERM"), 48, 64));
    // A time budget ends the others, so that the shard can.
    let output = scratch.run(&[&arguments[..], &["--seconds-per-cell", "0.2"]].concat());
    assert!(
        stderr(&output).contains("48 of 64 cells of the shard are finished already"),
        "{}",
        stderr(&output)
    );
}

/// A shard killed when it had written a part.
fn killed() -> Scratch {
    let scratch = Scratch::frozen(DEFINITION, 1);
    let arguments = ["sweep", "d.toml", "--shard", "1/1", "--flush-seconds", "0.001", "--threads", "1"];
    let mut child = scratch.start(&arguments);
    wait_for("a part", || !scratch.attempts(1).is_empty() && sidecars(&scratch) > 0);
    child.kill().unwrap();
    child.wait().unwrap();
    scratch
}

#[test]
fn a_shard_that_is_killed_leaves_what_was_on_disk() {
    // On a busy machine a kill may come too late: when the shard is complete.
    let scratch = (0..20).map(|_| killed()).find(|scratch| {
        let state = attempts(&scratch.results()).unwrap().swap_remove(0);
        state.ending.is_none()
    });
    let scratch = scratch.expect("one kill of twenty comes in time, after which nobody can say why");
    let output = scratch.shard("1/1");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("cells of the shard are finished already"), "{}", stderr(&output));
    assert_eq!(scratch.attempts(1).len(), 2);
    scratch.assert_merges();
}
