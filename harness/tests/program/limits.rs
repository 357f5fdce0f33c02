//! Numbers from outside have upper limits, and the error names them.

use crate::scratch::{self, Said, Scratch};
use std::fs;

/// An npy file of rows of +1.
fn ones(rows: usize, columns: usize) -> Vec<u8> {
    let dict = format!("{{'descr': '|i1', 'fortran_order': False, 'shape': ({rows}, {columns}), }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((dict.len() as u16).to_le_bytes());
    bytes.extend(dict.bytes());
    bytes.extend(vec![1; rows * columns]);
    bytes
}

#[test]
fn a_memory_of_more_units_than_its_weights_could_hold_is_refused() {
    let scratch = Scratch::new("");
    fs::write(scratch.path("m.npy"), ones(1, 200_000)).unwrap();
    let said = ["m.npy: has 200000 units, but a memory has at most 100000"];
    let write = ["write", "--protocol", "hop", "--messages", "m.npy", "--out", "w.npy"];
    scratch.run(&write).refused(1, &said);
    fs::write(scratch.path("few.npy"), ones(1, 4)).unwrap();
    scratch.succeed(&["write", "--protocol", "hop", "--messages", "few.npy", "--out", "w.npy"]);
    scratch.run(&["recall", "--weights", "w.npy", "--queries", "m.npy", "--out", "r.npy"]).refused(1, &said);
    scratch
        .run(&["recall", "--weights", "m.npy", "--queries", "few.npy", "--out", "r.npy"])
        .refused(1, &["m.npy: has 200000 units; a memory has at most 100000"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_write_that_the_system_has_no_memory_for_is_an_error() {
    let scratch = Scratch::new("");
    fs::write(scratch.path("m.npy"), ones(2, 30_000)).unwrap();
    let program = scratch::PROGRAM;
    let limited =
        format!("ulimit -v 3000000; exec '{program}' write --protocol hop --messages m.npy --out w.npy");
    let output = Said::by(scratch.other("sh").args(["-c", &limited]));
    output.refused(1, &["hop: out of memory: may need 8583 MiB", "raise the limit of memory"]);
    assert!(!scratch.path("w.npy").exists());
}

#[test]
fn options_that_no_machine_could_follow_are_refused() {
    let scratch = Scratch::new("");
    for (line, limit) in [
        ("sweep quick --threads 20000", 1024),
        ("plan quick --threads 20000", 1024),
        ("verify quick --threads 20000", 1024),
        ("sweep quick --trials 4000000000", 1_000_000),
        ("plan quick --shards 4000000000", 100_000),
        ("plan quick --workers 4000000000", 100_000),
        ("plan quick --simulate 4000000000", 100_000),
        ("submit quick --shards 4000000000", 100_000),
        ("submit quick --workers 0", 100_000),
    ] {
        let said = scratch.run(&line.split(' ').collect::<Vec<_>>());
        said.refused(2, &[&format!("a whole number from 1 to {limit} is needed")]);
    }
}
