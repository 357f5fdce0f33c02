//! What `merge` says of cells that are missing, damaged or contradictory.

use crate::{DEFINITION, Scratch, files, stderr};
use harness::record::{CellRecords, Status};
use harness::runs;
use harness::store::{Attempt, AttemptState, PartWriter, RunFolder, attempts};
use std::collections::BTreeSet;
use std::fs;
#[cfg(target_os = "linux")]
use std::process::Command;

#[test]
fn missing_cells_are_listed_with_the_command_and_nothing_is_changed() {
    let scratch = Scratch::frozen(DEFINITION, 4);
    for shard in ["1/4", "2/4", "4/4"] {
        assert!(scratch.shard(shard).status.success());
    }
    let output = scratch.run(&["merge", "d"]);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("of 48 cells are missing, of 1 of 4 shards: nothing was merged"), "{text}");
    assert!(text.contains("(shard 3)") && text.contains("--shard 3/4"), "{text}");
    assert!(!scratch.results().join("memories.parquet").exists());
    assert_eq!(scratch.attempts(1).len(), 1);
    // Meanwhile what is there can be looked at.
    let shown = scratch.run(&["show", "d", "--csv"]);
    assert!(shown.status.success() && shown.stdout.starts_with(b"protocol,"), "{}", stderr(&shown));
    assert!(scratch.shard("3/4").status.success());
    scratch.assert_merges();
}

#[test]
fn a_damaged_part_is_named_and_its_cells_are_computed_again() {
    let scratch = Scratch::frozen(DEFINITION, 2);
    for shard in ["1/2", "2/2"] {
        assert!(scratch.shard(shard).status.success());
    }
    let path = files(&scratch.attempts(1)[0], ".recalls.parquet").swap_remove(0);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    let output = scratch.run(&["merge", "d"]);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("recalls.parquet") && text.contains("BLAKE3"), "{text}");
    assert!(scratch.shard("1/2").status.success());
    scratch.assert_merges();
    assert!(!files(&scratch.results().join("damaged"), ".parquet").is_empty(), "it is kept for inspection");
}

#[test]
fn rows_of_merged_tables_ascend_by_cell_then_dynamics_then_flips() {
    let scratch = Scratch::frozen(DEFINITION, 3);
    for shard in ["3/3", "1/3", "2/3"] {
        assert!(scratch.shard(shard).status.success());
    }
    scratch.assert_merges();
    let stored = RunFolder::new(scratch.results()).read().unwrap();
    let memories: Vec<&str> = stored.memories.iter().map(|row| row.at.cell.as_str()).collect();
    let timings: Vec<&str> = stored.timings.iter().map(|row| row.at.cell.as_str()).collect();
    let reads: Vec<_> =
        stored.recalls.iter().map(|row| (row.at.cell.as_str(), row.dynamics, row.flips)).collect();
    assert_eq!((memories.len(), reads.len()), (48, 192));
    let ascends = |rows: &[&str]| rows.is_sorted_by(|a, b| a < b);
    assert!(ascends(&memories), "{memories:?}");
    assert!(ascends(&timings), "{timings:?}");
    assert!(reads.is_sorted_by(|a, b| a < b), "{reads:?}");
    // They are read in the order of the plan all the same: here sources, M and labels ascend.
    let read = runs::read(&RunFolder::new(scratch.results())).unwrap().records.memories;
    let places: Vec<_> =
        read.iter().map(|row| (row.at.source, row.at.m, &*row.at.protocol, row.at.trial)).collect();
    assert!(places.is_sorted(), "{places:?}");
}

/// An independent program computes the checksums again.
#[cfg(target_os = "linux")]
#[test]
fn sha256sum_vouches_for_every_table_that_a_sidecar_names() {
    let scratch = Scratch::frozen(DEFINITION, 1);
    assert!(scratch.shard("1/1").status.success());
    let attempt = scratch.attempts(1).swap_remove(0);
    let tables = files(&attempt, ".parquet");
    assert!(tables.len() >= 3 && tables.len().is_multiple_of(3), "{tables:?}");
    for table in tables {
        let name = table.file_name().unwrap().to_str().unwrap();
        let (stem, kind) = name.strip_suffix(".parquet").unwrap().rsplit_once('.').unwrap();
        let text = fs::read_to_string(attempt.join(format!("{stem}.json"))).unwrap();
        let sidecar: serde_json::Value = serde_json::from_str(&text).unwrap();
        let printed = Command::new("sha256sum").arg(&table).output().unwrap().stdout;
        let expected = sidecar["tables"][kind]["sha256"].as_str().unwrap();
        assert!(String::from_utf8(printed).unwrap().starts_with(expected), "{name}");
        assert!(sidecar["tables"][kind]["rows"].as_u64().unwrap() > 0);
        assert!(!sidecar["cells"].as_array().unwrap().is_empty());
        assert!(sidecar["maker"]["host"].is_string() && sidecar["maker"]["code"].is_string());
    }
}

