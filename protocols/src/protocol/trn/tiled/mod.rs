//! This is the network of [`Unrolled`](super::network::Unrolled) and its gradient by products in tiles. It is
//! for up to some hundred units, in f32. The tanh of a step, and the derivative of a step back, are taken
//! while the fields are in the first-level cache.
//!
//! The batch is walked in chunks. A chunk goes forward through all steps; on its way back two buffers of
//! deltas take turns, and each step's share of the gradient is added as soon as its deltas are there. The
//! first step goes by what was flipped, as [`FirstStep`] explains, wherever few units are.

mod first_step;

use self::first_step::{add_first_step, first_states};
use crate::aligned::Aligned;
use crate::protocol::trn::batch::Batch;
use crate::protocol::trn::first_step::FirstStep;
use crate::protocol::trn::network::Shape;
use crate::protocol::trn::strip::each;
use crate::protocol::trn::{Cost, Entry, LossSteps};
use crate::real::{tanh_f32, vectorised};
use crate::tiles::{Panels, QUERIES, add_outer_product, padded};

/// Up to here tiles were measured to be faster than the library's products; beyond, a strip of W leaves the
/// second-level cache.
const MOST_UNITS: usize = 512;

/// All states and deltas of a chunk together take about this many bytes.
const CHUNK_BYTES: usize = 256 * 1024;

/// `Tiled` holds the buffers of the forward and backward pass, allocated once a write. Vectors are padded to
/// whole cache lines.
pub(super) struct Tiled {
    shape: Shape,
    /// Units of a vector, what it is filled up with included.
    length: usize,
    /// Queries a chunk, a multiple of [`QUERIES`].
    chunk: usize,
    /// W, and W^T.
    w: Panels,
    transposed: Panels,
    /// s^0 .. s^L of a chunk.
    states: Aligned<f32>,
    /// delta^{t+1} and delta^t of a chunk.
    deltas: [Aligned<f32>; 2],
    /// The messages, and W xi of each.
    messages: Aligned<f32>,
    fields: Aligned<f32>,
    /// The deltas of the first step, summed by message.
    sums: Aligned<f32>,
    /// dloss/dW, padded rows.
    gradient: Aligned<f32>,
    /// b, and dloss/db; zero where there are no thresholds.
    thresholds: Aligned<f32>,
    threshold_gradient: Aligned<f32>,
}

/// What a chunk's passes have in common.
#[derive(Clone, Copy)]
struct Pass<'a> {
    batch: Batch<'a, f32>,
    /// Whether the first step goes by what was flipped.
    sparse: bool,
}

impl Pass<'_> {
    fn count(&self) -> usize {
        self.batch.targets.len()
    }
}

impl Tiled {
    /// Makes buffers for batches of up to `batch` queries of `messages` messages. Nothing where the network
    /// has parts that this does not know, or too many units.
    pub(super) fn new(shape: Shape, messages: usize, batch: usize) -> Option<Self> {
        if shape.n > MOST_UNITS || shape.input || shape.entry != Entry::Query {
            return None;
        }
        let (n, length) = (shape.n, padded(shape.n));
        let column = (shape.steps + 3) * length * size_of::<f32>();
        let chunk = (CHUNK_BYTES / column).clamp(48, 1024).min(batch.max(1)).next_multiple_of(QUERIES);
        let vectors = |count: usize| Aligned::zeros(length * count);
        let by_message = || vectors(messages.next_multiple_of(QUERIES));
        Some(Self {
            shape,
            length,
            chunk,
            w: Panels::zeros(n),
            transposed: Panels::zeros(n),
            states: vectors(chunk * (shape.steps + 1)),
            deltas: [vectors(chunk), vectors(chunk)],
            messages: by_message(),
            fields: by_message(),
            sums: by_message(),
            gradient: vectors(n),
            thresholds: vectors(1),
            threshold_gradient: vectors(1),
        })
    }

    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    pub(super) fn set_gain(&mut self, gain: f64) {
        self.shape.gain = gain;
    }

    /// Computes the mean loss over queries, units and the steps that count.
    pub(super) fn loss(&mut self, x: &[f32], batch: Batch<'_, f32>) -> f64 {
        let Shape { n, steps, loss, cost, .. } = self.shape;
        let sparse = self.begin(x, batch);
        let first = if loss == LossSteps::All { 1 } else { steps };
        let mut total = 0.0;
        for batch in batch.chunks(n, self.chunk) {
            self.forward(Pass { batch, sparse });
            for states in self.states.chunks_exact(self.chunk * self.length).skip(first) {
                for (s, &target) in states.chunks_exact(self.length).zip(batch.targets) {
                    let xi = &batch.messages[target as usize * n..][..n];
                    total += s.iter().zip(xi).map(|(&s, &xi)| cost.of(s.into(), xi.into())).sum::<f64>();
                }
            }
        }
        total * self.shape.mean(batch.targets.len())
    }

