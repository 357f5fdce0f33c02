//! Ordinary least squares puts a line through points, and says how well its slope is known.
//!
//! slope = Sxy/Sxx, its standard error s/sqrt(Sxx) with s^2 = residual_sum/(n-2), its interval
//! slope -+ t_{n-2} s/sqrt(Sxx). Through log-log points the slope is the exponent of a power law. The interval
//! supposes independent errors of equal spread about a line; a curved law shows as a large residual sum, not as a
//! wide interval.
//!
//! Source: N. R. Draper and H. Smith, Applied Regression Analysis, 3rd ed., chapter 1 (1998).

use super::{Interval, upper_probability};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// A `Line` is a least squares line y = intercept + slope x.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// The line at x = 0, in the unit of y.
    pub intercept: f64,
    /// Change of y with x.
    pub slope: f64,
    /// Standard error of the slope.
    pub slope_error: f64,
    /// Student's interval of the slope.
    pub slope_interval: Interval,
    /// Sum of the squared residuals.
    pub residual_sum: f64,
}

/// Fits the least squares line through the points (x_i, y_i). None for fewer than three points (two leave no
/// residual to judge by), points on one vertical line, or numbers that are not finite.
///
/// # Panics
/// If `x` and `y` differ in length or `confidence` lies outside (0, 1).
pub fn fit_line(x: &[f64], y: &[f64], confidence: f64) -> Option<Line> {
    assert_eq!(x.len(), y.len(), "every point has an x and a y");
    let probability = upper_probability(confidence);
    if x.len() < 3 || !x.iter().chain(y).all(|value| value.is_finite()) {
        return None;
    }
    let n = x.len() as f64;
    let mean_x = x.iter().sum::<f64>() / n;
    let mean_y = y.iter().sum::<f64>() / n;
    let sxx: f64 = x.iter().map(|x| (x - mean_x).powi(2)).sum();
    let sxy: f64 = x.iter().zip(y).map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    if x.iter().all(|&value| value == x[0]) {
        return None;
    }
    let slope = sxy / sxx;
    let intercept = mean_y - slope * mean_x;
    let residual_sum: f64 = x.iter().zip(y).map(|(x, y)| (y - intercept - slope * x).powi(2)).sum();
    let slope_error = (residual_sum / (n - 2.0) / sxx).sqrt();
    let half = student_quantile(n - 2.0, probability) * slope_error;
    let slope_interval = Interval { low: slope - half, high: slope + half };
    Some(Line { intercept, slope, slope_error, slope_interval, residual_sum })
}

/// Returns Student's t at `probability`, for `freedom` > 0 degrees of freedom.
pub(super) fn student_quantile(freedom: f64, probability: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).expect("degrees of freedom are positive").inverse_cdf(probability)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    #[test]
    fn anscombes_first_quartet() {
        // F. J. Anscombe, Am. Stat. 27, 17 (1973): slope 0.500, intercept 3.00, standard error 0.118, residual sum
        // 13.75 (printed for all four sets); more digits and the interval from mpmath 1.3 at 30 digits.
        let x = [10.0, 8.0, 13.0, 9.0, 11.0, 14.0, 6.0, 4.0, 12.0, 7.0, 5.0];
        let y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
        let line = fit_line(&x, &y, 0.95).unwrap();
        assert_abs_diff_eq!(line.slope, 0.500_090_909_090_909, epsilon = 1e-12);
        assert_abs_diff_eq!(line.intercept, 3.000_090_909_090_909, epsilon = 1e-12);
        assert_abs_diff_eq!(line.slope_error, 0.117_905_500_595_634, epsilon = 1e-12);
        assert_abs_diff_eq!(line.residual_sum, 13.762_69, epsilon = 1e-10);
        assert_abs_diff_eq!(line.slope_interval.low, 0.233_370_136_385, epsilon = 1e-9);
        assert_abs_diff_eq!(line.slope_interval.high, 0.766_811_681_797, epsilon = 1e-9);
    }

    #[test]
    fn a_power_law_gives_its_exponent() {
        let n = [16.0_f64, 32.0, 64.0, 128.0];
        let x: Vec<f64> = n.iter().map(|n| n.ln()).collect();
        let y: Vec<f64> = n.iter().map(|n| (3.0 * n.powf(2.5)).ln()).collect();
        let line = fit_line(&x, &y, 0.95).unwrap();
        assert_abs_diff_eq!(line.slope, 2.5, epsilon = 1e-12);
        assert_abs_diff_eq!(line.intercept, 3.0_f64.ln(), epsilon = 1e-11);
        assert!(line.slope_interval.width() < 1e-10);
    }

    #[test]
    fn too_little_gives_no_line() {
        assert_eq!(fit_line(&[1.0, 2.0], &[1.0, 2.0], 0.95), None);
        assert_eq!(fit_line(&[0.1, 0.1, 0.1], &[1.0, 2.0, 3.0], 0.95), None);
        assert_eq!(fit_line(&[1.0, 2.0, 3.0], &[1.0, f64::NEG_INFINITY, 3.0], 0.95), None);
    }
}
