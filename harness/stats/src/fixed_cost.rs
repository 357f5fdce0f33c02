//! A power law that stands beside a fixed cost, y = a + c x^p, has an exponent that a straight line through log-log
//! points does not give: where a rules the line is flatter, and it bends.
//!
//! Least squares of ln y, as for a line: for a given ln(a/c) = r and p the best ln c is the mean of what is left, so
//! two parameters are searched, by Gauss and Newton's steps that Levenberg and Marquardt damp. The interval of p is
//! Student's with n - 3 degrees of freedom, from the derivatives at the best fit. It supposes independent errors of
//! equal spread in ln y, and that the law is one of these.
//!
//! Source: G. A. F. Seber and C. J. Wild, Nonlinear Regression, sections 2.1 and 14.2 (1989).

use super::line::student_quantile;
use super::{Interval, fit_line, upper_probability};

/// A `FixedCost` is the law y = cost + c x^exponent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FixedCost {
    /// What does not grow, in the unit of y.
    pub cost: f64,
    /// The exponent of what grows.
    pub exponent: f64,
    /// Student's interval of the exponent.
    pub exponent_interval: Interval,
    /// Sum of the squared residuals of ln y.
    pub residual_sum: f64,
}

/// Fits the law through the points (`x`, `y`), all positive. None for fewer than five points, for numbers that are not
/// positive, and where no fixed cost is seen: where it would be less than a hundredth of the law at the smallest x.
///
/// # Panics
/// If `x` and `y` differ in length or `confidence` lies outside (0, 1).
pub fn fit_fixed_cost(x: &[f64], y: &[f64], confidence: f64) -> Option<FixedCost> {
    let probability = upper_probability(confidence);
    if x.len() < 5 || !x.iter().chain(y).all(|&value| value > 0.0 && value.is_finite()) {
        return None;
    }
    let ln = |values: &[f64]| values.iter().map(|value| value.ln()).collect::<Vec<f64>>();
    let (ln_x, ln_y) = (ln(x), ln(y));
    let line = fit_line(&ln_x, &ln_y, confidence)?;
    let least = ln_x.iter().copied().fold(f64::INFINITY, f64::min);
    // As much of the law at the smallest x as these is the fixed cost's to begin with.
    let starts = [0.02, 0.1, 0.3, 0.6, 0.9].map(|share: f64| {
        let exponent = line.slope.max(0.1) * (1.0 + share / 4.0);
        search(&ln_x, &ln_y, [(share / (1.0 - share)).ln() + exponent * least, exponent])
    });
    let best = starts.into_iter().flatten().min_by(|a, b| a.sum.total_cmp(&b.sum))?;
    let [ratio, exponent] = best.at;
    let share = 1.0 / (1.0 + (exponent * least - ratio).exp());
    if share < 0.01 {
        return None;
    }
    let [[a, b], [_, d]] = best.normal;
    let freedom = x.len() as f64 - 3.0;
    let error = (best.sum / freedom * a / (a * d - b * b)).sqrt();
    let half = student_quantile(freedom, probability) * error;
    Some(FixedCost {
        cost: (best.level + ratio).exp(),
        exponent,
        exponent_interval: Interval { low: exponent - half, high: exponent + half },
        residual_sum: best.sum,
    })
}

/// The law at some r and p.
struct Fit {
    at: [f64; 2],
    /// The best ln c there.
    level: f64,
    /// The sum of squared residuals.
    sum: f64,
    /// Products of the derivatives in r and p, each less its mean.
    normal: [[f64; 2]; 2],
    /// Products of these with the residuals.
    pull: [f64; 2],
}

impl Fit {
    fn of(ln_x: &[f64], ln_y: &[f64], at: [f64; 2]) -> Self {
        let [ratio, exponent] = at;
        let n = ln_x.len() as f64;
        // Of every point: what is left of ln y, and how the law moves with r and p.
        let of_points = ln_x.iter().zip(ln_y).map(|(x, y)| {
            let (fixed, grown) = (ratio, exponent * x);
            let most = fixed.max(grown);
            let law = most + ((fixed - most).exp() + (grown - most).exp()).ln();
            [y - law, (fixed - law).exp(), x * (grown - law).exp()]
        });
        let of_points: Vec<[f64; 3]> = of_points.collect();
        let mean = |k: usize| of_points.iter().map(|point| point[k]).sum::<f64>() / n;
        let means = [mean(0), mean(1), mean(2)];
        let product = |j: usize, k: usize| -> f64 {
            of_points.iter().map(|point| (point[j] - means[j]) * (point[k] - means[k])).sum()
        };
        let normal = [[product(1, 1), product(1, 2)], [product(2, 1), product(2, 2)]];
        Self { at, level: means[0], sum: product(0, 0), normal, pull: [product(1, 0), product(2, 0)] }
    }

