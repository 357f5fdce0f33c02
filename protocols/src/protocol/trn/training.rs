//! The training loop of TRN.

use super::network::{Shape, Unrolled};
use super::optimiser::Stepper;
use super::queries::TrainingSet;
use super::{Coupling, Start, Trn, TrnDiagonal};
use crate::patterns::Patterns;
use crate::protocol::hop::outer_product;
use crate::protocol::{Mpf, Protocol, Report, Stop, Watch, WriteError, Written};
use crate::real::Real;
use crate::seed::Stream;
use crate::symmetric;
use crate::weights::Weights;
use faer::{Mat, MatMut, MatRef};
use std::ops::ControlFlow;

/// Trains W (and U and b where asked) on `messages`.
pub(super) fn train(
    trn: &Trn,
    messages: &Patterns,
    stream: &mut Stream,
    watch: &mut Watch<'_>,
) -> Result<Written, WriteError> {
    if messages.count() == 0 {
        return Err(WriteError::NoMessages);
    }
    let shape = shape(trn, messages.n());
    let mut x = start(trn, &shape, messages, stream, watch)?;
    let per_message = trn.queries.get() as usize;
    let mut set = TrainingSet::<f32>::new(messages, per_message, trn.noise_model, trn.noise.get());
    let mut network = Unrolled::new(shape, messages.count(), set.targets.len());
    let mut gradient = vec![0.0; x.len()];
    let mut stepper = Stepper::new(trn.optimiser, trn.learning_rate.get(), x.len());
    for epoch in 0..trn.epochs {
        if let ControlFlow::Break(reason) = watch(epoch.into()) {
            return Err(WriteError::Interrupted { iteration: epoch.into(), reason });
        }
        if epoch == 0 || (trn.redraw > 0 && epoch % trn.redraw == 0) {
            set.draw(stream);
        }
        network.gradient(&x, set.batch(), &mut gradient);
        constrain(trn, shape.n, &mut gradient);
        if !gradient.iter().all(|g| g.is_finite()) {
            return Err(WriteError::Diverged { iteration: epoch.into(), what: "the gradient" });
        }
        stepper.step(&mut x, &gradient);
    }
    let report = Report {
        iterations: trn.epochs.into(),
        evaluations: trn.epochs.into(),
        objective: (trn.epochs > 0).then(|| network.loss(&x, set.batch())),
        stop: Stop::Epochs,
        rank: None,
    };
    Ok(Written { weights: weights(&shape, &x)?, report })
}

/// The network that the parameters describe, for `n` units.
pub(super) fn shape(trn: &Trn, n: usize) -> Shape {
    Shape {
        n,
        steps: trn.steps.get() as usize,
        gain: trn.gain.get(),
        cost: trn.cost,
        loss: trn.loss,
        entry: trn.entry,
        input: trn.input,
        thresholds: trn.thresholds,
    }
}

/// The parameter vector before training.
fn start(
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

/// Projects the W part of a parameter vector, or of its gradient, onto what coupling and diagonal allow. Gradients of a
/// symmetric W that are symmetric themselves keep it so under every element-wise optimiser.
pub(super) fn constrain<R: Real>(trn: &Trn, n: usize, x: &mut [R]) {
    if trn.diagonal == TrnDiagonal::Zero {
        (0..n).for_each(|i| x[i * n + i] = R::default());
    }
    if trn.coupling == Coupling::Symmetric {
        symmetric::symmetrise(MatMut::from_column_major_slice_mut(&mut x[..n * n], n, n));
    }
}

fn weights(shape: &Shape, x: &[f32]) -> Result<Weights, WriteError> {
    let n = shape.n;
    let (w, u, b) = shape.split(x);
    let square = |values| MatRef::from_column_major_slice(values, n, n).to_owned();
    let mut weights = Weights::new(square(w))?;
    if shape.input {
        weights = weights.with_input(square(u))?;
    }
    if shape.thresholds {
        weights = weights.with_thresholds(b.to_vec())?;
    }
    Ok(weights)
}
