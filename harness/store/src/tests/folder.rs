//! These tests follow a folder through its life: resumed, rerun, replanned, locked, cut short.

use super::*;
use crate::StoreError;
use crate::file::{self, Seal};
use crate::manifest::Seals;
use crate::survey::Survey;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use study::cell_id::CellId;

#[test]
fn what_is_finished_is_known_before_and_after_consolidation() {
    let (_guard, path) = scratch();
    let mut writer = writer(&path);
    assert_eq!(finished(writer.folder()), [""; 0]);
    writer.write_part(&[cell("b"), failed("c", Status::Diverged)]).unwrap();
    writer.write_part(&[cell("a")]).unwrap();
    writer.write_part(&[]).unwrap();
    assert_eq!(finished(writer.folder()), ["a", "b", "c"]);
    assert_eq!(writer.folder().finished().unwrap().cells["c"], Status::Diverged);
    let done = writer.consolidate(&ids(&["c", "a", "b", "x"])).unwrap();
    assert_eq!(
        (done.cells[&Status::Ok], done.cells[&Status::Diverged], done.missing, done.unplanned),
        (2, 1, 1, 0)
    );
    assert_eq!(finished(writer.folder()), ["a", "b", "c"]);
    assert_eq!(order(writer.folder()), ["a", "b", "c"], "sorted, whatever the order of the plan");
    assert!(!path.join("parts").exists(), "merged parts are gone");
    let records = writer.folder().read().unwrap().records;
    let reads: Vec<_> =
        records.recalls.iter().map(|r| (r.at.cell.as_str(), r.dynamics.name(), r.flips.units)).collect();
    let due = [
        ("a", "sync", 0),
        ("a", "sync", 12),
        ("a", "async", 6),
        ("b", "sync", 0),
        ("b", "sync", 12),
        ("b", "async", 6),
    ];
    assert_eq!(reads, due);
    assert_eq!(records.timings.len(), 3);
    let manifest = writer.folder().manifest().unwrap().unwrap();
    assert_eq!(manifest.tables.unwrap().recalls.rows, 6);
    assert!(manifest.runs[0].end.is_some());
}

#[test]
fn parts_can_be_read_before_the_sweep_ends() {
    let (_guard, path) = scratch();
    let mut writer = writer(&path);
    writer.write_part(&[cell("b")]).unwrap();
    writer.consolidate(&ids(&["a", "b"])).unwrap();
    writer.write_part(&[cell("a")]).unwrap();
    assert_eq!(order(&RunFolder::new(&path)), ["b", "a"]);
}

#[test]
fn a_rerun_replaces_what_was_there() {
    let (_guard, path) = scratch();
    let mut writer = writer(&path);
    writer.write_part(&[failed("a", Status::Timeout), cell("b")]).unwrap();
    writer.write_part(&[failed("a", Status::Panic)]).unwrap();
    assert_eq!(writer.folder().finished().unwrap().cells["a"], Status::Panic);
    writer.consolidate(&ids(&["a", "b"])).unwrap();
    drop(writer);
    let mut writer = RunWriter::lock(&path, run(1)).unwrap();
    writer.write_part(&[cell("a")]).unwrap();
    assert_eq!(writer.folder().read().unwrap().records.memories.len(), 2, "the cell counts once");
    writer.consolidate(&ids(&["a", "b"])).unwrap();
    assert_eq!(writer.folder().finished().unwrap().cells["a"], Status::Ok);
    assert_eq!(writer.folder().read().unwrap().records.recalls.len(), 6);
    assert_eq!(writer.folder().manifest().unwrap().unwrap().runs.len(), 2);
}

