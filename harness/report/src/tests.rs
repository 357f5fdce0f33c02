//! These tests check the page. What is hostile stays text, what failed is seen, and the same records give the
//! same bytes.

use super::packed::unpacked;
use super::*;
use crate::verdict;
use analysis::summary::Estimate;
use protocols::Source;
use protocols::probe::Recovery;
use std::path::Path;
use store::RunFolder;
use store::runs::{Run, StoredRun};
use study::definition::Definition;
use study::measure::Measure;
use study::record::sample::{coordinates, figures, memory, recall, without_figures};
use study::record::{Coordinates, MemoryFigures, Recall, Status};

/// Returns an estimate to make tests from.
pub(crate) fn estimate(protocol: &str) -> Estimate {
    Estimate {
        protocol: protocol.to_owned(),
        parameters: "{}".to_owned(),
        source: Source::Random,
        n: 64,
        m: 5,
        load: 5.0 / 64.0,
        dynamics: None,
        flips: None,
        measure: Measure::FixedPoints,
        value: Some(0.5),
        low: Some(0.4),
        high: Some(0.6),
        trials: 3,
        failed: 0,
        status: Status::Ok,
    }
}

/// A name that would break out of markup, attributes, scripts and JSON, were it let.
const HOSTILE: &str = "</script><img src=x onerror='alert(1)'>\"&amp;";

/// A definition of two protocols, the second with the label `label`, one figure and one claim.
fn definition(label: &str) -> Definition {
    let label = label.replace('\\', "\\\\").replace('"', "\\\"");
    let text = format!(
        r#"
question = "Which of {label}?"
analysis = "First.\n\nSecond."
[protocols]
HOP = {{ hop = {{}} }}
"{label}" = {{ pse = {{}} }}
[grid]
n = [64]
m = [5, 20]
flips = [6]
trials = 3
queries = 100
[[figure]]
name = "load"
kind = "load"
measure = "recovered"
[[claim]]
id = "C3"
statement = "PSE has a larger capacity than HOP."
source = "nobody"
figure = "load"
analysis = "By the load at which half are recovered."
[[claim.test]]
[claim.test.capacity]
name = "half"
subject = "{label}"
rivals = ["HOP"]
measure = "recovered"
levels = [0.5]
region = {{ sources = ["random"] }}
"#
    );
    Definition::parse("test", Path::new("test.toml"), &text).unwrap_or_else(|error| panic!("{error}"))
}

/// HOP recovers all at M = 5 and none at M = 20; the protocol `label` recovers all at M = 5 and fails at M =
/// 20, once by a reason that is as hostile as the label may be.
fn stored(label: &str) -> StoredRun {
    let mut stored = StoredRun::default();
    for (protocol, m) in [("HOP", 5), ("HOP", 20), (label, 5), (label, 20)] {
        for trial in 0..3 {
            let cell = format!("{protocol}-{m}-{trial}");
            let at = Coordinates { trial, ..coordinates(&cell, protocol, m) };
            let records = &mut stored.records;
            if protocol != "HOP" && m == 20 {
                records.memories.push(without_figures(at, Status::Panic, HOSTILE));
                continue;
            }
            records.memories.push(memory(at.clone(), MemoryFigures { fixed: Some(m), ..figures() }));
            let recovered = if m == 5 { 100 } else { 0 };
            let reads = Recovery { recovered, ..recall(at.clone()).reads };
            records.recalls.push(Recall { reads, ..recall(at) });
        }
    }
    stored
}

/// The page on what is `stored` of the definition with that label.
fn page(label: &str, stored: &StoredRun) -> String {
    let folder = Some(RunFolder::new("results/test"));
    let run = Run { definition: definition(label), swept: "test.toml".to_owned(), folder };
    let root = Path::new("results");
    let (one, parts) = (RunReport::of(&run, stored, root), verdict::parts(&run, stored, root));
    let stage = Playground::of("test", &run.definition);
    let report = ReportPage {
        claims: Claim::together(parts),
        runs: vec![&one],
        stage: stage.as_ref(),
        problems: vec![HOSTILE.to_owned()],
        command: "harness report test".to_owned(),
        served: None,
    };
    report.html().unwrap()
}

/// What is between two marks.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let start = text.find(from).unwrap_or_else(|| panic!("no {from}")) + from.len();
    &text[start..start + text[start..].find(to).unwrap_or_else(|| panic!("no {to}"))]
}

/// A text that is packed in the page.
fn pack(html: &str, anchor: &str) -> String {
    unpacked(between(html, &format!("<script type=\"text/plain\" id=\"{anchor}\">"), "</script>"))
}

/// The section of figures of the run, which is packed.
fn figures_of(html: &str) -> String {
    let figures: serde_json::Value = serde_json::from_str(&pack(html, "figures-test")).unwrap();
    figures["html"].as_str().unwrap().to_owned()
}

#[test]
fn hostile_names_stay_text() {
    let html = page(HOSTILE, &stored(HOSTILE));
    assert!(!html.contains("<img"), "no element comes of a label, a reason or a question");
    assert_eq!(html.matches("</script>").count(), 4, "the page's own scripts end, and nothing else");
    assert!(!figures_of(&html).contains("<img"), "nor of what is packed");
    let data: serde_json::Value = serde_json::from_str(&pack(&html, "data")).unwrap();
    let labels = &data["runs"][0]["explorer"]["protocols"];
    assert!(labels.as_array().unwrap().iter().any(|look| look["label"] == HOSTILE));
}

#[test]
fn failures_are_listed_with_their_number_and_reason() {
    let html = page("PSE", &stored("PSE"));
    let table = between(&html, "class=\"sortable failures\"", "</table>");
    assert!(table.contains("<td>panic</td><th scope=\"row\">PSE</th>"), "{table}");
    assert!(table.contains("<td class=\"number\">20</td><td class=\"number\">3</td>"), "{table}");
    assert!(html.contains("<strong class=\"bad\">3 failed</strong>"));
}

#[test]
fn the_same_records_give_the_same_bytes() {
    assert_eq!(page("PSE", &stored("PSE")), page("PSE", &stored("PSE")));
}

#[test]
fn a_run_that_has_just_begun_has_a_page() {
    let html = page("PSE", &StoredRun::default());
    assert!(html.contains(">0</a> of 12 cells have numbers"));
    assert!(figures_of(&html).contains("The figure load is not drawn"));
    let verdict = between(&html, "<tr data-claim=\"C3\"", "</tr>");
    assert!(verdict.contains("Undecided"), "{verdict}");
}

#[test]
fn a_report_on_nothing_says_what_to_do() {
    let report = ReportPage {
        claims: vec![],
        runs: vec![],
        stage: None,
        problems: vec![],
        command: "report".to_owned(),
        served: None,
    };
    assert!(report.html().unwrap().contains("There is no run to report on yet"));
}

#[test]
fn a_figure_brings_the_numbers_behind_it() {
    let figures: serde_json::Value =
        serde_json::from_str(&pack(&page("PSE", &stored("PSE")), "figures-test")).unwrap();
    let csv = figures["csv"]["figure-test-load"].as_str().unwrap();
    assert!(csv.lines().next().unwrap().contains("protocol") && csv.contains("HOP"), "{csv}");
}

#[test]
fn nothing_is_fetched() {
    let html = page("PSE", &stored("PSE"));
    assert!(html.contains("connect-src 'none'"));
    for forbidden in ["src=\"http", "href=\"http", "url(http", "@import"] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
}
