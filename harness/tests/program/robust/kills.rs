//! SIGKILL at random moments, again and again: `HARNESS_TEST_KILLS` says how often.

use super::{SHORT, assert_completes, undisturbed};
use crate::scratch::{Running, Scratch, files};
use protocols::Stream;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Where a kill found the sweep, as what it left behind shows.
fn phase(scratch: &Scratch) -> &'static str {
    let (results, parts) = (scratch.results(), scratch.results().join("parts"));
    let staged = results.join("staged");
    let (tables, sidecars) = (files(&parts, ".parquet").len(), files(&parts, ".json").len());
    if staged.join("manifest.json").exists() {
        "moving tables into place"
    } else if staged.exists() {
        "staging tables"
    } else if !files(&parts, ".tmp").is_empty() || tables > 3 * sidecars {
        "writing a part"
    } else if tables < 3 * sidecars || results.join("memories.parquet").exists() {
        "tidying up"
    } else if sidecars > 0 {
        "between parts"
    } else {
        "before the first part"
    }
}

/// Waits for the moment of a kill; false if the sweep ended before.
fn wait(child: &mut Running, scratch: &Scratch, moments: &mut Stream, usual: Duration) -> bool {
    let start = Instant::now();
    // Two kills of three fall anywhere; the third waits for the consolidation, which is short.
    let anywhere = (moments.below(3) > 0).then(|| usual.mul_f64(0.8 * moments.unit()));
    let later = Duration::from_micros(u64::from(moments.below(20_000)));
    loop {
        let ended = child.has_ended();
        let due = match anywhere {
            Some(moment) => start.elapsed() >= moment,
            None => scratch.results().join("staged").exists(),
        };
        if ended || due {
            if anywhere.is_none() {
                std::thread::sleep(later);
            }
            return !child.has_ended();
        }
        assert!(start.elapsed() < Duration::from_secs(120), "the sweep hangs");
        std::thread::sleep(Duration::from_micros(200));
    }
}

#[test]
fn a_sweep_killed_at_random_moments_ends_with_the_same_bytes() {
    let asked = std::env::var("HARNESS_TEST_KILLS").ok();
    let kills = asked.map_or(6, |number| number.parse().expect("HARNESS_TEST_KILLS is a number"));
    let mut moments = Stream::named(1, "kills", &[]);
    let mut found: BTreeMap<&str, u32> = BTreeMap::new();
    undisturbed();
    let start = Instant::now();
    assert_completes(&Scratch::new(SHORT));
    let usual = start.elapsed();
    let (mut killed, mut folders) = (0, 0);
    while killed < kills {
        let scratch = Scratch::new(SHORT);
        folders += 1;
        let mut finished = 0;
        while killed < kills {
            let mut child = scratch.start(&["sweep", "d.toml", "--quiet"]);
            if !wait(&mut child, &scratch, &mut moments, usual) {
                child.said().well();
                break;
            }
            child.end();
            killed += 1;
            *found.entry(phase(&scratch)).or_default() += 1;
            let now = scratch.finished().len();
            assert!(now >= finished, "{finished} cells were finished, {now} still are");
            finished = now;
        }
        assert_completes(&scratch);
    }
    println!("{killed} kills in {folders} sweeps: {found:?}");
}
