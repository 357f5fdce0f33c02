//! These tests check laws of growth: exponential, a power, neither, or not all there.

use super::*;
use crate::claim::KStar;
use study::claim::Test;

const SIZES: [u32; 6] = [16, 24, 32, 48, 64, 96];

const WRITE_TIME: &str = r#"
[[claim.test]]
[claim.test.write-time]
name = "write time"
subject = "A"
"#;

fn base(tests: &str) -> String {
    let text = BASE.replace("n = [64]", "n = [16, 24, 32, 48, 64, 96]").replace("[0.25, 0.5, 0.75]", "[0.5]");
    format!("{text}{tests}")
}

/// The finding where a write of A takes so many seconds, but for a tenth that differs from trial to trial.
fn timed(seconds: impl Fn(f64) -> f64) -> Finding {
    let (plan, claim) = planned_from(&base(WRITE_TIME));
    let mut records = records(&plan, |_| 50);
    for timing in &mut records.timings {
        let n = f64::from(timing.at.n);
        // Sizes alternate, so that no law goes through all points.
        let size = if timing.at.n % 16 == 0 { 1.1 } else { 0.9 };
        let seconds = if timing.at.protocol == "A" { seconds(n) } else { n * n };
        timing.write_seconds = seconds * size * (1.0 + 0.01 * f64::from(timing.at.trial % 7));
    }
    judged(&plan, &claim, &records).tests.swap_remove(0)
}

#[test]
fn exponential_growth_holds() {
    let finding = timed(|n| 1e-3 * (0.2 * n).exp());
    assert_eq!(finding.verdict, Verdict::Holds);
    let decisive = finding.decisive.unwrap();
    assert!(decisive.subject.unwrap() > 3.0 && decisive.effect.unwrap() > 0.0 && decisive.low.unwrap() > 0.0);
    assert!(decisive.note.unwrap().contains("the exponential fits better"));
    let rates: Vec<_> = finding.rows.iter().filter(|row| row.quantity == "rate").collect();
    assert_eq!(rates.len(), 1);
    assert!((rates[0].subject.unwrap() - 0.2).abs() < 0.01);
}

#[test]
fn a_power_law_fails() {
    let finding = timed(|n| 1e-6 * n.powi(3));
    assert_eq!(finding.verdict, Verdict::Fails);
    let decisive = finding.decisive.unwrap();
    assert!(
        decisive.subject.unwrap() < -3.0 && decisive.effect.unwrap() < 0.0 && decisive.high.unwrap() < 0.0
    );
    let note = decisive.note.unwrap();
    assert!(
        note.contains("the power law fits better") && note.contains("; exponents of the others: B "),
        "{note}"
    );
    // The exponents of the others stand beside it.
    let exponents: Vec<_> = finding.rows.iter().filter(|row| row.quantity == "exponent").collect();
    let others: Vec<_> = exponents.iter().filter_map(|row| row.against.as_deref()).collect();
    assert_eq!(others, ["B", "C"]);
    assert!((exponents[2].subject.unwrap() - 2.0).abs() < 0.2);
    assert_eq!((finding.holds.as_str(), finding.fails.as_str()), ("", ""));
}

#[test]
fn a_fixed_cost_is_told_from_what_grows() {
    // At N = 16 it is nine tenths of the time, at 96 a fortieth.
    let finding = timed(|n| 1e-6 * (9.0 * 16.0_f64.powi(3) + n.powi(3)));
    let of = |quantity: &str| -> Vec<_> {
        let rows = finding.rows.iter().filter(|row| row.quantity == quantity);
        rows.map(|row| (row.against.as_deref(), row.subject.unwrap(), row.low.unwrap(), row.high.unwrap()))
            .collect()
    };
    let line = of("exponent")[0];
    assert!(line.0.is_none() && line.3 < 2.7, "{line:?}");
    let beyond = of("exponent beyond a fixed cost");
    let (label, exponent, low, high) = beyond[0];
    assert!(label.is_none() && (exponent - 3.0).abs() < 0.4 && low < 3.0 && high > 3.0, "{beyond:?}");
}

