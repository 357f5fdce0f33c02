//! These tests check `difference`: better than every rival, worse anywhere, neither, or not all there.

use super::*;
use crate::summary::contrasts;
use study::measure::Measure;

const TEST: &str = r#"
[[claim.test]]
[claim.test.difference]
name = "with noise"
subject = "A"
rivals = ["B", "C"]
measure = "recovered"
region = { load = { from = 0.25, to = 0.5 }, noise = [0.1] }
"#;

/// What makes a message set hard, for all protocols alike.
fn hardness(read: &Read<'_>) -> u32 {
    (7 * read.m + 13 * read.trial + read.n) % 40
}

fn found(recovered: impl Fn(&Read<'_>) -> u32) -> Finding {
    let (plan, claim) = planned(TEST);
    let records = records(&plan, recovered);
    let mut judgement = judged(&plan, &claim, &records);
    assert_eq!(judgement.verdict, Some(judgement.tests[0].verdict));
    judgement.tests.swap_remove(0)
}

#[test]
fn better_than_every_rival_holds() {
    // A is ahead by 10 of 100 where there is noise, and level without.
    let finding =
        found(|read| 30 + hardness(read) + if read.label == "A" && read.flips > 0 { 10 } else { 0 });
    assert_eq!(finding.verdict, Verdict::Holds);
    // Two rivals, two dynamics; each over two loads of 12 trials, all of one sign.
    let required: Vec<&EvidenceRow> = of(&finding, Role::Required).collect();
    assert_eq!(required.len(), 4);
    for row in &required {
        assert_eq!((row.trials, row.outcome), (24, Bearing::For));
        assert!((row.effect.unwrap() - 0.1).abs() < 1e-12 && row.low.unwrap() <= row.effect.unwrap());
        assert!((row.subject.unwrap() - row.rival.unwrap() - 0.1).abs() < 1e-12);
        // 12 rows are corrected together: 4 required, and 2 rivals x 2 loads x 2 dynamics.
        assert_eq!(row.p, Some(12.0 * 2.0_f64.powi(-23)));
    }
    assert_eq!(of(&finding, Role::Guard).count(), 8);
    // The map: 2 rivals, 3 loads, 2 levels of noise, 2 dynamics.
    assert_eq!(of(&finding, Role::Map).count(), 24);
    // In words: the region, which has 2 loads, 1 level of noise and 2 dynamics.
    let there = "N 64, load 0.25 to 0.5, d/N 0.09";
    assert_eq!(finding.holds, format!("4 of 4 places (sync: {there}; async: {there})"));
    assert_eq!(finding.fails, "none of 4 places");
}

#[test]
fn worse_at_one_place_of_the_region_fails() {
    // Ahead of both overall, yet behind C at load 1/2 read asynchronously.
    let finding = found(|read| {
        let behind = read.m == 32 && read.dynamics == Reader::Async && read.label == "C";
        30 + hardness(read) + if behind { 12 } else { 0 } + if read.label == "A" { 10 } else { 0 }
    });
    assert_eq!(finding.verdict, Verdict::Fails);
    let decisive = finding.decisive.unwrap();
    assert_eq!((decisive.role, decisive.against.as_deref()), (Role::Guard, Some("C")));
    assert_eq!((decisive.at.m, decisive.at.dynamics), (Some(32), Some(Reader::Async)));
    assert!((decisive.effect.unwrap() + 0.02).abs() < 1e-12);
    assert_eq!(finding.fails, "1 of 4 places (async: N 64, load 0.5, d/N 0.09)");
}

#[test]
fn outside_of_its_region_nothing_fails_it() {
    let finding = found(|read| {
        let behind = read.m == 48 && read.label == "A";
        30 + hardness(read) + if behind { 0 } else { 1 } + if read.label == "A" { 10 } else { 0 }
            - if behind { 20 } else { 0 }
    });
    assert_eq!(finding.verdict, Verdict::Holds);
    assert_eq!(finding.fails, "none of 4 places");
    let against = of(&finding, Role::Map).filter(|row| row.outcome == Bearing::Against);
    assert!(against.count() > 0 && of(&finding, Role::Guard).all(|row| row.outcome != Bearing::Against));
}

#[test]
fn level_with_one_rival_is_undecided() {
    let finding = found(|read| 30 + hardness(read) + if read.label == "B" { 0 } else { 10 });
    assert_eq!(finding.verdict, Verdict::Undecided);
    let decisive = finding.decisive.unwrap();
    assert_eq!((decisive.against.as_deref(), decisive.effect, decisive.p), (Some("C"), Some(0.0), Some(1.0)));
    assert!(finding.complete);
}

#[test]
fn a_difference_within_the_threshold_is_none() {
    let test = TEST.replace("measure =", "threshold = 0.1\nmeasure =");
    let (plan, claim) = planned(&test);
    let verdict = |ahead: u32| {
        let records = records(&plan, |read| 30 + hardness(read) + if read.label == "A" { ahead } else { 0 });
        decided(&plan, &claim, &records)
    };
    assert_eq!((verdict(10), verdict(12)), (Verdict::Undecided, Verdict::Holds));
    let behind = |by: u32| {
        let records = records(&plan, |read| 30 + hardness(read) + if read.label == "A" { 0 } else { by });
        decided(&plan, &claim, &records)
    };
    assert_eq!((behind(10), behind(12)), (Verdict::Undecided, Verdict::Fails));
}

#[test]
fn cells_that_lack_make_it_undecided_and_nothing_else() {
    let (plan, claim) = planned(TEST);
    for ahead in [0, 20] {
        // A holds, or fails; then a cell of C is lost.
        let whole =
            records(&plan, |read| 30 + hardness(read) + if read.label == "A" { ahead } else { 20 - ahead });
        let verdict = if ahead == 20 { Verdict::Holds } else { Verdict::Fails };
        assert_eq!(decided(&plan, &claim, &whole), verdict);
        let lost = plan.iter().find(|cell| cell.label == "C" && cell.m == 32 && cell.trial == 3).unwrap();
        let mut failed = whole.clone();
        failed.recalls.retain(|recall| recall.at.cell != lost.id);
        let mut missing = failed.clone();
        missing.memories.retain(|memory| memory.at.cell != lost.id);
        let memory = failed.memories.iter_mut().find(|memory| memory.at.cell == lost.id).unwrap();
        (memory.status, memory.figures) = (Status::Diverged, None);
        for (records, lacking) in [(&failed, (1, 0)), (&missing, (0, 1))] {
            let judgement = judged(&plan, &claim, records);
            assert_eq!(judgement.verdict, Some(Verdict::Undecided));
            assert_eq!((judgement.lacking.failed, judgement.lacking.missing), lacking);
            assert!(!judgement.tests[0].complete);
        }
        // One that no test rests on leaves the verdict alone.
        let mut elsewhere = whole.clone();
        let other = plan.iter().find(|cell| cell.label == "C" && cell.m == 48).unwrap();
        elsewhere.memories.retain(|memory| memory.at.cell != other.id);
        assert_eq!(decided(&plan, &claim, &elsewhere), verdict);
        assert_eq!(decided(&plan, &claim, &Records::default()), Verdict::Undecided);
    }
}

#[test]
fn numbers_of_other_parameters_are_missing() {
    let (plan, claim) = planned(TEST);
    let older =
        super::planned_from(&format!("{BASE}{TEST}").replace("A = { trn = {}", "A = { trn = { epochs = 1 }"))
            .0;
    let records = records(&older, |read| if read.label == "A" { 90 } else { 30 });
    let judgement = judged(&plan, &claim, &records);
    assert_eq!((judgement.verdict, judgement.lacking.missing), (Some(Verdict::Undecided), 3 * 12));
}

#[test]
fn what_does_not_decide_is_shown_and_does_not_count() {
    let beside = TEST.replace("with noise", "beside").replace("measure =", "decides = false\nmeasure =");
    let beside = beside.replace("[\"B\", \"C\"]", "[\"C\"]");
    let (plan, claim) = planned(&format!("{}{beside}", TEST.replace("[\"B\", \"C\"]", "[\"B\"]")));
    let records = records(&plan, |read| match read.label {
        "A" => 50 + hardness(read),
        "B" => 30 + hardness(read),
        _ => 60 + hardness(read),
    });
    let judgement = judged(&plan, &claim, &records);
    let verdicts: Vec<_> = judgement.tests.iter().map(|test| (test.decides, test.verdict)).collect();
    assert_eq!(verdicts, [(true, Verdict::Holds), (false, Verdict::Fails)]);
    assert_eq!(judgement.verdict, Some(Verdict::Holds));
}

#[test]
fn fewer_errors_are_better() {
    let test = TEST.replace("\"recovered\"", "\"bit-errors\"");
    let (plan, claim) = planned(&test.replace(", noise = [0.1]", ""));
    let mut records = records(&plan, |_| 50);
    for memory in &mut records.memories {
        let wrong = if memory.at.protocol == "A" { 5 } else { 20 + u64::from(memory.at.trial) };
        let figures = memory.figures.as_mut().unwrap();
        (figures.wrong_bits, figures.tied_bits) = (Some(wrong), Some(0));
    }
    let judgement = judged(&plan, &claim, &records);
    assert_eq!(judgement.verdict, Some(Verdict::Holds));
    let decisive = judgement.tests[0].decisive.as_ref().unwrap();
    assert!(decisive.effect.unwrap() > 0.0 && decisive.subject < decisive.rival);
    assert_eq!(decisive.at.dynamics, None);
}

#[test]
fn trials_after_a_stop_are_not_due() {
    use study::stopping::StoppedSize;
    let (plan, claim) = planned(TEST);
    let mut records = records(&plan, |read| 30 + hardness(read) + if read.label == "A" { 10 } else { 0 });
    records.memories.retain(|memory| memory.at.m != 16 || memory.at.trial < 6);
    records.recalls.retain(|recall| recall.at.m != 16 || recall.at.trial < 6);
    assert_eq!(decided(&plan, &claim, &records), Verdict::Undecided);
    let stop = |m, trials| StoppedSize {
        source: protocols::Source::Random,
        n: 64,
        m,
        looks: 1,
        trials,
        width: None,
        narrow: true,
    };
    let stops = [stop(16, 6), stop(32, 12), stop(48, 12)];
    let evidence = Evidence::new(&plan, Some(&stops), &records);
    assert!(evidence.lacking().is_none());
    // Six trials of a load of its own show nothing after the correction, but both loads together do.
    assert_eq!(judge(&claim, &evidence).verdict, Some(Verdict::Holds));
}

#[test]
fn the_map_says_what_a_figure_of_differences_says() {
    let (plan, claim) = planned(TEST);
    let chance = |read: &Read<'_>| (5 * read.trial + 3 * read.m + 11 * read.label.len() as u32) % 7;
    let records = records(&plan, |read| {
        30 + hardness(read)
            + chance(read)
            + if read.label == "A" && read.flips > 0 { 3 * read.trial % 8 } else { 0 }
    });
    let judgement = judged(&plan, &claim, &records);
    let contrasts = contrasts(&records, Measure::Recovered, "A", |label| label != "A");
    let map: Vec<&EvidenceRow> = of(&judgement.tests[0], Role::Map).collect();
    assert_eq!(map.len(), contrasts.len());
    assert!(map.iter().any(|row| row.p < Some(0.05)) && map.iter().any(|row| row.p > Some(0.05)));
    for row in map {
        let same = contrasts.iter().find(|c| {
            let place = (row.at.m, row.at.dynamics, row.at.flips);
            row.against.as_ref() == Some(&c.rival) && place == (Some(c.m), Some(c.dynamics), Some(c.flips))
        });
        let same = same.unwrap_or_else(|| panic!("no contrast at {:?}", row.at)).difference;
        assert_eq!((row.effect, row.p), (Some(same.value), Some(same.p_value)));
        assert_eq!((row.low, row.high), (Some(same.interval.low), Some(same.interval.high)));
    }
}
