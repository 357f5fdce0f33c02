//! Several protocols minimise the convex loss of margins that is here. It is 1/P sum_{p,i} phi(xi_i^p h_i^p)
//! with h^p = W x^p + b, plus l2/2 |W|^2, over W of one of three shapes. The P states x are messages or noisy
//! copies of them; xi^p are the signs that units should take there: the message's, or those of the state
//! itself.
//!
//! With phi(u) = exp(-u), symmetric W and the states' own signs it is minimum probability flow from these
//! states to those at Hamming distance one (Sohl-Dickstein, Battaglino, DeWeese 2011), because flipping bit i
//! of x costs the energy 2 x_i h_i.
//!
//! A symmetric W is searched as its strictly lower triangle times sqrt(2): then the length of a parameter vector is the
//! Frobenius norm of W, so the optimiser takes the same steps as on the full matrix with half the numbers.
//!
//! The optimiser holds fifteen vectors as long as what it searches, and beyond [`LARGE_UNITS`] these are what memory
//! goes into: then it has two past steps in place of five. Rows of a W that need not be symmetric have nothing to do
//! with each other, and where there are many they are better searched for themselves, as `unit_loss` does.

use super::lbfgs::{self, Objective, Rules, largest};
use super::penalty::penalise;
use super::phi::MarginLoss;
use super::{Watch, WriteError, Written};
use crate::parallel::{by_columns, matmul, threads};
use crate::patterns::Patterns;
use crate::real::Real;
use crate::symmetric;
use faer::{Accum, Mat, MatMut, MatRef, Par};
use std::f64::consts::FRAC_1_SQRT_2;

/// Above so many units a loss is minimised with less memory, and up to them by the fewest evaluations.
const LARGE_UNITS: usize = 2048;

/// Past steps that shape the next one then.
const FEW_STEPS: usize = 2;

/// A `Shape` says which W are searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Symmetric, with a zero diagonal.
    Symmetric,
    /// Every weight for itself, with a zero diagonal.
    ZeroDiagonal,
    /// Every weight for itself, the diagonal too.
    Free,
}

/// The `Terms` say what is minimised, on whichever states.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// The loss of a margin.
    pub(super) phi: MarginLoss,
    /// Which W are searched.
    pub(super) shape: Shape,
    /// Whether there are thresholds b.
    pub(super) thresholds: bool,
    /// Weight of the penalty.
    pub(super) l2: f64,
}

/// A `PatternLoss` is the loss of one set of states, with its buffers.
pub(super) struct PatternLoss<R> {
    /// States as columns, N x P.
    states: Mat<R>,
    /// The signs that units should take, N x M, those of state p in column p mod M; absent where they are the
    /// states' own.
    targets: Option<Mat<R>>,
    /// N x P: fields, then phi' times the sign.
    fields: Mat<R>,
    /// For products with packed matrices.
    square: Vec<R>,
    terms: Terms,
    /// The losses of the states, which are summed in their order.
    losses: Vec<f64>,
}

impl<R: Real> PatternLoss<R> {
    /// Makes the loss of states (P x N) whose units should keep their signs.
    pub(super) fn of_states(states: &Patterns, terms: Terms) -> Self {
        Self::new(states.columns(), None, terms)
    }

    /// Makes the loss of noisy copies (P x N) whose units should take the signs of their message. That is the
    /// row p mod M of `messages`.
    pub(super) fn of_copies(copies: &Patterns, messages: &Patterns, terms: Terms) -> Self {
        Self::new(copies.columns(), Some(messages.columns()), terms)
    }

    fn new(states: Mat<R>, targets: Option<Mat<R>>, terms: Terms) -> Self {
        let (n, count) = states.shape();
        let fields = Mat::zeros(n, count);
        Self { states, targets, fields, square: symmetric::square(n), terms, losses: vec![0.0; count] }
    }

    /// Returns the length of the parameter vector. It holds W, column by column or packed, then b.
    pub(super) fn parameters(&self) -> usize {
        self.weights() + if self.terms.thresholds { self.states.nrows() } else { 0 }
    }

