//! A run becomes one file, which is the same for the same run; and a file of a stranger is checked without trust.

use crate::scratch::{CLAIM, ONE_FIGURE, Said, Scratch, by_cell, edit_manifest, entries, flip};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use store::runs::list;
use store::{PartWriter, RunFolder, RunWriter};
use tar::{Builder, Header};

/// A run with a figure and a claim, bundled; the bundle.
fn bundled() -> (Scratch, PathBuf) {
    let scratch = Scratch::swept(&format!("{ONE_FIGURE}{CLAIM}"));
    scratch.succeed(&["bundle", "d", "--out", "d.tar.zst"]);
    let path = scratch.path("d.tar.zst");
    (scratch, path)
}

/// The files of a bundle by name, with their bytes.
fn unpacked(bundle: &Path) -> Vec<(String, Vec<u8>)> {
    let mut tar = tar::Archive::new(zstd::Decoder::new(File::open(bundle).unwrap()).unwrap());
    let mut files = Vec::new();
    for entry in tar.entries().unwrap() {
        let mut entry = entry.unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        files.push((entry.path().unwrap().to_string_lossy().into_owned(), bytes));
    }
    files
}

/// Packs files as another program would.
fn packed(files: &[(String, Vec<u8>)], to: &Path) {
    let mut tar = Builder::new(zstd::Encoder::new(File::create(to).unwrap(), 1).unwrap());
    for (name, bytes) in files {
        let mut header = Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        tar.append_data(&mut header, name, &bytes[..]).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap();
}

/// What the check says of a bundle whose files were changed.
fn changed(scratch: &Scratch, bundle: &Path, change: impl Fn(&mut Vec<(String, Vec<u8>)>)) -> Said {
    let mut files = unpacked(bundle);
    change(&mut files);
    packed(&files, &scratch.path("changed.tar.zst"));
    scratch.run(&["bundle", "--check", "changed.tar.zst"])
}

#[test]
fn a_bundle_holds_all_that_is_said_of_a_run_and_is_the_same_each_time() {
    let (scratch, bundle) = bundled();
    let files = unpacked(&bundle);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.is_sorted(), "{names:?}");
    for due in [
        "Cargo.lock",
        "README.txt",
        "SHA256SUMS",
        "claims.json",
        "claims.txt",
        "commands.sh",
        "definitions/d.toml",
        "paper-figs/d/recovery.csv",
        "paper-figs/d/recovery.svg",
        "provenance.json",
        "report.html",
        "results/d/manifest.json",
        "results/d/memories.parquet",
        "results/d/recalls.parquet",
        "results/d/timings.parquet",
        "ro-crate-metadata.json",
    ] {
        assert!(names.contains(&due), "{due}: {names:?}");
    }
    let text = |name: &str| {
        let (_, bytes) = files.iter().find(|(found, _)| found == name).unwrap();
        String::from_utf8(bytes.clone()).unwrap()
    };
    assert_eq!(text("definitions/d.toml"), fs::read_to_string(scratch.path("d.toml")).unwrap());
    assert!(text("claims.txt").contains("HOP recovers."), "{}", text("claims.txt"));
    assert!(text("commands.sh").contains("sweep definitions/d.toml --out again/results"));
    let about: serde_json::Value = serde_json::from_str(&text("ro-crate-metadata.json")).unwrap();
    let root = &about["@graph"][1];
    let parts = root["hasPart"].as_array().unwrap();
    assert_eq!(parts.len(), names.len() - 1, "every file but the description itself");
    assert!(
        !text("report.html").contains(&scratch.folder().display().to_string()),
        "no path of this machine"
    );
    // Nor does it hang on where the run lay, on the width of a terminal, or on the time.
    fs::rename(scratch.path("results"), scratch.path("elsewhere")).unwrap();
    let mut again = scratch.command(&["bundle", "d", "--results", "elsewhere", "--out", "again.tar.zst"]);
    Said::by(again.env("COLUMNS", "50")).well();
    let same = unpacked(&scratch.path("again.tar.zst"));
    for ((name, one), (_, two)) in files.iter().zip(&same) {
        assert!(one == two, "{name}:\n{}\n{}", String::from_utf8_lossy(one), String::from_utf8_lossy(two));
    }
    assert_eq!(fs::read(&bundle).unwrap(), fs::read(scratch.path("again.tar.zst")).unwrap());
}

#[test]
fn a_bundle_agrees_wherever_it_is_checked() {
    let (_scratch, bundle) = bundled();
    let elsewhere = Scratch::new("");
    fs::copy(&bundle, elsewhere.path("moved.tar.zst")).unwrap();
    let said = elsewhere.succeed(&["bundle", "--check", "moved.tar.zst", "--sample", "100%"]);
    assert!(said.stdout.contains("6 of 6 cells computed again"), "{}", said.stdout);
    assert!(said.stdout.contains("The bundle is whole, and its results agree."), "{}", said.stdout);
    let said = elsewhere.succeed(&["bundle", "--check", "moved.tar.zst", "--json", "--into", "kept"]).json();
    assert_eq!((&said["outcome"], &said["runs"][0]["name"]), (&"agrees".into(), &"d".into()));
    assert_eq!(list(&elsewhere.path("kept/results")), ["d"]);
    elsewhere
        .run(&["bundle", "--check", "moved.tar.zst", "--into", "kept"])
        .refused(1, &["holds something already"]);
}

