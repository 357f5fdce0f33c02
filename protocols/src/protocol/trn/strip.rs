//! Loops over the units of a vector compile to whole registers here. They go by strips of a length that the
//! compiler knows, then by cache lines. Vectors are padded to whole lines, so nothing is left after these.

use crate::tiles::LINE;

/// A strip has so many units.
pub(super) const STRIP: usize = 64;

/// This is what a part of a vector relies on.
pub(super) const LENGTH: &str = "vectors of the same units are as long";

/// Sets y <- f(y, x) for every unit, in whole strips and what is left in cache lines.
#[inline(always)]
pub(super) fn each<const K: usize>(y: &mut [f32], x: [&[f32]; K], f: impl Fn(f32, [f32; K]) -> f32 + Copy) {
    let (strips, rest) = y.as_chunks_mut::<STRIP>();
    let whole = strips.len() * STRIP;
    for (k, y) in strips.iter_mut().enumerate() {
        each_of(y, x, k * STRIP, f);
    }
    for (k, y) in rest.as_chunks_mut::<LINE>().0.iter_mut().enumerate() {
        each_of(y, x, whole + k * LINE, f);
    }
}

/// The same for a number of units that the compiler knows, which begin at `first` in x.
#[inline(always)]
fn each_of<const K: usize, const W: usize>(
    y: &mut [f32; W],
    x: [&[f32]; K],
    first: usize,
    f: impl Fn(f32, [f32; K]) -> f32,
) {
    let x: [&[f32; W]; K] = x.map(
        #[inline(always)]
        |x| x[first..].first_chunk().expect(LENGTH),
    );
    // A copy, which the compiler knows to be apart.
    let mut values = *y;
    for i in 0..W {
        let x = std::array::from_fn(
            #[inline(always)]
            |k| x[k][i],
        );
        values[i] = f(values[i], x);
    }
    *y = values;
}

/// Sets to <- from + sum of factor x over the terms. It goes in whole strips and what is left in cache lines.
#[inline(always)]
pub(super) fn set_sum<'a>(
    to: &mut [f32],
    from: &[f32],
    terms: impl Iterator<Item = (f32, &'a [f32])> + Clone,
) {
    let (strips, rest) = to.as_chunks_mut::<STRIP>();
    let whole = strips.len() * STRIP;
    for (k, to) in strips.iter_mut().enumerate() {
        set_sum_of(to, from, k * STRIP, terms.clone());
    }
    for (k, to) in rest.as_chunks_mut::<LINE>().0.iter_mut().enumerate() {
        set_sum_of(to, from, whole + k * LINE, terms.clone());
    }
}

/// The same for a number of units that the compiler knows, whose sums stay in registers.
#[inline(always)]
fn set_sum_of<'a, const W: usize>(
    to: &mut [f32; W],
    from: &[f32],
    first: usize,
    terms: impl Iterator<Item = (f32, &'a [f32])>,
) {
    let mut sum: [f32; W] = *from[first..].first_chunk().expect(LENGTH);
    for (factor, x) in terms {
        let x: &[f32; W] = x[first..].first_chunk().expect(LENGTH);
        for i in 0..W {
            sum[i] = factor.mul_add(x[i], sum[i]);
        }
    }
    *to = sum;
}
