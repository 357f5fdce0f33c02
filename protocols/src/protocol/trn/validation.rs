//! Early stopping watches a loss on queries that are never trained on. It keeps the parameters where it was
//! lowest (Prechelt 1998).

use super::descent::diverged;
use super::program::Program;
use super::queries::TrainingSet;
use super::{NoiseModel, Trn};
use crate::patterns::Patterns;
use crate::protocol::WriteError;
use crate::seed::Stream;

/// A `Validation` holds validation queries, drawn once, and the best parameters seen.
pub(super) struct Validation {
    set: TrainingSet<f32>,
    best: Vec<f32>,
    lowest: f64,
    /// Epochs trained before the best.
    trained: u32,
}

impl Validation {
    /// Draws as many queries a message as training has, from a stream of their own under `stream`. Nothing
    /// where all epochs are to be trained.
    ///
    /// # Errors
    /// If the training queries are all that there are.
    pub(super) fn new(
        trn: &Trn,
        messages: &Patterns,
        x: &[f32],
        stream: &Stream,
    ) -> Result<Option<Self>, WriteError> {
        if trn.patience == 0 {
            return Ok(None);
        }
        if trn.noise_model == NoiseModel::Exhaustive {
            return Err(WriteError::Parameter {
                parameter: "patience",
                value: trn.patience.to_string(),
                reason:
                    "noise_model = \"exhaustive\" trains on every query, and leaves none to validate on; \
                         give patience = 0 or another noise model"
                        .to_owned(),
            });
        }
        let per_message = trn.queries.get() as usize;
        let mut set = TrainingSet::new(messages, per_message, trn.noise_model, trn.noise.get());
        set.draw(&mut stream.child("validation"));
        Ok(Some(Self { set, best: x.to_vec(), lowest: f64::INFINITY, trained: 0 }))
    }

    /// Takes the loss after so many epochs, and keeps the parameters if it is the lowest. Says whether
    /// training should end.
    ///
    /// # Errors
    /// If the loss is not finite.
    pub(super) fn ends(
        &mut self,
        trn: &Trn,
        trained: u32,
        network: &mut Program,
        x: &[f32],
    ) -> Result<bool, WriteError> {
        let loss = network.loss(x, self.set.batch());
        if !loss.is_finite() {
            return Err(diverged(trained, "the validation loss is not finite"));
        }
        if loss < self.lowest {
            (self.lowest, self.trained) = (loss, trained);
            self.best.copy_from_slice(x);
        }
        Ok(trained - self.trained >= trn.patience)
    }

    /// Returns the parameters with the lowest loss.
    pub(super) fn into_best(self) -> Vec<f32> {
        self.best
    }
}
