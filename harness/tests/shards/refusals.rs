//! What a shard refuses, and what to do about it.

use crate::{DEFINITION, Scratch, stderr};
use std::fs;
use std::process::Output;

fn assert_refused(output: &Output, code: i32, said: &[&str]) {
    let text = stderr(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(said.iter().all(|words| text.contains(words)), "{text}");
}

#[test]
fn a_shard_without_a_plan_or_with_another_is_refused() {
    let scratch = Scratch::new(DEFINITION);
    assert_refused(&scratch.shard("1/2"), 1, &["results/d/plan.json", "--shards"]);
    assert_refused(&scratch.run(&["merge", "d"]), 1, &["results/d/plan.json", "--shards"]);
    assert!(!scratch.results().exists(), "nothing was begun");
    assert!(scratch.run(&["plan", "d.toml", "--shards", "3"]).status.success());
    assert_refused(&scratch.shard("1/2"), 1, &["has 3 shards, not 2"]);
    for wrong in ["0/3", "4/3", "3", "a/b", "1/"] {
        assert_refused(&scratch.shard(wrong), 2, &["I/N", "3/16"]);
    }
    assert_refused(&scratch.run(&["sweep", "d.toml", "--shard", "1/3", "--trials", "2"]), 2, &["--trials"]);
    fs::write(scratch.path("d.toml"), DEFINITION.replace("trials = 4", "trials = 5")).unwrap();
    assert_refused(&scratch.shard("1/3"), 1, &["another text of d", "--shards 3"]);
    // The frozen definition stands beside the plan.
    let output = scratch.run(&["sweep", "results/d/d.toml", "--shard", "1/3"]);
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn another_program_is_refused() {
    let scratch = Scratch::frozen(DEFINITION, 2);
    let copy = scratch.path("harness");
    let mut bytes = fs::read(env!("CARGO_BIN_EXE_harness")).unwrap();
    bytes.push(0);
    fs::copy(env!("CARGO_BIN_EXE_harness"), &copy).unwrap();
    fs::write(&copy, bytes).unwrap();
    let output = std::process::Command::new(&copy)
        .current_dir(scratch.path("."))
        .args(["sweep", "d.toml", "--shard", "1/2"])
        .output()
        .unwrap();
    assert_refused(&output, 1, &["another build of this program", "harness resume"]);
}

#[test]
fn a_damaged_plan_is_refused() {
    let scratch = Scratch::frozen(DEFINITION, 2);
    let path = scratch.results().join("plan.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("\"wall_seconds\":", "\"wall_seconds\":1", 1)).unwrap();
    assert_refused(&scratch.shard("1/2"), 1, &["plan.json is damaged", "BLAKE3"]);
}

#[test]
fn what_decides_trial_by_trial_is_not_divided() {
    let sequential = format!("{DEFINITION}[sequential]\nmeasure = \"recovered\"\nwidth = 0.1\nlooks = [5]\n")
        .replace("trials = 4", "trials = 9");
    let scratch = Scratch::new(&sequential);
    let output = scratch.run(&["plan", "d.toml", "--shards", "2"]);
    assert_refused(&output, 1, &["[sequential]", "sweep it on one machine"]);
}
