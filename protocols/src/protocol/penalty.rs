//! The penalty l2/2 |W|^2 of a loss that is minimised over W.

use crate::real::{Real, vectorised};

/// Adds the penalty's gradient l2 w to `gradient`; gives the penalty. Squares are summed in f64, so that the value tells
/// neighbouring points apart.
pub(super) fn penalise<R: Real>(l2: f64, w: &[R], gradient: &mut [R]) -> f64 {
    const LANES: usize = 32;
    if l2 == 0.0 {
        return 0.0;
    }
    let pull = R::round_from(l2);
    let squares: f64 = vectorised(
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
            sums.iter().sum()
        },
    );
    0.5 * l2 * squares
}
