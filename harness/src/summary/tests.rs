//! Failures among the trials, counted and kept out of the numbers.

use super::*;
use crate::record::MemoryFigures;
use crate::record::sample::{coordinates, figures, memory, recall, without_figures};

fn at(protocol: &str, m: u32, trial: u32) -> Coordinates {
    let cell = format!("{protocol}-{m}-{trial}");
    Coordinates { parameters: protocol.to_owned(), trial, ..coordinates(&cell, protocol, m) }
}

/// A cell with one read condition, of which all messages are fixed and half of the queries recovered.
fn well(records: &mut Records, at: Coordinates, flips: u32) {
    records.memories.push(memory(at.clone(), MemoryFigures { fixed: Some(at.m), ..figures() }));
    records.recalls.push(Recall { flips, queries: 10, recovered: 5, spurious: 5, ..recall(at.clone()) });
    records.timings.push(timing(at, 2.0));
}

fn ill(records: &mut Records, at: Coordinates, status: Status) {
    records.memories.push(without_figures(at.clone(), status, "why"));
    records.timings.push(timing(at, 60.0));
}

fn timing(at: Coordinates, write_seconds: f64) -> Timing {
    Timing { at, write_seconds, read_seconds: 1.0, host: "here".to_owned() }
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
    let row =
        |e: Estimate| (format!("{} {}", e.protocol, e.m), e.flips, e.value, e.trials, e.failed, e.status);
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
