//! The exponents of write times have one source, the reference run `cost`: what the page on speed says of them is
//! what the program says.

use crate::scratch::{ONE_FIGURE, Scratch};
use std::collections::BTreeMap;
use std::path::Path;

#[test]
fn the_page_on_speed_quotes_the_exponents_of_the_reference_run() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let results = top.join("../results/reference");
    let scratch = Scratch::new(ONE_FIGURE);
    let said = scratch.succeed(&["claims", "cost", "--json", "--results", results.to_str().unwrap()]).json();
    let tests = said[0]["parts"][0]["tests"].as_array().unwrap();
    let test = tests.iter().find(|test| test["kind"] == "write-time").unwrap();
    let subject = "TRN, HOP start, 30 epochs";
    let exponents = |quantity: &str| -> BTreeMap<String, String> {
        let rows = test["rows"].as_array().unwrap().iter();
        let of_protocol = |row: &serde_json::Value| {
            let number = |key: &str| row[key].as_f64().unwrap();
            let label = row["against"].as_str().unwrap_or(subject).to_owned();
            (label, format!("{:.2} [{:.2} {:.2}]", number("subject"), number("low"), number("high")))
        };
        rows.filter(|row| row["quantity"] == quantity && row["role"] == "map").map(of_protocol).collect()
    };
    let (lines, beyond) = (exponents("exponent"), exponents("exponent beyond a fixed cost"));
    let due: Vec<String> =
        lines.iter().map(|(label, line)| format!("| {label} | {line} | {} |", beyond[label])).collect();
    assert_eq!(due.len(), 9, "one a protocol");
    let page = std::fs::read_to_string(top.join("docs/speed.md")).unwrap();
    for line in &due {
        assert!(
            page.contains(line.as_str()),
            "harness/docs/speed.md, Growth with N, should have:\n{}",
            due.join("\n")
        );
    }
}
