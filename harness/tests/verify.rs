//! Stored cells computed again: `verify` and `replay` on runs as they are, as another machine would have made them, and
//! forged.

use harness::purpose::Purpose;
use harness::record::{CellRecords, Recall};
use harness::store::{PartWriter, RunFolder, RunWriter};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

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

fn harness(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_harness")).current_dir(folder).args(arguments).output().unwrap()
}

/// Exit code, standard output and standard error.
fn said(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// A folder with a run of more trials than its definition says.
fn run() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("small.toml"), DEFINITION).unwrap();
    let output = harness(folder.path(), &["sweep", "small.toml", "--trials", "3", "--quiet"]);
    assert!(output.status.success(), "{}", said(&output).2);
    folder
}

/// Rewrites the run with other recalls, seals and all.
fn forge(folder: &Path, change: impl Fn(&mut Recall)) {
    let path = folder.join("results/small");
    let records = RunFolder::new(&path).read().unwrap();
    let run = RunFolder::new(&path).manifest().unwrap().unwrap().runs.remove(0);
    fs::remove_dir_all(&path).unwrap();
    let mut writer = RunWriter::lock(&path, run).unwrap();
    let mut recalls = records.recalls;
    recalls.iter_mut().for_each(change);
    let cells: Vec<CellRecords> = records
        .memories
        .into_iter()
        .zip(records.timings)
        .map(|(memory, timing)| {
            let mine = recalls.iter().filter(|recall| recall.at.cell == memory.at.cell).cloned();
            CellRecords { recalls: mine.collect(), memory, timing }
        })
        .collect();
    writer.write_part(&cells).unwrap();
    let order: Vec<String> = cells.into_iter().map(|cell| cell.memory.at.cell).collect();
    writer.consolidate(&order).unwrap();
}

fn edit_manifest(folder: &Path, edit: impl Fn(&mut serde_json::Value)) {
    let path = folder.join("results/small/manifest.json");
    let mut manifest: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    edit(&mut manifest);
    // An older manifest has no seal of its own.
    manifest.as_object_mut().unwrap().remove("blake3");
    fs::write(&path, manifest.to_string()).unwrap();
}

#[test]
fn a_run_agrees_with_itself_to_the_bit() {
    let folder = run();
    let (code, text, _) = said(&harness(folder.path(), &["verify", "small", "--sample", "100%"]));
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("12 of 12 cells")
            && text.contains("every bit must agree")
            && text.contains("to the bit."),
        "{text}"
    );
    let json = harness(folder.path(), &["verify", "results/small", "--sample", "50%", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(report["checked"].as_array().unwrap().len(), 6, "a path serves as a name");
    assert_eq!((&report["mode"], &report["agrees"]), (&"bits".into(), &true.into()));
    assert!(report["checked"].as_array().unwrap().iter().all(|cell| cell["verdict"] == "equal"));
}

#[test]
fn a_tuning_run_is_computed_again_on_its_own_streams() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("small.toml"), format!("stream = \"tune\"\n{DEFINITION}")).unwrap();
    let plan = said(&harness(folder.path(), &["plan", "small.toml"])).1;
    assert!(plan.contains("Stream: tune"), "{plan}");
    harness(folder.path(), &["sweep", "small.toml", "--quiet"]);
    let (code, text, _) = said(&harness(folder.path(), &["verify", "small", "--sample", "100%", "--exact"]));
    assert!(code == 0 && text.contains("8 of 8 cells"), "{text}");
    let results = RunFolder::new(folder.path().join("results/small"));
    assert_eq!(results.manifest().unwrap().unwrap().runs[0].stream, Purpose::Tune);
    let id = results.read().unwrap().memories[3].at.cell.clone();
    let (code, text, _) = said(&harness(folder.path(), &["replay", "small", "--cell", &id]));
    assert!(code == 0 && text.contains("Every bit agrees"), "{text}");
}

