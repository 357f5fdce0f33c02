//! Protocols against known optima, exact probabilities and independent programs.

use protocols::protocol::{
    Cost, Coupling, Hop, Margin, Mpf, Optimiser, Pse, PseDiagonal, Start, Trn, TrnDiagonal, TrnLiteral,
    projector,
};
use protocols::reading::{Reader, Settings};
use protocols::{NoiseDraw, Patterns, Protocol, Queries, Stop, Stream, probe};
use std::num::NonZeroU32;

fn messages(n: usize, m: usize, trial: u64) -> Patterns {
    let axes = [("n", n as u64), ("m", m as u64), ("trial", trial)];
    Patterns::random(n, m, &mut Stream::named(7, "oracle", &axes))
}

fn training(trial: u64) -> Stream {
    Stream::named(7, "oracle-training", &[("trial", trial)])
}

/// Share of recovered queries at exactly `flips` flips, sync, over `trials` trials of 100 queries.
fn recovered(protocol: &dyn Protocol, m: usize, flips: usize, trials: u64) -> f64 {
    let settings = Settings { reader: Reader::Sync, max_steps: 50 };
    let mut count = 0;
    for trial in 0..trials {
        let messages = messages(64, m, trial);
        let written = protocol.write(&messages, &mut training(trial)).unwrap();
        let queries = Queries::exact(&messages, flips, 100, &mut Stream::named(7, "q", &[("trial", trial)]));
        count += probe::recovery(&written.weights, &messages, &queries, settings, 5, &mut training(trial))
            .recovered;
    }
    f64::from(count) / (100 * trials) as f64
}

#[test]
fn hop_bit_errors_are_binomial() {
    // Exact at N = 100, M = 14, zero diagonal: with n = 13 x 99 fair signs, P[sum < -99] = .002646, P[sum =
    // -99] = .000493.
    let (mut wrong, mut tied, mut bits) = (0, 0, 0);
    for trial in 0..4000 {
        let messages = messages(100, 14, trial);
        let written = Hop::default().write(&messages, &mut training(0)).unwrap();
        let found = probe::stability(&written.weights, &messages);
        wrong += found.wrong_bits;
        tied += found.tied_bits;
        bits += 1400;
    }
    // Bits of a trial are correlated; in 40 groups of trials the shares' deviation was 1.1 times the binomial's.
    // Five such deviations at 5.6 million bits: 1.3e-4 and 5.2e-5.
    let (wrong, tied) = (wrong as f64 / f64::from(bits), tied as f64 / f64::from(bits));
    assert!((wrong - 0.002646).abs() < 1.3e-4, "{wrong}");
    assert!((tied - 0.000493).abs() < 5.2e-5, "{tied}");
}

#[test]
fn pse_is_the_projector_onto_the_messages() {
    for (n, m) in [(50, 1), (50, 20), (64, 60), (40, 40), (30, 45)] {
        let messages = messages(n, m, 0);
        let (w, rank) = projector(&messages).unwrap();
        assert_eq!(rank, n.min(m));
        let xi = messages.columns::<f64>();
        let largest = |d: faer::Mat<f64>| d.norm_max();
        assert!(largest(&w * &w - &w) < 1e-9, "W^2 = W at {n}, {m}");
        assert!(largest(&w * &xi - &xi) < 1e-9, "W xi = xi at {n}, {m}");
        let trace: f64 = (0..n).map(|i| w[(i, i)]).sum();
        assert!((trace - rank as f64).abs() < 1e-9, "trace = rank at {n}, {m}");
    }
}

#[test]
fn pse_reports_dependent_messages() {
    let base = messages(40, 6, 0);
    let mut signs = base.signs().to_vec();
    signs.extend_from_slice(base.row(2));
    signs.extend(base.row(3).iter().map(|s| -s));
    let dependent = Patterns::new(40, signs).unwrap();
    let report = Pse::default().write(&dependent, &mut training(0)).unwrap().report;
    assert_eq!((report.stop, report.rank), (Stop::PseudoInverse, Some(6)));
    let (with, _) = projector(&dependent).unwrap();
    let (without, _) = projector(&base).unwrap();
    assert!(
        (with - without).norm_max() < 1e-9,
        "repeated and complementary messages add nothing to the span"
    );
    let report = Pse::default().write(&base, &mut training(0)).unwrap().report;
    assert_eq!((report.stop, report.rank), (Stop::ClosedForm, Some(6)));
}

