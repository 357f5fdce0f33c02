//! PSE is the pseudo-inverse. Its W projects on the span of the messages.
//!
//! With P the projector of rank M, P xi = xi, so every field of a message is xi itself, and P_ii is load on average
//! (trace P = M) with fluctuations of order 1/sqrt(N), which the formulas here leave out. A row's squared norm is
//! sum_j P_ij^2 = P_ii. Domain: loads in (0, 1], messages independent.
//!
//! Sources: L. Personnaz, I. Guyon, G. Dreyfus, J. Physique Lett. 46, L359 (1985); zero diagonal: I. Kanter,
//! H. Sompolinsky, Phys. Rev. A 35, 380 (1987); the norms are projector algebra.

use statrs::function::beta::beta_reg;

/// Below this load the written network (diagonal kept) corrects a single flipped bit: 1/2.
///
/// With bit j of a message flipped, xi_j h_j = 1 - 2 P_jj: the bit returns where P_jj < 1/2, and P_jj is about the
/// load. With zero diagonal it is xi_j h_j = 1 - P_jj > 0 at any load below 1, other bits permitting.
pub const PSE_SINGLE_BIT_LOAD: f64 = 0.5;

/// Computes the expected share of bits that the written network (diagonal kept) puts right. Each of these
/// bits is flipped alone; those with P_jj < 1/2 are put right. None without messages, or with more than `n`.
///
/// For a subspace drawn evenly from all of dimension M, P_jj is distributed as Beta(M/2, (N - M)/2): the
/// share of M of N independent Gaussians in their sum of squares. The span of random messages is taken for
/// such a one.
pub fn pse_corrected_share(n: u32, m: u32) -> Option<f64> {
    let half = |count: u32| f64::from(count) / 2.0;
    match m {
        0 => None,
        _ if m < n => Some(beta_reg(half(m), half(n - m), 0.5)),
        _ => (m == n).then_some(0.0),
    }
}

/// Computes the stability with the diagonal kept, in the field and in the row's norm: 1/sqrt(load). None
/// outside (0, 1].
///
/// It stays at 1 or above up to load 1, where W = I and nothing is recovered: with a kept diagonal kappa is no measure
/// of robustness.
pub fn pse_kappa_kept(load: f64) -> Option<f64> {
    in_domain(load).then(|| load.sqrt().recip())
}

/// Computes the stability with zero diagonal: (1 - load)/sqrt(load - load^2) = sqrt((1 - load)/load). None
/// outside (0, 1].
pub fn pse_kappa_zero(load: f64) -> Option<f64> {
    in_domain(load).then(|| ((1.0 - load) / load).sqrt())
}

/// Whether independent messages at this load have a projector that stores them.
fn in_domain(load: f64) -> bool {
    0.0 < load && load <= 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    #[test]
    fn the_corrected_share_has_closed_forms_where_two_messages_are_stored() {
        // Beta(1, b) is below 1/2 with probability 1 - 2^-b.
        for n in [4, 8, 20] {
            let expected = 1.0 - 0.5_f64.powi((n as i32 - 2) / 2);
            assert_abs_diff_eq!(pse_corrected_share(n, 2).unwrap(), expected, epsilon = 1e-12);
        }
        assert_abs_diff_eq!(pse_corrected_share(64, 32).unwrap(), 0.5, epsilon = 1e-12);
        assert_eq!((pse_corrected_share(8, 8), pse_corrected_share(8, 9)), (Some(0.0), None));
    }

    /// Entry (i, j) of Sylvester's Hadamard matrix: orthogonal messages, for which P_ii is the load exactly.
    fn hadamard(i: usize, j: usize) -> f64 {
        if (i & j).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 }
    }

    /// P_ij of the first `m` of 8 orthogonal messages.
    fn projector(m: usize, i: usize, j: usize) -> f64 {
        (0..m).map(|mu| hadamard(mu, i) * hadamard(mu, j) / 8.0).sum()
    }

    #[test]
    fn orthogonal_messages_have_these_stabilities() {
        for m in 1..8 {
            let load = m as f64 / 8.0;
            for (i, message) in (0..8).zip((0..m).cycle()) {
                let xi = |j: usize| hadamard(message, j);
                let kept: f64 = (0..8).map(|j| projector(m, i, j) * xi(j)).sum::<f64>() * xi(i);
                let square: f64 = (0..8).map(|j| projector(m, i, j).powi(2)).sum();
                let diagonal = projector(m, i, i);
                let off = (square - diagonal * diagonal).sqrt();
                assert_abs_diff_eq!(pse_kappa_kept(load).unwrap(), kept / square.sqrt(), epsilon = 1e-12);
                assert_abs_diff_eq!(pse_kappa_zero(load).unwrap(), (kept - diagonal) / off, epsilon = 1e-12);
            }
        }
    }

    #[test]
    fn a_flipped_bit_returns_below_half_load() {
        for m in [1, 2, 3, 5, 6, 7] {
            let flipped = |j: usize| if j == 0 { -hadamard(0, j) } else { hadamard(0, j) };
            let field: f64 = (0..8).map(|j| projector(m, 0, j) * flipped(j)).sum();
            assert_eq!(field * hadamard(0, 0) > 0.0, (m as f64 / 8.0) < PSE_SINGLE_BIT_LOAD, "{m} of 8");
        }
    }

    #[test]
    fn loads_without_a_projector_have_none() {
        for load in [0.0, -0.5, 1.01, f64::NAN] {
            assert_eq!((pse_kappa_kept(load), pse_kappa_zero(load)), (None, None));
        }
        assert_eq!((pse_kappa_kept(1.0), pse_kappa_zero(1.0)), (Some(1.0), Some(0.0)));
    }
}
