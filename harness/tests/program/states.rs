//! Every command that reads runs is tried on runs in every state, under every form of their names: it ends with an exit
//! code that its help has, says which run it could not take, and never panics.

use crate::scratch::{CLAIM, ONE_FIGURE, Said, Scratch, by_cell, edit_manifest, entries, flip};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{PartWriter, RunFolder, RunWriter};

/// What is asked of the run NAME, and what it is told besides; `merge` comes last, for it writes.
const COMMANDS: [&str; 15] = [
    "show NAME",
    "show NAME --csv",
    "figures NAME --out figures",
    "verify NAME --sample 1",
    "replay NAME --cell CELL",
    "replay NAME --failed",
    "claims NAME",
    "report NAME --out report.html",
    "bundle NAME --out bundle.tar.zst",
    "compare NAME whole",
    "compare whole NAME",
    "status NAME",
    "resume NAME",
    "merge NAME",
    "merge NAME --results elsewhere",
];

/// The states of runs.
const STATES: [&str; 8] =
    ["whole", "partial", "failed", "empty", "being-written", "damaged", "damaged-manifest", "older"];

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for path in entries(from) {
        let there = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &there),
            false => assert!(fs::copy(&path, &there).is_ok()),
        }
    }
}

/// A run of each state in `results`, and a copy of it in `results/reference`; the id of a cell; and what keeps some
/// of them locked.
fn scratch() -> (Scratch, String, Vec<RunWriter>) {
    let scratch = Scratch::new(&format!("{ONE_FIGURE}{CLAIM}"));
    scratch.succeed(&["plan", "d.toml", "--shards", "2"]);
    scratch.sweep(&["--quiet"]).well();
    let whole = scratch.results();
    let folder = RunFolder::new(&whole);
    let run = folder.manifest().unwrap().unwrap().runs.remove(0);
    let cells = by_cell(folder.read().unwrap().records);
    let cell = cells[0].memory.at.cell.clone();
    let mut locked = Vec::new();
    for root in ["results", "results/reference"] {
        for state in STATES {
            let path = scratch.path(root).join(state);
            fs::create_dir_all(&path).unwrap();
            if !["failed", "empty"].contains(&state) {
                for file in ["plan.json", "d.toml"] {
                    fs::copy(whole.join(file), path.join(file)).unwrap();
                }
            }
            match state {
                "partial" | "being-written" => {
                    let writer = RunWriter::lock(&path, run.clone()).unwrap();
                    writer.write_part(&cells[..2]).unwrap();
                    locked.extend((state == "being-written").then_some(writer));
                }
                "failed" => {
                    let out = format!("{root}/budget");
                    let line = ["--out", &out, "--seconds-per-cell", "0.000000001", "--quiet"];
                    assert_eq!(scratch.sweep(&line).code, Some(1));
                    fs::remove_dir(&path).unwrap();
                    fs::rename(scratch.path(&out).join("d"), &path).unwrap();
                    fs::remove_dir_all(scratch.path(&out)).unwrap();
                }
                "empty" => {}
                _ => copy(&whole, &path),
            }
            match state {
                "damaged" => flip(&path.join("memories.parquet")),
                "damaged-manifest" => flip(&path.join("manifest.json")),
                "older" => edit_manifest(&path, |manifest| manifest["schema_version"] = 0.into()),
                _ => {}
            }
        }
    }
    (scratch, cell.to_string(), locked)
}

/// The exit codes that the help of a command has besides 0 and 1: those in its words on the exit code.
fn documented(scratch: &Scratch, command: &str) -> BTreeSet<i32> {
    let help = scratch.succeed(&[command, "--help"]).stdout;
    let said = help.split("Exit code").nth(1).unwrap_or_default();
    let numbers = said.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok());
    numbers.chain([0, 1]).collect()
}

