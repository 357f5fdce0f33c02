//! This module chooses which program computes the network. It takes products in tiles where they know it and
//! are faster, else the library's.

use super::batch::Batch;
use super::network::{Shape, Unrolled};
use super::tiled::Tiled;

/// A `Program` is the network with its buffers, one way or the other.
pub(super) enum Program {
    Tiled(Box<Tiled>),
    General(Box<Unrolled<f32>>),
}

impl Program {
    /// Makes the program for batches of up to `batch` queries of `messages` messages.
    pub(super) fn new(shape: Shape, messages: usize, batch: usize) -> Self {
        match Tiled::new(shape, messages, batch) {
            Some(tiled) => Self::Tiled(Box::new(tiled)),
            None => Self::General(Box::new(Unrolled::new(shape, messages, batch))),
        }
    }

    /// Returns the shape that it was made for, with the present gain.
    pub(super) fn shape(&self) -> &Shape {
        match self {
            Self::Tiled(network) => network.shape(),
            Self::General(network) => network.shape(),
        }
    }

    /// Sets the slope of tanh at 0.
    pub(super) fn set_gain(&mut self, gain: f64) {
        match self {
            Self::Tiled(network) => network.set_gain(gain),
            Self::General(network) => network.set_gain(gain),
        }
    }

    /// Computes the mean loss over queries, units and the steps that count.
    pub(super) fn loss(&mut self, x: &[f32], batch: Batch<'_, f32>) -> f64 {
        match self {
            Self::Tiled(network) => network.loss(x, batch),
            Self::General(network) => network.loss(x, batch),
        }
    }

    /// Computes the gradient of [`Program::loss`].
    pub(super) fn gradient(&mut self, x: &[f32], batch: Batch<'_, f32>, gradient: &mut [f32]) {
        match self {
            Self::Tiled(network) => network.gradient(x, batch, gradient),
            Self::General(network) => network.gradient(x, batch, gradient),
        }
    }
}
