//! OPTIMAL-NOISE writes the W whose units are right most often after one step from a noisy query: max sum_{m,i} H(-m_t
//! kappa_i^m / sqrt(1 - m_t^2)), kappa_i^m = xi_i^m h_i^m / |w_i|, h = W xi, zero diagonal, H the upper tail of the
//! normal distribution.
//!
//! m_t = 1 - 2q is the overlap of queries with flips of probability q. The field that a query gives is then
//! normal about m_t h with the deviation sqrt(1 - m_t^2) |w_i|, for many units, so H is the probability of the right
//! sign. `mcf` takes the mean over flips exactly, of a loss that is not this probability.
//!
//! As q goes to 1/2 only the sum of the kappas counts, and W is HOP's, row by row; as q goes to 0 only the
//! smallest one, and W is that of largest stability, where messages are separable.
//!
//! Method: L-BFGS. The sum is not concave, and what is found hangs on the start. That is the W of largest stability
//! ([`Stability`]), which has no wrong bits to be trapped by where there need be none: from HOP, or along q from
//! HOP, the search gives up messages early, and ends lower. No end is known to be the highest. Beyond some noise and
//! load the maximum gives up messages too, for the sake of the others. Rows have length 1.
//!
//! Cost: the start, and two products of N^2 M multiply-adds an evaluation, tens of them. Source: Gardner, Stroud,
//! Wallace 1989 (J. Phys. A 22, 2019); Wong, Sherrington 1990 (J. Phys. A 23, 4659), who train with the noise that
//! reading meets. Default q = 0.1, this study's.

use super::lbfgs::{self, Objective, Rules, largest};
use super::parameter::{NonNegative, TrainingNoise, allowed};
use super::work::{F32, minimised};
use super::{About, LargestStability, Nature, Parameter, Report, Rule, Watch, WriteError, Written};
use crate::parallel::{matmul, threads};
use crate::patterns::Patterns;
use crate::real::{LANES, Real, total, vectorised};
use crate::seed::Stream;
use crate::symmetric::{column, column_mut};
use crate::weights::Weights;
use faer::{Accum, Mat, MatMut, MatRef, Par};
use serde::{Deserialize, Serialize};

/// OPTIMAL-NOISE writes the weights that are right most often after one step.
///
/// Rule: `max sum_m,i H(-m_t kappa_i^m / sqrt(1 - m_t^2)), kappa = xi h / |w_i|, m_t = 1 - 2q; W_ii = 0`
///
/// Source: Gardner, Stroud, Wallace 1989, doi 10.1088/0305-4470/22/12/004; Wong, Sherrington 1990, doi
/// 10.1088/0305-4470/23/20/020.
///
/// ```
/// use protocols::{Patterns, Spec, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let rule = Spec::named("optimal-noise").expect("it is in the catalogue");
/// let memory = rule.protocol().write(&messages, &mut stream)?.weights;
/// // Every bit of every message has its field on its own side.
/// let fields = memory.fields(&messages);
/// assert!((0..6).all(|m| (0..64).all(|i| fields[(i, m)] * f32::from(messages.row(m)[i]) > 0.0)));
/// # Ok::<(), protocols::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OptimalNoise {
    /// The probability q with which a bit of a query is flipped.
    pub noise: TrainingNoise,
    /// L-BFGS iterations at most.
    pub max_iterations: u32,
    /// Stops once no entry of the gradient exceeds this.
    pub gradient_tolerance: NonNegative,
}

impl Default for OptimalNoise {
    fn default() -> Self {
        Self { noise: allowed(0.1), max_iterations: 1000, gradient_tolerance: allowed(1e-5) }
    }
}

impl Rule for OptimalNoise {
    const ABOUT: &'static About = &About {
        name: "optimal-noise",
        title: "optimal training noise: most bits right after one step",
        formula: "max sum_m,i H(-m_t kappa_i^m / sqrt(1 - m_t^2)), kappa = xi h / |w_i|, m_t = 1 - 2q; W_ii = 0",
        source: "Gardner, Stroud, Wallace 1989, doi 10.1088/0305-4470/22/12/004; Wong, Sherrington 1990, \
                 doi 10.1088/0305-4470/23/20/020",
        version: 1,
        parameters: &[
            Parameter::new("noise", TrainingNoise::ALLOWED, "probability q that a bit is flipped"),
            Parameter::new("max_iterations", "a whole number", "L-BFGS iterations at most"),
            Parameter::new(
                "gradient_tolerance",
                NonNegative::ALLOWED,
                "stop once no entry of the gradient exceeds this",
            ),
        ],
    };

    fn write_messages(
        &self,
        messages: &Patterns,
        stream: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        let n = messages.n();
        let start = LargestStability { max_sweeps: 500, ..LargestStability::default() };
        let start = start.write_messages(messages, stream, watch)?;
        let mut x: Vec<f32> = start.weights.matrix().col_iter().flat_map(|w| w.iter().copied()).collect();
        normalise(&mut x, n);
        let overlap = 1.0 - 2.0 * self.noise.get();
        let mut loss = StepLoss::<f32>::of(messages, overlap / (1.0 - overlap * overlap).sqrt());
        let rules = Rules {
            max_iterations: self.max_iterations.into(),
            gradient_tolerance: self.gradient_tolerance.get(),
        };
        let before = start.report.iterations;
        let minimum = lbfgs::minimise(&mut loss, &mut x, rules, &mut |k| watch(before + k))
            .map_err(|(k, reason)| WriteError::Interrupted { iteration: before + k, reason })?;
        normalise(&mut x, n);
        let weights = Weights::new(MatRef::from_column_major_slice(&x, n, n).to_owned())?;
        let report = minimum.report(messages.count());
        Ok(Written { weights, report: Report { iterations: before + report.iterations, ..report } })
    }

    fn nature(&self) -> Nature {
        Nature { zero_diagonal: true, ..Nature::default() }
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        minimised(n, m, 100.0) + LargestStability::default().work(n, m)
    }

    fn bytes(&self, n: u64, m: u64) -> u64 {
        // The messages as numbers, their fields, and the seven vectors of an L-BFGS step.
        LargestStability::default().bytes(n, m).max(F32 * (2 * n * m + 7 * n * n))
    }
}

