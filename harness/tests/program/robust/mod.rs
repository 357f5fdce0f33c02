//! The program under bad luck: signals, kills at any moment, damaged files, full disks, two sweeps in one folder.
//! Whatever happens, nothing finished is lost and the results end up with the bytes of an undisturbed sweep.

mod budgets;
mod damage;
mod disk;
mod kills;
mod signals;

use crate::scratch::{Said, Scratch, wait_for};
use std::sync::LazyLock;

/// About a second of cells that all end.
const SHORT: &str = r#"
question = "Does it survive?"
analysis = "It must."
[protocols]
HOP = { hop = {} }
MPF = { mpf = {} }
TRN = { trn = { epochs = 20 } }
[grid]
n = [64]
m = [5, 20, 40]
flips = [0, 6]
trials = 10
queries = 50
[[figure]]
name = "map"
kind = "heat-map"
"#;

/// One cell that ends, and one that would take weeks.
const ENDLESS: &str = r#"
question = "Does it stop?"
analysis = "It must."
[protocols]
HOP = { hop = {} }
TRN = { trn = { epochs = 4000000000 } }
[grid]
n = [64]
m = [20]
flips = [0, 6]
trials = 1
queries = 20
"#;

/// The tables of [`SHORT`] from an undisturbed sweep.
fn undisturbed() -> &'static [Vec<u8>; 2] {
    static TABLES: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| Scratch::swept(SHORT).tables());
    &TABLES
}

/// A sweep that was killed when some of its cells were finished and others not.
fn cut_short() -> Scratch {
    loop {
        let scratch = Scratch::new(SHORT);
        let mut child = scratch.start(&["sweep", "d.toml", "--quiet"]);
        wait_for("a finished cell", || !scratch.finished().is_empty());
        child.end();
        if scratch.results().join("parts").exists() && scratch.finished().len() < 90 {
            return scratch;
        }
    }
}

/// The same command once more: it must end well, with the bytes of an undisturbed sweep.
fn assert_completes(scratch: &Scratch) -> Said {
    let said = scratch.sweep(&[]).well();
    assert!(scratch.tables() == *undisturbed(), "the tables differ from those of an undisturbed sweep");
    said
}
