//! These tests read stored files of any bytes. They are manifests and sidecars, tables under their seal, and
//! tables whose seal was forged with them.

use super::*;
use crate::StoreError;
use crate::file::Seal;
use crate::manifest::{Manifest, Sidecar};
use crate::table::{decode, encode};
use study::fuzz::Target;
use study::schema::Table;

const WORDS: &[&[u8]] = &[
    b"PAR1",
    b"\"schema_version\":",
    b"\"blake3\":",
    b"\"cells\":",
    b"null",
    b"-1",
    b"1e999",
    b"18446744073709551616",
    b"[[[[",
    b"{\"a\":",
    b"\"ok\"",
    b"\\ud800",
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x00",
    b"\xff\xff\xff\xff\x0f",
    b"\x80\x80\x80\x80\x08",
    b"\x15\x00",
    b"\x1c",
    b"\x2c",
    b"\x19",
];

/// The files of a folder with parts and tables, by their ending.
fn files(ending: &str) -> Vec<Vec<u8>> {
    let (_guard, path) = scratch();
    let mut writer = writer(&path);
    writer.write_part(&[cell("a"), failed("b", Status::Diverged)]).unwrap();
    writer.consolidate(&ids(&["a"])).unwrap();
    writer.write_part(&[cell("c")]).unwrap();
    let of_kind =
        |(file, bytes): (PathBuf, Vec<u8>)| file.to_string_lossy().ends_with(ending).then_some(bytes);
    snapshot(&path).into_iter().filter_map(of_kind).collect()
}

#[test]
fn fuzzed_manifests_and_sidecars_never_panic() {
    let seeds = files(".json");
    let target = Target { name: "manifests", percent: 4, seeds: &seeds, words: WORDS };
    let path = Path::new("fuzz.json");
    target.run(|input| {
        let (manifest, sidecar) = (Manifest::parse(path, input), Sidecar::parse(path, input));
        // Without its seal a manifest is read as one of the first, so that its content is looked at.
        let text = String::from_utf8_lossy(input).replace("blake3", "black3");
        let _ = Manifest::parse(path, text.as_bytes());
        manifest.is_ok() || sidecar.is_ok()
    });
}

#[test]
fn fuzzed_tables_do_not_pass_their_seal() {
    let (_guard, path) = scratch();
    std::fs::create_dir_all(&path).unwrap();
    let file = path.join("recalls.parquet");
    let seeds = files("recalls.parquet");
    let seals: Vec<Seal> = seeds.iter().map(|seed| Seal::of(3, seed)).collect();
    let target = Target { name: "sealed tables", percent: 4, seeds: &seeds, words: WORDS };
    target.run(|input| {
        std::fs::write(&file, input).unwrap();
        let accepted = seals.iter().zip(&seeds).filter(|(seal, seed)| {
            let read = seal.read(&file);
            assert!(read.is_err() || input == seed.as_slice(), "changed bytes passed a seal");
            read.is_ok()
        });
        accepted.count() > 0
    });
}

#[test]
fn fuzzed_tables_with_forged_seals_are_errors() {
    let metadata = crate::metadata::metadata(Table::Recalls, &run(0));
    let recalls = [cell("a").recalls, cell("b").recalls].concat();
    let seeds = [encode(&recalls.iter().collect::<Vec<_>>(), metadata).unwrap()];
    let target = Target { name: "forged tables", percent: 4, seeds: &seeds, words: WORDS };
    target.run(|input| match decode::<Recall>(Path::new("fuzz.parquet"), input.to_vec()) {
        Ok(_) => true,
        Err(error) => {
            let told = matches!(
                error,
                StoreError::Damaged { .. } | StoreError::Column { .. } | StoreError::Schema { .. }
            );
            assert!(told, "{error:?}");
            false
        }
    });
}
