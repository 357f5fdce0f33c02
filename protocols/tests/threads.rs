//! A huge memory may be written and read by several threads inside: the same bits as by one. In a file of its
//! own, because faer's number of threads is a setting of the process.

use faer::Par;
use protocols::protocol::{
    DiederichOpper, Dreaming, EquilibriumPropagation, Hop, LargestStability, Margin, Mcf, Mpf, Perceptron,
    Pse, Ridge, Start, Trn, Variant,
};
use protocols::reading::{Reader, Reads, Settings, read};
use protocols::{Patterns, Protocol, Queries, Spec, Stream, Weights};
use std::num::NonZeroU32;

/// From here on a memory may use several threads.
const UNITS: usize = 1024;
const MESSAGES: usize = 150;

fn specs() -> Vec<Spec> {
    let few = |count| NonZeroU32::new(count).expect("it is not 0");
    let mpf = Mpf { max_iterations: 8, thresholds: true, ..Mpf::default() };
    let trn =
        Trn { epochs: 2, steps: few(2), queries: few(2), start: Start::Hop, input: true, ..Trn::default() };
    let margin = Margin { max_iterations: 3, copies: 2, ..Margin::default() };
    vec![
        Spec::from(Hop::default()),
        Spec::from(Pse::default()),
        Spec::from(mpf),
        Spec::from(margin),
        Spec::from(Mcf { max_iterations: 3, thresholds: true, ..Mcf::default() }),
        Spec::from(Perceptron { max_sweeps: 2, ..Perceptron::default() }),
        Spec::from(Ridge::default()),
        Spec::from(DiederichOpper { variant: Variant::Ii, max_sweeps: 2, ..DiederichOpper::default() }),
        Spec::from(LargestStability { max_sweeps: 2, ..LargestStability::default() }),
        Spec::from(EquilibriumPropagation {
            epochs: 2,
            relaxations: few(3),
            ..EquilibriumPropagation::default()
        }),
        Spec::from(trn),
    ]
}

fn write_and_read(spec: &Spec) -> (Weights, Reads) {
    let mut stream = Stream::named(1, "threads", &[]);
    let messages = Patterns::random(UNITS, MESSAGES, &mut stream);
    let queries = Queries::exact(&messages, UNITS / 4, 100, &mut stream);
    let weights = spec.protocol().write(&messages, &mut stream).expect("the messages are written").weights;
    let settings = Settings { reader: Reader::Sync, max_steps: 20 };
    let reads = read(&weights, &queries.states, settings, &mut stream);
    (weights, reads)
}

#[test]
fn threads_inside_a_huge_memory_leave_its_bits_alone() {
    for spec in specs() {
        faer::set_global_parallelism(Par::Seq);
        let alone = write_and_read(&spec);
        for threads in [2, 3] {
            faer::set_global_parallelism(Par::rayon(threads));
            assert!(write_and_read(&spec) == alone, "{} on {threads} threads", spec.protocol().name());
        }
    }
    // Where there are more messages than units, ridge factors and solves by units, whatever their number.
    let messages = Patterns::random(300, 400, &mut Stream::named(1, "threads", &[]));
    let write = || Dreaming::default().write(&messages, &mut Stream::named(1, "threads", &[]));
    faer::set_global_parallelism(Par::Seq);
    let alone = write().expect("they are written");
    faer::set_global_parallelism(Par::rayon(3));
    assert!(write().expect("they are written").weights == alone.weights, "more messages than units");
}