#[test]
fn a_rerun_of_all_goes_on_where_it_was_and_keeps_the_old_until_then() {
    let (_guard, path) = scratch();
    let plan = ids(&["a", "b"]);
    let mut first = writer(&path);
    first.rerun_all(&plan).unwrap();
    assert!(first.folder().manifest().unwrap().is_none(), "there is nothing to compute again");
    first.write_part(&[cell("a"), failed("b", Status::Panic)]).unwrap();
    first.rerun_all(&plan).unwrap();
    assert_eq!(finished(first.folder()), [""; 0]);
    assert_eq!(order(first.folder()), ["a", "b"], "readers still see the old records");
    first.write_part(&[cell("b")]).unwrap();
    drop(first);

    let mut second = writer(&path);
    second.rerun_all(&plan).unwrap();
    assert_eq!(finished(second.folder()), ["b"], "it is not begun anew");
    second.write_part(&[cell("a")]).unwrap();
    assert_eq!(finished(second.folder()), ["a", "b"]);
    let done = second.consolidate(&plan).unwrap();
    assert_eq!(done.cells[&Status::Ok], 2);
    assert_eq!(finished(second.folder()), ["a", "b"], "it has ended");
}

#[test]
fn a_run_with_nothing_to_do_changes_nothing() {
    let (_guard, path) = complete();
    let before = snapshot(&path);
    let mut second = RunWriter::lock(&path, run(1)).unwrap();
    second.consolidate(&ids(&["a"])).unwrap();
    assert_eq!(snapshot(&path), before);
}

#[test]
fn tables_call_protocols_by_the_labels_of_the_plan() {
    const IDS: [&str; 2] = ["000000000000000a", "000000000000000b"];
    let (_guard, path) = scratch();
    let mut writer = writer(&path);
    writer.write_part(&[cell(IDS[0]), cell(IDS[1])]).unwrap();
    writer.consolidate(&ids(&IDS)).unwrap();
    let labels = |writer: &RunWriter| {
        let records = writer.folder().finished_records().unwrap();
        let of = |at: &Coordinates| (at.cell.clone(), at.protocol.clone());
        let mut all: Vec<_> = records.memories.iter().map(|m| of(&m.at)).collect();
        all.extend(records.recalls.iter().map(|r| of(&r.at)));
        all.sort();
        all.dedup();
        all
    };
    let before = labels(&writer);
    writer.set_labels([(CellId::read(IDS[1]).unwrap(), "renamed".into())]);
    writer.consolidate(&ids(&IDS)).unwrap();
    let after = labels(&writer);
    assert_eq!(after, [before[0].clone(), (IDS[1].into(), "renamed".into())]);
    assert_ne!(before, after);
}

#[test]
fn cells_that_the_plan_drops_wait_in_the_attic() {
    let (_guard, path) = scratch();
    let mut writer = writer(&path);
    writer.write_part(&[cell("a"), cell("b"), cell("c")]).unwrap();
    writer.consolidate(&ids(&["a", "b", "c"])).unwrap();
    let whole = fs::read(path.join("recalls.parquet")).unwrap();
    assert_eq!(writer.consolidate(&ids(&["a"])).unwrap().unplanned, 2);
    assert_eq!(order(writer.folder()), ["a"], "the tables hold the plan and nothing else");
    assert_eq!(finished(writer.folder()), ["a", "b", "c"], "but nothing finished is lost");
    let before = snapshot(&path);
    writer.consolidate(&ids(&["a"])).unwrap();
    assert_eq!(snapshot(&path), before, "the attic is not written twice");
    writer.consolidate(&ids(&["a", "b", "c"])).unwrap();
    assert_eq!(fs::read(path.join("recalls.parquet")).unwrap(), whole);
    assert!(!path.join("attic").exists(), "what came back is no longer kept twice");
}

#[test]
fn a_run_of_which_every_cell_failed_has_empty_recalls() {
    let (_guard, path) = scratch();
    let mut writer = writer(&path);
    writer.write_part(&[failed("a", Status::Invalid)]).unwrap();
    writer.consolidate(&ids(&["a"])).unwrap();
    let records = writer.folder().read().unwrap().records;
    assert_eq!((records.memories.len(), records.recalls.len(), records.timings.len()), (1, 0, 1));
}

