//! The training set: K noisy copies of every message, drawn anew when asked.

use super::NoiseModel;
use super::network::Batch;
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
            model,
            noise,
            units: (0..n as u32).collect(),
        }
    }

    /// All of it.
    pub(super) fn batch(&self) -> Batch<'_, R> {
        Batch { messages: &self.messages, queries: &self.queries, targets: &self.targets }
    }

    /// Draws every query anew.
    pub(super) fn draw(&mut self, stream: &mut Stream) {
        let n = self.n;
        let most = (self.noise * n as f64).round() as usize;
        for (query, &target) in self.queries.chunks_exact_mut(n).zip(&self.targets) {
            query.copy_from_slice(&self.messages[target as usize * n..][..n]);
            let flips = match self.model {
                NoiseModel::Exact => most,
                NoiseModel::Uniform => stream.below(most as u32 + 1) as usize,
                NoiseModel::Bernoulli => {
                    query.iter_mut().filter(|_| stream.unit() < self.noise).for_each(|x| *x = -*x);
                    continue;
                }
            };
            stream.choose(&mut self.units, flips);
            for &unit in &self.units[..flips] {
                query[unit as usize] = -query[unit as usize];
            }
        }
    }
}
