//! Queries of one's own, from definition to verification.

use crate::scratch::{Scratch, by_cell};
use protocols::probe::recovery;
use protocols::protocol::Hop;
use protocols::reading::{Reader, Settings};
use protocols::{CorruptionKind, Patterns, Queries, Spec, Stream};
use std::fs;
use store::{RunFolder, runs};
use study::record::{CellRecords, Recall};

/// Units of a message.
const N: usize = 12;

/// Six messages; message k has k + 1 queries, of which query j differs from it in the first j units.
struct Own {
    messages: Patterns,
    queries: Patterns,
    targets: Vec<u32>,
}

impl Own {
    fn new() -> Self {
        let messages = Patterns::random(N, 6, &mut Stream::named(8, "messages", &[]));
        let (mut signs, mut targets) = (Vec::new(), Vec::new());
        // Not in the order of the messages.
        for (k, j) in (0..6).flat_map(|j| (0..6).map(move |k| (k, j))).filter(|(k, j)| j <= k) {
            targets.push(k as u32);
            signs.extend(
                messages.row(k).iter().enumerate().map(|(i, sign)| if i < j { -sign } else { *sign }),
            );
        }
        Self { messages, queries: Patterns::new(N, signs).unwrap(), targets }
    }

    /// A folder with a definition that reads them, as bits in one file and as signs in npy files.
    fn scratch(&self, grid: &str) -> Scratch {
        let source = r#"{ file = { name = "m.csv", queries = "own/q.csv", targets = "own/t.csv" } }"#;
        let scratch = Scratch::new(&definition(&format!("[{source}]"), grid));
        fs::create_dir(scratch.path("own")).unwrap();
        scratch.write("m.csv", &text(&self.messages));
        scratch.write("own/q.csv", &text(&self.queries));
        let targets: Vec<String> = self.targets.iter().map(u32::to_string).collect();
        scratch.write("own/t.csv", &targets.join("\n"));
        scratch
    }

    /// All queries, as they are to be read.
    fn all(&self) -> Queries {
        Queries { states: self.queries.clone(), message: self.targets.clone(), unknown: None }
    }
}

fn text(rows: &Patterns) -> String {
    let row =
        |row: &[i8]| row.iter().map(|&sign| if sign > 0 { "1" } else { "0" }).collect::<Vec<_>>().join(",");
    rows.rows().map(row).collect::<Vec<_>>().join("\n")
}

fn definition(sources: &str, grid: &str) -> String {
    format!(
        "question = \"?\"\nanalysis = \".\"\n[protocols]\nHOP = {{ hop = {{}} }}\nPSE = {{ pse = {{}} }}\n[read]\n\
         dynamics = [\"sync\"]\n[grid]\nsources = {sources}\nn = [{N}]\n{grid}\n\
         [[figure]]\nname = \"over-noise\"\nkind = \"noise\"\nmeasure = \"recovered\"\n"
    )
}

fn cells(scratch: &Scratch) -> Vec<CellRecords> {
    by_cell(runs::read(&RunFolder::new(scratch.results())).unwrap().records)
}

fn own(cell: &CellRecords) -> &Recall {
    cell.recalls
        .iter()
        .find(|recall| recall.flips.kind == CorruptionKind::Own)
        .expect("reads of one's own queries")
}

#[test]
fn all_queries_of_all_messages_are_read_as_they_are() {
    let files = Own::new();
    let scratch = files.scratch("m = [6]\ntrials = 2\nqueries = 100");
    scratch.succeed(&["sweep", "d.toml", "--quiet"]);
    let written =
        Spec::from(Hop::default()).protocol().write(&files.messages, &mut Stream::named(1, "w", &[]));
    let settings = Settings { reader: Reader::Sync, max_steps: 50 };
    let weights = written.unwrap().weights;
    let due = recovery(&weights, &files.messages, &files.all(), settings, 5, &mut Stream::named(1, "r", &[]));
    assert!(due.recovered < due.queries, "{due:?}");
    let cells = cells(&scratch);
    for cell in cells.iter().filter(|cell| cell.memory.at.protocol == "HOP") {
        let found = own(cell);
        assert_eq!(cell.recalls.len(), 1, "no noise was asked for");
        // The order in which overlaps are added differs, and these are multiples of 1/6.
        assert!((found.reads.overlap_sum - due.overlap_sum).abs() < 1e-9);
        let counts = |r: &protocols::probe::Recovery| {
            (r.queries, r.first, r.recovered, r.cycle, r.spurious, r.steps_sum)
        };
        assert_eq!(counts(&found.reads), counts(&due));
        // 5 queries with 1 unit, 4 with 2, ...: 35 units in 21 queries, 1.67 in the mean.
        assert_eq!((found.differing, found.flips.units), (Some(35), 2));
    }
}

