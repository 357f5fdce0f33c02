//! Asynchronous reading updates one unit after another, in a fresh random order every sweep.
//!
//! The first fields of all queries are one matrix product; after that a unit that flips adds its column to
//! the fields of its query, O(N) a flip. Before each sweep the fields show whether any unit wants to change,
//! so a settled read costs no further sweep. A unit that the query does not know is 0 until it is updated in the first
//! sweep.

use super::cues::Cues;
use super::fields::{add, add_column, drive, settled, turn};
use super::held::Held;
use super::{End, Log};
use crate::real::vectorised;
use crate::seed::Stream;
use crate::weights::Weights;

/// Reads all queries into `log`, one after the other, ordering units by `stream`.
pub(super) fn read(
    weights: &Weights,
    cues: Cues<'_>,
    held: Option<Held>,
    max_steps: u32,
    checkpoints: &[u32],
    stream: &mut Stream,
    log: &mut Log,
) {
    let n = weights.n();
    let mut fields = drive(weights, cues, held);
    add(weights.matrix(), cues, &mut fields);
    let mut order: Vec<u32> = (0..n as u32).collect();
    for (q, h) in fields.chunks_exact_mut(n).enumerate() {
        let mut state = cues.row(q).to_vec();
        let mut unknown = cues.unknown(q);
        let (mut ties, mut step) = (0, 0);
        let (end, steps) = loop {
            for (&wanted, states) in checkpoints.iter().zip(&mut log.checkpoints) {
                if wanted == step {
                    states.extend_from_slice(&state);
                }
            }
            let (is_settled, tied) = settled(h, &state);
            if is_settled && unknown.is_none() {
                ties += tied;
                break (End::Fixed, step);
            }
            if step == max_steps {
                break (End::Unsettled, step);
            }
            stream.choose(&mut order, n);
            ties += match unknown.take() {
                Some(unknown) => first_sweep(weights, &order, unknown, &mut state, h),
                None => sweep(weights, &order, &mut state, h),
            };
            step += 1;
        };
        for (&wanted, states) in checkpoints.iter().zip(&mut log.checkpoints) {
            if wanted > step {
                states.extend_from_slice(&state);
            }
        }
        log.push(&state, end, steps, ties);
    }
}

/// Updates every unit once, where unknown ones count for nothing until then; the number of ties met.
fn first_sweep(weights: &Weights, order: &[u32], unknown: &[bool], state: &mut [i8], h: &mut [f32]) -> u64 {
    let mut ties = 0;
    for &unit in order {
        let at = unit as usize;
        if !unknown[at] {
            ties += sweep(weights, &[unit], state, h);
            continue;
        }
        ties += u64::from(h[at] == 0.0);
        if h[at] != 0.0 {
            state[at] = h[at].signum() as i8;
        }
        add_column(weights, at, f32::from(state[at]), h);
    }
    ties
}

/// Updates every unit once; the number of ties met.
fn sweep(weights: &Weights, order: &[u32], state: &mut [i8], h: &mut [f32]) -> u64 {
    let mut ties = 0;
    for &unit in order {
        let unit = unit as usize;
        let pull = h[unit] * f32::from(state[unit]);
        if pull < 0.0 {
            state[unit] = -state[unit];
            vectorised(
                #[inline(always)]
                || turn(weights, unit, state[unit], h),
            );
        } else if pull == 0.0 {
            ties += 1;
        }
    }
    ties
}
