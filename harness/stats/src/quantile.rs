//! Sample quantiles here are of type 7, R's default. This is linear interpolation between order statistics at
//! h = (n-1) p.
//!
//! Source: R. J. Hyndman and Y. Fan, Am. Stat. 50, 361 (1996).

/// Returns the quantile of `values` at `probability`. None where there is no value or one is NaN.
///
/// # Panics
/// If `probability` lies outside [0, 1].
pub fn quantile(values: &[f64], probability: f64) -> Option<f64> {
    if values.is_empty() || values.iter().any(|value| value.is_nan()) {
        return None;
    }
    Some(quantile_in_place(&mut values.to_vec(), probability))
}

/// Returns the median of `values`. None where there is no value or one is NaN.
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// Returns the quantile of values that may be reordered.
///
/// # Panics
/// If there is no value or `probability` lies outside [0, 1].
pub(super) fn quantile_in_place(values: &mut [f64], probability: f64) -> f64 {
    let (below, above, weight) = neighbours(values, probability);
    // Equal neighbours must not be subtracted: they may be infinite.
    if below == above { below } else { below + weight * (above - below) }
}

/// Returns the order statistics around the quantile and the weight of the upper one. Both are the same where
/// the quantile is one of the values. Reorders the values, in linear time.
///
/// # Panics
/// If there is no value or `probability` lies outside [0, 1].
pub(super) fn neighbours(values: &mut [f64], probability: f64) -> (f64, f64, f64) {
    assert!((0.0..=1.0).contains(&probability), "probability {probability} lies outside [0, 1]");
    let position = (values.len() - 1) as f64 * probability;
    let weight = position.fract();
    let (_, &mut below, rest) = values.select_nth_unstable_by(position as usize, f64::total_cmp);
    if weight == 0.0 {
        return (below, below, 0.0);
    }
    (below, rest.iter().copied().fold(f64::INFINITY, f64::min), weight)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;
    use proptest::prelude::*;

    #[test]
    fn values_of_r() {
        // summary(mtcars$mpg) in R: 10.40 15.43 19.20 20.09 22.80 33.90, the first quartile being 15.425.
        let mpg = [
            21.0, 21.0, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4, 10.4,
            14.7, 32.4, 30.4, 33.9, 21.5, 15.5, 15.2, 13.3, 19.2, 27.3, 26.0, 30.4, 15.8, 19.7, 15.0, 21.4,
        ];
        for (probability, expected) in [(0.0, 10.4), (0.25, 15.425), (0.5, 19.2), (0.75, 22.8), (1.0, 33.9)] {
            assert_abs_diff_eq!(quantile(&mpg, probability).unwrap(), expected, epsilon = 1e-12);
        }
        // quantile(1:10, 0.95) in R: 9.55.
        let ten: Vec<f64> = (1..=10).map(f64::from).collect();
        assert_abs_diff_eq!(quantile(&ten, 0.95).unwrap(), 9.55, epsilon = 1e-12);
        assert_eq!(median(&ten), Some(5.5));
    }

    #[test]
    fn nothing_has_no_quantile() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[1.0, f64::NAN]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
    }

    proptest! {
        #[test]
        fn equals_interpolation_in_the_sorted_values(
            mut values in prop::collection::vec(-1e3..1e3_f64, 1..40), probability in 0.0..=1.0_f64
        ) {
            let found = quantile(&values, probability).unwrap();
            values.sort_by(f64::total_cmp);
            let h = (values.len() - 1) as f64 * probability;
            let (below, above) = (values[h.floor() as usize], values[h.ceil() as usize]);
            prop_assert!((found - (below + h.fract() * (above - below))).abs() < 1e-9);
        }
    }
}
