//! Signals: SIGUSR1 puts on disk what is finished, SIGTERM ends a shard with it, SIGKILL costs what is not.
#![cfg(unix)]

use super::{DEFINITION, assert_merges, attempts_at, frozen, shard};
use crate::scratch::{Scratch, files, wait_for};
use harness::store::attempts;
use std::thread;
use std::time::Duration;

/// Cells that all end and one that would take weeks.
fn endless() -> String {
    DEFINITION.replace("HOP = { hop = {} }", "HOP = { hop = {} }\nslow = { trn = { epochs = 4000000000 } }")
}

fn sidecars(scratch: &Scratch) -> usize {
    let mut sidecars = files(&attempts_at(scratch, 1)[0], ".json");
    sidecars.retain(|path| !path.ends_with("attempt.json"));
    sidecars.len()
}

#[test]
fn finished_cells_wait_for_the_minute_or_a_signal() {
    let scratch = frozen(&endless(), 1);
    let arguments = ["sweep", "d.toml", "--shard", "1/1", "--threads", "20"];
    let mut child = scratch.start(&arguments);
    wait_for("the attempt", || attempts_at(&scratch, 1).len() == 1);
    // The quick cells take a second, more on a busy machine; nothing is on disk before the minute is over.
    thread::sleep(Duration::from_secs(15));
    assert_eq!(sidecars(&scratch), 0);
    child.send("-USR1");
    wait_for("a part", || sidecars(&scratch) == 1);
    assert!(!child.has_ended(), "it goes on");
    child.send("-TERM");
    child.said().refused(143, &[]);
    let state = attempts(&scratch.results()).unwrap().swap_remove(0);
    assert_eq!((state.ending.as_deref(), state.done, state.cells), (Some("SIGTERM"), 48, 64));
    // A time budget ends the others, so that the shard can.
    let text = scratch.run(&[&arguments[..], &["--seconds-per-cell", "0.2"]].concat()).stderr;
    assert!(text.contains("48 of 64 cells of the shard are finished already"), "{text}");
}

/// A shard killed when it had written a part.
fn killed() -> Scratch {
    let scratch = frozen(DEFINITION, 1);
    let arguments = ["sweep", "d.toml", "--shard", "1/1", "--flush-seconds", "0.001", "--threads", "1"];
    let mut child = scratch.start(&arguments);
    wait_for("a part", || !attempts_at(&scratch, 1).is_empty() && sidecars(&scratch) > 0);
    child.end();
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
    let text = shard(&scratch, "1/1").well().stderr;
    assert!(text.contains("cells of the shard are finished already"), "{text}");
    assert_eq!(attempts_at(&scratch, 1).len(), 2);
    assert_merges(&scratch);
}
