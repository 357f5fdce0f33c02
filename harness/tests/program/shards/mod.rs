//! A sweep in shards through its command line: whatever happens to the processes, the merged tables have the bytes of a
//! sweep on one machine.

mod merge;
mod refusals;
mod signals;

use crate::scratch::{Running, Said, Scratch, entries};
use harness::store::attempts;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

const DEFINITION: &str = r#"
question = "Is a sweep the sum of its shards?"
analysis = "To the byte."
[protocols]
HOP = { hop = {} }
PSE = { pse = {} }
TRN = { trn = { epochs = 5, queries = 3 } }
[grid]
sources = ["random", "glyphs"]
n = [64]
m = [5, 20]
flips = [0, 6]
trials = 4
queries = 20
"#;

/// A folder with the plan frozen in so many shards.
fn frozen(definition: &str, shards: u32) -> Scratch {
    let scratch = Scratch::new(definition);
    scratch.succeed(&["plan", "d.toml", "--shards", &shards.to_string()]);
    scratch
}

/// With the plan frozen in so many shards and all of them computed.
fn computed(shards: u32) -> Scratch {
    let scratch = frozen(DEFINITION, shards);
    for number in 1..=shards {
        shard(&scratch, &format!("{number}/{shards}")).well();
    }
    scratch
}

fn shard(scratch: &Scratch, shard: &str) -> Said {
    scratch.sweep(&["--shard", shard])
}

/// Folders of all attempts at a shard.
fn attempts_at(scratch: &Scratch, shard: u32) -> Vec<PathBuf> {
    entries(&scratch.results().join(format!("shards/{shard:05}")))
}

/// The tables of [`DEFINITION`] from a sweep on one machine.
fn one_machine() -> &'static [Vec<u8>; 2] {
    static TABLES: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| Scratch::swept(DEFINITION).tables());
    &TABLES
}

/// Merges, which must end well with the bytes of one machine.
fn assert_merges(scratch: &Scratch) -> Said {
    let said = scratch.succeed(&["merge", "d"]);
    assert!(scratch.tables() == *one_machine(), "the tables differ from those of one machine");
    assert!(!scratch.results().join("shards").exists(), "what is merged is gone");
    said
}

#[test]
fn shards_in_any_order_and_all_at_once_give_the_bytes_of_one_machine() {
    let scratch = frozen(DEFINITION, 5);
    let children: Vec<Running> = [4, 2, 5, 1, 3, 2, 2]
        .iter()
        .map(|shard| scratch.start(&["sweep", "d.toml", "--shard", &format!("{shard}/5"), "--threads", "2"]))
        .collect();
    for child in children {
        child.said().well();
    }
    let states = attempts(&scratch.results()).unwrap();
    assert!(
        states.iter().all(|state| state.ending.as_deref() == Some("complete") && state.done == state.cells)
    );
    assert_merges(&scratch);
    // Once more changes nothing.
    let timings = fs::read(scratch.results().join("timings.parquet")).unwrap();
    assert_merges(&scratch);
    assert_eq!(fs::read(scratch.results().join("timings.parquet")).unwrap(), timings);
}

#[test]
fn a_shard_skips_what_is_complete() {
    let scratch = frozen(DEFINITION, 3);
    shard(&scratch, "2/3").well();
    assert_eq!(attempts_at(&scratch, 2).len(), 1);
    let text = shard(&scratch, "2/3").well().stderr;
    assert!(text.contains("shard 2/3 is complete"), "{text}");
    assert_eq!(attempts_at(&scratch, 2).len(), 1, "there was nothing to attempt");
    for number in ["1/3", "3/3"] {
        shard(&scratch, number).well();
    }
    assert_merges(&scratch);
    let text = shard(&scratch, "1/3").stderr;
    assert!(text.contains("is complete"), "what the tables hold is not computed again: {text}");
    assert!(attempts_at(&scratch, 1).is_empty());
}

#[test]
fn one_machine_goes_on_where_shards_have_been_and_shards_where_it_was() {
    let scratch = frozen(DEFINITION, 4);
    shard(&scratch, "1/4").well();
    let text = scratch.sweep(&[]).well().stderr;
    assert!(text.contains("of 48 cells are finished already"), "{text}");
    assert!(scratch.tables() == *one_machine());
    assert!(!scratch.results().join("shards").exists());

    let scratch = Scratch::new(DEFINITION);
    scratch.sweep(&["--trials", "1", "--quiet"]).well();
    let text = scratch.run(&["plan", "d.toml", "--shards", "2"]).stdout;
    assert!(text.contains("36 cells to compute"), "{text}");
    for number in ["1/2", "2/2"] {
        shard(&scratch, number).well();
    }
    assert_merges(&scratch);
}

#[test]
fn fewer_trials_are_frozen_with_the_plan() {
    let scratch = Scratch::new(DEFINITION);
    scratch.succeed(&["plan", "d.toml", "--shards", "1", "--trials", "2"]);
    shard(&scratch, "1/1").well();
    scratch.succeed(&["merge", "d"]);
    let one = Scratch::new(DEFINITION);
    one.sweep(&["--trials", "2", "--quiet"]).well();
    assert!(scratch.tables() == one.tables());
}
