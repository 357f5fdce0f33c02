//! `compare` through its command line, and the sessions that a continued run leaves in its manifest.

use crate::scratch::{Scratch, edit_manifest, manifest};
use serde_json::Value;

const DEFINITION: &str = r#"
question = "Which is better?"
analysis = "The numbers tell."
seed = 1
[protocols]
PSE = { pse = { diagonal = "zero" } }
[grid]
n = [64]
m = [16, 24, 32]
flips = [3, 6]
trials = 8
queries = 50
"#;

/// A sweep of this name.
fn sweep(scratch: &Scratch, name: &str, definition: &str, arguments: &[&str]) {
    let file = format!("{name}.toml");
    scratch.write(&file, definition);
    scratch.succeed(&[&["sweep", &file, "--quiet"], arguments].concat());
}

/// Exit code, and standard output and error in one.
fn compare(scratch: &Scratch, arguments: &[&str]) -> (i32, String) {
    let said = scratch.run(&[&["compare"], arguments].concat());
    (said.code.unwrap(), said.stdout + &said.stderr)
}

#[test]
fn the_same_protocol_is_identical_a_worse_one_is_found_out() {
    let scratch = &Scratch::new(DEFINITION);
    sweep(scratch, "zero", DEFINITION, &[]);
    sweep(scratch, "again", DEFINITION, &[]);
    // A kept diagonal holds the queries where they are: it recovers less.
    sweep(scratch, "kept", &DEFINITION.replace("zero", "kept"), &[]);
    let (code, text) = compare(scratch, &["zero", "again"]);
    assert!(code == 0 && text.contains("Paired") && text.contains("2 are identical"), "{text}");
    let (code, text) = compare(scratch, &["zero", "kept", "--measure", "recovered"]);
    assert!(code == 1 && text.contains("WORSE") && text.contains("PSE has other parameters"), "{text}");
    let (code, text) = compare(scratch, &["kept", "results/zero", "--measure", "recovered"]);
    assert!(code == 0 && text.contains("better in 1"), "{text}");
    let found = scratch.run(&["compare", "zero", "kept", "--by", "condition", "--json"]).json();
    // Three M: fixed points, and two levels of noise by two dynamics.
    assert_eq!(found["rows"].as_array().unwrap().len(), 3 * (1 + 2 * 2));
    assert_eq!((&found["paired"], &found["joined"]), (&true.into(), &24.into()));
}

#[test]
fn other_seeds_are_no_pairs_and_other_sizes_nothing_in_common() {
    let scratch = &Scratch::new(DEFINITION);
    sweep(scratch, "one", DEFINITION, &[]);
    sweep(scratch, "two", &DEFINITION.replace("seed = 1", "seed = 2"), &[]);
    let (code, text) = compare(scratch, &["one", "two"]);
    assert!(code == 0 && text.contains("Not paired") && text.contains("seeds 1 and 2"), "{text}");
    sweep(scratch, "tuned", &DEFINITION.replace("seed = 1", "seed = 1\nstream = \"tune\""), &[]);
    let (code, text) = compare(scratch, &["one", "tuned"]);
    assert!(code == 0 && text.contains("Not paired") && text.contains("streams evaluate and tune"), "{text}");
    sweep(scratch, "large", &DEFINITION.replace("[64]", "[80]"), &[]);
    let (code, text) = compare(scratch, &["one", "large"]);
    assert!(code == 5 && text.contains("nothing in common") && text.contains("0 cells are joined"), "{text}");
    let said = scratch.run(&["compare", "one", "large", "--json"]);
    assert_eq!((said.code, &said.json()["outcome"]), (Some(5), &"nothing".into()));
    let (code, text) = compare(scratch, &["one", "three"]);
    assert!(code == 1 && text.contains("these are there: large, one, tuned, two"), "{text}");
}

#[test]
fn times_of_two_machines_are_compared_by_force_only() {
    let scratch = &Scratch::new(DEFINITION);
    sweep(scratch, "here", DEFINITION, &[]);
    sweep(scratch, "there", DEFINITION, &[]);
    let times = ["here", "there", "--measure", "write-seconds"];
    let (_, text) = compare(scratch, &times);
    assert!(text.contains("write-seconds") && text.contains(" s; B "), "{text}");
    edit_manifest(&scratch.path("results/there"), |other| other["runs"][0]["host"] = "another".into());
    let (code, text) = compare(scratch, &times);
    assert!(code == 1 && text.contains("--force") && text.contains("another"), "{text}");
    let (_, text) = compare(scratch, &[&times[..], &["--force"]].concat());
    assert!(text.contains("comparisons"), "{text}");
    let (code, text) = compare(scratch, &["here", "there"]);
    assert!(code == 0, "shares do not depend on the machine: {text}");
}

#[test]
fn every_session_of_a_continued_run_is_in_the_manifest() {
    let scratch = &Scratch::new(DEFINITION);
    sweep(scratch, "run", DEFINITION, &["--trials", "2"]);
    let more = format!("# more of it\n{DEFINITION}");
    sweep(scratch, "run", &more, &[]);
    sweep(scratch, "run", &more, &[]);
    let manifest = manifest(&scratch.path("results/run"));
    let runs = manifest["runs"].as_array().unwrap();
    let has = |run: &Value, word: &str| run["arguments"].as_array().unwrap().iter().any(|a| a == word);
    assert!(has(&runs[0], "--trials") && !has(&runs[1], "--trials"), "each with its own command line");
    assert_eq!(runs.len(), 2, "a run that computed nothing leaves no trace");
    for run in runs {
        assert!(run["start"].as_str().unwrap() <= run["end"].as_str().unwrap(), "RFC 3339 sorts as text");
    }
    assert!(runs[0]["end"].as_str().unwrap() <= runs[1]["start"].as_str().unwrap());
    let text = |i: usize| runs[i]["definition_text"].as_str().unwrap().to_owned();
    assert_eq!((text(0), text(1)), (DEFINITION.to_owned(), more));
    assert_ne!(runs[0]["definition_hash"], runs[1]["definition_hash"]);
}
