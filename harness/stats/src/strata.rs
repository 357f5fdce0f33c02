//! This module estimates a mean over strata of clusters, and extrapolates such means in 1/N.
//!
//! A stratum is a load; a cluster is a message set; what a cluster gives is one number, such as a paired difference.
//! Every stratum weighs the same. With L strata of n_l clusters with variance s_l^2 the mean is
//! sum_l mean_l / L, its squared standard error sum_l s_l^2 / n_l / L^2, and Student's t has the degrees of freedom of
//! Satterthwaite, (sum_l v_l)^2 / sum_l (v_l^2 / (n_l - 1)) with v_l = s_l^2 / n_l.
//!
//! Sources: W. G. Cochran, Sampling Techniques, 3rd ed., chapter 5 (1977); F. E. Satterthwaite, Biometrics Bulletin 2,
//! 110 (1946).

use super::line::student_quantile;
use super::{Interval, upper_probability};
use statrs::distribution::{ContinuousCDF, Normal};

/// A `StratifiedMean` is a mean over strata with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StratifiedMean {
    /// The mean, every stratum weighing the same.
    pub value: f64,
    /// Its standard error.
    pub error: f64,
    /// Degrees of freedom of that error.
    pub freedom: f64,
}

impl StratifiedMean {
    /// Computes it from the clusters of every stratum. None where there is no stratum, one of them has fewer than
    /// two clusters, or a number is not finite.
    pub fn of(strata: &[Vec<f64>]) -> Option<Self> {
        let known = |stratum: &Vec<f64>| stratum.len() > 1 && stratum.iter().all(|value| value.is_finite());
        if strata.is_empty() || !strata.iter().all(known) {
            return None;
        }
        let (mut value, mut variance, mut weight) = (0.0, 0.0, 0.0);
        for stratum in strata {
            let n = stratum.len() as f64;
            let mean = stratum.iter().sum::<f64>() / n;
            let spread = stratum.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
            value += mean;
            variance += spread / n;
            weight += (spread / n).powi(2) / (n - 1.0);
        }
        let clusters: usize = strata.iter().map(|stratum| stratum.len() - 1).sum();
        let count = strata.len() as f64;
        let freedom = if weight > 0.0 { variance * variance / weight } else { clusters as f64 };
        Some(Self { value: value / count, error: variance.sqrt() / count, freedom })
    }

    /// Returns Student's interval.
    ///
    /// # Panics
    /// If `confidence` lies outside (0, 1).
    pub fn interval(&self, confidence: f64) -> Interval {
        let half = student_quantile(self.freedom, upper_probability(confidence)) * self.error;
        Interval { low: self.value - half, high: self.value + half }
    }
}

/// A `Limit` is what means at several N tend to, by a line in 1/N.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// The line at 1/N = 0.
    pub value: f64,
    /// Its standard error, from those of the means alone.
    pub error: f64,
    /// Sum of squared residuals in units of the means' errors; about the number of sizes less two where a line fits.
    pub chi_squared: f64,
}

impl Limit {
    /// Puts a line through means at sizes N, (N, mean, standard error), each weighing by its error. None for fewer
    /// than three sizes, equal sizes, or an error that is not positive.
    pub fn of(means: &[(f64, f64, f64)]) -> Option<Self> {
        let usable = |&(n, mean, error): &(f64, f64, f64)| n > 0.0 && mean.is_finite() && error > 0.0;
        if means.len() < 3 || !means.iter().all(usable) {
            return None;
        }
        let sum = |of: fn(f64, f64) -> f64| -> f64 {
            means.iter().map(|&(n, mean, error)| of(1.0 / n, mean) / (error * error)).sum()
        };
        let (s, sx, sy) = (sum(|_, _| 1.0), sum(|x, _| x), sum(|_, y| y));
        let (sxx, sxy) = (sum(|x, _| x * x), sum(|x, y| x * y));
        let determinant = s * sxx - sx * sx;
        if determinant <= 1e-12 * s * sxx {
            return None;
        }
        let value = (sxx * sy - sx * sxy) / determinant;
        let slope = (s * sxy - sx * sy) / determinant;
        let residual = |&(n, mean, error): &(f64, f64, f64)| ((mean - value - slope / n) / error).powi(2);
        let chi_squared = means.iter().map(residual).sum();
        Some(Self { value, error: (sxx / determinant).sqrt(), chi_squared })
    }

