//! Training allocates before its epochs, never in them.

use protocols::protocol::{Cost, Schedule, Start, Trn};
use protocols::{Patterns, Protocol, Stream};

/// Allocations of a training of so many epochs.
fn allocations(trn: &Trn) -> u64 {
    let mut stream = Stream::named(1, "allocations", &[]);
    let messages = Patterns::random(64, 20, &mut stream);
    let counted = allocation_counter::measure(|| {
        trn.write(&messages, &mut stream).expect("the messages are written");
    });
    counted.count_total
}

#[test]
fn epochs_allocate_nothing() {
    for trn in [
        Trn { start: Start::Hop, ..Trn::default() },
        Trn {
            start: Start::Hop,
            batch: 48,
            clip: 0.1.try_into().unwrap(),
            gain_end: 4.0.try_into().unwrap(),
            schedule: Schedule::Cosine,
            patience: 100,
            validate_every: 2.try_into().unwrap(),
            ..Trn::default()
        },
        Trn { start: Start::Zero, input: true, thresholds: true, cost: Cost::CrossEntropy, ..Trn::default() },
    ] {
        let of = |epochs| allocations(&Trn { epochs, ..trn });
        // The first product of a thread sets up the libraries' own buffers.
        of(1);
        assert_eq!(of(2), of(12), "{trn:?}");
    }
}
