//! `plan` through its command line: before a sweep, after it, and after edits. A sweep then computes just that.

use crate::scratch::Scratch;
use serde_json::Value;
use std::fs;

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

/// The plan of another text of the definition.
fn planned(scratch: &Scratch, definition: &str) -> Value {
    scratch.write("d.toml", definition);
    plan(scratch, &[])
}

fn plan(scratch: &Scratch, arguments: &[&str]) -> Value {
    scratch.succeed(&[&["plan", "d.toml", "--json"], arguments].concat()).json()
}

/// Finished, changed and new cells of a protocol, or of all.
fn states(plan: &Value, protocol: &str) -> [u64; 3] {
    let forecast = &plan["forecast"];
    let row = if protocol == "all" { &forecast["all"] } else { &forecast["protocols"][protocol] };
    ["finished", "changed", "new"].map(|key| row[key].as_u64().unwrap())
}

#[test]
fn an_edit_computes_again_what_it_changes_and_nothing_else() {
    let scratch = &Scratch::new(DEFINITION);
    assert_eq!(states(&plan(scratch, &[]), "all"), [0, 0, 18]);
    assert!(!scratch.path("results").exists(), "a plan leaves no results");
    scratch.sweep(&["--quiet"]).well();
    let plan = plan(scratch, &[]);
    assert_eq!(states(&plan, "all"), [18, 0, 0]);
    assert_eq!(plan["forecast"]["all"]["write_seconds"], 0.0);

    // Words and layout: nothing.
    let words =
        DEFINITION.replace("Nothing, in the end.", "All of it.").replace("TRN = ", "# a note\nTRN   = ");
    assert_eq!(states(&planned(scratch, &words), "all"), [18, 0, 0]);
    // A parameter of one protocol, and one message set more: its cells again, and the new ones.
    let edited = DEFINITION.replace("epochs = 3", "epochs = 4").replace("trials = 3", "trials = 4");
    let plan = planned(scratch, &edited);
    assert_eq!(states(&plan, "TRN"), [0, 6, 2]);
    assert_eq!(states(&plan, "HOP"), [6, 0, 2]);
    assert_eq!(plan["cells_no_longer_planned"], 6);
    let text = scratch.succeed(&["plan", "d.toml"]).stdout;
    assert!(text.contains("12 of 24 cells are finished") && text.contains("6 are computed again"), "{text}");

    // The sweep computes just that: it says so, and the times of the other cells stay those of the first run.
    let swept = scratch.sweep(&[]).stderr;
    assert!(swept.contains("12 of 24 cells are finished already"), "{swept}");
    let aside =
        "6 cells that are stored are not of this definition any more: they are kept aside in results/d/attic";
    assert!(swept.lines().next().is_some_and(|line| line.starts_with(aside)), "{swept}");
    let again = scratch.sweep(&[]).stderr;
    assert!(!again.contains("aside"), "they are there already: {again}");
    assert_eq!(states(&planned(scratch, &edited), "all"), [24, 0, 0]);
    // Back again: what was computed before is still there, and is what a run in a new folder gives.
    assert_eq!(states(&planned(scratch, DEFINITION), "all"), [18, 0, 0]);
    scratch.sweep(&["--quiet"]).well();
    assert!(scratch.tables() == Scratch::swept(DEFINITION).tables());
}

#[test]
fn this_machine_is_measured_once() {
    let scratch = Scratch::new(DEFINITION);
    let probes =
        |arguments: &[&str]| plan(&scratch, arguments)["calibration"]["probes_now"].as_u64().unwrap();
    let first = probes(&[]);
    assert!(first > 0);
    assert_eq!((probes(&[]), probes(&["--calibrate"])), (0, first));
    // Without a folder to keep it in, the plan is made all the same.
    fs::remove_dir_all(scratch.path("cache")).unwrap();
    scratch.write("cache", "in the way");
    let text = scratch.succeed(&["plan", "d.toml"]).stdout;
    assert!(text.contains("not kept") && text.contains("CPU time"), "{text}");
}

#[test]
fn threads_and_trials_are_planned_for() {
    let scratch = Scratch::new(DEFINITION);
    let forecast = |arguments: &[&str]| plan(&scratch, arguments)["forecast"].clone();
    let (one, many) = (forecast(&["--threads", "1"]), forecast(&["--trials", "30", "--threads", "1"]));
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
