//! Cost of reading over N: a fixed number of queries with 10 % flips, from a memory that recovers them (HOP
//! at a load of 1/16). The first product, N^2 a query, should set the growth.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use faer::Par;
use protocols::protocol::Hop;
use protocols::reading::{Reader, Settings, read as read_queries};
use protocols::{Patterns, Protocol, Queries, Stream};
use std::time::Duration;

// As in the harness: without it the larger sizes time the system's supply of pages.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SIZES: [usize; 7] = [64, 128, 256, 512, 1024, 2048, 4096];
const QUERIES: usize = 256;

fn read(criterion: &mut Criterion) {
    faer::set_global_parallelism(Par::Seq);
    let mut group = criterion.benchmark_group("read");
    for n in SIZES {
        let mut stream = Stream::named(1, "bench", &[("n", n as u64)]);
        let messages = Patterns::random(n, n / 16, &mut stream);
        let weights = Hop::default().write(&messages, &mut stream).expect("the messages are written").weights;
        let queries = Queries::exact(&messages, n / 10, QUERIES, &mut stream).states;
        for reader in [Reader::Sync, Reader::Async] {
            let settings = Settings { reader, max_steps: 50 };
            group.bench_function(BenchmarkId::new(reader.name(), n), |bencher| {
                bencher.iter(|| read_queries(&weights, &queries, settings, &mut stream.clone()));
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1200));
    targets = read
}
criterion_main!(benches);
