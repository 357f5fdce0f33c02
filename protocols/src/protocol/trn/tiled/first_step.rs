//! The first step of [`Tiled`](super::Tiled) goes by what was flipped. It does so as
//! [`FirstStep`](crate::protocol::trn::first_step::FirstStep) does for the library's products; here tanh
//! follows at once, and vectors are padded.

use super::Activation;
use crate::protocol::trn::batch::Batch;
use crate::protocol::trn::strip::{LENGTH, STRIP, set_sum};
use crate::real::vectorised;
use crate::tiles::{LINE, Panels};

/// Sets the states after the first step: W p = W xi - 2 sum_{i flipped} xi_i W_{:,i}.
pub(super) fn first_states(
    w: &Panels,
    fields: &[f32],
    length: usize,
    batch: Batch<'_, f32>,
    states: &mut [f32],
    activation: Activation<'_>,
) {
    let n = batch.queries.len() / batch.targets.len();
    vectorised(
        #[inline(always)]
        || {
            for strip in w.strips() {
                let queries = batch.targets.iter().zip(batch.flips.each());
                for (state, (&target, flips)) in states.chunks_exact_mut(length).zip(queries) {
                    let xi = &batch.messages[target as usize * n..][..n];
                    let fields = &fields[target as usize * length + strip.first..][..strip.width];
                    let terms = flips.iter().map(
                        #[inline(always)]
                        |&unit| (-2.0 * xi[unit as usize], strip.column(unit as usize)),
                    );
                    let state = &mut state[strip.first..][..strip.width];
                    set_sum(state, fields, terms);
                    activation.apply(strip.first, state);
                }
            }
        },
    );
}

/// Adds the first step's share of the gradient. It adds the deltas to the sums of their messages, and what
/// flipped units change, -2 sum_q sum_{i flipped} xi_i delta_q e_i^T.
pub(super) fn add_first_step(
    length: usize,
    batch: Batch<'_, f32>,
    messages: &[f32],
    deltas: &[f32],
    sums: &mut [f32],
    gradient: &mut [f32],
) {
    vectorised(
        #[inline(always)]
        || {
            let whole = length - length % STRIP;
            let mut share = Share { length, batch, messages, deltas, sums, gradient };
            for first in (0..whole).step_by(STRIP) {
                share.add::<STRIP>(first);
            }
            for first in (whole..length).step_by(LINE) {
                share.add::<LINE>(first);
            }
        },
    );
}

/// What the first step's share of the gradient is made of and goes to.
struct Share<'a> {
    length: usize,
    batch: Batch<'a, f32>,
    messages: &'a [f32],
    deltas: &'a [f32],
    sums: &'a mut [f32],
    gradient: &'a mut [f32],
}

impl Share<'_> {
    /// Adds the part of the `W` units from `first` on.
    #[inline(always)]
    fn add<const W: usize>(&mut self, first: usize) {
        let length = self.length;
        let queries = self.batch.targets.iter().zip(self.batch.flips.each());
        for (delta, (&target, flips)) in self.deltas.chunks_exact(length).zip(queries) {
            let delta: &[f32; W] = delta[first..].first_chunk().expect(LENGTH);
            let message = target as usize * length;
            add_to(&mut self.sums[message + first..], 1.0, delta);
            for &unit in flips {
                let unit = unit as usize;
                let factor = -2.0 * self.messages[message + unit];
                add_to(&mut self.gradient[unit * length + first..], factor, delta);
            }
        }
    }
}

/// Adds factor x to the first units of `to`.
#[inline(always)]
fn add_to<const W: usize>(to: &mut [f32], factor: f32, x: &[f32; W]) {
    let to: &mut [f32; W] = to.first_chunk_mut().expect(LENGTH);
    (0..W).for_each(|i| to[i] = factor.mul_add(x[i], to[i]));
}
