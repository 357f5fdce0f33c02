//! The best matrix for queries of one noise level is not the one of largest stability: theory knows the share of
//! bits that the best one puts right in a step.
//!
//! By [`super::one_step_share`], a bit of stability kappa is right after one step from overlap m with probability
//! g(kappa) = H(-r kappa), r = m/sqrt(1 - m^2). Which rows of length 1, free and without diagonal, maximise the sum of
//! g over the messages? Gardner's calculation with that energy, replica symmetric, says: a stability that a row of
//! random couplings would have at t, Gaussian, becomes
//!
//! ```text
//! lambda*(t) = argmax over lambda of g(lambda) - (lambda - t)^2/(2x),
//! 1/load     = int Dt (lambda*(t) - t)^2          (this fixes x > 0)
//! f1         = int Dt g(lambda*(t)).
//! ```
//!
//! The maximum has lambda - t = x r phi(r lambda). Below some t0 < 0 it can jump: a bit that costs too much is given
//! up, so there is a gap in the distribution of stabilities. There replica symmetry breaks, and the result is
//! taken to be a little too high; where there is no gap it is good as far as is known.
//!
//! Ends: for m to 1, g punishes only the smallest stabilities and lambda* tends to max(t, kappa), Gardner's
//! distribution, load for load with her kappa ([`super::gardner_kappa`]); for m to 0, g is linear, lambda* = t +
//! 1/sqrt(load), and the matrix is HOP, f1 = H(-m/sqrt(load)), which is a lower bound for all m. So is the matrix of
//! largest stability, [`largest_stability_share`].
//!
//! Cost: some milliseconds for a load and an overlap.
//!
//! Sources: E. Gardner, B. Derrida, J. Phys. A 21, 271 (1988); training with noise: E. Gardner, N. Stroud, D. J.
//! Wallace, J. Phys. A 22, 2019 (1989); its optimum: K. Y. M. Wong, D. Sherrington, J. Phys. A 23, 4659 (1990).

use super::gardner::gardner_kappa;
use super::gaussian::{self, EDGE, density};

/// Panels of Simpson's rule on each side of a jump.
const PANELS: u32 = 200;

/// Computes the share of bits that are right after one step, for the matrix that is the best at this `load`
/// for queries of this `overlap`. None unless the load is positive and the overlap lies in (0, 1).
pub fn best_share(load: f64, overlap: f64) -> Option<f64> {
    let optimum = Optimum::at(load, overlap)?;
    Some(optimum.mean(|lambda, _| gaussian::below(optimum.r * lambda)))
}

/// Computes the same share for the matrix of largest stability, of which all bits have at least
/// [`gardner_kappa`]. None beyond its loads, or where the overlap lies outside (0, 1).
///
/// Stabilities are max(t, kappa) with t Gaussian: f1 = H(-kappa) H(-r kappa) + int_kappa^inf Dt H(-r t).
pub fn largest_stability_share(load: f64, overlap: f64) -> Option<f64> {
    let (kappa, r) = (gardner_kappa(load)?, ratio(overlap)?);
    let above = gaussian::integral(|t| gaussian::below(r * t), kappa, EDGE, PANELS);
    Some(gaussian::below(kappa) * gaussian::below(r * kappa) + above)
}

/// Computes the stability lambda* that the best matrix gives to the bit that random couplings would have left
/// at `t`. None where [`best_share`] has none.
pub fn best_stability(load: f64, overlap: f64, t: f64) -> Option<f64> {
    Optimum::at(load, overlap).map(|optimum| optimum.stability(t))
}

/// Signal to noise r of a query of this overlap.
fn ratio(overlap: f64) -> Option<f64> {
    (0.0 < overlap && overlap < 1.0).then(|| overlap / (1.0 - overlap * overlap).sqrt())
}

/// The optimum for one r at one x.
#[derive(Clone, Copy, Debug)]
struct Optimum {
    r: f64,
    /// ln x: for little noise, x itself is beyond all floating-point numbers.
    ln_x: f64,
    /// Where lambda - x r phi(r lambda), as a function of lambda, stops to rise, and where it rises again.
    bend: Option<(f64, f64)>,
}

