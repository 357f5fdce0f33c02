//! These tests check attempts at shards. They are written without a lock, read with everything else, and put
//! together however many rows there are.

use super::*;
use crate::planned::Planned;
use crate::sorted::{Room, Sorted};
use crate::survey::Survey;
use crate::table::Present;
use crate::{Attempt, AttemptState, Merged, attempts, finished_of_shard};
use protocols::Stream;
use std::collections::HashMap;
use std::fs;
use study::schema::Table;

/// An attempt at a shard.
fn attempt(root: &Path, shard: u32) -> Attempt {
    let state = AttemptState {
        schema_version: study::schema::SCHEMA_VERSION,
        shard,
        process: 7,
        place: None,
        code: "c0de".to_owned(),
        run: run(0),
        cells: 3,
        done: 0,
        beat: 0,
        ending: None,
    };
    Attempt::begin(root, state).unwrap()
}

#[test]
fn attempts_at_a_shard_never_share_a_folder() {
    let (_guard, path) = scratch();
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let path = path.clone();
            std::thread::spawn(move || attempt(&path, 3).folder().to_owned())
        })
        .collect();
    let folders: std::collections::HashSet<PathBuf> =
        threads.into_iter().map(|t| t.join().unwrap()).collect();
    assert_eq!(folders.len(), 8);
    assert_eq!(attempts(&path).unwrap().len(), 8);
}

#[test]
fn what_shards_have_finished_counts_everywhere() {
    let (_guard, path) = scratch();
    let (first, second) = (attempt(&path, 1), attempt(&path, 2));
    first.write_part(&[cell("b"), cell("a")]).unwrap();
    second.write_part(&[cell("c")]).unwrap();
    let folder = RunFolder::new(&path);
    assert_eq!(finished(&folder), ["a", "b", "c"]);
    assert_eq!(folder.read().unwrap().records.recalls.len(), 9);
    let of_shard = |shard| finished_of_shard(&path, shard).unwrap().cells.into_keys().collect::<Vec<_>>();
    assert_eq!((of_shard(1), of_shard(2)), (ids(&["a", "b"]), ids(&["c"])));
    let mut writer = writer(&path);
    let merge = writer.merge(&ids(&["c", "b", "a", "x"])).unwrap();
    assert!(matches!(merge.outcome, Merged::Missing(missing) if missing == ["x"]));
    let merge = writer.merge(&ids(&["c", "b", "a"])).unwrap();
    assert!(matches!(merge.outcome, Merged::Complete(done) if done.cells[&Status::Ok] == 3));
    assert_eq!(order(&folder), ["a", "b", "c"], "sorted, whatever the order of the plan");
    assert_eq!(of_shard(1), ["a", "b", "c"], "what the tables hold is finished for every shard");
    assert!(!path.join("shards").exists());
    // An attempt that somebody took for dead goes on writing: its cells are there twice, and that is all.
    first.beat().unwrap_err();
    first.write_part(&[cell("a")]).unwrap();
    first.beat().unwrap();
    assert_eq!(finished(&folder), ["a", "b", "c"]);
    assert!(matches!(writer.merge(&ids(&["c", "b", "a"])).unwrap().outcome, Merged::Complete(_)));
    assert!(!path.join("shards").exists());
}

#[test]
fn what_an_attempt_has_not_vouched_for_is_left_alone() {
    let (_guard, path) = scratch();
    let first = attempt(&path, 1);
    first.write_part(&[cell("a")]).unwrap();
    fs::write(first.folder().join("b-0.memories.parquet"), "on its way").unwrap();
    fs::write(first.folder().join(".b-0.recalls.parquet.tmp"), "half").unwrap();
    fs::write(path.join("shards/.nfs0001"), "of a file system").unwrap();
    let found = RunFolder::new(&path).finished().unwrap();
    assert!(found.damaged.is_empty(), "{:?}", found.damaged);
    assert!(RunFolder::new(&path).read().unwrap().damaged.is_empty());
    assert_eq!(found.cells.len(), 1);
}

#[test]
fn while_all_is_computed_again_shards_count_before_the_tables() {
    let (_guard, path) = scratch();
    let plan = ids(&["a", "b"]);
    let mut writer = writer(&path);
    writer.write_part(&[cell("a"), failed("b", Status::Panic)]).unwrap();
    writer.rerun_all(&plan).unwrap();
    assert_eq!(finished(writer.folder()), [""; 0]);
    let again = attempt(&path, 1);
    again.write_part(&[cell("a"), cell("b")]).unwrap();
    assert_eq!(finished(writer.folder()), ["a", "b"]);
    writer.consolidate(&plan).unwrap();
    assert_eq!(writer.folder().finished().unwrap().cells["b"], Status::Ok);
}

