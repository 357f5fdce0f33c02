//! A read that ends as soon as its signs are settled is the read that takes every step, to the last bit.

use super::trap::{Room, Trap};
use super::{Log, Scaled, Soft};
use crate::noise::Queries;
use crate::patterns::Patterns;
use crate::protocol::{Hop, Mpf, Protocol, Pse};
use crate::reading::Reads;
use crate::seed::Stream;
use crate::weights::Weights;
use faer::Mat;
use proptest::prelude::*;

/// Matrix and vectors of numbers from a bell curve, as different in their sizes as rows of a trained memory.
fn at_random(n: usize, own: f32, stream: &mut Stream) -> Weights {
    let mut bell = || (0..12).map(|_| stream.below(1 << 20) as f32 / (1 << 20) as f32 - 0.5).sum::<f32>();
    let sizes: Vec<f32> = (0..n).map(|_| bell().exp()).collect();
    let matrix = Mat::from_fn(n, n, |i, j| sizes[i] * (bell() + if i == j { own } else { 0.0 }));
    let (b, u) = ((0..n).map(|_| bell()).collect(), Mat::from_fn(n, n, |_, _| 0.1 * bell()));
    let weights = Weights::new(matrix).expect("numbers");
    weights.with_thresholds(b).expect("n of them").with_input(u).expect("a square")
}

/// Reads as is, or so that no read is ever over before its last step.
fn read(soft: Soft, weights: &Weights, queries: &Queries, early: bool) -> Reads {
    let (cues, checkpoints) = (queries.into(), [0, 1, 3, 7, 20, 90]);
    let mut log = Log::new(cues, &checkpoints);
    let mut scaled = Scaled::new(soft, weights);
    if !early {
        // By rows of any length no field is sure of anything.
        scaled.longest = f64::INFINITY;
    }
    scaled.relax(soft, cues, &checkpoints, &mut log);
    log.finish(weights.n())
}

fn soft(text: &str) -> Soft {
    match text.parse() {
        Ok(crate::reading::Reader::Soft(soft)) => soft,
        other => panic!("{text}: {other:?}"),
    }
}

const READERS: [&str; 8] = [
    "soft",
    "soft(beta=1)",
    "soft(beta=0.9, lambda=0)",
    "soft(beta=8, damping=0, lambda=0.3)",
    "soft(damping=0.95, steps=80)",
    "soft(from=0.5)",
    "soft(from=6, beta=1.2, steps=30)",
    "soft(diagonal=kept, lambda=0.02)",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn reads_that_end_early_end_where_all_steps_do(
        n in 2_usize..100, load in 0.02..0.6_f64, flips in 0.0..0.4_f64, rule in 0..4_usize, seed: u64, erase: bool,
    ) {
        let mut stream = Stream::named(seed, "test", &[]);
        let messages = Patterns::random(n, ((load * n as f64) as usize).max(1), &mut stream);
        let written = match rule {
            0 => Hop::default().write(&messages, &mut stream),
            1 => Mpf::default().write(&messages, &mut stream),
            _ => Pse::default().write(&messages, &mut stream),
        };
        let weights =
            if rule < 3 { written.expect("a memory").weights } else { at_random(n, 2.0, &mut stream) };
        let mut queries = Queries::exact(&messages, (flips * n as f64) as usize, 40, &mut stream);
        if erase {
            let units = queries.states.signs().len();
            queries.unknown = Some((0..units).map(|_| stream.below(3) == 0).collect());
        }
        for text in READERS {
            let [early, late] = [true, false].map(|early| read(soft(text), &weights, &queries, early));
            prop_assert_eq!(early, late, "{}", text);
        }
    }
}