#[test]
fn two_writers_do_not_share_a_folder() {
    let (_guard, path) = scratch();
    let first = writer(&path);
    let error = RunWriter::lock(&path, run(1)).unwrap_err();
    let pid = std::process::id().to_string();
    assert!(matches!(&error, StoreError::Locked { holder, .. } if holder.contains(&pid)), "{error}");
    assert!(error.to_string().contains("--out"), "{error}");
    drop(first);
    RunWriter::lock(&path, run(1)).unwrap();
}

#[test]
fn threads_write_parts_at_once() {
    let (_guard, path) = scratch();
    let writer = writer(&path);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let writer = &writer;
            scope.spawn(move || {
                (0..5).for_each(|i| writer.write_part(&[cell(&format!("{thread}-{i}"))]).unwrap())
            });
        }
    });
    assert_eq!(finished(writer.folder()).len(), 20);
    assert_eq!(writer.folder().manifest().unwrap().unwrap().runs.len(), 1);
}

/// A consolidation killed at each of its steps: readers see a whole folder, the next writer completes it.
#[test]
fn a_consolidation_cut_short_anywhere_loses_nothing() {
    let plan = ids(&["a", "b"]);
    // Steps of the last move that were done: none, a table, all tables; or not even all was staged.
    for done in [None, Some(0), Some(1), Some(3)] {
        let (_guard, path) = scratch();
        let mut first = writer(&path);
        first.write_part(&[cell("b")]).unwrap();
        first.consolidate(&plan).unwrap();
        first.write_part(&[cell("a")]).unwrap();
        drop(first);
        let (_other, whole) = scratch();
        let mut second = writer(&whole);
        second.write_part(&[cell("a"), cell("b")]).unwrap();
        second.consolidate(&plan).unwrap();
        let staged = path.join("staged");
        fs::create_dir(&staged).unwrap();
        for (i, table) in study::schema::Table::ALL.iter().enumerate() {
            let to = if done.is_some_and(|done| i < done) { &path } else { &staged };
            fs::copy(whole.join(table.file()), to.join(table.file())).unwrap();
        }
        if done.is_some() {
            fs::copy(whole.join("manifest.json"), staged.join("manifest.json")).unwrap();
        }
        let reader = RunFolder::new(&path);
        let mut read = order(&reader);
        read.sort();
        assert_eq!(read, ["a", "b"], "a reader after {done:?} steps");
        assert!(reader.finished().unwrap().damaged.is_empty());
        let mut third = writer(&path);
        third.consolidate(&plan).unwrap();
        assert_eq!(order(&reader), ["a", "b"]);
        assert!(!staged.exists() && !path.join("parts").exists());
        let recalls = |folder: &Path| fs::read(folder.join("recalls.parquet")).unwrap();
        assert_eq!(recalls(&path), recalls(&whole));
    }
}

#[test]
fn what_a_killed_writer_left_is_tidied() {
    let (_guard, path) = scratch();
    writer(&path).write_part(&[cell("a")]).unwrap();
    let parts = path.join("parts");
    fs::write(parts.join(".b-0.memories.parquet.tmp"), "half").unwrap();
    fs::write(parts.join("b-0.memories.parquet"), "whole, but nobody vouches for it").unwrap();
    let mut writer = writer(&path);
    assert!(!parts.join(".b-0.memories.parquet.tmp").exists());
    let found = writer.folder().finished().unwrap();
    assert_eq!(found.cells.len(), 1);
    assert!(found.damaged[0].to_string().contains("b-0.memories.parquet"), "{}", found.damaged[0]);
    writer.consolidate(&ids(&["a", "b"])).unwrap();
    assert!(!parts.exists() && !path.join("damaged").exists());
}

