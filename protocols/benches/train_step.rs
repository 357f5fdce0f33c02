//! How close TRN's training comes to the machine's peak: throughput of whole epochs beside that of a bare f32 matrix
//! product, one thread each, in floating-point operations per second (criterion prints them as elements).
//!
//! An epoch counts as its products, 6 N^2 M K L operations (2 N^2 a query and step for the states, the deltas and the
//! gradient); tanh, the optimiser, and the start and end of the write count as time but not as operations.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use protocols::protocol::{Start, Trn};
use protocols::{Patterns, Protocol, Stream};
use std::num::NonZeroU32;
use std::time::Duration;

// As in the harness: without it the larger sizes time the system's supply of pages.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sizes of a training.
struct Training {
    n: usize,
    messages: usize,
    queries: u32,
    steps: u32,
    epochs: u32,
}

const TRAININGS: [Training; 2] = [
    Training { n: 64, messages: 48, queries: 20, steps: 3, epochs: 100 },
    Training { n: 128, messages: 100, queries: 20, steps: 5, epochs: 30 },
];

/// Side of the product that stands for the peak.
const PEAK: usize = 512;

impl Training {
    fn operations(&self) -> u64 {
        let per_query_and_step = 6 * self.n as u64 * self.n as u64;
        let batch = self.messages as u64 * u64::from(self.queries);
        per_query_and_step * batch * u64::from(self.steps) * u64::from(self.epochs)
    }

    fn protocol(&self) -> Trn {
        let count = |value| NonZeroU32::new(value).expect("sizes are not zero");
        Trn {
            epochs: self.epochs,
            steps: count(self.steps),
            queries: count(self.queries),
            redraw: 0,
            start: Start::Hop,
            ..Trn::default()
        }
    }
}

fn train_step(criterion: &mut Criterion) {
    faer::set_global_parallelism(Par::Seq);
    let mut group = criterion.benchmark_group("train_step");
    group.throughput(Throughput::Elements(2 * (PEAK as u64).pow(3)));
    group.bench_function(BenchmarkId::new("product", PEAK), |bencher| {
        let a = Mat::from_fn(PEAK, PEAK, |i, j| (i + 2 * j) as f32 / PEAK as f32);
        let mut c = Mat::zeros(PEAK, PEAK);
        bencher.iter(|| matmul(c.as_mut(), Accum::Replace, a.as_ref(), a.as_ref(), 1.0_f32, Par::Seq));
    });
    for training in &TRAININGS {
        let mut stream = Stream::named(1, "bench", &[("n", training.n as u64)]);
        let messages = Patterns::random(training.n, training.messages, &mut stream);
        let trn = training.protocol();
        group.throughput(Throughput::Elements(training.operations()));
        group.bench_function(BenchmarkId::new("trn", training.n), |bencher| {
            bencher.iter(|| trn.write(&messages, &mut stream.clone()).expect("the messages are written"));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(4));
    targets = train_step
}
criterion_main!(benches);
