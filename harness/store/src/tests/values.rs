//! Values that no run writes, under seals that vouch for them: named as damage, never a panic and never taken for
//! results.

use super::*;
use crate::file::Seal;
use crate::manifest::{CellStatus, Seals, Sidecar};
use crate::table::encode;
use analysis::summary::summarise;
use polars::prelude::*;
use proptest::prelude::*;
use std::fs;
use std::io::Cursor;
use study::measure::Measure;
use study::schema::{Get, Row, Table};

/// A value to put into a column of any type.
#[derive(Clone, Copy, Debug)]
enum Extreme {
    Zero,
    One,
    Middle,
    Most,
    Negative,
    Infinite,
    NoNumber,
    Missing,
}

const EXTREMES: [Extreme; 8] = {
    use Extreme::*;
    [Zero, One, Middle, Most, Negative, Infinite, NoNumber, Missing]
};

/// One row of a column, with the extreme value that its type has.
fn column<R>(name: &str, get: &Get<R>, extreme: Extreme) -> Column {
    use Extreme::*;
    let name = name.into();
    let whole = match extreme {
        Missing => None,
        One => Some(1),
        Middle => Some(1_u64 << 31),
        Most | Infinite | NoNumber => Some(u64::MAX),
        Zero | Negative => Some(0),
    };
    let real = match extreme {
        Missing => None,
        Zero => Some(0.0),
        One => Some(1.0),
        Middle => Some(1e18),
        Most => Some(f64::MAX),
        Negative => Some(-1.0),
        Infinite => Some(f64::INFINITY),
        NoNumber => Some(f64::NAN),
    };
    match get {
        Get::U32(_) => Column::new(name, [whole.map(|x| u32::try_from(x).unwrap_or(u32::MAX))]),
        Get::U64(_) => Column::new(name, [whole]),
        Get::F64(_) => Column::new(name, [real]),
        Get::Text(_) => {
            Column::new(name, [whole.map(|x| if x == 0 { String::new() } else { format!("{x}/..") })])
        }
    }
}

/// The table of one row with the extremes in the columns of these numbers.
fn forged<R: Row>(row: &R, extremes: &[(usize, Extreme)]) -> Vec<u8> {
    let metadata = crate::metadata::metadata(R::TABLE, &run(0));
    let bytes = encode(&[row], metadata.clone()).unwrap();
    let mut frame = ParquetReader::new(Cursor::new(bytes)).finish().unwrap();
    let columns = R::columns();
    for (number, extreme) in extremes {
        let declared = &columns[number % columns.len()];
        frame.with_column(column(declared.name, &declared.get, *extreme)).unwrap();
    }
    let mut bytes = Vec::new();
    let metadata = KeyValueMetadata::from_static(metadata);
    ParquetWriter::new(&mut bytes).with_key_value_metadata(Some(metadata)).finish(&mut frame).unwrap();
    bytes
}

/// A folder with one part, of the tables as they are given, which its sidecar vouches for.
fn sealed(tables: [Vec<u8>; 3], status: Status) -> (TempDir, PathBuf) {
    let (guard, path) = scratch();
    let parts = path.join("parts");
    fs::create_dir_all(&parts).unwrap();
    for (table, bytes) in Table::ALL.iter().zip(&tables) {
        fs::write(parts.join(format!("a.{}", table.file())), bytes).unwrap();
    }
    let [memories, recalls, timings] = tables.map(|bytes| Seal::of(1, &bytes));
    let cells = vec![CellStatus { cell: "a".to_owned(), status }];
    let tables = Seals { memories, recalls, timings };
    let (schema_version, sequence, maker) = (study::schema::SCHEMA_VERSION, 0, None);
    let sidecar = Sidecar { schema_version, sequence, cells, tables, maker };
    fs::write(parts.join("a.json"), crate::sealed::text(&sidecar)).unwrap();
    (guard, path)
}

/// The folder of the cell `a` with one read, and extremes in the columns of its tables.
fn with(table: Table, extremes: &[(usize, Extreme)]) -> (TempDir, PathBuf) {
    let of = |one: Table| if one == table { extremes } else { &[] };
    let cell = cell("a");
    let tables = [
        forged(&cell.memory, of(Table::Memories)),
        forged(&cell.recalls[0], of(Table::Recalls)),
        forged(&cell.timing, of(Table::Timings)),
    ];
    sealed(tables, Status::Ok)
}

/// Reads a folder and makes of it all that figures and tables are made of. Says how many parts are damaged.
fn use_all(path: &Path) -> usize {
    let contents = RunFolder::new(path).read().unwrap();
    let records = contents.records;
    summarise(&records);
    for memory in &records.memories {
        for measure in Measure::OF_MEMORIES {
            measure.of_memory(memory);
        }
        let (n, m) = (memory.at.n, memory.at.m);
        stats::theory::mceliece_all_load(n, 0.0);
        stats::theory::cover_all(n, m);
    }
    contents.damaged.len()
}

fn names<R: Row>() -> Vec<&'static str> {
    R::columns().iter().map(|column| column.name).collect()
}

