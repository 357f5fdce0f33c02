//! These tests check that what is written is what is read. They also check that the same rows give the same
//! bytes.

use super::*;
use crate::table::{StoredTable, decode, encode};
use polars::prelude::*;
use proptest::prelude::*;
use protocols::CorruptionKind;
use std::fmt::Debug;
use std::io::Cursor;
use study::measure::Measure;
use study::schema::{Get, Row, SCHEMA_VERSION, Table};
use study::stopping::{Stopping, StoppingRule};

fn metadata() -> Vec<(String, String)> {
    crate::metadata::metadata(Table::Memories, &run(0))
}

/// Through Parquet and back; compared as text, in which NaN equals NaN and -0 differs from 0.
fn assert_round_trip<R: StoredTable + Debug>(rows: &[R]) {
    let bytes = encode(&rows.iter().collect::<Vec<_>>(), metadata()).unwrap();
    let back: Vec<R> = decode(Path::new("test.parquet"), bytes).unwrap();
    assert_eq!(format!("{back:#?}"), format!("{rows:#?}"));
}

#[test]
fn records_survive_parquet() {
    let mut odd = cell("b");
    let figures = odd.memory.figures.as_mut().unwrap();
    figures.objective = Some(f64::NAN);
    figures.margin_min = None;
    figures.diagonal_ratio = Some(-0.0);
    figures.stop = String::new();
    odd.recalls[0].reads.overlap_sum = f64::NEG_INFINITY;
    let cells = [cell("a"), odd, failed("c", Status::Diverged), failed("d", Status::Panic)];
    assert_round_trip(&cells.iter().map(|c| c.memory.clone()).collect::<Vec<_>>());
    assert_round_trip(&cells.iter().flat_map(|c| c.recalls.clone()).collect::<Vec<_>>());
    assert_round_trip(&cells.iter().map(|c| c.timing.clone()).collect::<Vec<_>>());
    assert_round_trip::<Memory>(&[]);
    assert_round_trip::<Recall>(&[]);
    assert_round_trip::<Timing>(&[]);
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn any_number_and_any_text_survives_parquet(
        rows in prop::collection::vec((any::<u64>(), any::<u64>(), any::<u32>(), ".*", any::<bool>()), 0..40),
    ) {
        let memories: Vec<Memory> = rows.iter().map(|(float, count, small, text, ok)| {
            let mut memory = if *ok { cell(text).memory } else { failed(text, Status::Timeout).memory };
            memory.at.n = *small;
            if let Some(figures) = &mut memory.figures {
                figures.objective = ok.then(|| f64::from_bits(*float));
                figures.asymmetry = Some(f64::from_bits(*float));
                figures.wrong_bits = Some(*count);
                figures.rank = ok.then_some(*small);
            }
            memory
        }).collect();
        assert_round_trip(&memories);
    }
}

/// The columns of a written table are those of the schema, and only nullable ones lack values.
fn assert_schema<R: Row>(rows: &[&R]) {
    let bytes = encode(rows, metadata()).unwrap();
    let frame = ParquetReader::new(Cursor::new(bytes)).finish().unwrap();
    // Sparse columns are there only where a row has a value.
    let given =
        |column: &study::schema::Column<R>| !column.sparse || rows.iter().any(|row| column.get.has(row));
    let columns: Vec<_> = R::columns().into_iter().filter(given).collect();
    assert_eq!(frame.width(), columns.len());
    for (stored, declared) in frame.columns().iter().zip(&columns) {
        let dtype = match declared.get {
            Get::U32(_) => DataType::UInt32,
            Get::U64(_) => DataType::UInt64,
            Get::F64(_) => DataType::Float64,
            Get::Text(_) => DataType::String,
        };
        assert_eq!((stored.name().as_str(), stored.dtype()), (declared.name, &dtype));
        assert!(declared.nullable || stored.null_count() == 0, "{} lacks values", declared.name);
    }
}

#[test]
fn tables_have_the_columns_of_the_schema() {
    let cells = [cell("a"), failed("b", Status::Invalid)];
    assert_schema(&cells.iter().map(|c| &c.memory).collect::<Vec<_>>());
    assert_schema(&cells.iter().flat_map(|c| &c.recalls).collect::<Vec<_>>());
    let erased = Corruption { kind: CorruptionKind::Erasure, units: 6 };
    let recalls = [recall("a", Reader::Sync, 6), Recall { flips: erased, ..recall("a", Reader::Sync, 6) }];
    assert_schema(&recalls.iter().collect::<Vec<_>>());
    assert_schema(&cells.iter().map(|c| &c.timing).collect::<Vec<_>>());
}

