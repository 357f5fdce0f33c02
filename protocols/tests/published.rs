//! Numbers that others have published or that their programs check, against the rules and readers here.

use protocols::protocol::{Hop, Mpf};
use protocols::reading::{Reader, Settings};
use protocols::{Patterns, Protocol, Queries, Stream, probe};

fn messages(n: usize, m: usize, trial: u64) -> Patterns {
    let axes = [("n", n as u64), ("m", m as u64), ("trial", trial)];
    Patterns::random(n, m, &mut Stream::named(11, "published", &axes))
}

fn training(trial: u64) -> Stream {
    Stream::named(11, "published-training", &[("trial", trial)])
}

/// The share of the messages that are fixed points of what the rule writes.
fn exactly_recalled(rule: &dyn Protocol, n: usize, m: usize, trial: u64) -> f64 {
    let messages = messages(n, m, trial);
    let written = rule.write(&messages, &mut training(trial)).unwrap();
    f64::from(probe::stability(&written.weights, &messages).fixed) / m as f64
}

/// The five assertions on learning in the tests of hdnet (C. Hillar, F. Effenberger, tests/test_hopfield.py), which
/// that program makes of one seed, here of three. Its units are 0 or 1 with a threshold each, which are units of +-1
/// with thresholds.
#[test]
fn hdnets_assertions_on_learning_hold() {
    let flow = Mpf { thresholds: true, ..Mpf::default() };
    for trial in 0..3 {
        // As many as McEliece et al. 1987 allow, N / (4 ln N), and nearly four times as many.
        let few = exactly_recalled(&Hop::default(), 300, 13, trial);
        assert!(few > 0.8, "HOP, 13 messages: {few}");
        let many = exactly_recalled(&Hop::default(), 300, 50, trial);
        assert!(many < 0.5, "HOP, 50 messages: {many}");
        assert_eq!(exactly_recalled(&flow, 300, 50, trial), 1.0, "MPF, 50 messages");
        assert_eq!(exactly_recalled(&flow, 64, 90, trial), 1.0, "MPF, 90 messages in 64 units");
        let crammed = exactly_recalled(&Hop::default(), 64, 90, trial);
        assert!(crammed < 0.01, "HOP, 90 messages in 64 units: {crammed}");
    }
}

/// What Amit, Gutfreund and Sompolinsky (1985, Phys. Rev. Lett. 55, 1530) predict for large N at zero temperature, the
/// overlap m of the fixed point near a message at load a: m = erf(y), where
/// y (sqrt(2 a) + 2 / sqrt(pi) exp(-y^2)) = erf(y).
fn retrieval_overlap(load: f64) -> f64 {
    // From above: the largest solution is the one of retrieval.
    let excess =
        |y: f64| y * ((2.0 * load).sqrt() + 2.0 / std::f64::consts::PI.sqrt() * (-y * y).exp()) - erf(y);
    let (mut low, mut high) = (5.0, 5.0);
    while excess(low) > 0.0 {
        (high, low) = (low, low - 0.001);
        assert!(low > 0.5, "no retrieval at load {load}");
    }
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if excess(middle) > 0.0 { high = middle } else { low = middle }
    }
    erf((low + high) / 2.0)
}

/// The error function by its series 2 / sqrt(pi) sum_k (-1)^k y^(2k+1) / (k! (2k + 1)).
fn erf(y: f64) -> f64 {
    let (mut term, mut sum, mut k) = (y, y, 0.0);
    while f64::abs(term) > 1e-17 * f64::abs(sum) {
        k += 1.0;
        term *= -y * y / k;
        sum += term / (2.0 * k + 1.0);
    }
    sum * 2.0 / std::f64::consts::PI.sqrt()
}

/// The prediction is of infinite N; what an independent program measured at N = 4000 stands beside it. An overlap
/// varies by .0025 between messages at most, so its mean over 200 of them by .0002; the set of messages moves it by
/// as much again, the size of the network by less than .001.
#[test]
fn the_outer_product_retrieves_with_the_overlap_that_mean_field_theory_gives() {
    let n = 4000;
    let settings = Settings { reader: Reader::Async, max_steps: 200 };
    for (load, measured) in [(0.10, 0.9976), (0.12, 0.9931), (0.13, 0.9887)] {
        let predicted = retrieval_overlap(load);
        assert!((predicted - measured).abs() < 0.002, "theory at load {load}: {predicted}");
        let messages = messages(n, (load * n as f64) as usize, 0);
        let weights = Hop::default().write(&messages, &mut training(0)).unwrap().weights;
        let queries = Queries::exact(&messages, 0, 200, &mut training(1));
        let found = probe::recovery(&weights, &messages, &queries, settings, 5, &mut training(2));
        let overlap = found.overlap_sum / 200.0;
        assert!((overlap - predicted).abs() < 0.002, "load {load}: {overlap} against {predicted}");
    }
}
