//! Figures of the queries that training needs are drawn from made-up numbers.

use crate::context::Context;
use crate::draw;
use crate::drawn::Drawn;
use crate::error::FigureError;
use analysis::claim::{Bearing, EvidenceRow, KStar, Lacking, Role};
use protocols::Source;
use protocols::reading::Reader;
use stats::fit_growth;
use study::claim::{At, ClaimForm, Growth, QueriesNeeded, Region};
use study::figure::{FigureKind, FigureSpec};
use study::measure::Measure;

const N: [u32; 6] = [16, 24, 32, 48, 64, 96];

/// K* = 2 N, with an interval of a tenth on both sides; unknown at the sizes from `known` on.
fn found(known: usize) -> KStar {
    let region = Region { dynamics: Some(vec![Reader::Sync]), noise: Some(vec![0.1]), ..Region::default() };
    let test = QueriesNeeded {
        name: "test".to_owned(),
        decides: true,
        form: ClaimForm::Paper,
        subject: "TRN, fixed".to_owned(),
        plateau: "TRN, fresh".to_owned(),
        within: 0.02,
        measure: Measure::Recovered,
        region,
        growth: Growth::default(),
    };
    let row = |(i, n): (usize, u32)| {
        let value = (i < known).then_some(2.0 * f64::from(n));
        let at = At { source: Source::Random, dynamics: None, n, m: None, flips: None };
        EvidenceRow {
            role: Role::Map,
            quantity: "K*".to_owned(),
            against: None,
            at,
            trials: 7,
            subject: value,
            rival: None,
            effect: None,
            low: value.map(|k| 0.9 * k),
            high: value.map(|k| 1.1 * k),
            p: None,
            outcome: Bearing::Open,
            note: value.is_none().then(|| format!("at N = {n} K = 128 falls short")),
            lacking: Lacking::default(),
        }
    };
    let n = N.map(f64::from);
    let fit = (known == N.len()).then(|| fit_growth(&n, &n.map(|n| 2.0 * n), 0.95)).flatten();
    KStar { test, sizes: N.into_iter().enumerate().map(row).collect(), fit }
}

fn drawn(k_stars: &[KStar]) -> Result<Vec<Drawn>, FigureError> {
    let spec = FigureSpec::new("needed", FigureKind::QueriesNeeded);
    draw(&spec, &[], &Context { k_stars, ..Context::new("queries") })
}

#[test]
fn numbers_and_both_laws_are_shown_and_told() {
    let page = drawn(&[found(6)]).unwrap().remove(0);
    for text in [
        "K* of TRN, fixed",
        "power law: exponent 1.00 (1.00 to 1.00)",
        "as N, for comparison",
        "units N",
        "K* (fixed queries a message)",
    ] {
        assert!(page.svg.contains(text), "{text}");
    }
    // A tick at every size.
    assert!(N.iter().all(|n| page.svg.contains(&format!(">\n{n}\n"))), "{}", page.svg);
    assert!(
        page.finding.contains("needs 32 queries a message at N = 16 and 192 at N = 96"),
        "{}",
        page.finding
    );
    let rows: Vec<&str> = page.csv.lines().collect();
    assert_eq!(rows.len(), 1 + 6 + 4);
    assert_eq!(rows[1], "random,\"TRN, fixed\",\"TRN, fresh\",recovered,0.02,K*,16,32,28.8,35.2,7,");
    assert!(
        rows[7].contains("exponent of the power law,,1,") || rows[7].contains(",,0.99999"),
        "{}",
        rows[7]
    );
    assert_eq!(&page.png().unwrap()[1..4], b"PNG");
}

#[test]
fn unknown_numbers_are_crosses_without_laws_and_nothing_is_an_error() {
    let page = drawn(&[found(4)]).unwrap().remove(0);
    assert!(page.svg.contains("K* beyond the K that were run") && !page.svg.contains("power law:"));
    assert!(page.csv.contains("at N = 96 K = 128 falls short"), "{}", page.csv);
    for none in [drawn(&[]), drawn(&[found(0)])] {
        assert!(matches!(none, Err(FigureError::NoQueries { .. })), "{none:?}");
    }
}