#[test]
fn pse_corrects_a_single_flipped_bit_iff_its_diagonal_is_below_one_half() {
    let settings = Settings { reader: Reader::Sync, max_steps: 1 };
    for (m, trial) in [(10, 0), (30, 1), (32, 2), (34, 3), (50, 4)] {
        let messages = messages(64, m, trial);
        let weights = Pse::default().write(&messages, &mut training(0)).unwrap().weights;
        let (p, _) = projector(&messages).unwrap();
        for unit in 0..64 {
            let mut state = messages.row(0).to_vec();
            state[unit] = -state[unit];
            let queries = Patterns::new(64, state).unwrap();
            let reads = protocols::reading::read(&weights, &queries, settings, &mut training(0));
            let corrected = reads.states.row(0)[unit] == messages.row(0)[unit];
            assert_eq!(
                corrected,
                p[(unit, unit)] < 0.5,
                "unit {unit} at M = {m}: P_jj = {}",
                p[(unit, unit)]
            );
        }
    }
}

#[test]
fn pse_margin_with_zero_diagonal_is_that_of_the_projector_algebra() {
    for m in [40, 100, 200, 300] {
        let messages = messages(400, m, 0);
        let pse = Pse { diagonal: PseDiagonal::Zero };
        let weights = pse.write(&messages, &mut training(0)).unwrap().weights;
        let kappa = probe::stability(&weights, &messages).margins.unwrap().mean;
        let load = m as f64 / 400.0;
        let expected = ((1.0 - load) / load).sqrt();
        assert!((kappa / expected - 1.0).abs() < 0.02, "load {load}: {kappa} against {expected}");
    }
}

#[test]
fn mpf_makes_every_message_a_strict_local_minimum() {
    for trial in 0..20 {
        let messages = messages(64, 32, trial);
        let written = Mpf::default().write(&messages, &mut training(0)).unwrap();
        let structure = probe::structure(&written.weights, &messages);
        assert_eq!((structure.strict_minima, structure.asymmetry, structure.diagonal_ratio), (32, 0.0, 0.0));
        assert_eq!(written.report.stop, Stop::GradientTolerance);
    }
}

#[test]
fn mpf_with_thresholds_stores_beyond_load_one() {
    let messages = messages(64, 90, 0);
    let mpf = Mpf { thresholds: true, ..Mpf::default() };
    let written = mpf.write(&messages, &mut training(0)).unwrap();
    assert!(written.weights.thresholds().is_some());
    assert_eq!(probe::stability(&written.weights, &messages).fixed, 90);
}

#[test]
fn mpf_decreases_its_objective() {
    let messages = messages(64, 48, 0);
    let mut last = f64::INFINITY;
    for max_iterations in 0..20 {
        let mpf = Mpf { max_iterations, ..Mpf::default() };
        let objective = mpf.write(&messages, &mut training(0)).unwrap().report.objective.unwrap();
        assert!(objective < last, "iteration {max_iterations}: {objective} after {last}");
        last = objective;
    }
    // K(0) counts every neighbour once.
    let mpf = Mpf { max_iterations: 0, ..Mpf::default() };
    let objective = mpf.write(&messages, &mut training(0)).unwrap().report.objective.unwrap();
    assert!((objective - 64.0 * 48.0).abs() < 0.01, "{objective}");
}

#[test]
fn mpf_stores_messages_that_it_saw_in_noisy_copies_only() {
    // Hillar, Sohl-Dickstein, Koepsell 2012: trained on corrupted versions, the network stores the originals.
    // No copy of these is without a flipped bit.
    let messages = messages(64, 16, 0);
    let mpf =
        Mpf { copies: 200, noise: 0.1.try_into().unwrap(), noise_model: NoiseDraw::Exact, ..Mpf::default() };
    let weights = mpf.write(&messages, &mut training(0)).unwrap().weights;
    assert_eq!(probe::structure(&weights, &messages).strict_minima, 16);
}

#[test]
fn recovery_agrees_with_an_independent_program() {
    // An independent numpy program over 20 trials at N = 64, exactly 6 flips, sync. Both sides sample 20
    // message sets; the deviation between trials is at most .25, so five deviations of the difference of two
    // means are .25 sqrt(2/20) x 5 = .40 at worst; with 60 trials here and the measured deviations (.08 to
    // .15 a trial) it is .15.
    let zero = Pse { diagonal: PseDiagonal::Zero };
    let (hop, mpf, margin) = (Hop::default(), Mpf::default(), Margin::default());
    let cases: [(&dyn Protocol, usize, f64); 7] = [
        (&hop, 12, 0.49),
        (&hop, 16, 0.14),
        (&zero, 28, 0.94),
        (&zero, 32, 0.41),
        (&mpf, 28, 0.94),
        (&mpf, 32, 0.66),
        (&margin, 32, 0.92),
    ];
    for (protocol, m, expected) in cases {
        let found = recovered(protocol, m, 6, 60);
        assert!(
            (found - expected).abs() < 0.15,
            "{} at M = {m}: {found} against {expected}",
            protocol.name()
        );
    }
}

#[test]
fn trn_by_default_recovers_more_than_mpf() {
    // At N = 64, M = 32, d = 6 TRN's share is about .92 and MPF's .67; the paired difference varies by .06 a trial.
    let (trn, mpf) = (Trn::default(), Mpf::default());
    let difference = recovered(&trn, 32, 6, 4) - recovered(&mpf, 32, 6, 4);
    assert!(difference > 0.05, "{difference}");
}

