//! Rules told by stabilities, and equilibrium propagation, against an independent program and known limits.
//!
//! What is expected was computed by `scripts/golden/optimised_rules.py` with numpy 2.4.6 and scipy 1.17.1.

use protocols::protocol::{
    EquilibriumPropagation, Hop, LargestStability, OptimalNoise, Perceptron, Symmetry,
};
use protocols::{Patterns, Protocol, Stop, Stream, Weights, Written, probe};
use serde_json::Value;
use std::num::NonZeroU32;

fn golden(rule: &str) -> Value {
    let text = include_str!("golden/optimised_rules.json");
    serde_json::from_str::<Value>(text).unwrap()[rule].take()
}

fn whole(value: &Value, key: &str) -> usize {
    value[key].as_u64().unwrap() as usize
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

/// The top bits of splitmix64.
fn signs(seed: u64, m: usize, n: usize) -> Patterns {
    let sign = |k: u64| {
        let z = k.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(seed);
        let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        1 - 2 * ((z ^ (z >> 31)) >> 63) as i8
    };
    Patterns::new(n, (1..=(m * n) as u64).map(sign).collect()).unwrap()
}

/// The messages of a golden case.
fn given(case: &Value) -> Patterns {
    signs(whole(case, "seed") as u64, whole(case, "m"), whole(case, "n"))
}

fn messages(n: usize, m: usize, trial: u64) -> Patterns {
    let axes = [("n", n as u64), ("m", m as u64), ("trial", trial)];
    Patterns::random(n, m, &mut Stream::named(7, "oracle", &axes))
}

fn write(protocol: &dyn Protocol, messages: &Patterns) -> Written {
    protocol.write(messages, &mut Stream::named(7, "oracle-training", &[])).unwrap()
}

/// W by rows.
fn entries(weights: &Weights) -> Vec<f64> {
    let (n, w) = (weights.n(), weights.matrix());
    (0..n * n).map(|k| f64::from(w[(k / n, k % n)])).collect()
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// The smallest stability of every row.
fn row_stabilities(weights: &Weights, messages: &Patterns) -> Vec<f64> {
    let (n, all) = (messages.n(), probe::margins(weights, messages).unwrap());
    (0..n).map(|i| all.iter().skip(i).step_by(n).copied().fold(f64::INFINITY, f64::min)).collect()
}

/// The cosine of the angle between row i of two matrices, the smallest.
fn least_cosine(a: &Weights, b: &Weights) -> f64 {
    let (n, a, b) = (a.n(), a.matrix(), b.matrix());
    let cosine = |i: usize| {
        let product: f64 = (0..n).map(|j| f64::from(a[(i, j)]) * f64::from(b[(i, j)])).sum();
        product / f64::from(a.row(i).norm_l2()) / f64::from(b.row(i).norm_l2())
    };
    (0..n).map(cosine).fold(1.0, f64::min)
}

#[test]
fn stability_is_the_largest_in_every_row() {
    for (case, gardner) in golden("stability").as_array().unwrap().iter().zip([1.736, 1.034, 0.471]) {
        let (m, n) = (whole(case, "m"), whole(case, "n"));
        let messages = signs(m as u64, m, n);
        let written = write(&LargestStability::default(), &messages);
        assert_eq!(written.report.stop, Stop::GradientTolerance);
        let found = row_stabilities(&written.weights, &messages);
        let exact = numbers(&case["kappa"]);
        for (i, (found, exact)) in found.iter().zip(&exact).enumerate() {
            // At least what the tolerance says, and no more than there is, but for the file's digits.
            assert!(
                *found > exact * (1.0 - 2e-3) && *found < exact + 2e-5,
                "row {i}: {found} against {exact}"
            );
        }
        let smallest = found.iter().copied().fold(f64::INFINITY, f64::min);
        assert!((written.report.objective.unwrap() - smallest).abs() < 1e-9);
        // The deviation between rows is about .1 at every load; six of a mean of 256.
        let mean = found.iter().sum::<f64>() / n as f64;
        assert!((mean - gardner).abs() < 0.04, "load {}: {mean} against {gardner}", m as f64 / n as f64);
    }
}

#[test]
fn symmetric_stability_is_the_joint_optimum() {
    let case = golden("symmetric_stability");
    let tolerance = 1e-5.try_into().unwrap();
    let rule = LargestStability { symmetry: Symmetry::Symmetric, tolerance, ..LargestStability::default() };
    let written = write(&rule, &given(&case));
    assert_eq!(written.report.stop, Stop::GradientTolerance);
    let off = largest_difference(&entries(&written.weights), &numbers(&case["w"]));
    assert!(off < 2e-4, "{off}");
    // At a size that has more than one block of everything.
    let messages = messages(130, 60, 0);
    let structure = probe::structure(&write(&rule, &messages).weights, &messages);
    assert_eq!((structure.asymmetry, structure.diagonal_ratio, structure.strict_minima), (0.0, 0.0, 60));
}

#[test]
fn what_no_weights_separate_is_said_to_be_so() {
    for symmetry in [Symmetry::Free, Symmetry::Symmetric] {
        let rule = LargestStability { symmetry, ..LargestStability::default() };
        // A unit that must and must not agree with the only other one; and 96 messages of 16 units.
        for messages in [Patterns::new(2, vec![1, 1, 1, -1]).unwrap(), messages(16, 96, 0)] {
            let written = write(&rule, &messages);
            assert_eq!(written.report.stop, Stop::NotSeparable, "{symmetry:?}, {} units", messages.n());
            assert!(entries(&written.weights).iter().all(|w| w.is_finite()));
        }
    }
    let few = LargestStability { max_sweeps: 3, ..LargestStability::default() };
    assert_eq!(write(&few, &messages(64, 32, 0)).report.stop, Stop::MaxIterations);
}

#[test]
fn perceptron_is_its_definition_bit_by_bit() {
    let case = golden("perceptron");
    let margin = case["margin"].as_f64().unwrap().try_into().unwrap();
    for (name, symmetry) in [("free", Symmetry::Free), ("symmetric", Symmetry::Symmetric)] {
        let written = write(&Perceptron { margin, symmetry, ..Perceptron::default() }, &given(&case));
        let nw: Vec<f64> =
            entries(&written.weights).iter().map(|w| (w * whole(&case, "n") as f64).round()).collect();
        assert_eq!(nw, numbers(&case[name]["nw"]), "{name}");
        assert_eq!(written.report.iterations, whole(&case[name], "sweeps") as u64, "{name}");
    }
}

#[test]
fn perceptron_ends_where_all_have_the_margin_and_only_there() {
    let messages = messages(64, 24, 0);
    let largest = write(&LargestStability::default(), &messages).report.objective.unwrap();
    for symmetry in [Symmetry::Free, Symmetry::Symmetric] {
        for share in [0.0, 0.5, 0.8] {
            let margin = (share * largest).try_into().unwrap();
            let written = write(&Perceptron { margin, symmetry, ..Perceptron::default() }, &messages);
            assert_eq!(written.report.stop, Stop::Learned, "{symmetry:?}, {share}");
            let found = written.report.objective.unwrap();
            assert!(found > share * largest, "{symmetry:?}: {found} of {largest}");
            assert_eq!(probe::structure(&written.weights, &messages).diagonal_ratio, 0.0);
        }
        let margin = (1.05 * largest).try_into().unwrap();
        let beyond = Perceptron { margin, symmetry, max_sweeps: 200 };
        assert_eq!(write(&beyond, &messages).report.stop, Stop::MaxIterations, "{symmetry:?}");
    }
}

#[test]
fn optimal_noise_finds_the_optimum_of_an_independent_solver() {
    let case = golden("optimal_noise");
    let noise = case["q"].as_f64().unwrap().try_into().unwrap();
    let tolerance = 1e-7.try_into().unwrap();
    let rule = OptimalNoise { noise, gradient_tolerance: tolerance, ..OptimalNoise::default() };
    let written = write(&rule, &given(&case));
    let (found, expected) = (written.report.objective.unwrap(), case["wrong_bits"].as_f64().unwrap());
    assert!((found / expected - 1.0).abs() < 1e-5, "{found} against {expected}");
    let off = largest_difference(&entries(&written.weights), &numbers(&case["w"]));
    assert!(off < 1e-3, "{off}");
}

#[test]
fn optimal_noise_goes_from_largest_stability_to_the_outer_product() {
    let messages = messages(100, 40, 0);
    let at = |q: f64| {
        let gradient_tolerance = 1e-7.try_into().unwrap();
        let noise = q.try_into().unwrap();
        write(&OptimalNoise { noise, gradient_tolerance, ..OptimalNoise::default() }, &messages).weights
    };
    let (stable, hop) =
        (write(&LargestStability::default(), &messages).weights, write(&Hop::default(), &messages).weights);
    let cosine = least_cosine(&at(0.499), &hop);
    assert!(cosine > 0.9999, "to HOP: {cosine}");
    let cosine = least_cosine(&at(0.001), &stable);
    assert!(cosine > 0.9999, "to the largest stability: {cosine}");
    // Between them it is neither.
    let between = at(0.1);
    assert!(least_cosine(&between, &hop) < 0.95 && least_cosine(&between, &stable) < 0.99);
}

#[test]
fn equilibrium_propagation_is_its_definition() {
    let case = golden("equilibrium_propagation");
    let number = |key: &str| case[key].as_f64().unwrap();
    let rule = EquilibriumPropagation {
        beta: number("beta").try_into().unwrap(),
        rate: number("rate").try_into().unwrap(),
        hold: number("hold").try_into().unwrap(),
        relaxations: NonZeroU32::new(whole(&case, "relaxations") as u32).unwrap(),
        epochs: whole(&case, "epochs") as u32,
        noise: 0.0.try_into().unwrap(),
        ..EquilibriumPropagation::default()
    };
    let written = write(&rule, &given(&case));
    let off = largest_difference(&entries(&written.weights), &numbers(&case["w"]));
    assert!(off < 2e-5, "{off}");
    let messages = messages(64, 20, 0);
    let structure =
        probe::structure(&write(&EquilibriumPropagation::default(), &messages).weights, &messages);
    assert_eq!((structure.asymmetry, structure.diagonal_ratio, structure.strict_minima), (0.0, 0.0, 20));
}
