//! These tests check the rule on records made by hand, and what it does to coverage.

use super::*;
use crate::summary::summarise;
use protocols::Stream;
use protocols::probe::Recovery;
use stats::wilson;
use std::path::Path;
use study::definition::Definition;
use study::measure::Measure;
use study::plan::plan;
use study::record::sample::{recall, without_figures};
use study::record::{Recall, Status};
use study::stopping::Stopping;

const TEXT: &str = r#"
question = "How many trials are enough?"
analysis = "As many as the rule says."
probes = ["recovery"]
[protocols]
HOP = { hop = {} }
PSE = { pse = {} }
[grid]
n = [64]
m = [8, 16]
flips = [6]
trials = 40
queries = 50
[read]
dynamics = ["sync"]
[sequential]
measure = "recovered"
width = 0.2
looks = [5, 10, 20]
"#;

const QUERIES: u32 = 50;

fn parsed(text: &str) -> (StoppingRule, Vec<Cell>) {
    let definition =
        Definition::parse("test", Path::new("test.toml"), text).unwrap_or_else(|error| panic!("{error}"));
    (definition.sequential.clone().expect("it has a rule"), plan(&definition))
}

/// The records of `cells`, each with what `recovered` gives of 50 queries; none fails where it gives none.
fn records<'a>(
    cells: impl IntoIterator<Item = &'a Cell>,
    mut recovered: impl FnMut(&Cell) -> Option<u32>,
) -> Records {
    let mut records = Records::default();
    for cell in cells {
        let at = cell.coordinates();
        let recovered = recovered(cell);
        records.recalls.extend(recovered.map(|recovered| Recall {
            reads: Recovery {
                queries: QUERIES,
                recovered,
                spurious: QUERIES - recovered,
                ..Recovery::default()
            },
            ..recall(at.clone())
        }));
        let status = if recovered.is_some() { Status::Ok } else { Status::Diverged };
        records.memories.push(without_figures(at, status, ""));
    }
    records
}

/// Trials that agree at M = 8 and differ at M = 16.
fn mixed(cell: &Cell) -> Option<u32> {
    Some(if cell.m == 8 { 40 + cell.trial % 2 } else { 50 * (cell.trial % 2) })
}

#[test]
fn a_size_goes_on_until_its_widest_interval_is_narrow() {
    let (rule, cells) = parsed(TEXT);
    let found = stage(&rule, &cells, &records(&cells, mixed));
    assert!(found.complete);
    let stops: Vec<_> = found.stops.iter().map(|s| (s.m, s.looks, s.trials, s.narrow)).collect();
    // Fair coins need about (2 z/width)^2 / 4 = 156 trials at z = 2.5.
    assert_eq!(stops, [(8, 1, 5, true), (16, 4, 40, false)]);
    assert!(found.stops[0].width < Some(0.2) && found.stops[1].width > Some(0.2));
    assert_eq!(found.due.len(), 2 * 5 + 2 * 40);
    // One protocol that needs more takes the other along: their trials stay pairs.
    let found = stage(
        &rule,
        &cells,
        &records(&cells, |cell| match cell.label.as_str() {
            "HOP" => Some(40 + cell.trial % 3),
            _ => mixed(cell),
        }),
    );
    assert_eq!(found.stops.iter().map(|stop| stop.trials).collect::<Vec<_>>(), [5, 40]);
    assert_eq!(found.due.len(), 2 * 5 + 2 * 40);
}

#[test]
fn cells_come_look_by_look_and_end_where_all_at_once_would() {
    let (rule, cells) = parsed(TEXT);
    let all = stage(&rule, &cells, &records(&cells, mixed));
    let (mut done, mut rounds): (Vec<Cell>, Vec<usize>) = (Vec::new(), Vec::new());
    let grown = loop {
        let found = stage(&rule, &cells, &records(&done, mixed));
        if found.complete {
            break found;
        }
        assert!(found.due.len() > done.len(), "there is something to run until it is complete");
        done = found.due;
        rounds.push(done.len());
    };
    assert_eq!(rounds, [20, 30, 50, 90]);
    assert_eq!(grown, all, "what is stored beyond a look changes nothing");
    // An interrupted round: what is due stays due.
    let part = stage(&rule, &cells, &records(&done[..7], mixed));
    assert!(!part.complete && part.due.len() == 20);
}

#[test]
fn the_order_of_the_records_changes_nothing() {
    let (rule, cells) = parsed(TEXT);
    let varied = |cell: &Cell| Some((cell.trial * 17 + cell.m * 5) % 51);
    let whole = stage(&rule, &cells, &records(&cells, varied));
    let mut backwards = records(&cells, varied);
    backwards.memories.reverse();
    backwards.recalls.reverse();
    assert_eq!(stage(&rule, &cells, &backwards), whole);
}

