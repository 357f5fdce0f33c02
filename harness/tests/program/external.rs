//! Rules that are programs of their own, under good luck and bad. They need `python3`, whose standard library is
//! enough, and `cc`; a test says so where one is missing.

use crate::scratch::{Scratch, by_cell, entries, wait_for};
use protocols::Stream;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use store::runs;
use study::record::{CellRecords, Status};

const HOP_PY: &str = include_str!("../../examples/python/hop.py");
const HOP_TOML: &str = include_str!("../../examples/python/hop.toml");
const RULE_C: &str = include_str!("../../examples/c/rule.c");
const FAULTY: &str = include_str!("external.py");
const FAULTY_READER: &str = include_str!("external_reader.py");

/// Says whether a program is here, and tells where it is not.
pub(crate) fn is_here(program: &str) -> bool {
    let here = Command::new(program).arg("--version").output().is_ok_and(|said| said.status.success());
    if !here {
        println!("skipped: there is no {program} here");
    }
    here
}

/// A folder with these programs, whose temporary files stand in it too.
pub(crate) fn scratch(definition: &str) -> Scratch {
    let scratch = Scratch::new(definition);
    scratch.write("hop.py", HOP_PY);
    scratch.write("rule.py", FAULTY);
    scratch.write("reader.py", FAULTY_READER);
    fs::create_dir(scratch.path("tmp")).unwrap();
    let temporary = scratch.path("tmp");
    scratch.with("TMPDIR", temporary)
}

pub(crate) fn cells(scratch: &Scratch) -> Vec<CellRecords> {
    by_cell(runs::read(&store::RunFolder::new(scratch.results())).unwrap().records)
}

/// What was counted of each message set, by the protocol's label.
pub(crate) fn counts(scratch: &Scratch) -> BTreeMap<String, Vec<String>> {
    let mut counts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for cell in cells(scratch) {
        let at = &cell.memory.at;
        let figures = cell.memory.figures.as_ref().unwrap_or_else(|| panic!("{}", cell.memory.message));
        let reads: Vec<_> =
            cell.recalls.iter().map(|recall| (recall.flips, recall.dynamics, &recall.reads)).collect();
        let counted = format!("{} {} {} {:?} {:?}", at.n, at.m, at.trial, figures.fixed, reads);
        counts.entry(at.protocol.to_string()).or_default().push(counted);
    }
    counts.values_mut().for_each(|counts| counts.sort());
    counts
}

#[test]
fn the_outer_product_in_python_stores_what_the_built_in_one_stores() {
    if !is_here("python3") {
        return;
    }
    let scratch = scratch(HOP_TOML);
    scratch.succeed(&["sweep", "d.toml", "--quiet"]);
    let counts = counts(&scratch);
    assert_eq!(counts["HOP"].len(), 40);
    assert_eq!(counts["HOP"], counts["hop.py"]);
    for cell in cells(&scratch) {
        assert!(cell.timing.write_seconds > 0.0);
        let times = cell.timing.program;
        assert_eq!(times.is_some(), cell.memory.at.protocol == "hop.py");
        let Some(times) = times else { continue };
        assert!(times.startup > 0.0 && times.wall == cell.timing.write_seconds, "{times:?}");
        // One process works, on one core; the system counts in steps.
        assert!(times.processor.is_none_or(|s| s <= times.wall + 0.02), "{times:?}");
    }
    let plan = |more: &[&str]| scratch.succeed(&[&["plan", "d.toml"], more].concat()).stdout;
    assert!(
        plan(&[]).contains("Programs: what rules take is not known, --measure tries them"),
        "{}",
        plan(&[])
    );
    assert!(plan(&["--measure"]).contains("Programs: tried now at 4 sizes"), "{}", plan(&["--measure"]));
    scratch.succeed(&["verify", "d", "--sample", "100"]);
    scratch.succeed(&["figures", "d"]);
    assert_eq!(
        entries(&scratch.path("tmp")),
        [""; 0].map(Into::<std::path::PathBuf>::into),
        "nothing is left"
    );
}

