//! These tests check `capacity`. They have a later fall than every rival's, an earlier one, and falls that
//! the grid does not show.

use super::*;

const TEST: &str = r#"
[[claim.test]]
[claim.test.capacity]
name = "half"
subject = "A"
rivals = ["B", "C"]
measure = "recovered"
levels = [0.5]
region = { noise = [0.1] }
"#;

/// The base over five loads.
fn base() -> String {
    format!("{BASE}{TEST}").replace("[0.25, 0.5, 0.75]", "[0.125, 0.25, 0.375, 0.5, 0.625]")
}

/// Recovery that falls from all to nothing within 1/4 of load around `middle`, which differs from trial to trial.
fn falling(read: &Read<'_>, middle: f64) -> u32 {
    let middle = middle + 0.005 * f64::from(read.trial % 5);
    let load = f64::from(read.m) / f64::from(read.n);
    (100.0 * ((middle + 0.125 - load) / 0.25).clamp(0.0, 1.0)).round() as u32
}

/// The finding where the curves of A, B and C fall around these loads.
fn found(middles: [f64; 3]) -> Finding {
    let (plan, claim) = planned_from(&base());
    let records = records(&plan, |read| match read.label {
        "A" => falling(read, middles[0]),
        "B" => falling(read, middles[1]),
        _ => falling(read, middles[2]),
    });
    judged(&plan, &claim, &records).tests.swap_remove(0)
}

#[test]
fn a_later_fall_than_every_rivals_holds() {
    let finding = found([0.4, 0.2, 0.35]);
    assert_eq!(finding.verdict, Verdict::Holds);
    // Two rivals, two dynamics, one level of noise.
    assert_eq!(of(&finding, Role::Required).count(), 4);
    let decisive = finding.decisive.unwrap();
    assert_eq!((decisive.quantity.as_str(), decisive.against.as_deref()), ("load50", Some("C")));
    let (subject, rival) = (decisive.subject.unwrap(), decisive.rival.unwrap());
    assert!((subject - 0.41).abs() < 0.01 && (rival - 0.36).abs() < 0.01, "{subject} {rival}");
    assert!((decisive.effect.unwrap() - 0.05).abs() < 0.01);
    assert!(decisive.low.unwrap() > 0.03 && decisive.high.unwrap() < 0.07);
    // All twelve pairs speak for A; Holm over four rows.
    assert_eq!((decisive.trials, decisive.p), (12, Some(4.0 * 2.0_f64.powi(-11))));
    assert_eq!(finding.holds, "2 of 2 places (sync: N 64, d/N 0.09; async: N 64, d/N 0.09)");
}

#[test]
fn the_critical_loads_of_all_stand_beside_with_their_intervals() {
    let finding = found([0.4, 0.2, 0.9]);
    let loads: Vec<&EvidenceRow> = of(&finding, Role::Map).filter(|row| row.p.is_none()).collect();
    // Three protocols, two dynamics, the one level of noise of the region.
    assert_eq!(loads.len(), 6);
    let load = |against: Option<&str>| {
        let row = loads.iter().find(|row| row.against.as_deref() == against).unwrap();
        (row.subject.or(row.rival), row.low, row.high, row.note.as_deref())
    };
    for (against, middle) in [(None, 0.41), (Some("B"), 0.21)] {
        let (value, low, high, note) = load(against);
        let (value, low, high) = (value.unwrap(), low.unwrap(), high.unwrap());
        assert!((value - middle).abs() < 0.01 && note.is_none(), "{value} {note:?}");
        assert!(low < value && value < high && high - low < 0.03, "[{low} {high}]");
        // What is told of it has no sign, for it is no difference.
        assert!(crate::claim::wording::interval(loads[0]).starts_with("[0."));
    }
    assert_eq!(load(Some("C")), (None, None, None, Some("beyond the grid")));
}

#[test]
fn an_earlier_fall_than_one_rivals_fails() {
    let finding = found([0.3, 0.2, 0.35]);
    assert_eq!(finding.verdict, Verdict::Fails);
    let decisive = finding.decisive.unwrap();
    assert_eq!(decisive.against.as_deref(), Some("C"));
    assert!((decisive.effect.unwrap() + 0.05).abs() < 0.01);
}

#[test]
fn a_fall_beyond_the_grid_is_later_by_an_unknown_amount() {
    let finding = found([0.9, 0.2, 0.35]);
    assert_eq!(finding.verdict, Verdict::Holds);
    let decisive = finding.decisive.unwrap();
    assert_eq!((decisive.subject, decisive.high), (None, None));
    assert!((decisive.effect.unwrap() - (0.625 - 0.36)).abs() < 0.01);
    assert_eq!(decisive.note.as_deref(), Some("subject beyond the grid"));
    let finding = found([0.35, 0.2, 0.9]);
    assert_eq!(finding.verdict, Verdict::Fails);
    let decisive = finding.decisive.unwrap();
    assert_eq!(
        (decisive.rival, decisive.low, decisive.note.as_deref()),
        (None, None, Some("rival beyond the grid"))
    );
}

#[test]
fn two_falls_beyond_the_grid_are_undecided() {
    let finding = found([0.9, 0.2, 0.95]);
    assert_eq!(finding.verdict, Verdict::Undecided);
    assert!(finding.complete);
    let open = of(&finding, Role::Required).find(|row| row.against.as_deref() == Some("C")).unwrap();
    assert_eq!((open.outcome, open.effect, open.low, open.high), (Bearing::Open, None, None, None));
    assert_eq!(open.note.as_deref(), Some("both beyond the grid"));
}

#[test]
fn equal_falls_and_lacking_cells_are_undecided() {
    assert_eq!(found([0.35, 0.2, 0.35]).verdict, Verdict::Undecided);
    let (plan, claim) = planned_from(&base());
    let mut records = records(&plan, |read| falling(read, if read.label == "A" { 0.4 } else { 0.2 }));
    assert_eq!(decided(&plan, &claim, &records), Verdict::Holds);
    let lost = plan.iter().find(|cell| cell.label == "B" && cell.m == 32).unwrap();
    let memory = records.memories.iter_mut().find(|memory| memory.at.cell == lost.id).unwrap();
    (memory.status, memory.figures) = (Status::Timeout, None);
    let judgement = judged(&plan, &claim, &records);
    assert_eq!((verdict_of(&judgement), judgement.tests[0].complete), (Some(Verdict::Undecided), false));
    // The others' trials still give the difference.
    assert!((judgement.tests[0].decisive.as_ref().unwrap().effect.unwrap() - 0.2).abs() < 0.02);
}

#[test]
fn a_difference_of_loads_within_the_threshold_is_none() {
    let text = base().replace("levels =", "threshold = 0.1\nlevels =");
    let (plan, claim) = planned_from(&text);
    let verdict = |later: f64| {
        let records = records(&plan, |read| falling(read, if read.label == "A" { 0.2 + later } else { 0.2 }));
        decided(&plan, &claim, &records)
    };
    assert_eq!((verdict(0.05), verdict(0.2)), (Verdict::Undecided, Verdict::Holds));
}
