//! `plan` through its command line: before a sweep, after it, and after edits; and that a sweep then computes just that.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const DEFINITION: &str = r#"
question = "What is left to do?"
analysis = "Nothing, in the end."
[protocols]
HOP = { hop = {} }
PSE = { pse = {} }
TRN = { trn = { epochs = 3, queries = 2 } }
[grid]
n = [16]
m = [2, 6]
flips = [0, 2]
trials = 3
queries = 10
"#;

/// Runs the harness in `folder`, with a cache of its own there.
fn harness(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_harness"));
    command.current_dir(folder).env("XDG_CACHE_HOME", folder.join("cache")).args(arguments).output().unwrap()
}

fn run(folder: &Path, definition: &str, arguments: &[&str]) -> String {
    fs::write(folder.join("small.toml"), definition).unwrap();
    let output = harness(folder, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn planned(folder: &Path, definition: &str) -> Value {
    serde_json::from_str(&run(folder, definition, &["plan", "small.toml", "--json"])).unwrap()
}

/// Finished, changed and new cells of a protocol, or of all.
fn states(plan: &Value, protocol: &str) -> [u64; 3] {
    let forecast = &plan["forecast"];
    let row = if protocol == "all" { &forecast["all"] } else { &forecast["protocols"][protocol] };
    ["finished", "changed", "new"].map(|key| row[key].as_u64().unwrap())
}

#[test]
fn an_edit_computes_again_what_it_changes_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let plan = planned(folder, DEFINITION);
    assert_eq!(states(&plan, "all"), [0, 0, 18]);
    assert!(!folder.join("results").exists(), "a plan leaves no results");
    run(folder, DEFINITION, &["sweep", "small.toml", "--quiet"]);
    let plan = planned(folder, DEFINITION);
    assert_eq!(states(&plan, "all"), [18, 0, 0]);
    assert_eq!(plan["forecast"]["all"]["write_seconds"], 0.0);

    // Words and layout: nothing.
    let words =
        DEFINITION.replace("Nothing, in the end.", "All of it.").replace("TRN = ", "# a note\nTRN   = ");
    assert_eq!(states(&planned(folder, &words), "all"), [18, 0, 0]);
    // A parameter of one protocol, and one message set more: its cells again, and the new ones.
    let edited = DEFINITION.replace("epochs = 3", "epochs = 4").replace("trials = 3", "trials = 4");
    let plan = planned(folder, &edited);
    assert_eq!(states(&plan, "TRN"), [0, 6, 2]);
    assert_eq!(states(&plan, "HOP"), [6, 0, 2]);
    assert_eq!(plan["cells_no_longer_planned"], 6);
    let text = run(folder, &edited, &["plan", "small.toml"]);
    assert!(text.contains("12 of 24 cells are finished") && text.contains("6 are computed again"), "{text}");

    // The sweep computes just that: it says so, and the times of the other cells stay those of the first run.
    let output = harness(folder, &["sweep", "small.toml"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("12 of 24 cells are finished already"));
    assert_eq!(states(&planned(folder, &edited), "all"), [24, 0, 0]);
    // Back again: what was computed before is still there, and is what a run in a new folder gives.
    assert_eq!(states(&planned(folder, DEFINITION), "all"), [18, 0, 0]);
    run(folder, DEFINITION, &["sweep", "small.toml", "--quiet"]);
    let fresh = TempDir::new().unwrap();
    run(fresh.path(), DEFINITION, &["sweep", "small.toml", "--quiet"]);
    for table in ["memories.parquet", "recalls.parquet"] {
        let bytes = |folder: &Path| fs::read(folder.join("results/small").join(table)).unwrap();
        assert_eq!(bytes(folder), bytes(fresh.path()), "{table}");
    }
}

#[test]
fn this_machine_is_measured_once() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let probes = |arguments: &[&str]| {
        let text = run(folder, DEFINITION, &[&["plan", "small.toml", "--json"], arguments].concat());
        serde_json::from_str::<Value>(&text).unwrap()["calibration"]["probes_now"].as_u64().unwrap()
    };
    let first = probes(&[]);
    assert!(first > 0);
    assert_eq!((probes(&[]), probes(&["--calibrate"])), (0, first));
    // Without a folder to keep it in, the plan is made all the same.
    fs::remove_dir_all(folder.join("cache")).unwrap();
    fs::write(folder.join("cache"), "in the way").unwrap();
    let text = run(folder, DEFINITION, &["plan", "small.toml"]);
    assert!(text.contains("not kept") && text.contains("CPU time"), "{text}");
}

#[test]
fn threads_and_trials_are_planned_for() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let plan = |arguments: &[&str]| {
        let text = run(folder, DEFINITION, &[&["plan", "small.toml", "--json"], arguments].concat());
        serde_json::from_str::<Value>(&text).unwrap()["forecast"].clone()
    };
    let (one, many) = (plan(&["--threads", "1"]), plan(&["--trials", "30", "--threads", "1"]));
    assert_eq!((&one["all"]["cells"], &many["all"]["cells"]), (&18.into(), &180.into()));
    let number = |plan: &Value, key: &str| plan[key].as_f64().unwrap();
    for plan in [&one, &many] {
        assert!(
            (number(plan, "wall_seconds") - number(plan, "cpu_seconds")).abs() < 1e-9,
            "one thread does it all"
        );
        assert!(number(plan, "memory_bytes") > 1e6 && number(plan, "disk_bytes") > 1e4);
    }
    let seconds = |plan: &Value| plan["all"]["cpu_seconds_all"].as_f64().unwrap();
    assert!((seconds(&many) / seconds(&one) - 10.0).abs() < 1e-9, "ten times the trials");
}
