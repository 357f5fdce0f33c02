//! Readers beyond the plain ones, against their definitions computed unit by unit in f64.

use faer::Mat;
use proptest::prelude::*;
use protocols::reading::{End, Reader, Reads, Settings, Store, read_with_checkpoints};
use protocols::{Corruption, CorruptionKind, Patterns, Queries, Stream, Weights};

fn stream(seed: u64) -> Stream {
    Stream::named(seed, "readers-test", &[])
}

fn reader(text: &str) -> Reader {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A memory of random weights with what a definition may have: thresholds and an input coupling.
struct Memory {
    weights: Weights,
    messages: Patterns,
    queries: Queries,
}

impl Memory {
    fn new(n: usize, full: bool, kind: CorruptionKind, rng: &mut Stream) -> Self {
        let mut matrix = |scale: f64| Mat::from_fn(n, n, |_, _| (scale * rng.normal()) as f32);
        let (w, u) = (matrix(1.0), matrix(0.3));
        let mut weights = Weights::new(w).unwrap();
        if full {
            let thresholds = (0..n).map(|_| rng.normal() as f32).collect();
            weights = weights.with_thresholds(thresholds).unwrap().with_input(u).unwrap();
        }
        let messages = Patterns::random(n, 5, rng);
        let queries = Queries::corrupted(&messages, Corruption { kind, units: n as u32 / 3 }, 40, rng);
        Self { weights, messages, queries }
    }

    fn read(&self, reader: Reader, max_steps: u32, checkpoints: &[u32], rng: &mut Stream) -> Reads {
        let store = Store { weights: &self.weights, messages: &self.messages };
        read_with_checkpoints(store, (&self.queries).into(), Settings { reader, max_steps }, checkpoints, rng)
    }

    /// The query with 0 where it is unknown.
    fn query(&self, q: usize) -> Vec<f64> {
        let n = self.weights.n();
        let unknown = |i| self.queries.unknown.as_ref().is_some_and(|unknown| unknown[q * n + i]);
        let states = self.queries.states.row(q).iter().enumerate();
        states.map(|(i, &x)| if unknown(i) { 0.0 } else { f64::from(x) }).collect()
    }

    /// The length of a row without its diagonal.
    fn length(&self, i: usize) -> f64 {
        let others = (0..self.weights.n()).filter(|&j| j != i);
        others.map(|j| f64::from(self.weights.matrix()[(i, j)]).powi(2)).sum::<f64>().sqrt()
    }

    /// The field of unit i in state `x` under query `p`.
    fn field(&self, i: usize, x: &[f64], p: &[f64], with_diagonal: bool) -> f64 {
        let mut h = self.weights.thresholds().map_or(0.0, |b| f64::from(b[i]));
        for j in (0..x.len()).filter(|&j| with_diagonal || j != i) {
            h += f64::from(self.weights.matrix()[(i, j)]) * x[j];
        }
        h + self.weights.input().map_or(0.0, |u| (0..x.len()).map(|j| f64::from(u[(i, j)]) * p[j]).sum())
    }

    /// A synchronous read by the definition, with the query held by c; nothing where a field is too small to be sure
    /// of its sign in f32.
    fn held(&self, q: usize, c: f64, steps: u32) -> Option<Vec<f64>> {
        let (mut x, p) = (self.query(q), self.query(q));
        for _ in 0..steps {
            let next: Vec<f64> =
                (0..x.len()).map(|i| self.field(i, &x, &p, true) + c * self.length(i) * p[i]).collect();
            if next.iter().any(|h| h.abs() < 1e-3) {
                return None;
            }
            x = next.into_iter().map(f64::signum).collect();
        }
        Some(x)
    }
}

fn as_signs(x: &[f64]) -> Vec<i8> {
    x.iter().map(|x| x.signum() as i8).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn plain_and_held_reads_are_those_of_the_definition(n in 2_usize..40, full: bool, erased: bool, seed: u64) {
        let kind = if erased { CorruptionKind::Erasure } else { CorruptionKind::Flips };
        let memory = Memory::new(n, full, kind, &mut stream(seed));
        for (reader, c) in [(Reader::Sync, 0.0), (reader("held"), 0.3), (reader("held(c=1.5)"), 1.5)] {
            let reads = memory.read(reader, 6, &[0, 1, 4], &mut stream(1));
            for q in 0..40 {
                prop_assert_eq!(reads.checkpoints[0].row(q), memory.queries.states.row(q));
                for (k, steps) in [(1, 1), (2, 4)] {
                    if let Some(expected) = memory.held(q, c, steps) {
                        prop_assert_eq!(reads.checkpoints[k].row(q), &as_signs(&expected)[..], "{}", reader);
                    }
                }
                if let Some(expected) = memory.held(q, c, 6) {
                    prop_assert_eq!(reads.states.row(q), &as_signs(&expected)[..], "{}", reader);
                }
            }
        }
    }

    #[test]
    fn soft_reads_are_those_of_the_definition(n in 2_usize..40, full: bool, erased: bool, seed: u64) {
        let kind = if erased { CorruptionKind::Occlusion } else { CorruptionKind::Block };
        let memory = Memory::new(n, full, kind, &mut stream(seed));
        let (beta, damping, lambda, steps, from) = (1.5, 0.25, 0.4, 5, 0.5_f64);
        for (text, diagonal, annealed) in [
            ("soft(beta=1.5, damping=0.25, lambda=0.4, steps=5)", false, false),
            ("soft(beta=1.5, damping=0.25, lambda=0.4, steps=5, from=0.5, diagonal=kept)", true, true),
        ] {
            let reads = memory.read(reader(text), 1, &[0, 2, 9], &mut stream(1));
            for q in 0..40 {
                let (mut s, p) = (memory.query(q), memory.query(q));
                let mut second = s.clone();
                for step in 0..steps {
                    let ratio = f64::from(step) / f64::from(steps - 1);
                    let gain = if annealed { from * (beta / from).powf(ratio) } else { beta };
                    s = (0..n).map(|i| {
                        let h = memory.field(i, &s, &p, diagonal) / memory.length(i);
                        damping * s[i] + (1.0 - damping) * (gain * (h + lambda * p[i])).tanh()
                    }).collect();
                    if step == 1 {
                        second.clone_from(&s);
                    }
                }
                let sure = |s: &[f64]| s.iter().all(|s| s.abs() > 1e-3);
                prop_assert_eq!(reads.checkpoints[0].row(q), memory.queries.states.row(q));
                if sure(&second) {
                    prop_assert_eq!(reads.checkpoints[1].row(q), &as_signs(&second)[..], "{}", text);
                }
                if sure(&s) {
                    prop_assert_eq!(reads.states.row(q), &as_signs(&s)[..], "{}", text);
                    prop_assert_eq!(reads.checkpoints[2].row(q), &as_signs(&s)[..], "{}", text);
                }
                prop_assert_eq!(reads.ends[q], End::Stopped);
            }
        }
    }

    #[test]
    fn asynchronous_reads_of_erased_queries_are_those_of_the_definition(n in 2_usize..30, full: bool, seed: u64) {
        let memory = Memory::new(n, full, CorruptionKind::Erasure, &mut stream(seed));
        for (reader, c) in [(Reader::Async, 0.0), (reader("held(order=async)"), 0.3)] {
            // One query, so that the order of its units is the first of the stream.
            let one = Memory {
                queries: Queries {
                    states: memory.queries.states.slice(3, 1),
                    message: vec![3],
                    unknown: memory.queries.unknown.as_ref().map(|all| all[3 * n..4 * n].to_vec()),
                },
                weights: memory.weights.clone(),
                messages: memory.messages.clone(),
            };
            let reads = one.read(reader, 2, &[1], &mut stream(9));
            let (mut rng, mut order) = (stream(9), (0..n as u32).collect::<Vec<u32>>());
            let (mut x, p, mut sure) = (one.query(0), one.query(0), true);
            rng.choose(&mut order, n);
            for &unit in &order {
                let i = unit as usize;
                let h = one.field(i, &x, &p, true) + c * one.length(i) * p[i];
                sure &= h.abs() > 1e-3;
                x[i] = h.signum();
            }
            if sure {
                prop_assert_eq!(reads.checkpoints[0].row(0), &as_signs(&x)[..], "{}", reader);
            }
        }
    }

    #[test]
    fn ceilings_are_those_of_the_definition(n in 2_usize..70, erased: bool, seed: u64) {
        let kind = if erased { CorruptionKind::Erasure } else { CorruptionKind::Flips };
        let memory = Memory::new(n, false, kind, &mut stream(seed));
        let nearest = memory.read(Reader::Nearest, 1, &[0, 1], &mut stream(1));
        let dense = memory.read(reader("dense(beta=2, steps=2)"), 1, &[1], &mut stream(1));
        for q in 0..40 {
            let p = memory.query(q);
            let overlap = |m: usize, s: &[f64]| -> f64 {
                memory.messages.row(m).iter().zip(s).map(|(&xi, s)| f64::from(xi) * s).sum()
            };
            let best = (0..5).rev().max_by(|&a, &b| overlap(a, &p).total_cmp(&overlap(b, &p))).unwrap();
            prop_assert_eq!(nearest.states.row(q), memory.messages.row(best));
            prop_assert_eq!(nearest.checkpoints[1].row(q), memory.messages.row(best));
            prop_assert_eq!(nearest.checkpoints[0].row(q), memory.queries.states.row(q));
            let mut s = p;
            for step in 0..2 {
                let weights: Vec<f64> = (0..5).map(|m| (2.0 * overlap(m, &s) / (n as f64).sqrt()).exp()).collect();
                let total: f64 = weights.iter().sum();
                let share = |i| (0..5).map(|m| weights[m] * f64::from(memory.messages.row(m)[i])).sum::<f64>() / total;
                s = (0..n).map(share).collect();
                if s.iter().all(|s| s.abs() > 1e-3) {
                    let read = if step == 0 { &dense.checkpoints[0] } else { &dense.states };
                    prop_assert_eq!(read.row(q), &as_signs(&s)[..]);
                }
            }
        }
    }

    #[test]
    fn scaled_weights_read_the_same(n in 2_usize..30, full: bool, seed: u64) {
        // Powers of two, so that no field is rounded otherwise. `full` memories scale all that makes a field.
        let memory = Memory::new(n, full, CorruptionKind::Erasure, &mut stream(seed));
        let scaled = |by: f32| {
            let times = |matrix: faer::MatRef<'_, f32>| Mat::from_fn(n, n, |i, j| by * matrix[(i, j)]);
            let mut weights = Weights::new(times(memory.weights.matrix())).unwrap();
            if let Some(b) = memory.weights.thresholds() {
                weights = weights.with_thresholds(b.iter().map(|b| by * b).collect()).unwrap();
            }
            if let Some(u) = memory.weights.input() {
                weights = weights.with_input(times(u)).unwrap();
            }
            Memory { weights, messages: memory.messages.clone(), queries: memory.queries.clone() }
        };
        for reader in Reader::catalogue() {
            let plain = memory.read(reader, 8, &[1], &mut stream(2));
            for by in [0.25, 16.0] {
                prop_assert_eq!(&scaled(by).read(reader, 8, &[1], &mut stream(2)), &plain, "{}", reader);
            }
        }
    }
}

#[test]
fn every_reader_brings_few_messages_back() {
    let mut rng = stream(3);
    let messages = Patterns::random(64, 4, &mut rng);
    let weights =
        protocols::Spec::named("pse").unwrap().protocol().write(&messages, &mut rng).unwrap().weights;
    for kind in CorruptionKind::ALL.into_iter().filter(|kind| *kind != CorruptionKind::Own) {
        let units = if kind == CorruptionKind::Mixture { 20 } else { 6 };
        let queries = Queries::corrupted(&messages, Corruption { kind, units }, 200, &mut rng);
        for reader in Reader::catalogue() {
            let store = Store { weights: &weights, messages: &messages };
            let settings = Settings { reader, max_steps: 50 };
            let reads = read_with_checkpoints(store, (&queries).into(), settings, &[], &mut rng);
            let found = (0..200).filter(|&q| reads.states.row(q) == messages.row(q % 4)).count();
            assert!(found >= 190, "{reader} after {}: {found} of 200", kind.name());
        }
    }
}

#[test]
fn readers_do_not_depend_on_the_batch_they_are_in() {
    let memory = Memory::new(64, true, CorruptionKind::Erasure, &mut stream(7));
    for reader in Reader::catalogue().into_iter().filter(|reader| !reader.is_random()) {
        let together = memory.read(reader, 20, &[2], &mut stream(1));
        for q in [0, 7, 39] {
            let one = Memory {
                weights: memory.weights.clone(),
                messages: memory.messages.clone(),
                queries: Queries {
                    states: memory.queries.states.slice(q, 1),
                    message: vec![0],
                    unknown: memory.queries.unknown.as_ref().map(|all| all[64 * q..64 * (q + 1)].to_vec()),
                },
            };
            let alone = one.read(reader, 20, &[2], &mut stream(1));
            assert_eq!(alone.states.row(0), together.states.row(q), "{reader}");
        }
    }
}

#[test]
fn readers_of_weights_alone_bear_a_memory_of_zeros() {
    let mut rng = stream(8);
    let messages = Patterns::random(16, 3, &mut rng);
    let weights = Weights::new(Mat::zeros(16, 16)).unwrap();
    for kind in [CorruptionKind::Flips, CorruptionKind::Erasure] {
        let queries = Queries::corrupted(&messages, Corruption { kind, units: 4 }, 20, &mut rng);
        for text in ["sync", "async", "held", "held(order=async)", "soft", "soft(lambda=0)"] {
            let store = Store { weights: &weights, messages: &messages };
            let settings = Settings { reader: reader(text), max_steps: 5 };
            let reads = read_with_checkpoints(store, (&queries).into(), settings, &[], &mut rng);
            assert_eq!(reads.states, queries.states, "{text}");
        }
    }
}
