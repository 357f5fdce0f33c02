//! HOP read from a query with flipped bits is known exactly in its first step, and well in the next ones.
//!
//! Zero diagonal, synchronous steps. In the first step bit i has, with k of the other N-1 bits flipped,
//!
//! ```text
//! xi_i h_i = (N-1) - 2k + S,   S the sum of (M-1)(N-1) fair signs,
//! ```
//!
//! because products of independent signs are such signs; of d flips k are the others', d-1 of them where bit i is
//! flipped itself (a share d/N of bits) and d where it is not. For N to infinity that is m1 = erf(m0/sqrt(2 load)).
//!
//! Later, the state depends on all messages, and the noise is no longer that of fair signs. Amari and Maginu take it
//! for Gaussian of variance s_t^2 all the same, and find with u = m_t/s_t and phi the Gaussian density
//!
//! ```text
//! m_{t+1}   = erf(u/sqrt 2)
//! s_{t+1}^2 = load + 4 phi(u)^2 + 4 load m_t m_{t+1} phi(u)/s_t,     s_0^2 = load.
//! ```
//!
//! What it is worth: its capacity is .160, where that of [`super::AGS_LOAD`] is .138, and near it, it promises
//! too much; reads that fail it says too little of. At load .08 from m0 = .4 it has .8427, .9262,
//! .9837, .9982 where 20 networks of N = 2000 have .8449, .9372, .9805, .9959. The state where reads from the message
//! itself end is [`super::ags_overlap`].
//!
//! Source: S. Amari, K. Maginu, Neural Networks 1, 63 (1988).

use super::fair_coins;
use super::gaussian;
use super::hop::BitError;
use statrs::function::erf::erf;
use std::f64::consts::FRAC_1_SQRT_2;

/// Computes the exact error of one bit after one synchronous step from a query with `flips` flipped bits. It
/// is an average over bits.
///
/// It holds for one of `m` messages on `n` units; at no flips it is [`super::hop_bit_error`].
///
/// # Panics
/// If `n` < 2, `m` = 0 or `flips` > `n`.
pub fn hop_step_error(n: u32, m: u32, flips: u32) -> BitError {
    let (flipped, kept) = errors(n, m, flips);
    let q = f64::from(flips) / f64::from(n);
    let mean = |flipped: f64, kept: f64| q * flipped + (1.0 - q) * kept;
    BitError { wrong: mean(flipped.wrong, kept.wrong), tie: mean(flipped.tie, kept.tie) }
}

/// Computes the exact share of bits that are right after the same step. A tied bit keeps its state, and is
/// right where it was not flipped.
///
/// # Panics
/// Likewise.
pub fn hop_step_share(n: u32, m: u32, flips: u32) -> f64 {
    let (flipped, kept) = errors(n, m, flips);
    let q = f64::from(flips) / f64::from(n);
    1.0 - q * (flipped.wrong + flipped.tie) - (1.0 - q) * kept.wrong
}

/// The errors of a bit that is flipped, and of one that is not.
fn errors(n: u32, m: u32, flips: u32) -> (BitError, BitError) {
    assert!(n >= 2 && m >= 1, "no bit to judge: {m} messages on {n} units");
    assert!(flips <= n, "{flips} flipped bits of {n}");
    let coins = u64::from(m - 1) * u64::from(n - 1);
    let error = |others: u32| {
        let signal = i64::from(n) - 1 - 2 * i64::from(others);
        BitError { wrong: below(coins, -signal), tie: at(coins, -signal) }
    };
    // With all bits flipped or none, one of the two is of no bit.
    (error(flips.saturating_sub(1)), error(flips.min(n - 1)))
}

/// P[S < sum] for the sum S = 2B - coins of so many fair signs.
fn below(coins: u64, sum: i64) -> f64 {
    // 2B < coins + sum.
    match u64::try_from(coins as i64 + sum) {
        Ok(twice) if twice > 0 => fair_coins::at_most(coins, (twice - 1) / 2),
        _ => 0.0,
    }
}

/// P[S = sum].
fn at(coins: u64, sum: i64) -> f64 {
    match u64::try_from(coins as i64 + sum) {
        Ok(twice) if twice.is_multiple_of(2) => fair_coins::point(coins, twice / 2),
        _ => 0.0,
    }
}

