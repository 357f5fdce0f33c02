//! The network by products in tiles is tested here against the library's products in f64. Their gradient is
//! tested against the definition.

use crate::protocol::parameter::allowed;
use crate::protocol::trn::batch::{Batch, Flips};
use crate::protocol::trn::network::Unrolled;
use crate::protocol::trn::tiled::Tiled;
use crate::protocol::trn::training::shape;
use crate::protocol::trn::*;
use proptest::prelude::*;
use std::num::NonZeroU32;

/// Messages, queries, their messages, and what was flipped.
struct Task {
    messages: Vec<f64>,
    queries: Vec<f64>,
    targets: Vec<u32>,
    units: Vec<u32>,
    ends: Vec<usize>,
}

impl Task {
    fn draw(n: usize, m: usize, queries: usize, noise: f64, stream: &mut Stream) -> Self {
        let messages = Patterns::random(n, m, stream).signs().iter().map(|&s| f64::from(s)).collect();
        let targets = (0..queries).map(|q| (q % m) as u32).collect();
        let mut task = Self { messages, queries: Vec::new(), targets, units: Vec::new(), ends: Vec::new() };
        for &target in &task.targets {
            for (unit, &sign) in task.messages[target as usize * n..][..n].iter().enumerate() {
                let flips = stream.unit() < noise;
                task.units.extend(flips.then_some(unit as u32));
                task.queries.push(if flips { -sign } else { sign });
            }
            task.ends.push(task.units.len());
        }
        task
    }

    fn batch<'a, R>(&'a self, messages: &'a [R], queries: &'a [R]) -> Batch<'a, R> {
        let flips = Flips { units: &self.units, ends: &self.ends, start: 0 };
        Batch { messages, queries, targets: &self.targets, flips }
    }
}

fn single(x: &[f64]) -> Vec<f32> {
    x.iter().map(|&x| x as f32).collect()
}

fn agrees(trn: &Trn, n: usize, m: usize, queries: usize, noise: f64, seed: u64) -> Result<(), TestCaseError> {
    let mut stream = Stream::named(seed, "tiled-test", &[]);
    let task = Task::draw(n, m, queries, noise, &mut stream);
    let shape = shape(trn, n);
    let size = 0.5 / (n as f64).sqrt();
    let x: Vec<f64> = (0..shape.parameters()).map(|_| size * stream.normal()).collect();
    let (messages, inputs) = (single(&task.messages), single(&task.queries));
    // Buffers used before, and for more queries than are given now.
    let mut tiled = Tiled::new(shape, m + 2, queries + 50).expect("tiles know this network");
    let mut general = Unrolled::<f64>::new(shape, m, queries);
    let (mut own, mut exact) = (vec![0.0; x.len()], vec![0.0; x.len()]);
    for x in [x.iter().map(|x| -x).collect(), x] {
        tiled.gradient(&single(&x), task.batch(&messages, &inputs), &mut own);
        general.gradient(&x, task.batch(&task.messages, &task.queries), &mut exact);
        let norm = exact.iter().map(|g| g * g).sum::<f64>().sqrt();
        let apart = own.iter().zip(&exact).map(|(&a, b)| (f64::from(a) - b).powi(2)).sum::<f64>().sqrt();
        prop_assert!(apart <= 2e-5 * norm, "{trn:?}: {apart} of {norm}");
        let losses = (
            tiled.loss(&single(&x), task.batch(&messages, &inputs)),
            general.loss(&x, task.batch(&task.messages, &task.queries)),
        );
        prop_assert!((losses.0 - losses.1).abs() <= 1e-5 * losses.1, "{trn:?}: losses {losses:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(25))]

    #[test]
    fn tiles_give_the_same_loss_and_gradient(
        n in 2_usize..150, m in 1_usize..9, queries in 1_usize..120, steps in 1_u32..6, seed: u64,
        gain in 0.5_f64..2.0, few_flips: bool,
    ) {
        for switches in 0_u32..8 {
            let on = |bit: u32| switches >> bit & 1 == 1;
            let trn = Trn {
                steps: NonZeroU32::new(steps).unwrap(),
                gain: allowed(gain),
                loss: if on(0) { LossSteps::All } else { LossSteps::Last },
                cost: if on(1) { Cost::CrossEntropy } else { Cost::Squared },
                thresholds: on(2),
                ..Trn::default()
            };
            // Few flips take the first step's short way, many the matrix product.
            agrees(&trn, n, m, queries, if few_flips { 0.1 } else { 0.5 }, seed)?;
        }
    }
}

#[test]
fn tiles_leave_to_the_library_what_they_do_not_know() {
    let known = |trn: Trn, n: usize| Tiled::new(shape(&trn, n), 3, 60).is_some();
    assert!(known(Trn { thresholds: true, ..Trn::default() }, 512));
    assert!(!known(Trn::default(), 513));
    assert!(!known(Trn { input: true, ..Trn::default() }, 64));
    assert!(!known(Trn { entry: Entry::Field, ..Trn::default() }, 64));
}
