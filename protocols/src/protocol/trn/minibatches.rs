//! Minibatches take the queries of an epoch in random order, so many at a time.

use super::batch::{Batch, Flips};
use crate::aligned::Aligned;
use crate::real::Real;
use crate::seed::Stream;

/// `Minibatches` holds the order of the queries, and room for one minibatch.
pub(super) struct Minibatches<R> {
    n: usize,
    size: usize,
    /// The queries in the order of the epoch.
    order: Vec<u32>,
    stream: Stream,
    queries: Aligned<R>,
    targets: Vec<u32>,
    units: Vec<u32>,
    ends: Vec<usize>,
}

impl<R: Real> Minibatches<R> {
    /// Makes minibatches of `size` out of `count` queries. Their orders come from a stream of their own under
    /// `stream`; `flips` units are expected to be flipped in a query at most. Nothing where one minibatch
    /// would have them all.
    pub(super) fn new(n: usize, size: usize, count: usize, flips: usize, stream: &Stream) -> Option<Self> {
        (0 < size && size < count).then(|| Self {
            n,
            size,
            order: (0..count as u32).collect(),
            stream: stream.child("minibatches"),
            queries: Aligned::zeros(n * size),
            targets: Vec::with_capacity(size),
            units: Vec::with_capacity(size * flips),
            ends: Vec::with_capacity(size),
        })
    }

    /// Draws the order of the next epoch.
    pub(super) fn shuffle(&mut self) {
        let count = self.order.len();
        self.stream.choose(&mut self.order, count);
    }

    /// Returns the number of minibatches an epoch. The last may be smaller.
    pub(super) fn count(&self) -> usize {
        self.order.len().div_ceil(self.size)
    }

    /// Copies the queries of a minibatch, by its number in the epoch, out of all of them.
    pub(super) fn gather<'a>(&'a mut self, number: usize, all: Batch<'a, R>) -> Batch<'a, R> {
        let n = self.n;
        let chosen = &self.order[number * self.size..];
        let chosen = &chosen[..chosen.len().min(self.size)];
        self.targets.clear();
        self.units.clear();
        self.ends.clear();
        for (to, &query) in self.queries.chunks_exact_mut(n).zip(chosen) {
            let query = query as usize;
            to.copy_from_slice(&all.queries[query * n..][..n]);
            self.targets.push(all.targets[query]);
            self.units.extend_from_slice(all.flips.of(query));
            self.ends.push(self.units.len());
        }
        Batch {
            messages: all.messages,
            queries: &self.queries[..chosen.len() * n],
            targets: &self.targets,
            flips: Flips { units: &self.units, ends: &self.ends, start: 0 },
        }
    }
}
