//! This module runs the training loop of TRN-SOFT.

use super::TrnSoft;
use super::network::{Reader, Unrolled, normalise, tangent};
use super::products::{Library, Products, Tiles};
use crate::patterns::Patterns;
use crate::protocol::lbfgs::largest;
use crate::protocol::trn::batch::Batch;
use crate::protocol::trn::descent::diverged;
use crate::protocol::trn::minibatches::Minibatches;
use crate::protocol::trn::optimiser::Stepper;
use crate::protocol::trn::queries::{TrainingSet, most_flips};
use crate::protocol::{Report, Stop, Watch, WriteError, Written};
use crate::seed::Stream;
use crate::weights::Weights;
use faer::{MatRef, Par};
use std::ops::ControlFlow;

/// Up to here products in tiles are faster than the library's.
const MOST_UNITS_OF_TILES: usize = 512;

/// Trains W (and b where asked) on `messages`.
pub(super) fn train(
    soft: &TrnSoft,
    messages: &Patterns,
    stream: &mut Stream,
    watch: &mut Watch<'_>,
) -> Result<Written, WriteError> {
    if messages.n() > MOST_UNITS_OF_TILES {
        train_by::<Library<f32>>(soft, messages, stream, watch)
    } else {
        train_by::<Tiles>(soft, messages, stream, watch)
    }
}

fn train_by<P: Products<f32>>(
    soft: &TrnSoft,
    messages: &Patterns,
    stream: &mut Stream,
    watch: &mut Watch<'_>,
) -> Result<Written, WriteError> {
    let n = messages.n();
    let reader = soft.reader(n);
    let x = start(soft, &reader, messages, stream, watch)?;
    let per_message = soft.queries.get() as usize;
    let mut set = TrainingSet::new(messages, per_message, soft.noise_model.into(), soft.noise.get());
    let (count, flips) = (set.targets.len(), most_flips(soft.noise.get(), n));
    let mut minibatches = Minibatches::new(n, soft.batch as usize, count, flips, stream);
    let before = x.clone();
    let mut descent = Descent::<P>::new(soft, reader, count, x);
    for epoch in 0..soft.epochs {
        if let ControlFlow::Break(reason) = watch(epoch.into()) {
            return Err(WriteError::Interrupted { iteration: epoch.into(), reason });
        }
        if epoch == 0 || (soft.redraw > 0 && epoch % soft.redraw == 0) {
            set.draw(stream);
        }
        let Some(minibatches) = &mut minibatches else {
            descent.step(soft, epoch, set.batch())?;
            continue;
        };
        minibatches.shuffle();
        for number in 0..minibatches.count() {
            descent.step(soft, epoch, minibatches.gather(number, set.batch()))?;
        }
    }
    let Descent { mut network, x, evaluations, .. } = descent;
    let objective = (soft.epochs > 0).then(|| network.loss(&x, set.batch()));
    if let Some(loss) = objective {
        if !(loss.is_finite() && x.iter().all(|x| x.is_finite())) {
            return Err(diverged(soft.epochs, "a weight or the loss is not finite"));
        }
        if loss > soft.cost.of(0.0, 1.0) && loss > network.loss(&before, set.batch()) {
            return Err(diverged(soft.epochs, "the loss is above that of W = 0 and above that of the start"));
        }
    }
    let epochs = soft.epochs.into();
    let report = Report { iterations: epochs, evaluations, objective, stop: Stop::Epochs, rank: None };
    Ok(Written { weights: weights(&reader, &x)?, report })
}

/// Makes the parameter vector before training: rows of length 1, and thresholds scaled with them.
fn start(
    soft: &TrnSoft,
    reader: &Reader,
    messages: &Patterns,
    stream: &mut Stream,
    watch: &mut Watch<'_>,
) -> Result<Vec<f32>, WriteError> {
    let n = reader.n;
    let weights = soft.start.write(messages, stream, watch)?;
    let mut x = vec![0.0; reader.parameters()];
    let (w, b) = x.split_at_mut(n * n);
    for (to, j) in w.chunks_exact_mut(n).zip(0..n) {
        (0..n).for_each(|i| to[i] = weights.matrix()[(i, j)]);
    }
    if let Some(thresholds) = weights.thresholds() {
        let lengths = weights.row_lengths();
        for ((to, b), length) in b.iter_mut().zip(thresholds).zip(lengths) {
            *to = if length > 0.0 { (f64::from(*b) / length) as f32 } else { *b };
        }
    }
    normalise(n, &mut x);
    Ok(x)
}

/// The network with its parameters, and the optimiser that moves them.
pub(super) struct Descent<P> {
    network: Unrolled<f32, P>,
    pub(super) x: Vec<f32>,
    gradient: Vec<f32>,
    stepper: Stepper<f32>,
    evaluations: u64,
}

impl<P: Products<f32>> Descent<P> {
    pub(super) fn new(soft: &TrnSoft, reader: Reader, batch: usize, x: Vec<f32>) -> Self {
        let gradient = vec![0.0; x.len()];
        let stepper = Stepper::new(soft.optimiser, x.len());
        Self { network: Unrolled::new(reader, batch), x, gradient, stepper, evaluations: 0 }
    }

    /// Takes a step of the epoch along the gradient of a batch, and brings rows back to length 1.
    pub(super) fn step(
        &mut self,
        soft: &TrnSoft,
        epoch: u32,
        batch: Batch<'_, f32>,
    ) -> Result<(), WriteError> {
        let n = self.network.reader.n;
        self.network.gradient(&self.x, batch, &mut self.gradient);
        self.evaluations += 1;
        tangent(n, &self.x, &mut self.gradient);
        if !largest(&self.gradient, Par::Seq).is_finite() {
            return Err(diverged(epoch, "the gradient is not finite"));
        }
        let rate = soft.schedule.step_size(soft.learning_rate.get(), epoch, soft.epochs);
        self.stepper.step(&mut self.x, &self.gradient, rate);
        normalise(n, &mut self.x);
        Ok(())
    }
}

fn weights(reader: &Reader, x: &[f32]) -> Result<Weights, WriteError> {
    let n = reader.n;
    let (w, b) = x.split_at(n * n);
    let weights = Weights::new(MatRef::from_column_major_slice(w, n, n).to_owned())?;
    Ok(if reader.thresholds { weights.with_thresholds(b.to_vec())? } else { weights })
}
