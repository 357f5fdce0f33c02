//! Cost of writing over N, at a fixed number of messages (and of iterations), so that every protocol should
//! grow as N^2.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use faer::Par;
use protocols::protocol::{Hop, Margin, Mcf, Mpf, Pse, Start, Trn};
use protocols::{Patterns, Spec, Stream};
use std::num::NonZeroU32;
use std::time::Duration;

// As in the harness: without it the larger sizes time the system's supply of pages.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Messages of every write.
const MESSAGES: usize = 64;

/// A protocol and the N at which it is measured.
fn works() -> Vec<(Spec, &'static [usize])> {
    let mpf = Mpf {
        max_iterations: 10,
        gradient_tolerance: 0.0.try_into().expect("0 is allowed"),
        ..Mpf::default()
    };
    let margin = Margin {
        max_iterations: 10,
        gradient_tolerance: 0.0.try_into().expect("0 is allowed"),
        ..Margin::default()
    };
    let mcf = Mcf {
        max_iterations: 10,
        gradient_tolerance: 0.0.try_into().expect("0 is allowed"),
        ..Mcf::default()
    };
    let trn = Trn {
        epochs: 5,
        steps: NonZeroU32::new(3).expect("3 is not zero"),
        queries: NonZeroU32::new(10).expect("10 is not zero"),
        start: Start::Hop,
        redraw: 0,
        ..Trn::default()
    };
    vec![
        (Spec::from(Hop::default()), &[64, 128, 256, 512, 1024, 2048, 4096]),
        (Spec::from(Pse::default()), &[128, 256, 512, 1024, 2048, 4096]),
        (Spec::from(mpf), &[64, 128, 256, 512, 1024]),
        (Spec::from(margin), &[64, 128, 256, 512, 1024]),
        (Spec::from(mcf), &[64, 128, 256, 512, 1024]),
        (Spec::from(trn), &[64, 128, 256, 512, 1024]),
    ]
}

fn write(criterion: &mut Criterion) {
    faer::set_global_parallelism(Par::Seq);
    let mut group = criterion.benchmark_group(format!("write m={MESSAGES}"));
    for (spec, sizes) in works() {
        let protocol = spec.protocol();
        for &n in sizes {
            let mut stream = Stream::named(1, "bench", &[("n", n as u64)]);
            let messages = Patterns::random(n, MESSAGES, &mut stream);
            group.bench_function(BenchmarkId::new(protocol.name(), n), |bencher| {
                bencher.iter(|| {
                    protocol.write(&messages, &mut stream.clone()).expect("the messages are written")
                });
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
    targets = write
}
criterion_main!(benches);
