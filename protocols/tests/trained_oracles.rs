//! TRN-SOFT, the starts of TRN, and the diagonal of another rule are held against an independent program.
//!
//! What is expected was computed by `scripts/golden/trained_rules.py` with numpy 2.4.6 and scipy 1.17.1. Steps on given
//! queries are tested beside the code (`protocol::trn::soft::tests`); here whole writes are, by parameters alone.

use protocols::protocol::{
    Cost, Diagonal, DiagonalValue, Hop, Margin, MarginLoss, Mcf, Pse, Schedule, Spec, Start, Trn, TrnSoft,
};
use protocols::{Patterns, Protocol, Stream, Weights};
use serde_json::Value;
use std::num::NonZeroU32;

fn golden(key: &str) -> Vec<Value> {
    let text = include_str!("golden/trained_rules.json");
    serde_json::from_str::<Value>(text).unwrap()[key].as_array().unwrap().clone()
}

fn whole(case: &Value, key: &str) -> u32 {
    case[key].as_u64().unwrap() as u32
}

fn number(case: &Value, key: &str) -> f64 {
    case[key].as_f64().unwrap()
}

fn numbers(case: &Value, key: &str) -> Vec<f64> {
    case[key].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

/// The messages of a case: the top bits of splitmix64.
fn given(case: &Value) -> Patterns {
    let (seed, m, n) = (u64::from(whole(case, "seed")), whole(case, "m"), whole(case, "n"));
    let sign = |k: u64| {
        let z = k.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(seed);
        let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        1 - 2 * ((z ^ (z >> 31)) >> 63) as i8
    };
    Patterns::new(n as usize, (1..=u64::from(m * n)).map(sign).collect()).unwrap()
}

fn write(rule: &dyn Protocol, messages: &Patterns) -> protocols::Written {
    rule.write(messages, &mut Stream::named(7, "trained-oracle", &[])).unwrap()
}

/// W by rows.
fn entries(weights: &Weights) -> Vec<f64> {
    let (n, w) = (weights.n(), weights.matrix());
    (0..n * n).map(|k| f64::from(w[(k / n, k % n)])).collect()
}

fn assert_near(found: &[f64], expected: &[f64], most: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (k, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= most, "{what}, entry {k}: {a} against {b}");
    }
}

fn margin(case: &Value) -> Margin {
    Margin {
        loss: if case["phi"] == "logistic" { MarginLoss::Logistic } else { MarginLoss::Exponential },
        l2: number(case, "l2").try_into().unwrap(),
        thresholds: case["thresholds"].as_bool().unwrap(),
        gradient_tolerance: 1e-7.try_into().unwrap(),
        ..Margin::default()
    }
}

fn mcf(case: &Value) -> Mcf {
    Mcf {
        noise: number(case, "noise").try_into().unwrap(),
        l2: number(case, "l2").try_into().unwrap(),
        thresholds: case["thresholds"].as_bool().unwrap(),
        gradient_tolerance: 1e-7.try_into().unwrap(),
        ..Mcf::default()
    }
}

#[test]
fn training_starts_at_the_minimum_of_its_rule() {
    let cases = golden("starts");
    assert_eq!(cases.len(), 4);
    for case in cases {
        let start = if case["rule"] == "mcf" { Start::Mcf(mcf(&case)) } else { Start::Margin(margin(&case)) };
        let start_diagonal = number(&case, "diagonal").try_into().unwrap();
        let thresholds = case["thresholds"].as_bool().unwrap();
        // Without epochs the start is what is written.
        let trn = Trn { epochs: 0, start, start_diagonal, thresholds, ..Trn::default() };
        let weights = write(&trn, &given(&case)).weights;
        let what = format!("{case}");
        assert_near(&entries(&weights), &numbers(&case, "w"), 2e-5, &what);
        let b: Vec<f64> = weights
            .thresholds()
            .map_or(vec![0.0; weights.n()], |b| b.iter().map(|&b| f64::from(b)).collect());
        assert_near(&b, &numbers(&case, "b"), 5e-5, &what);
    }
}

#[test]
fn whole_trainings_through_the_soft_reader_end_where_they_should() {
    let cases = golden("whole_trainings");
    assert_eq!(cases.len(), 2);
    for case in cases {
        // Every query is its message, whatever is drawn.
        let soft = TrnSoft {
            steps: NonZeroU32::new(whole(&case, "steps")).unwrap(),
            beta: number(&case, "beta").try_into().unwrap(),
            damping: number(&case, "damping").try_into().unwrap(),
            lambda: number(&case, "lambda").try_into().unwrap(),
            queries: NonZeroU32::MIN,
            noise: 0.0.try_into().unwrap(),
            epochs: whole(&case, "epochs"),
            batch: 0,
            learning_rate: number(&case, "rate").try_into().unwrap(),
            schedule: if case["schedule"] == "cosine" { Schedule::Cosine } else { Schedule::Constant },
            start: Start::Margin(margin(&case)),
            cost: if case["cost"] == "squared" { Cost::Squared } else { Cost::CrossEntropy },
            ..TrnSoft::default()
        };
        let written = write(&soft, &given(&case));
        assert_near(&entries(&written.weights), &numbers(&case, "w"), 2e-4, &format!("{case}"));
        let (loss, expected) = (written.report.objective.unwrap(), number(&case, "value"));
        assert!((loss / expected - 1.0).abs() < 1e-3, "{loss} against {expected}");
    }
}

#[test]
fn a_set_diagonal_is_as_long_as_it_says() {
    let cases = golden("diagonals");
    assert_eq!(cases.len(), 6);
    for case in cases {
        let rule = if case["rule"] == "pse" { Spec::from(Pse::default()) } else { Hop::default().into() };
        let value = DiagonalValue::Scalar(number(&case, "c").try_into().unwrap());
        let weights = write(&Diagonal { rule: rule.try_into().unwrap(), value }, &given(&case)).weights;
        // The scale of W is no matter, and not that of the other program.
        let mean = weights.row_lengths().iter().sum::<f64>() / weights.n() as f64;
        let found: Vec<f64> = entries(&weights).iter().map(|w| w / mean).collect();
        assert_near(&found, &numbers(&case, "w"), 1e-6, &format!("{case}"));
    }
}
