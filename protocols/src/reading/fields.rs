//! The local fields of states are found by a matrix product, and by what changed.

use super::cues::Cues;
use super::held::Held;
use crate::real::vectorised;
use crate::symmetric::column;
use crate::weights::{Weights, add_product, add_values};

/// Computes the part of the field that the state does not change: U p + b, and the query itself where it is held. It
/// is that of every cue, side by side.
pub(super) fn drive(weights: &Weights, cues: Cues<'_>, held: Option<Held>) -> Vec<f32> {
    let n = weights.n();
    let mut drive = vec![0.0; n * cues.count()];
    if let Some(b) = weights.thresholds() {
        drive.chunks_exact_mut(n).for_each(|fields| fields.copy_from_slice(b));
    }
    if let Some(u) = weights.input() {
        add(u, cues, &mut drive);
    }
    if let Some(held) = held {
        let c = held.c.get();
        let weight: Vec<f32> = weights.row_lengths().into_iter().map(|length| (c * length) as f32).collect();
        for (q, fields) in drive.chunks_exact_mut(n).enumerate() {
            fields.iter_mut().zip(&weight).zip(cues.values(q)).for_each(|((h, c), x)| *h += c * x);
        }
    }
    drive
}

/// Adds A x for every cue, in which unknown units are 0.
pub(super) fn add(a: faer::MatRef<'_, f32>, cues: Cues<'_>, fields: &mut [f32]) {
    if cues.has_unknown() {
        let values: Vec<f32> = (0..cues.count()).flat_map(|q| cues.values(q)).collect();
        add_values(a, &values, fields);
    } else {
        add_product(a, cues.signs(), fields);
    }
}

/// Changes the fields when unit `unit` turns to `sign`: h += 2 sign W_{:,unit}. Inlined, so that it is
/// compiled for the instruction set of its caller.
#[inline(always)]
pub(super) fn turn(weights: &Weights, unit: usize, sign: i8, fields: &mut [f32]) {
    add_column(weights, unit, 2.0 * f32::from(sign), fields);
}

/// Changes the fields by a multiple of the column of a unit.
#[inline(always)]
pub(super) fn add_column(weights: &Weights, unit: usize, factor: f32, fields: &mut [f32]) {
    for (h, w) in fields.iter_mut().zip(column(weights.matrix(), unit)) {
        *h += factor * w;
    }
}

/// Sets next <- sign(h), with the present state where h is 0. States of N units lie side by side; the ties of
/// each state go to `ties`.
pub(super) fn signs(n: usize, fields: &[f32], present: &[i8], next: &mut [i8], ties: &mut Vec<u64>) {
    let states = next.chunks_exact_mut(n).zip(fields.chunks_exact(n)).zip(present.chunks_exact(n));
    vectorised(
        #[inline(always)]
        move || {
            for ((next, fields), present) in states {
                let mut tied = 0_u32;
                for ((next, &h), &x) in next.iter_mut().zip(fields).zip(present) {
                    let sign = i8::from(h > 0.0) - i8::from(h < 0.0);
                    *next = if sign == 0 { x } else { sign };
                    tied += u32::from(h == 0.0);
                }
                ties.push(u64::from(tied));
            }
        },
    );
}

/// Counts the units in which two states differ, given as bits.
#[inline(always)]
pub(super) fn differing(x: &[u64], y: &[u64]) -> usize {
    x.iter().zip(y).map(|(x, y)| (x ^ y).count_ones() as usize).sum()
}

/// Passes every unit in which two states differ to `visit`, in order.
#[inline(always)]
pub(super) fn each_differing(x: &[u64], y: &[u64], mut visit: impl FnMut(usize)) {
    for (first, (x, y)) in (0..).step_by(64).zip(x.iter().zip(y)) {
        let mut differing = x ^ y;
        while differing != 0 {
            visit(first + differing.trailing_zeros() as usize);
            differing &= differing - 1;
        }
    }
}

/// Tells whether no unit wants to change, and the number of ties.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patterns::Patterns;
    use crate::seed::Stream;

    #[test]
    fn differing_units_are_found_in_order_at_any_length() {
        let mut stream = Stream::named(1, "test", &[]);
        for n in [1, 7, 8, 9, 64, 300] {
            let states = Patterns::random(n, 2, &mut stream);
            let bits = states.bits();
            let (x, y) = bits.split_at(bits.len() / 2);
            let mut found = Vec::new();
            each_differing(x, y, |unit| found.push(unit));
            let expected: Vec<usize> = (0..n).filter(|&i| states.row(0)[i] != states.row(1)[i]).collect();
            assert_eq!(found, expected, "{n} units");
            assert_eq!(differing(x, y), expected.len(), "{n} units");
        }
    }
}
