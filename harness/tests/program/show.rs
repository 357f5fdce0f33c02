//! `show`: every measure of a run can be shown, and a filter that nothing passes says what there is.

use crate::scratch::Scratch;
use std::collections::BTreeSet;

const DEFINITION: &str = r#"
question = "What is there?"
analysis = "All of it."
probes = ["stability", "recovery", "structure", "correction", "starts"]
[protocols]
HOP = { hop = {} }
PSE = { pse = {} }
[grid]
n = [16]
m = [2, 6]
flips = [0, 2]
trials = 3
queries = 5
"#;

#[test]
fn every_measure_of_a_run_is_shown_when_asked_for() {
    let scratch = Scratch::swept(DEFINITION);
    let all = scratch.succeed(&["show", "d", "--json"]).json();
    let measures = all.as_array().unwrap().iter().map(|e| e["measure"].as_str().unwrap().to_owned());
    let measures: BTreeSet<String> = measures.collect();
    assert!(measures.len() > 10, "{measures:?}");
    for measure in measures {
        let shown = scratch.succeed(&["show", "d", "--measure", &measure]).stdout;
        assert!(shown.contains("random messages, N = 16") && shown.contains("HOP"), "{measure}: {shown}");
    }
    let overlap = scratch.succeed(&["show", "d", "--measure", "overlap", "--flips", "0"]).stdout;
    assert!(overlap.starts_with("overlap, random messages, N = 16, 0 flips (noise 0.00), sync, 3 trials\n"));
}

#[test]
fn a_filter_that_nothing_passes_says_what_there_is() {
    let scratch = Scratch::swept(&DEFINITION.replace(", \"structure\", \"correction\", \"starts\"", ""));
    for (filters, said) in [
        ("--flips 99", "d has no estimate with --flips 99; of flips it has: 0, 2"),
        ("--measure symmetric", "of measure it has: fixed-points, bit-errors, recovered"),
        ("--protocol TRN", "d has no estimate with --protocol TRN; of protocol it has: HOP, PSE"),
        ("--source glyphs", "of source it has: random"),
    ] {
        for form in ["", " --csv", " --json"] {
            let line = format!("show d {filters}{form}");
            scratch.run(&line.split(' ').collect::<Vec<_>>()).refused(1, &[said]);
        }
    }
    let probes = r#", "recovery", "structure", "correction", "starts""#;
    let unread = DEFINITION.replace(probes, "").replace("flips = [0, 2]\n", "").replace("queries = 5\n", "");
    let unread = Scratch::swept(&unread);
    let said = ["d has no estimate with --dynamics async; of dynamics it has: none"];
    unread.run(&["show", "d", "--dynamics", "async"]).refused(1, &said);
}
