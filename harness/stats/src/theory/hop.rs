//! HOP is the sum of outer products. Theory knows its retrieval, its exact storage, and the error of a single
//! bit.

use super::{fair_coins, root_of_decreasing};
use statrs::function::erf::erf;
use std::f64::consts::FRAC_2_SQRT_PI;

/// This is the largest load with retrieval states, for N to infinity at zero temperature. It is the maximum
/// of the curve in [`ags_overlap`].
///
/// Replica symmetric: breaking the symmetry, and finite N, move it a little.
pub const AGS_LOAD: f64 = 0.137_905_566_494_931_74;

/// The retrieval state has this overlap with its message at [`AGS_LOAD`].
pub const AGS_OVERLAP: f64 = 0.967_417_115_685_291_6;

/// y = m/sqrt(2 load r) at [`AGS_LOAD`], where the curve of [`ags_load`] has its maximum.
const AGS_Y: f64 = 1.511_218_556_327_656_6;

/// Computes the overlap m of the retrieval state with its message at zero temperature, N to infinity. None
/// above [`AGS_LOAD`] or for a load that is negative or not a number.
///
/// The equations m = erf(y), r = 1/(1-C)^2, C = sqrt(2/(pi load r)) exp(-y^2), y = m/sqrt(2 load r) reduce to one,
/// y (sqrt(2 load) + (2/sqrt(pi)) exp(-y^2)) = erf(y); of its two roots the larger is the stable state. The retrieval
/// state is where reads from the message end, not where a noisy query ends.
///
/// Source: D. J. Amit, H. Gutfreund, H. Sompolinsky, Phys. Rev. Lett. 55, 1530 (1985); Ann. Phys. 173, 30 (1987).
pub fn ags_overlap(load: f64) -> Option<f64> {
    if !(0.0..=AGS_LOAD).contains(&load) {
        return None;
    }
    if load == 0.0 {
        return Some(1.0);
    }
    // erf(y) <= 1 bounds the root from above.
    let y = root_of_decreasing(|y| ags_load(y) - load, AGS_Y, 1.0 / (2.0 * load).sqrt());
    Some(erf(y))
}

/// The load whose equations y solves: (erf(y)/y - (2/sqrt(pi)) exp(-y^2))^2 / 2, falling beyond [`AGS_Y`].
fn ags_load(y: f64) -> f64 {
    0.5 * (erf(y) / y - FRAC_2_SQRT_PI * (-y * y).exp()).powi(2)
}

/// Computes the load up to which *most* messages are recovered in *one* synchronous step. The queries have a
/// share `noise` of flipped bits: (1 - 2 noise)^2 / (2 ln N), asymptotically.
///
/// At noise 0 it is the load up to which most messages are fixed points. For reads to convergence the factor
/// (1 - 2 noise)^2 falls away: at load 1/(2 ln N) almost all messages attract from any noise below 1/2.
///
/// Sources: R. J. McEliece, E. C. Posner, E. R. Rodemich, S. S. Venkatesh, IEEE Trans. Inf. Theory 33, 461 (1987);
/// convergence in several steps: D. Burshtein, IEEE Trans. Inf. Theory 40, 838 (1994).
///
/// # Panics
/// If `n` < 2 or `noise` lies outside [0, 1/2].
pub fn mceliece_most_load(n: u32, noise: f64) -> f64 {
    assert!(n >= 2, "{n} units are no network");
    assert!((0.0..=0.5).contains(&noise), "noise {noise} lies outside [0, 1/2]");
    (1.0 - 2.0 * noise).powi(2) / (2.0 * f64::from(n).ln())
}

/// Computes the load up to which *all* messages are recovered in one step. It is half of
/// [`mceliece_most_load`]: (1 - 2 noise)^2 / (4 ln N).
///
/// # Panics
/// If `n` < 2 or `noise` lies outside [0, 1/2].
pub fn mceliece_all_load(n: u32, noise: f64) -> f64 {
    0.5 * mceliece_most_load(n, noise)
}

/// A `BitError` holds the probabilities that a bit of a stored message is not held by its field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BitError {
    /// The field points the other way.
    pub wrong: f64,
    /// The field is exactly 0.
    pub tie: f64,
}

