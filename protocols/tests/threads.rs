//! A huge memory may be written and read by several threads inside: the same bits as by one. In a file of its
//! own, because faer's number of threads is a setting of the process.

use faer::Par;
use protocols::protocol::{
    DiederichOpper, Dreaming, EquilibriumPropagation, Hop, LargestStability, Margin, Mcf, Mpf, Perceptron,
    Pse, Ridge, Start, Trn, Variant,
};
use protocols::reading::{Reader, Reads, Settings, Store, read, read_with_checkpoints};
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

fn stream() -> Stream {
    Stream::named(1, "threads", &[])
}

fn write_and_read(spec: &Spec, messages: usize, queries: usize) -> (Weights, Reads) {
    let mut stream = stream();
    let messages = Patterns::random(UNITS, messages, &mut stream);
    let queries = Queries::exact(&messages, UNITS / 4, queries, &mut stream);
    let weights = spec.protocol().write(&messages, &mut stream).expect("the messages are written").weights;
    let settings = Settings { reader: Reader::Sync, max_steps: 20 };
    let reads = read(&weights, &queries.states, settings, &mut stream);
    (weights, reads)
}

/// What `of` gives on one thread it gives on more.
fn compare<T: PartialEq>(what: &str, of: impl Fn() -> T) {
    faer::set_global_parallelism(Par::Seq);
    let alone = of();
    for threads in [2, 3] {
        faer::set_global_parallelism(Par::rayon(threads));
        assert!(of() == alone, "{what} on {threads} threads");
    }
}

/// One test, because the number of threads is a setting of the process.
#[test]
fn threads_inside_a_huge_memory_leave_its_bits_alone() {
    for spec in specs() {
        // A single message or query makes a vector of what else is a matrix.
        for (messages, queries) in [(MESSAGES, 100), (1, 1)] {
            let name = spec.protocol().name();
            compare(&format!("{name} of {messages}"), || write_and_read(&spec, messages, queries));
        }
    }
    a_single_unit_is_left();
    a_single_query_is_read();
    // Where there are more messages than units, ridge factors and solves by units, whatever their number.
    let messages = Patterns::random(300, 400, &mut stream());
    let write = || Dreaming::default().write(&messages, &mut stream()).expect("they are written").weights;
    compare("more messages than units", write);
}

/// Of units that are searched together one is left in the end, whose products are those of a vector.
fn a_single_unit_is_left() {
    let messages = Patterns::random(UNITS, UNITS / 2, &mut stream());
    for spec in [Spec::from(Margin::default()), Spec::from(Mcf::default())] {
        let rule = spec.protocol();
        compare(rule.name(), || rule.write(&messages, &mut stream()).expect("they are written").weights);
    }
}

fn a_single_query_is_read() {
    let messages = Patterns::random(UNITS, 5, &mut stream());
    let weights = Hop::default().write(&messages, &mut stream()).expect("they are written").weights;
    let query = Queries::exact(&messages, UNITS / 4, 1, &mut stream()).states;
    for reader in Reader::catalogue() {
        let settings = Settings { reader, max_steps: 20 };
        let store = || Store { weights: &weights, messages: &messages };
        let read = || read_with_checkpoints(store(), (&query).into(), settings, &[], &mut stream());
        compare(&reader.to_string(), read);
    }
}
