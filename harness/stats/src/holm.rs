//! Holm's adjustment of p-values bounds the chance of any false rejection in a family of tests. It does so
//! whatever their dependence.
//!
//! The i-th smallest of n p-values (i = 1..n) becomes max over j <= i of min(1, (n-j+1) p_(j)).
//!
//! Source: S. Holm, Scand. J. Stat. 6, 65 (1979).

/// Returns the adjusted p-values, in the order given.
///
/// # Panics
/// If a p-value lies outside [0, 1].
pub fn holm(p: &[f64]) -> Vec<f64> {
    assert!(p.iter().all(|p| (0.0..=1.0).contains(p)), "p-values lie in [0, 1]: {p:?}");
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&i, &j| p[i].total_cmp(&p[j]));
    let mut adjusted = vec![0.0; p.len()];
    let mut largest = 0.0_f64;
    for (rank, &i) in order.iter().enumerate() {
        largest = largest.max((p.len() - rank) as f64 * p[i]).min(1.0);
        adjusted[i] = largest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;
    use proptest::prelude::*;

    #[test]
    fn values_of_r() {
        // p.adjust(p, "holm") in R.
        let cases: [(&[f64], &[f64]); 4] = [
            (&[0.01, 0.02, 0.03, 0.04, 0.05], &[0.05, 0.08, 0.09, 0.09, 0.09]),
            (&[0.04, 0.01, 0.03], &[0.06, 0.03, 0.06]),
            (&[0.6, 0.001, 0.7], &[1.0, 0.003, 1.0]),
            (&[], &[]),
        ];
        for (p, expected) in cases {
            for (found, &expected) in holm(p).into_iter().zip(expected) {
                assert_abs_diff_eq!(found, expected, epsilon = 1e-15);
            }
        }
    }

    proptest! {
        #[test]
        fn lies_between_the_p_value_and_bonferroni_and_keeps_the_order(
            p in prop::collection::vec(0.0..=1.0_f64, 1..20)
        ) {
            let adjusted = holm(&p);
            for (i, &a) in adjusted.iter().enumerate() {
                prop_assert!(p[i] <= a && a <= 1.0);
                prop_assert!(adjusted.iter().zip(&p).all(|(&b, &q)| q < p[i] || a <= b));
            }
            let smallest = p.iter().copied().fold(1.0, f64::min);
            let bonferroni = (p.len() as f64 * smallest).min(1.0);
            prop_assert_eq!(adjusted.iter().copied().fold(1.0, f64::min), bonferroni);
        }
    }
}
