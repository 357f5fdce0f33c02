//! These tests check that a test of a claim tells of the places of its own region, whatever else the grid has.
//!
//! The grid has random messages at N = 32 and 64, and glyphs at N = 64 only. Every kind of test is asked of parts of
//! it, and the places that are due are counted by hand.

use super::*;
use protocols::Source;
use study::claim::Test;

/// Two loads, two levels of noise and two dynamics at each of the three pairs of a source and N.
const GRID: &str = "[grid]
load = [0.25, 0.5]
noise = [0.0, 0.125]
trials = 12
queries = 100
[[grid.part]]
n = [32, 64]
[[grid.part]]
sources = [\"glyphs\"]
n = [64]
";

/// A test of a kind with a region, as a definition has it.
fn asked(kind: &str, region: &str) -> String {
    let own = match kind {
        "difference" => "rivals = [\"B\", \"C\"]\nmeasure = \"recovered\"",
        "capacity" => "rivals = [\"B\"]\nmeasure = \"recovered\"\nlevels = [0.5]",
        "property" => "measure = \"recovered\"\nabove = 0.1",
        _ => "",
    };
    format!(
        "\n[[claim.test]]\n[claim.test.{kind}]\nname = \"-\"\nsubject = \"A\"\n{own}\nregion = {region}\n"
    )
}

fn base(tests: &str) -> String {
    let (head, rest) = BASE.split_once("[grid]").expect("the base has a grid");
    let (_, figure) = rest.split_once("[[figure]]").expect("the base has a figure");
    let head = head.replace("analysis = \".\"\n", "analysis = \".\"\nprobes = [\"recovery\"]\n");
    format!("{head}{GRID}[[figure]]{figure}{tests}")
}

/// The finding of a test, everything of A being recovered and next to nothing of its rivals, but nothing of A on
/// random messages of N = 32. Where loads are compared, A falls between them; its rival has done so before.
fn found(test: &str) -> (Test, Finding) {
    let (plan, claim) = planned_from(&base(test));
    let falls = matches!(claim.test[0], Test::Capacity(_));
    let records = records(&plan, |read| match (read.label, read.n) {
        ("A", 32) => 1,
        ("A", 64) if falls && read.m == 32 => 20 + read.trial % 4,
        ("A", _) => 96 + read.trial % 4,
        _ => 4 + read.trial % 3,
    });
    (claim.test[0].clone(), judged(&plan, &claim, &records).tests.swap_remove(0))
}

const GLYPHS: &str = "{ sources = [\"glyphs\"] }";
const RANDOM: &str = "{ sources = [\"random\"] }";
const LARGE: &str = "{ sources = [\"random\"], n = [64], dynamics = [\"sync\"] }";
const ONE_PLACE: &str =
    "{ sources = [\"glyphs\"], load = { from = 0.5, to = 0.5 }, noise = [0.125], dynamics = [\"async\"] }";

/// What is due: kind, region, where it holds and where it fails.
const DUE: [(&str, &str, &str, &str); 7] = [
    (
        "difference",
        GLYPHS,
        "8 of 8 places (sync: N 64, load 0.25 to 0.5, d/N 0 to 0.12; async: N 64, load 0.25 to 0.5, d/N 0 to 0.12)",
        "none of 8 places",
    ),
    (
        "difference",
        RANDOM,
        "8 of 16 places (sync: N 64, load 0.25 to 0.5, d/N 0 to 0.12; async: N 64, load 0.25 to 0.5, d/N 0 to 0.12)",
        "8 of 16 places (sync: N 32, load 0.25 to 0.5, d/N 0 to 0.12; async: N 32, load 0.25 to 0.5, d/N 0 to 0.12)",
    ),
    ("difference", LARGE, "4 of 4 places (sync: N 64, load 0.25 to 0.5, d/N 0 to 0.12)", "none of 4 places"),
    ("difference", ONE_PLACE, "1 of 1 places (async: N 64, load 0.5, d/N 0.12)", "none of 1 places"),
    (
        "property",
        RANDOM,
        "8 of 16 places (sync: N 64, load 0.25 to 0.5, d/N 0 to 0.12; async: N 64, load 0.25 to 0.5, d/N 0 to 0.12)",
        "8 of 16 places (sync: N 32, load 0.25 to 0.5, d/N 0 to 0.12; async: N 32, load 0.25 to 0.5, d/N 0 to 0.12)",
    ),
    ("property", ONE_PLACE, "1 of 1 places (async: N 64, load 0.5, d/N 0.12)", "none of 1 places"),
    (
        "capacity",
        GLYPHS,
        "4 of 4 places (sync: N 64, d/N 0 to 0.12; async: N 64, d/N 0 to 0.12)",
        "none of 4 places",
    ),
];

#[test]
fn a_test_tells_of_the_places_of_its_own_region() {
    for (kind, region, holds, fails) in DUE {
        let (_, finding) = found(&asked(kind, region));
        assert_eq!((finding.holds.as_str(), finding.fails.as_str()), (holds, fails), "{kind} {region}");
    }
}

/// What decides, and what is told, lies in the region.
fn lies_in_the_region(test: &Test, finding: &Finding) {
    for row in finding.rows.iter().filter(|row| row.role != Role::Map) {
        assert!(test.region().is_none_or(|region| region.has(&row.at)), "{}: {:?}", finding.test, row.at);
    }
}

#[test]
fn what_decides_lies_in_the_region() {
    for (kind, region, ..) in DUE {
        let (test, finding) = found(&asked(kind, region));
        lies_in_the_region(&test, &finding);
    }
}

/// A law of growth has no places, but numbers: those of the sizes of its region, and of no other.
#[test]
fn a_law_of_growth_tells_of_the_sizes_of_its_region() {
    let text = base(&asked("write-time", RANDOM)).replace("n = [32, 64]", "n = [16, 32, 48, 64]");
    let (plan, claim) = planned_from(&text);
    let mut records = records(&plan, |_| 50);
    for timing in &mut records.timings {
        let seconds = f64::from(timing.at.n).powi(3);
        timing.write_seconds = if timing.at.source == Source::Glyphs { 1e9 } else { seconds };
    }
    let finding = judged(&plan, &claim, &records).tests.swap_remove(0);
    lies_in_the_region(&claim.test[0], &finding);
    let sizes = of(&finding, Role::Map).filter(|row| row.quantity == "write-seconds");
    let sizes: Vec<(u32, Option<f64>)> = sizes.map(|row| (row.at.n, row.subject)).collect();
    assert_eq!(sizes, [16, 32, 48, 64].map(|n| (n, Some(f64::from(n).powi(3)))));
    assert_eq!((finding.holds.as_str(), finding.fails.as_str()), ("", ""));
}

/// A new kind does not compile until it stands here, and then somewhere above.
#[test]
fn every_kind_of_test_is_asked() {
    let is_above = |test: &Test| match test {
        Test::Difference(_) | Test::Capacity(_) | Test::Property(_) => {
            DUE.iter().any(|(kind, ..)| *kind == test.kind())
        }
        Test::WriteTime(_) => true,
        // In `growth`, where there are variants by their queries; and arithmetic, which has no region.
        Test::QueriesNeeded(_) | Test::ExhaustiveQueries(_) => true,
    };
    for (kind, region, ..) in DUE {
        assert!(is_above(&found(&asked(kind, region)).0));
    }
}
