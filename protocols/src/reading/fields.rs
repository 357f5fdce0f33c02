//! Local fields of states: by a matrix product, and by what changed.

use crate::real::vectorised;
use crate::weights::Weights;
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

/// Adds W X to `fields`; the states X (±1) and the fields lie side by side, N units each.
pub(super) fn add_product(weights: &Weights, states: &[i8], fields: &mut [f32]) {
    let n = weights.n();
    let width = states.len() / n;
    let x: Vec<f32> = states.iter().map(|&s| f32::from(s)).collect();
    matmul(
        MatMut::from_column_major_slice_mut(fields, n, width),
        Accum::Add,
        weights.matrix(),
        MatRef::from_column_major_slice(&x, n, width),
        1.0,
        Par::Seq,
    );
}

/// The change of the fields when unit `unit` turns to `sign`: h += 2 sign W_{:,unit}.
#[inline]
pub(super) fn turn(weights: &Weights, unit: usize, sign: i8, fields: &mut [f32]) {
    let factor = 2.0 * f32::from(sign);
    let column = column(weights, unit);
    vectorised(
        #[inline(always)]
        move || {
            for (h, w) in fields.iter_mut().zip(column) {
                *h += factor * w;
            }
        },
    );
}

fn column(weights: &Weights, unit: usize) -> &[f32] {
    weights.matrix().col(unit).try_as_col_major().expect("columns of W are contiguous").as_slice()
}

/// next <- sign(h), with the present state where h is 0; the number of such ties.
pub(super) fn signs(fields: &[f32], present: &[i8], next: &mut [i8]) -> u64 {
    vectorised(
        #[inline(always)]
        move || {
            let mut ties = 0_u32;
            for ((next, &h), &x) in next.iter_mut().zip(fields).zip(present) {
                *next = if h > 0.0 {
                    1
                } else if h < 0.0 {
                    -1
                } else {
                    x
                };
                ties += u32::from(h == 0.0);
            }
            u64::from(ties)
        },
    )
}

/// Whether no unit wants to change, and the number of ties.
pub(super) fn settled(fields: &[f32], state: &[i8]) -> (bool, u64) {
    vectorised(
        #[inline(always)]
        move || {
            let (mut against, mut ties) = (0_u32, 0_u32);
            for (&h, &x) in fields.iter().zip(state) {
                against += u32::from(h * f32::from(x) < 0.0);
                ties += u32::from(h == 0.0);
            }
            (against == 0, u64::from(ties))
        },
    )
}
