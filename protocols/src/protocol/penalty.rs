//! A loss that is minimised over W may have the penalty l2/2 |W|^2.

use crate::real::{LANES, Real, total, vectorised};

/// Adds the penalty's gradient l2 w to `gradient` and gives the penalty. Squares are summed in f64, so that
/// the value tells neighbouring points apart.
pub(super) fn penalise<R: Real>(l2: f64, w: &[R], gradient: &mut [R]) -> f64 {
    if l2 == 0.0 {
        return 0.0;
    }
    let pull = R::round_from(l2);
    let squares = vectorised(
        #[inline(always)]
        move || {
            let mut sums = [0.0; LANES];
            for (gradient, w) in gradient.chunks_mut(LANES).zip(w.chunks(LANES)) {
                for ((g, &w), sum) in gradient.iter_mut().zip(w).zip(&mut sums) {
                    *g += pull * w;
                    let w: f64 = w.into();
                    *sum += w * w;
                }
            }
            total(sums)
        },
    );
    0.5 * l2 * squares
}