    /// How many of the parameters are W's.
    fn weights(&self) -> usize {
        let n = self.states.nrows();
        if self.terms.shape == Shape::Symmetric { symmetric::packed_len(n) } else { n * n }
    }

    /// Returns W and b of a parameter vector.
    pub(super) fn parts<'a>(&self, x: &'a [R]) -> (Mat<R>, Option<&'a [R]>) {
        let n = self.states.nrows();
        let (w, b) = x.split_at(self.weights());
        let w = if self.terms.shape == Shape::Symmetric {
            let mut unpacked = Mat::zeros(n, n);
            symmetric::unpack(R::round_from(FRAC_1_SQRT_2), w, unpacked.as_mut());
            unpacked
        } else {
            MatRef::from_column_major_slice(w, n, n).to_owned()
        };
        (w, self.terms.thresholds.then_some(b))
    }

    /// fields <- W xi + b.
    fn drive(&mut self, x: &[R]) {
        let n = self.states.nrows();
        let (w, b) = x.split_at(self.weights());
        let (fields, states) = (self.fields.as_mut(), self.states.as_ref());
        if self.terms.shape == Shape::Symmetric {
            let unit = R::round_from(FRAC_1_SQRT_2);
            symmetric::multiply(unit, w, states, fields, &mut self.square, threads(n));
        } else {
            let w = MatRef::from_column_major_slice(w, n, n);
            matmul(fields, Accum::Replace, w, states, R::from(1_i8), threads(n));
        }
        if self.terms.thresholds {
            for column in self.fields.col_iter_mut() {
                column.iter_mut().zip(b).for_each(|(h, b)| *h += *b);
            }
        }
    }

    /// fields <- phi'(u) xi / P in place of h, u = xi h; the sum of phi/P.
    fn weigh(&mut self) -> f64 {
        let states = self.states.ncols();
        let scale = R::round_from(-1.0 / states as f64);
        let targets = self.targets.as_ref().unwrap_or(&self.states);
        let (phi, targets) = (self.terms.phi, targets.as_ref());
        let piece = |first: usize, fields: MatMut<'_, R>, losses: &mut [f64]| {
            let columns =
                fields.col_iter_mut().zip((0..targets.ncols()).cycle().skip(first % targets.ncols().max(1)));
            for ((h, message), loss) in columns.zip(losses) {
                let h = h.try_as_col_major_mut().expect("columns are contiguous").as_slice_mut();
                *loss = phi.weigh(scale, symmetric::column(targets, message), h);
            }
        };
        let threads = threads(self.states.nrows());
        by_columns((0, self.fields.as_mut()), &mut self.losses, threads, &piece);
        self.losses.iter().sum::<f64>() / states as f64
    }

    /// Sets the part of W in the gradient, and adds the penalty's to it; gives the penalty.
    fn differentiate(&mut self, w: &[R], g: &mut [R]) -> f64 {
        let n = self.states.nrows();
        let (fields, states) = (self.fields.as_ref(), self.states.as_ref());
        if self.terms.shape == Shape::Symmetric {
            let unit = R::round_from(FRAC_1_SQRT_2);
            symmetric::pack_products(unit, fields, states, g, &mut self.square, threads(n));
        } else {
            let product = MatMut::from_column_major_slice_mut(g, n, n);
            matmul(product, Accum::Replace, fields, states.transpose(), R::from(1_i8), threads(n));
            if self.terms.shape == Shape::ZeroDiagonal {
                g.iter_mut().step_by(n + 1).for_each(|g| *g = R::default());
            }
        }
        penalise(self.terms.l2, w, g)
    }
}

