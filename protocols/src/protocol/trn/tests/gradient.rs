//! TRN's gradient in f64 is tested against central finite differences here. It is also tested against dual
//! numbers through the definition, over every combination of the switches.

use super::definition;
use crate::protocol::parameter::allowed;
use crate::protocol::trn::batch::{Batch, Flips};
use crate::protocol::trn::descent::constrain;
use crate::protocol::trn::minibatches::Minibatches;
use crate::protocol::trn::network::Unrolled;
use crate::protocol::trn::training::shape;
use crate::protocol::trn::*;
use proptest::prelude::*;
use std::num::NonZeroU32;

/// Directional derivative by the five-point rule: error O(h^4), and 1e-12 of rounding.
fn five_point(mut f: impl FnMut(f64) -> f64) -> f64 {
    let h = 1e-3;
    (8.0 * (f(h) - f(-h)) - (f(2.0 * h) - f(-2.0 * h))) / (12.0 * h)
}

fn check(trn: &Trn, n: usize, m: usize, per_message: usize, seed: u64) -> Result<(), TestCaseError> {
    let mut stream = Stream::named(seed, "gradient-test", &[]);
    let shape = shape(trn, n);
    let signs = |count: usize, stream: &mut Stream| -> Vec<f64> {
        Patterns::random(n, count, stream).signs().iter().map(|&s| f64::from(s)).collect()
    };
    let messages = signs(m, &mut stream);
    let targets: Vec<u32> = (0..m * per_message).map(|q| (q % m) as u32).collect();
    // Few flips take the first step's short way, many the matrix product.
    let noise = if seed.is_multiple_of(2) { 0.1 } else { 0.5 };
    let (mut queries, mut units, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    for &target in &targets {
        for (unit, &sign) in messages[target as usize * n..][..n].iter().enumerate() {
            let flips = stream.unit() < noise;
            units.extend(flips.then_some(unit as u32));
            queries.push(if flips { -sign } else { sign });
        }
        ends.push(units.len());
    }
    let flips = Flips { units: &units, ends: &ends, start: 0 };
    let batch = Batch { messages: &messages, queries: &queries, targets: &targets, flips };
    let mut normal = |scale: f64| -> Vec<f64> {
        let mut x: Vec<f64> = (0..shape.parameters()).map(|_| scale * stream.normal()).collect();
        constrain(trn, n, &mut x);
        x
    };
    // Fields of order 1: in saturated states the loss, a function of 1 - s^2, is mostly rounding.
    let size = 0.5 / (n as f64).sqrt();
    let (x, direction) = (normal(size), normal(size));
    let mut network = Unrolled::<f64>::new(shape, m, targets.len());
    let mut gradient = vec![0.0; x.len()];
    network.gradient(&x, batch, &mut gradient);
    let mut plain = Unrolled::<f64>::new(shape, m, targets.len());
    plain.first = None;
    let mut by_products = vec![0.0; x.len()];
    plain.gradient(&x, batch, &mut by_products);
    let apart = gradient.iter().zip(&by_products).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    prop_assert!(apart < 1e-12, "{trn:?}: the first step's short way is off by {apart}");
    agrees_with_the_definition(trn, &mut network, &x, &direction, batch)?;
    minibatches_add_up(trn, &mut network, &x, &direction, batch, &stream)?;
    let losses = (network.loss(&x, batch), plain.loss(&x, batch));
    prop_assert!((losses.0 - losses.1).abs() <= 1e-12 * losses.1.abs(), "{trn:?}: losses {losses:?}");
    constrain(trn, n, &mut gradient);
    let analytic: f64 = gradient.iter().zip(&direction).map(|(g, d)| g * d).sum();
    let numeric = five_point(|t| {
        let moved: Vec<f64> = x.iter().zip(&direction).map(|(x, d)| x + t * d).collect();
        network.loss(&moved, batch)
    });
    let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
    let scale = norm(&gradient) * norm(&direction);
    // The quotient divides the loss's own rounding, a few 2^-53 of it, by 1e-3: where all units saturate the gradient
    // is smaller than that, and finite differences know no better.
    let rounding = 3e-12 * network.loss(&x, batch).max(1.0);
    prop_assert!(
        (analytic - numeric).abs() <= 1e-6 * scale + rounding,
        "{trn:?}: {analytic} against {numeric}"
    );
    Ok(())
}

/// Loss and gradient are those of the definition.
fn agrees_with_the_definition(
    trn: &Trn,
    network: &mut Unrolled<f64>,
    x: &[f64],
    direction: &[f64],
    batch: Batch<'_, f64>,
) -> Result<Vec<f64>, TestCaseError> {
    let mut gradient = vec![0.0; x.len()];
    network.gradient(x, batch, &mut gradient);
    let (loss, derivative) = definition::loss(trn, network.shape().n, x, direction, batch);
    let own: f64 = gradient.iter().zip(direction).map(|(g, d)| g * d).sum();
    let scale = gradient.iter().zip(direction).map(|(g, d)| (g * d).abs()).sum::<f64>();
    prop_assert!((own - derivative).abs() <= 1e-10 * scale + 1e-13, "{trn:?}: {own} against {derivative}");
    let own = network.loss(x, batch);
    prop_assert!((own - loss).abs() <= 1e-12 * loss, "{trn:?}: loss {own} against {loss}");
    Ok(gradient)
}

/// Every minibatch has the gradient of the definition, and by their sizes they make up that of the batch.
fn minibatches_add_up(
    trn: &Trn,
    network: &mut Unrolled<f64>,
    x: &[f64],
    direction: &[f64],
    batch: Batch<'_, f64>,
    stream: &Stream,
) -> Result<(), TestCaseError> {
    let (n, count) = (network.shape().n, batch.targets.len());
    let Some(mut minibatches) = Minibatches::new(n, count.div_ceil(3), count, n, stream) else {
        return Ok(());
    };
    minibatches.shuffle();
    let mut mean = vec![0.0; x.len()];
    for number in 0..minibatches.count() {
        let part = minibatches.gather(number, batch);
        let share = part.targets.len() as f64 / count as f64;
        let gradient = agrees_with_the_definition(trn, network, x, direction, part)?;
        mean.iter_mut().zip(gradient).for_each(|(m, g)| *m += share * g);
    }
    let mut whole = vec![0.0; x.len()];
    network.gradient(x, batch, &mut whole);
    let apart = whole.iter().zip(&mean).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    prop_assert!(apart < 1e-12, "{trn:?}: minibatches are off by {apart}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// 2^8 combinations of switches a case, at random sizes.
    #[test]
    fn gradient_agrees_with_finite_differences_for_every_switch(
        n in 2_usize..9, m in 1_usize..4, per_message in 1_usize..9, steps in 1_u32..5, seed: u64,
        gain in 0.5_f64..2.0,
    ) {
        for switches in 0_u32..256 {
            let on = |bit: u32| switches >> bit & 1 == 1;
            let trn = Trn {
                steps: NonZeroU32::new(steps).unwrap(),
                gain: allowed(gain),
                coupling: if on(0) { Coupling::Symmetric } else { Coupling::Free },
                diagonal: if on(1) { TrnDiagonal::Free } else { TrnDiagonal::Zero },
                loss: if on(2) { LossSteps::All } else { LossSteps::Last },
                cost: if on(3) { Cost::CrossEntropy } else { Cost::Squared },
                entry: if on(4) { Entry::Field } else { Entry::Query },
                input: on(5),
                thresholds: on(6),
                // The batch in one chunk or, with many queries, in several.
                ..Trn::default()
            };
            check(&trn, n, m, if on(7) { per_message } else { 1 }, seed)?;
        }
    }
}

#[test]
fn a_batch_of_several_chunks_has_the_same_gradient() {
    let trn = Trn { thresholds: true, input: true, ..Trn::default() };
    // 20 units and 5 steps fill a chunk with about 190 queries of f64.
    for seed in [1, 2] {
        check(&trn, 20, 3, 200, seed).unwrap();
    }
    // Units that fill strips of registers, and some that do not.
    for n in [64, 70, 128] {
        check(&Trn::default(), n, 3, 100, 2).unwrap();
    }
}
