//! Gardner's theory gives the best stability that any matrix can have. Every row is free, there is no
//! symmetry, the diagonal is zero, and N goes to infinity.
//!
//! The largest kappa with xi_i h_i >= kappa |W_i| for all bits of all messages solves
//!
//! ```text
//! 1/load = int_{-kappa}^inf Dt (t + kappa)^2 = (1 + kappa^2) Phi(kappa) + kappa phi(kappa)
//! ```
//!
//! with Dt = phi(t) dt the Gaussian measure; the closed form is integration by parts. Beyond load 2 no matrix stores
//! independent messages without error.
//!
//! Source: E. Gardner, J. Phys. A 21, 257 (1988).

use super::root_of_decreasing;
use statrs::distribution::{Continuous, ContinuousCDF, Normal};

/// At this load the best stability is 0. It is the capacity of any matrix.
pub const GARDNER_LOAD: f64 = 2.0;

/// Computes the best stability at `load`, none outside (0, 2]. Beyond 2 the equation has negative roots, but
/// replica symmetry, which it rests on, breaks.
pub fn gardner_kappa(load: f64) -> Option<f64> {
    if !(load > 0.0 && load <= GARDNER_LOAD) {
        return None;
    }
    // The integral is at least (1 + kappa^2)/2, which bounds the root from above.
    let bound = (2.0 / load - 1.0).sqrt();
    Some(root_of_decreasing(|kappa| 1.0 / load - inverse_load(kappa), 0.0, bound))
}

/// int_{-kappa}^inf Dt (t + kappa)^2, in closed form.
fn inverse_load(kappa: f64) -> f64 {
    let gauss = Normal::standard();
    (1.0 + kappa * kappa) * gauss.cdf(kappa) + kappa * gauss.pdf(kappa)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    /// The integral by Simpson's rule; beyond t = 12 the integrand is below 1e-29.
    fn integral(kappa: f64) -> f64 {
        let panels = 4000;
        let step = (12.0 + kappa) / f64::from(panels);
        let f = |i: i32| {
            let t = -kappa + step * f64::from(i);
            (-0.5 * t * t).exp() / std::f64::consts::TAU.sqrt() * (t + kappa).powi(2)
        };
        let inner: f64 = (1..panels).map(|i| f(i) * if i % 2 == 1 { 4.0 } else { 2.0 }).sum();
        (f(0) + inner + f(panels)) * step / 3.0
    }

    #[test]
    fn the_closed_form_is_the_integral() {
        for kappa in [0.0, 0.3, 1.0, 2.5] {
            assert_abs_diff_eq!(inverse_load(kappa), integral(kappa), epsilon = 1e-10);
        }
    }

    #[test]
    fn known_stabilities() {
        // kappa(2) = 0: T. M. Cover 1965, Gardner 1988. The others: quadrature and bisection by mpmath 1.3.
        assert_abs_diff_eq!(gardner_kappa(2.0).unwrap(), 0.0, epsilon = 1e-12);
        assert_abs_diff_eq!(gardner_kappa(1.5).unwrap(), 0.186_108_150_675, epsilon = 1e-10);
        assert_abs_diff_eq!(gardner_kappa(1.0).unwrap(), 0.470_655_352_618, epsilon = 1e-10);
        assert_abs_diff_eq!(gardner_kappa(0.5).unwrap(), 1.034_314_061_364, epsilon = 1e-10);
        assert_abs_diff_eq!(gardner_kappa(0.1).unwrap(), 3.000_033_901_337, epsilon = 1e-10);
    }

    #[test]
    fn no_stability_outside_the_domain() {
        for load in [0.0, -1.0, 2.0001, f64::NAN] {
            assert_eq!(gardner_kappa(load), None);
        }
    }
}