    /// Computes the gradient of [`Tiled::loss`].
    pub(super) fn gradient(&mut self, x: &[f32], batch: Batch<'_, f32>, gradient: &mut [f32]) {
        let n = self.shape.n;
        let scale = self.shape.mean(batch.targets.len()) as f32;
        let sparse = self.begin(x, batch);
        self.transposed.set_transposed(&x[..n * n]);
        for buffer in [&mut self.gradient, &mut self.sums, &mut self.threshold_gradient] {
            buffer.fill(0.0);
        }
        for batch in batch.chunks(n, self.chunk) {
            let pass = Pass { batch, sparse };
            self.forward(pass);
            self.backward(pass, scale);
        }
        if sparse {
            add_outer_product(&mut self.gradient, n, &self.sums, &self.messages);
        }
        let (gw, _, gb) = self.shape.split_mut(gradient);
        for (to, column) in gw.chunks_exact_mut(n).zip(self.gradient.chunks_exact(self.length)) {
            to.copy_from_slice(&column[..n]);
        }
        gb.copy_from_slice(&self.threshold_gradient[..gb.len()]);
    }

    /// Takes parameters and messages; whether the first step goes by what was flipped.
    fn begin(&mut self, x: &[f32], batch: Batch<'_, f32>) -> bool {
        let n = self.shape.n;
        let (w, _, b) = self.shape.split(x);
        self.w.set(w);
        self.thresholds[..b.len()].copy_from_slice(b);
        for (to, xi) in self.messages.chunks_exact_mut(self.length).zip(batch.messages.chunks_exact(n)) {
            to[..n].copy_from_slice(xi);
        }
        let sparse = FirstStep::pays(n, &batch);
        if sparse {
            self.w.product(&self.messages, &mut self.fields, 0, |_, _, _| {});
        }
        sparse
    }

    /// Sets the states of a chunk.
    fn forward(&mut self, pass: Pass<'_>) {
        let (length, block) = (self.length, self.chunk * self.length);
        let used = pass.count().next_multiple_of(QUERIES) * length;
        let activation = Activation { gain: self.shape.gain as f32, thresholds: &self.thresholds };
        if pass.sparse {
            first_states(&self.w, &self.fields, length, pass.batch, &mut self.states[block..], activation);
        } else {
            let n = self.shape.n;
            let queries = pass.batch.queries.chunks_exact(n);
            self.states.chunks_exact_mut(length).zip(queries).for_each(|(s, p)| s[..n].copy_from_slice(p));
        }
        for t in if pass.sparse { 2 } else { 1 }..=self.shape.steps {
            let (before, after) = self.states.split_at_mut(t * block);
            let before = &before[(t - 1) * block..][..used];
            self.w.product(
                before,
                &mut after[..used],
                pass.count(),
                #[inline(always)]
                |_, row, h| activation.apply(row, h),
            );
        }
    }

    /// Adds a chunk's share to the gradient.
    fn backward(&mut self, pass: Pass<'_>, scale: f32) {
        let Shape { n, steps, cost, loss, gain, .. } = self.shape;
        let (length, block, count) = (self.length, self.chunk * self.length, pass.count());
        let used = count.next_multiple_of(QUERIES) * length;
        let back = Back { gain: gain as f32, scale };
        let messages: &[f32] = &self.messages;
        for t in (1..=steps).rev() {
            let [next, deltas] = &mut self.deltas;
            std::mem::swap(next, deltas);
            let states = &self.states[t * block..][..used];
            let at = Place { length, states, messages, targets: pass.batch.targets };
            let (next, deltas) = (&next[..used], &mut deltas[..used]);
            if t == steps {
                deltas[count * length..].fill(0.0);
                back.last(cost, &mut deltas[..count * length], at);
            } else if loss == LossSteps::Last {
                self.transposed.product(
                    next,
                    deltas,
                    count,
                    #[inline(always)]
                    |query, row, d| each(d, [at.state(query, row, d.len())], back.passed()),
                );
            } else if cost == Cost::Squared {
                self.transposed.product(
                    next,
                    deltas,
                    count,
                    #[inline(always)]
                    |query, row, d| each(d, at.pair(query, row, d.len()), back.squared()),
                );
            } else {
                self.transposed.product(
                    next,
                    deltas,
                    count,
                    #[inline(always)]
                    |query, row, d| each(d, at.pair(query, row, d.len()), back.cross_entropy()),
                );
            }
            let deltas = &deltas[..count * length];
            if t == 1 && pass.sparse {
                add_first_step(length, pass.batch, messages, deltas, &mut self.sums, &mut self.gradient);
            } else {
                let before = &self.states[(t - 1) * block..][..count * length];
                add_outer_product(&mut self.gradient, n, deltas, before);
            }
            if self.shape.thresholds {
                for delta in deltas.chunks_exact(length) {
                    self.threshold_gradient.iter_mut().zip(delta).for_each(|(g, d)| *g += *d);
                }
            }
        }
    }
}

