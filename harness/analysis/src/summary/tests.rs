//! These tests check that failures among the trials are counted and kept out of the numbers.

use super::*;
use protocols::Corruption;
use protocols::probe::Recovery;
use study::record::MemoryFigures;
use study::record::Timing;
use study::record::sample::{coordinates, figures, memory, recall, without_figures};
use study::records::Records;

fn at(protocol: &str, m: u32, trial: u32) -> Coordinates {
    let cell = format!("{protocol}-{m}-{trial}");
    Coordinates { parameters: protocol.into(), trial, ..coordinates(&cell, protocol, m) }
}

/// A cell with one read condition, of which all messages are fixed and half of the queries recovered.
fn well(records: &mut Records, at: Coordinates, flips: u32) {
    records.memories.push(memory(at.clone(), MemoryFigures { fixed: Some(at.m), ..figures() }));
    records.recalls.push(Recall {
        flips: Corruption::flips(flips),
        reads: Recovery { queries: 10, recovered: 5, spurious: 5, ..Recovery::default() },
        ..recall(at.clone())
    });
    records.timings.push(timing(at, 2.0));
}

fn ill(records: &mut Records, at: Coordinates, status: Status) {
    records.memories.push(without_figures(at.clone(), status, "why"));
    records.timings.push(timing(at, 60.0));
}

fn timing(at: Coordinates, write_seconds: f64) -> Timing {
    Timing { at, write_seconds, read_seconds: 1.0, host: "here".to_owned(), program: None }
}

/// HOP is well at M = 5 (3 flips) and 20 (6 flips), PSE fails once at M = 5 and always at M = 20, MPF always at M = 40.
fn records() -> Records {
    let mut records = Records::default();
    for trial in 0..3 {
        well(&mut records, at("HOP", 5, trial), 3);
        well(&mut records, at("HOP", 20, trial), 6);
        match trial {
            0 => ill(&mut records, at("PSE", 5, trial), Status::Diverged),
            _ => well(&mut records, at("PSE", 5, trial), 3),
        }
        ill(&mut records, at("PSE", 20, trial), if trial == 1 { Status::Memory } else { Status::Timeout });
        ill(&mut records, at("MPF", 40, trial), Status::Timeout);
    }
    records
}

/// Protocol and M, flips, value, trials, failed and status of an estimate.
type Row = (String, Option<u32>, Option<f64>, u32, u32, Status);

/// The estimates of one measure, by protocol, M and flips.
fn found(measure: Measure) -> Vec<Row> {
    let estimates = summarise(&records()).into_iter().filter(|e| e.measure == measure);
    let row = |e: Estimate| {
        (format!("{} {}", e.protocol, e.m), e.flips.map(|d| d.units), e.value, e.trials, e.failed, e.status)
    };
    let mut rows: Vec<_> = estimates.map(row).collect();
    rows.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    rows
}

fn row(place: &str, flips: Option<u32>, value: Option<f64>, trials: u32, failed: u32, status: Status) -> Row {
    (place.to_owned(), flips, value, trials, failed, status)
}

#[test]
fn a_condition_that_failed_has_estimates_without_a_value_also_of_its_reads() {
    let due = [
        row("HOP 20", Some(6), Some(0.5), 3, 0, Status::Ok),
        row("HOP 5", Some(3), Some(0.5), 3, 0, Status::Ok),
        // Nobody read M = 40, so the reads are those of this N.
        row("MPF 40", Some(3), None, 0, 3, Status::Timeout),
        row("MPF 40", Some(6), None, 0, 3, Status::Timeout),
        row("PSE 20", Some(6), None, 0, 3, Status::Memory),
        row("PSE 5", Some(3), Some(0.5), 2, 1, Status::Diverged),
    ];
    assert_eq!(found(Measure::Recovered), due);
}

#[test]
fn times_of_failed_writes_do_not_count() {
    let due = [
        row("HOP 20", None, Some(2.0), 3, 0, Status::Ok),
        row("HOP 5", None, Some(2.0), 3, 0, Status::Ok),
        row("MPF 40", None, None, 0, 3, Status::Timeout),
        row("PSE 20", None, None, 0, 3, Status::Memory),
        row("PSE 5", None, Some(2.0), 2, 1, Status::Diverged),
    ];
    assert_eq!(found(Measure::WriteSeconds), due);
}

#[test]
fn what_no_probe_took_has_no_estimates_even_where_all_failed() {
    assert_eq!(found(Measure::StrictMinima), []);
    assert_eq!(found(Measure::FixedPoints).len(), 5);
}

/// Twelve message sets of which A recovers 9 of 10 queries, B 7 or 8 and C the same as A.
fn three_protocols() -> Records {
    let mut records = Records::default();
    for trial in 0..12 {
        for (protocol, recovered) in [("A", 9), ("B", 7 + trial % 2), ("C", 9)] {
            well(&mut records, at(protocol, 5, trial), 3);
            records.recalls.last_mut().unwrap().reads.recovered = recovered;
        }
    }
    records
}

