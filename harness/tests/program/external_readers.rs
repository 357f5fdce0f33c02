//! Readers that are programs of their own, under good luck and bad. They need `python3`, and one test numpy; a test
//! says so where one is missing.

use crate::external::{cells, is_here, jobs, no_orphan, processes, scratch};
use crate::scratch::{Scratch, wait_for};
use protocols::Stream;
use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;
use study::record::{Recall, Status};

const DENSE_PY: &str = include_str!("../../examples/python/dense_reader.py");
const DENSE_TOML: &str = include_str!("../../examples/python/dense_reader.toml");

/// A definition whose memories are recalled from by the reader of tests, with these parameters each.
fn with(readers: &[(&str, &str)], rest: &str) -> String {
    let list: Vec<String> = readers
        .iter()
        .map(|(name, parameters)| {
            format!(
                "{{ external = {{ name = \"{name}\", command = [\"python3\", \"reader.py\"], files = [\"reader.py\", \
                 \"hop.py\"], {parameters} }} }}"
            )
        })
        .collect();
    format!(
        "question = \"?\"\nanalysis = \".\"\n[protocols]\nHOP = {{ hop = {{}} }}\n[read]\ndynamics = [\"sync\", \
         \"nearest\", {}]\n{rest}",
        list.join(", ")
    )
}

const SMALL: &str = "[grid]\nn = [8, 12]\nm = [2]\nflips = [1, 2]\ntrials = 3\nqueries = 4\n";

/// The reads of a reader, in the order of cells and corruptions, by the reader's name.
fn reads(scratch: &Scratch) -> BTreeMap<String, Vec<Recall>> {
    let mut reads: BTreeMap<String, Vec<Recall>> = BTreeMap::new();
    for cell in cells(scratch) {
        assert_eq!(cell.memory.status, Status::Ok, "{}", cell.memory.message);
        for recall in cell.recalls {
            reads.entry(recall.dynamics.name().to_owned()).or_default().push(recall);
        }
    }
    reads
}

/// The reads of the only reader whose name begins so.
fn of<'a>(reads: &'a BTreeMap<String, Vec<Recall>>, name: &str) -> Vec<&'a protocols::probe::Recovery> {
    let mut found = reads.iter().filter(|(reader, _)| reader.starts_with(name));
    let (Some((_, recalls)), None) = (found.next(), found.next()) else {
        panic!("{name}: {:?}", reads.keys())
    };
    recalls.iter().map(|recall| &recall.reads).collect()
}

#[test]
fn a_dense_memory_in_numpy_recalls_what_the_built_in_one_recalls() {
    let numpy = Command::new("python3").args(["-c", "import numpy"]).output();
    if !numpy.is_ok_and(|said| said.status.success()) {
        println!("skipped: there is no numpy here");
        return;
    }
    let scratch = scratch(DENSE_TOML);
    scratch.write("dense_reader.py", DENSE_PY);
    scratch.succeed(&["sweep", "d.toml", "--quiet"]);
    let reads = reads(&scratch);
    let (built_in, external) = (of(&reads, "dense"), of(&reads, "external(name=dense_reader id="));
    assert_eq!(built_in.len(), 2 * 2 * 4 * 6);
    assert!(built_in.iter().any(|counts| counts.recovered > 0 && counts.recovered < counts.queries));
    assert_eq!(built_in, external);
    scratch.succeed(&["verify", "d", "--sample", "100"]);
    scratch.succeed(&["figures", "d"]);
}

#[test]
fn the_nearest_message_in_python_is_that_of_the_built_in_reader_whatever_the_batch() {
    if !is_here("python3") {
        return;
    }
    let grid = "[grid]\nn = [8, 12]\nm = [3]\nflips = [1, 3]\ncorruptions = [\"flips\", \"erasure\"]\ntrials = 5\n\
                queries = 7\n";
    let scratch = scratch(&with(
        &[("one", ""), ("three", "batch = 3"), ("none", "batch = 2, parameters = { fault = \"undecided\" }")],
        grid,
    ));
    scratch.succeed(&["sweep", "d.toml", "--quiet", "--threads", "2"]);
    no_orphan(&scratch);
    let all = reads(&scratch);
    let nearest = of(&all, "nearest");
    assert_eq!(nearest.len(), 2 * 5 * 4);
    for name in ["external(name=one id=", "external(name=three id="] {
        assert_eq!(nearest, of(&all, name), "{name}");
    }
    let (none, due) = (of(&all, "external(name=none id="), of(&all, "sync"));
    assert!(none.iter().all(|counts| counts.steps_sum == 0 && counts.ties % 7 == 0 && counts.ties > 0));
    assert!(none.iter().zip(due).all(|(none, sync)| none.queries == sync.queries));
    let table = scratch.succeed(&["show", "d"]).stdout;
    assert!(table.contains("HOP"), "{table}");
    scratch.succeed(&["verify", "d", "--sample", "100"]);
    let cell = &cells(&scratch)[0].memory.at.cell;
    scratch.succeed(&["replay", "d", "--cell", cell]);
}