    /// Returns its normal interval.
    ///
    /// # Panics
    /// If `confidence` lies outside (0, 1).
    pub fn interval(&self, confidence: f64) -> Interval {
        let normal = Normal::new(0.0, 1.0).expect("a standard deviation of 1");
        let half = normal.inverse_cdf(upper_probability(confidence)) * self.error;
        Interval { low: self.value - half, high: self.value + half }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    #[test]
    fn two_equal_strata_are_welchs_two_samples() {
        // Welch's test of x against y is the stratified mean of x and -y, twice: t and freedom by scipy 1.17
        // (`stats.ttest_ind(x, y, equal_var=False)`).
        let (x, y) = (vec![1.0, 2.0, 4.0, 3.0, 2.5], vec![3.0, 5.0, 2.0, 6.0]);
        let negated = y.iter().map(|y| -y).collect();
        let mean = StratifiedMean::of(&[x, negated]).unwrap();
        assert_abs_diff_eq!(mean.value * 2.0, -1.5, epsilon = 1e-12);
        let t = mean.value / mean.error;
        assert_abs_diff_eq!(t, -1.441_153_384_245_784, epsilon = 1e-12);
        assert_abs_diff_eq!(mean.freedom, 4.749_414_519_906_324, epsilon = 1e-12);
    }

    #[test]
    fn an_interval_holds_the_truth_as_often_as_it_says() {
        // Uniform numbers from the fractional parts of multiples of the golden ratio, shuffled by a multiplier:
        // 4000 intervals of 95 % of a mean of 0; six standard errors of that count are 83.
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
        };
        let mut held = 0;
        for _ in 0..4000 {
            let strata: Vec<Vec<f64>> =
                (0..3).map(|l| (0..6).map(|_| next() * f64::from(l + 1)).collect()).collect();
            let interval = StratifiedMean::of(&strata).unwrap().interval(0.95);
            held += u32::from(interval.low <= 0.0 && 0.0 <= interval.high);
        }
        assert!((3800 - 83..=3800 + 83).contains(&held), "{held}");
    }

    #[test]
    fn what_cannot_be_known_is_absent() {
        assert_eq!(StratifiedMean::of(&[]), None);
        assert_eq!(StratifiedMean::of(&[vec![1.0, 2.0], vec![1.0]]), None);
        assert_eq!(StratifiedMean::of(&[vec![1.0, f64::NAN]]), None);
        let same = StratifiedMean::of(&[vec![0.5; 4], vec![0.5; 4]]).unwrap();
        assert_eq!((same.value, same.error, same.freedom), (0.5, 0.0, 6.0));
        assert_eq!(same.interval(0.95), Interval { low: 0.5, high: 0.5 });
        assert_eq!(Limit::of(&[(64.0, 0.1, 0.01), (128.0, 0.2, 0.01)]), None);
        assert_eq!(Limit::of(&[(64.0, 0.1, 0.01); 3]), None);
        assert_eq!(Limit::of(&[(64.0, 0.1, 0.01), (128.0, 0.1, 0.0), (256.0, 0.1, 0.01)]), None);
    }

    #[test]
    fn a_law_in_one_over_n_gives_its_limit() {
        let means = [64.0, 128.0, 256.0].map(|n| (n, 0.25 - 3.0 / n, 0.01 * n / 64.0));
        let limit = Limit::of(&means).unwrap();
        assert_abs_diff_eq!(limit.value, 0.25, epsilon = 1e-12);
        assert_abs_diff_eq!(limit.chi_squared, 0.0, epsilon = 1e-18);
        // The error of the intercept of a weighted line by numpy 2.4: `np.polyfit(1/n, y, 1, w=1/e, cov="unscaled")`.
        assert_abs_diff_eq!(limit.error, 0.032_881_43, epsilon = 1e-6);
    }
}