#[test]
fn contrasts_are_paired_and_adjusted() {
    let records = three_protocols();
    let found = contrasts(&records, Measure::Recovered, "A", |_| true);
    let brief = |c: &Contrast| (c.rival.clone(), c.trials, c.is_significant());
    assert_eq!(
        found.iter().map(brief).collect::<Vec<_>>(),
        [("B".to_owned(), 12, true), ("C".to_owned(), 12, false)]
    );
    assert!((found[0].difference.value - 0.15).abs() < 1e-12 && found[1].difference.value == 0.0);
    // Twelve pairs of one sign: 2 of 2^12 flips are as extreme; two tests.
    assert_eq!(found[0].difference.p_value, 2.0 * 2.0 / 4096.0);
    let few = contrasts(&records, Measure::Recovered, "A", |label| label != "B");
    assert_eq!(few.len(), 1);
    assert_eq!(contrasts(&records, Measure::Recovered, "D", |_| true), []);
}

#[test]
fn a_critical_load_lies_where_half_is_left() {
    let mut records = Records::default();
    for (m, recovered) in [(6, 10), (13, 8), (19, 2), (26, 0)] {
        for trial in 0..10 {
            well(&mut records, at("A", m, trial), 3);
            // Trials differ by one query around the mean.
            let wobble = if recovered == 10 || recovered == 0 { 0 } else { trial % 3 };
            records.recalls.last_mut().unwrap().reads.recovered = recovered + wobble;
        }
    }
    let found = critical_loads(&records, Measure::Recovered, 0.5);
    assert_eq!(found.len(), 1);
    let (load, flips) = (found[0].crossing.value.load().unwrap(), found[0].flips);
    // Means .89 at 13/64 and .29 at 19/64: half lies 13/20 of the way.
    let expected = (13.0 + 6.0 * (0.89 - 0.5) / 0.6) / 64.0;
    assert!((load - expected).abs() < 1e-12 && flips == Some(Corruption::flips(3)), "{load} {expected}");
    let (low, high) = (found[0].crossing.low.load().unwrap(), found[0].crossing.high.load().unwrap());
    assert!(13.0 / 64.0 < low && low < load && load < high && high < 19.0 / 64.0);
    assert_eq!(
        critical_loads(&records, Measure::FixedPoints, 0.5)[0].crossing.value,
        stats::Crossing::AboveGrid
    );
}

#[test]
fn a_noise_radius_lies_where_half_is_recovered() {
    let mut records = Records::default();
    for (flips, recovered) in [(0, 10), (6, 8), (13, 2), (19, 0)] {
        for trial in 0..10 {
            let coordinates = at("A", 6, trial);
            let wobble = if recovered == 10 || recovered == 0 { 0 } else { trial % 3 };
            let recovered = recovered + wobble;
            records.recalls.push(Recall {
                flips: Corruption::flips(flips),
                reads: Recovery { queries: 10, recovered, spurious: 10 - recovered, ..Recovery::default() },
                ..recall(coordinates)
            });
        }
    }
    let found = noise_radii(&records, Measure::Recovered, 0.5);
    assert_eq!((found.len(), found[0].m, found[0].trials), (1, 6, 10));
    let crossing = found[0].crossing;
    // Means .89 at 6/64 and .29 at 13/64: half lies 13/20 of the way.
    let expected = (6.0 + 7.0 * (0.89 - 0.5) / 0.6) / 64.0;
    let radius = crossing.value.load().unwrap();
    assert!((radius - expected).abs() < 1e-12, "{radius} {expected}");
    let (low, high) = (crossing.low.load().unwrap(), crossing.high.load().unwrap());
    assert!(6.0 / 64.0 < low && low < radius && radius < high && high < 13.0 / 64.0);
    assert_eq!(noise_radii(&records, Measure::FixedPoints, 0.5), []);
}

#[test]
fn a_ranking_is_paired_and_begins_with_the_best() {
    let mut records = three_protocols();
    for trial in 0..12 {
        for (protocol, recovered) in [("A", 5), ("B", 5), ("C", 2)] {
            well(&mut records, at(protocol, 20, trial), 3);
            records.recalls.last_mut().unwrap().reads.recovered = recovered;
        }
    }
    let found = rankings(&records, Measure::Recovered, None, |_| true);
    let brief: Vec<(&str, f64)> =
        found.iter().map(|r| (&*r.protocol, (1e6 * r.mean).round() / 1e6)).collect();
    assert_eq!(brief, [("A", 0.7), ("B", 0.625), ("C", 0.55)]);
    assert!(found.iter().all(|rank| rank.against == "A" && rank.conditions == 2 && rank.trials == 12));
    assert!(found[0].difference.is_none());
    let to_best = found[2].difference.as_ref().unwrap();
    assert!(
        (to_best.value + 0.15).abs() < 1e-12
            && (to_best.interval.low..=to_best.interval.high).contains(&to_best.value),
        "{to_best:?}"
    );
    let against_b = rankings(&records, Measure::Recovered, Some("B"), |_| true);
    assert!(against_b[0].difference.as_ref().unwrap().value > 0.0 && against_b[1].difference.is_none());
    // A condition that one of them lacks is in no mean.
    records.recalls.retain(|recall| recall.at.protocol != "C" || recall.at.m == 5);
    let fewer = rankings(&records, Measure::Recovered, None, |_| true);
    assert!(fewer.iter().all(|rank| rank.conditions == 1));
}