#[test]
fn slow_growth_decides_nothing_and_is_told() {
    // Neither law fits: the steps lie between. An exponential of a small rate grows as slowly.
    let finding = timed(|n| 1.0 + 0.001 * n);
    assert_eq!((finding.verdict, of(&finding, Role::Guard).count()), (Verdict::Undecided, 0));
    let exponent = of(&finding, Role::Map).find(|row| row.quantity == "pace").unwrap();
    assert!(exponent.subject.unwrap() < 0.3 && exponent.high.unwrap() < 0.0 && exponent.p.is_none());
    let note = exponent.note.as_deref().unwrap();
    assert!(note.contains("fits better") && note.contains(" % of the resamples"), "{note}");
}

#[test]
fn what_fits_both_laws_alike_is_undecided() {
    // Growth between the laws: a power law of N, then an exponential.
    let finding = timed(|n| n.powf(1.2) * (0.018 * n).exp());
    assert_eq!(finding.verdict, Verdict::Undecided);
    assert!(finding.complete);
}

#[test]
fn a_size_that_lacks_makes_it_undecided() {
    let (plan, claim) = planned_from(&base(WRITE_TIME));
    let mut records = records(&plan, |_| 50);
    records.timings.iter_mut().for_each(|timing| timing.write_seconds = f64::from(timing.at.n).powi(3));
    assert_eq!(decided(&plan, &claim, &records), Verdict::Fails);
    records.memories.retain(|memory| memory.at.n != 96);
    let judgement = judged(&plan, &claim, &records);
    assert_eq!((verdict_of(&judgement), judgement.tests[0].complete), (Some(Verdict::Undecided), false));
}

const QUERIES_NEEDED: &str = r#"
[[claim.test]]
[claim.test.queries-needed]
name = "K*"
subject = "T"
plateau = "fresh"
measure = "recovered"
region = { noise = [0.1], dynamics = ["sync"] }
"#;

/// A run in which, with K fixed queries, the share 1 - 0.02 needed(N)/K of the plateau of 80 % is reached.
fn fixed_queries(needed: impl Fn(f64) -> f64) -> (Vec<Cell>, ClaimSpec, Records) {
    let text = base(QUERIES_NEEDED)
        .replace("A = { trn = {} }\n", "T = { trn = { redraw = 0 } }\n")
        .replace("trials = 12", "k = [1, 2, 4, 8, 16, 32, 64, 128]\ntrials = 12")
        .replace("B = { hop = {} }\nC = { mpf = {} }\n", "fresh = { trn = {} }\n")
        .replace("[grid]\n", "[grid]\nprotocols = [\"T\"]\n")
        .replace(
            "queries = 100\n",
            "queries = 100\n[[grid.part]]\n[[grid.part]]\nprotocols = [\"fresh\"]\nk = [20]\n",
        )
        .replace("plateau = \"fresh\"", "plateau = \"fresh, K=20\"");
    let (plan, claim) = planned_from(&text);
    let spec = |label: &str| label.rsplit_once('=').unwrap().1.parse::<f64>().unwrap();
    let records = records(&plan, |read| {
        let trial = 0.001 * f64::from(read.trial % 3);
        let share = match read.label {
            "fresh, K=20" => 1.0,
            label => 1.0 - 0.02 * needed(f64::from(read.n)) / spec(label),
        };
        (1e6 * (0.8 + trial) * share.max(0.0)).round() as u32
    });
    let mut records = records;
    records.recalls.iter_mut().for_each(|recall| recall.reads.queries = 1_000_000);
    (plan, claim, records)
}

/// What is found of it.
fn needing(needed: impl Fn(f64) -> f64) -> Finding {
    let (plan, claim, records) = fixed_queries(needed);
    judged(&plan, &claim, &records).tests.swap_remove(0)
}

