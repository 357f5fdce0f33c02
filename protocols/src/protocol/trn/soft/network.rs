//! The soft reader is unrolled here, and its loss differentiated.
//!
//! s^t = a s^{t-1} + (1 - a) z^t with z^t = tanh(beta h^t), h^t = W s^{t-1} + b + lambda p and s^0 = p, for
//! t = 1..L. The loss compares z^t, where a step is going, with the message: s^t ends there, and the cross-entropy
//! of a tanh is known to the last digit where it saturates in the wrong state, just where learning depends on it;
//! that of a mean of tanhs is not.
//!
//! With g^t the derivative of the loss by s^t and delta^t that by h^t,
//! delta^t = beta (1 - z^t z^t) ((1 - a) g^t + dcost/dz^t), g^{t-1} = a g^t + W^T delta^t, g^L = 0,
//! dW = sum_t delta^t s^{t-1}T and db = sum_t delta^t (backpropagation through time, Werbos 1990).
//!
//! W here has rows of length 1: [`normalise`] brings them there, and [`tangent`] takes a gradient through it.

use super::products::{Products, WHOLE};
use crate::aligned::Aligned;
use crate::protocol::trn::batch::Batch;
use crate::protocol::trn::{Cost, LossSteps};
use crate::real::{Real, vectorised};

/// A `Reader` is the shape of the soft reader and of its loss.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader {
    pub(super) n: usize,
    pub(super) steps: usize,
    pub(super) beta: f64,
    pub(super) damping: f64,
    pub(super) lambda: f64,
    pub(super) cost: Cost,
    pub(super) loss: LossSteps,
    pub(super) thresholds: bool,
}

impl Reader {
    /// Returns the length of the parameter vector. It holds W column by column, then b where it is trained.
    pub(super) fn parameters(&self) -> usize {
        self.n * self.n + if self.thresholds { self.n } else { 0 }
    }

    fn counts(&self, step: usize) -> bool {
        step == self.steps || self.loss == LossSteps::All
    }

    /// Returns what turns a sum of losses over `queries` queries into their mean.
    fn mean(&self, queries: usize) -> f64 {
        let counted = if self.loss == LossSteps::All { self.steps } else { 1 };
        1.0 / (queries * self.n * counted) as f64
    }
}

/// All states and tanhs of a chunk together take about this many bytes: they stay in the second-level cache.
const CHUNK_BYTES: usize = 512 * 1024;

/// `Unrolled` holds the buffers of the forward and backward pass, allocated once a write.
pub(super) struct Unrolled<R, P> {
    pub(super) reader: Reader,
    products: P,
    length: usize,
    /// Queries a chunk, a multiple of [`WHOLE`].
    chunk: usize,
    /// s^0 .. s^L of a chunk.
    states: Aligned<R>,
    /// z^1 .. z^L.
    tanhs: Aligned<R>,
    /// b + lambda p.
    drive: Aligned<R>,
    /// The messages of a chunk's queries.
    targets: Aligned<R>,
    /// g^t.
    slopes: Aligned<R>,
    deltas: Aligned<R>,
    /// W^T delta.
    back: Aligned<R>,
    /// dloss/dW with columns of `length`.
    gradient: Aligned<R>,
}

impl<R: Real, P: Products<R>> Unrolled<R, P> {
    /// Makes buffers for batches of up to `batch` queries.
    pub(super) fn new(reader: Reader, batch: usize) -> Self {
        let length = P::length(reader.n);
        let column = (2 * reader.steps + 6) * length * size_of::<R>();
        let chunk = (CHUNK_BYTES / column).clamp(48, 1024).min(batch.max(1)).next_multiple_of(WHOLE);
        let buffer = |blocks: usize| Aligned::zeros(length * chunk * blocks);
        Self {
            reader,
            products: P::new(reader.n),
            length,
            chunk,
            states: buffer(reader.steps + 1),
            tanhs: buffer(reader.steps),
            drive: buffer(1),
            targets: buffer(1),
            slopes: buffer(1),
            deltas: buffer(1),
            back: buffer(1),
            gradient: Aligned::zeros(length * reader.n),
        }
    }

