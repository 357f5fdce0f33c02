//! What `merge` says of cells that are missing, damaged or contradictory.

use super::{DEFINITION, assert_merges, attempts_at, computed, frozen, shard};
use crate::scratch::{Scratch, by_cell, files, flip};
use std::collections::BTreeSet;
use std::fs;
#[cfg(target_os = "linux")]
use std::process::Command;
use store::runs;
use store::{Attempt, AttemptState, PartWriter, RunFolder, attempts};
use study::record::{CellRecords, Status};

#[test]
fn missing_cells_are_listed_with_the_command_and_nothing_is_changed() {
    let scratch = frozen(DEFINITION, 4);
    for number in ["1/4", "2/4", "4/4"] {
        shard(&scratch, number).well();
    }
    scratch.run(&["merge", "d"]).refused(
        3,
        &["of 48 cells are missing, of 1 of 4 shards: nothing was merged", "(shard 3)", "--shard 3/4"],
    );
    assert!(!scratch.results().join("memories.parquet").exists());
    assert_eq!(attempts_at(&scratch, 1).len(), 1);
    // Meanwhile what is there can be looked at.
    let shown = scratch.succeed(&["show", "d", "--csv"]).stdout;
    assert!(shown.starts_with("protocol,"), "{shown}");
    shard(&scratch, "3/4").well();
    assert_merges(&scratch);
}

#[test]
fn a_damaged_part_is_named_and_its_cells_are_computed_again() {
    let scratch = computed(2);
    let path = files(&attempts_at(&scratch, 1)[0], ".recalls.parquet").swap_remove(0);
    flip(&path);
    scratch.run(&["merge", "d"]).refused(3, &["recalls.parquet", "BLAKE3"]);
    shard(&scratch, "1/2").well();
    assert_merges(&scratch);
    assert!(!files(&scratch.results().join("damaged"), ".parquet").is_empty(), "it is kept for inspection");
}

#[test]
fn rows_of_merged_tables_ascend_by_cell_then_dynamics_then_flips() {
    let scratch = frozen(DEFINITION, 3);
    for number in ["3/3", "1/3", "2/3"] {
        shard(&scratch, number).well();
    }
    assert_merges(&scratch);
    let stored = RunFolder::new(scratch.results()).read().unwrap();
    let memories: Vec<&str> = stored.records.memories.iter().map(|row| row.at.cell.as_str()).collect();
    let timings: Vec<&str> = stored.records.timings.iter().map(|row| row.at.cell.as_str()).collect();
    let reads: Vec<_> =
        stored.records.recalls.iter().map(|row| (row.at.cell.as_str(), row.dynamics, row.flips)).collect();
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
    let scratch = computed(1);
    let attempt = attempts_at(&scratch, 1).swap_remove(0);
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
    (by_cell(RunFolder::new(scratch.results()).read().unwrap().records), state)
}

#[test]
fn records_that_differ_are_refused_and_equal_ones_count_once() {
    let scratch = computed(2);
    let (mut cells, state) = records(&scratch);
    let again = Attempt::begin(&scratch.results(), state.clone()).unwrap();
    again.write_part(&cells[..6]).unwrap();
    let reads = &mut cells[3].recalls[0].reads;
    (reads.recovered, reads.unsettled) = (reads.recovered - 1, reads.unsettled + 1);
    let wrong = Attempt::begin(&scratch.results(), AttemptState { shard: 2, ..state }).unwrap();
    wrong.write_part(&cells[..6]).unwrap();
    scratch.run(&["merge", "d"]).refused(
        4,
        &[
            "1 cells have records that differ",
            "recovered of reads",
            &cells[3].memory.at.cell,
            "shards/00002/",
        ],
    );
    assert!(!scratch.results().join("memories.parquet").exists());
    // A sweep on one machine, which would put the tables together too, refuses as well.
    scratch.sweep(&["--quiet"]).refused(1, &["remove the folder of the attempt"]);
    fs::remove_dir_all(wrong.folder()).unwrap();
    assert_merges(&scratch);
}

#[test]
fn a_cell_that_a_budget_ended_in_one_attempt_counts_by_the_other() {
    let scratch = frozen(DEFINITION, 1);
    // Failures make the exit code.
    scratch.sweep(&["--shard", "1/1", "--seconds-per-cell", "1e-6"]).refused(1, &[]);
    let (timeouts, state) = records(&scratch);
    assert!(timeouts.iter().all(|cell| cell.memory.status == Status::Timeout));
    assert_eq!(shard(&scratch, "1/1").code, Some(1), "a failure is a record, and not computed again");
    // Where another attempt had the numbers, they count, whichever was first.
    let healthy = computed(1);
    let late = Attempt::begin(&healthy.results(), state).unwrap();
    late.write_part(&timeouts).unwrap();
    assert_merges(&healthy);
    // Alone they are merged as what they are.
    let text = scratch.succeed(&["merge", "d"]).stdout;
    assert!(text.contains("48 timeout"), "{text}");
}

#[test]
fn runs_of_every_kind_of_machine_are_on_record() {
    let scratch = computed(1);
    let (cells, mut state) = records(&scratch);
    state.run.cpu = "another processor".to_owned();
    let other = Attempt::begin(&scratch.results(), state).unwrap();
    other.write_part(&cells[..2]).unwrap();
    let text = assert_merges(&scratch).stderr;
    assert!(text.contains("2 kinds of machine or program"), "{text}");
    let manifest = RunFolder::new(scratch.results()).manifest().unwrap().unwrap();
    let cpus: BTreeSet<String> = manifest.runs.into_iter().map(|run| run.cpu).collect();
    assert_eq!(cpus.len(), 2, "{cpus:?}");
}