/// Computes the overlaps m_0, ..., m_`steps` of a synchronous read for N to infinity. It begins at overlap
/// `overlap` with one of the messages.
///
/// The first step is exact, the later ones are approximate.
///
/// # Panics
/// If `load` is not positive or `overlap` lies outside [-1, 1].
pub fn hop_overlaps(load: f64, overlap: f64, steps: u32) -> Vec<f64> {
    assert!(load > 0.0, "load {load} is not positive");
    assert!((-1.0..=1.0).contains(&overlap), "overlap {overlap} lies outside [-1, 1]");
    let (mut overlaps, mut variance) = (vec![overlap], load);
    for _ in 0..steps {
        let m = overlaps[overlaps.len() - 1];
        let spread = variance.sqrt();
        let u = m / spread;
        let next = erf(u * FRAC_1_SQRT_2);
        let slope = gaussian::density(u);
        variance = load + 4.0 * slope * slope + 4.0 * load * m * next * slope / spread;
        overlaps.push(next);
    }
    overlaps
}

#[cfg(test)]
mod tests {
    use super::super::hop_bit_error;
    use super::*;
    use approx::{assert_abs_diff_eq, assert_relative_eq};

    #[test]
    fn without_flips_it_is_the_error_of_the_message() {
        for (n, m) in [(100, 14), (100, 15), (64, 10), (3, 3), (5, 2), (5, 1), (2, 7)] {
            let (step, message) = (hop_step_error(n, m, 0), hop_bit_error(n, m));
            assert_relative_eq!(step.wrong, message.wrong, max_relative = 1e-13);
            assert_relative_eq!(step.tie, message.tie, max_relative = 1e-13);
        }
    }

    #[test]
    fn one_flip_in_all_small_message_sets() {
        // Every set of M = 3 messages on N = 4 units, every flip, every bit.
        let (n, m) = (4_usize, 3_usize);
        let (mut wrong, mut tie, mut right) = (0_u32, 0_u32, 0_u32);
        for set in 0_u32..1 << (n * m) {
            let xi = |message: usize, unit: usize| if set >> (message * n + unit) & 1 == 1 { 1 } else { -1 };
            for flip in 0..n {
                let x = |j: usize| if j == flip { -xi(0, j) } else { xi(0, j) };
                for i in 0..n {
                    let others = (0..n).filter(|&j| j != i);
                    let field: i32 =
                        others.map(|j| (0..m).map(|mu| xi(mu, i) * xi(mu, j)).sum::<i32>() * x(j)).sum();
                    wrong += u32::from(field * xi(0, i) < 0);
                    tie += u32::from(field == 0);
                    right += u32::from(field * xi(0, i) > 0 || (field == 0 && i != flip));
                }
            }
        }
        let cases = 4096.0 * 16.0;
        let error = hop_step_error(4, 3, 1);
        assert_relative_eq!(error.wrong, f64::from(wrong) / cases, max_relative = 1e-12);
        assert_abs_diff_eq!(error.tie, f64::from(tie) / cases, epsilon = 1e-12);
        assert_abs_diff_eq!(hop_step_share(4, 3, 1), f64::from(right) / cases, epsilon = 1e-12);
        // All bits flipped: what was right without flips is wrong now.
        let (none, all) = (hop_step_error(4, 3, 0), hop_step_error(4, 3, 4));
        assert_relative_eq!(all.wrong, 1.0 - none.wrong - none.tie, max_relative = 1e-12);
    }

    #[test]
    fn large_networks_take_the_limits_first_step() {
        let (n, m, flips) = (20_000, 2_000, 4_000);
        let error = hop_step_error(n, m, flips);
        let overlap = 1.0 - 2.0 * error.wrong - error.tie;
        assert_abs_diff_eq!(overlap, hop_overlaps(0.1, 0.6, 1)[1], epsilon = 2e-4);
    }

    #[test]
    fn later_steps_and_their_capacity() {
        // scripts/golden/theory.py.
        let golden = [0.4, 0.842_700_792_95, 0.926_227_491_08, 0.983_664_090_13, 0.998_242_338_71];
        for (m, expected) in hop_overlaps(0.08, 0.4, 4).into_iter().zip(golden) {
            assert_abs_diff_eq!(m, expected, epsilon = 1e-9);
        }
        // 20 networks of N = 2000 (the same program): within .011 in the first four steps.
        let networks = [0.4, 0.8449, 0.9372, 0.9805, 0.9959];
        for (m, expected) in hop_overlaps(0.08, 0.4, 4).into_iter().zip(networks) {
            assert_abs_diff_eq!(m, expected, epsilon = 0.012);
        }
        // Published: messages are retrieved up to load .16 (Amari and Maginu 1988).
        let end = |load: f64| hop_overlaps(load, 1.0, 2000)[2000];
        assert!(end(0.159) > 0.9 && end(0.161) < 0.1, "{} {}", end(0.159), end(0.161));
    }
}
