//! PSE keeps all its messages up to load 1, and has states of spin glass beside them up to load 1 - 2/pi.
//!
//! Kanter and Sompolinsky study H = -1/2 x^T P x, P the projector on the span of M = load N messages; its diagonal,
//! kept or zero, shifts all energies alike. Every message has P xi = xi, and x^T P x <= N for all x, so for
//! load < 1 the messages are global minima, and the stability of their bits, zero diagonal, is
//! sqrt((1 - load)/load) ([`super::pse_kappa_zero`]). In mean-field theory, replica symmetric, at zero temperature,
//! the overlap of a state is
//!
//! ```text
//! m = erf(u/sqrt 2),  u = m (1 - R(C)) / sqrt((1 - m^2) R'(C)),  C sqrt((1 - m^2) R'(C)) = 2 phi(u)
//! R(z) = (z - 1 + sqrt((1-z)^2 + 4 load z))/(2z)
//! ```
//!
//! with R the R-transform of the eigenvalues (load of them 1, the others 0), which turns the average over projectors
//! into the formulas for the Hopfield model, where R(z) = load/(1 - z). One solution is m = 1, C = 0, at all loads
//! below 1: *memory without errors*. Another has m = 0, the spin glass, where
//!
//! ```text
//! C^2 R'(C) = 2/pi,   energy a unit e = -(z R(z))'/2 at z = C = -(1 + t)/4,   t = d sqrt((1-z)^2 + 4 load z)/dz.
//! ```
//!
//! z^2 R'(z) rises from 0 to 1 - load, so there is such a state only where 2/pi < 1 - load: below load 1 - 2/pi =
//! .363, at which its energy has fallen to that of the messages, -1/2. Their simulations saw no such
//! singularity, and spurious states remain beyond. So the mark says where theory loses them, not where reads do.
//!
//! The radius of attraction was only simulated there (N up to 400; from 1 at load 0 to 0 at load 1); what a read's
//! first step does is [`super::one_step_share`] with that kappa.
//!
//! Sources: I. Kanter, H. Sompolinsky, Phys. Rev. A 35, 380 (1987), whose abstract states the capacity 1 and
//! 1 - 2/pi; the average over projectors: G. Parisi, M. Potters, J. Phys. A 28, 5267 (1995).

use super::root_of_decreasing;
use std::f64::consts::FRAC_2_PI;

/// This is the load up to which PSE with zero diagonal retrieves its messages without errors, for N to
/// infinity.
pub const PSE_LOAD: f64 = 1.0;

/// At this load the spin glass has the energy of the messages, and beyond it replica-symmetric theory knows
/// none: 1 - 2/pi.
pub const PSE_SPIN_GLASS_LOAD: f64 = 1.0 - FRAC_2_PI;

/// Computes the energy of the spin glass of PSE, -x^T P x/(2N), at zero temperature. That of a message is
/// -1/2. None outside (0, [`PSE_SPIN_GLASS_LOAD`]).
pub fn pse_spin_glass_energy(load: f64) -> Option<f64> {
    if !(load > 0.0 && load < PSE_SPIN_GLASS_LOAD) {
        return None;
    }
    // z^2 R'(z) = (1 - load) - (something of order 1/z): the root is finite below the limit.
    let mut high = 2.0;
    while susceptibility(load, high) < FRAC_2_PI && high < 1e12 {
        high *= 2.0;
    }
    let z = root_of_decreasing(|z| FRAC_2_PI - susceptibility(load, z), 0.0, high);
    Some(-0.25 * (1.0 + slope(load, z)))
}

/// sqrt((1-z)^2 + 4 load z).
fn root(load: f64, z: f64) -> f64 {
    ((1.0 - z).powi(2) + 4.0 * load * z).sqrt()
}

/// Its derivative.
fn slope(load: f64, z: f64) -> f64 {
    (z - 1.0 + 2.0 * load) / root(load, z)
}

/// z^2 R'(z) = (1 + z t - root)/2 = (1 - (1 - z + 2 load z)/root)/2.
fn susceptibility(load: f64, z: f64) -> f64 {
    0.5 * (1.0 - (1.0 - z + 2.0 * load * z) / root(load, z))
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    /// R itself, for numerical derivatives.
    fn r(load: f64, z: f64) -> f64 {
        (z - 1.0 + root(load, z)) / (2.0 * z)
    }

    #[test]
    fn closed_forms_are_the_derivatives() {
        let step = 1e-5;
        for (load, z) in [(0.05, 0.8), (0.2, 1.5), (0.3, 4.0)] {
            let derivative = (r(load, z + step) - r(load, z - step)) / (2.0 * step);
            assert_abs_diff_eq!(susceptibility(load, z), z * z * derivative, epsilon = 1e-8);
            let product = ((z + step) * r(load, z + step) - (z - step) * r(load, z - step)) / (2.0 * step);
            assert_abs_diff_eq!(0.5 * (1.0 + slope(load, z)), product, epsilon = 1e-8);
        }
        // Moments of the eigenvalues: mean load, variance load - load^2.
        assert_abs_diff_eq!(r(0.3, 1e-6), 0.3, epsilon = 1e-6);
        assert_abs_diff_eq!((r(0.3, 2e-3) - r(0.3, 1e-3)) / 1e-3, 0.21, epsilon = 1e-3);
    }

    #[test]
    fn the_spin_glass_ends_where_it_was_published_to() {
        // Kanter and Sompolinsky 1987: degenerate with the messages at 1 - 2/pi, none above.
        assert_abs_diff_eq!(PSE_SPIN_GLASS_LOAD, 0.363_380_227_6, epsilon = 1e-10);
        let near = pse_spin_glass_energy(PSE_SPIN_GLASS_LOAD - 1e-6).unwrap();
        assert_abs_diff_eq!(near, -0.5, epsilon = 1e-5);
        for load in [0.0, PSE_SPIN_GLASS_LOAD, 0.5, -0.1, f64::NAN] {
            assert_eq!(pse_spin_glass_energy(load), None);
        }
    }

    #[test]
    fn at_small_loads_it_is_the_hopfield_models() {
        // Amit, Gutfreund and Sompolinsky 1987: -1/pi for load to 0.
        let energy = pse_spin_glass_energy(1e-8).unwrap();
        assert_abs_diff_eq!(energy, -std::f64::consts::FRAC_1_PI, epsilon = 1e-3);
        let energies: Vec<f64> =
            (1..36).map(|i| pse_spin_glass_energy(0.01 * f64::from(i)).unwrap()).collect();
        assert!(energies.windows(2).all(|pair| pair[0] > pair[1]) && energies[34] > -0.5, "{energies:?}");
    }
}
