//! The training set is K noisy copies of every message, drawn anew when asked, or all states near it.

use super::ball::{self, Sets};
use super::batch::{Batch, Flips};
use super::{NoiseModel, Trn};
use crate::aligned::Aligned;
use crate::patterns::Patterns;
use crate::protocol::WriteError;
use crate::real::Real;
use crate::seed::Stream;

/// A `TrainingSet` holds messages and queries as real vectors side by side, with buffers allocated once.
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
    /// Makes room for `per_message` queries of every message. Nothing is drawn yet.
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

    /// Returns all of it as one batch.
    pub(super) fn batch(&self) -> Batch<'_, R> {
        let flips = Flips { units: &self.flipped, ends: &self.ends, start: 0 };
        Batch { messages: &self.messages, queries: &self.queries, targets: &self.targets, flips }
    }

    /// Draws every query anew. Where they are all that there are, they stay.
    pub(super) fn draw(&mut self, stream: &mut Stream) {
        let (n, most, noise) = (self.n, most_flips(self.noise, self.n), self.noise);
        match self.model {
            NoiseModel::Exact => self.choose(stream, |_| most),
            NoiseModel::Uniform => self.choose(stream, |stream| stream.below(most as u32 + 1) as usize),
            NoiseModel::Bernoulli => self.flip(|units| {
                units.extend((0..n as u32).filter(|_| stream.unit() < noise));
            }),
            NoiseModel::Exhaustive if self.ends.is_empty() => self.fill(),
            NoiseModel::Exhaustive => {}
        }
    }

    /// Flips as many units of every query as `flips` says, chosen without replacement.
    fn choose(&mut self, stream: &mut Stream, flips: impl Fn(&mut Stream) -> usize) {
        let mut units = std::mem::take(&mut self.units);
        self.flip(|flipped| {
            let flips = flips(stream);
            stream.choose(&mut units, flips);
            flipped.extend_from_slice(&units[..flips]);
        });
        self.units = units;
    }

    /// Makes the states nearest to the messages their queries, as many as there is room for.
    fn fill(&mut self) {
        let messages = self.messages.len() / self.n;
        let (mut sets, mut queries) = (Sets::new(self.n), 0);
        self.flip(|flipped| {
            if queries > 0 && queries % messages == 0 {
                sets.advance();
            }
            flipped.extend_from_slice(sets.set());
            queries += 1;
        });
    }

    /// Makes every query from its message, with the units flipped that `units` adds to a list.
    fn flip(&mut self, mut units: impl FnMut(&mut Vec<u32>)) {
        let n = self.n;
        self.flipped.clear();
        self.ends.clear();
        for (query, &target) in self.queries.chunks_exact_mut(n).zip(&self.targets) {
            let start = self.flipped.len();
            units(&mut self.flipped);
            self.ends.push(self.flipped.len());
            query.copy_from_slice(&self.messages[target as usize * n..][..n]);
            for &unit in &self.flipped[start..] {
                query[unit as usize] = -query[unit as usize];
            }
        }
    }
}

/// Returns the flips of a query whose noise level is exact, and the most where it is drawn.
pub(super) fn most_flips(noise: f64, n: usize) -> usize {
    (noise * n as f64).round() as usize
}

/// The most memory that exhaustive queries may take: 1 GiB.
const EXHAUSTIVE_BYTES: u64 = 1 << 30;

impl Trn {
    /// Returns the queries a message with `n` units: K, or with exhaustive noise all states within distance
    /// round(noise N).
    ///
    /// # Errors
    /// If the exhaustive queries of `messages` messages would take more than 1 GiB.
    pub fn queries_per_message(&self, n: usize, messages: usize) -> Result<u32, WriteError> {
        if self.noise_model != NoiseModel::Exhaustive {
            return Ok(self.queries.get());
        }
        let radius = most_flips(self.noise.get(), n);
        let states = ball::size(n, radius);
        let queries = states.and_then(|states| states.checked_mul(messages as u64));
        let bytes = queries.and_then(|queries| queries.checked_mul(query_bytes(n, radius)));
        match (states.map(u32::try_from), bytes) {
            (Some(Ok(states)), Some(bytes)) if bytes <= EXHAUSTIVE_BYTES => Ok(states),
            _ => Err(WriteError::Parameter {
                parameter: "noise_model",
                value: "exhaustive".to_owned(),
                reason: too_many(n, radius, messages, states, bytes),
            }),
        }
    }
}

/// Bytes of a query in training: its states as f32, its flipped units, where they end, and its message.
fn query_bytes(n: usize, flips: usize) -> u64 {
    (4 * n + 4 * flips + 12) as u64
}

fn too_many(n: usize, radius: usize, messages: usize, states: Option<u64>, bytes: Option<u64>) -> String {
    let count = |count: Option<u64>| count.map_or("more than 2^64".to_owned(), |count| count.to_string());
    format!(
        "each of the {messages} messages has {} states within Hamming distance {radius} of its {n} units; as \
         queries they take {} bytes, and at most {EXHAUSTIVE_BYTES} (1 GiB) are allowed; give less noise or fewer \
         units, or draw the queries",
        count(states),
        count(bytes)
    )
}
