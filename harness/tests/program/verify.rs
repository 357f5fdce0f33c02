//! Stored cells computed again: `verify` and `replay` on runs as they are, as another machine would have made them, and
//! forged.

use crate::scratch::{Said, Scratch, by_cell, edit_manifest};
use std::fs;
use store::{PartWriter, RunFolder, RunWriter};
use study::purpose::Purpose;
use study::record::{CellRecords, Recall, Status};

const DEFINITION: &str = r#"
question = "Does it agree?"
analysis = "With itself."
[protocols]
HOP = { hop = {} }
PSE = { pse = {} }
[grid]
n = [64]
m = [4, 16]
flips = [6]
trials = 2
queries = 50
"#;

/// A run of more trials than its definition says.
fn run() -> Scratch {
    let scratch = Scratch::new(DEFINITION);
    scratch.sweep(&["--trials", "3", "--quiet"]).well();
    scratch
}

/// Computes all cells of the run again.
fn verify(scratch: &Scratch, arguments: &[&str]) -> Said {
    scratch.run(&[&["verify", "d", "--sample", "100%"], arguments].concat())
}

/// Rewrites the run with other recalls, seals and all.
fn forge(scratch: &Scratch, change: impl Fn(&mut Recall)) {
    reseal(scratch, |cell| cell.recalls.iter_mut().for_each(&change));
}

/// Rewrites the run with other cells, seals and all.
fn reseal(scratch: &Scratch, change: impl Fn(&mut CellRecords)) {
    let path = scratch.results();
    let mut cells = by_cell(RunFolder::new(&path).read().unwrap().records);
    let run = RunFolder::new(&path).manifest().unwrap().unwrap().runs.remove(0);
    fs::remove_dir_all(&path).unwrap();
    let mut writer = RunWriter::lock(&path, run).unwrap();
    cells.iter_mut().for_each(change);
    writer.write_part(&cells).unwrap();
    let order: Vec<String> = cells.into_iter().map(|cell| cell.memory.at.cell.to_string()).collect();
    writer.consolidate(&order).unwrap();
}

#[test]
fn a_run_agrees_with_itself_to_the_bit() {
    let scratch = run();
    let text = verify(&scratch, &[]).well().stdout;
    assert!(
        text.contains("12 of 12 cells")
            && text.contains("every bit must agree")
            && text.contains("to the bit."),
        "{text}"
    );
    let report = scratch.run(&["verify", "results/d", "--sample", "50%", "--json"]).json();
    assert_eq!(report["checked"].as_array().unwrap().len(), 6, "a path serves as a name");
    assert_eq!((&report["mode"], &report["agrees"]), (&"bits".into(), &true.into()));
    assert!(report["checked"].as_array().unwrap().iter().all(|cell| cell["verdict"] == "equal"));
}

#[test]
fn a_tuning_run_is_computed_again_on_its_own_streams() {
    let scratch = Scratch::swept(&format!("stream = \"tune\"\n{DEFINITION}"));
    let plan = scratch.succeed(&["plan", "d.toml"]).stdout;
    assert!(plan.contains("Stream: tune"), "{plan}");
    let text = verify(&scratch, &["--exact"]).well().stdout;
    assert!(text.contains("8 of 8 cells"), "{text}");
    let results = RunFolder::new(scratch.results());
    assert_eq!(results.manifest().unwrap().unwrap().runs[0].stream, Purpose::Tune);
    let id = results.read().unwrap().records.memories[3].at.cell.clone();
    let text = scratch.succeed(&["replay", "d", "--cell", &id]).stdout;
    assert!(text.contains("Every bit agrees"), "{text}");
}

#[test]
fn one_query_more_is_no_agreement_here_and_chance_on_another_processor() {
    let scratch = run();
    forge(&scratch, |recall| {
        if recall.at.protocol == "PSE" && recall.at.trial == 1 {
            recall.reads.recovered -= 1;
            recall.reads.spurious += 1;
        }
    });
    let Said { code, stdout: text, .. } = verify(&scratch, &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("do NOT agree") && text.contains("harness replay d --cell"), "{text}");

    let elsewhere =
        || edit_manifest(&scratch.results(), |manifest| manifest["runs"][0]["cpu"] = "Another 9000".into());
    elsewhere();
    let text = verify(&scratch, &[]).well().stdout;
    assert!(text.contains("within intervals") && text.contains("Another 9000 in the run"), "{text}");
    verify(&scratch, &["--exact"]).refused(1, &[]);

    forge(&scratch, |recall| std::mem::swap(&mut recall.reads.spurious, &mut recall.reads.recovered));
    elsewhere();
    verify(&scratch, &[]).refused(1, &[]);
}

