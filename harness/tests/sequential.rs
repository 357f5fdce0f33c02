//! Sequential stopping through the command line: the same cells however the run came about, and an outcome on record.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// At M = 4 of 64 the outer product recovers almost every message, at M = 12 some.
const DEFINITION: &str = r#"
question = "How many trials are enough?"
analysis = "As many as the rule says."
probes = ["recovery"]
[protocols]
HOP = { hop = {} }
[grid]
n = [64]
m = [4, 12]
flips = [6]
trials = 40
queries = 60
[read]
dynamics = ["sync"]
[sequential]
measure = "recovered"
width = 0.13
looks = [10, 20]
"#;

fn harness(folder: &Path, arguments: &[&str]) -> Output {
    let output =
        Command::new(env!("CARGO_BIN_EXE_harness")).current_dir(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn sweep(folder: &Path, definition: &str, arguments: &[&str]) -> String {
    fs::write(folder.join("looks.toml"), definition).unwrap();
    let output = harness(folder, &[&["sweep", "looks.toml"], arguments].concat());
    String::from_utf8(output.stdout).unwrap()
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("results/looks/manifest.json")).unwrap()).unwrap()
}

fn tables(folder: &Path) -> [Vec<u8>; 2] {
    ["memories", "recalls"]
        .map(|table| fs::read(folder.join(format!("results/looks/{table}.parquet"))).unwrap())
}

#[test]
fn trials_are_added_where_intervals_are_wide() {
    let folder = TempDir::new().unwrap();
    let printed = sweep(folder.path(), DEFINITION, &["--threads", "1"]);
    assert!(printed.contains("Sequential: intervals of 98.33 % (95 % over 3 looks)"), "{printed}");
    let manifest = manifest(folder.path());
    let stops = manifest["sequential"]["stops"].as_array().unwrap();
    let trials: Vec<u64> = stops.iter().map(|stop| stop["trials"].as_u64().unwrap()).collect();
    assert_eq!(trials[0], 10, "{stops:?}");
    assert!(trials[1] > 10, "{stops:?}");
    assert_eq!(manifest["cells"]["ok"].as_u64().unwrap(), trials.iter().sum::<u64>());

    // Tables speak with the corrected confidence, and so show the very widths that decided.
    let json = harness(folder.path(), &["show", "looks", "--json", "--measure", "recovered"]).stdout;
    let estimates: Vec<Value> = serde_json::from_slice(&json).unwrap();
    let number = |value: &Value| value.as_f64().unwrap();
    let shown: Vec<f64> = estimates.iter().map(|e| number(&e["high"]) - number(&e["low"])).collect();
    assert_eq!(shown.len(), stops.len());
    assert!(shown.iter().zip(stops).all(|(width, stop)| (width - number(&stop["width"])).abs() < 1e-8));

    let again = TempDir::new().unwrap();
    assert_eq!(sweep(again.path(), DEFINITION, &["--threads", "2"]), printed);
    assert_eq!(tables(again.path()), tables(folder.path()));
}

#[test]
fn a_run_that_was_interrupted_or_went_further_ends_the_same() {
    let (whole, short, long) = (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    sweep(whole.path(), DEFINITION, &["--quiet"]);
    // Stopped in the first look, then in the second.
    sweep(short.path(), DEFINITION, &["--quiet", "--trials", "7"]);
    sweep(short.path(), DEFINITION, &["--quiet", "--trials", "13"]);
    sweep(short.path(), DEFINITION, &["--quiet"]);
    assert_eq!(tables(short.path()), tables(whole.path()));
    // All 40 trials are stored, of a definition without the rule.
    let (all, _) = DEFINITION.split_once("[sequential]").unwrap();
    sweep(long.path(), all, &["--quiet"]);
    assert!(manifest(long.path()).get("sequential").is_none());
    sweep(long.path(), DEFINITION, &["--quiet"]);
    assert_eq!(tables(long.path()), tables(whole.path()));
    assert_eq!(manifest(long.path())["sequential"], manifest(whole.path())["sequential"]);
    // What went beyond waits in the attic, and comes back.
    sweep(long.path(), all, &["--quiet"]);
    assert_eq!(manifest(long.path())["cells"]["ok"], 80);
    assert!(manifest(long.path()).get("sequential").is_none());
    let report = harness(whole.path(), &["verify", "looks", "--sample", "100%"]);
    assert!(String::from_utf8_lossy(&report.stdout).contains("agree to the bit"));
}
