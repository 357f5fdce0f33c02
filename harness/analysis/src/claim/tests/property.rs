//! These tests check `property`: counts against a bound.

use super::*;
use protocols::probe::Correction;
use study::record::MemoryFigures;

const TEST: &str = r#"
[[claim.test]]
[claim.test.property]
name = "strict minima"
subject = "B"
measure = "strict-minima"
above = 0.95
region = { load = { from = 0.0, to = 0.5 } }
"#;

/// The finding where each memory of B has these figures.
fn found(test: &str, change: impl Fn(u32, u32, &mut MemoryFigures)) -> Finding {
    let (plan, claim) = planned_from(&format!("{}{test}", BASE.replacen("[protocols]", PROBES, 1)));
    let mut records = records(&plan, |_| 50);
    for memory in &mut records.memories {
        let (m, trial) = (memory.at.m, memory.at.trial);
        memory.figures.as_mut().into_iter().for_each(|figures| change(m, trial, figures));
    }
    judged(&plan, &claim, &records).tests.swap_remove(0)
}

const PROBES: &str = "probes = [\"recovery\", \"structure\", \"correction\"]\n[protocols]";

#[test]
fn a_property_that_all_messages_have_holds() {
    // Not at load 3/4, which lies outside of the region.
    let finding = found(TEST, |m, _, figures| figures.strict_minima = Some(if m == 48 { 10 } else { m }));
    assert_eq!(finding.verdict, Verdict::Holds);
    let decisive = finding.decisive.as_ref().unwrap();
    assert_eq!((decisive.subject, decisive.rival, decisive.trials), (Some(1.0), Some(0.95), 24));
    assert_eq!(decisive.against.as_deref(), Some("at least 0.95"));
    // One required row over two loads, two guards; 24 message sets of one sign.
    assert_eq!(decisive.p, Some(3.0 * 2.0_f64.powi(-23)));
    assert_eq!(finding.holds, "2 of 2 places (N 64, load 0.25 to 0.5)");
    assert_eq!(finding.fails, "none of 2 places");
}

#[test]
fn a_property_that_is_lost_fails_and_one_that_is_nearly_kept_is_undecided() {
    let finding = found(TEST, |m, trial, figures| figures.strict_minima = Some(m / 2 + trial % 2));
    assert_eq!(finding.verdict, Verdict::Fails);
    // About 95 % of the messages: more in half of the trials, less in the others.
    let finding = found(TEST, |m, trial, figures| {
        figures.strict_minima = Some(if trial % 2 == 0 { m } else { m - m / 10 });
    });
    assert_eq!(finding.verdict, Verdict::Undecided);
}

#[test]
fn shares_of_memories_count_memories() {
    let test = TEST.replace("strict-minima", "symmetric");
    let finding = found(&test, |_, _, figures| figures.asymmetry = Some(3e-8));
    assert_eq!(finding.verdict, Verdict::Holds);
    let finding = found(&test, |_, _, figures| figures.asymmetry = Some(0.01));
    assert_eq!(finding.verdict, Verdict::Fails);
}

#[test]
fn a_bound_from_above_is_one_from_above() {
    let test = TEST.replace("strict-minima", "bit-corrections").replace("above = 0.95", "below = 0.5");
    let corrected = |share: f64| {
        move |m: u32, trial: u32, figures: &mut MemoryFigures| {
            let bits = f64::from(64 * m);
            let corrected = (bits * (share + 0.01 * f64::from(trial % 3))).round() as u64;
            let found = Correction { corrected, predicted: corrected, agreeing: 0, returned: 0 };
            figures.correction = Some(found);
        }
    };
    let finding = found(&test, corrected(0.2));
    assert_eq!(finding.verdict, Verdict::Holds);
    let decisive = finding.decisive.unwrap();
    assert!((decisive.effect.unwrap() - 0.29).abs() < 1e-3, "{decisive:?}");
    assert!(decisive.low.unwrap() < decisive.effect.unwrap() && decisive.effect < decisive.high);
    assert_eq!(found(&test, corrected(0.7)).verdict, Verdict::Fails);
    assert_eq!(found(&test, corrected(0.49)).verdict, Verdict::Undecided);
}

#[test]
fn what_was_not_measured_is_missing() {
    let finding = found(TEST, |_, _, _| {});
    assert_eq!((finding.verdict, finding.complete), (Verdict::Undecided, false));
}
