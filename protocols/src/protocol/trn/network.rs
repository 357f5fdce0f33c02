//! This module computes the unrolled network of TRN and its gradient.
//!
//! s^t = tanh(gain (W s^{t-1} + U p + b)) for t = 1..L from s^0 = p (or s^0 = W p), and a loss of s^L, or of all s^t,
//! against the message. With delta^t the derivative of the loss by the field W s^{t-1} + U p + b,
//! delta^t = gain (W^T delta^{t+1} + dloss/ds^t) (1 - s^t s^t), dW = sum_t delta^t s^{t-1}T, dU = sum_t delta^t p^T and
//! db = sum_t delta^t (backpropagation through time, Werbos 1990).
//!
//! The batch is walked in chunks that stay in the second-level cache; states of all steps lie side by side,
//! so dW is one product with an inner dimension of L times the chunk.

use super::batch::Batch;
use super::first_step::FirstStep;
use super::{Cost, Entry, LossSteps};
use crate::aligned::Aligned;
use crate::parallel::{matmul, threads};
use crate::real::{Real, vectorised};
use faer::{Accum, MatMut, MatRef};

/// A `Shape` is the shape of the network and of its loss.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) n: usize,
    pub(crate) steps: usize,
    pub(crate) gain: f64,
    pub(crate) cost: Cost,
    pub(crate) loss: LossSteps,
    pub(crate) entry: Entry,
    pub(crate) input: bool,
    pub(crate) thresholds: bool,
}

impl Shape {
    /// Returns the length of the parameter vector. It holds W column by column, then U, then b, where they
    /// are trained.
    pub(crate) fn parameters(&self) -> usize {
        let square = self.n * self.n;
        square + if self.input { square } else { 0 } + if self.thresholds { self.n } else { 0 }
    }

    /// Splits a parameter vector into W, U and b. The absent ones are empty.
    pub(crate) fn split<'a, R>(&self, x: &'a [R]) -> (&'a [R], &'a [R], &'a [R]) {
        let (w, rest) = x.split_at(self.n * self.n);
        let (u, b) = rest.split_at(if self.input { self.n * self.n } else { 0 });
        (w, u, b)
    }

    pub(crate) fn split_mut<'a, R>(&self, x: &'a mut [R]) -> (&'a mut [R], &'a mut [R], &'a mut [R]) {
        let (w, rest) = x.split_at_mut(self.n * self.n);
        let (u, b) = rest.split_at_mut(if self.input { self.n * self.n } else { 0 });
        (w, u, b)
    }

    /// Returns what turns a sum of losses over `queries` queries into their mean.
    pub(super) fn mean(&self, queries: usize) -> f64 {
        let counted = if self.loss == LossSteps::All { self.steps } else { 1 };
        1.0 / (queries * self.n * counted) as f64
    }
}

/// All states and deltas of a chunk together take about this many bytes.
const CHUNK_BYTES: usize = 384 * 1024;

/// Fewer columns than this make the products of a large W slow: each reads all of W.
const SMALLEST_CHUNK: usize = 128;

/// `Unrolled` holds the buffers of the forward and backward pass, allocated once a write. Vectors of N units
/// lie side by side.
pub(crate) struct Unrolled<R> {
    shape: Shape,
    /// Queries a chunk.
    chunk: usize,
    /// s^0 .. s^L of a chunk.
    states: Aligned<R>,
    /// delta^1 .. delta^L of a chunk.
    deltas: Aligned<R>,
    /// U p + b.
    drive: Aligned<R>,
    /// W^T delta.
    back: Aligned<R>,
    /// The first step by what was flipped, where its input is the query alone.
    pub(super) first: Option<FirstStep<R>>,
}

impl<R: Real> Unrolled<R> {
    /// Makes buffers for batches of `batch` queries of `messages` messages.
    pub(crate) fn new(shape: Shape, messages: usize, batch: usize) -> Self {
        let column = (2 * shape.steps + 3) * shape.n * size_of::<R>();
        let chunk = (CHUNK_BYTES / column).next_multiple_of(16).clamp(SMALLEST_CHUNK, 1024).min(batch.max(1));
        let buffer = |blocks: usize| Aligned::zeros(shape.n * chunk * blocks);
        Self {
            shape,
            chunk,
            states: buffer(shape.steps + 1),
            deltas: buffer(shape.steps),
            drive: buffer(usize::from(shape.input || shape.thresholds)),
            back: buffer(1),
            first: (shape.entry == Entry::Query && !shape.input && !shape.thresholds)
                .then(|| FirstStep::new(shape.n, messages)),
        }
    }

    /// Returns the shape that it was made for, with the present gain.
    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Sets the slope of tanh at 0.
    pub(super) fn set_gain(&mut self, gain: f64) {
        self.shape.gain = gain;
    }