/// A single step trained on the messages themselves with cross-entropy is a logistic regression for every
/// unit, which in the end separates what can be separated: N rows of N - 1 weights each separate M random
/// messages with probability (2^(1-M) sum_{k < N-1} C(M-1, k))^N (Cover 1965), .99996 at N = 64, M = 83, .984
/// at 93, .488 at 103, 5e-8 at 118.
#[test]
fn one_step_without_noise_stores_what_cover_says_can_be_stored() {
    let trn = Trn {
        steps: NonZeroU32::MIN,
        queries: NonZeroU32::MIN,
        noise: 0.0.try_into().unwrap(),
        redraw: 0,
        start: Start::Zero,
        diagonal: TrnDiagonal::Zero,
        cost: Cost::CrossEntropy,
        epochs: 1500,
        learning_rate: 0.1.try_into().unwrap(),
        ..Trn::default()
    };
    // Of how many message sets all messages are fixed, and which share of all messages is.
    let stored = |m: usize, trials: u64| {
        let fixed = (0..trials).map(|trial| {
            let messages = messages(64, m, trial);
            let written = trn.write(&messages, &mut training(trial)).unwrap();
            probe::stability(&written.weights, &messages).fixed
        });
        let fixed: Vec<u32> = fixed.collect();
        let share = f64::from(fixed.iter().sum::<u32>()) / (m as u64 * trials) as f64;
        (fixed.iter().filter(|&&fixed| fixed == m as u32).count(), share)
    };
    assert_eq!(stored(64, 6), (6, 1.0), "load 1");
    // Two sets of eight that cannot be stored come once in 10^8.
    let (sets, share) = stored(83, 8);
    assert!(sets >= 7 && share > 0.998, "load 1.3: {sets} sets, {share} of all messages");
    // Binomial, once in 10^6 outside.
    let (sets, share) = stored(103, 60);
    assert!((11..=48).contains(&sets) && share < 1.0, "load 1.61: {sets} sets, {share} of all messages");
    let (sets, share) = stored(118, 8);
    assert!(sets == 0 && share < 0.5, "load 1.84: {sets} sets, {share} of all messages");
}

/// From W = 0 the gradient of one step is -2 sum_{m,k} xi^m p^{m,k T}, whose mean over queries is HOP's sum
/// times 1 - 2 d/N.
#[test]
fn the_first_step_of_training_from_nothing_is_the_outer_product() {
    let messages = messages(64, 12, 0);
    let hop = Hop::default().write(&messages, &mut training(0)).unwrap().weights;
    let cosine = |noise: f64, queries: u32, cost: Cost| {
        let trn = Trn {
            steps: NonZeroU32::MIN,
            queries: NonZeroU32::new(queries).unwrap(),
            noise: noise.try_into().unwrap(),
            start: Start::Zero,
            coupling: Coupling::Symmetric,
            diagonal: TrnDiagonal::Zero,
            optimiser: Optimiser::Sgd { momentum: 0.0.try_into().unwrap() },
            learning_rate: 1e-6.try_into().unwrap(),
            epochs: 1,
            cost,
            ..Trn::default()
        };
        let written = trn.write(&messages, &mut training(0)).unwrap().weights;
        let (a, b) = (written.matrix(), hop.matrix());
        let product: f64 = (0..64)
            .flat_map(|i| (0..64).map(move |j| (i, j)))
            .map(|(i, j)| f64::from(a[(i, j)] * b[(i, j)]))
            .sum();
        product / f64::from(a.norm_l2()) / f64::from(b.norm_l2())
    };
    for cost in [Cost::Squared, Cost::CrossEntropy] {
        let exact = cosine(0.0, 1, cost);
        assert!((exact - 1.0).abs() < 1e-6, "{cost:?}: {exact}");
        // The flips of K queries add noise of less than 1/K of the length squared.
        let noisy = cosine(0.2, 1000, cost);
        assert!(noisy > 0.999, "{cost:?}: {noisy}");
    }
}

#[test]
fn what_the_notes_say_word_for_word_makes_messages_periodic_and_none_fixed() {
    let messages = messages(64, 8, 0);
    let written = TrnLiteral::default().write(&messages, &mut training(0)).unwrap();
    assert_eq!(probe::stability(&written.weights, &messages).fixed, 0);
    let queries = Queries::exact(&messages, 0, 8, &mut training(1));
    let settings = Settings { reader: Reader::Sync, max_steps: 100 };
    let found = probe::recovery(&written.weights, &messages, &queries, settings, 5, &mut training(2));
    assert!(found.at_checkpoint >= 6, "after L = 5 steps: {found:?}");
    assert!(
        found.recovered == 0 && found.cycle == 8 && found.longest_cycle.is_multiple_of(5),
        "in the end: {found:?}"
    );
}
