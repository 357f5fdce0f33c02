//! What this machine can do at most, as the floor of what work must take: multiply-adds of f32 that never leave the
//! registers, and a copy that is far larger than the caches. One thread.

use pulp::{Arch, Simd, WithSimd};
use std::hint::black_box;
use std::time::Instant;

/// Sums at a time: enough to hide the latency of a multiply-add on two units, few enough for sixteen registers.
const SUMS: usize = 12;
/// Multiply-adds of each sum: some five milliseconds.
const TERMS: usize = 1_000_000;
/// Bytes of a copy.
const COPIED: usize = 64 << 20;

/// Seconds, and the rate of f32 operations in 10^9 a second; a multiply-add is two.
pub(crate) fn peak() -> (f64, f64) {
    let start = Instant::now();
    let lanes = black_box(Arch::new().dispatch(MultiplyAdds));
    let seconds = start.elapsed().as_secs_f64();
    (seconds, 2.0 * (lanes * SUMS * TERMS) as f64 / seconds / 1e9)
}

/// Seconds, and the bytes read and written in 10^9 a second.
pub(crate) fn bandwidth(buffers: &mut Option<[Vec<u8>; 2]>) -> (f64, f64) {
    // Written before they are timed, so that the system has given their pages.
    let [from, to] = buffers.get_or_insert_with(|| [vec![1; COPIED], vec![2; COPIED]]);
    let start = Instant::now();
    black_box(&mut *to).copy_from_slice(black_box(from));
    let seconds = start.elapsed().as_secs_f64();
    (seconds, 2.0 * COPIED as f64 / seconds / 1e9)
}

struct MultiplyAdds;

impl WithSimd for MultiplyAdds {
    /// Numbers a register holds.
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> usize {
        let (factor, term) = (simd.splat_f32s(black_box(0.5)), simd.splat_f32s(black_box(1.0)));
        let mut sums = [simd.splat_f32s(black_box(0.0)); SUMS];
        for _ in 0..TERMS {
            for sum in &mut sums {
                *sum = simd.mul_add_f32s(*sum, factor, term);
            }
        }
        black_box(sums);
        S::F32_LANES
    }
}
