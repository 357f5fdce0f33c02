//! What Bernoulli noise makes of a coupling (see the protocol `mcf`).
//!
//! With e = exp(-2 |w|), A = 1 - q + q e and B = q + (1 - q) e it is u(w) = sign(w) ln(A/B)/2, and it charges c(w) =
//! |w| + ln(A B)/2, with the slopes u' = (1 - 2q) e/(A B) and c' = sign(w) q (1 - q) (1 - e^2)/(A B): nothing
//! is lost where tanh w rounds to 1.

use crate::real::{LANES, Real, exp_f64, ln_f64, total, vectorised};

/// What noise makes of a coupling.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Noisy {
    /// u(w), what the unit is worth as a witness.
    coupling: f64,
    /// c(w), what relying on it costs.
    charge: f64,
    /// u'(w).
    coupling_slope: f64,
    /// c'(w).
    charge_slope: f64,
}

impl Noisy {
    #[inline(always)]
    fn of(w: f64, q: f64) -> Self {
        let e = exp_f64(-2.0 * w.abs());
        let (a, b) = (1.0 - q + q * e, q + (1.0 - q) * e);
        // Without noise B is e, which a large weight takes below the smallest number; its logarithm is known.
        let (ln_a, ln_b) = (ln_f64(a), if q == 0.0 { -2.0 * w.abs() } else { ln_f64(b) });
        let inverse = 1.0 / (a * b);
        let slope = if q == 0.0 { 1.0 } else { (1.0 - 2.0 * q) * e * inverse };
        let charge_slope = if q == 0.0 { 0.0 } else { q * (1.0 - q) * (1.0 - e * e) * inverse };
        Self {
            coupling: 0.5 * (ln_a - ln_b) * w.signum(),
            charge: w.abs() + 0.5 * (ln_a + ln_b),
            coupling_slope: slope,
            charge_slope: charge_slope * w.signum(),
        }
    }
}

/// The slopes of a unit's weights under noise.
#[derive(Clone)]
pub(super) struct Slopes<R> {
    /// u' of every weight.
    couplings: Vec<R>,
    /// c' of every weight.
    charges: Vec<R>,
}

impl<R: Real> Slopes<R> {
    /// Makes room for so many weights.
    pub(super) fn new(weights: usize) -> Self {
        let zeros = || vec![R::default(); weights];
        Self { couplings: zeros(), charges: zeros() }
    }

    /// Takes u of weights, and the slopes of u and c. Returns the sum of c.
    pub(super) fn meet(&mut self, q: f64, w: &[R], couplings: &mut [R]) -> f64 {
        let slopes = self.couplings.chunks_mut(LANES).zip(self.charges.chunks_mut(LANES));
        let of_weights = w.chunks(LANES).zip(couplings.chunks_mut(LANES));
        vectorised(
            #[inline(always)]
            move || {
                let mut sums = [0.0_f64; LANES];
                for ((w, couplings), slopes) in of_weights.zip(slopes) {
                    let slopes = slopes.0.iter_mut().zip(slopes.1);
                    for (((&w, coupling), slopes), sum) in w.iter().zip(couplings).zip(slopes).zip(&mut sums)
                    {
                        let noisy = Noisy::of(w.into(), q);
                        *coupling = R::round_from(noisy.coupling);
                        *sum += noisy.charge;
                        *slopes.0 = R::round_from(noisy.coupling_slope);
                        *slopes.1 = R::round_from(noisy.charge_slope);
                    }
                }
                total(sums)
            },
        )
    }

    /// A gradient in u becomes one in the weights: g <- u' g - c' charged.
    pub(super) fn pull_back(&self, charged: R, g: &mut [R]) {
        let slopes = self.couplings.iter().zip(&self.charges);
        vectorised(
            #[inline(always)]
            move || {
                for (g, (coupling, charge)) in g.iter_mut().zip(slopes) {
                    *g = *coupling * *g + -(*charge * charged);
                }
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Couplings are bounded, nothing is charged without noise, and pure noise says nothing.
        #[test]
        fn noise_bounds_a_coupling_and_charges_for_it(w in -50.0_f64..50.0, q in 0.0_f64..0.5) {
            let noisy = Noisy::of(w, q);
            let (t, r) = (w.tanh(), 1.0 - 2.0 * q);
            if w.abs() < 8.0 {
                prop_assert!((noisy.coupling - (r * t).atanh()).abs() < 1e-7);
                let charge = w.cosh().ln() + 0.5 * (1.0 - r * r * t * t).ln();
                prop_assert!((noisy.charge - charge).abs() < 1e-7);
            }
            prop_assert!(q == 0.0 || noisy.coupling.abs() <= 0.5 * ((1.0 - q) / q).ln() + 1e-12);
            prop_assert!(noisy.charge >= -1e-12);
            let none = Noisy::of(w, 0.0);
            prop_assert!((none.coupling - w).abs() < 1e-9 && none.charge.abs() < 1e-9);
            let all = Noisy::of(w, 0.5);
            prop_assert!(all.coupling.abs() < 1e-12 && all.coupling_slope == 0.0);
        }
    }
}
