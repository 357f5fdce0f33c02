//! These tests check comparisons of hand-made records.

use super::*;
use protocols::Corruption;
use protocols::probe::Recovery;
use study::record::sample::{coordinates, figures, memory, recall};
use study::record::{Coordinates, MemoryFigures, Recall, Status, Timing};

const QUERIES: u32 = 100;

/// A run of one protocol over so many trials at M = 8 and 16, with `recovered(m, trial)` of 100 queries.
fn run(trials: u32, recovered: impl Fn(u32, u32) -> u32) -> Records {
    let mut records = Records::default();
    for m in [8, 16] {
        for trial in 0..trials {
            let cell = format!("{m}-{trial}");
            let at = Coordinates { trial, ..coordinates(&cell, "TRN", m) };
            records.recalls.extend([0, 6].map(|flips| {
                let recovered = if flips == 0 { QUERIES } else { recovered(m, trial) };
                Recall {
                    flips: Corruption::flips(flips),
                    reads: Recovery { queries: QUERIES, recovered, ..Recovery::default() },
                    ..recall(at.clone())
                }
            }));
            records.memories.push(memory(at.clone(), MemoryFigures { fixed: Some(m), ..figures() }));
            let seconds = 0.1 * f64::from(trial + 1);
            let host = "vm".to_owned();
            records.timings.push(Timing {
                at,
                write_seconds: seconds,
                read_seconds: 1.0,
                host,
                program: None,
            });
        }
    }
    records
}

/// Recovery that differs much between message sets.
fn base(m: u32, trial: u32) -> u32 {
    20 + (m * 7 + trial * 13) % 60
}

const SHARES: [Measure; 2] = [Measure::FixedPoints, Measure::Recovered];

#[test]
fn a_loss_that_pairs_show_is_seen_and_one_that_they_do_not_is_not() {
    let (a, b) = (run(10, base), run(10, |m, trial| base(m, trial) - 2));
    let found = compare(&a, &b, true, &SHARES, By::Protocol);
    let measures: Vec<_> = found.rows.iter().map(|row| (row.measure, row.verdict)).collect();
    assert_eq!(measures, [(Measure::FixedPoints, Shift::Identical), (Measure::Recovered, Shift::Worse)]);
    assert!(found.is_worse());
    let row = &found.rows[1];
    // Two queries of 200 a message set; 20 sets, all of one sign: 2 of 2^20 patterns, two rows.
    assert_eq!((row.sets, row.p_value), (20, 2.0 * 2.0_f64.powi(-19)));
    assert!((row.difference + 0.01).abs() < 1e-12 && row.low <= row.difference && row.difference <= row.high);
    assert_eq!((found.joined, found.only_a, found.only_b), (20, 0, 0));
    let back = compare(&b, &a, true, &SHARES, By::Protocol);
    assert_eq!(back.rows[1].verdict, Shift::Better);
    assert!(!back.is_worse());
    // As independent samples the same numbers show nothing.
    let apart = compare(&a, &b, false, &SHARES, By::Protocol);
    assert_eq!(apart.rows[1].verdict, Shift::Open);
    assert!((apart.rows[1].difference + 0.01).abs() < 1e-12);
}

#[test]
fn a_run_is_identical_with_itself() {
    let a = run(5, base);
    let all = [&SHARES[..], &[Measure::WriteSeconds]].concat();
    let found = compare(&a, &a, true, &all, By::Condition);
    assert!(found.rows.iter().all(|row| row.verdict == Shift::Identical && row.low == row.high));
    // Two M, each with fixed points, two levels of noise, and a time.
    assert_eq!(found.rows.len(), 2 * 4);
    assert!(!found.is_worse());
}

#[test]
fn conditions_are_rows_of_their_own_and_corrected_together() {
    // At M = 16 only, B loses what is beyond chance.
    let (a, b) = (run(12, base), run(12, |m, trial| base(m, trial) - if m == 16 { 10 } else { 0 }));
    let found = compare(&a, &b, true, &[Measure::Recovered], By::Condition);
    let verdicts: Vec<_> =
        found.rows.iter().map(|row| (row.key.m, row.key.flips.map(|d| d.units), row.verdict)).collect();
    assert_eq!(
        verdicts,
        [
            (Some(8), Some(0), Shift::Identical),
            (Some(8), Some(6), Shift::Identical),
            (Some(16), Some(0), Shift::Identical),
            (Some(16), Some(6), Shift::Worse),
        ]
    );
    assert_eq!(found.rows[3].p_value, 4.0 * 2.0 / 4096.0, "Holm over four rows, exact over 2^12 signs");
}

#[test]
fn sides_of_different_size_meet_where_they_can() {
    let (mut a, b) = (run(10, base), run(6, base));
    a.memories.retain(|memory| memory.at.trial != 2);
    let found = compare(&a, &b, true, &[Measure::Recovered], By::Protocol);
    assert_eq!((found.joined, found.only_a, found.only_b), (10, 8, 2));
    assert_eq!((found.rows[0].sets, found.rows[0].verdict), (10, Shift::Identical));
    // Unpaired, the first trials of both are taken, as many of every M.
    let found = compare(&a, &b, false, &[Measure::Recovered], By::Protocol);
    assert_eq!((found.joined, found.rows[0].sets), (12, 12));
}

#[test]
fn a_cell_that_fails_now_makes_b_worse() {
    let (a, mut b) = (run(5, base), run(5, base));
    b.memories[3].status = Status::Diverged;
    b.memories[3].message = "diverged at iteration 7".to_owned();
    b.memories[3].figures = None;
    let found = compare(&a, &b, true, &SHARES, By::Protocol);
    assert!(found.is_worse());
    assert_eq!(found.newly_failed[0].cell, "8-3");
    assert!(found.rows.iter().all(|row| row.verdict == Shift::Identical && row.sets == 9));
    assert!(compare(&b, &a, true, &SHARES, By::Protocol).newly_failed.is_empty());
}

#[test]
fn times_are_compared_by_their_ratio() {
    let (a, mut b) = (run(10, base), run(10, base));
    b.timings.iter_mut().for_each(|timing| timing.write_seconds *= 1.5 + 0.01 * f64::from(timing.at.trial));
    let found = compare(&a, &b, true, &[Measure::WriteSeconds], By::Protocol);
    let row = &found.rows[0];
    assert_eq!((row.verdict, row.sets), (Shift::Worse, 20));
    let expected = (0..10).map(|t| (1.5 + 0.01 * f64::from(t)).ln()).sum::<f64>() / 10.0;
    assert!((row.difference - expected.exp()).abs() < 1e-12, "{row:?}");
    assert!(row.low > 1.5 && row.high < 1.6 && (row.b / row.a - row.difference).abs() < 1e-12);
    let back = compare(&b, &a, true, &[Measure::WriteSeconds], By::Protocol);
    assert_eq!(back.rows[0].verdict, Shift::Better);
}

#[test]
fn a_label_of_other_parameters_is_named() {
    let (a, mut b) = (run(2, base), run(2, base));
    b.memories.iter_mut().for_each(|memory| memory.at.parameters = "{\"l2\":0.01}".into());
    let found = compare(&a, &b, true, &SHARES, By::Protocol);
    let expected = ("TRN".to_owned(), "{}".to_owned(), "{\"l2\":0.01}".into());
    assert_eq!(found.other_parameters, [expected]);
}
