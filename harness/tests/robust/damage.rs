//! Files that are not what was written, folders that are not ours to write.

use crate::{ENDLESS, SHORT, Scratch, assert_completes, files, stderr, wait_for};
use std::fs;
use std::path::Path;

/// Something that happens to a file.
type Harm = fn(&Path);

fn truncate(path: &Path) {
    let bytes = fs::read(path).expect("it is there");
    fs::write(path, &bytes[..bytes.len() / 2]).expect("it can be written");
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).expect("it is there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).expect("it can be written");
}

#[test]
fn a_damaged_part_is_found_by_its_checksum_and_computed_again() {
    let harms: [(&str, Harm); 3] =
        [(".memories.parquet", truncate), (".recalls.parquet", flip), (".json", flip)];
    for (ending, harm) in harms {
        let scratch = Scratch::cut_short();
        let before = scratch.finished().len();
        let part = files(&scratch.results().join("parts"), ending).swap_remove(0);
        harm(&part);
        let lost = before - scratch.finished().len();
        assert!(lost > 0, "the damage is seen");
        let text = stderr(&assert_completes(&scratch));
        let name = part.file_name().expect("a file").to_string_lossy().into_owned();
        assert!(text.contains(&name) && text.contains("is damaged"), "{text}");
        let kept = format!("{} of 90 cells are finished already", before - lost);
        assert!(before == lost || text.contains(&kept), "{text}");
        assert!(!files(&scratch.results().join("damaged"), &name).is_empty(), "it is kept for inspection");
    }
}

#[test]
fn damaged_tables_and_manifests_are_refused_by_readers_and_mended_by_a_sweep() {
    for file in ["memories.parquet", "recalls.parquet", "timings.parquet", "manifest.json"] {
        let scratch = Scratch::new(SHORT);
        assert_completes(&scratch);
        let path = scratch.results().join(file);
        flip(&path);
        let output = scratch.run(&["show", "d"]);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(
            text.contains(file) && text.contains("is damaged") && text.contains("run its sweep again"),
            "{text}"
        );
        assert_completes(&scratch);
    }
}

#[test]
fn results_of_an_older_schema_are_refused_and_left_alone() {
    let scratch = Scratch::new(SHORT);
    assert_completes(&scratch);
    let manifest = scratch.results().join("manifest.json");
    let text = fs::read_to_string(&manifest).expect("it is there");
    let older = text.replacen("\"schema_version\": 1", "\"schema_version\": 0", 1);
    assert_ne!(older, text);
    fs::write(&manifest, &older).expect("it can be written");
    for arguments in [&["sweep", "d.toml"][..], &["show", "d"], &["figures", "d"]] {
        let output = scratch.run(arguments);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains("schema version 0") && text.contains("--out"), "{text}");
    }
    assert_eq!(fs::read_to_string(&manifest).expect("it is there"), older);
    assert!(scratch.tables() == *crate::undisturbed(), "nothing of it was touched");
}

#[test]
fn two_sweeps_do_not_share_a_folder() {
    let scratch = Scratch::new(ENDLESS);
    // On one thread, as a machine of one core has, the endless cell may come first.
    let mut first = scratch.start(&["--quiet", "--threads", "2"]);
    wait_for("the cell that ends", || scratch.finished().len() == 1);
    let output = scratch.sweep(&[]);
    let text = stderr(&output);
    first.kill().expect("it can be killed");
    first.wait().expect("it has ended");
    assert_eq!(output.status.code(), Some(1), "{text}");
    let holder = format!("process {}", first.id());
    assert!(text.contains("another sweep") && text.contains(&holder) && text.contains("--out"), "{text}");
    // The lock goes with its holder, however that ended.
    let output = scratch.sweep(&["--seconds-per-cell", "0.1"]);
    assert!(stderr(&output).contains("1 of 2 cells are finished already"), "{}", stderr(&output));
}

#[test]
fn a_file_where_the_folder_is_due_is_named() {
    let scratch = Scratch::new(SHORT);
    fs::write(scratch.path.join("results"), "").expect("the folder can be written");
    let output = scratch.sweep(&[]);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("results/d") && text.contains("--out"), "{text}");
}