impl PatternLoss<f32> {
    /// Writes the memory at the minimum, found by L-BFGS from 0. Its objective is reported for `messages`
    /// messages, not as their mean.
    pub(super) fn write(
        mut self,
        messages: usize,
        rules: Rules,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        let mut x = vec![0.0; self.parameters()];
        let minimum = lbfgs::minimise(&mut self, &mut x, rules, watch)
            .map_err(|(iteration, reason)| WriteError::Interrupted { iteration, reason })?;
        let (w, b) = self.parts(&x);
        minimum.written(w, b.map(<[f32]>::to_vec), messages)
    }
}

impl<R: Real> Objective<R> for PatternLoss<R> {
    fn evaluate(&mut self, x: &[R], gradient: &mut [R]) -> f64 {
        self.drive(x);
        let loss = self.weigh();
        let weights = self.weights();
        let (gw, gb) = gradient.split_at_mut(weights);
        if self.terms.thresholds {
            gb.fill(R::default());
            for column in self.fields.col_iter() {
                gb.iter_mut().zip(column.iter()).for_each(|(g, f)| *g += *f);
            }
        }
        loss + self.differentiate(&x[..weights], gw)
    }

    /// As entries of matrices.
    fn largest(&self, gradient: &[R]) -> f64 {
        let (w, b) = gradient.split_at(self.weights());
        let unit = if self.terms.shape == Shape::Symmetric { FRAC_1_SQRT_2 } else { 1.0 };
        (unit * largest(w, self.threads())).max(largest(b, Par::Seq))
    }

    fn threads(&self) -> Par {
        threads(self.states.nrows())
    }