/// Computes the exact error of one bit of one of `m` messages on `n` units, zero diagonal.
///
/// xi_i h_i = (N-1) + S, where S sums (M-1)(N-1) independent fair signs: the bit is wrong where S < -(N-1) and tied
/// where S = -(N-1). Counting; for large N it is the Gaussian tail Phi(-sqrt(N/M)) of J. Hertz, A. Krogh, R. G.
/// Palmer, Introduction to the Theory of Neural Computation, section 2.2 (1991).
///
/// # Panics
/// If `n` < 2 or `m` = 0.
pub fn hop_bit_error(n: u32, m: u32) -> BitError {
    assert!(n >= 2 && m >= 1, "no bit to judge: {m} messages on {n} units");
    let (others, rest) = (u64::from(n - 1), u64::from(m - 1));
    let coins = others * rest;
    // S = 2B - coins with B the heads, so S = -(N-1) at B = (coins - (N-1))/2 = (N-1)(M-2)/2 where that is whole.
    let Some(doubled) = coins.checked_sub(others) else {
        return BitError { wrong: 0.0, tie: 0.0 };
    };
    let tie = if doubled.is_multiple_of(2) { fair_coins::point(coins, doubled / 2) } else { 0.0 };
    let wrong = if doubled == 0 { 0.0 } else { fair_coins::at_most(coins, (doubled - 1) / 2) };
    BitError { wrong, tie }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::{assert_abs_diff_eq, assert_relative_eq};

    #[test]
    fn the_retrieval_limit_is_the_maximum_of_the_curve() {
        // Published: 0.138 and 0.97 (1985); more digits by mpmath 1.3 at 30 digits.
        let step = 1e-5;
        let (mut y, mut best) = (0.5, 0.0);
        for i in 0..400_000 {
            let candidate = 0.5 + step * f64::from(i);
            if ags_load(candidate) > best {
                (y, best) = (candidate, ags_load(candidate));
            }
        }
        assert_abs_diff_eq!(best, AGS_LOAD, epsilon = 1e-10);
        assert_abs_diff_eq!(y, AGS_Y, epsilon = 2.0 * step);
        assert_abs_diff_eq!(erf(AGS_Y), AGS_OVERLAP, epsilon = 1e-11);
        assert_abs_diff_eq!(AGS_LOAD, 0.1379, epsilon = 5e-5);
        assert_abs_diff_eq!(AGS_OVERLAP, 0.967, epsilon = 5e-4);
    }

    #[test]
    fn overlaps_solve_the_equations() {
        // Roots by mpmath 1.3 at 30 digits.
        for (load, overlap) in
            [(0.05, 0.999_992_228_149), (0.1, 0.997_999_266_347), (0.13, 0.987_211_890_799)]
        {
            assert_abs_diff_eq!(ags_overlap(load).unwrap(), overlap, epsilon = 1e-11);
        }
        assert_eq!(ags_overlap(0.0), Some(1.0));
        assert_abs_diff_eq!(ags_overlap(AGS_LOAD).unwrap(), AGS_OVERLAP, epsilon = 1e-6);
        for outside in [0.1380, 1.0, -0.1, f64::NAN] {
            assert_eq!(ags_overlap(outside), None);
        }
        // The three equations themselves, before their reduction.
        let (load, m) = (0.1, ags_overlap(0.1).unwrap());
        let y = root_of_decreasing(|y| m - erf(y), 1.0, 3.0);
        let r = (m / y).powi(2) / (2.0 * load);
        let c = (2.0 / (std::f64::consts::PI * load * r)).sqrt() * (-y * y).exp();
        assert_abs_diff_eq!(r, (1.0 - c).powi(-2), epsilon = 1e-9);
    }

    #[test]
    fn exact_storage_loads() {
        // N = 1024 = 2^10: 1/(20 ln 2) = 0.072135; a quarter of the bits flipped leaves a quarter of it.
        assert_abs_diff_eq!(mceliece_most_load(1024, 0.0), 0.072_134_752, epsilon = 1e-9);
        assert_abs_diff_eq!(mceliece_most_load(1024, 0.25), 0.018_033_688, epsilon = 1e-9);
        assert_abs_diff_eq!(mceliece_all_load(1024, 0.0), 0.036_067_376, epsilon = 1e-9);
        assert_eq!(mceliece_all_load(1024, 0.5), 0.0);
    }

    #[test]
    fn bit_errors_counted() {
        // Exact sums of binomials by mpmath 1.3; N = 100, M = 14: .002646 wrong and .000493 tied.
        for (n, m, wrong, tie) in [
            (100, 14, 0.002_646_020_470_152, 0.000_493_241_954_215),
            (100, 15, 0.003_904_849_614_837, 0.0),
            (64, 10, 0.003_570_279_397_172, 0.001_010_363_151_518),
            (3, 3, 0.0625, 0.25),
            (4, 3, 0.109_375, 0.0),
            (5, 2, 0.0, 0.0625),
            (5, 1, 0.0, 0.0),
        ] {
            let error = hop_bit_error(n, m);
            assert_relative_eq!(error.wrong, wrong, max_relative = 1e-11);
            assert_relative_eq!(error.tie, tie, max_relative = 1e-11);
        }
    }

    #[test]
    fn bit_errors_of_all_small_message_sets() {
        // Every set of M = 3 messages on N = 4 units: h from the messages themselves, bit by bit.
        let (n, m) = (4_usize, 3_usize);
        let (mut wrong, mut tie) = (0_u32, 0_u32);
        for set in 0_u32..1 << (n * m) {
            let xi = |message: usize, unit: usize| if set >> (message * n + unit) & 1 == 1 { 1 } else { -1 };
            let field: i32 =
                (1..n).map(|j| (0..m).map(|mu| xi(mu, 0) * xi(mu, j)).sum::<i32>() * xi(0, j)).sum();
            wrong += u32::from(field * xi(0, 0) < 0);
            tie += u32::from(field == 0);
        }
        let error = hop_bit_error(4, 3);
        assert_relative_eq!(error.wrong, f64::from(wrong) / 4096.0, max_relative = 1e-12);
        assert_eq!((error.tie, tie), (0.0, 0));
    }

    #[test]
    fn bit_errors_of_a_large_network_are_gaussian() {
        // Phi(-sqrt(N/M)) with (N-1)/(M-1) = 10 (mpmath 1.3); half a tie counts as an error.
        let error = hop_bit_error(20_001, 2_001);
        assert_relative_eq!(error.wrong + 0.5 * error.tie, 7.827_011_29e-4, max_relative = 1e-4);
    }
}
