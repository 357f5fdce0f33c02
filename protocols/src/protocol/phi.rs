//! A margin u = xi h costs phi(u) = exp(-u), or phi(u) = ln(1 + exp(-u)). Both fall, are convex, and as the
//! penalty on W vanishes lead to the W of maximum margin, where there is one (Rosset, Zhu, Hastie 2004).

use crate::real::{LANES, Real, total, vectorised};
use serde::{Deserialize, Serialize};

/// A `MarginLoss` is the loss of a margin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarginLoss {
    /// exp(-u).
    Exponential,
    /// ln(1 + exp(-u)).
    Logistic,
}

impl MarginLoss {
    /// Sets h <- -scale phi'(xi h) xi for the fields `h` of one state. Returns the sum of phi.
    pub(super) fn weigh<R: Real>(self, scale: R, xi: &[R], h: &mut [R]) -> f64 {
        match self {
            Self::Exponential => weigh::<R, Exponential>(scale, xi, h),
            Self::Logistic => weigh::<R, Logistic>(scale, xi, h),
        }
    }
}

/// A loss as a type, so that its loop is compiled for itself.
trait Phi {
    /// phi(u) and -phi'(u).
    fn at<R: Real>(u: R) -> (R, R);
}

struct Exponential;

impl Phi for Exponential {
    #[inline(always)]
    fn at<R: Real>(u: R) -> (R, R) {
        let e = (-u).exponential();
        (e, e)
    }
}

struct Logistic;

impl Phi for Logistic {
    #[inline(always)]
    fn at<R: Real>(u: R) -> (R, R) {
        (-u).softplus()
    }
}

fn weigh<R: Real, P: Phi>(scale: R, xi: &[R], h: &mut [R]) -> f64 {
    let negligible = R::round_from(1e-30);
    vectorised(
        #[inline(always)]
        move || {
            let mut sums = [R::default(); LANES];
            for (h, xi) in h.chunks_mut(LANES).zip(xi.chunks(LANES)) {
                for ((h, &xi), sum) in h.iter_mut().zip(xi).zip(&mut sums) {
                    let (loss, slope) = P::at(xi * *h);
                    // Below that it moves no sum, but as a subnormal number it would slow the products down thirtyfold.
                    let drop = |x| if x < negligible { R::default() } else { x };
                    *sum += drop(loss);
                    *h = scale * xi * drop(slope);
                }
            }
            total(sums)
        },
    )
}
