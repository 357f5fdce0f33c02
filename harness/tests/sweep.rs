//! The main job through its command line: the same bytes however it runs, and cells that do not feel their neighbours.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const DEFINITION: &str = include_str!("definitions/small.toml");

fn harness(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_harness")).current_dir(folder).args(arguments).output().unwrap()
}

fn sweep(folder: &Path, definition: &str, arguments: &[&str]) -> Output {
    fs::write(folder.join("small.toml"), definition).unwrap();
    let output = harness(folder, &[&["sweep", "small.toml"], arguments].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn bytes(folder: &Path, table: &str) -> Vec<u8> {
    fs::read(folder.join("results/small").join(table)).unwrap()
}

/// Lines of `show --csv` that hold one measure and one protocol.
fn estimates(folder: &Path, protocol: &str) -> Vec<String> {
    let output =
        harness(folder, &["show", "small", "--csv", "--protocol", protocol, "--measure", "recovered"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn results_are_the_same_bytes_at_any_number_of_threads() {
    let folders: Vec<TempDir> = (0..3).map(|_| TempDir::new().unwrap()).collect();
    for (folder, threads) in folders.iter().zip(["1", "2", "8"]) {
        sweep(folder.path(), DEFINITION, &["--threads", threads]);
    }
    for table in ["memories.parquet", "recalls.parquet"] {
        let first = bytes(folders[0].path(), table);
        assert!(folders.iter().all(|folder| bytes(folder.path(), table) == first), "{table}");
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
    let folders: Vec<TempDir> = (0..2).map(|_| TempDir::new().unwrap()).collect();
    for (folder, threads) in folders.iter().zip(["1", "3"]) {
        sweep(folder.path(), &huge, &["--threads", threads]);
    }
    for table in ["memories.parquet", "recalls.parquet"] {
        assert_eq!(bytes(folders[0].path(), table), bytes(folders[1].path(), table), "{table}");
    }
}

#[test]
fn numbers_do_not_depend_on_which_other_cells_run_nor_on_their_order() {
    let (all, few) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    sweep(all.path(), DEFINITION, &[]);
    // TRN and MPF only, the other way round, at one load and with another load beside it.
    let other = DEFINITION
        .replace("HOP = { hop = {} }\nPSE = { pse = {} }\nMPF = { mpf = {} }\n", "")
        .replace(
            "TRN = { trn = { epochs = 5, queries = 3 } }",
            "TRN = { trn = { epochs = 5, queries = 3 } }\nMPF = { mpf = {} }",
        )
        .replace("m = [5, 20]", "m = [30, 20]")
        .replace(r#"["random", "glyphs"]"#, r#"["glyphs", "random"]"#);
    sweep(few.path(), &other, &[]);
    for protocol in ["TRN", "MPF"] {
        let at_20 = |folder: &TempDir| {
            let mut lines = estimates(folder.path(), protocol);
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
    let (grown, whole) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    sweep(grown.path(), DEFINITION, &["--trials", "1"]);
    let continued = sweep(grown.path(), DEFINITION, &[]);
    assert!(String::from_utf8_lossy(&continued.stderr).contains("16 of 48 cells are finished already"));
    sweep(whole.path(), DEFINITION, &[]);
    for table in ["memories.parquet", "recalls.parquet"] {
        assert_eq!(bytes(grown.path(), table), bytes(whole.path(), table), "{table}");
    }
    let timings = bytes(grown.path(), "timings.parquet");
    sweep(grown.path(), DEFINITION, &[]);
    assert_eq!(bytes(grown.path(), "timings.parquet"), timings, "nothing was computed again");
}

#[test]
fn figures_are_drawn_as_declared_and_redrawn_to_the_byte() {
    let folder = TempDir::new().unwrap();
    sweep(folder.path(), DEFINITION, &["--quiet"]);
    let draw = || {
        let output = harness(folder.path(), &["figures"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        ["svg", "png", "csv"]
            .map(|kind| fs::read(folder.path().join(format!("paper-figs/small/recovery.{kind}"))).unwrap())
    };
    assert_eq!(draw(), draw());
}

#[test]
fn show_prints_tables_and_json() {
    let folder = TempDir::new().unwrap();
    let printed = sweep(folder.path(), DEFINITION, &[]);
    let shown = harness(folder.path(), &["show", "small"]);
    let (printed, shown) = (String::from_utf8_lossy(&printed.stdout), String::from_utf8_lossy(&shown.stdout));
    assert!(printed.contains(&*shown), "the sweep prints what `show` shows");
    let json = harness(folder.path(), &["show", "small", "--json", "--measure", "overlap"]).stdout;
    let json: Vec<serde_json::Value> = serde_json::from_slice(&json).unwrap();
    assert_eq!(json.len(), 4 * 2 * 2 * 2 * 2);
}

#[test]
fn tables_are_coloured_where_that_is_wanted() {
    let folder = TempDir::new().unwrap();
    sweep(folder.path(), DEFINITION, &[]);
    let shown = |variables: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_harness"));
        for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(variable);
        }
        command.envs(variables.iter().copied()).current_dir(folder.path());
        String::from_utf8(command.args(["show", "small"]).output().unwrap().stdout).unwrap()
    };
    let plain = shown(&[]);
    assert!(!plain.contains('\u{1b}') && plain.contains("HOP"), "a pipe is no terminal");
    assert!(shown(&[("CLICOLOR_FORCE", "1")]).contains("\u{1b}["));
    assert_eq!(shown(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]), plain);
}

#[test]
fn errors_name_the_cause_and_the_remedy() {
    let folder = TempDir::new().unwrap();
    let error = |arguments: &[&str]| {
        let output = harness(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(error(&["sweep", "quik"]).contains("quick"), "the nearest shipped definition");
    assert!(error(&["show", "small"]).contains("harness sweep"));
    assert!(error(&["figures"]).contains("harness sweep"));
    fs::write(folder.path().join("wrong.toml"), DEFINITION.replace("trials = 3", "trails = 3")).unwrap();
    let text = error(&["sweep", "wrong.toml"]);
    assert!(text.contains("wrong.toml") && text.contains("trails") && text.contains("trials"), "{text}");
}
