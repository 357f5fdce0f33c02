//! The command `check` tells good programs from bad ones. It needs `python3`; a test says so where it is missing.

use crate::external::{is_here, jobs, no_orphan, scratch};
use crate::scratch::Scratch;
use std::fs;

/// A definition with a rule and a reader of tests, with these parameters.
fn with(rule: &str, reader: &str) -> String {
    let files = |file: &str| format!("command = [\"python3\", \"{file}\"], files = [\"{file}\", \"hop.py\"]");
    format!(
        "question = \"?\"\nanalysis = \".\"\n[protocols]\nHOP = {{ hop = {{}} }}\nMine = {{ external = {{ {}, batch = \
         2, parameters = {{ {rule} }} }} }}\n[read]\ndynamics = [\"sync\", \"soft\", {{ external = {{ {}, parameters = \
         {{ {reader} }} }} }}]\n[grid]\nn = [12, 16]\nm = [2]\nflips = [1]\ntrials = 2\nqueries = 4\n",
        files("rule.py"),
        files("reader.py")
    )
}

fn checked(scratch: &Scratch, name: &[&str], code: i32) -> String {
    let said = scratch.run(&[&["check", "d.toml", "--seconds", "3"], name].concat());
    assert_eq!(said.code, Some(code), "{}{}", said.stdout, said.stderr);
    no_orphan(scratch);
    said.stdout
}

#[test]
fn a_good_rule_and_a_good_reader_are_well() {
    if !is_here("python3") {
        return;
    }
    let scratch = scratch(&with("", ""));
    let text = checked(&scratch, &[], 0);
    for said in [
        "HOP: the rule `hop`\n  ✓ obeys",
        "Mine: a rule, `python3 rule.py`\n  ✓ writes 2 message sets of N = 12, M = 2",
        "✓ writes the same after another job",
        "✓ writes the same in a fresh process",
        "✓ ends with its input",
        "✓ obeys 9 of 9 laws of rules",
        "sync: a reader of the catalogue\n  ✓ reads the same memory alike twice\n  ✓ brings back 30 of 30",
        "reader: a reader, `python3 reader.py`\n  ✓ recalls from 1 memories of N = 12, M = 2",
        "✓ recalls the same after another job",
        "✓ brings few messages back from themselves",
        "✓ recalls the same in a fresh process",
        "✓ answers each query by itself",
        ", 0 wrong",
    ] {
        assert!(text.contains(said), "{said}:\n{text}");
    }
    assert!(!text.contains('✗'), "{text}");
    // Neither knows `version`.
    assert_eq!(text.matches("~ prints nothing for `version`").count(), 2, "{text}");
    let one = checked(&scratch, &["reader"], 0);
    assert!(one.contains("reader: a reader") && !one.contains("HOP"), "{one}");
    scratch.run(&["check", "d.toml", "raeder"]).refused(1, &["did you mean \"reader\"?"]);
    assert!(jobs(&scratch).is_empty());
}

#[test]
fn bad_programs_are_told_and_what_to_do() {
    if !is_here("python3") {
        return;
    }
    for (rule, said) in [
        ("leak", "✗ answers otherwise after another job"),
        ("process", "✗ answers otherwise in a fresh process"),
        ("hang", "✗ no answer within 3 s"),
        ("exit", "✗ the program ended (exit status: 3) before it answered"),
        ("nan", "✗ weights.npy: trial 0, row 0, column 0 (counted from 0) is NaN"),
        ("late", "`seconds`, but only"),
        ("chatter", "~ prints what is no answer, which goes to its log: xxx"),
    ] {
        let scratch = scratch(&with(&format!("fault = \"{rule}\""), ""));
        let text = checked(&scratch, &["Mine"], i32::from(rule != "chatter"));
        assert!(text.contains(said), "{rule}:\n{text}");
    }
    for (reader, said) in [
        ("leak", "✗ answers otherwise after another job"),
        ("process", "✗ answers otherwise in a fresh process"),
        ("values", "✗ states.npy: trial 0, row 0, column 1 (counted from 0) is 2"),
        ("missing", "✗ states.npy: is not there"),
        ("undecided", "✓ brings few messages back"),
    ] {
        let scratch = scratch(&with("", &format!("fault = \"{reader}\"")));
        let text = checked(&scratch, &["reader"], i32::from(reader != "undecided"));
        assert!(text.contains(said), "{reader}:\n{text}");
    }
    for (file, code, said) in [
        ("unfinished-lines", 1, "print $HARNESS_TOKEN, a space and the folder's path"),
        ("stays", 0, "~ goes on when its input"),
    ] {
        let scratch = scratch(&with("", ""));
        fs::write(scratch.path(file), "").unwrap();
        let text = checked(&scratch, &["Mine"], code);
        assert!(text.contains(said), "{file}:\n{text}");
    }
}