/// Each fault, with what is said of it.
const FAULTS: [(&str, &[&str]); 22] = [
    ("exit", &["exit status: 3", "its log ends:\na last word", "by hand: cd "]),
    ("hang", &["no answer within 0.5 s"]),
    ("flood", &["holds more than"]),
    ("hog", &["MiB of memory, more than 200 MiB"]),
    ("missing", &["states.npy: is not there; int8 of shape (1, 8, 12) is needed"]),
    ("values", &["states.npy: trial 0, row 0, column 1 (counted from 0) is 2", "-1, 0 or +1"]),
    ("nan", &["states.npy: has dtype <f4, but int8 is needed"]),
    ("dtype", &["states.npy: has dtype <f4, but int8 is needed"]),
    ("shape", &["states.npy: has shape (1, 12, 8), but shape (1, 8, 12) is needed"]),
    ("axes", &["states.npy: has shape (8, 12), but shape (1, 8, 12) is needed"]),
    ("forged", &["states.npy: is shorter than its header says: shape (4611686018427387905, 8, 12)"]),
    ("short", &["states.npy: is shorter than its header says"]),
    ("long", &["states.npy: "]),
    ("link", &["states.npy: is a link"]),
    ("pipe", &["states.npy: is not a regular file"]),
    ("text", &["states.npy: "]),
    ("no-result", &["result.json: is not there"]),
    ("result", &["result.json: is not as it should be", "scheme"]),
    ("schema", &["result.json: has schema 2"]),
    ("seconds", &["result.json: has 1 `seconds`; 1 finite numbers are needed, none negative"]),
    ("late", &["reports 1000000 `seconds`, but only"]),
    ("error", &["the program reports: too many queries for me"]),
];

#[test]
fn every_wrong_answer_fails_its_cell_with_words_of_its_own() {
    if !is_here("python3") {
        return;
    }
    let grid = "[grid]\nn = [12]\nm = [2]\nflips = [1, 2]\ntrials = 1\nqueries = 4\n\
                [budget]\nseconds_per_cell = 0.5\nmemory_mib = 200\n";
    for (fault, said) in FAULTS {
        let parameters = format!("parameters = {{ fault = \"{fault}\" }}");
        let scratch = scratch(&with(&[(fault, &parameters)], grid));
        let swept = scratch.run(&["sweep", "d.toml", "--quiet"]);
        assert_eq!(swept.code, Some(1), "{fault}: {}", swept.stderr);
        let cells = cells(&scratch);
        let (memory, due) = (
            &cells[0].memory,
            match fault {
                "hang" => Status::Timeout,
                "hog" => Status::Memory,
                _ => Status::Invalid,
            },
        );
        assert_eq!((cells.len(), memory.status), (1, due), "{fault}: {}", memory.message);
        assert!(memory.message.starts_with(&format!("external(name={fault} id=")), "{}", memory.message);
        assert!(said.iter().all(|words| memory.message.contains(words)), "{fault}: {}", memory.message);
        // It waits for its next job, if it can.
        no_orphan(&scratch);
        if fault == "exit" {
            let (_, by_hand) = memory.message.split_once("by hand: ").unwrap();
            let again =
                scratch.other("sh").args(["-c", by_hand]).env("HARNESS_TOKEN", "by hand").output().unwrap();
            assert_eq!(again.status.code(), Some(3), "{again:?}");
        }
    }
    let scratch = scratch(&with(&[("chatter", "parameters = { fault = \"chatter\" }")], SMALL));
    scratch.succeed(&["sweep", "d.toml", "--quiet"]);
    assert!(jobs(&scratch).is_empty(), "{:?}", jobs(&scratch));
}

const SLOW: (&str, &str) = ("mine", "batch = 2, parameters = { sleep = 0.02 }");
const MANY: &str = "[grid]\nn = [8, 12, 16]\nm = [2]\nflips = [1]\ntrials = 8\nqueries = 4\n";