    /// Computes the mean loss over queries, units and the steps that count.
    pub(crate) fn loss(&mut self, x: &[R], batch: Batch<'_, R>) -> f64 {
        let Shape { n, steps, loss, cost, .. } = self.shape;
        let mut total = 0.0;
        let sparse = self.begin(x, batch);
        for chunk in batch.chunks(n, self.chunk) {
            self.forward(x, chunk, sparse);
            let first = if loss == LossSteps::All { 1 } else { steps };
            for states in self.states.chunks_exact(chunk.queries.len()).take(steps + 1).skip(first) {
                for (s, &target) in states.chunks_exact(n).zip(chunk.targets) {
                    let xi = &batch.messages[target as usize * n..][..n];
                    total += s.iter().zip(xi).map(|(&s, &xi)| cost.of(s.into(), xi.into())).sum::<f64>();
                }
            }
        }
        total * self.shape.mean(batch.targets.len())
    }

    /// Computes the gradient of [`Unrolled::loss`].
    pub(crate) fn gradient(&mut self, x: &[R], batch: Batch<'_, R>, gradient: &mut [R]) {
        gradient.fill(R::default());
        let scale = R::round_from(self.shape.mean(batch.targets.len()));
        let n = self.shape.n;
        let sparse = self.begin(x, batch);
        for chunk in batch.chunks(n, self.chunk) {
            self.forward(x, chunk, sparse);
            self.backward(x, chunk, scale);
            self.accumulate(x, chunk, sparse, gradient);
        }
        if let Some(first) = self.first.as_ref().filter(|_| sparse) {
            outer_product(&mut gradient[..n * n], n, &first.sums, batch.messages);
        }
    }

    /// Prepares the first step, if it is to be taken by what was flipped; whether it is.
    fn begin(&mut self, x: &[R], batch: Batch<'_, R>) -> bool {
        let n = self.shape.n;
        let (w, _, _) = self.shape.split(x);
        let Some(first) = self.first.as_mut().filter(|_| FirstStep::pays(n, &batch)) else { return false };
        product(&mut first.fields, n, Accum::Replace, w, batch.messages);
        first.sums.fill(R::default());
        true
    }

    fn forward(&mut self, x: &[R], batch: Batch<'_, R>, sparse: bool) {
        let Shape { n, steps, gain, entry, .. } = self.shape;
        let queries = batch.queries;
        let gain = R::round_from(gain);
        let block = queries.len();
        let (w, _, _) = self.shape.split(x);
        let driven = self.drive(x, queries);
        match entry {
            Entry::Query => self.states[..block].copy_from_slice(queries),
            Entry::Field => product(&mut self.states[..block], n, Accum::Replace, w, queries),
        }
        for t in 1..=steps {
            let (before, after) = self.states.split_at_mut(t * block);
            let (before, after) = (&before[(t - 1) * block..], &mut after[..block]);
            if let Some(first) = self.first.as_ref().filter(|_| sparse && t == 1) {
                first.forward(w, batch, after);
            } else if driven {
                after.copy_from_slice(&self.drive[..block]);
                product(after, n, Accum::Add, w, before);
            } else {
                product(after, n, Accum::Replace, w, before);
            }
            R::map_tanh(gain, after);
        }
    }

    /// Sets U p + b; false where the network has neither.
    fn drive(&mut self, x: &[R], queries: &[R]) -> bool {
        let Shape { n, input, thresholds, .. } = self.shape;
        let (_, u, b) = self.shape.split(x);
        if !(input || thresholds) {
            return false;
        }
        let drive = &mut self.drive[..queries.len()];
        drive.fill(R::default());
        if thresholds {
            drive.chunks_exact_mut(n).for_each(|column| column.copy_from_slice(b));
        }
        if input {
            product(drive, n, Accum::Add, u, queries);
        }
        true
    }

    /// Sets the deltas of a chunk.
    fn backward(&mut self, x: &[R], batch: Batch<'_, R>, scale: R) {
        let Shape { n, steps, cost, loss, gain, .. } = self.shape;
        let block = batch.queries.len();
        let (w, _, _) = self.shape.split(x);
        let factors = Factors { gain: R::round_from(gain), scale };
        for t in (1..=steps).rev() {
            let back = &mut self.back[..block];
            if t < steps {
                transposed_product(back, n, w, &self.deltas[t * block..][..block]);
            } else {
                back.fill(R::default());
            }
            let states = &self.states[t * block..][..block];
            let deltas = &mut self.deltas[(t - 1) * block..][..block];
            if t == steps || loss == LossSteps::All {
                match cost {
                    Cost::Squared => factors.squared(n, batch, states, back, deltas),
                    Cost::CrossEntropy => factors.cross_entropy(n, batch, states, back, deltas),
                }
            } else {
                factors.passed(states, back, deltas);
            }
        }
    }

