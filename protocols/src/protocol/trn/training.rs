//! This module runs the training loop of TRN.

use super::Trn;
use super::descent::{Descent, diverged};
use super::minibatches::Minibatches;
use super::network::Shape;
use super::program::Program;
use super::queries::{TrainingSet, most_flips};
use super::start::start;
use super::validation::Validation;
use crate::patterns::Patterns;
use crate::protocol::{Report, Stop, Watch, WriteError, Written};
use crate::seed::Stream;
use crate::weights::Weights;
use faer::MatRef;
use std::ops::ControlFlow;

/// Trains W (and U and b where asked) on `messages`.
pub(super) fn train(
    trn: &Trn,
    messages: &Patterns,
    stream: &mut Stream,
    watch: &mut Watch<'_>,
) -> Result<Written, WriteError> {
    let n = messages.n();
    let per_message = trn.queries_per_message(n, messages.count())? as usize;
    let untouched = stream.clone();
    let shape = shape(trn, n);
    let x = start(trn, &shape, messages, stream, watch)?;
    let set = TrainingSet::new(messages, per_message, trn.noise_model, trn.noise.get());
    let (count, flips) = (set.targets.len(), most_flips(trn.noise.get(), n));
    let mut training = Training {
        trn,
        minibatches: Minibatches::new(n, trn.batch as usize, count, flips, stream),
        validation: Validation::new(trn, messages, &x, stream)?,
        descent: Descent::new(trn, Program::new(shape, messages.count(), count), x),
        set,
    };
    let (epochs, stop) = training.run(stream, watch)?;
    let Training { set, validation, descent: Descent { mut network, x, evaluations, .. }, .. } = training;
    let x = validation.map_or(x, Validation::into_best);
    let objective = (epochs > 0).then(|| network.loss(&x, set.batch()));
    if let Some(loss) = objective {
        if !(loss.is_finite() && x.iter().all(|x| x.is_finite())) {
            return Err(diverged(epochs, "a weight or the loss is not finite"));
        }
        // Rare, so that the loss of the start costs nothing where all is well.
        if loss > trn.cost.of(0.0, 1.0) {
            let before = start(trn, &shape, messages, &mut { untouched }, watch)?;
            if loss > network.loss(&before, set.batch()) {
                return Err(diverged(epochs, "the loss is above that of W = 0 and above that of the start"));
            }
        }
    }
    let report = Report { iterations: epochs.into(), evaluations, objective, stop, rank: None };
    Ok(Written { weights: weights(&shape, &x)?, report })
}

/// A training under way.
struct Training<'a> {
    trn: &'a Trn,
    set: TrainingSet<f32>,
    minibatches: Option<Minibatches<f32>>,
    validation: Option<Validation>,
    descent: Descent,
}

impl Training<'_> {
    /// Trains until the epochs or the patience are used up; how many epochs, and why no more.
    fn run(&mut self, stream: &mut Stream, watch: &mut Watch<'_>) -> Result<(u32, Stop), WriteError> {
        let trn = self.trn;
        for epoch in 0..trn.epochs {
            if let ControlFlow::Break(reason) = watch(epoch.into()) {
                return Err(WriteError::Interrupted { iteration: epoch.into(), reason });
            }
            if self.is_over(epoch)? {
                return Ok((epoch, Stop::EarlyStopping));
            }
            if epoch == 0 || (trn.redraw > 0 && epoch % trn.redraw == 0) {
                self.set.draw(stream);
            }
            self.descent.network.set_gain(trn.slope(epoch));
            self.epoch(epoch)?;
        }
        self.is_over(trn.epochs)?;
        self.descent.network.set_gain(trn.final_slope());
        Ok((trn.epochs, Stop::Epochs))
    }

    /// Whether validation after so many epochs, where it is due, ends training.
    fn is_over(&mut self, trained: u32) -> Result<bool, WriteError> {
        let Some(validation) = &mut self.validation else { return Ok(false) };
        if !trained.is_multiple_of(self.trn.validate_every.get()) && trained < self.trn.epochs {
            return Ok(false);
        }
        let Descent { network, x, .. } = &mut self.descent;
        network.set_gain(self.trn.final_slope());
        validation.ends(self.trn, trained, network, x)
    }

    fn epoch(&mut self, epoch: u32) -> Result<(), WriteError> {
        let Some(minibatches) = &mut self.minibatches else {
            return self.descent.step(self.trn, epoch, self.set.batch());
        };
        minibatches.shuffle();
        for number in 0..minibatches.count() {
            self.descent.step(self.trn, epoch, minibatches.gather(number, self.set.batch()))?;
        }
        Ok(())
    }
}

/// Returns the network that the parameters describe, for `n` units.
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
