//! This module sets W before training.

use super::descent::constrain;
use super::network::Shape;
use super::{Start, Trn};
use crate::patterns::Patterns;
use crate::protocol::hop::outer_product;
use crate::protocol::{Mpf, Protocol, Watch, WriteError};
use crate::seed::Stream;
use crate::weights::Weights;
use faer::Mat;

/// Makes the parameter vector before training.
pub(super) fn start(
    trn: &Trn,
    shape: &Shape,
    messages: &Patterns,
    stream: &mut Stream,
    watch: &mut Watch<'_>,
) -> Result<Vec<f32>, WriteError> {
    let n = shape.n;
    let w = match trn.start {
        Start::Hop => outer_product(messages) * faer::Scale(1.0 / n as f32),
        Start::Mpf => {
            let weights = Mpf::default().write_watched(messages, stream, watch)?.weights;
            weights.matrix() * faer::Scale(1.0 / mean_aligned_field(&weights, messages))
        }
        Start::Zero => Mat::zeros(n, n),
        Start::Random => {
            let deviation = 1.0 / (n as f64).sqrt();
            Mat::from_fn(n, n, |_, _| (deviation * stream.normal()) as f32)
        }
    };
    let mut x = vec![0.0; shape.parameters()];
    for (to, j) in x.chunks_exact_mut(n).zip(0..n) {
        (0..n).for_each(|i| to[i] = w[(i, j)]);
    }
    constrain(trn, n, &mut x);
    // The diagonal of the outer product is no part of a start; that of a random W is, where it is trained.
    if trn.start == Start::Hop {
        (0..n).for_each(|i| x[i * n + i] = 0.0);
    }
    Ok(x)
}

/// Mean of xi h over messages and units. Minimum probability flow drives it up without bound; brought back to 1, where
/// the outer product over N has it too, tanh is not saturated and training can move.
fn mean_aligned_field(weights: &Weights, messages: &Patterns) -> f32 {
    let fields = weights.fields(messages);
    let rows = messages.rows().enumerate();
    let sum: f32 = rows
        .map(|(m, row)| row.iter().enumerate().map(|(i, &x)| f32::from(x) * fields[(i, m)]).sum::<f32>())
        .sum();
    (sum / messages.signs().len() as f32).max(f32::MIN_POSITIVE)
}