#[test]
fn a_trial_reads_the_queries_of_the_messages_that_it_has_drawn() {
    let scratch = Own::new().scratch("m = [1, 3]\ntrials = 40\nqueries = 4");
    scratch.succeed(&["sweep", "d.toml", "--quiet"]);
    let cells = cells(&scratch);
    let mut met = std::collections::BTreeSet::new();
    for cell in &cells {
        let Recall { reads, differing, .. } = own(cell);
        if cell.memory.at.m == 3 {
            // Any three messages have six queries or more.
            assert_eq!(reads.queries, 4);
        } else if reads.queries < 4 {
            // All queries of message k differ in 0 + 1 + ... + k units.
            let k = u64::from(reads.queries) - 1;
            assert_eq!(*differing, Some(k * (k + 1) / 2));
        }
        met.insert((cell.memory.at.m, reads.queries));
    }
    assert!(met.is_superset(&[(1, 1), (1, 2), (1, 3), (1, 4), (3, 4)].into()), "{met:?}");
    // Every protocol meets the same.
    let of = |label: &str| -> Vec<_> {
        let mut of: Vec<_> = cells
            .iter()
            .filter(|cell| cell.memory.at.protocol == label)
            .map(|cell| {
                (cell.memory.at.m, cell.memory.at.trial, own(cell).reads.queries, own(cell).differing)
            })
            .collect();
        of.sort_unstable();
        of
    };
    assert_eq!(of("HOP"), of("PSE"));
    let plan = scratch.succeed(&["plan", "d.toml"]).stdout;
    for said in [
        "m.csv: 6 messages of 12 units",
        "own/q.csv: 21 queries of 6 messages, which differ from them in 0 to 5 units, 1.7 in the mean",
        "own/q.csv: a trial of m = 1 may read as few as 1 queries, where 4 are asked for",
    ] {
        assert!(plan.contains(said), "{said}: {plan}");
    }
}

#[test]
fn queries_are_part_of_what_a_cell_is_and_results_are_read_without_them() {
    let files = Own::new();
    let scratch = files.scratch("m = [2, 6]\nflips = [1]\ntrials = 2\nqueries = 5");
    scratch.succeed(&["sweep", "d.toml", "--quiet"]);
    let (tables, id) = (scratch.tables(), cells(&scratch)[0].memory.at.cell.clone());
    scratch.succeed(&["verify", "d", "--sample", "100"]);
    scratch.succeed(&["replay", "d", "--cell", &id]);
    let shown = scratch.succeed(&["show", "d", "--csv", "--measure", "recovered"]).stdout;
    assert!(shown.contains(",own 2,"), "{shown}");
    scratch.succeed(&["figures", "d"]);
    scratch.succeed(&["compare", "d", "d"]);
    let kept = text(&files.queries);
    scratch.write("own/q.csv", &kept.replacen('1', "0", 1));
    let changed = ["m.csv: holds something else, or its queries or targets do", "bring the file back"];
    for again in [vec!["verify", "d", "--sample", "100"], vec!["replay", "d", "--cell", &id]] {
        scratch.run(&again).refused(1, &changed);
    }
    scratch.succeed(&["sweep", "d.toml", "--quiet"]);
    assert!(scratch.tables() != tables);
    fs::remove_file(scratch.path("own/q.csv")).unwrap();
    scratch.succeed(&["show", "d"]);
    scratch.succeed(&["figures", "d"]);
    scratch.run(&["verify", "d"]).refused(1, &["own/q.csv: cannot be opened"]);
    scratch.sweep(&[]).refused(1, &["own/q.csv: cannot be opened", "key: grid.sources[0]"]);
    scratch.write("own/q.csv", &kept);
    scratch.succeed(&["sweep", "d.toml", "--quiet"]);
    assert!(scratch.tables() == tables, "the tables are others");
}

#[test]
fn shards_of_queries_of_ones_own_give_the_same_bytes() {
    let grid = "m = [2, 6]\ntrials = 3\nqueries = 5";
    let whole = Own::new().scratch(grid);
    whole.succeed(&["sweep", "d.toml", "--quiet"]);
    let scratch = Own::new().scratch(grid);
    scratch.succeed(&["plan", "d.toml", "--shards", "2"]);
    for (definition, shard) in [("d.toml", "1/2"), ("results/d/d.toml", "2/2")] {
        scratch.succeed(&["sweep", definition, "--quiet", "--shard", shard]);
    }
    scratch.succeed(&["merge", "d"]);
    assert!(scratch.tables() == whole.tables(), "the tables are others");
}