    /// Computes the mean loss over queries, units and the steps that count, of a W with rows of length 1.
    pub(super) fn loss(&mut self, x: &[R], batch: Batch<'_, R>) -> f64 {
        let Reader { n, steps, cost, .. } = self.reader;
        self.products.set(&x[..n * n]);
        let mut total = 0.0;
        for chunk in batch.chunks(n, self.chunk) {
            let used = self.forward(x, chunk);
            let block = self.chunk * self.length;
            for step in (1..=steps).filter(|&step| self.reader.counts(step)) {
                let tanhs = &self.tanhs[(step - 1) * block..][..used];
                for (z, xi) in tanhs.chunks_exact(self.length).zip(self.targets.chunks_exact(self.length)) {
                    total += z[..n].iter().zip(xi).map(|(&z, &xi)| cost.of(z.into(), xi.into())).sum::<f64>();
                }
            }
        }
        total * self.reader.mean(batch.targets.len())
    }

    /// Computes the gradient of [`Unrolled::loss`], every weight for itself: rows are not held at their length.
    pub(super) fn gradient(&mut self, x: &[R], batch: Batch<'_, R>, gradient: &mut [R]) {
        let n = self.reader.n;
        let scale = R::round_from(self.reader.mean(batch.targets.len()));
        self.products.set(&x[..n * n]);
        self.gradient.fill(R::default());
        let (gw, gb) = gradient.split_at_mut(n * n);
        gb.fill(R::default());
        for chunk in batch.chunks(n, self.chunk) {
            let used = self.forward(x, chunk);
            self.backward(used, scale, gb);
        }
        for (to, column) in gw.chunks_exact_mut(n).zip(self.gradient.chunks_exact(self.length)) {
            to.copy_from_slice(&column[..n]);
        }
    }

    /// Sets the states of a chunk; the values that its queries take up.
    fn forward(&mut self, x: &[R], batch: Batch<'_, R>) -> usize {
        let Reader { n, steps, beta, damping, lambda, .. } = self.reader;
        let (length, block) = (self.length, self.chunk * self.length);
        let (used, whole) =
            (batch.targets.len() * length, batch.targets.len().next_multiple_of(WHOLE) * length);
        let [beta, damping, lambda] = [beta, damping, lambda].map(R::round_from);
        let b = &x[n * n..];
        let queries = batch.queries.chunks_exact(n).zip(batch.targets).enumerate();
        for (q, (query, &target)) in queries {
            let at = q * length;
            self.states[at..][..n].copy_from_slice(query);
            self.targets[at..][..n].copy_from_slice(&batch.messages[target as usize * n..][..n]);
            let drive = &mut self.drive[at..][..n];
            drive.iter_mut().zip(query).for_each(|(to, &p)| *to = lambda * p);
            drive.iter_mut().zip(b).for_each(|(to, &b)| *to += b);
        }
        for step in 0..steps {
            let (before, after) = self.states.split_at_mut((step + 1) * block);
            let before = &before[step * block..][..whole];
            let z = &mut self.tanhs[step * block..][..whole];
            self.products.product(before, z);
            let (before, z, after) = (&before[..used], &mut z[..used], &mut after[..used]);
            z.iter_mut().zip(&self.drive[..used]).for_each(|(z, &drive)| *z += drive);
            R::map_tanh(beta, z);
            let z = &*z;
            vectorised(
                #[inline(always)]
                move || {
                    for ((after, &before), &z) in after.iter_mut().zip(before).zip(z) {
                        *after = z + damping * (before - z);
                    }
                },
            );
        }
        used
    }

    /// Adds a chunk's share to the gradient.
    fn backward(&mut self, used: usize, scale: R, gb: &mut [R]) {
        let Reader { n, steps, beta, damping, cost, .. } = self.reader;
        let (length, block) = (self.length, self.chunk * self.length);
        let whole = used.next_multiple_of(WHOLE * length);
        let keep = R::round_from(damping);
        let back = Back { share: R::round_from(1.0 - damping), beta: R::round_from(beta), scale };
        self.slopes[..used].fill(R::default());
        self.deltas[used..whole].fill(R::default());
        for step in (1..=steps).rev() {
            let states = &self.states[(step - 1) * block..][..used];
            let at = (&self.slopes[..used], &self.tanhs[(step - 1) * block..][..used], &self.targets[..used]);
            let deltas = &mut self.deltas[..used];
            match cost {
                _ if !self.reader.counts(step) => back.passed(deltas, at),
                Cost::Squared => back.squared(deltas, at),
                Cost::CrossEntropy => back.cross_entropy(deltas, at),
            }
            P::add_outer(&mut self.gradient, n, &self.deltas[..used], states);
            if self.reader.thresholds {
                for delta in self.deltas[..used].chunks_exact(length) {
                    gb.iter_mut().zip(delta).for_each(|(g, &d)| *g += d);
                }
            }
            if step > 1 {
                self.products.transposed(&self.deltas[..whole], &mut self.back[..whole]);
                let (slopes, back) = (&mut self.slopes[..used], &self.back[..used]);
                vectorised(
                    #[inline(always)]
                    move || {
                        for (slope, &back) in slopes.iter_mut().zip(back) {
                            *slope = keep * *slope + back;
                        }
                    },
                );
            }
        }
    }
}