#[test]
fn a_large_memory_reads_the_same_too() {
    let mut stream = Stream::named(5, "test", &[]);
    for (n, count) in [(257, 20), (300, 60), (1024, 70)] {
        let messages = Patterns::random(n, count, &mut stream);
        let weights = Hop::default().write(&messages, &mut stream).expect("a memory").weights;
        let queries = Queries::exact(&messages, n / 5, 50, &mut stream);
        for text in READERS {
            let [early, late] = [true, false].map(|early| read(soft(text), &weights, &queries, early));
            assert_eq!(early, late, "{text}, {n} units");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_step_leaves_a_trap(
        n in 2_usize..60, own in 0.0..6.0_f32, beta in 0.5..6.0_f32, other in 0.8..1.5_f32,
        damping in 0.0..0.9_f32, seed: u64,
    ) {
        let mut stream = Stream::named(seed, "test", &[]);
        let weights = at_random(n, own, &mut stream);
        let scaled = Scaled::new(soft("soft(diagonal=kept)"), &weights);
        let gains = [beta, other * beta];
        let trap = Trap::new(scaled.matrix.as_ref(), scaled.longest, gains, damping);
        let w = |i: usize, j: usize| f64::from(scaled.matrix[(i, j)]);
        let drive: Vec<f32> = (0..n).map(|_| stream.below(100) as f32 / 100.0 - 0.5).collect();
        let mut state: Vec<f32> = Patterns::random(n, 1, &mut stream).signs().iter().map(|&x| x.into()).collect();
        let mut room = Room::default();
        for _ in 0..40 {
            let fields: Vec<f32> =
                (0..n).map(|i| (0..n).map(|j| w(i, j) * f64::from(state[j])).sum::<f64>() as f32).collect();
            if trap.holds(&fields, &drive, &state, &mut room) {
                let radii = room.box_radii();
                // Of all states of the box, those that move a unit the most either way.
                for (i, away) in (0..n).flat_map(|i| [(i, 1.0), (i, -1.0)]) {
                    let corner = |j: usize| f64::from(state[j]) + away * w(i, j).signum() * f64::from(radii[j]);
                    let from: Vec<f64> = (0..n).map(|j| corner(j).clamp(-1.0, 1.0)).collect();
                    let field: f64 = (0..n).map(|j| w(i, j) * from[j]).sum();
                    for gain in gains.map(f64::from) {
                        let tanh = (gain * (field + f64::from(drive[i]))).tanh();
                        let next = f64::from(damping) * from[i] + (1.0 - f64::from(damping)) * tanh;
                        let s = f64::from(state[i]);
                        prop_assert!((next - s).abs() <= f64::from(radii[i]) && next * s > 0.0, "unit {}", i);
                    }
                }
            }
            let tanh = |i: usize| (beta * (fields[i] + drive[i])).tanh();
            state = (0..n).map(|i| damping * state[i] + (1.0 - damping) * tanh(i)).collect();
        }
    }
}

#[test]
fn a_message_far_below_capacity_is_a_trap_and_what_is_no_number_is_none() {
    let mut stream = Stream::named(3, "test", &[]);
    let messages = Patterns::random(200, 4, &mut stream);
    let weights = Hop::default().write(&messages, &mut stream).expect("a memory").weights;
    let scaled = Scaled::new(Soft::default(), &weights);
    let trap = |longest: f64| Trap::new(scaled.matrix.as_ref(), longest, [3.0; 2], 0.5);
    let state: Vec<f32> = messages.row(0).iter().map(|&x| x.into()).collect();
    let (mut room, drive) = (Room::default(), vec![0.0; 200]);
    let mut fields: Vec<f32> =
        (0..200).map(|i| (0..200).map(|j| scaled.matrix[(i, j)] * state[j]).sum()).collect();
    assert!(trap(scaled.longest).holds(&fields, &drive, &state, &mut room));
    assert!(!trap(f64::INFINITY).holds(&fields, &drive, &state, &mut room));
    assert!(!trap(f64::NAN).holds(&fields, &drive, &state, &mut room));
    let query: Vec<f32> = Patterns::random(200, 1, &mut stream).signs().iter().map(|&x| x.into()).collect();
    assert!(!trap(scaled.longest).holds(&fields, &drive, &query, &mut room));
    let mut open = state.clone();
    open[7] = 0.0;
    assert!(!trap(scaled.longest).holds(&fields, &drive, &open, &mut room));
    for bad in [f32::NAN, f32::NEG_INFINITY] {
        fields[150] = bad * state[150];
        assert!(!trap(scaled.longest).holds(&fields, &drive, &state, &mut room), "{bad}");
    }
}
