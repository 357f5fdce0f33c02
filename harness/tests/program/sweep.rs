//! The main job through its command line: the same bytes however it runs, and cells that do not feel their neighbours.

use crate::scratch::{Said, Scratch};
use std::fs;

const DEFINITION: &str = include_str!("small.toml");

/// The tables of a sweep on so many threads.
fn tables(definition: &str, threads: &str) -> [Vec<u8>; 2] {
    let scratch = Scratch::new(definition);
    scratch.sweep(&["--threads", threads]).well();
    scratch.tables()
}

/// Lines of `show --csv` that hold one measure and one protocol.
fn estimates(scratch: &Scratch, protocol: &str) -> Vec<String> {
    let shown = scratch.succeed(&["show", "d", "--csv", "--protocol", protocol, "--measure", "recovered"]);
    shown.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn results_are_the_same_bytes_at_any_number_of_threads() {
    let first = tables(DEFINITION, "1");
    for threads in ["2", "8"] {
        assert!(tables(DEFINITION, threads) == first, "{threads} threads");
    }
}

#[test]
fn a_huge_memory_written_by_several_threads_has_the_same_bytes() {
    // From 2048 units on a cell that would run alone has all threads inside.
    let huge = DEFINITION
        .replace("HOP = { hop = {} }\n", "")
        .replace("TRN = { trn = { epochs = 5, queries = 3 } }\n", "")
        .replace("MPF = { mpf = {} }", "MPF = { mpf = { max_iterations = 3 } }")
        .replace("\"random\", \"glyphs\"", "\"random\"")
        .replace("n = [64]\nm = [5, 20]", "n = [2048]\nm = [60]")
        .replace("trials = 3", "trials = 1");
    assert!(tables(&huge, "1") == tables(&huge, "3"));
}

#[test]
fn numbers_do_not_depend_on_which_other_cells_run_nor_on_their_order() {
    let all = Scratch::swept(DEFINITION);
    // TRN and MPF only, the other way round, at one load and with another load beside it.
    let other = DEFINITION
        .replace("HOP = { hop = {} }\nPSE = { pse = {} }\nMPF = { mpf = {} }\n", "")
        .replace(
            "TRN = { trn = { epochs = 5, queries = 3 } }",
            "TRN = { trn = { epochs = 5, queries = 3 } }\nMPF = { mpf = {} }",
        )
        .replace("m = [5, 20]", "m = [30, 20]")
        .replace(r#"["random", "glyphs"]"#, r#"["glyphs", "random"]"#);
    let few = Scratch::swept(&other);
    for protocol in ["TRN", "MPF"] {
        let at_20 = |scratch: &Scratch| {
            let mut lines = estimates(scratch, protocol);
            lines.retain(|line| line.contains(",64,20,"));
            lines.sort();
            lines
        };
        let (a, b) = (at_20(&all), at_20(&few));
        assert_eq!(a.len(), 8, "two sources, two dynamics, two levels of noise");
        assert_eq!(a, b, "{protocol}");
    }
}

#[test]
fn a_sweep_continues_where_it_was_and_ends_with_the_same_bytes() {
    let grown = Scratch::new(DEFINITION);
    grown.sweep(&["--trials", "1"]).well();
    let continued = grown.sweep(&[]).well().stderr;
    assert!(continued.contains("16 of 48 cells are finished already"), "{continued}");
    assert!(grown.tables() == Scratch::swept(DEFINITION).tables());
    let timings = || fs::read(grown.results().join("timings.parquet")).unwrap();
    let before = timings();
    grown.sweep(&[]).well();
    assert!(timings() == before, "nothing was computed again");
}

/// Somebody else's git may not look into the tree, or there is none.
#[test]
fn what_the_program_was_built_from_does_not_hang_on_who_runs_it() {
    let usual = Scratch::new(DEFINITION);
    usual.sweep(&["--trials", "1"]).well();
    let stranger = Scratch::new(DEFINITION).with("PATH", "/nowhere");
    stranger.sweep(&["--trials", "1"]).well();
    for scratch in [usual, stranger] {
        let run = scratch.manifest()["runs"][0].clone();
        assert_eq!(run["commit"].as_str().unwrap_or_default(), env!("HARNESS_COMMIT"), "{run}");
        assert_eq!(run["diff_hash"].as_str().unwrap_or_default(), env!("HARNESS_DIFF_HASH"));
        assert_eq!(
            run["dirty"].as_bool().map_or(String::new(), |dirty| dirty.to_string()),
            env!("HARNESS_DIRTY")
        );
    }
}

#[test]
fn figures_are_drawn_as_declared_and_redrawn_to_the_byte() {
    let scratch = Scratch::swept(DEFINITION);
    let draw = || {
        scratch.succeed(&["figures"]);
        let read = |kind| fs::read(scratch.path(&format!("paper-figs/d/recovery.{kind}"))).unwrap();
        ["svg", "png", "csv"].map(read)
    };
    assert_eq!(draw(), draw());
}

#[test]
fn show_prints_tables_and_json() {
    let scratch = Scratch::new(DEFINITION);
    let printed = scratch.sweep(&[]).well().stdout;
    let shown = scratch.succeed(&["show", "d"]).stdout;
    assert!(printed.contains(&shown), "the sweep prints what `show` shows");
    let json = scratch.succeed(&["show", "d", "--json", "--measure", "overlap"]).json();
    assert_eq!(json.as_array().unwrap().len(), 4 * 2 * 2 * 2 * 2);
}

#[test]
fn tables_are_coloured_where_that_is_wanted() {
    let scratch = Scratch::swept(DEFINITION);
    let shown = |variables: &[(&str, &str)]| {
        let mut command = scratch.command(&["show", "d"]);
        for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(variable);
        }
        Said::by(command.envs(variables.iter().copied())).stdout
    };
    let plain = shown(&[]);
    assert!(!plain.contains('\u{1b}') && plain.contains("HOP"), "a pipe is no terminal");
    assert!(shown(&[("CLICOLOR_FORCE", "1")]).contains("\u{1b}["));
    assert_eq!(shown(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]), plain);
}

#[test]
fn errors_name_the_cause_and_the_remedy() {
    let scratch = Scratch::new(&DEFINITION.replace("trials = 3", "trails = 3"));
    // The nearest shipped definition.
    scratch.run(&["sweep", "quik"]).refused(1, &["quick"]);
    scratch.run(&["show", "small"]).refused(1, &["harness sweep"]);
    scratch.run(&["figures"]).refused(1, &["harness sweep"]);
    scratch.sweep(&[]).refused(1, &["d.toml", "trails", "trials"]);
}
