//! The first step of [`Tiled`](super::tiled::Tiled) by what was flipped, as [`FirstStep`](super::first_step::FirstStep) has it for
//! the library's products; here tanh follows at once, and vectors are padded.

use super::batch::Batch;
use super::strip::{add, set_sum};
use super::tiled::Activation;
use crate::real::vectorised;
use crate::tiles::Panels;

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

/// Adds the first step's share of the gradient: the deltas to the sums of their messages, and what flipped units change,
/// -2 sum_q sum_{i flipped} xi_i delta_q e_i^T.
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
            let queries = batch.targets.iter().zip(batch.flips.each());
            for (delta, (&target, flips)) in deltas.chunks_exact(length).zip(queries) {
                let message = target as usize * length;
                add(&mut sums[message..][..length], 1.0, delta);
                for &unit in flips {
                    let unit = unit as usize;
                    add(&mut gradient[unit * length..][..length], -2.0 * messages[message + unit], delta);
                }
            }
        },
    );
}