/// Rows in small files, in any order, with room for few of them: sorted as if all had been in memory.
#[test]
fn rows_that_do_not_fit_into_memory_are_sorted_all_the_same() {
    let (_guard, path) = scratch();
    let names: Vec<String> = (0..60).map(|i| format!("cell{i:02}")).collect();
    let mut places: Vec<u32> = (0..60).collect();
    Stream::named(1, "shuffle", &[]).choose(&mut places, 60);
    for (shard, part) in places.chunks(9).enumerate() {
        let cells: Vec<CellRecords> = part.iter().map(|&place| cell(&names[place as usize])).collect();
        attempt(&path, shard as u32 + 1).write_part(&cells).unwrap();
    }
    let survey = Survey::of(&path).unwrap();
    let winners = survey.winners();
    // Two cells are not in the plan.
    let planned: Planned<'_> = names[2..].iter().map(String::as_str).collect();
    let spill = path.join("spill");
    fs::create_dir(&spill).unwrap();
    let rows = |room| -> Vec<Recall> {
        let provenance = run(0);
        let sorted = Sorted::of(&survey, &winners, &planned, (&spill, &provenance), room).unwrap();
        sorted.collect::<Result<_, _>>().unwrap()
    };
    let all = rows(Room::USUAL);
    assert!(fs::read_dir(&spill).unwrap().next().is_none(), "there was room");
    let due: Vec<Recall> = names[2..]
        .iter()
        .flat_map(|name| {
            let recalls = cell(name).recalls;
            [recalls[2].clone(), recalls[1].clone(), recalls[0].clone()]
        })
        .collect();
    assert_eq!(all, due);
    for (rows_at_once, of_a_run) in [(1, 1), (7, 2), (50, 100), (173, 4)] {
        assert_eq!(rows(Room { rows: rows_at_once, of_a_run }), all, "{rows_at_once} rows at once");
    }
    assert_eq!(fs::read_dir(&spill).unwrap().count(), 174, "a run a row");
}

#[test]
fn a_table_of_several_row_groups_has_the_same_bytes_however_it_is_written() {
    // The last group is not full; the memories of failed cells are the shortest rows there are.
    let (rows, metadata) = (70_000, || crate::metadata::metadata(Table::Memories, &run(0)));
    let memory = failed("a", Status::Timeout).memory;
    let mut memories: Vec<Memory> = vec![memory; rows];
    for (i, memory) in memories.iter_mut().enumerate() {
        memory.at.trial = i as u32;
    }
    // Noted one after another, as where rows are in memory; or not at all, as none of these has a value of its own.
    let mut present = Present::<Memory>::default();
    memories.iter().for_each(|memory| present.note(memory));
    let (mut whole, mut streamed) = (Vec::new(), Vec::new());
    crate::table::write(&mut whole, memories.iter().map(Ok), &present, metadata(), rows).unwrap();
    crate::table::write(
        &mut streamed,
        memories.clone().into_iter().map(Ok::<Memory, _>),
        &Present::default(),
        metadata(),
        rows,
    )
    .unwrap();
    assert!(whole == streamed);
    // Of a run of many cells it holds the same, in more bytes.
    let mut hasty = Vec::new();
    crate::table::write(&mut hasty, memories.iter().map(Ok), &present, metadata(), crate::MANY).unwrap();
    assert!(hasty != whole && crate::table::decode::<Memory>(Path::new("x"), hasty).unwrap() == memories);
    let (mut read, mut groups) = (Vec::new(), 0);
    crate::table::decode_by_groups(Path::new("x"), &whole, |rows: Vec<Memory>| {
        groups += 1;
        read.extend(rows);
        Ok(())
    })
    .unwrap();
    assert_eq!(groups, 2);
    assert!(read == memories);
}

#[test]
fn sidecars_and_attempts_say_who_made_them() {
    let (_guard, path) = scratch();
    let made = attempt(&path, 1);
    made.write_part(&[cell("a")]).unwrap();
    made.end("complete").unwrap();
    let keys: HashMap<String, serde_json::Value> = snapshot(made.folder())
        .into_iter()
        .filter(|(file, _)| file.extension().is_some_and(|e| e == "json"))
        .map(|(file, bytes)| {
            let kind = if file.ends_with("attempt.json") { "attempt" } else { "sidecar" };
            (kind.to_owned(), serde_json::from_slice(&bytes).unwrap())
        })
        .collect();
    let host = &run(0).host;
    assert_eq!(keys["sidecar"]["maker"], serde_json::json!({ "host": host, "code": "c0de" }));
    assert_eq!((&keys["attempt"]["ending"], &keys["attempt"]["done"]), (&"complete".into(), &1.into()));
    let names = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let listed = |list: &[study::schema::Key]| list.iter().map(|key| key.name.to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&keys["sidecar"]), listed(crate::SIDECAR_KEYS));
    assert_eq!(names(&keys["attempt"]), listed(crate::ATTEMPT_KEYS));
}