#[test]
fn figures_show_the_numbers_of_the_evidence() {
    let (plan, claim, records) = fixed_queries(|n| 0.05 * n * n.sqrt());
    let Test::QueriesNeeded(test) = &claim.test[0] else { panic!("it is the only test") };
    let shown = KStar::of(test, &Evidence::new(&plan, None, &records));
    let finding = judged(&plan, &claim, &records).tests.swap_remove(0);
    let of = |quantity: &'static str| {
        finding.rows.iter().filter(move |row| row.role == Role::Map && row.quantity == quantity)
    };
    assert_eq!(shown.sizes.iter().collect::<Vec<_>>(), of("K*").collect::<Vec<_>>());
    let slopes = shown.fit.map(|fit| (fit.power.slope, fit.exponential.slope)).unzip();
    assert_eq!(slopes, (of("exponent").next().unwrap().subject, of("rate").next().unwrap().subject));
}

#[test]
fn the_queries_needed_are_found_and_their_law_is_told() {
    let finding = needing(|n| 0.05 * n * n.sqrt());
    assert_ne!(finding.verdict, Verdict::Holds);
    let needed: Vec<(u32, f64)> = finding
        .rows
        .iter()
        .filter(|row| row.quantity == "K*")
        .map(|row| (row.at.n, row.subject.unwrap()))
        .collect();
    assert_eq!(needed.iter().map(|(n, _)| *n).collect::<Vec<_>>(), SIZES);
    assert_eq!((finding.holds.as_str(), finding.fails.as_str()), ("", ""), "a law of growth has no places");
    for (n, k) in needed {
        let due = 0.05 * f64::from(n).powf(1.5);
        // Interpolated over octaves of K.
        assert!((k / due).ln().abs() < 0.12, "N = {n}: {k} for {due}");
    }
    let excluded = finding.rows.iter().find_map(|row| row.note.as_deref()).unwrap();
    assert!(excluded.contains("; exponential growth with a rate above 0.0"), "{excluded}");
    let grows = needing(|n| 1.2 * (0.048 * n).exp());
    assert_eq!(grows.verdict, Verdict::Holds);
    let words = |finding: &Finding| finding.rows.iter().find_map(|row| row.note.clone()).unwrap();
    assert!(!words(&grows).contains("excluded"), "{}", words(&grows));
    // An exponential that falls is no growth, however well it fits.
    let falls = needing(|n| 60.0 * (-0.012 * n).exp());
    assert_ne!(falls.verdict, Verdict::Holds);
    assert!(words(&falls).contains("the exponential fits better"), "{}", words(&falls));
    assert!(words(&falls).contains("; exponential growth with a rate above "), "{}", words(&falls));
}

#[test]
fn queries_beyond_the_grid_are_undecided() {
    let finding = needing(|n| 2.0 * (0.048 * n).exp());
    assert_eq!(finding.verdict, Verdict::Undecided);
    assert_eq!(finding.decisive, None);
    let required = of(&finding, Role::Required).next().unwrap();
    assert_eq!(required.note.as_deref(), Some("at N = 96 K = 128 falls short"));
    let finding = needing(|n| 0.001 * n);
    let required = of(&finding, Role::Required).next().unwrap();
    assert_eq!(required.note.as_deref(), Some("at N = 16 K = 1 suffices"));
    assert_eq!(finding.verdict, Verdict::Undecided);
}

#[test]
fn all_states_within_a_radius_grow_exponentially() {
    let test = r#"
[[claim.test]]
[claim.test.exhaustive-queries]
name = "all states"
noise = 0.25
n = [16, 24, 32, 48, 64, 96]
"#;
    let (plan, claim) = planned_from(&base(test));
    let judgement = judged(&plan, &claim, &Records::default());
    assert_eq!(verdict_of(&judgement), Some(Verdict::Holds));
    let rate = judgement.tests[0].rows.iter().find(|row| row.quantity == "rate").unwrap();
    // ln 2 H(1/4) = 0.562, H in bits, but for a root of N.
    assert!((rate.subject.unwrap() - 0.562).abs() < 0.03, "{rate:?}");
}
