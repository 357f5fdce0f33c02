//! Reading against the plain definition, and laws of Hopfield dynamics.

use faer::Mat;
use proptest::prelude::*;
use protocols::probe;
use protocols::protocol::Hop;
use protocols::reading::{End, Reader, Settings, Store, read, read_with_checkpoints};
use protocols::{Patterns, Protocol, Stream, Weights};

fn stream(seed: u64) -> Stream {
    Stream::named(seed, "reading-test", &[])
}

/// A memory of which a reader needs the weights only.
fn store<'a>(weights: &'a Weights, messages: &'a Patterns) -> Store<'a> {
    Store { weights, messages }
}

/// Whole-number weights, so that every order of summation gives the same fields.
fn whole(n: usize, symmetric: bool, diagonal: bool, rng: &mut Stream) -> Mat<f32> {
    let mut w = Mat::from_fn(n, n, |_, _| rng.below(7) as f32 - 3.0);
    for j in 0..n {
        if !diagonal {
            w[(j, j)] = 0.0;
        }
        for i in 0..j {
            if symmetric {
                w[(i, j)] = w[(j, i)];
            }
        }
    }
    w
}

/// One synchronous step by the definition.
fn plain_step(weights: &Weights, x: &[i8], query: &[i8]) -> (Vec<i8>, u64) {
    let mut ties = 0;
    let step = (0..x.len()).map(|i| {
        let mut h = weights.thresholds().map_or(0.0, |b| b[i]);
        for j in 0..x.len() {
            h += weights.matrix()[(i, j)] * f32::from(x[j]);
            h += weights.input().map_or(0.0, |u| u[(i, j)] * f32::from(query[j]));
        }
        ties += u64::from(h == 0.0);
        if h == 0.0 { x[i] } else { h.signum() as i8 }
    });
    (step.collect(), ties)
}

/// A synchronous read by the definition: every state kept, the first repetition ends it.
fn plain_read(weights: &Weights, query: &[i8], max_steps: u32) -> (Vec<i8>, End, u32, u64, Vec<Vec<i8>>) {
    let mut states = vec![query.to_vec()];
    let mut ties = 0;
    for step in 0..max_steps {
        let (next, tied) = plain_step(weights, states.last().unwrap(), query);
        ties += tied;
        if let Some(at) = states.iter().position(|s| *s == next) {
            let length = step + 1 - at as u32;
            let end = if length == 1 { End::Fixed } else { End::Cycle { length } };
            while states.len() <= max_steps as usize {
                states.push(states[states.len() - length as usize].clone());
            }
            return (states[max_steps as usize].clone(), end, at as u32, ties, states);
        }
        states.push(next);
    }
    (states[max_steps as usize].clone(), End::Unsettled, max_steps, ties, states)
}

