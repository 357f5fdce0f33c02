//! Values against sums one by one, gradients against finite differences, and memories against those of one problem.

use super::*;
use crate::protocol::Stop;
use crate::protocol::pattern_loss::{PatternLoss, Shape, Terms};
use crate::seed::Stream;
use proptest::prelude::*;
use std::ops::ControlFlow;

/// The exponential loss with noise or without it, and the logistic one.
fn any_terms() -> impl Strategy<Value = UnitTerms> {
    let noise = prop_oneof![Just(0.0), 0.0_f64..0.5, Just(0.5)];
    let loss = prop_oneof![
        noise.prop_map(|noise| (MarginLoss::Exponential, noise)),
        Just((MarginLoss::Logistic, 0.0)),
    ];
    (loss, any::<bool>(), any::<bool>(), 0.0_f64..0.5).prop_map(
        |((phi, noise), has_diagonal, thresholds, l2)| UnitTerms { phi, noise, has_diagonal, thresholds, l2 },
    )
}

/// Messages, states with their signs, and the loss: the messages themselves, or `copies` noisy ones of each.
fn loss(
    (n, m, copies): (usize, usize, usize),
    terms: UnitTerms,
    stream: &mut Stream,
) -> (Patterns, Patterns, UnitLoss<f64>) {
    let messages = Patterns::random(n, m, stream);
    if copies == 0 || terms.noise > 0.0 {
        return (messages.clone(), messages.clone(), UnitLoss::of_states(&messages, terms));
    }
    let states = (0..copies * m).flat_map(|p| {
        let flip = |&sign: &i8| if stream.unit() < 0.2 { -sign } else { sign };
        messages.row(p % m).iter().map(flip).collect::<Vec<i8>>()
    });
    let states = Patterns::known(n, states.collect());
    let loss = UnitLoss::of_copies(&states, &messages, terms);
    (messages, states, loss)
}

/// Some units in an order of their own, as ends of others make it, and parameters of each.
fn point(loss: &UnitLoss<f64>, scale: f64, stream: &mut Stream) -> (Vec<usize>, Vec<f64>) {
    let n = loss.n();
    let units: Vec<usize> = (0..n).filter(|_| stream.unit() < 0.7).rev().chain([0]).take(n).collect();
    let mut x: Vec<f64> = (0..units.len() * loss.parameters()).map(|_| scale * stream.normal()).collect();
    if !loss.terms.has_diagonal {
        units.iter().zip(x.chunks_exact_mut(loss.parameters())).for_each(|(&unit, x)| x[unit] = 0.0);
    }
    (units, x)
}