#[test]
fn a_path_that_cannot_be_a_folder_is_named() {
    let (guard, _) = scratch();
    let file = guard.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [file.clone(), file.join("quick")] {
        let error = RunWriter::lock(&path, run(0)).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&path.display().to_string()) && text.contains("--out"), "{text}");
        assert!(std::error::Error::source(&error).is_some(), "the cause is kept");
    }
}

#[test]
fn a_write_that_fails_leaves_nothing_behind() {
    // Renaming a file onto a folder fails for every user, root included.
    let (guard, _) = scratch();
    let target = guard.path().join("target");
    fs::create_dir(&target).unwrap();
    let error = file::write(&target, b"content").unwrap_err();
    assert!(error.to_string().contains("target"), "{error}");
    assert_eq!(file::names(guard.path()).unwrap(), ["target"]);

    let (_guard, path) = scratch();
    let writer = writer(&path);
    fs::write(path.join("parts"), "a file where the folder of the parts is due").unwrap();
    assert!(matches!(writer.write_part(&[cell("a")]), Err(StoreError::Io { .. })));
    fs::remove_file(path.join("parts")).unwrap();
    writer.write_part(&[cell("a")]).unwrap();
    assert_eq!(finished(writer.folder()), ["a"]);
}

#[test]
fn ids_that_cannot_name_a_file_and_blocks_that_are_not_whole_are_refused() {
    let (_guard, path) = scratch();
    let writer = writer(&path);
    for id in ["", "../a", "a b", "a.b", &"a".repeat(65)] {
        assert!(matches!(writer.write_part(&[cell(id)]), Err(StoreError::CellId { .. })), "{id}");
    }
    let (mut stray, mut untimed) = (cell("a"), cell("a"));
    stray.recalls[0].at.cell = "b".into();
    untimed.timing.at.cell = "b".into();
    for block in [vec![cell("a"), cell("a")], vec![stray], vec![untimed]] {
        assert!(matches!(writer.write_part(&block), Err(StoreError::Block { .. })));
    }
    assert!(finished(writer.folder()).is_empty());
}

#[test]
fn a_folder_without_results_says_so() {
    let (_guard, path) = scratch();
    let error = RunFolder::new(&path).read().unwrap_err();
    assert!(
        matches!(error, StoreError::NoResults { .. }) && error.to_string().contains("harness sweep"),
        "{error}"
    );
}

#[test]
fn another_schema_version_is_refused_with_a_remedy() {
    let (_guard, path) = complete();
    for (version, remedy) in [(0, "--out"), (99, "update")] {
        let manifest = fs::read_to_string(path.join("manifest.json")).unwrap();
        let other = manifest.replacen("\"schema_version\": 1", &format!("\"schema_version\": {version}"), 1);
        fs::write(path.join("manifest.json"), other.replace("\"runs\"", "\"another_key\"")).unwrap();
        let before = snapshot(&path);
        let folder = RunFolder::new(&path);
        for error in [
            folder.read().unwrap_err(),
            folder.finished().unwrap_err(),
            RunWriter::lock(&path, run(0)).unwrap_err(),
        ] {
            assert!(matches!(error, StoreError::Schema { found, .. } if found == version), "{error}");
            assert!(error.to_string().contains(remedy), "{error}");
        }
        assert_eq!(snapshot(&path), before, "nothing of it is touched");
        fs::write(path.join("manifest.json"), manifest).unwrap();
    }
}

#[test]
fn a_table_of_another_schema_version_is_refused() {
    let (_guard, path) = complete();
    let older = crate::provenance::Provenance { schema_version: 0, ..run(0) };
    let metadata = crate::metadata::metadata(study::schema::Table::Memories, &older);
    let bytes = crate::table::encode(&[&cell("a").memory], metadata).unwrap();
    fs::write(path.join("memories.parquet"), &bytes).unwrap();
    let mut manifest = RunFolder::new(&path).manifest().unwrap().unwrap();
    let seals = manifest.tables.unwrap();
    manifest.tables = Some(Seals { memories: Seal::of(1, &bytes), ..seals });
    manifest.write(&path).unwrap();
    let error = RunFolder::new(&path).read().unwrap_err();
    assert!(matches!(error, StoreError::Schema { found: 0, .. }), "{error}");
    assert!(error.to_string().contains("memories.parquet"), "{error}");
}

