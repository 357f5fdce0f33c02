//! These tests give the store bytes that are not what was written. They are found, named and worked around,
//! and never end in a panic.

use super::*;
use crate::StoreError;
use crate::file::Seal;
use crate::manifest::{Manifest, Seals, Sidecar};
use crate::table::{Columns, StoredTable, decode, encode};
use proptest::prelude::*;
use std::fs;
use std::sync::LazyLock;
use study::schema::{Column, Row, Table};

/// Something that happens to a file.
type Harm = fn(&Path);

/// The file of a part that ends like this.
fn part_file(path: &Path, ending: &str) -> PathBuf {
    let files = snapshot(&path.join("parts")).into_iter().map(|(file, _)| file);
    files.into_iter().find(|file| file.to_string_lossy().ends_with(ending)).expect("the part has such a file")
}

/// A folder with the part of cell a, on which a test does its harm, and a later part of cell b.
fn two_parts() -> (TempDir, PathBuf) {
    let (guard, path) = scratch();
    let writer = writer(&path);
    writer.write_part(&[cell("a")]).unwrap();
    writer.write_part(&[cell("b")]).unwrap();
    (guard, path)
}

#[test]
fn a_damaged_part_is_named_and_its_cells_are_computed_again() {
    let harms: [(&str, Harm); 8] = [
        (".memories.parquet", truncate),
        (".recalls.parquet", flip),
        (".timings.parquet", flip),
        (".recalls.parquet", |path| fs::remove_file(path).unwrap()),
        (".memories.parquet", |path| fs::write(path, "").unwrap()),
        (".json", truncate),
        (".json", flip),
        (".json", |path| fs::write(path, "\u{0}[[[[").unwrap()),
    ];
    for (ending, harm) in harms {
        let (_guard, path) = two_parts();
        let file = part_file(&path, ending);
        harm(&file);
        let found = RunFolder::new(&path).finished().unwrap();
        assert_eq!(found.cells.into_keys().collect::<Vec<_>>(), ["b"], "{ending}");
        let named: Vec<String> = found.damaged.iter().map(ToString::to_string).collect();
        assert!(named.len() == 1 && named[0].contains(&file.display().to_string()), "{named:?}");
        let records = RunFolder::new(&path).read().unwrap();
        assert_eq!((records.records.memories.len(), records.damaged.len()), (1, 1));

        let mut writer = writer(&path);
        writer.write_part(&[slower(cell("a"))]).unwrap();
        writer.consolidate(&ids(&["a", "b"])).unwrap();
        assert_eq!(order(writer.folder()), ["a", "b"]);
        assert!(
            writer.folder().finished().unwrap().damaged.is_empty(),
            "reported until it is computed again"
        );
        let aside = path.join("damaged");
        let kept = snapshot(&aside).len();
        assert!(kept >= 3, "the part is set aside, not thrown away: {kept} files after {ending}");
    }
}

/// The same cell on a slower machine.
fn slower(mut cell: CellRecords) -> CellRecords {
    cell.timing.write_seconds *= 2.0;
    cell
}