    /// The step that damping leaves of Gauss and Newton's.
    fn step(&self, damping: f64) -> [f64; 2] {
        let [[a, b], [_, d]] = self.normal;
        let (a, d) = (a * (1.0 + damping), d * (1.0 + damping));
        let [first, second] = self.pull;
        let determinant = a * d - b * b;
        [(d * first - b * second) / determinant, (a * second - b * first) / determinant]
    }
}

/// The best fit that steps from `start` lead to; none where they lead away from all numbers.
fn search(ln_x: &[f64], ln_y: &[f64], start: [f64; 2]) -> Option<Fit> {
    const STEPS: usize = 200;
    let mut fit = Fit::of(ln_x, ln_y, start);
    let mut damping = 1e-3;
    for _ in 0..STEPS {
        let step = fit.step(damping);
        let next = Fit::of(ln_x, ln_y, [fit.at[0] + step[0], fit.at[1] + step[1]]);
        if next.sum < fit.sum {
            let gained = fit.sum - next.sum;
            fit = next;
            damping = (damping * 0.2).max(1e-12);
            if gained <= 1e-14 * fit.sum {
                break;
            }
        } else {
            damping *= 5.0;
            if damping > 1e12 {
                break;
            }
        }
    }
    (fit.sum.is_finite() && fit.at.iter().all(|value| value.is_finite())).then_some(fit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;
    use proptest::prelude::*;

    proptest! {
        /// Points on the law give it back.
        #[test]
        fn a_law_without_errors_is_found(
            share in 0.05_f64..0.95, exponent in 1.0_f64..4.0, scale in -10.0_f64..10.0, count in 5_usize..30,
        ) {
            let x: Vec<f64> = (0..count).map(|k| 64.0 * 2.0_f64.powf(6.0 * k as f64 / (count - 1) as f64)).collect();
            let (cost, factor) = (share * scale.exp(), (1.0 - share) * scale.exp() / 64.0_f64.powf(exponent));
            let y: Vec<f64> = x.iter().map(|x| cost + factor * x.powf(exponent)).collect();
            let fit = fit_fixed_cost(&x, &y, 0.95).unwrap();
            prop_assert!((fit.exponent - exponent).abs() < 1e-5, "{fit:?}");
            prop_assert!((fit.cost / cost - 1.0).abs() < 1e-4, "{fit:?} for {cost}");
            prop_assert!(fit.exponent_interval.width() < 1e-4, "{fit:?}");
        }
    }

    #[test]
    fn a_fit_is_that_of_another_program() {
        // scipy 1.17 `least_squares` of ln(e^a + e^(b + p ln x)) - ln y over a, b and p, and the covariance
        // (J^T J)^-1 s^2 of its Jacobian with Student's quantile for five degrees of freedom.
        let x = [64.0, 91.0, 128.0, 181.0, 256.0, 512.0, 1024.0, 2048.0];
        let y = [6.1, 12.2, 15.7, 34.5, 65.0, 411.0, 2548.0, 19330.0];
        let fit = fit_fixed_cost(&x, &y, 0.95).unwrap();
        assert_abs_diff_eq!(fit.cost, 5.613_684_478, epsilon = 1e-4);
        assert_abs_diff_eq!(fit.exponent, 2.683_712_192, epsilon = 1e-6);
        assert_abs_diff_eq!(fit.exponent_interval.low, 2.474_563_257, epsilon = 1e-5);
        assert_abs_diff_eq!(fit.residual_sum, 0.112_885_821_5, epsilon = 1e-8);
    }

    #[test]
    fn where_no_cost_is_fixed_there_is_no_fit() {
        let x = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0];
        // Its slope falls: a power that loses, which no fixed cost makes.
        let y = x.map(|x: f64| x.powi(2) / (1.0 + 0.01 * x));
        assert_eq!(fit_fixed_cost(&x, &y, 0.95), None);
        assert_eq!(fit_fixed_cost(&x[..4], &y[..4], 0.95), None);
        assert_eq!(fit_fixed_cost(&x, &[1.0, 2.0, 0.0, 3.0, 4.0, 5.0], 0.95), None);
        assert_eq!(fit_fixed_cost(&x, &[1.0, 2.0, f64::INFINITY, 3.0, 4.0, 5.0], 0.95), None);
    }
}
