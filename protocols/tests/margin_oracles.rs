//! The convex losses of margins against known optima and independent programs.

use protocols::protocol::{Margin, MarginDiagonal, MarginLoss, Mcf, Mpf};
use protocols::{NoiseDraw, Patterns, Protocol, Stream, probe};

fn messages(n: usize, m: usize, trial: u64) -> Patterns {
    let axes = [("n", n as u64), ("m", m as u64), ("trial", trial)];
    Patterns::random(n, m, &mut Stream::named(7, "oracle", &axes))
}

fn training(trial: u64) -> Stream {
    Stream::named(7, "oracle-training", &[("trial", trial)])
}

/// Four messages of five units, none of them the reverse of another.
fn few() -> Patterns {
    let signs = [[1, 1, -1, 1, -1], [1, -1, -1, -1, 1], [-1, 1, 1, 1, 1], [1, 1, 1, -1, -1]];
    Patterns::new(5, signs.concat()).unwrap()
}

#[test]
fn margin_finds_the_optimum_of_an_independent_solver() {
    // By scipy 1.17.1, row by row: L-BFGS-B, then Newton steps until they stand still. Entries by rows.
    let (z, exponential) = (0.0, MarginLoss::Exponential);
    let exponential = (
        exponential,
        [
            [z, 1.174532, -2.487982, -2.487982, -1.439341],
            [1.174532, z, 2.487982, 2.487982, -1.439341],
            [-2.629573, 2.629573, z, -2.313946, z],
            [-2.629573, 2.629573, -2.313946, z, z],
            [-1.692815, -1.692815, z, z, z],
        ],
    );
    let logistic = (
        MarginLoss::Logistic,
        [
            [z, 1.138614, -2.43074, -2.43074, -1.426961],
            [1.138614, z, 2.43074, 2.43074, -1.426961],
            [-2.575967, 2.575967, z, -2.23903, z],
            [-2.575967, 2.575967, -2.23903, z, z],
            [-1.679638, -1.679638, z, z, z],
        ],
    );
    for (loss, expected) in [exponential, logistic] {
        let margin = Margin { loss, gradient_tolerance: 1e-7.try_into().unwrap(), ..Margin::default() };
        let weights = margin.write(&few(), &mut training(0)).unwrap().weights;
        for (i, row) in expected.iter().enumerate() {
            for (j, &expected) in row.iter().enumerate() {
                let found = f64::from(weights.matrix()[(i, j)]);
                assert!((found - expected).abs() < 1e-4, "{loss:?} {i} {j}: {found} against {expected}");
            }
        }
    }
}

#[test]
fn two_units_are_coupled_as_their_agreement_says() {
    // Three of four messages have equal signs. The derivative of the exponential loss, 3 e^-w = e^w, and of
    // the logistic one, 3 (1 - s(w)) = s(w) with s(w) = 1/(1 + e^-w), vanish at w = ln(3)/2 and at w = ln 3.
    let messages = Patterns::new(2, vec![1, 1, -1, -1, 1, 1, 1, -1]).unwrap();
    let none = 0.0.try_into().unwrap();
    for (loss, expected) in
        [(MarginLoss::Exponential, 3.0_f64.ln() / 2.0), (MarginLoss::Logistic, 3.0_f64.ln())]
    {
        let margin = Margin { loss, l2: none, ..Margin::default() };
        let weights = margin.write(&messages, &mut training(0)).unwrap().weights;
        for (i, j) in [(0, 1), (1, 0)] {
            let found = f64::from(weights.matrix()[(i, j)]);
            assert!((found - expected).abs() < 1e-3, "{loss:?}: {found} against {expected}");
        }
    }
}

#[test]
fn noisy_copies_are_states_to_margin_and_data_to_mpf() {
    // One message of two units, each bit flipped with probability q = 1/10 in many copies. Margin asks for
    // the message's bit at the copy: right with probability 1 - q, so w = ln((1 - q)/q)/2. MPF asks for the
    // copy's own bits, whose product is the message's with probability (1 - q)^2 + q^2 = 0.82, so w =
    // ln(0.82/0.18)/2.
    let messages = Patterns::new(2, vec![1, -1]).unwrap();
    let (copies, noise, noise_model) = (100_000, 0.1.try_into().unwrap(), NoiseDraw::Bernoulli);
    let l2 = 0.0.try_into().unwrap();
    let margin = Margin { copies, noise, noise_model, l2, ..Margin::default() };
    let mpf = Mpf { copies, noise, noise_model, ..Mpf::default() };
    let cases: [(&dyn Protocol, f64); 2] = [(&margin, 0.1), (&mpf, 0.18)];
    for (protocol, wrong) in cases {
        let weights = protocol.write(&messages, &mut training(0)).unwrap().weights;
        let expected = -((1.0 - wrong) / wrong).ln() / 2.0;
        // The share of wrong bits has the deviation sqrt(wrong (1 - wrong)/copies), and dw/dwrong = 1/(2
        // wrong (1 - wrong)).
        let deviation = 0.5 / (wrong * (1.0 - wrong) * f64::from(copies)).sqrt();
        let found = f64::from(weights.matrix()[(0, 1)]);
        assert!(
            (found - expected).abs() < 6.0 * deviation,
            "{}: {found} against {expected}",
            protocol.name()
        );
    }
}

