//! Budgets, failures, and computing cells again.

use super::{SHORT, assert_completes, undisturbed};
use crate::scratch::{self, Said, Scratch, wait_for};
use store::RunFolder;
use study::record::{Status, Timing};

#[test]
fn cells_over_budget_are_records_and_run_again_when_asked() {
    let scratch = Scratch::new(&format!("{SHORT}[budget]\nseconds_per_cell = 1e-6\n"));
    // Failures make the exit code.
    scratch.sweep(&["--quiet"]).refused(
        1,
        &[
            "90 of 90 cells failed: 90 timeout",
            "seconds_per_cell",
            "and 85 more",
            "sweep d.toml --quiet --rerun failed",
        ],
    );

    scratch.write("d.toml", SHORT);
    let text = scratch.sweep(&["--memory-mib", "2"]).stderr;
    assert!(text.contains("90 of 90 cells are finished already"), "not computed again unless asked: {text}");
    scratch.sweep(&["--rerun", "failed"]).well();
    assert!(scratch.tables() == *undisturbed(), "a budget leaves no trace in numbers");
}

/// TRN of it needs more than 1 MiB at M = 20 and M = 40.
fn hungry() -> Scratch {
    Scratch::new(&SHORT.replace("epochs = 20", "epochs = 2, queries = 300"))
}

#[test]
fn the_command_of_a_failure_runs_just_that_cell() {
    let scratch = hungry();
    let text = scratch.sweep(&["--memory-mib", "1", "--out", "elsewhere"]).stderr;
    assert!(text.contains("20 of 90 cells failed: 20 memory"), "{text}");
    assert!(
        text.contains("memory: TRN, random messages, N = 64, M = 20, trial 0: needs at least 2 MiB"),
        "{text}"
    );
    let line = text.lines().find_map(|line| line.trim().strip_prefix("harness ")).unwrap();
    let said = scratch.run(&line.split(' ').collect::<Vec<_>>());
    let text = said.stdout + &said.stderr;
    assert!(text.contains("memory") && text.contains("ok"), "it failed then and is well now: {text}");
}

#[test]
fn a_sweep_ends_at_its_first_failure_when_asked() {
    let scratch = Scratch::new(SHORT);
    // So many cells that a busy machine cannot fail them all before the first failure is noticed.
    let said =
        scratch.sweep(&["--fail-fast", "--seconds-per-cell", "1e-6", "--threads", "1", "--trials", "1000"]);
    said.refused(1, &["stopped by its failures", "Continue: "]);
    let statuses: Vec<Status> = scratch.finished().into_values().collect();
    assert!(statuses.contains(&Status::Timeout) && statuses.len() < 9000, "{} failed", statuses.len());
}

#[test]
fn what_failed_before_a_sweep_ended_by_failures_runs_again_with_the_rest() {
    let scratch = Scratch::new(SHORT);
    scratch.sweep(&["--fail-fast", "--seconds-per-cell", "1e-6", "--threads", "1"]).refused(1, &[]);
    scratch.sweep(&["--rerun", "failed"]).well();
    assert!(scratch.tables() == *undisturbed());
}