proptest! {
    #[test]
    fn sync_reads_are_those_of_the_definition(
        n in 1_usize..40, symmetric: bool, diagonal: bool, thresholds: bool, input: bool, max_steps in 0_u32..20,
        seed: u64,
    ) {
        let mut rng = stream(seed);
        let mut weights = Weights::new(whole(n, symmetric, diagonal, &mut rng)).unwrap();
        if thresholds {
            weights = weights.with_thresholds((0..n).map(|_| rng.below(5) as f32 - 2.0).collect()).unwrap();
        }
        if input {
            weights = weights.with_input(whole(n, false, true, &mut rng)).unwrap();
        }
        let queries = Patterns::random(n, 30, &mut rng);
        let settings = Settings { reader: Reader::Sync, max_steps };
        let reads = read_with_checkpoints(store(&weights, &queries), (&queries).into(), settings, &[0, 1, 7], &mut rng);
        let mut ties = 0;
        for q in 0..30 {
            let (state, end, steps, tied, states) = plain_read(&weights, queries.row(q), max_steps);
            prop_assert_eq!(reads.states.row(q), &state[..]);
            prop_assert_eq!(reads.ends[q], end);
            prop_assert_eq!(reads.steps[q], steps);
            for (k, at) in [0, 1, 7].into_iter().enumerate() {
                prop_assert_eq!(reads.checkpoints[k].row(q), &states[at.min(max_steps as usize)][..]);
            }
            ties += tied;
        }
        prop_assert_eq!(reads.ties, ties);
    }

    #[test]
    fn async_reads_end_where_no_unit_wants_to_change(n in 2_usize..40, diagonal: bool, seed: u64) {
        let mut rng = stream(seed);
        let weights = Weights::new(whole(n, true, diagonal, &mut rng)).unwrap();
        let queries = Patterns::random(n, 20, &mut rng);
        let reads =
            read(&weights, &queries, Settings { reader: Reader::Async, max_steps: 500 }, &mut rng);
        for q in 0..20 {
            let (next, _) = plain_step(&weights, reads.states.row(q), queries.row(q));
            prop_assert_eq!(reads.ends[q] == End::Fixed, next == reads.states.row(q));
            if !diagonal {
                prop_assert_eq!(reads.ends[q], End::Fixed, "a symmetric W with zero diagonal settles");
            }
        }
    }

    #[test]
    fn async_reading_never_raises_the_energy(n in 2_usize..40, seed: u64) {
        let mut rng = stream(seed);
        let weights = Weights::new(whole(n, true, false, &mut rng)).unwrap();
        let queries = Patterns::random(n, 20, &mut rng);
        prop_assert_eq!(probe::energy_descent(&weights, &queries, 100, &mut rng).rises, 0);
        // The same by the energy itself, sweep by sweep.
        for sweeps in 0..4 {
            let settings = |max_steps| Settings { reader: Reader::Async, max_steps };
            let before = read(&weights, &queries, settings(sweeps), &mut rng.clone());
            let after = read(&weights, &before.states, settings(1), &mut rng.clone());
            for q in 0..20 {
                let (from, to) = (weights.energy(before.states.row(q)), weights.energy(after.states.row(q)));
                prop_assert!(to <= from, "{to} after {from}");
            }
        }
    }

    #[test]
    fn sync_reading_of_a_symmetric_memory_ends_in_a_period_of_at_most_two(n in 2_usize..40, seed: u64) {
        let mut rng = stream(seed);
        // Without ties: odd thresholds beside even fields would be needed for whole numbers, so real weights.
        let mut w = Mat::from_fn(n, n, |_, _| rng.normal() as f32);
        for j in 0..n {
            for i in 0..j {
                w[(i, j)] = w[(j, i)];
            }
        }
        let weights = Weights::new(w).unwrap();
        let queries = Patterns::random(n, 20, &mut rng);
        let reads = read(&weights, &queries, Settings { reader: Reader::Sync, max_steps: 2000 }, &mut rng);
        let settles = |&end: &End| end == End::Fixed || end == End::Cycle { length: 2 };
        prop_assert!(reads.ends.iter().all(settles));
    }

    #[test]
    fn flipping_a_unit_costs_what_the_field_says(n in 2_usize..30, seed: u64) {
        let mut rng = stream(seed);
        let b = (0..n).map(|_| rng.below(5) as f32 - 2.0).collect();
        let weights = Weights::new(whole(n, true, true, &mut rng)).unwrap().with_thresholds(b).unwrap();
        let state = Patterns::random(n, 1, &mut rng);
        let h = weights.fields(&state);
        for i in 0..n {
            let mut flipped = state.row(0).to_vec();
            flipped[i] = -flipped[i];
            let cost = weights.energy(&flipped) - weights.energy(state.row(0));
            let x = f64::from(state.row(0)[i]);
            let expected = 2.0 * x * (f64::from(h[(i, 0)]) - f64::from(weights.matrix()[(i, i)]) * x);
            prop_assert!((cost - expected).abs() < 1e-9);
        }
    }
}

#[test]
fn reads_do_not_depend_on_the_batch_they_are_in() {
    // Whole-number fields are exact, so a query read alone must end as it does among 600 others, most of which merge.
    let mut rng = stream(5);
    let messages = Patterns::random(100, 8, &mut rng);
    let weights = Hop::default().write(&messages, &mut rng).unwrap().weights;
    let queries = protocols::Queries::exact(&messages, 20, 600, &mut rng).states;
    let settings = Settings { reader: Reader::Sync, max_steps: 50 };
    let together = read(&weights, &queries, settings, &mut rng);
    for q in 0..600 {
        let alone = read(&weights, &queries.slice(q, 1), settings, &mut rng);
        assert_eq!(alone.states.row(0), together.states.row(q));
        assert_eq!((alone.ends[0], alone.steps[0]), (together.ends[q], together.steps[q]));
    }
}

#[test]
fn a_scaled_memory_reads_the_same() {
    // Whole numbers times 3 are exact, and so are powers of 2, of thresholds and of the query's coupling too.
    let mut rng = stream(6);
    for n in [5, 40, 300] {
        let parts = |scale: f32| {
            let mut rng = stream(7);
            let mut part = || {
                let whole = whole(n, false, true, &mut rng);
                Mat::from_fn(n, n, |i, j| scale * whole[(i, j)])
            };
            let (w, u) = (part(), part());
            let b = (0..n).map(|i| scale * (i % 5) as f32).collect();
            Weights::new(w).unwrap().with_input(u).unwrap().with_thresholds(b).unwrap()
        };
        let queries = Patterns::random(n, 30, &mut rng);
        for reader in [Reader::Sync, Reader::Async] {
            let settings = Settings { reader, max_steps: 20 };
            let read = |scale| {
                read_with_checkpoints(
                    store(&parts(scale), &queries),
                    (&queries).into(),
                    settings,
                    &[1, 3],
                    &mut stream(8),
                )
            };
            let plain = read(1.0);
            assert!(plain.states != queries, "something is read");
            for scale in [3.0, 0.125, 1024.0] {
                assert_eq!(read(scale), plain, "{n} units, {reader}, times {scale}");
            }
        }
    }
}
