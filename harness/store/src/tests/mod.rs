//! This module makes records by hand for the tests of the store.

mod damage;
mod disk;
mod folder;
mod fuzz;
mod round_trip;
mod shards;
mod values;

use super::{PartWriter, RunFolder, RunWriter};
use crate::provenance::Provenance;
use proptest::test_runner::Config as ProptestConfig;
use protocols::probe::Recovery;
use protocols::probe::{Correction, RandomStarts};
use protocols::reading::Reader;
use protocols::{Corruption, Source};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use study::record::{CellRecords, Coordinates, Memory, MemoryFigures, Recall, Status, Timing};
use tempfile::TempDir;

/// A folder for one test, gone when it is dropped.
fn scratch() -> (TempDir, PathBuf) {
    let guard = tempfile::tempdir().expect("the system has a temporary folder");
    let path = guard.path().join("quick");
    (guard, path)
}

/// The provenance of a run, with what differs between reruns made different.
fn run(number: u32) -> Provenance {
    // Asking git and the system once is enough.
    static HERE: LazyLock<Provenance> =
        LazyLock::new(|| Provenance::collect("quick", "question = \"?\"\n", 7));
    Provenance {
        commit: Some("c0ffee".to_owned()),
        dirty: Some(number % 2 == 1),
        arguments: vec!["harness".to_owned(), format!("--threads={number}")],
        start: format!("2026-11-22T00:00:{number:02}Z"),
        ..HERE.clone()
    }
}

fn writer(path: &Path) -> RunWriter {
    RunWriter::lock(path, run(0)).expect("the folder is free")
}

/// Computes the one cell of a run, `a`, to the end.
fn end(path: &Path) {
    let mut writer = writer(path);
    writer.write_part(&[cell("a")]).unwrap();
    writer.consolidate(&ids(&["a"])).unwrap();
}

/// A run of one cell, `a`, that has ended.
fn complete() -> (TempDir, PathBuf) {
    let (guard, path) = scratch();
    end(&path);
    (guard, path)
}

/// So many cases, or as many as PROPTEST_CASES asks for.
fn cases(number: u32) -> ProptestConfig {
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => ProptestConfig::default(),
        None => ProptestConfig::with_cases(number),
    }
}

fn coordinates(id: &str) -> Coordinates {
    Coordinates {
        cell: id.into(),
        protocol: "trn".into(),
        parameters: r#"{"steps":3,"noise":0.1}"#.into(),
        source: Source::Glyphs,
        n: 64,
        m: 16,
        trial: 3,
    }
}

fn recall(id: &str, dynamics: Reader, flips: u32) -> Recall {
    Recall {
        at: coordinates(id),
        dynamics,
        flips: Corruption::flips(flips),
        checkpoint: 3,
        reads: Recovery {
            queries: 100,
            first: 1,
            at_checkpoint: 2,
            recovered: 90,
            negative: 4,
            other_message: 3,
            spurious: 2,
            cycle: 1,
            unsettled: 0,
            longest_cycle: 2,
            overlap_sum: 93.1,
            steps_sum: 321,
            ties: u64::MAX,
        },
        differing: None,
    }
}

/// A cell with numbers; its recalls are out of order on purpose.
fn cell(id: &str) -> CellRecords {
    let figures = MemoryFigures {
        iterations: 120,
        evaluations: 130,
        objective: Some(0.1 + 0.2),
        stop: "gradient".to_owned(),
        rank: None,
        fixed: Some(15),
        wrong_bits: Some(7),
        tied_bits: Some(0),
        margin_min: Some(-0.25),
        margin_mean: None,
        asymmetry: Some(f64::INFINITY),
        diagonal_ratio: Some(0.0),
        strict_minima: Some(14),
        energy_flips: Some(1 << 40),
        energy_rises: Some(0),
        correction: Some(Correction { corrected: 200, predicted: 210, agreeing: 900, returned: 190 }),
        starts: Some(RandomStarts { starts: 100, stored: 60, spurious: 30, distinct: 29 }),
    };
    CellRecords {
        memory: Memory {
            at: coordinates(id),
            status: Status::Ok,
            message: String::new(),
            figures: Some(figures),
        },
        recalls: vec![
            recall(id, Reader::Async, 6),
            recall(id, Reader::Sync, 12),
            recall(id, Reader::Sync, 0),
        ],
        timing: Timing {
            at: coordinates(id),
            write_seconds: 0.5,
            read_seconds: 0.25,
            host: "node \"7\"\n".to_owned(),
            program: None,
        },
    }
}

/// A cell that failed.
fn failed(id: &str, status: Status) -> CellRecords {
    let memory =
        Memory {
            at: coordinates(id), status, message: "NaN in row 3: é ∞ \u{0}".to_owned(), figures: None
        };
    CellRecords { memory, recalls: Vec::new(), ..cell(id) }
}

fn ids(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// The cells that a folder says are finished.
fn finished(folder: &RunFolder) -> Vec<String> {
    folder.finished().expect("the folder can be read").cells.into_keys().collect()
}

/// The cells in the memories of a folder, in their order.
fn order(folder: &RunFolder) -> Vec<String> {
    folder
        .read()
        .expect("the folder has results")
        .records
        .memories
        .into_iter()
        .map(|memory| memory.at.cell.to_string())
        .collect()
}

/// Files below a folder with their content, without the lock.
fn snapshot(path: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder can be listed") {
            let path = entry.expect("the folder can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with(".lock") {
                let content = std::fs::read(&path).expect("the file can be read");
                files.push((path, content));
            }
        }
    }
    files.sort();
    files
}
