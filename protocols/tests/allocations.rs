//! Training allocates before its epochs, never in them; minimisation before its evaluations.

use protocols::protocol::{
    Cost, Daydreaming, DiederichOpper, Margin, MarginLoss, Mcf, Mpf, Schedule, Start, Trn, Unlearning,
    Variant,
};
use protocols::{Patterns, Protocol, Stream};

/// Allocations of a write.
fn allocations(protocol: &dyn Protocol) -> u64 {
    let mut stream = Stream::named(1, "allocations", &[]);
    let messages = Patterns::random(64, 20, &mut stream);
    let counted = allocation_counter::measure(|| {
        protocol.write(&messages, &mut stream).expect("the messages are written");
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

#[test]
fn evaluations_allocate_nothing() {
    let never = 0.0.try_into().expect("0 is allowed");
    let margin = |loss| Margin { loss, copies: 3, gradient_tolerance: never, ..Margin::default() };
    for loss in [MarginLoss::Exponential, MarginLoss::Logistic] {
        let of = |max_iterations| allocations(&Margin { max_iterations, ..margin(loss) });
        // The history of L-BFGS grows to five pairs.
        of(10);
        assert_eq!(of(10), of(30), "{loss:?}");
    }
    let mcf = Mcf { gradient_tolerance: never, ..Mcf::default() };
    let of = |max_iterations| allocations(&Mcf { max_iterations, ..mcf });
    of(10);
    assert_eq!(of(10), of(30));
    let mpf =
        Mpf { gradient_tolerance: never, l2: 0.01.try_into().expect("it is allowed"), ..Mpf::default() };
    let of = |max_iterations| allocations(&Mpf { max_iterations, ..mpf });
    of(10);
    assert_eq!(of(10), of(30));
}

#[test]
fn dreams_and_sweeps_allocate_nothing() {
    let unlearning = |share: f64| {
        let unlearned = share.try_into().expect("it is allowed");
        allocations(&Unlearning { unlearned, ..Unlearning::default() })
    };
    unlearning(0.1);
    assert_eq!(unlearning(0.1), unlearning(0.3));
    let daydreaming = |epochs| allocations(&Daydreaming { epochs, ..Daydreaming::default() });
    assert_eq!(daydreaming(2), daydreaming(12));
    let tolerance = 0.0.try_into().expect("0 is allowed");
    let delta = DiederichOpper { variant: Variant::Ii, tolerance, ..DiederichOpper::default() };
    let of = |max_sweeps| allocations(&DiederichOpper { max_sweeps, ..delta });
    // As above.
    of(2);
    assert_eq!(of(2), of(12));
}