    fn memory(&self) -> usize {
        if self.states.nrows() > LARGE_UNITS { FEW_STEPS } else { lbfgs::MEMORY }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::hop::outer_product;
    use crate::seed::Stream;
    use proptest::prelude::*;
    use std::ops::ControlFlow;

    /// A loss of `m` messages, or of `copies` noisy states of each with the signs of the message.
    fn loss(n: usize, m: usize, copies: usize, terms: Terms, stream: &mut Stream) -> PatternLoss<f64> {
        let messages = Patterns::random(n, m, stream);
        if copies == 0 {
            return PatternLoss::of_states(&messages, terms);
        }
        let copies = (0..copies * m).flat_map(|p| {
            let flip = |&sign: &i8| if stream.unit() < 0.2 { -sign } else { sign };
            messages.row(p % m).iter().map(flip).collect::<Vec<i8>>()
        });
        PatternLoss::of_copies(&Patterns::known(n, copies.collect()), &messages, terms)
    }

    /// A parameter vector of normal numbers, of the shape that is searched.
    fn point(loss: &PatternLoss<f64>, scale: f64, stream: &mut Stream) -> Vec<f64> {
        let n = loss.states.nrows();
        let mut x: Vec<f64> = (0..loss.parameters()).map(|_| scale * stream.normal()).collect();
        if loss.terms.shape == Shape::ZeroDiagonal {
            (0..n).for_each(|j| x[j * n + j] = 0.0);
        }
        x
    }

    fn any_terms() -> impl Strategy<Value = Terms> {
        let phi = prop_oneof![Just(MarginLoss::Exponential), Just(MarginLoss::Logistic)];
        let shape = prop_oneof![Just(Shape::Symmetric), Just(Shape::ZeroDiagonal), Just(Shape::Free)];
        (phi, shape, any::<bool>(), 0.0_f64..0.5).prop_map(|(phi, shape, thresholds, l2)| Terms {
            phi,
            shape,
            thresholds,
            l2,
        })
    }

    proptest! {
        #[test]
        fn gradient_agrees_with_finite_differences(
            n in 2_usize..10, m in 1_usize..8, copies in 0_usize..4, terms in any_terms(), seed: u64,
        ) {
            let mut stream = Stream::named(seed, "test", &[]);
            let mut loss = loss(n, m, copies, terms, &mut stream);
            let (x, direction) = (point(&loss, 0.3, &mut stream), point(&loss, 1.0, &mut stream));
            let mut gradient = vec![0.0; x.len()];
            loss.evaluate(&x, &mut gradient);
            let analytic: f64 = gradient.iter().zip(&direction).map(|(g, d)| g * d).sum();
            let mut at = |t: f64| {
                let moved: Vec<f64> = x.iter().zip(&direction).map(|(x, d)| x + t * d).collect();
                loss.evaluate(&moved, &mut vec![0.0; x.len()])
            };
            let h = 1e-3;
            let numeric = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
            let scale = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
            prop_assert!((analytic - numeric).abs() <= 1e-7 * scale, "{analytic} against {numeric}");
        }

        /// The value is phi of every margin, one by one.
        #[test]
        fn the_loss_is_the_sum_of_its_terms(
            n in 2_usize..10, m in 1_usize..8, copies in 0_usize..4, terms in any_terms(), seed: u64,
        ) {
            let mut stream = Stream::named(seed, "test", &[]);
            let mut loss = loss(n, m, copies, terms, &mut stream);
            let x = point(&loss, 0.3, &mut stream);
            let (w, b) = loss.parts(&x);
            let mut expected = 0.0;
            for p in 0..loss.states.ncols() {
                for i in 0..n {
                    let h = (0..n).map(|j| w[(i, j)] * loss.states[(j, p)]).sum::<f64>() + b.map_or(0.0, |b| b[i]);
                    let xi = loss.targets.as_ref().map_or(loss.states[(i, p)], |targets| targets[(i, p % m)]);
                    expected += match terms.phi {
                        MarginLoss::Exponential => (-xi * h).exp(),
                        MarginLoss::Logistic => (1.0 + (-xi * h).exp()).ln(),
                    };
                }
            }
            expected = expected / loss.states.ncols() as f64 + 0.5 * terms.l2 * w.squared_norm_l2();
            let value = loss.evaluate(&x, &mut vec![0.0; x.len()]);
            prop_assert!((value / expected - 1.0).abs() < 1e-12, "{value} against {expected}");
        }

        #[test]
        fn the_first_gradient_is_the_outer_product(n in 2_usize..30, m in 1_usize..30, seed: u64) {
            let messages = Patterns::random(n, m, &mut Stream::named(seed, "test", &[]));
            let terms =
                Terms { phi: MarginLoss::Exponential, shape: Shape::Symmetric, thresholds: false, l2: 0.0 };
            let mut loss = PatternLoss::<f64>::of_states(&messages, terms);
            let mut gradient = vec![0.0; loss.parameters()];
            loss.evaluate(&vec![0.0; loss.parameters()], &mut gradient);
            let (gradient, _) = loss.parts(&gradient);
            let hop = outer_product(&messages);
            for i in 0..n {
                for j in 0..n {
                    let expected = if i == j { 0.0 } else { -f64::from(hop[(i, j)]) / m as f64 };
                    prop_assert!((gradient[(i, j)] - expected).abs() < 1e-12);
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        /// A penalised loss is strongly convex, so it has one minimiser: whatever L-BFGS starts at, it ends there.
        #[test]
        fn two_starts_give_one_memory(
            n in 2_usize..12, m in 1_usize..16, copies in 0_usize..4, terms in any_terms(), seed: u64,
        ) {
            let terms = Terms { thresholds: false, l2: 0.01 + terms.l2, ..terms };
            let mut stream = Stream::named(seed, "test", &[]);
            let mut loss = loss(n, m, copies, terms, &mut stream);
            let ends = [0.0, 0.5].map(|scale| {
                let mut x = point(&loss, scale, &mut stream);
                let rules = Rules { max_iterations: 2000, gradient_tolerance: 1e-9 };
                let found = lbfgs::minimise(&mut loss, &mut x, rules, &mut |_| ControlFlow::Continue(()));
                (x, found.map(|minimum| minimum.stop))
            });
            prop_assert!(ends.iter().all(|(_, stop)| *stop == Ok(crate::protocol::Stop::GradientTolerance)));
            // The distance to the minimiser is at most the gradient's length over l2.
            let apart = ends[0].0.iter().zip(&ends[1].0).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            prop_assert!(apart < 1e-5, "{apart}");
        }
    }
}
