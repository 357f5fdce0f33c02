//! The training set: K noisy copies of every message, drawn anew when asked.

use super::NoiseModel;
use super::batch::{Batch, Flips};
use crate::aligned::Aligned;
use crate::patterns::Patterns;
use crate::real::Real;
use crate::seed::Stream;

/// Messages and queries as real vectors side by side, with buffers allocated once.
pub(super) struct TrainingSet<R> {
    n: usize,
    messages: Vec<R>,
    queries: Aligned<R>,
    pub(super) targets: Vec<u32>,
    flipped: Vec<u32>,
    ends: Vec<usize>,
    model: NoiseModel,
    noise: f64,
    units: Vec<u32>,
}

impl<R: Real> TrainingSet<R> {
    /// Room for `per_message` queries of every message; nothing is drawn yet.
    pub(super) fn new(messages: &Patterns, per_message: usize, model: NoiseModel, noise: f64) -> Self {
        let n = messages.n();
        let count = messages.count() * per_message;
        Self {
            n,
            messages: messages.signs().iter().map(|&s| R::from(s)).collect(),
            queries: Aligned::zeros(n * count),
            targets: (0..count).map(|q| (q % messages.count()) as u32).collect(),
            // Bernoulli noise may flip more now and then, and the buffer then grows.
            flipped: Vec::with_capacity(count * most_flips(noise, n)),
            ends: Vec::with_capacity(count),
            model,
            noise,
            units: (0..n as u32).collect(),
        }
    }

    /// All of it.
    pub(super) fn batch(&self) -> Batch<'_, R> {
        let flips = Flips { units: &self.flipped, ends: &self.ends, start: 0 };
        Batch { messages: &self.messages, queries: &self.queries, targets: &self.targets, flips }
    }

    /// Draws every query anew.
    pub(super) fn draw(&mut self, stream: &mut Stream) {
        let n = self.n;
        let most = most_flips(self.noise, n);
        self.flipped.clear();
        self.ends.clear();
        for (query, &target) in self.queries.chunks_exact_mut(n).zip(&self.targets) {
            let start = self.flipped.len();
            match self.model {
                NoiseModel::Bernoulli => {
                    self.flipped.extend((0..n as u32).filter(|_| stream.unit() < self.noise));
                }
                NoiseModel::Exact | NoiseModel::Uniform => {
                    let exact = self.model == NoiseModel::Exact;
                    let flips = if exact { most } else { stream.below(most as u32 + 1) as usize };
                    stream.choose(&mut self.units, flips);
                    self.flipped.extend_from_slice(&self.units[..flips]);
                }
            }
            self.ends.push(self.flipped.len());
            query.copy_from_slice(&self.messages[target as usize * n..][..n]);
            for &unit in &self.flipped[start..] {
                query[unit as usize] = -query[unit as usize];
            }
        }
    }
}

/// Flips of a query whose noise level is exact, and the most where it is drawn.
fn most_flips(noise: f64, n: usize) -> usize {
    (noise * n as f64).round() as usize
}