#[test]
fn kills_shards_and_parts_of_a_batch_change_no_byte() {
    if !is_here("python3") {
        return;
    }
    let whole = scratch(&with(&[SLOW], MANY));
    whole.succeed(&["sweep", "d.toml", "--quiet"]);
    no_orphan(&whole);
    let due = whole.tables();

    let killed = scratch(&with(&[SLOW], MANY));
    let mut moments = Stream::named(4, "kills", &[]);
    for _ in 0..4 {
        let mut child = killed.start(&["sweep", "d.toml", "--quiet", "--threads", "2"]);
        std::thread::sleep(Duration::from_millis(moments.below(400).into()));
        child.end();
        no_orphan(&killed);
    }
    killed.succeed(&["sweep", "d.toml", "--quiet"]);
    no_orphan(&killed);
    assert!(!processes(&killed).is_empty());
    assert!(killed.tables() == due, "the tables are others");

    let sharded = scratch(&with(&[SLOW], MANY));
    sharded.succeed(&["plan", "d.toml", "--shards", "3"]);
    for shard in ["1/3", "2/3", "3/3"] {
        sharded.succeed(&["sweep", "results/d/d.toml", "--quiet", "--shard", shard]);
    }
    sharded.succeed(&["merge", "d"]);
    assert!(sharded.tables() == due, "the tables are others");

    let fewer = scratch(&with(&[SLOW], MANY));
    fewer.succeed(&["sweep", "d.toml", "--quiet", "--trials", "3"]);
    fewer.succeed(&["sweep", "d.toml", "--quiet"]);
    assert!(fewer.tables() == due, "the tables are others");
    wait_for("the folders of jobs to go", || jobs(&fewer).is_empty());
}

#[test]
fn a_changed_file_is_another_reader_and_figures_and_claims_name_it_by_its_name() {
    if !is_here("python3") {
        return;
    }
    let figure = "[sequential]\nmeasure = \"recovered\"\ndynamics = \"external(name=mine)\"\nwidth = 0.9\nlooks = [5]\n\
                  [[figure]]\nname = \"f\"\nkind = \"noise\"\ndynamics = \"external(name=mine)\"\n";
    let grid = "[grid]\nn = [12]\nm = [2]\nflips = [1, 2]\ntrials = 6\nqueries = 4\n";
    let scratch = scratch(&with(&[("mine", "")], &format!("{grid}{figure}")));
    scratch.succeed(&["sweep", "d.toml", "--quiet"]);
    scratch.succeed(&["figures", "d"]);
    let ids = || -> Vec<_> { cells(&scratch).into_iter().map(|cell| cell.memory.at.cell).collect() };
    let before = ids();
    scratch.write("reader.py", &format!("{}\n# a remark\n", include_str!("external_reader.py")));
    scratch.run(&["verify", "d", "--sample", "100"]).refused(1, &["\"mine\" cannot recall again", "another"]);
    scratch.succeed(&["sweep", "d.toml", "--quiet"]);
    assert!(ids().iter().all(|cell| !before.contains(cell)));
}

#[test]
fn a_reader_that_cannot_be_had_is_refused() {
    let rest = |more: &str| format!("{SMALL}{more}");
    let described = |text: &str| {
        format!(
            "question = \"?\"\nanalysis = \".\"\n[protocols]\nHOP = {{ hop = {{}} }}\n[read]\ndynamics = \
             [{text}]\n{SMALL}"
        )
    };
    let figure = "[[figure]]\nname = \"f\"\nkind = \"noise\"\ndynamics = \"external(name=other)\"\n";
    for (definition, said) in [
        (described("{ external = {} }"), "`command` is empty"),
        (described("{ external = { command = [\"python3\", \"reader.py\"] } }"), "not of `files`"),
        (
            described("{ external = { command = [\"python3\"], name = \"my reader\" } }"),
            "letters, digits, . _ and -, at most 40",
        ),
        (described("{ external = { command = [\"python3\"], nme = \"x\" } }"), "nme"),
        (described("{ external = { command = [\"python3\"], batch = 0 } }"), "batch"),
        (described("\"external(name=x)\""), "or a table `external`"),
        (with(&[("mine", ""), ("mine", "batch = 2")], SMALL), "listed twice"),
        (with(&[("mine", "")], &rest(figure)), "external(name=mine"),
    ] {
        let scratch = scratch(&definition);
        let refused = scratch.sweep(&["--quiet"]);
        assert!(refused.code == Some(1) && refused.stderr.contains(said), "{said}: {}", refused.stderr);
    }
}