#[test]
fn one_query_more_is_no_agreement_here_and_chance_on_another_processor() {
    let folder = run();
    forge(folder.path(), |recall| {
        if recall.at.protocol == "PSE" && recall.at.trial == 1 {
            recall.recovered -= 1;
            recall.spurious += 1;
        }
    });
    let verify = |extra: &[&str]| {
        said(&harness(folder.path(), &[&["verify", "small", "--sample", "100%"], extra].concat()))
    };
    let (code, text, _) = verify(&[]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("do NOT agree") && text.contains("harness replay small --cell"), "{text}");

    edit_manifest(folder.path(), |manifest| manifest["runs"][0]["cpu"] = "Another 9000".into());
    let (code, text, _) = verify(&[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("within intervals") && text.contains("Another 9000 in the run"), "{text}");
    let (code, text, _) = verify(&["--exact"]);
    assert_eq!(code, 1, "{text}");

    forge(folder.path(), |recall| (recall.spurious, recall.recovered) = (recall.recovered, recall.spurious));
    edit_manifest(folder.path(), |manifest| manifest["runs"][0]["cpu"] = "Another 9000".into());
    let (code, text, _) = verify(&[]);
    assert_eq!(code, 1, "{text}");
}

#[test]
fn cells_that_nobody_plans_any_more_are_not_passed_over() {
    let folder = run();
    edit_manifest(folder.path(), |manifest| {
        let text = manifest["runs"][0]["definition_text"].as_str().unwrap();
        manifest["runs"][0]["definition_text"] = format!("seed = 2\n{text}").into();
    });
    let (code, text, _) = said(&harness(folder.path(), &["verify", "small"]));
    assert_eq!(code, 1);
    assert!(text.contains("no longer planned") && text.contains("check out the commit"), "{text}");
    let (code, _, error) = said(&harness(folder.path(), &["verify", "smal"]));
    assert!(code == 1 && error.contains("these are there: small"), "{error}");
}

#[test]
fn a_cell_is_replayed_by_the_start_of_its_id() {
    let folder = run();
    let records = RunFolder::new(folder.path().join("results/small")).read().unwrap();
    let ids: Vec<&str> = records.memories.iter().map(|memory| memory.at.cell.as_str()).collect();
    let replay = |start: &str| said(&harness(folder.path(), &["replay", "small", "--cell", start]));
    // The shortest start that no other id has.
    let start = |id: &str| {
        let unique =
            |length: &usize| ids.iter().filter(|other| other.starts_with(&id[..*length])).count() == 1;
        id[..(1..=16).find(unique).unwrap()].to_owned()
    };
    let (code, text, _) = replay(&start(ids[7]));
    assert!(code == 0 && text.contains(ids[7]) && text.contains("Every bit agrees"), "{text}");
    assert!(text.contains("recovered") && text.contains("sync") && text.contains("async"), "{text}");

    let (code, _, error) = replay("zz");
    assert!(code == 1 && error.contains("nearest") && error.contains("column `cell`"), "{error}");
    let (code, _, error) = replay("");
    assert!(code == 1 && error.contains("12 cells") && error.contains("give more of it"), "{error}");
    let (code, _, error) = said(&harness(folder.path(), &["replay", "small", "--failed"]));
    assert!(code == 1 && error.contains("no cell of small failed"), "{error}");

    forge(folder.path(), |recall| recall.ties += 7);
    let (code, text, _) = replay(ids[7]);
    assert!(code == 1 && text.contains("7 -> 0"), "{text}");
}

#[test]
fn a_failure_is_replayed_with_its_message() {
    let folder = TempDir::new().unwrap();
    // The first step is infinite.
    let definition = DEFINITION.replace(
        "PSE = { pse = {} }",
        "TRN = { trn = { start = \"random\", learning_rate = 1e300, epochs = 20, queries = 2 } }",
    );
    fs::write(folder.path().join("small.toml"), definition).unwrap();
    let swept = harness(folder.path(), &["sweep", "small.toml", "--quiet"]);
    assert_eq!(swept.status.code(), Some(1), "{}", said(&swept).2);
    let (code, text, error) = said(&harness(folder.path(), &["replay", "small", "--failed"]));
    assert!(code == 0 && text.contains("diverged at iteration"), "{text}{error}");
    let (code, text, _) = said(&harness(folder.path(), &["verify", "small", "--sample", "100%"]));
    assert!(code == 0 && text.contains("8 of 8"), "the same failure agrees: {text}");
}
