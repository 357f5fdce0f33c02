//! What a shard refuses, and what to do about it.

use super::{DEFINITION, frozen, shard};
use crate::scratch::Scratch;
#[cfg(unix)]
use crate::scratch::{PROGRAM, Said, executable};
use std::fs;

#[test]
fn a_shard_without_a_plan_or_with_another_is_refused() {
    let scratch = Scratch::new(DEFINITION);
    shard(&scratch, "1/2").refused(1, &["results/d/plan.json", "--shards"]);
    scratch.run(&["merge", "d"]).refused(1, &["looked for in results/d,", "--shards"]);
    assert!(!scratch.results().exists(), "nothing was begun");
    scratch.succeed(&["plan", "d.toml", "--shards", "3"]);
    shard(&scratch, "1/2").refused(1, &["has 3 shards, not 2"]);
    for wrong in ["0/3", "4/3", "3", "a/b", "1/"] {
        shard(&scratch, wrong).refused(2, &["I/N", "3/16"]);
    }
    scratch.sweep(&["--shard", "1/3", "--trials", "2"]).refused(2, &["--trials"]);
    scratch.write("d.toml", &DEFINITION.replace("trials = 4", "trials = 5"));
    shard(&scratch, "1/3").refused(1, &["another text of d", "--shards 3"]);
    // The frozen definition stands beside the plan.
    scratch.succeed(&["sweep", "results/d/d.toml", "--shard", "1/3"]);
}

#[cfg(unix)]
#[test]
fn another_program_is_refused() {
    let scratch = frozen(DEFINITION, 2);
    let copy = scratch.path("harness");
    let mut bytes = fs::read(PROGRAM).unwrap();
    bytes.push(0);
    executable(&copy, &bytes);
    let said = Said::by(scratch.other(&copy).args(["sweep", "d.toml", "--shard", "1/2"]));
    said.refused(1, &["another build of this program", "harness resume"]);
}

#[test]
fn a_damaged_plan_is_refused() {
    let scratch = frozen(DEFINITION, 2);
    let path = scratch.results().join("plan.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("\"wall_seconds\":", "\"wall_seconds\":1", 1)).unwrap();
    shard(&scratch, "1/2").refused(1, &["plan.json is damaged", "BLAKE3"]);
}

#[test]
fn what_decides_trial_by_trial_is_not_divided() {
    let sequential = format!("{DEFINITION}[sequential]\nmeasure = \"recovered\"\nwidth = 0.1\nlooks = [5]\n")
        .replace("trials = 4", "trials = 9");
    let scratch = Scratch::new(&sequential);
    let said = scratch.run(&["plan", "d.toml", "--shards", "2"]);
    said.refused(1, &["[sequential]", "sweep it on one machine"]);
}