#[test]
fn the_outcome_says_which_sizes_stayed_wide() {
    let (rule, cells) = parsed(TEXT);
    let stops = stage(&rule, &cells, &records(&cells, mixed)).stops;
    let text = Stopping { rule, stops }.text();
    assert!(
        text.contains("98.75 %") && text.contains("4 looks") && text.contains("1 sizes after 5 trials"),
        "{text}"
    );
    assert!(text.contains("M = 16 after all 40 trials: still"), "{text}");
}

#[test]
fn failed_trials_drop_out_and_a_protocol_without_numbers_waits_for_nobody() {
    let (rule, cells) = parsed(TEXT);
    let found = stage(&rule, &cells, &records(&cells, |cell| (cell.label == "HOP").then_some(40)));
    assert!(found.stops.iter().all(|stop| stop.narrow));
    let found = stage(&rule, &cells, &records(&cells, |_| None));
    assert!(found.stops.iter().all(|stop| (stop.looks, stop.width) == (1, None)));
    // One number of five: the interval is all that is possible, so it goes on.
    let found = stage(&rule, &cells, &records(&cells, |cell| (cell.trial % 5 == 0).then_some(40)));
    assert!(found.stops.iter().all(|stop| stop.trials > 5), "{:?}", found.stops);
}

/// How a rule uses its looks.
#[derive(Clone, Copy)]
enum Confidence {
    /// As it is: corrected for the looks.
    Corrected,
    /// Every look at plain 95 %, as if it were the only one.
    Plain,
}

/// Coverage of the interval that is reported where the rule stops, over message sets of uniform difficulty.
fn coverage(confidence: Confidence, simulations: u32) -> f64 {
    /// A trial recovers each query with a probability between 0.6 and 1.
    const TRUTH: f64 = 0.8;
    let text = TEXT
        .replace("[5, 10, 20]", "[10, 15, 20, 30]")
        .replace("width = 0.2", "width = 0.12")
        .replace("PSE = { pse = {} }\n", "")
        .replace("m = [8, 16]", "m = [8]");
    let (rule, cells) = parsed(&text);
    let single = StoppingRule { looks: Vec::new(), ..rule.clone() };
    let mut stream = Stream::named(1, "sequential coverage", &[]);
    let covered = (0..simulations).filter(|_| {
        let all = records(&cells, |_| {
            let p = 0.6 + 0.4 * stream.unit();
            Some((0..QUERIES).filter(|_| stream.unit() < p).count() as u32)
        });
        let (trials, confidence) = match confidence {
            Confidence::Corrected => (stage(&rule, &cells, &all).stops[0].trials, rule.confidence()),
            Confidence::Plain => {
                let narrow = |trials: &u32| {
                    let first = cells.iter().filter(|cell| cell.trial < *trials).cloned().collect::<Vec<_>>();
                    stage(&single, &first, &all).stops[0].narrow
                };
                ([10, 15, 20, 30].into_iter().find(narrow).unwrap_or(40), single.confidence())
            }
        };
        let recalls = all.recalls.into_iter().filter(|r| r.at.trial < trials).collect();
        let reported = Records { recalls, confidence, ..Records::default() };
        let estimate = &summarise_measure(&reported, rule.measure)[0];
        estimate.low.unwrap() <= TRUTH && TRUTH <= estimate.high.unwrap()
    });
    covered.count() as f64 / f64::from(simulations)
}

#[test]
fn the_reported_interval_covers_wherever_the_rule_stops() {
    let (corrected, plain) = (coverage(Confidence::Corrected, 400), coverage(Confidence::Plain, 400));
    println!("coverage at 95 %: corrected {corrected}, plain {plain}");
    assert!(corrected >= 0.95, "{corrected}");
    assert!(plain < 0.95, "{plain}: looks at plain 95 % would do, and this test shows nothing");
}

#[test]
fn the_confidence_is_bonferronis_and_every_table_uses_it() {
    let (rule, cells) = parsed(TEXT);
    assert!((rule.confidence() - 0.9875).abs() < 1e-12);
    let mut all = records(cells.iter().filter(|cell| cell.m == 8 && cell.label == "HOP"), |_| Some(QUERIES));
    all.confidence = rule.confidence();
    let estimate = summarise(&all).into_iter().find(|e| e.measure == Measure::Recovered).unwrap();
    // All of 40 trials recovered, 8 messages each.
    assert_eq!(estimate.low, Some(wilson(320, 320, 0.9875).low));
}
