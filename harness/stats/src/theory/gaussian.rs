//! The standard Gaussian measure has the density, the lower tail and the integrals found here.

use statrs::function::erf::erfc;
use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// Beyond this many standard deviations the measure is below 1e-22.
pub(super) const EDGE: f64 = 9.8;

/// The density at `t`.
pub(super) fn density(t: f64) -> f64 {
    (-0.5 * t * t).exp() / TAU.sqrt()
}

/// The probability below `t`: H(-t), where H is the upper tail.
pub(super) fn below(t: f64) -> f64 {
    0.5 * erfc(-t * FRAC_1_SQRT_2)
}

/// The integral of `f` against the measure over [low, high], by Simpson's rule in `panels` panels of two steps.
pub(super) fn integral(f: impl Fn(f64) -> f64, low: f64, high: f64, panels: u32) -> f64 {
    if low >= high {
        return 0.0;
    }
    let step = (high - low) / f64::from(2 * panels);
    let at = |i: u32| {
        let t = low + step * f64::from(i);
        f(t) * density(t)
    };
    let inner: f64 = (1..2 * panels).map(|i| at(i) * if i % 2 == 1 { 4.0 } else { 2.0 }).sum();
    (at(0) + inner + at(2 * panels)) * step / 3.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    #[test]
    fn moments_and_tails() {
        assert_abs_diff_eq!(integral(|_| 1.0, -EDGE, EDGE, 100), 1.0, epsilon = 1e-12);
        assert_abs_diff_eq!(integral(|t| t.powi(4), -EDGE, EDGE, 200), 3.0, epsilon = 1e-9);
        assert_abs_diff_eq!(integral(|_| 1.0, -EDGE, 1.0, 200), below(1.0), epsilon = 1e-8);
        // Tables: Phi(1.96) = .9750021.
        assert_abs_diff_eq!(below(1.96), 0.975_002_1, epsilon = 1e-7);
    }
}