#[test]
fn the_log_tells_programs_what_it_tells_people() {
    let scratch = hungry();
    let said =
        scratch.sweep(&["--log", "json", "--memory-mib", "1", "--max-failures", "3", "--threads", "1"]);
    let parse = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
    let events: Vec<_> = said.stderr.lines().map(parse).collect();
    let kinds: Vec<&str> = events.iter().filter_map(|event| event["event"].as_str()).collect();
    // Cells that had failed already when the third was noticed are told of as well.
    let (failures, end) = kinds.split_at(kinds.len() - 2);
    assert!(failures.len() >= 3 && failures.iter().all(|kind| *kind == "failure"), "{kinds:?}");
    assert_eq!(end, ["failures", "stopped"]);
    let finished = scratch.finished();
    for event in &events[..failures.len()] {
        assert!(event["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')), "{event}");
        assert_eq!((&event["status"], event["text"].is_string()), (&"memory".into(), true));
        assert_eq!(finished[event["cell"].as_str().unwrap()], Status::Memory);
    }
}

#[test]
fn all_cells_run_again_when_asked_and_a_rerun_goes_on_where_it_was() {
    let scratch = Scratch::new(SHORT);
    assert_completes(&scratch);
    let hosts = || RunFolder::new(scratch.results()).read().unwrap().records.timings;
    let before = hosts();
    let mut child = scratch.start(&["sweep", "d.toml", "--rerun", "all", "--quiet"]);
    let some = || (1..90).contains(&scratch.finished().len());
    wait_for("some cells of the rerun", || some() || child.has_ended());
    child.end();
    assert_eq!(hosts().len(), 90, "the old records are there until new ones replace them");
    // Whether it was killed in time or not, the same command leads to the same bytes.
    scratch.sweep(&["--rerun", "all"]).well();
    assert!(scratch.tables() == *undisturbed());
    let seconds = |timings: Vec<Timing>| timings.into_iter().map(|t| t.write_seconds).collect::<Vec<_>>();
    let (before, after) = (seconds(before), seconds(hosts()));
    let same = before.iter().zip(&after).filter(|(a, b)| a == b).count();
    assert!(same < 9, "{same} of 90 write times are what they were: those cells were not computed again");
}

#[test]
fn failures_are_in_figures_and_tables() {
    let scratch = hungry();
    scratch.sweep(&["--memory-mib", "1", "--quiet"]).refused(1, &[]);
    scratch.succeed(&["figures", "d"]);
    let svg = std::fs::read_to_string(scratch.path("paper-figs/d/map.svg")).unwrap();
    assert!(svg.contains("all trials failed: memory"));
    let shown = scratch.run(&["show", "d"]).stdout;
    let row = shown.lines().find(|line| line.trim_start().starts_with("40 ")).expect("a row of M = 40");
    assert!(row.trim_end().ends_with("memory"), "{shown}");
}

/// The weights of 30 000 units take more addresses than the process may have; those of 20 000 fit, and what is made of
/// them may not.
#[cfg(target_os = "linux")]
#[test]
fn a_cell_that_does_not_fit_into_memory_leaves_the_others_alone() {
    const READ: &str = "noise = [0.1]\nqueries = 2\n";
    const STABILITY: &str = "probes = [\"stability\"]\n";
    for (probes, n, read, said) in [
        ("", 30_000, READ, "out of memory: needs at least 6867 MiB, "),
        (STABILITY, 20_000, "", "out of memory: may need 3815 MiB, which the system refuses"),
    ] {
        let scratch = Scratch::new(&format!(
            "question = \"?\"\nanalysis = \".\"\n{probes}[protocols]\nHOP = {{ hop = {{}} }}\n\
             [grid]\nn = [64, {n}]\nm = [5]\ntrials = 3\n{read}"
        ));
        let limited = format!("ulimit -v 3000000; exec '{}' sweep d.toml --threads 2", scratch::PROGRAM);
        let output = Said::by(scratch.other("sh").args(["-c", &limited]));
        output.refused(1, &["3 of 6 cells failed: 3 memory", said, "raise the limit of memory"]);
        let statuses: Vec<Status> = scratch.finished().into_values().collect();
        assert_eq!(statuses.iter().filter(|&&status| status == Status::Ok).count(), 3);
        assert_eq!(statuses.iter().filter(|&&status| status == Status::Memory).count(), 3);
    }
}

#[test]
fn wrong_budgets_are_refused_with_what_is_allowed() {
    let scratch = Scratch::new(SHORT);
    for (arguments, said) in [
        (["--seconds-per-cell", "0"], "a number of seconds above 0"),
        (["--memory-mib", "1.5"], "a whole number of MiB"),
        (["--max-failures", "0"], "--max-failures"),
        (["--rerun", "some"], "failed, all"),
    ] {
        scratch.sweep(&arguments).refused(2, &[said]);
    }
}
