//! Files that are not what was written, folders that are not ours to write.

use super::{ENDLESS, SHORT, assert_completes, cut_short, undisturbed};
use crate::scratch::{Scratch, files, flip, wait_for};
use std::fs;
use std::path::Path;

/// Something that happens to a file.
type Harm = fn(&Path);

fn truncate(path: &Path) {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
}

#[test]
fn a_damaged_part_is_found_by_its_checksum_and_computed_again() {
    let harms: [(&str, Harm); 3] =
        [(".memories.parquet", truncate), (".recalls.parquet", flip), (".json", flip)];
    for (ending, harm) in harms {
        let scratch = cut_short();
        let before = scratch.finished().len();
        let part = files(&scratch.results().join("parts"), ending).swap_remove(0);
        harm(&part);
        let lost = before - scratch.finished().len();
        assert!(lost > 0, "the damage is seen");
        let text = assert_completes(&scratch).stderr;
        let name = part.file_name().unwrap().to_string_lossy().into_owned();
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
        flip(&scratch.results().join(file));
        scratch.run(&["show", "d"]).refused(1, &[file, "is damaged", "run its sweep again"]);
        assert_completes(&scratch);
    }
}

#[test]
fn results_of_an_older_schema_are_refused_and_left_alone() {
    let scratch = Scratch::new(SHORT);
    assert_completes(&scratch);
    let manifest = scratch.results().join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let older = text.replacen("\"schema_version\": 1", "\"schema_version\": 0", 1);
    assert_ne!(older, text);
    fs::write(&manifest, &older).unwrap();
    for arguments in [&["sweep", "d.toml"][..], &["show", "d"], &["figures", "d"]] {
        scratch.run(arguments).refused(1, &["schema version 0", "--out"]);
    }
    assert_eq!(fs::read_to_string(&manifest).unwrap(), older);
    assert!(scratch.tables() == *undisturbed(), "nothing of it was touched");
}

#[test]
fn two_sweeps_do_not_share_a_folder() {
    let scratch = Scratch::new(ENDLESS);
    // Two threads even on one core: the cell without an end must not keep the other waiting.
    let mut first = scratch.start(&["sweep", "d.toml", "--quiet", "--threads", "2"]);
    wait_for("the cell that ends", || scratch.finished().len() == 1);
    let second = scratch.sweep(&[]);
    first.end();
    second.refused(1, &["another sweep", &format!("process {}", first.id()), "--out"]);
    // The lock goes with its holder, however that ended.
    let text = scratch.sweep(&["--seconds-per-cell", "0.1"]).stderr;
    assert!(text.contains("1 of 2 cells are finished already"), "{text}");
}

#[test]
fn a_file_where_the_folder_is_due_is_named() {
    let scratch = Scratch::new(SHORT);
    scratch.write("results", "");
    scratch.sweep(&[]).refused(1, &["results/d", "--out"]);
}
