//! These tests check agreement on hand-made records.

use super::*;
use protocols::probe::Recovery;
use protocols::reading::Reader;
use protocols::{Corruption, Stream};
use study::record::MemoryFigures;
use study::record::sample::{coordinates, figures, memory, recall, without_figures};

const M: u32 = 40;
const QUERIES: u32 = 100;

/// A cell with `fixed` of 40 messages fixed and `recovered` of 100 queries recovered.
fn findings(cell: &str, fixed: u32, recovered: u32) -> Findings {
    let at = coordinates(cell, "TRN", M);
    let figures =
        MemoryFigures { objective: Some(0.125), fixed: Some(fixed), margin_min: Some(f64::NAN), ..figures() };
    let recall = Recall {
        reads: Recovery { queries: QUERIES, recovered, spurious: QUERIES - recovered, ..Recovery::default() },
        ..recall(at.clone())
    };
    Findings { memory: memory(at, figures), recalls: vec![recall] }
}

fn failed(cell: &str, status: Status, message: &str) -> Findings {
    Findings { memory: without_figures(coordinates(cell, "TRN", M), status, message), recalls: Vec::new() }
}

fn verdict(stored: Findings, now: Findings) -> Agreement {
    check(&[(stored, now)])[0].verdict
}

#[test]
fn equal_is_to_the_bit_and_nan_equals_itself() {
    assert_eq!(verdict(findings("a", 40, 90), findings("a", 40, 90)), Agreement::Equal);
    let mut next = findings("a", 40, 90);
    let figures = next.memory.figures.as_mut().unwrap();
    figures.objective = figures.objective.map(f64::next_up);
    let checked = check(&[(findings("a", 40, 90), next)]);
    assert_eq!(checked[0].verdict, Agreement::Within);
    let names: Vec<_> = checked[0].deviations.iter().map(|d| (d.column, d.stored.as_str())).collect();
    assert_eq!(names, [("objective", "0.125")]);
}

#[test]
fn a_message_more_or_less_is_chance_and_many_are_not() {
    assert_eq!(verdict(findings("a", 40, 100), findings("a", 39, 97)), Agreement::Within);
    let checked = check(&[(findings("a", 40, 100), findings("a", 40, 30))]);
    assert_eq!(checked[0].verdict, Agreement::Apart);
    assert!(checked[0].apart.iter().any(|share| share.measure == study::measure::Measure::Recovered));
    assert!(
        checked[0]
            .deviations
            .iter()
            .all(|d| (d.dynamics, d.flips) == (Some(Reader::Sync), Some(Corruption::flips(6))))
    );
}

#[test]
fn a_failure_agrees_with_the_same_failure_only() {
    let diverged = |words: &str| failed("a", Status::Diverged, words);
    assert_eq!(verdict(diverged("at 3"), diverged("at 3")), Agreement::Equal);
    assert_eq!(verdict(diverged("at 3"), diverged("at 4")), Agreement::Within);
    assert_eq!(verdict(diverged("at 3"), failed("a", Status::Panic, "at 3")), Agreement::Apart);
    assert_eq!(verdict(diverged("at 3"), findings("a", 40, 90)), Agreement::Apart);
    let mut unread = findings("a", 40, 90);
    unread.recalls.clear();
    assert_eq!(verdict(findings("a", 40, 90), unread), Agreement::Apart);
}

#[test]
fn false_alarms_are_as_rare_as_promised() {
    // 40 cells whose queries are drawn anew from the same probabilities, every message for itself: the worst that
    // another machine may do. Of 200 runs 10 may raise an alarm on average (Wilson's intervals: fewer).
    let mut stream = Stream::named(1, "agreement", &[]);
    let alarms = (0..200).filter(|_| {
        let pairs: Vec<_> = (0..40)
            .map(|i| {
                let p = stream.unit();
                // One query a message, 40 messages: the units are the attempts.
                let mut draw = || {
                    let hits = (0..M).filter(|_| stream.unit() < p).count() as u32;
                    let mut cell = findings(&i.to_string(), M, hits);
                    cell.recalls[0].reads.queries = M;
                    cell
                };
                (draw(), draw())
            })
            .collect();
        check(&pairs).iter().any(|checked| checked.verdict == Agreement::Apart)
    });
    // Binomial(200, 0.05) exceeds 27 less than once in a million runs.
    let alarms = alarms.count();
    assert!(alarms <= 27, "{alarms} of 200");
}

#[test]
fn a_small_fault_that_all_cells_share_is_a_drift() {
    let pairs = |loss: u32| -> Vec<_> {
        (0..20)
            .map(|i| (findings(&i.to_string(), 40, 90 - i), findings(&i.to_string(), 40, 90 - i - loss)))
            .collect()
    };
    assert!(check(&pairs(2)).iter().all(|checked| checked.verdict == Agreement::Within));
    let drifting: Vec<_> = drifts(&pairs(2)).into_iter().filter(Drift::is_significant).collect();
    assert!(drifting.iter().any(|d| d.measure == study::measure::Measure::Recovered), "{drifting:?}");
    assert!(drifting.iter().all(|d| d.difference < 0.0 && d.protocol == "TRN"));
    assert!(!drifts(&pairs(0)).iter().any(Drift::is_significant));
}

#[test]
fn samples_are_parsed_or_refused() {
    for (text, sample) in [
        ("5%", SampleSize::Share(0.05)),
        ("100 %", SampleSize::Share(1.0)),
        ("0.5%", SampleSize::Share(0.005)),
        ("20", SampleSize::Cells(20)),
    ] {
        assert_eq!(text.parse(), Ok(sample), "{text}");
    }
    for text in ["0%", "101%", "-1%", "nan%", "0", "-3", "", "%", "5.5", "all"] {
        assert_eq!(text.parse::<SampleSize>(), Err(ParseSampleError), "{text}");
    }
}

#[test]
fn every_protocol_is_in_the_sample() {
    let mut cells: Vec<Coordinates> = (0..100).map(|i| coordinates(&i.to_string(), "HOP", M)).collect();
    cells.extend((0..3).map(|i| coordinates(&format!("x{i}"), "TRN", M)));
    let cells: Vec<&Coordinates> = cells.iter().collect();
    let trained = |picked: &[usize]| picked.iter().filter(|&&i| i >= 100).count();
    let picked = SampleSize::Share(0.05).pick(&cells, 1);
    assert_eq!((picked.len(), trained(&picked)), (6, 1));
    assert!(picked.is_sorted_by(|a, b| a < b));
    assert_eq!(picked, SampleSize::Share(0.05).pick(&cells, 1));
    assert_ne!(picked, SampleSize::Share(0.05).pick(&cells, 2));
    assert_eq!(SampleSize::Share(1.0).pick(&cells, 1), (0..103).collect::<Vec<_>>());
    let picked = SampleSize::Cells(5).pick(&cells, 1);
    assert_eq!((picked.len(), trained(&picked)), (5, 2));
    assert_eq!(SampleSize::Cells(1000).pick(&cells, 1).len(), 103);
}
