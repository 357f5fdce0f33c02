//! Sequential stopping through the command line: the same cells however the run came about, and an outcome on record.

use crate::scratch::Scratch;
use serde_json::Value;

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

#[test]
fn trials_are_added_where_intervals_are_wide() {
    let scratch = Scratch::new(DEFINITION);
    let printed = scratch.sweep(&["--threads", "1"]).well().stdout;
    assert!(printed.contains("Sequential: intervals of 98.33 % (95 % over 3 looks)"), "{printed}");
    let manifest = scratch.manifest();
    let stops = manifest["sequential"]["stops"].as_array().unwrap();
    let trials: Vec<u64> = stops.iter().map(|stop| stop["trials"].as_u64().unwrap()).collect();
    assert_eq!(trials[0], 10, "{stops:?}");
    assert!(trials[1] > 10, "{stops:?}");
    assert_eq!(manifest["cells"]["ok"].as_u64().unwrap(), trials.iter().sum::<u64>());

    // Tables speak with the corrected confidence, and so show the very widths that decided.
    let json = scratch.succeed(&["show", "d", "--json", "--measure", "recovered"]).json();
    let estimates = json.as_array().unwrap();
    let number = |value: &Value| value.as_f64().unwrap();
    let shown: Vec<f64> = estimates.iter().map(|e| number(&e["high"]) - number(&e["low"])).collect();
    assert_eq!(shown.len(), stops.len());
    assert!(shown.iter().zip(stops).all(|(width, stop)| (width - number(&stop["width"])).abs() < 1e-8));

    let again = Scratch::new(DEFINITION);
    assert_eq!(again.sweep(&["--threads", "2"]).well().stdout, printed);
    assert!(again.tables() == scratch.tables());
}

#[test]
fn a_run_that_was_interrupted_or_went_further_ends_the_same() {
    let (whole, short) = (Scratch::swept(DEFINITION), Scratch::new(DEFINITION));
    // Stopped in the first look, then in the second.
    short.sweep(&["--quiet", "--trials", "7"]).well();
    short.sweep(&["--quiet", "--trials", "13"]).well();
    short.sweep(&["--quiet"]).well();
    assert!(short.tables() == whole.tables());
    // All 40 trials are stored, of a definition without the rule.
    let (all, _) = DEFINITION.split_once("[sequential]").unwrap();
    let long = Scratch::swept(all);
    assert!(long.manifest().get("sequential").is_none());
    long.write("d.toml", DEFINITION);
    long.sweep(&["--quiet"]).well();
    assert!(long.tables() == whole.tables());
    assert_eq!(long.manifest()["sequential"], whole.manifest()["sequential"]);
    // What went beyond waits in the attic, and comes back.
    long.write("d.toml", all);
    long.sweep(&["--quiet"]).well();
    assert_eq!(long.manifest()["cells"]["ok"], 80);
    assert!(long.manifest().get("sequential").is_none());
    let report = whole.succeed(&["verify", "d", "--sample", "100%"]).stdout;
    assert!(report.contains("agree to the bit"), "{report}");
}
