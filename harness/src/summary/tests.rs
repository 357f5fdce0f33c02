//! Failures among the trials, counted and kept out of the numbers.

use super::*;
use crate::record::MemoryFigures;

const N: u32 = 64;

fn at(protocol: &str, m: u32, trial: u32) -> Coordinates {
    let (protocol, parameters) = (protocol.to_owned(), protocol.to_owned());
    Coordinates {
        cell: format!("{protocol}-{m}-{trial}"),
        protocol,
        parameters,
        source: Source::Random,
        n: N,
        m,
        trial,
    }
}

/// A cell with one read condition, of which all messages are fixed and half of the queries recovered.
fn well(records: &mut Records, at: Coordinates, flips: u32) {
    let figures = MemoryFigures {
        iterations: 0,
        evaluations: 0,
        objective: None,
        stop: "closed form".to_owned(),
        rank: None,
        fixed: Some(at.m),
        wrong_bits: None,
        tied_bits: None,
        margin_min: None,
        margin_mean: None,
        asymmetry: None,
        diagonal_ratio: None,
        strict_minima: None,
        energy_flips: None,
        energy_rises: None,
    };
    let memory =
        Memory { at: at.clone(), status: Status::Ok, message: String::new(), figures: Some(figures) };
    records.memories.push(memory);
    records.recalls.push(Recall {
        at: at.clone(),
        dynamics: Dynamics::Sync,
        flips,
        queries: 10,
        recovered_first: 0,
        checkpoint: 5,
        recovered_checkpoint: 0,
        recovered: 5,
        negative: 0,
        other_message: 0,
        spurious: 5,
        cycle: 0,
        unsettled: 0,
        longest_cycle: 0,
        overlap_sum: 8.0,
        steps_sum: 10,
        ties: 0,
    });
    records.timings.push(timing(at, 2.0));
}

fn ill(records: &mut Records, at: Coordinates, status: Status) {
    records.memories.push(Memory { at: at.clone(), status, message: "why".to_owned(), figures: None });
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