/// The cells of the sweeps that readers stand beside.
const SWEPT: [&str; 3] = ["a", "b", "c"];

/// Sweeps into a folder until there were so many sweeps. All parts of a sweep are of its round, so that a mixture of
/// two would show.
fn sweep_again_and_again(path: &Path, rounds: u32) {
    for round in 1..=rounds {
        let mut writer = writer(path);
        for id in SWEPT {
            let mut cell = cell(id);
            cell.timing.write_seconds = f64::from(1000 + round);
            writer.write_part(&[cell]).unwrap();
        }
        writer.consolidate(&ids(&SWEPT)).unwrap();
    }
}

/// Looks once at what a read goes by, all files and their seals: nothing is damaged.
fn glance(path: &Path) {
    let look = |folder: &RunFolder| Survey::glance(folder.path());
    let survey = RunFolder::new(path).undisturbed(look, |survey| survey.broken.is_empty()).unwrap();
    assert!(survey.broken.is_empty() && !survey.sets.is_empty(), "{:?}", survey.broken);
}

/// Reads once, rows and all: nothing is damaged or doubled, and what was seen is never followed by what it replaced.
fn look(path: &Path, last: &mut [f64; 3]) {
    let contents = RunFolder::new(path).read().unwrap();
    let damaged: Vec<String> = contents.damaged.iter().map(ToString::to_string).collect();
    assert!(damaged.is_empty(), "{damaged:?}");
    let rows = &contents.records;
    let counts = SWEPT.map(|id| rows.timings.iter().filter(|t| t.at.cell == id).count());
    assert!(!rows.memories.is_empty() && counts.iter().all(|&count| count <= 1), "{counts:?}");
    for (last, id) in last.iter_mut().zip(SWEPT) {
        let now = rows.timings.iter().find(|t| t.at.cell == id).map(|t| t.write_seconds);
        assert!(now >= Some(*last) || *last == 0.0, "{id}: {now:?} after {last}");
        *last = now.unwrap_or(*last);
    }
}

#[test]
fn a_reader_beside_a_writer_sees_the_old_state_or_the_new_one() {
    /// Sweeps into one folder: each makes its manifest longer, and with it every look.
    const SWEEPS: u32 = 8;
    /// Of so many reads one decodes what it reads, which takes longer than a sweep.
    const DECODED: u32 = 50;
    let most: u32 =
        std::env::var("HARNESS_TEST_READS").map_or(2000, |reads| reads.parse().expect("a number"));
    let reads = AtomicU32::new(0);
    let mut sweeps = 0;
    while reads.load(Ordering::Relaxed) < most || sweeps < 2 * SWEEPS {
        let (_guard, path) = scratch();
        end(&path);
        // Readers go on until the writer has let go of it, also by a panic.
        let sweeping = Arc::new(());
        let (path, reads, goes_on) = (path.as_path(), &reads, Arc::downgrade(&sweeping));
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let _until_the_end = sweeping;
                sweep_again_and_again(path, SWEEPS);
            });
            for goes_on in [goes_on.clone(), goes_on.clone(), goes_on] {
                scope.spawn(move || {
                    let mut last = [0.0; 3];
                    while goes_on.strong_count() > 0 {
                        match reads.fetch_add(1, Ordering::Relaxed) % DECODED {
                            0 => look(path, &mut last),
                            _ => glance(path),
                        }
                    }
                });
            }
        });
        sweeps += SWEEPS;
    }
}
