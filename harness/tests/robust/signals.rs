//! SIGINT and SIGTERM: the sweep ends soon, with what is done on disk, and says how to go on.

use crate::{ENDLESS, SHORT, Scratch, stderr, wait_for};
use std::process::{Child, Command, Output};

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(sent.expect("there is a kill").success());
}

/// Sends a signal to a sweep of which one cell is finished and the other trains for weeks.
fn stopped_by(signal: &str) -> (Scratch, Output) {
    let scratch = Scratch::new(ENDLESS);
    let mut child = scratch.start(&["--threads", "2", "--seconds-per-cell", "1e6"]);
    wait_for("the cell that ends", || scratch.finished().len() == 1);
    send(signal, &child);
    wait_for("the end", || child.try_wait().expect("it is ours").is_some());
    (scratch, child.output())
}

#[cfg(unix)]
#[test]
fn a_signal_ends_a_sweep_inside_training_and_the_same_command_continues() {
    for (signal, name, code) in [("-INT", "SIGINT", 130), ("-TERM", "SIGTERM", 143)] {
        let (scratch, output) = stopped_by(signal);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(text.contains(&format!("stopped by {name}; 1 of 2 cells are finished")), "{text}");
        let again = "sweep d.toml --threads 2 --seconds-per-cell 1e6";
        let line = text.lines().find(|line| line.starts_with("Continue: ")).expect("it says how to continue");
        assert!(line.ends_with(again), "{line}");
        // Going on with a budget that can be met shows that the finished cell is not computed again.
        let output = scratch.sweep(&["--seconds-per-cell", "0.1"]);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains("1 of 2 cells are finished already") && text.contains("1 timeout"), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn a_signal_when_nothing_is_finished_leaves_a_folder_that_goes_on() {
    let scratch = Scratch::new(&ENDLESS.replace("HOP = { hop = {} }", ""));
    let mut child = scratch.start(&["--log", "json"]);
    wait_for("the lock", || scratch.results().join(".lock").exists());
    std::thread::sleep(std::time::Duration::from_millis(300));
    send("-INT", &child);
    wait_for("the end", || child.try_wait().expect("it is ours").is_some());
    let output = child.output();
    assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
    for line in stderr(&output).lines() {
        let event: serde_json::Value = serde_json::from_str(line).expect("every line is JSON");
        assert!(event["timestamp"].is_string() && event["event"].is_string(), "{line}");
    }
    std::fs::write(scratch.path.join("d.toml"), SHORT).expect("the folder can be written");
    crate::assert_completes(&scratch);
}

/// A decomposition that takes long and asks nothing meanwhile, so that the first signal alone would wait for it a while.
#[cfg(unix)]
#[test]
fn a_second_signal_ends_a_sweep_at_once() {
    let long = ENDLESS
        .replace("HOP = { hop = {} }", "PSE = { pse = {} }")
        .replace("n = [64]\nm = [20]", "n = [2000]\nm = [2600]");
    let scratch = Scratch::new(&long.replace("TRN = { trn = { epochs = 4000000000 } }", ""));
    let mut child = scratch.start(&[]);
    wait_for("the lock", || scratch.results().join(".lock").exists());
    std::thread::sleep(std::time::Duration::from_secs(1));
    send("-TERM", &child);
    std::thread::sleep(std::time::Duration::from_millis(50));
    send("-INT", &child);
    wait_for("the end", || child.try_wait().expect("it is ours").is_some());
    let output = child.output();
    assert_eq!(output.status.code(), Some(130), "the code is that of the second one");
    assert!(!stderr(&output).contains("stopped by"), "it says no more: {}", stderr(&output));
}