#[test]
fn derived_columns_follow_from_the_coordinates() {
    let recall = recall("a", Reader::Sync, 16);
    let frame = ParquetReader::new(Cursor::new(encode(&[&recall], metadata()).unwrap())).finish().unwrap();
    let value = |name| frame.column(name).unwrap().f64().unwrap().get(0);
    assert_eq!((value("load"), value("noise")), (Some(0.25), Some(0.25)));
}

/// Writes the cells in blocks, consolidating after each where asked, by a run of this number.
fn written(blocks: &[&[CellRecords]], number: u32, often: bool) -> [Vec<u8>; 3] {
    let (_guard, path) = scratch();
    let plan = ids(&["a", "b", "c", "d"]);
    for block in blocks {
        let mut writer = RunWriter::lock(&path, run(number)).unwrap();
        writer.write_part(block).unwrap();
        if often {
            writer.consolidate(&plan).unwrap();
        }
    }
    RunWriter::lock(&path, run(number)).unwrap().consolidate(&plan).unwrap();
    Table::ALL.map(|table| std::fs::read(path.join(table.file())).unwrap())
}

#[test]
fn the_same_rows_give_the_same_bytes_however_they_came() {
    let [a, b, c, d] = [cell("a"), cell("b"), failed("c", Status::Timeout), cell("d")];
    let once = written(&[&[a.clone(), b.clone(), c.clone(), d.clone()]], 1, false);
    let mut slower = [d, c, a, b];
    for cell in &mut slower {
        cell.timing.write_seconds *= 2.0;
        cell.recalls.reverse();
    }
    let [d, c, a, b] = slower;
    let interrupted = written(&[std::slice::from_ref(&d), &[c, a], &[b]], 2, true);
    assert_eq!(once[0], interrupted[0], "memories");
    assert_eq!(once[1], interrupted[1], "recalls");
    assert_ne!(once[2], interrupted[2], "timings say that it was another run");
}

#[test]
fn tables_say_where_they_come_from() {
    let (_guard, path) = complete();
    for table in Table::ALL {
        let file = std::fs::File::open(path.join(table.file())).unwrap();
        let mut reader = ParquetReader::new(file);
        let pairs = reader.get_metadata().unwrap().key_value_metadata().clone().unwrap();
        let value = |key: &str| {
            let pair = pairs.iter().find(|pair| pair.key == format!("harness.{key}"));
            pair.and_then(|pair| pair.value.clone())
        };
        assert_eq!(value("schema_version"), Some(SCHEMA_VERSION.to_string()));
        assert_eq!(value("table").as_deref(), Some(table.name()));
        assert_eq!(value("root_seed").as_deref(), Some("7"));
        let provenance = value("provenance").map(|json| serde_json::from_str::<Provenance>(&json).unwrap());
        assert_eq!(provenance.is_some(), table == Table::Timings, "only the measured table names the run");
    }
}

#[test]
fn the_keys_of_every_json_are_documented() {
    let (_guard, path) = scratch();
    let mut writer = writer(&path);
    writer.write_part(&[cell("a")]).unwrap();
    let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let listed = |list: &[study::schema::Key]| list.iter().map(|key| key.name.to_owned()).collect::<Vec<_>>();
    let read =
        |path: &Path| serde_json::from_slice::<serde_json::Value>(&std::fs::read(path).unwrap()).unwrap();
    writer.consolidate(&ids(&["a"])).unwrap();
    assert!(!keys(&read(&path.join("manifest.json"))).contains(&"sequential".to_owned()));
    let rule = StoppingRule { measure: Measure::Recovered, dynamics: None, width: 0.1, looks: vec![10] };
    let outcome = Stopping { rule, stops: Vec::new() };
    writer.set_sequential(Some(outcome.clone()));
    writer.consolidate(&ids(&["a"])).unwrap();
    assert_eq!(writer.folder().manifest().unwrap().unwrap().sequential, Some(outcome));
    let manifest = read(&path.join("manifest.json"));
    assert_eq!(keys(&manifest), listed(crate::MANIFEST_KEYS));
    assert_eq!(keys(&manifest["runs"][0]), listed(crate::provenance::KEYS));
}
