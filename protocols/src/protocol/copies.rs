//! Noisy copies of messages serve as training data. They are drawn once, so that the loss over them is one
//! function.

use crate::noise::{NoiseDraw, Queries};
use crate::patterns::Patterns;
use crate::seed::Stream;

/// `Copies` says how many copies there are, and how noisy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Copies {
    /// Copies of every message; 0: the messages themselves, once.
    pub(super) count: u32,
    /// Their noise level.
    pub(super) noise: f64,
    /// How it sets a copy's flips.
    pub(super) draw: NoiseDraw,
}

impl Copies {
    /// Draws the copies (M count x N), copy p of message p mod M. They are drawn as a trained network's
    /// queries are. `None` where the messages themselves are the data. Nothing is drawn from the stream then.
    pub(super) fn draw(self, messages: &Patterns, stream: &mut Stream) -> Option<Patterns> {
        let count = messages.count() * self.count as usize;
        (count > 0).then(|| Queries::drawn(messages, self.draw, self.noise, count, stream).states)
    }
}