proptest! {
    #[test]
    fn the_loss_is_the_mean_over_all_flips_one_by_one(
        n in 1_usize..7, m in 1_usize..5, copies in 0_usize..4, terms in any_terms(), seed: u64,
    ) {
        let mut stream = Stream::named(seed, "test", &[]);
        let (messages, states, mut loss) = loss((n, m, copies), terms, &mut stream);
        let (units, x) = point(&loss, 0.5, &mut stream);
        let mut values = vec![0.0; units.len()];
        loss.evaluate(&units, &x, &mut vec![0.0; x.len()], &mut values);
        let q = terms.noise;
        for ((&i, x), value) in units.iter().zip(x.chunks_exact(loss.parameters())).zip(values) {
            let mut expected = 0.5 * terms.l2 * x[..n].iter().map(|w| w * w).sum::<f64>();
            for (p, state) in states.rows().enumerate() {
                for flips in 0..if q > 0.0 { 1_u32 << n } else { 1 } {
                    let flipped = |j: usize| flips >> j & 1 == 1;
                    let chance: f64 = (0..n).map(|j| if flipped(j) { q } else { 1.0 - q }).product();
                    let bit = |j: usize| f64::from(if flipped(j) { -state[j] } else { state[j] });
                    let field = (0..n).map(|j| x[j] * bit(j)).sum::<f64>() + x.get(n).copied().unwrap_or(0.0);
                    let margin = f64::from(messages.row(p % m)[i]) * field;
                    let loss = match terms.phi {
                        MarginLoss::Exponential => (-margin).exp(),
                        MarginLoss::Logistic => (1.0 + (-margin).exp()).ln(),
                    };
                    expected += chance * loss / states.count() as f64;
                }
            }
            prop_assert!((value / expected - 1.0).abs() < 1e-12, "{value} against {expected} of unit {i}");
        }
    }

    #[test]
    fn gradients_agree_with_finite_differences(
        n in 1_usize..10, m in 1_usize..8, copies in 0_usize..4, terms in any_terms(), seed: u64,
    ) {
        let mut stream = Stream::named(seed, "test", &[]);
        let (_, _, mut loss) = loss((n, m, copies), terms, &mut stream);
        let (units, x) = point(&loss, 0.3, &mut stream);
        let mut direction: Vec<f64> = x.iter().map(|_| stream.normal()).collect();
        if !terms.has_diagonal {
            let directions = direction.chunks_exact_mut(loss.parameters());
            units.iter().zip(directions).for_each(|(&unit, d)| d[unit] = 0.0);
        }
        let (mut gradient, mut values) = (vec![f64::NAN; x.len()], vec![0.0; units.len()]);
        loss.evaluate(&units, &x, &mut gradient, &mut values);
        let mut at = |t: f64| {
            let moved: Vec<f64> = x.iter().zip(&direction).map(|(x, d)| x + t * d).collect();
            loss.evaluate(&units, &moved, &mut vec![0.0; x.len()], &mut values);
            values.clone()
        };
        let h = 1e-3;
        let [a, b, c, d] = [at(h), at(-h), at(2.0 * h), at(-2.0 * h)];
        let parameters = loss.parameters();
        let along = gradient.chunks_exact(parameters).zip(direction.chunks_exact(parameters));
        for (k, (gradient, direction)) in along.enumerate() {
            let analytic: f64 = gradient.iter().zip(direction).map(|(g, d)| g * d).sum();
            let numeric = (8.0 * (a[k] - b[k]) - (c[k] - d[k])) / (12.0 * h);
            let scale = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
            prop_assert!((analytic - numeric).abs() <= 1e-7 * scale.max(1e-3), "{analytic} against {numeric}");
        }
    }
}

/// More units than are searched together, of which each must end where one problem of all of them does. The penalty
/// makes the minimiser one: both are within the tolerance over l2 of it, entry by entry.
#[test]
fn unit_by_unit_it_writes_the_memory_of_the_whole() {
    let (n, m, copies) = (SLOTS + 45, 20, 3);
    let mut stream = Stream::named(1, "units", &[]);
    let messages = Patterns::random(n, m, &mut stream);
    let states = (0..copies * m).flat_map(|p| messages.row(p % m).to_vec()).collect::<Vec<_>>();
    let states: Vec<i8> = states.iter().map(|&sign| if stream.unit() < 0.1 { -sign } else { sign }).collect();
    let states = Patterns::known(n, states);
    let rules = Rules { max_iterations: 1000, gradient_tolerance: 1e-6 };
    let mut watch = |_| ControlFlow::Continue(());
    for (has_diagonal, shape) in [(false, Shape::ZeroDiagonal), (true, Shape::Free)] {
        for phi in [MarginLoss::Exponential, MarginLoss::Logistic] {
            let (thresholds, l2) = (true, 0.1);
            let whole = PatternLoss::of_copies(&states, &messages, Terms { phi, shape, thresholds, l2 });
            let whole = whole.write(m, rules, &mut watch).unwrap();
            let terms = UnitTerms { phi, noise: 0.0, has_diagonal, thresholds, l2 };
            let apart = UnitLoss::of_copies(&states, &messages, terms).write(m, rules, &mut watch).unwrap();
            let difference = (whole.weights.matrix() - apart.weights.matrix()).norm_max();
            assert!(difference < 1e-4, "{shape:?}, {phi:?}: {difference}");
            let [b, c] = [&whole, &apart].map(|written| written.weights.thresholds().unwrap().to_vec());
            assert!(b.iter().zip(&c).all(|(b, c)| (b - c).abs() < 1e-2), "{shape:?}, {phi:?}: {b:?} {c:?}");
            let [e, f] = [&whole, &apart].map(|written| written.report.objective.unwrap());
            assert!((e / f - 1.0).abs() < 1e-5, "{e} {f}");
            assert_eq!(apart.report.stop, Stop::GradientTolerance);
        }
    }
}