#[test]
fn the_outer_product_in_c_stores_what_the_built_in_one_stores() {
    if !is_here("cc") {
        return;
    }
    let definition = HOP_TOML
        .replace(r#"["python3", "hop.py"], files = ["hop.py"]"#, r#"["./rule"], files = ["rule", "rule.c"]"#);
    let scratch = scratch(&definition);
    scratch.write("rule.c", RULE_C);
    assert!(
        scratch
            .other("cc")
            .args(["-O2", "-Wall", "-Werror", "-o", "rule", "rule.c"])
            .status()
            .unwrap()
            .success()
    );
    scratch.succeed(&["sweep", "d.toml", "--quiet"]);
    let counts = counts(&scratch);
    assert_eq!(counts["HOP"], counts["hop.py"]);
}

/// A definition with a protocol for each table of parameters.
fn with(protocols: &[(&str, &str)], grid: &str) -> String {
    let mut text = "question = \"?\"\nanalysis = \".\"\n[protocols]\n".to_owned();
    for (label, parameters) in protocols {
        text += &format!(
            "\"{label}\" = {{ external = {{ command = [\"python3\", \"rule.py\"], files = [\"rule.py\", \"hop.py\"], \
             batch = 2, parameters = {{ {parameters} }} }} }}\n"
        );
    }
    text + grid
}

const SMALL: &str = "[grid]\nn = [8, 12]\nm = [2]\nflips = [1]\ntrials = 3\nqueries = 4\n";

/// Each fault, with what is said of it.
const FAULTS: [(&str, &[&str]); 22] = [
    ("exit", &["exit status: 3", "its log ends:\na last word", "by hand: cd "]),
    ("after", &["exit status: 3", "its log ends:\nan afterword", "by hand: cd "]),
    ("hang", &["no answer within 1 s"]),
    ("unsaid", &["no answer within 1 s, though there is a result.json: print $HARNESS_TOKEN", "done with"]),
    ("once", &["ended (exit status: 0) before it answered; it must read a path a line"]),
    ("flood", &["holds more than"]),
    ("missing", &["weights.npy: is not there; float32 of shape (2, 12, 12) is needed"]),
    ("shape", &["weights.npy: has shape (2, 12, 13), but shape (2, 12, 12) is needed"]),
    ("axes", &["weights.npy: has shape (24, 12), but shape (2, 12, 12) is needed"]),
    ("nan", &["weights.npy: trial 0, row 0, column 0 (counted from 0) is NaN"]),
    ("short", &["weights.npy: is shorter than its header says"]),
    ("dtype", &["weights.npy: has dtype <i4, but float32 is needed"]),
    ("forged", &["weights.npy: is shorter than its header says: shape (4611686018427387906, 12, 12)"]),
    ("link", &["weights.npy: is a link"]),
    ("pipe", &["weights.npy: is not a regular file"]),
    ("thresholds", &["thresholds.npy: has shape (2, 13), but shape (2, 12) is needed"]),
    ("no-result", &["result.json: is not there"]),
    ("result", &["result.json: is not as it should be", "scheme"]),
    ("schema", &["result.json: has schema 2"]),
    ("seconds", &["result.json: has 1 `seconds`; 2 finite numbers are needed"]),
    ("late", &["reports 2000000 `seconds`, but only"]),
    ("error", &["the program reports: too many messages for me"]),
];

#[test]
fn every_wrong_answer_fails_its_batch_with_words_of_its_own() {
    if !is_here("python3") {
        return;
    }
    let protocols = FAULTS.map(|(fault, _)| (fault, format!("fault = \"{fault}\"")));
    let mut protocols: Vec<(&str, &str)> =
        protocols.iter().map(|(label, text)| (*label, text.as_str())).collect();
    protocols.extend([("good", ""), ("chatter", "fault = \"chatter\"")]);
    let scratch = scratch(&(with(&protocols, SMALL) + "[budget]\nseconds_per_cell = 0.5\n"));
    let said = scratch.run(&["sweep", "d.toml", "--quiet", "--threads", "2"]);
    assert_eq!(said.code, Some(1), "{}", said.stderr);
    let cells = cells(&scratch);
    let of =
        |label: &str| -> Vec<_> { cells.iter().filter(|cell| cell.memory.at.protocol == label).collect() };
    for label in ["good", "chatter"] {
        let of = of(label);
        assert!(of.len() == 6 && of.iter().all(|cell| cell.memory.status == Status::Ok), "{label}: {of:?}");
    }
    for (fault, said) in FAULTS {
        let failed: Vec<_> = of(fault).into_iter().filter(|cell| cell.memory.status != Status::Ok).collect();
        assert!(!failed.is_empty(), "{fault}");
        let due = if ["hang", "unsaid"].contains(&fault) { Status::Timeout } else { Status::Invalid };
        // The hang comes with the second job.
        let text: Vec<&str> = failed.iter().map(|cell| cell.memory.message.as_str()).collect();
        assert!(failed.len() == 6 || fault == "hang", "{fault}: {}", failed.len());
        assert!(failed.iter().all(|cell| cell.memory.status == due), "{fault}: {text:?}");
        assert!(said.iter().all(|words| text.iter().any(|text| text.contains(words))), "{fault}: {text:?}");
    }
    // What is told to be done by hand can be done.
    let message = &of("exit")[0].memory.message;
    let (_, by_hand) = message.split_once("by hand: ").unwrap();
    let again = scratch.other("sh").args(["-c", by_hand]).env("HARNESS_TOKEN", "by hand").output().unwrap();
    assert_eq!(again.status.code(), Some(3), "{again:?}");
    assert!(jobs(&scratch).is_empty(), "{:?}", jobs(&scratch));
}

/// Folders of jobs that are still there.
pub(crate) fn jobs(scratch: &Scratch) -> Vec<std::path::PathBuf> {
    let mut jobs = entries(&scratch.path("tmp"));
    jobs.retain(|path| !path.to_string_lossy().contains("harness-failed-"));
    jobs
}

/// All processes that the rules here have noted.
pub(crate) fn processes(scratch: &Scratch) -> Vec<u32> {
    let noted = fs::read_to_string(scratch.path("pids")).unwrap_or_default();
    noted.lines().filter_map(|line| line.parse().ok()).collect()
}

/// Whether a process runs, and is no mere entry that nobody has asked for yet.
fn runs(process: u32) -> bool {
    let said = Command::new("ps").args(["-o", "stat=", "-p", &process.to_string()]).output().unwrap();
    let state = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}

pub(crate) fn no_orphan(scratch: &Scratch) {
    let all = processes(scratch);
    wait_for("the programs to end", || !all.iter().any(|&process| runs(process)));
    wait_for("their folders to go", || jobs(scratch).is_empty());
}

const SLOW: (&str, &str) = ("mine", "sleep = 0.02");
const MANY: &str = "[grid]\nn = [8, 12, 16]\nm = [2]\nflips = [1]\ntrials = 8\nqueries = 4\n";

/// What the sweep of the slow rule leaves when nobody disturbs it.
fn undisturbed(slow: (&str, &str)) -> [Vec<u8>; 2] {
    let scratch = scratch(&with(&[slow], MANY));
    scratch.succeed(&["sweep", "d.toml", "--quiet"]);
    no_orphan(&scratch);
    scratch.tables()
}

#[test]
fn the_harness_may_be_killed_at_any_moment() {
    if !is_here("python3") {
        return;
    }
    let due = undisturbed(SLOW);
    let mut moments = Stream::named(2, "kills", &[]);
    let kills = std::env::var("HARNESS_TEST_KILLS").map_or(30, |number| number.parse().unwrap());
    let mut killed = 0;
    while killed < kills {
        let scratch = scratch(&with(&[SLOW], MANY));
        let mut here = 0;
        while killed < kills && here < 3 {
            let mut child = scratch.start(&["sweep", "d.toml", "--quiet", "--threads", "2"]);
            std::thread::sleep(Duration::from_millis(moments.below(500).into()));
            if child.has_ended() {
                child.said().well();
                break;
            }
            if killed % 3 == 2 {
                child.send("-INT");
                child.said();
            } else {
                child.end();
            }
            (killed, here) = (killed + 1, here + 1);
            no_orphan(&scratch);
        }
        scratch.succeed(&["sweep", "d.toml", "--quiet"]);
        no_orphan(&scratch);
        assert!(scratch.tables() == due, "the tables are others");
    }
}

#[test]
fn the_program_may_be_killed_at_any_moment() {
    if !is_here("python3") {
        return;
    }
    let slow = ("mine", "sleep = 0.1");
    let due = undisturbed(slow);
    let scratch = scratch(&with(&[slow], MANY));
    let mut moments = Stream::named(3, "kills", &[]);
    let mut child = scratch.start(&["sweep", "d.toml", "--quiet", "--threads", "2"]);
    while !child.has_ended() {
        std::thread::sleep(Duration::from_millis(moments.below(100).into()));
        // A program and what it has started, whichever comes.
        let all: Vec<u32> = processes(&scratch).into_iter().filter(|&process| runs(process)).collect();
        if !all.is_empty() {
            let process = all[moments.below(all.len() as u32) as usize];
            let _ = Command::new("kill").args(["-9", &process.to_string()]).output();
        }
    }
    child.said();
    no_orphan(&scratch);
    let failed: Vec<_> =
        cells(&scratch).into_iter().filter(|cell| cell.memory.status != Status::Ok).collect();
    assert!(
        !failed.is_empty() && failed.iter().all(|cell| cell.memory.message.contains("signal: 9")),
        "{failed:?}"
    );
    println!("{} of 24 cells lost their program", failed.len());
    scratch.succeed(&["sweep", "d.toml", "--quiet", "--rerun", "failed"]);
    assert!(scratch.tables() == due, "the tables are others");
}

/// README says so: the harness looks at memory now and then, and the system at every request.
#[cfg(target_os = "linux")]
#[test]
fn a_prefix_of_the_command_limits_the_addresses_of_a_program() {
    if !is_here("python3") || !is_here("prlimit") {
        return;
    }
    let definition = with(&[("modest", "hold = 1000"), ("greedy", "hold = 4000000000")], SMALL)
        .replace(r#"["python3", "rule.py"]"#, r#"["prlimit", "--as=1000000000", "python3", "rule.py"]"#);
    let scratch = scratch(&definition);
    assert_eq!(scratch.sweep(&["--quiet"]).code, Some(1));
    for cell in cells(&scratch) {
        let message = &cell.memory.message;
        match cell.memory.at.protocol.as_str() {
            "modest" => assert_eq!(cell.memory.status, Status::Ok, "{message}"),
            _ => assert!(message.contains("MemoryError"), "{message}"),
        }
    }
}

#[test]
fn shards_and_parts_of_a_batch_give_the_same_bytes() {
    if !is_here("python3") {
        return;
    }
    let due = undisturbed(SLOW);
    let scratch = scratch(&with(&[SLOW], MANY));
    scratch.succeed(&["plan", "d.toml", "--shards", "3"]);
    for shard in ["1/3", "2/3"] {
        scratch.succeed(&["sweep", "d.toml", "--quiet", "--shard", shard]);
    }
    // The copy beside the plan is read where the programs are not.
    scratch.succeed(&["sweep", "results/d/d.toml", "--quiet", "--shard", "3/3"]);
    scratch.succeed(&["merge", "d"]);
    assert!(scratch.tables() == due, "the tables are others");
    let fewer = self::scratch(&with(&[SLOW], MANY));
    fewer.succeed(&["sweep", "d.toml", "--quiet", "--trials", "3"]);
    fewer.succeed(&["sweep", "d.toml", "--quiet"]);
    assert!(fewer.tables() == due, "the tables are others");
}

#[test]
fn a_changed_file_is_another_rule() {
    if !is_here("python3") {
        return;
    }
    let scratch = scratch(&with(&[("mine", "")], SMALL));
    scratch.succeed(&["sweep", "d.toml", "--quiet"]);
    let ids = || -> Vec<_> { cells(&scratch).into_iter().map(|cell| cell.memory.at.cell).collect() };
    let before = ids();
    scratch.succeed(&["sweep", "d.toml", "--quiet"]);
    assert_eq!(ids(), before);
    scratch.write("hop.py", &format!("{HOP_PY}\n# a remark\n"));
    scratch
        .run(&["verify", "d", "--sample", "100"])
        .refused(1, &["\"mine\" cannot be computed again", "another rule"]);
    scratch.succeed(&["sweep", "d.toml", "--quiet"]);
    assert!(ids().iter().all(|cell| !before.contains(cell)));
    let at = |name: &str| cells(&scratch).iter().all(|cell| cell.memory.at.parameters.contains(name));
    assert!(at("\"version\":\"\"") && at("\"content\":\""));
}

#[test]
fn a_program_that_cannot_be_identified_is_refused() {
    let definition = |external: &str| {
        format!(
            "question = \"?\"\nanalysis = \".\"\n[protocols]\n\"mine\" = {{ external = {{ {external} }} }}\n{SMALL}"
        )
    };
    for (external, said) in [
        ("", "`command` is empty"),
        ("command = [\"python3\", \"hop.py\"]", "hop.py is part of the command and not of `files`"),
        ("command = [\"python3\"], files = [\"none.py\"]", "cannot read none.py of `files`"),
        ("command = [\"python3\"], files = [\"/none.py\"]", "not relative to the definition's folder"),
        ("command = [\"python3\"], batch = 0", "batch"),
        ("command = [\"python3\"], parameters = { rate = nan }", "a table of numbers"),
        ("command = [\"python3\"], content = \"abc\"", "another rule"),
    ] {
        let scratch = scratch(&definition(external));
        let refused = scratch.sweep(&["--quiet"]);
        assert!(refused.code == Some(1) && refused.stderr.contains(said), "{external}: {}", refused.stderr);
    }
    let scratch = scratch(&definition("command = [\"no-such-program-here\"]"));
    scratch.sweep(&["--quiet"]).refused(1, &["cannot start `no-such-program-here`", "is it installed"]);
    assert!(Path::new(&scratch.path("tmp")).is_dir() && jobs(&scratch).is_empty());
}