#[test]
fn a_run_of_which_no_cell_can_be_compared_does_not_agree() {
    let scratch = run();
    let ended = |cell: &mut CellRecords| {
        (cell.memory.status, cell.memory.figures) = (Status::Timeout, None);
        cell.recalls.clear();
    };
    reseal(&scratch, |cell| {
        if cell.memory.at.trial == 0 {
            ended(cell)
        }
    });
    let text = verify(&scratch, &[]).well().stdout;
    assert!(text.contains("8 of 12 cells") && text.contains("4 were left out"), "{text}");

    reseal(&scratch, ended);
    let said = verify(&scratch, &[]);
    assert_eq!(said.code, Some(5), "{}", said.stdout);
    assert!(said.stdout.contains("Nothing could be compared") && said.stdout.contains("--rerun failed"));
    assert!(!said.stdout.contains("agree to the bit") && !said.stderr.contains("-0.0"), "{}", said.stderr);
    let report = verify(&scratch, &["--json"]).json();
    assert_eq!((&report["agrees"], &report["outcome"]), (&serde_json::Value::Null, &"nothing".into()));
}

/// Of the trials of a size one is forged, in all tables: by its id it is that of before.
#[test]
fn a_forged_trial_is_damage() {
    for forged in [0, 999] {
        let scratch = run();
        reseal(&scratch, |cell| {
            if cell.memory.at.protocol == "PSE" && cell.memory.at.m == 16 && cell.memory.at.trial == 2 {
                cell.memory.at.trial = forged;
                cell.timing.at.trial = forged;
                cell.recalls.iter_mut().for_each(|recall| recall.at.trial = forged);
            }
        });
        let said = [
            "memories.parquet is damaged",
            &format!("column `trial` has {forged} for cell"),
            "stands for 2",
            "allowed is 0 to",
        ];
        verify(&scratch, &[]).refused(1, &said);
        scratch.run(&["replay", "d", "--cell", "0"]).refused(1, &said);
    }
}

#[test]
fn cells_that_nobody_plans_any_more_are_not_passed_over() {
    let scratch = run();
    edit_manifest(&scratch.results(), |manifest| {
        let text = manifest["runs"][0]["definition_text"].as_str().unwrap();
        manifest["runs"][0]["definition_text"] = format!("seed = 2\n{text}").into();
    });
    let Said { code, stdout: text, .. } = scratch.run(&["verify", "d"]);
    assert_eq!(code, Some(1), "{text}");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("no longer planned") && text.contains("check out the commit"), "{text}");
    scratch.run(&["verify", "e"]).refused(1, &["these are there: d"]);
}

#[test]
fn a_cell_is_replayed_by_the_start_of_its_id() {
    let scratch = run();
    let records = RunFolder::new(scratch.results()).read().unwrap().records;
    let ids: Vec<&str> = records.memories.iter().map(|memory| memory.at.cell.as_str()).collect();
    let replay = |start: &str| scratch.run(&["replay", "d", "--cell", start]);
    // The shortest start that no other id has.
    let start = |id: &str| {
        let unique =
            |length: &usize| ids.iter().filter(|other| other.starts_with(&id[..*length])).count() == 1;
        id[..(1..=16).find(unique).unwrap()].to_owned()
    };
    let text = replay(&start(ids[7])).well().stdout;
    assert!(text.contains(ids[7]) && text.contains("Every bit agrees"), "{text}");
    assert!(text.contains("recovered") && text.contains("sync") && text.contains("async"), "{text}");

    replay("zz").refused(1, &["nearest", "column `cell`"]);
    replay("").refused(1, &["12 cells", "give more of it"]);
    scratch.run(&["replay", "d", "--failed"]).refused(1, &["no cell of d failed"]);

    forge(&scratch, |recall| recall.reads.ties += 7);
    let Said { code, stdout: text, .. } = replay(ids[7]);
    assert!(code == Some(1) && text.contains("7 -> 0"), "{text}");
}

#[test]
fn a_failure_is_replayed_with_its_message() {
    // The first step is infinite.
    let definition = DEFINITION.replace(
        "PSE = { pse = {} }",
        "TRN = { trn = { start = \"random\", learning_rate = 1e300, epochs = 20, queries = 2 } }",
    );
    let scratch = Scratch::new(&definition);
    scratch.sweep(&["--quiet"]).refused(1, &[]);
    let text = scratch.succeed(&["replay", "d", "--failed"]).stdout;
    assert!(text.contains("diverged at iteration"), "{text}");
    let text = verify(&scratch, &[]).well().stdout;
    assert!(text.contains("8 of 8"), "the same failure agrees: {text}");
}