/// Gives every row that is not zero the length 1.
fn normalise<R: Real>(w: &mut [R], n: usize) {
    let inverse = inverse_lengths(w, n);
    for column in w.chunks_exact_mut(n) {
        column.iter_mut().zip(&inverse).for_each(|(w, &inverse)| *w = inverse * *w);
    }
}

/// 1/|w_i| of every row, 0 where it is zero.
fn inverse_lengths<R: Real>(w: &[R], n: usize) -> Vec<R> {
    let mut squares = vec![0.0_f64; n];
    for column in w.chunks_exact(n) {
        for (square, &w) in squares.iter_mut().zip(column) {
            let w: f64 = w.into();
            *square += w * w;
        }
    }
    squares.into_iter().map(|s| R::round_from(if s > 0.0 { s.sqrt().recip() } else { 0.0 })).collect()
}

/// The mean over messages of the bits that are wrong after a step, 1/M sum_{m,i} H(gain kappa_i^m).
struct StepLoss<R> {
    /// Messages as columns, N x M.
    messages: Mat<R>,
    /// N x M: fields, then the loss's derivative in them.
    fields: Mat<R>,
    /// m_t / sqrt(1 - m_t^2).
    gain: f64,
}

impl<R: Real> StepLoss<R> {
    fn of(messages: &Patterns, gain: f64) -> Self {
        let fields = Mat::zeros(messages.n(), messages.count());
        Self { messages: messages.columns(), fields, gain }
    }
}

impl<R: Real> Objective<R> for StepLoss<R> {
    fn evaluate(&mut self, x: &[R], gradient: &mut [R]) -> f64 {
        let (n, m) = (self.messages.nrows(), self.messages.ncols());
        let w = MatRef::from_column_major_slice(x, n, n);
        let one = R::from(1_i8);
        matmul(self.fields.as_mut(), Accum::Replace, w, self.messages.as_ref(), one, threads(n));
        let inverse = inverse_lengths(x, n);
        // What lengthening a row would change, for the messages so far: that is to be taken off.
        let mut along = vec![R::default(); n];
        let mut value = 0.0;
        for message in 0..m {
            let xi = column(self.messages.as_ref(), message);
            let fields = column_mut(self.fields.as_mut(), message);
            value += weigh(self.gain, m, xi, &inverse, fields, &mut along);
        }
        let product = MatMut::from_column_major_slice_mut(gradient, n, n);
        matmul(product, Accum::Replace, self.fields.as_ref(), self.messages.transpose(), one, threads(n));
        for (g, w) in gradient.chunks_exact_mut(n).zip(x.chunks_exact(n)) {
            for ((g, &w), &along) in g.iter_mut().zip(w).zip(&along) {
                *g += along * w;
            }
        }
        gradient.iter_mut().step_by(n + 1).for_each(|g| *g = R::default());
        value / m as f64
    }

    fn largest(&self, gradient: &[R]) -> f64 {
        largest(gradient, Par::Seq)
    }
}

/// Sets the fields of one message to the loss's derivative in them, and adds to `along` what that is along the
/// row; returns the sum of H(gain kappa). The loss is taken as 1/`m` of it.
fn weigh<R: Real>(gain: f64, m: usize, xi: &[R], inverse: &[R], fields: &mut [R], along: &mut [R]) -> f64 {
    let scale = R::round_from(gain / (m as f64 * (2.0 * std::f64::consts::PI).sqrt()));
    let gain = R::round_from(gain);
    vectorised(
        #[inline(always)]
        move || {
            let mut sums = [R::default(); LANES];
            let rows = inverse.chunks(LANES).zip(along.chunks_mut(LANES));
            for ((h, xi), (inverse, along)) in fields.chunks_mut(LANES).zip(xi.chunks(LANES)).zip(rows) {
                let rows = inverse.iter().zip(along).zip(&mut sums);
                for ((h, &xi), ((&inverse, along), sum)) in h.iter_mut().zip(xi).zip(rows) {
                    let kappa = xi * *h * inverse;
                    let (tail, bell) = upper_tail(gain * kappa);
                    *sum += tail;
                    let slope = scale * bell * inverse;
                    *along += slope * kappa * inverse;
                    *h = -(slope * xi);
                }
            }
            total(sums)
        },
    )
}