    /// Adds a chunk's share to the gradient.
    fn accumulate(&mut self, x: &[R], batch: Batch<'_, R>, sparse: bool, gradient: &mut [R]) {
        let Shape { n, steps, entry, .. } = self.shape;
        let queries = batch.queries;
        let block = queries.len();
        let (w, _, _) = self.shape.split(x);
        let (gw, gu, gb) = self.shape.split_mut(gradient);
        let deltas = &self.deltas[..steps * block];
        let mut by_product = 0;
        if let Some(first) = self.first.as_mut().filter(|_| sparse) {
            first.accumulate(batch, &deltas[..block], gw);
            by_product = block;
        }
        if by_product < steps * block {
            outer_product(gw, n, &deltas[by_product..], &self.states[by_product..steps * block]);
        }
        if entry == Entry::Field {
            transposed_product(&mut self.back[..block], n, w, &self.deltas[..block]);
            outer_product(gw, n, &self.back[..block], queries);
        }
        if self.shape.input {
            deltas.chunks_exact(block).for_each(|deltas| outer_product(gu, n, deltas, queries));
        }
        if self.shape.thresholds {
            for delta in deltas.chunks_exact(n) {
                gb.iter_mut().zip(delta).for_each(|(g, d)| *g += *d);
            }
        }
    }
}

/// The constants of a backward step.
struct Factors<R> {
    gain: R,
    scale: R,
}

impl<R: Real> Factors<R> {
    /// The deltas of a step whose squared errors count.
    fn squared(&self, n: usize, batch: Batch<'_, R>, states: &[R], back: &[R], deltas: &mut [R]) {
        let (one, double, gain) = (R::from(1_i8), R::from(2_i8) * self.scale, self.gain);
        columns(
            n,
            batch,
            states,
            back,
            deltas,
            #[inline(always)]
            move |s, xi, back| gain * (one - s * s) * (back + double * (s - xi)),
        );
    }

    /// The deltas of a step whose cross-entropies count: their derivative (s - xi)/(1 - s^2) cancels the slope of tanh.
    fn cross_entropy(&self, n: usize, batch: Batch<'_, R>, states: &[R], back: &[R], deltas: &mut [R]) {
        let (one, scale, gain) = (R::from(1_i8), self.scale, self.gain);
        columns(
            n,
            batch,
            states,
            back,
            deltas,
            #[inline(always)]
            move |s, xi, back| gain * ((one - s * s) * back + scale * (s - xi)),
        );
    }

    /// The deltas of a step whose states only pass the gradient on.
    fn passed(&self, states: &[R], back: &[R], deltas: &mut [R]) {
        let (one, gain) = (R::from(1_i8), self.gain);
        vectorised(
            #[inline(always)]
            move || {
                for ((delta, s), back) in deltas.iter_mut().zip(states).zip(back) {
                    *delta = gain * (one - *s * *s) * *back;
                }
            },
        );
    }
}

/// deltas <- delta(s, xi, back), with the message of each query.
#[inline(always)]
fn columns<R: Real>(
    n: usize,
    batch: Batch<'_, R>,
    states: &[R],
    back: &[R],
    deltas: &mut [R],
    delta: impl Fn(R, R, R) -> R,
) {
    let columns = states.chunks_exact(n).zip(back.chunks_exact(n)).zip(deltas.chunks_exact_mut(n));
    vectorised(
        #[inline(always)]
        move || {
            for (((s, back), deltas), &target) in columns.zip(batch.targets) {
                let xi = &batch.messages[target as usize * n..][..n];
                for (((d, s), back), xi) in deltas.iter_mut().zip(s).zip(back).zip(xi) {
                    *d = delta(*s, *xi, *back);
                }
            }
        },
    );
}

impl Cost {
    /// Computes the loss of a state s against xi.
    pub(super) fn of(self, s: f64, xi: f64) -> f64 {
        match self {
            Self::Squared => (xi - s).powi(2),
            // Kept off ln 0 where s saturates on the wrong side.
            Self::CrossEntropy => -(0.5 * (1.0 + xi * s)).max(1e-12).ln(),
        }
    }
}

/// dst (+)= A X, with A n x n and the vectors of X and dst side by side.
fn product<R: Real>(dst: &mut [R], n: usize, accumulate: Accum, a: &[R], x: &[R]) {
    let width = x.len() / n;
    matmul(
        MatMut::from_column_major_slice_mut(dst, n, width),
        accumulate,
        MatRef::from_column_major_slice(a, n, n),
        MatRef::from_column_major_slice(x, n, width),
        R::from(1_i8),
        threads(n),
    );
}

/// dst = A^T X.
fn transposed_product<R: Real>(dst: &mut [R], n: usize, a: &[R], x: &[R]) {
    let width = x.len() / n;
    matmul(
        MatMut::from_column_major_slice_mut(dst, n, width),
        Accum::Replace,
        MatRef::from_column_major_slice(a, n, n).transpose(),
        MatRef::from_column_major_slice(x, n, width),
        R::from(1_i8),
        threads(n),
    );
}

/// dst += X Y^T.
fn outer_product<R: Real>(dst: &mut [R], n: usize, x: &[R], y: &[R]) {
    let width = x.len() / n;
    matmul(
        MatMut::from_column_major_slice_mut(dst, n, n),
        Accum::Add,
        MatRef::from_column_major_slice(x, n, width),
        MatRef::from_column_major_slice(y, n, width).transpose(),
        R::from(1_i8),
        threads(n),
    );
}
