//! Cover's counting says whether *any* matrix with zero diagonal can hold M messages as fixed points, at
//! finite N.
//!
//! Row i must separate, by a plane through the origin, the M messages on the other N-1 units according to their bits
//! at i. Of the 2^M ways to label M points in general position in N-1 dimensions, 2 sum_{k<N-1} C(M-1, k) can be
//! separated, so a random labelling can with probability
//!
//! ```text
//! P_row = 2^(1-M) sum_{k < N-1} C(M-1, k) = P[Binomial(M-1, 1/2) <= N-2]
//! ```
//!
//! Points of signs are not in general position with certainty, only more and more probably as N grows; and the rows
//! of one message set are not independent, so P_row^N for the whole matrix is an approximation.
//!
//! Source: T. M. Cover, IEEE Trans. Electron. Comput. 14, 326 (1965).

use super::fair_coins;

/// Computes the probability P_row that one row can hold its bits of `m` messages. It is 1 up to `m` = `n` -
/// 1.
///
/// # Panics
/// If `n` < 2.
pub fn cover_row(n: u32, m: u32) -> f64 {
    assert!(n >= 2, "{n} units are no network");
    fair_coins::at_most(u64::from(m.saturating_sub(1)), u64::from(n) - 2)
}

/// Computes the probability P_row^N that all rows can hold theirs, taken as independent.
///
/// # Panics
/// If `n` < 2.
pub fn cover_all(n: u32, m: u32) -> f64 {
    assert!(n >= 2, "{n} units are no network");
    if m < n {
        return 1.0;
    }
    // By symmetry P[B >= N-1] = P[B <= M-N], which is precise where it is small.
    let failure = fair_coins::at_most(u64::from(m) - 1, u64::from(m - n));
    (f64::from(n) * (-failure).ln_1p()).exp()
}

/// Finds the load M/N at which [`cover_all`] passes 1/2, interpolated linearly between whole M.
///
/// # Panics
/// If `n` < 2.
pub fn cover_half_load(n: u32) -> f64 {
    let (mut m, mut above) = (n - 1, 1.0);
    loop {
        let below = cover_all(n, m + 1);
        if below < 0.5 {
            return (f64::from(m) + (above - 0.5) / (above - below)) / f64::from(n);
        }
        (m, above) = (m + 1, below);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    #[test]
    fn rows_by_hand() {
        // Three points in the plane: 6 of 8 labellings. Twice as many points as dimensions: one half.
        assert_abs_diff_eq!(cover_row(3, 3), 0.75, epsilon = 1e-14);
        assert_abs_diff_eq!(cover_row(5, 8), 0.5, epsilon = 1e-14);
        assert_abs_diff_eq!(cover_row(64, 126), 0.5, epsilon = 1e-12);
        for m in 0..10 {
            assert_eq!((cover_row(10, m), cover_all(10, m)), (1.0, 1.0));
        }
        // mpmath 1.3: sum of C(29, k), k < 19, over 2^29.
        assert_abs_diff_eq!(cover_row(20, 30), 0.931_977_026_164_532, epsilon = 1e-12);
    }

    #[test]
    fn whole_matrices_at_64_units() {
        // mpmath 1.3, exact sums: M = 102: .588382, M = 103: .487955; hence 1/2 at 102.88/64.
        assert_abs_diff_eq!(cover_all(64, 102), 0.588_381_933_452, epsilon = 1e-9);
        assert_abs_diff_eq!(cover_all(64, 103), 0.487_954_811_662, epsilon = 1e-9);
        assert_abs_diff_eq!(cover_half_load(64), 1.6075, epsilon = 5e-4);
        assert_abs_diff_eq!(cover_all(64, 103), cover_row(64, 103).powi(64), epsilon = 1e-12);
    }

    #[test]
    fn small_and_large_networks() {
        // N = 2: P_row = 2^(1-M), so the matrix has 1, 1/4 at M = 1, 2: 1/2 at M = 5/3.
        assert_abs_diff_eq!(cover_half_load(2), 5.0 / 6.0, epsilon = 1e-12);
        // It tends to Cover's 2 from below, slowly.
        let loads = [16, 64, 256, 1024, 4096].map(cover_half_load);
        assert!(loads.windows(2).all(|pair| pair[0] < pair[1]) && loads[4] < 2.0, "{loads:?}");
    }
}