/// H(z), relative error below 2e-7, and exp(-z^2/2). By t exp(-x^2 + P(t)), t = 1/(1 + x/2), for the
/// complementary error function of x = |z|/sqrt 2, as Press, Teukolsky, Vetterling, Flannery (Numerical Recipes,
/// 1992, `erfcc`) have it.
#[inline(always)]
fn upper_tail<R: Real>(z: R) -> (R, R) {
    const P: [f32; 10] = [
        -1.265_512_2,
        1.000_023_7,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_204,
        1.488_515_9,
        -0.822_152_23,
        0.170_872_77,
    ];
    let (zero, one, half) = (R::default(), R::from(1_i8), R::from(0.5_f32));
    let size = if z < zero { -z } else { z };
    let bell = (-(half * size * size)).exponential();
    let t = one / (one + R::round_from(0.5 * std::f64::consts::FRAC_1_SQRT_2) * size);
    let mut p = R::from(P[9]);
    for k in (0..9).rev() {
        p = p * t + R::from(P[k]);
    }
    // Below that it moves no sum, but as a subnormal number it would slow the products down thirtyfold.
    let bell = if bell < R::from(1e-30_f32) { zero } else { bell };
    let tail = half * t * bell * p.exponential();
    (if z < zero { one - tail } else { tail }, bell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use statrs::function::erf::erfc;

    #[test]
    fn the_tail_is_that_of_the_normal_distribution() {
        for z in (-900..=900).map(|k| f64::from(k) * 0.01) {
            let exact = 0.5 * erfc(z / std::f64::consts::SQRT_2);
            let (tail, bell) = upper_tail(z);
            assert!((tail / exact - 1.0).abs() < 2e-7, "H({z}) = {tail} against {exact}");
            assert!((bell - (-0.5 * z * z).exp()).abs() < 1e-15);
            // The exponent, z^2/2 and more, is rounded to 24 bits.
            let exact = 0.5 * erfc(f64::from(z as f32) / std::f64::consts::SQRT_2);
            let (tail, _) = upper_tail(z as f32);
            assert!(
                (f64::from(tail) - exact).abs() < (1e-6 + 2e-7 * z * z) * exact,
                "H({z}) = {tail} against {exact} in f32"
            );
        }
    }

    proptest! {
        /// The value is H of every stability, one by one, and the gradient is that of the exact value.
        #[test]
        fn value_and_gradient_are_those_of_the_sum(
            n in 2_usize..10, m in 1_usize..8, gain in 0.1_f64..3.0, seed: u64,
        ) {
            let mut stream = Stream::named(seed, "test", &[]);
            let messages = Patterns::random(n, m, &mut stream);
            let mut loss = StepLoss::<f64>::of(&messages, gain);
            let draw = |stream: &mut Stream| -> Vec<f64> {
                (0..n * n).map(|k| if k % (n + 1) == 0 { 0.0 } else { stream.normal() }).collect()
            };
            let (x, direction) = (draw(&mut stream), draw(&mut stream));
            let naive = |x: &[f64]| -> f64 {
                let of = |i: usize, xi: &[i8]| {
                    let h: f64 = (0..n).map(|j| x[j * n + i] * f64::from(xi[j])).sum();
                    let length = (0..n).map(|j| x[j * n + i].powi(2)).sum::<f64>().sqrt();
                    0.5 * erfc(gain * f64::from(xi[i]) * h / length / std::f64::consts::SQRT_2)
                };
                messages.rows().flat_map(|xi| (0..n).map(move |i| of(i, xi))).sum::<f64>() / m as f64
            };
            let mut gradient = vec![0.0; n * n];
            let value = loss.evaluate(&x, &mut gradient);
            prop_assert!((value / naive(&x) - 1.0).abs() < 1e-6);
            let at = |t: f64| {
                let moved: Vec<f64> = x.iter().zip(&direction).map(|(x, d)| x + t * d).collect();
                naive(&moved)
            };
            let lengths = inverse_lengths(&x, n);
            let h = 1e-3 / lengths.iter().fold(1.0, |a: f64, &b| a.max(b));
            let numeric = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
            let analytic: f64 = gradient.iter().zip(&direction).map(|(g, d)| g * d).sum();
            prop_assert!((analytic - numeric).abs() < 1e-6, "{analytic} against {numeric}");
        }
    }
}