fn truncate(path: &Path) {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// The bytes with one bit flipped, for every bit in turn, and the place of its byte.
fn with_one_bit_flipped(whole: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    (0..whole.len() * 8).map(|i| {
        let mut bytes = whole.to_vec();
        bytes[i / 8] ^= 1 << (i % 8);
        (i / 8, bytes)
    })
}

#[test]
fn no_flipped_bit_of_a_sidecar_goes_unseen() {
    let (_guard, path) = two_parts();
    let file = part_file(&path, ".json");
    let whole = fs::read(&file).unwrap();
    let original = Sidecar::parse(&file, &whole).unwrap();
    for (place, bytes) in with_one_bit_flipped(&whole) {
        match Sidecar::parse(&file, &bytes) {
            Err(StoreError::Damaged { .. }) => {}
            // The newline at the end may become another space, which says the same.
            read => assert_eq!((read.unwrap(), place), (original.clone(), whole.len() - 1)),
        }
    }
}

#[test]
fn no_flipped_bit_of_a_manifest_goes_unseen() {
    let (_guard, path) = complete();
    let file = path.join("manifest.json");
    let whole = fs::read(&file).unwrap();
    let original = Manifest::parse(&file, &whole).unwrap();
    for (place, bytes) in with_one_bit_flipped(&whole) {
        match Manifest::parse(&file, &bytes) {
            Err(StoreError::Damaged { .. } | StoreError::Schema { .. }) => {}
            // One white space between keys may become another, which says the same.
            read => assert_eq!((read.unwrap(), whole[place].is_ascii_whitespace()), (original.clone(), true)),
        }
    }
}

#[test]
fn a_manifest_without_a_hash_is_read() {
    let (_guard, path) = two_parts();
    let file = path.join("manifest.json");
    let mut value: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let original = RunFolder::new(&path).manifest().unwrap();
    for key in ["blake3", "rerun"] {
        value.as_object_mut().unwrap().remove(key).unwrap();
    }
    fs::write(&file, value.to_string()).unwrap();
    assert_eq!(RunFolder::new(&path).manifest().unwrap(), original);
}

#[test]
fn damaged_tables_are_named_and_recomputed() {
    for table in Table::ALL {
        let (_guard, path) = scratch();
        let mut first = writer(&path);
        first.write_part(&[cell("a")]).unwrap();
        first.consolidate(&ids(&["a", "b"])).unwrap();
        first.write_part(&[cell("b")]).unwrap();
        drop(first);
        let (file, folder) = (path.join(table.file()), RunFolder::new(&path));
        flip(&file);
        let error = folder.read().unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
        assert!(text.contains(&file.display().to_string()) && text.contains("run its sweep again"), "{text}");
        assert_eq!(finished(&folder), ["b"]);

        let mut second = writer(&path);
        second.write_part(&[cell("a")]).unwrap();
        second.consolidate(&ids(&["a", "b"])).unwrap();
        assert_eq!(order(&folder), ["a", "b"]);
        assert!(path.join("damaged").join(table.file()).exists());
    }
}

#[test]
fn tables_that_no_manifest_vouches_for_are_not_trusted() {
    for manifest in [None, Some("{"), Some("[]"), Some("{\"schema_version\": 1}")] {
        let (_guard, path) = complete();
        fs::remove_file(path.join("manifest.json")).unwrap();
        if let Some(text) = manifest {
            fs::write(path.join("manifest.json"), text).unwrap();
        }
        let folder = RunFolder::new(&path);
        assert!(folder.read().unwrap_err().to_string().contains("manifest.json"));
        let found = folder.finished().unwrap();
        assert_eq!((found.cells.len(), found.damaged.len()), (0, 3 + usize::from(manifest.is_some())));
        let mut second = writer(&path);
        second.write_part(&[cell("a")]).unwrap();
        second.consolidate(&ids(&["a"])).unwrap();
        assert_eq!(order(&folder), ["a"]);
    }
}

/// A part whose sidecar vouches for `memories`, whatever they are: only malice or a bug makes one.
fn forge(path: &Path, memories: &[u8]) {
    let sidecar_path = part_file(path, ".json");
    fs::write(part_file(path, ".memories.parquet"), memories).unwrap();
    let sidecar = Sidecar::read(&sidecar_path).unwrap().unwrap();
    let tables = Seals { memories: Seal::of(1, memories), ..sidecar.tables.clone() };
    Sidecar { tables, ..sidecar }.write(&sidecar_path).unwrap();
}

#[test]
fn a_column_that_is_not_what_the_schema_says_is_named() {
    use polars::prelude::*;
    let (_guard, path) = two_parts();
    let metadata = crate::metadata::metadata(Table::Memories, &run(0));
    let good = encode(&[&cell("a").memory], metadata.clone()).unwrap();
    let frame = ParquetReader::new(std::io::Cursor::new(good)).finish().unwrap();
    let with = |column: Column| frame.clone().with_column(column).unwrap().clone();
    let cases = [
        (frame.drop("trial").unwrap(), "`trial` is missing"),
        (with(Column::new("n".into(), [64_u64])), "`n` has type u64 where u32 is due"),
        (with(Column::new("status".into(), ["okay"])), "`status` has an unknown variant `okay`"),
        (with(Column::new("stop".into(), [None::<&str>])), "`stop` has no value in row 0"),
    ];
    for (mut frame, problem) in cases {
        let mut bytes = Vec::new();
        let metadata = KeyValueMetadata::from_static(metadata.clone());
        ParquetWriter::new(&mut bytes).with_key_value_metadata(Some(metadata)).finish(&mut frame).unwrap();
        forge(&path, &bytes);
        let text = RunFolder::new(&path).read().unwrap().damaged.remove(0).to_string();
        assert!(
            text.contains(problem) && text.contains(".memories.parquet") && text.contains("FORMAT.md"),
            "{text}"
        );
    }
}

#[test]
fn rows_of_cells_that_a_sidecar_does_not_name_are_left_out() {
    let (_guard, path) = two_parts();
    let metadata = crate::metadata::metadata(Table::Memories, &run(0));
    forge(&path, &encode(&[&cell("a").memory, &cell("stray").memory], metadata).unwrap());
    writer(&path).consolidate(&ids(&["a", "b", "stray"])).unwrap();
    assert_eq!(order(&RunFolder::new(&path)), ["a", "b"]);
}

/// As [`two_parts`], made once and copied without waiting for the disk.
fn copy_of_two_parts() -> (TempDir, PathBuf) {
    static FILES: LazyLock<Vec<(PathBuf, Vec<u8>)>> = LazyLock::new(|| {
        let (_guard, path) = two_parts();
        let relative = |(file, bytes): (PathBuf, _)| (file.strip_prefix(&path).unwrap().to_owned(), bytes);
        snapshot(&path).into_iter().map(relative).collect()
    });
    let (guard, path) = scratch();
    fs::create_dir_all(path.join("parts")).unwrap();
    for (file, bytes) in FILES.iter() {
        fs::write(path.join(file), bytes).unwrap();
    }
    (guard, path)
}

/// Everything that a command does with a folder; only that it does not panic counts.
fn exercise(path: &Path) {
    let folder = RunFolder::new(path);
    let _ = folder.finished();
    let _ = folder.read();
    if let Ok(mut writer) = RunWriter::lock(path, run(1)) {
        let _ = writer.consolidate(&ids(&["b", "a"]));
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn random_bytes_in_any_file_never_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        which in 0_usize..6,
    ) {
        let (_guard, path) = copy_of_two_parts();
        match which {
            0 => fs::write(path.join("manifest.json"), &bytes).unwrap(),
            1 => fs::write(path.join("memories.parquet"), &bytes).unwrap(),
            2 => fs::write(part_file(&path, ".json"), &bytes).unwrap(),
            3 => fs::write(part_file(&path, ".recalls.parquet"), &bytes).unwrap(),
            4 => forge(&path, &bytes),
            _ => fs::write(path.join("parts").join("x.json"), &bytes).unwrap(),
        }
        exercise(&path);
    }
}

/// Stands for a reader that panics, as polars does on some forged files.
#[derive(Debug)]
struct Panicking;

impl Row for Panicking {
    const TABLE: Table = Table::Timings;

    fn at(&self) -> &Coordinates {
        unreachable!("it is never made")
    }

    fn at_mut(&mut self) -> &mut Coordinates {
        unreachable!("it is never made")
    }

    fn columns() -> Vec<Column<Self>> {
        Vec::new()
    }
}

impl StoredTable for Panicking {
    fn decode(_: &Columns<'_>) -> Result<Vec<Self>, StoreError> {
        panic!("thrift {}", "bool field")
    }
}

#[test]
fn a_panic_of_the_reader_is_an_error() {
    let metadata = crate::metadata::metadata(Table::Memories, &run(0));
    let bytes = encode(&[&cell("a").memory], metadata).unwrap();
    let text = decode::<Panicking>(Path::new("forged.parquet"), bytes).unwrap_err().to_string();
    assert!(text.contains("forged.parquet") && text.contains("thrift bool field"), "{text}");
}

/// A name that a folder has taken is not one that a part could have for ever.
#[test]
fn a_folder_at_a_parts_name_keeps_no_cell_from_being_written() {
    let ((_first, first), (_second, second)) = (scratch(), scratch());
    writer(&first).write_part(&[cell("a")]).unwrap();
    for entry in std::fs::read_dir(first.join("parts")).unwrap() {
        std::fs::create_dir_all(second.join("parts").join(entry.unwrap().file_name())).unwrap();
    }
    writer(&second).write_part(&[cell("a")]).unwrap();
    let finished = RunFolder::new(&second).finished().unwrap();
    assert!(finished.cells.contains_key("a"), "{:?}", finished.damaged);
}