#[test]
fn every_damage_is_told() {
    let (scratch, bundle) = bundled();
    assert_eq!(changed(&scratch, &bundle, |_| {}).code, Some(0), "packed by another program it is as good");
    let last = |files: &mut Vec<(String, Vec<u8>)>, name: &str| {
        files.iter().position(|(found, _)| found == name).unwrap_or_else(|| panic!("{name}"))
    };
    let said = changed(&scratch, &bundle, |files| {
        let at = last(files, "results/d/recalls.parquet");
        files[at].1[100] ^= 1;
    });
    assert_eq!(said.code, Some(1));
    assert!(
        said.stdout.contains("results/d/recalls.parquet has changed since it was bundled"),
        "{}",
        said.stdout
    );
    assert!(said.stdout.contains("no cell was computed"), "{}", said.stdout);
    let said = changed(&scratch, &bundle, |files| {
        let at = last(files, "claims.txt");
        files.remove(at);
    });
    assert_eq!(said.code, Some(1));
    assert!(said.stdout.contains("claims.txt is missing"), "{}", said.stdout);
    let said = changed(&scratch, &bundle, |files| files.push(("extra".to_owned(), b"1".to_vec())));
    assert_eq!(said.code, Some(1));
    assert!(said.stdout.contains("extra is not listed in SHA256SUMS"), "{}", said.stdout);
    let said = changed(&scratch, &bundle, |files| files.retain(|(name, _)| name != "SHA256SUMS"));
    said.refused(1, &["has no readable SHA256SUMS"]);
    let whole = fs::read(&bundle).unwrap();
    for (bytes, words) in [
        (&whole[..whole.len() / 2], "is damaged, cut off, or no bundle"),
        (b"no archive".as_slice(), "is no bundle"),
    ] {
        fs::write(scratch.path("x.tar.zst"), bytes).unwrap();
        scratch.run(&["bundle", "--check", "x.tar.zst"]).refused(1, &[words]);
    }
    flip(&bundle);
    scratch.run(&["bundle", "--check", "d.tar.zst"]).refused(1, &["is damaged"]);
    scratch.run(&["bundle", "--check", "none.tar.zst"]).refused(1, &["none.tar.zst: cannot be opened"]);
}

/// Whoever forges a number can forge its hashes too; computing it again finds it.
#[test]
fn a_number_that_was_never_computed_is_found() {
    let (scratch, _) = bundled();
    let folder = scratch.results();
    let store = RunFolder::new(&folder);
    let run = store.manifest().unwrap().unwrap().runs.remove(0);
    let mut cells = by_cell(store.read().unwrap().records);
    cells[0].recalls[0].reads.recovered -= 1;
    fs::remove_dir_all(&folder).unwrap();
    let mut writer = RunWriter::lock(&folder, run).unwrap();
    writer.write_part(&cells).unwrap();
    let ids: Vec<String> = cells.into_iter().map(|cell| cell.memory.at.cell.to_string()).collect();
    writer.consolidate(&ids).unwrap();
    drop(writer);
    scratch.succeed(&["bundle", "d", "--out", "forged.tar.zst"]);
    let said = scratch.run(&["bundle", "--check", "forged.tar.zst", "--sample", "100%"]);
    assert_eq!(said.code, Some(1), "{}{}", said.stdout, said.stderr);
    assert!(said.stdout.contains("The bundle is whole, but its results do NOT agree."), "{}", said.stdout);
    assert!(said.stdout.contains("Columns with values that differ: recovered (1)"), "{}", said.stdout);
}

/// A bundle may name any program. Checking it runs none.
#[test]
fn no_program_of_a_stranger_is_run() {
    let rule = r#"
question = "Whose?"
analysis = "None."
[protocols]
HOP = { hop = {} }
Strange = { external = { command = ["python3", "rule.py"], files = ["rule.py"] } }
[grid]
n = [16]
m = [2]
flips = [0]
trials = 2
queries = 2
"#;
    let scratch = Scratch::new(rule);
    scratch.write("rule.py", include_str!("../../examples/python/hop.py"));
    scratch.sweep(&["--quiet"]).well();
    scratch.succeed(&["bundle", "d", "--out", "d.tar.zst"]);
    scratch.write("rule.py", "open('was-run', 'w')");
    let said = scratch.succeed(&["bundle", "--check", "d.tar.zst", "--sample", "100%"]);
    assert!(said.stdout.contains("2 cells of d need a program or a file of messages"), "{}", said.stdout);
    assert!(said.stdout.contains("2 of 2 cells computed again"), "{}", said.stdout);
    assert!(!scratch.path("was-run").exists());
}

#[test]
fn what_cannot_be_bundled_is_said() {
    let scratch = Scratch::new(ONE_FIGURE);
    scratch
        .run(&["bundle", "d.toml", "--out", "x.tar.zst"])
        .refused(1, &["has no results yet", "harness sweep"]);
    scratch.run(&["bundle", "nothing", "--out", "x.tar.zst"]).refused(1, &["neither a definition nor a run"]);
    scratch.sweep(&["--quiet"]).well();
    scratch.run(&["bundle", "d", "d", "--out", "x.tar.zst"]).refused(1, &["which another has"]);
    scratch.run(&["bundle", "d", "--out", "none/x.tar.zst"]).refused(1, &["mkdir -p"]);
    scratch.run(&["bundle", "d"]).refused(2, &["--out"]);
    edit_manifest(&scratch.results(), |manifest| manifest["tables"] = serde_json::Value::Null);
    scratch.run(&["bundle", "d", "--out", "x.tar.zst"]).refused(1, &["are not put together"]);
    assert!(entries(scratch.folder()).iter().all(|path| !path.ends_with("x.tar.zst")));
}