/// The constants of a backward step.
#[derive(Clone, Copy)]
struct Back<R> {
    /// 1 - a.
    share: R,
    beta: R,
    /// Weight of a unit's cost in the mean.
    scale: R,
}

/// The slopes g, the tanhs z and the messages of some units.
type Units<'a, R> = (&'a [R], &'a [R], &'a [R]);

impl<R: Real> Back<R> {
    /// The deltas of a step that only passes the gradient on.
    fn passed(self, deltas: &mut [R], at: Units<'_, R>) {
        let one = R::from(1_i8);
        each(
            deltas,
            at,
            #[inline(always)]
            move |g, z, _| self.beta * (one - z * z) * self.share * g,
        );
    }

    /// The deltas of a step whose squared errors count.
    fn squared(self, deltas: &mut [R], at: Units<'_, R>) {
        let (one, double) = (R::from(1_i8), self.scale + self.scale);
        each(
            deltas,
            at,
            #[inline(always)]
            move |g, z, xi| self.beta * (one - z * z) * (self.share * g + double * (z - xi)),
        );
    }

    /// The deltas of a step whose cross-entropies count: their derivative (z - xi)/(1 - z^2) cancels the slope of
    /// tanh.
    fn cross_entropy(self, deltas: &mut [R], at: Units<'_, R>) {
        let one = R::from(1_i8);
        each(
            deltas,
            at,
            #[inline(always)]
            move |g, z, xi| self.beta * ((one - z * z) * self.share * g + self.scale * (z - xi)),
        );
    }
}

/// Sets every delta from the slope, the tanh and the message of its unit.
#[inline(always)]
fn each<R: Real>(deltas: &mut [R], (slopes, tanhs, targets): Units<'_, R>, delta: impl Fn(R, R, R) -> R) {
    vectorised(
        #[inline(always)]
        move || {
            for (((to, &g), &z), &xi) in deltas.iter_mut().zip(slopes).zip(tanhs).zip(targets) {
                *to = delta(g, z, xi);
            }
        },
    );
}

/// Brings the rows of W to length 1, and its diagonal to 0. A row of zeros stays one.
pub(super) fn normalise<R: Real>(n: usize, x: &mut [R]) {
    let mut squares = vec![0.0_f64; n];
    for (j, column) in x[..n * n].chunks_exact_mut(n).enumerate() {
        column[j] = R::default();
        for (square, &w) in squares.iter_mut().zip(&*column) {
            let w: f64 = w.into();
            *square += w * w;
        }
    }
    let inverse = |square: f64| if square > 0.0 { 1.0 / square.sqrt() } else { 1.0 };
    let inverses: Vec<R> = squares.into_iter().map(|square| R::round_from(inverse(square))).collect();
    for column in x[..n * n].chunks_exact_mut(n) {
        column.iter_mut().zip(&inverses).for_each(|(w, &inverse)| *w *= inverse);
    }
}

/// Takes a gradient in W through [`normalise`], at a W whose rows have length 1: what lies along a row is taken
/// out of it, g_i <- g_i - (g_i w_i) w_i, and so is the diagonal.
pub(super) fn tangent<R: Real>(n: usize, x: &[R], gradient: &mut [R]) {
    let mut along = vec![R::default(); n];
    let columns = x[..n * n].chunks_exact(n);
    for (j, (w, g)) in columns.clone().zip(gradient[..n * n].chunks_exact_mut(n)).enumerate() {
        g[j] = R::default();
        along.iter_mut().zip(w).zip(&*g).for_each(|((sum, &w), &g)| *sum += g * w);
    }
    for (w, g) in columns.zip(gradient[..n * n].chunks_exact_mut(n)) {
        g.iter_mut().zip(w).zip(&along).for_each(|((g, &w), &along)| *g -= along * w);
    }
}