#[test]
fn every_command_takes_a_run_in_every_state_under_every_name() {
    let (scratch, cell, _locked) = scratch();
    let absolute = scratch.path("results").display().to_string();
    let forms = |state: &str| {
        [
            state.to_owned(),
            format!("reference/{state}"),
            format!("results/{state}"),
            format!("{absolute}/{state}"),
        ]
    };
    let codes: Vec<BTreeSet<i32>> =
        COMMANDS.map(|line| documented(&scratch, line.split(' ').next().unwrap())).into();
    // Each state for itself, side by side; the whole run is not written to, since others are compared with it.
    std::thread::scope(|scope| {
        for state in STATES {
            let (scratch, cell, codes) = (&scratch, &cell, &codes);
            scope.spawn(move || {
                for name in forms(state) {
                    for (line, codes) in COMMANDS.iter().zip(codes) {
                        let words = line.split(' ').map(|word| match word {
                            "NAME" => name.as_str(),
                            "CELL" => cell.as_str(),
                            word => word,
                        });
                        let said = scratch.run(&words.collect::<Vec<_>>());
                        check(&format!("{line} of {name}"), &said, codes, state);
                    }
                }
            });
        }
    });
}

/// A command has ended as its help says, and has named the run where it could not take it: then it prints nothing,
/// while one that has found a difference prints that.
fn check(line: &str, said: &Said, codes: &BTreeSet<i32>, state: &str) {
    let Said { code, stdout, stderr } = said;
    assert!(code.is_some_and(|code| codes.contains(&code)), "{line} ended with {code:?}: {stderr}");
    assert!(!stderr.contains("panicked"), "{line}: {stderr}");
    assert!(!stdout.is_empty() || stderr.contains(state), "{line}: {code:?} {stderr}");
}

/// What commands say of a run by its state.
#[test]
fn a_state_is_told_as_what_it_is() {
    let (scratch, _, _locked) = scratch();
    scratch.run(&["show", "empty"]).refused(1, &["there are no results \"empty\""]);
    scratch.run(&["show", "damaged"]).refused(1, &["memories.parquet is damaged"]);
    scratch.run(&["show", "older"]).refused(1, &["has schema version 0"]);
    scratch.run(&["merge", "being-written"]).refused(1, &["is being written by another sweep"]);
    scratch.run(&["merge", "partial"]).refused(3, &["4 of 6 cells are missing"]);
    scratch
        .run(&["status", "empty"])
        .refused(1, &["no plan of \"empty\" is frozen (looked for in results/empty"]);
    assert_eq!(scratch.run(&["verify", "failed"]).code, Some(5));
    // By the rule of all commands.
    for name in ["reference/partial", "results/reference/partial", "partial"] {
        let said = scratch.run(&["status", name, "--results", "elsewhere"]).well();
        assert!(said.stdout.contains("2 of 6 cells are finished"), "{name}: {}", said.stdout);
    }
}

/// Short sweeps one after another, and beside them readers, each a process of its own.
#[test]
fn readers_beside_sweeps_see_a_whole_run() {
    const READS: usize = 240;
    let scratch = Scratch::swept(&format!("{ONE_FIGURE}{CLAIM}"));
    let (reads, sweeps) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while reads.load(Ordering::Relaxed) < READS {
                scratch.sweep(&["--rerun", "all", "--quiet"]).well();
                sweeps.fetch_add(1, Ordering::Relaxed);
            }
        });
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let number = reads.fetch_add(1, Ordering::Relaxed);
                    if number >= READS {
                        break;
                    }
                    let lines =
                        [["show", "d", "--csv"], ["verify", "d", "--sample=1"], ["claims", "d", "--json"]];
                    let line = lines[number % lines.len()];
                    let said = scratch.run(&line).well();
                    assert!(!said.stderr.contains("damaged"), "{line:?}: {}", said.stderr);
                }
            });
        }
    });
    assert!(sweeps.load(Ordering::Relaxed) > 5, "{sweeps:?} sweeps are no crowd");
}