impl Optimum {
    fn at(load: f64, overlap: f64) -> Option<Self> {
        let r = ratio(overlap)?;
        if !(load > 0.0 && load.is_finite()) {
            return None;
        }
        // int Dt (lambda* - t)^2 rises with x. Where it is 1/load, lambda - t is about 1/sqrt(load), and ln x with it
        // at most r^2/2 times the square of the largest lambda that counts.
        let high =
            0.5 * (r * (load.sqrt().recip() + EDGE)).powi(2) + load.recip() + r.recip().ln().abs() + 50.0;
        let shift = |ln_x: f64| Self::new(r, ln_x).mean(|lambda, t| (lambda - t).powi(2));
        Some(Self::new(r, root_between(|ln_x| load.recip() - shift(ln_x), -high, high)))
    }

    fn new(r: f64, ln_x: f64) -> Self {
        // Its slope 1 + x r^3 lambda phi(r lambda) is least at lambda = -1/r.
        let fall = |lambda: f64| ln_x + (-r.powi(3) * lambda * density(r * lambda)).ln();
        let bend = (fall(-r.recip()) > 0.0).then(|| {
            let far = -r.recip() * (2.0 + (2.0 * fall(-r.recip()).max(1.0)).sqrt() * 2.0);
            let start = root_between(|lambda| -fall(lambda), far, -r.recip());
            (start, root_between(fall, -r.recip(), 0.0))
        });
        Self { r, ln_x, bend }
    }

    /// The mean over t of `f` of lambda* and t.
    fn mean(&self, f: impl Fn(f64, f64) -> f64) -> f64 {
        let jump = self.jump();
        let below = gaussian::integral(|t| f(self.low(t), t), -EDGE, jump, PANELS);
        below + gaussian::integral(|t| f(self.high(t), t), jump, EDGE, PANELS)
    }

    fn stability(&self, t: f64) -> f64 {
        if t < self.jump() { self.low(t) } else { self.high(t) }
    }

    /// The t at which lambda* jumps; the lower edge where it does not.
    fn jump(&self) -> f64 {
        if self.bend.is_none() || self.prefers_high(-EDGE) {
            return -EDGE;
        }
        // For t >= 0 there is one maximum only.
        root_between(|t| if self.prefers_high(t) { -1.0 } else { 1.0 }, -EDGE, 0.0)
    }

    /// Whether the larger of two maxima at t is the better one, or the only one.
    fn prefers_high(&self, t: f64) -> bool {
        let Some((start, end)) = self.bend else { return true };
        if t >= start || self.force(start, t) < 0.0 {
            return true;
        }
        if self.force(end, t) > 0.0 {
            return false;
        }
        let value =
            |lambda: f64| gaussian::below(self.r * lambda) - 0.5 * (lambda - t).powi(2) * (-self.ln_x).exp();
        value(self.high(t)) > value(self.low(t))
    }

    /// A number of the sign of lambda - t - x r phi(r lambda), for lambda > t.
    fn force(&self, lambda: f64, t: f64) -> f64 {
        let scaled = self.r * lambda;
        (lambda - t).ln() + 0.5 * scaled * scaled + 0.5 * std::f64::consts::TAU.ln() - self.ln_x - self.r.ln()
    }

    /// The smaller solution of lambda - t = x r phi(r lambda).
    fn low(&self, t: f64) -> f64 {
        let end = self.bend.map_or(t, |(start, _)| start.max(t));
        root_between(|lambda| -self.force(lambda, t), t, end)
    }

    /// The larger one.
    fn high(&self, t: f64) -> f64 {
        let start = self.bend.map_or(t, |(_, end)| end.max(t));
        // There x r phi(r lambda) < 1 < lambda - t.
        let most = (2.0 * (self.ln_x + self.r.ln()).max(0.0)).sqrt() / self.r;
        root_between(|lambda| -self.force(lambda, t), start, t.max(most) + 1.0)
    }
}