#[test]
fn they_stand_beside_messages_on_the_command_line() {
    let scratch = Own::new().scratch("m = [6]\nflips = [1]\ntrials = 1\nqueries = 50");
    scratch.write("d.toml", &definition("[\"random\"]", "m = [6]\nflips = [1]\ntrials = 1\nqueries = 50"));
    let given = ["--messages", "m.csv", "--queries", "own/q.csv", "--targets", "own/t.csv"];
    let next = scratch.succeed(&[&["plan", "d.toml"], &given[..]].concat()).stdout;
    let next = next.replace(" \\\n   ", "");
    assert!(next.contains("--messages m.csv --queries own/q.csv --targets own/t.csv"), "{next}");
    scratch.succeed(&[&["sweep", "d.toml", "--quiet"], &given[..]].concat());
    let shown = scratch.succeed(&["show", "d-m", "--csv", "--flips", "own 2"]).stdout;
    assert!(shown.lines().count() > 1, "{shown}");
    scratch.succeed(&["verify", "d-m", "--sample", "10"]);
    scratch.run(&["sweep", "d.toml", "--queries", "own/q.csv"]).refused(2, &["--messages"]);
    scratch
        .run(&["sweep", "d.toml", "--messages", "m.csv", "--queries", "none.csv"])
        .refused(1, &["none.csv: cannot be opened"]);
}

#[test]
fn what_does_not_fit_is_refused_with_its_place() {
    let files = Own::new();
    let refused = |file: &str, content: &str, said: &[&str]| {
        let scratch = files.scratch("m = [6]\ntrials = 1\nqueries = 5");
        scratch.write(file, content);
        scratch.run(&["plan", "d.toml"]).refused(1, said);
    };
    refused("own/q.csv", "1,0\n0,1", &["q.csv: has queries of 2 units, but the messages have 12"]);
    let queries = text(&files.queries);
    refused(
        "own/q.csv",
        &queries.replacen('0', "2", 1),
        &["q.csv: has 2 in row 0, column", "the messages 0 and 1", "threshold"],
    );
    let fewer = queries.rsplit_once('\n').unwrap().0;
    refused("own/q.csv", fewer, &["q.csv: has 20 queries for 21 targets"]);
    refused("own/t.csv", "0\n6", &["t.csv: has 6 at place 1", "rows 0 to 5"]);
    refused("own/t.csv", "0\n0.5", &["t.csv: has 0.5 at place 1"]);
    refused("own/t.csv", "1\n6", &["t.csv: has 6 at place 1", "seems to count from 1"]);
    refused("own/t.csv", "0,1\n1,2", &["t.csv: has 2 rows of 2 values"]);
    // All queries are message 3's.
    let scratch = files.scratch("m = [5]\ntrials = 1\nqueries = 5");
    scratch.write("own/t.csv", &["3"; 21].join("\n"));
    scratch.run(&["plan", "d.toml"]).refused(
        1,
        &[
            "5 messages have no query in own/q.csv",
            "key: grid.m[0]",
            "give every message a query, or let m be above 5",
        ],
    );
    // Without targets there are as many queries as messages.
    let scratch = files.scratch("m = [6]\ntrials = 1\nqueries = 5");
    scratch.write(
        "d.toml",
        &definition(
            "[{ file = { name = \"m.csv\", queries = \"own/q.csv\" } }]",
            "m = [6]\ntrials = 1\nqueries = 5",
        ),
    );
    scratch.run(&["plan", "d.toml"]).refused(1, &["has 21 queries for 6 messages", "by `targets`"]);
    scratch.write("own/q.csv", &text(&files.messages));
    scratch.succeed(&["sweep", "d.toml", "--quiet"]);
    assert!(cells(&scratch).iter().all(|cell| own(cell).differing == Some(0)));
    // A source without queries still needs noise.
    let both = "[\"random\", { file = { name = \"m.csv\", queries = \"own/q.csv\" } }]";
    scratch.write("d.toml", &definition(both, "m = [6]\ntrials = 1\nqueries = 5"));
    scratch.run(&["plan", "d.toml"]).refused(1, &["`noise` and `flips` are both missing"]);
    let named = "m = [6]\ntrials = 1\nqueries = 5\nflips = [1]\ncorruptions = [\"own\"]";
    scratch.write("d.toml", &definition(both, named));
    scratch.run(&["plan", "d.toml"]).refused(1, &["key: grid.corruptions[0]"]);
}
