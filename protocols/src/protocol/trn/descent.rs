//! This module takes one step down the loss of a batch, and keeps it sound.

use super::batch::Batch;
use super::optimiser::Stepper;
use super::program::Program;
use super::{Coupling, Trn, TrnDiagonal};
use crate::protocol::WriteError;
use crate::protocol::lbfgs::largest;
use crate::real::Real;
use crate::symmetric;
use faer::{MatMut, Par};

/// A `Descent` holds the network with its parameters, and the optimiser that moves them.
pub(super) struct Descent {
    pub(super) network: Program,
    pub(super) x: Vec<f32>,
    gradient: Vec<f32>,
    stepper: Stepper<f32>,
    /// Gradients so far.
    pub(super) evaluations: u64,
}

impl Descent {
    pub(super) fn new(trn: &Trn, network: Program, x: Vec<f32>) -> Self {
        let gradient = vec![0.0; x.len()];
        let stepper = Stepper::new(trn.optimiser, x.len());
        Self { network, x, gradient, stepper, evaluations: 0 }
    }

    /// Takes a step of the epoch along the gradient of a batch.
    ///
    /// # Errors
    /// If the gradient is not finite.
    pub(super) fn step(&mut self, trn: &Trn, epoch: u32, batch: Batch<'_, f32>) -> Result<(), WriteError> {
        self.network.gradient(&self.x, batch, &mut self.gradient);
        self.evaluations += 1;
        constrain(trn, self.network.shape().n, &mut self.gradient);
        if !largest(&self.gradient, Par::Seq).is_finite() {
            return Err(diverged(epoch, "the gradient is not finite"));
        }
        if trn.clip.get() > 0.0 {
            shorten(&mut self.gradient, trn.clip.get());
        }
        self.stepper.step(&mut self.x, &self.gradient, trn.step_size(epoch));
        Ok(())
    }
}

/// Makes the failure of a training.
pub(super) fn diverged(epoch: u32, what: &'static str) -> WriteError {
    WriteError::Diverged { iteration: epoch.into(), what }
}

/// Cuts a vector down to length `most` where it is longer (Pascanu, Mikolov, Bengio 2013).
fn shorten(vector: &mut [f32], most: f64) {
    let length = vector.iter().map(|&g| f64::from(g) * f64::from(g)).sum::<f64>().sqrt();
    if length > most {
        let factor = (most / length) as f32;
        vector.iter_mut().for_each(|g| *g *= factor);
    }
}

/// Projects the W part of a parameter vector, or of its gradient, onto what coupling and diagonal allow.
/// Gradients of a symmetric W that are symmetric themselves keep it so under every element-wise optimiser.
pub(super) fn constrain<R: Real>(trn: &Trn, n: usize, x: &mut [R]) {
    if trn.diagonal == TrnDiagonal::Zero {
        (0..n).for_each(|i| x[i * n + i] = R::default());
    }
    if trn.coupling == Coupling::Symmetric {
        symmetric::symmetrise(MatMut::from_column_major_slice_mut(&mut x[..n * n], n, n));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_vectors_are_cut_and_keep_their_direction() {
        let mut long = [3.0, -4.0, 12.0];
        shorten(&mut long, 6.5);
        assert!(long.iter().zip([1.5, -2.0, 6.0]).all(|(a, b)| (a - b).abs() < 1e-6), "{long:?}");
        let mut short = [3.0, -4.0];
        shorten(&mut short, 5.0);
        assert_eq!(short, [3.0, -4.0]);
    }
}