/// An `Activation` makes a state of its fields.
#[derive(Clone, Copy)]
pub(super) struct Activation<'a> {
    gain: f32,
    thresholds: &'a [f32],
}

impl Activation<'_> {
    /// Sets h <- tanh(gain (h + b)) for the units from `row` on.
    #[inline(always)]
    pub(super) fn apply(self, row: usize, h: &mut [f32]) {
        let gain = self.gain;
        each(
            h,
            [&self.thresholds[row..]],
            #[inline(always)]
            |h, [b]| tanh_f32(gain * (h + b)),
        );
    }
}

/// Where the states of a step and the messages that they should be are found.
#[derive(Clone, Copy)]
struct Place<'a> {
    length: usize,
    states: &'a [f32],
    messages: &'a [f32],
    targets: &'a [u32],
}

impl<'a> Place<'a> {
    /// Some units of a query's state.
    #[inline(always)]
    fn state(self, query: usize, row: usize, width: usize) -> &'a [f32] {
        &self.states[query * self.length + row..][..width]
    }

    /// The same, and those units of its message.
    #[inline(always)]
    fn pair(self, query: usize, row: usize, width: usize) -> [&'a [f32]; 2] {
        let message = self.targets[query] as usize;
        [self.state(query, row, width), &self.messages[message * self.length + row..][..width]]
    }
}

/// What turns W^T delta^{t+1} into delta^t, from the state and the message of the same unit.
#[derive(Clone, Copy)]
struct Back {
    gain: f32,
    scale: f32,
}

impl Back {
    /// Of a step whose squared errors count.
    #[inline(always)]
    fn squared(self) -> impl Fn(f32, [f32; 2]) -> f32 + Copy {
        let (gain, double) = (self.gain, 2.0 * self.scale);
        #[inline(always)]
        move |back, [s, xi]| gain * (-s).mul_add(s, 1.0) * double.mul_add(s - xi, back)
    }

    /// Of a step whose cross-entropies count: their derivative (s - xi)/(1 - s^2) cancels the slope of tanh.
    #[inline(always)]
    fn cross_entropy(self) -> impl Fn(f32, [f32; 2]) -> f32 + Copy {
        let Self { gain, scale } = self;
        #[inline(always)]
        move |back, [s, xi]| gain * (-s).mul_add(s, 1.0).mul_add(back, scale * (s - xi))
    }

    /// Of a step whose states only pass the gradient on.
    #[inline(always)]
    fn passed(self) -> impl Fn(f32, [f32; 1]) -> f32 + Copy {
        #[inline(always)]
        move |back, [s]| self.gain * (-s).mul_add(s, 1.0) * back
    }

    /// Of the last step, to which nothing comes back: whatever the deltas were is overwritten.
    fn last(self, cost: Cost, deltas: &mut [f32], at: Place<'_>) {
        match cost {
            Cost::Squared => set_last(deltas, at, self.squared()),
            Cost::CrossEntropy => set_last(deltas, at, self.cross_entropy()),
        }
    }
}

fn set_last(deltas: &mut [f32], at: Place<'_>, delta: impl Fn(f32, [f32; 2]) -> f32 + Copy) {
    let length = at.length;
    vectorised(
        #[inline(always)]
        || {
            for (query, deltas) in deltas.chunks_exact_mut(length).enumerate() {
                each(
                    deltas,
                    at.pair(query, 0, length),
                    #[inline(always)]
                    |_, at| delta(0.0, at),
                );
            }
        },
    );
}
