//! This module asks whether growth is exponential or a power law. It looks which of two straight lines fits
//! better.
//!
//! y = a e^(c x) is a line of ln y over x, y = a x^b one of ln y over ln x; both have two parameters and a
//! variance, so that Akaike's criterion, corrected for small samples or not, compares their residual sums
//! alone: half its difference is the logarithm of their likelihood ratio, (n/2) ln(power's residual sum /
//! exponential's). Errors are taken as equally large in ln y at every x. Which law fits better among the
//! points says nothing of larger x.
//!
//! Source: K. P. Burnham and D. R. Anderson, Model Selection and Multimodel Inference, 2nd ed., section 2 (2002).

use super::line::{Line, fit_line};

/// A `GrowthFit` holds both laws through the same points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GrowthFit {
    /// ln y over ln x: the slope is the exponent of the power law.
    pub power: Line,
    /// ln y over x: the slope is the rate of the exponential.
    pub exponential: Line,
    /// Logarithm of the likelihood ratio, positive where the exponential fits better.
    pub evidence: f64,
}

/// Fits both laws through the points (`x`, `y`), all positive. None for fewer than four points (three leave
/// one residual each), or numbers that are not.
///
/// # Panics
/// If `x` and `y` differ in length or `confidence` lies outside (0, 1).
pub fn fit_growth(x: &[f64], y: &[f64], confidence: f64) -> Option<GrowthFit> {
    if x.len() < 4 || !x.iter().chain(y).all(|&value| value > 0.0) {
        return None;
    }
    let ln = |values: &[f64]| values.iter().map(|value| value.ln()).collect::<Vec<f64>>();
    let (ln_x, ln_y) = (ln(x), ln(y));
    let power = fit_line(&ln_x, &ln_y, confidence)?;
    let exponential = fit_line(x, &ln_y, confidence)?;
    // Points that lie on a line leave nothing but rounding, and rounding decides nothing.
    let spread: f64 = ln_y.iter().map(|y| y * y).sum();
    let rest = |line: &Line| line.residual_sum.max(1e-24 * spread.max(1.0));
    let evidence = 0.5 * x.len() as f64 * (rest(&power) / rest(&exponential)).ln();
    Some(GrowthFit { power, exponential, evidence })
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    const N: [f64; 6] = [16.0, 24.0, 32.0, 48.0, 64.0, 96.0];

    #[test]
    fn each_law_is_told_from_the_other() {
        // A tenth up and down, so that there is something to leave.
        let noise = [1.1, 0.9, 1.1, 0.9, 1.1, 0.9];
        let with = |law: fn(f64) -> f64| N.iter().zip(noise).map(|(&n, f)| law(n) * f).collect::<Vec<f64>>();
        let power = fit_growth(&N, &with(|n| 2.0 * n.powf(1.5)), 0.95).unwrap();
        assert_abs_diff_eq!(power.power.slope, 1.5, epsilon = 0.2);
        assert!(power.evidence < -3.0, "{power:?}");
        let exponential = fit_growth(&N, &with(|n| 3.0 * (0.1 * n).exp()), 0.95).unwrap();
        assert_abs_diff_eq!(exponential.exponential.slope, 0.1, epsilon = 0.01);
        assert!(exponential.evidence > 3.0, "{exponential:?}");
    }

    #[test]
    fn the_evidence_is_that_of_forty_digits() {
        // Residual sums Syy - Sxy^2/Sxx by Python's decimal at 40 digits: 0.3252888299, 0.2589892771; 3 ln of
        // their ratio.
        let fit = fit_growth(&N, &[3.0, 4.0, 9.0, 11.0, 30.0, 70.0], 0.95).unwrap();
        assert_abs_diff_eq!(fit.power.residual_sum, 0.325_288_829_902, epsilon = 1e-12);
        assert_abs_diff_eq!(fit.exponential.residual_sum, 0.258_989_277_119, epsilon = 1e-12);
        assert_abs_diff_eq!(fit.evidence, 0.683_780_505_883, epsilon = 1e-11);
    }

    #[test]
    fn a_constant_is_neither() {
        let fit = fit_growth(&N, &[5.0; 6], 0.95).unwrap();
        assert_eq!(fit.evidence, 0.0);
        assert_abs_diff_eq!(fit.power.slope, 0.0, epsilon = 1e-12);
    }

    #[test]
    fn too_little_gives_no_fit() {
        assert_eq!(fit_growth(&N[..3], &[1.0, 2.0, 3.0], 0.95), None);
        assert_eq!(fit_growth(&N, &[1.0, 2.0, 0.0, 3.0, 4.0, 5.0], 0.95), None);
        assert_eq!(fit_growth(&N, &[f64::NAN; 6], 0.95), None);
    }
}
