//! The local fields of states are found by a matrix product, and by what changed.

use crate::real::vectorised;
use crate::symmetric::column;
use crate::weights::Weights;

/// Changes the fields when unit `unit` turns to `sign`: h += 2 sign W_{:,unit}. Inlined, so that it is
/// compiled for the instruction set of its caller.
#[inline(always)]
pub(super) fn turn(weights: &Weights, unit: usize, sign: i8, fields: &mut [f32]) {
    let factor = 2.0 * f32::from(sign);
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