#[test]
fn values_out_of_range_are_damage_that_names_column_row_value_and_range() {
    use Extreme::*;
    let cases = [
        (Table::Memories, "n", Zero, "column `n` has 0 in row 0, and allowed is 2 to 65536"),
        (Table::Memories, "n", Most, "column `n` has 4294967295 in row 0"),
        (
            Table::Memories,
            "trial",
            Most,
            "column `trial` has 4294967295 in row 0, and allowed is 0 to 999999",
        ),
        (Table::Memories, "wrong_bits", Most, "allowed is 0 to 1024 (m n)"),
        (Table::Memories, "fixed", Middle, "allowed is 0 to 16 (m)"),
        (
            Table::Memories,
            "asymmetry",
            NoNumber,
            "column `asymmetry` has NaN in row 0, and allowed is 0 or more",
        ),
        (Table::Memories, "cell", Most, "letters, digits"),
        (Table::Recalls, "recovered", Middle, "allowed is 0 to 100 (queries"),
        (Table::Recalls, "overlap_sum", Infinite, "allowed is -100 to 100 (queries)"),
        (Table::Timings, "write_seconds", Negative, "column `write_seconds` has -1 in row 0"),
    ];
    for (table, name, extreme, words) in cases {
        let columns = match table {
            Table::Memories => names::<Memory>(),
            Table::Recalls => names::<Recall>(),
            Table::Timings => names::<Timing>(),
        };
        let place = columns.iter().position(|column| *column == name).unwrap();
        let (_guard, path) = with(table, &[(place, extreme)]);
        let folder = RunFolder::new(&path);
        let text = folder.read().unwrap().damaged.remove(0).to_string();
        assert!(
            text.contains(words) && text.contains(&table.file()) && text.contains("is damaged"),
            "{text}"
        );
        assert!(folder.finished().unwrap().cells.is_empty(), "the cell is computed again");
    }
}

#[test]
fn every_extreme_in_every_column_is_read_without_a_panic() {
    for table in Table::ALL {
        let columns = match table {
            Table::Memories => names::<Memory>().len(),
            Table::Recalls => names::<Recall>().len(),
            Table::Timings => names::<Timing>().len(),
        };
        for (place, extreme) in (0..columns).flat_map(|place| EXTREMES.map(|extreme| (place, extreme))) {
            let (_guard, path) = with(table, &[(place, extreme)]);
            use_all(&path);
        }
    }
    let (_guard, path) = with(Table::Memories, &[]);
    assert_eq!(use_all(&path), 0);
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn extremes_in_several_columns_are_read_without_a_panic(
        table in 0_usize..3,
        extremes in prop::collection::vec((0_usize..64, 0_usize..EXTREMES.len()), 1..6),
    ) {
        let extremes: Vec<_> = extremes.into_iter().map(|(place, kind)| (place, EXTREMES[kind])).collect();
        let (_guard, path) = with(Table::ALL[table], &extremes);
        use_all(&path);
    }
}

#[test]
fn a_status_that_the_figures_contradict_is_damage() {
    let good = cell("a");
    let tables = |memory: &Memory, recalls: &[&Recall]| {
        let metadata = |table| crate::metadata::metadata(table, &run(0));
        [
            encode(&[memory], metadata(Table::Memories)).unwrap(),
            encode(recalls, metadata(Table::Recalls)).unwrap(),
            encode(&[&good.timing], metadata(Table::Timings)).unwrap(),
        ]
    };
    let damage = |tables: [Vec<u8>; 3], status: Status| {
        let (_guard, path) = sealed(tables, status);
        let damaged = RunFolder::new(&path).read().unwrap().damaged;
        damaged.first().map(ToString::to_string).unwrap_or_default()
    };
    for status in [Status::Timeout, Status::Panic, Status::Memory, Status::Diverged, Status::Invalid] {
        let text = damage(tables(&Memory { status, ..good.memory.clone() }, &[]), status);
        let words = format!("column `status` has {} in row 0, and allowed is `ok`", status.name());
        assert!(text.contains(&words), "{text}");
        let failed = failed("a", status).memory;
        assert_eq!(damage(tables(&failed, &[]), status), "");
        let text = damage(tables(&failed, &[&good.recalls[0]]), status);
        assert!(text.contains("has reads of cell a, which ended as"), "{text}");
        let text = damage(tables(&failed, &[]), Status::Ok);
        assert!(text.contains("it says that cell a ended as `ok`"), "{text}");
    }
    let none = Memory { figures: None, ..good.memory.clone() };
    let text = damage(tables(&none, &[]), Status::Ok);
    assert!(text.contains("column `status` has ok in row 0") && text.contains("no figures"), "{text}");
    let iterations = names::<Memory>().iter().position(|name| *name == "iterations").unwrap();
    let (_guard, path) = with(Table::Memories, &[(iterations, Extreme::Missing)]);
    let text = RunFolder::new(&path).read().unwrap().damaged.remove(0).to_string();
    assert!(text.contains("`evaluations` has a value in row 0"), "{text}");
}

#[test]
fn every_reference_run_is_in_range() {
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/reference");
    let folders =
        fs::read_dir(reference).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let read = |path: PathBuf| {
        let contents = RunFolder::new(&path).read().unwrap();
        assert!(contents.damaged.is_empty() && !contents.records.memories.is_empty(), "{path:?}");
    };
    assert!(folders.map(read).count() >= 12);
}
