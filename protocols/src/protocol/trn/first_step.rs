//! The first step of the network can do without its matrix products. A query is a message but for few units.
//!
//! W p = W xi - 2 sum_{i flipped} xi_i W_{:,i}, and the first step's share of the gradient, sum_q delta_q
//! p_q^T, is D Xi^T - 2 sum_q sum_{i flipped} xi_i delta_q e_i^T with D the deltas summed by message. The
//! products are then of M vectors, not of M K, and what is left costs a column of N for every flipped unit
//! instead of N columns a query.

use super::batch::Batch;
use crate::aligned::Aligned;
use crate::real::{Real, vectorised};

/// Units that are summed in registers.
const STRIP: usize = 64;

/// From a share of flipped units of 1 in `SPARSE` on the matrix product is cheaper.
const SPARSE: usize = 5;

/// A `FirstStep` holds the buffers of the first step.
pub(super) struct FirstStep<R> {
    n: usize,
    /// W xi of every message.
    pub(super) fields: Aligned<R>,
    /// The deltas of the first step, summed by message.
    pub(super) sums: Aligned<R>,
}

impl<R: Real> FirstStep<R> {
    pub(super) fn new(n: usize, messages: usize) -> Self {
        Self { n, fields: Aligned::zeros(n * messages), sums: Aligned::zeros(n * messages) }
    }

    /// Tells whether a batch has few enough flipped units to do without the product. It must also have no
    /// fewer queries than there are messages to multiply instead.
    pub(super) fn pays(n: usize, batch: &Batch<'_, R>) -> bool {
        SPARSE * batch.flips.units.len() <= batch.queries.len()
            && n * batch.targets.len() >= batch.messages.len()
    }

    /// Sets the fields W p of a chunk's queries from those of the messages.
    pub(super) fn forward(&self, w: &[R], batch: Batch<'_, R>, to: &mut [R]) {
        let n = self.n;
        let fields = &self.fields[..];
        vectorised(
            #[inline(always)]
            move || {
                for ((column, &target), flips) in
                    to.chunks_exact_mut(n).zip(batch.targets).zip(batch.flips.each())
                {
                    let message = target as usize * n;
                    column.copy_from_slice(&fields[message..][..n]);
                    let xi = &batch.messages[message..][..n];
                    for (strip, column) in column.chunks_mut(STRIP).enumerate() {
                        let from = strip * STRIP;
                        let flipped = flips.iter().map(|&unit| unit as usize);
                        let terms = flipped.map(
                            #[inline(always)]
                            |unit| (R::from(-2_i8) * xi[unit], &w[unit * n + from..][..column_len(from, n)]),
                        );
                        add_terms(column, terms);
                    }
                }
            },
        );
    }

    /// Adds the flipped units' share of a chunk to the gradient of W, and the chunk's deltas to the sums.
    pub(super) fn accumulate(&mut self, batch: Batch<'_, R>, deltas: &[R], gradient: &mut [R]) {
        let n = self.n;
        let sums = &mut self.sums[..];
        vectorised(
            #[inline(always)]
            move || {
                for ((delta, &target), flips) in
                    deltas.chunks_exact(n).zip(batch.targets).zip(batch.flips.each())
                {
                    let message = target as usize * n;
                    let xi = &batch.messages[message..][..n];
                    for (strip, delta) in delta.chunks(STRIP).enumerate() {
                        let (from, height) = (strip * STRIP, delta.len());
                        add(&mut sums[message + from..][..height], R::from(1_i8), delta);
                        for &unit in flips {
                            let unit = unit as usize;
                            let factor = R::from(-2_i8) * xi[unit];
                            add(&mut gradient[unit * n + from..][..height], factor, delta);
                        }
                    }
                }
            },
        );
    }
}

fn column_len(from: usize, n: usize) -> usize {
    STRIP.min(n - from)
}

/// y += sum of factor x over the terms.
#[inline(always)]
fn add_terms<'a, R: Real + 'a>(y: &mut [R], terms: impl Iterator<Item = (R, &'a [R])>) {
    let Ok(y) = <&mut [R; STRIP]>::try_from(&mut *y) else {
        terms.for_each(|(factor, x)| add(y, factor, x));
        return;
    };
    // A copy, which stays in registers.
    let mut total = *y;
    for (factor, x) in terms {
        let x: &[R; STRIP] = x.try_into().expect("a term is as long as what it is added to");
        for i in 0..STRIP {
            total[i] += factor * x[i];
        }
    }
    *y = total;
}

#[inline(always)]
fn add<R: Real>(y: &mut [R], factor: R, x: &[R]) {
    if let (Ok(y), Ok(x)) = (<&mut [R; STRIP]>::try_from(&mut *y), <&[R; STRIP]>::try_from(x)) {
        // Copies, which the compiler knows to be apart.
        let (mut total, x) = (*y, *x);
        for i in 0..STRIP {
            total[i] += factor * x[i];
        }
        *y = total;
        return;
    }
    for (y, x) in y.iter_mut().zip(x) {
        *y += factor * *x;
    }
}