#[test]
fn a_free_diagonal_trusts_the_unit_itself_as_much_as_any_other() {
    // One message of two units, each bit flipped with probability q = 1/10: both units are equally good
    // witnesses of either. With a the field that a right witness adds, the mean of exp(-a_1 e_1 - a_2 e_2)
    // over flips e = +-1 is a product, least at a = ln((1 - q)/q)/2. That of ln(1 + exp(-a e)) has, at a_1 =
    // a_2 = a, the derivative of (1 - q)^2 and q^2 alone, because two witnesses who disagree cancel: (1 -
    // q)^2 s(-2a) = q^2 s(2a) with s(u) = 1/(1 + e^-u), so a = ln((1 - q)/q).
    let messages = Patterns::new(2, vec![1, -1]).unwrap();
    let (copies, noise, noise_model) = (100_000, 0.1.try_into().unwrap(), NoiseDraw::Bernoulli);
    let (l2, diagonal) = (0.0.try_into().unwrap(), MarginDiagonal::Free);
    // By the delta method the deviation over the copies drawn is .0088 and .0176; six of them.
    let cases =
        [(MarginLoss::Exponential, 9.0_f64.ln() / 2.0, 0.053), (MarginLoss::Logistic, 9.0_f64.ln(), 0.106)];
    for (loss, expected, tolerance) in cases {
        let margin = Margin { loss, copies, noise, noise_model, l2, diagonal, ..Margin::default() };
        let weights = margin.write(&messages, &mut training(0)).unwrap().weights;
        for (i, j) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let expected = if i == j { expected } else { -expected };
            let found = f64::from(weights.matrix()[(i, j)]);
            assert!((found - expected).abs() < tolerance, "{loss:?} {i} {j}: {found} against {expected}");
        }
    }
    // The mean over all copies has no deviation.
    let mcf = Mcf { noise, l2, gradient_tolerance: 1e-6.try_into().unwrap(), ..Mcf::default() };
    let weights = mcf.write(&messages, &mut training(0)).unwrap().weights;
    for (i, j) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let expected = if i == j { cases[0].1 } else { -cases[0].1 };
        let found = f64::from(weights.matrix()[(i, j)]);
        assert!((found - expected).abs() < 1e-4, "{i} {j}: {found} against {expected}");
    }
}

#[test]
fn the_mean_over_copies_is_what_many_copies_come_to() {
    // Of 16 messages of 16 units with q = 1/10 and a penalty that makes the minimiser unique: the distance to
    // it falls as one over the root of the copies, tenfold from 100 to 10 000, and is then small beside the
    // weights.
    let messages = Patterns::random(16, 16, &mut Stream::named(7, "oracle", &[("copies", 1)]));
    let (noise, l2) = (0.1.try_into().unwrap(), 0.01.try_into().unwrap());
    let mean = Mcf { noise, l2, ..Mcf::default() }.write(&messages, &mut training(0)).unwrap().weights;
    let distance = |copies: u32| {
        let (noise_model, diagonal) = (NoiseDraw::Bernoulli, MarginDiagonal::Free);
        let margin = Margin { copies, noise, noise_model, l2, diagonal, ..Margin::default() };
        let drawn = margin.write(&messages, &mut training(0)).unwrap().weights;
        (drawn.matrix() - mean.matrix()).norm_l2() / mean.matrix().norm_l2()
    };
    let (few, many) = (distance(100), distance(10_000));
    assert!(many < 0.03 && few > 4.0 * many && few < 25.0 * many, "{few}, {many}");
}

#[test]
fn margin_without_copies_and_penalty_stores_as_much_as_rows_separate() {
    // Cover 1965: with N = 64 and a zero diagonal a row separates M = 64 random messages but for one case in
    // 10^16, and then the loss falls towards 0.
    for loss in [MarginLoss::Exponential, MarginLoss::Logistic] {
        let messages = messages(64, 64, 1);
        let margin = Margin { loss, l2: 0.0.try_into().unwrap(), ..Margin::default() };
        let weights = margin.write(&messages, &mut training(0)).unwrap().weights;
        assert_eq!(probe::stability(&weights, &messages).fixed, 64, "{loss:?}");
        assert!((0..64).all(|i| weights.matrix()[(i, i)] == 0.0));
    }
}
