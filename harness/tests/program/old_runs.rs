//! Runs that earlier programs have written stay readable: `tests/data/old-runs` has one of each form of the manifest.

use crate::scratch::{ONE_FIGURE, Scratch, entries};
use std::path::{Path, PathBuf};
use study::schema::SCHEMA_VERSION;

/// The folders of results.
fn old_runs() -> Vec<PathBuf> {
    entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/old-runs"))
}

#[test]
fn there_is_a_run_of_every_schema() {
    let version = |run: &PathBuf| crate::scratch::manifest(&run.join("cost"))["schema_version"].as_u64();
    let mut versions: Vec<u64> = old_runs().iter().filter_map(version).collect();
    versions.dedup();
    assert_eq!(versions, (1..=u64::from(SCHEMA_VERSION)).collect::<Vec<_>>());
}

#[test]
fn every_command_that_reads_takes_a_run_of_an_earlier_program() {
    let scratch = Scratch::new(ONE_FIGURE);
    assert_eq!(old_runs().len(), 2);
    for run in old_runs() {
        let run = run.display().to_string();
        let command = |words: &[&str]| scratch.run(&[words, &["--results", &run]].concat());
        let shown = command(&["show", "cost"]).well().stdout;
        // As these programs printed it, by their own records.
        assert!(shown.contains(".54 [.12 .88]  1.00 [.86 1.00]  1.00 [.86 1.00]"), "{shown}");
        let csv = command(&["show", "cost", "--csv"]).well().stdout;
        assert!(csv.lines().count() > 24, "{csv}");
        let claims = command(&["claims", "cost"]).well().stdout;
        assert!(claims.contains("C6") && claims.contains("are missing"), "{claims}");
        // HOP is what it was to the bit, on any processor; of the others the program knows that they have changed.
        let said = command(&["verify", "cost", "--sample", "3", "--json"]);
        assert_eq!(said.code, Some(1), "{}", said.stderr);
        let found = said.json();
        assert_eq!(found["unplanned"].as_array().map(Vec::len), Some(2), "{found}");
        assert_eq!(
            (&found["checked"][0]["protocol"], &found["checked"][0]["verdict"]),
            (&"HOP".into(), &"equal".into())
        );
    }
}