/// The root of a decreasing function to 1e-13 of the interval, which is enough of it, and twice as fast.
fn root_between(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    for _ in 0..44 {
        let middle = 0.5 * (low + high);
        if f(middle) > 0.0 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    const PLACES: [(f64, f64); 8] =
        [(0.25, 0.3), (0.25, 0.8), (0.5, 0.6), (0.5, 0.9), (1.0, 0.5), (1.0, 0.9), (1.5, 0.7), (3.0, 0.8)];

    /// Of [`PLACES`], by scripts/golden/theory.py: for every t the maximum over a grid of lambda, by numpy.
    const GOLDEN: [f64; 8] = [
        0.728_260_190,
        0.991_130_590,
        0.824_186_896,
        0.988_085_720,
        0.697_296_520,
        0.913_063_310,
        0.736_731_532,
        0.705_979_754,
    ];

    #[test]
    fn an_independent_program_agrees() {
        for ((load, overlap), expected) in PLACES.into_iter().zip(GOLDEN) {
            // That program places a jump to half a step of its grid of t, .00025.
            assert_abs_diff_eq!(best_share(load, overlap).unwrap(), expected, epsilon = 2e-5);
        }
    }

    #[test]
    fn without_noise_it_is_gardners_stability() {
        for (load, kappa) in [(0.25, 1.736), (0.5, 1.034), (1.0, 0.471)] {
            assert_abs_diff_eq!(gardner_kappa(load).unwrap(), kappa, epsilon = 5e-4);
            // The smallest stability of all but one in ten thousand bits nears kappa as the noise q falls.
            let gaps: Vec<f64> = [0.9, 0.99, 0.999, 0.999_9]
                .into_iter()
                .map(|m| (best_stability(load, m, -3.7).unwrap() - kappa).abs())
                .collect();
            assert!(gaps.windows(2).all(|pair| pair[1] < pair[0]) && gaps[3] < 0.01, "{load}: {gaps:?}");
            // A bit that was stable anyway stays as it is.
            assert_abs_diff_eq!(best_stability(load, 0.999_9, 3.0).unwrap(), 3.0, epsilon = 1e-3);
        }
    }

    #[test]
    fn it_is_better_than_what_it_is_the_best_of() {
        for (load, overlap) in PLACES {
            let best = best_share(load, overlap).unwrap();
            let hop = gaussian::below(overlap / load.sqrt());
            assert!(best >= hop - 1e-9, "{load} {overlap}: {best} {hop}");
            if let Some(largest) = largest_stability_share(load, overlap) {
                assert!(best >= largest - 1e-9, "{load} {overlap}: {best} {largest}");
            }
            let pse = super::super::pse_kappa_zero(load);
            let pse = pse.map(|kappa| super::super::one_step_share(kappa, 0.0, overlap));
            assert!(pse.is_none_or(|pse| best >= pse - 1e-9), "{load} {overlap}: {best} {pse:?}");
        }
        // With little overlap it is HOP, and with little noise the largest stability.
        let little = best_share(0.5, 0.02).unwrap() - gaussian::below(0.02 / 0.5_f64.sqrt());
        assert_abs_diff_eq!(little, 0.0, epsilon = 1e-6);
        let (best, largest) = (best_share(0.5, 0.9).unwrap(), largest_stability_share(0.5, 0.9).unwrap());
        assert!(best - largest < 0.01, "{best} {largest}");
    }

    #[test]
    fn diluted_networks_lose_small_overlaps_where_it_was_published() {
        // m1 = m0 for m0 to 0 at load 2/pi (Derrida, Gardner and Zippelius 1987).
        let gain = |load: f64| (2.0 * best_share(load, 1e-3).unwrap() - 1.0) / 1e-3;
        assert_abs_diff_eq!(gain(std::f64::consts::FRAC_2_PI), 1.0, epsilon = 1e-3);
        assert!(gain(0.6) > 1.01 && gain(0.68) < 0.99);
    }

    #[test]
    fn outside_the_domain_there_is_none() {
        for (load, overlap) in [(0.0, 0.5), (-1.0, 0.5), (f64::NAN, 0.5), (1.0, 0.0), (1.0, 1.0)] {
            assert_eq!(best_share(load, overlap), None);
        }
        assert_eq!(largest_stability_share(2.1, 0.5), None);
    }
}