/// Some records of the first shard, and the state of an attempt that could have left them.
fn records(scratch: &Scratch) -> (Vec<CellRecords>, AttemptState) {
    let state = attempts(&scratch.results()).unwrap().swap_remove(0);
    let stored = RunFolder::new(scratch.results()).read().unwrap();
    let timings = stored.timings.into_iter();
    let cell = |(memory, timing): (harness::record::Memory, _)| {
        let recalls = stored.recalls.iter().filter(|r| r.at.cell == memory.at.cell).cloned().collect();
        CellRecords { memory, recalls, timing }
    };
    (stored.memories.into_iter().zip(timings).map(cell).collect(), state)
}

#[test]
fn records_that_differ_are_refused_and_equal_ones_count_once() {
    let scratch = Scratch::frozen(DEFINITION, 2);
    for shard in ["1/2", "2/2"] {
        assert!(scratch.shard(shard).status.success());
    }
    let (mut cells, state) = records(&scratch);
    let again = Attempt::begin(&scratch.results(), state.clone()).unwrap();
    again.write_part(&cells[..6]).unwrap();
    cells[3].recalls[0].recovered += 1;
    let wrong = Attempt::begin(&scratch.results(), AttemptState { shard: 2, ..state }).unwrap();
    wrong.write_part(&cells[..6]).unwrap();
    let output = scratch.run(&["merge", "d"]);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(4), "{text}");
    assert!(
        text.contains("1 cells have records that differ") && text.contains("recovered of reads"),
        "{text}"
    );
    assert!(text.contains(&cells[3].memory.at.cell) && text.contains("shards/00002/"), "{text}");
    assert!(!scratch.results().join("memories.parquet").exists());
    // A sweep on one machine, which would put the tables together too, refuses as well.
    let output = scratch.run(&["sweep", "d.toml", "--quiet"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("remove the folder of the attempt"), "{}", stderr(&output));
    fs::remove_dir_all(wrong.folder()).unwrap();
    scratch.assert_merges();
}

#[test]
fn a_cell_that_a_budget_ended_in_one_attempt_counts_by_the_other() {
    let scratch = Scratch::frozen(DEFINITION, 1);
    let output = scratch.run(&["sweep", "d.toml", "--shard", "1/1", "--seconds-per-cell", "1e-6"]);
    assert_eq!(output.status.code(), Some(1), "failures make the exit code: {}", stderr(&output));
    let (timeouts, state) = records(&scratch);
    assert!(timeouts.iter().all(|cell| cell.memory.status == Status::Timeout));
    let output = scratch.shard("1/1");
    assert_eq!(output.status.code(), Some(1), "a failure is a record, and not computed again");
    // Where another attempt had the numbers, they count, whichever was first.
    let healthy = Scratch::frozen(DEFINITION, 1);
    assert!(healthy.shard("1/1").status.success());
    let late = Attempt::begin(&healthy.results(), state).unwrap();
    late.write_part(&timeouts).unwrap();
    healthy.assert_merges();
    // Alone they are merged as what they are.
    let output = scratch.run(&["merge", "d"]);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("48 timeout"));
}

#[test]
fn runs_of_every_kind_of_machine_are_on_record() {
    let scratch = Scratch::frozen(DEFINITION, 1);
    assert!(scratch.shard("1/1").status.success());
    let (cells, mut state) = records(&scratch);
    state.run.cpu = "another processor".to_owned();
    let other = Attempt::begin(&scratch.results(), state).unwrap();
    other.write_part(&cells[..2]).unwrap();
    let text = stderr(&scratch.assert_merges());
    assert!(text.contains("2 kinds of machine or program"), "{text}");
    let manifest = RunFolder::new(scratch.results()).manifest().unwrap().unwrap();
    let cpus: BTreeSet<String> = manifest.runs.into_iter().map(|run| run.cpu).collect();
    assert_eq!(cpus.len(), 2, "{cpus:?}");
}
