//! This module makes noisy queries from messages by flipping bits.

use crate::patterns::Patterns;
use crate::seed::Stream;
use serde::{Deserialize, Serialize};

/// A `NoiseDraw` says how a noise level sets the flips d of a noisy copy of a message. Of the noise that
/// networks train on, it says what is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoiseDraw {
    /// d = round(noise N).
    Exact,
    /// d uniform in 0..=round(noise N).
    Uniform,
    /// Every bit flips with probability `noise`.
    Bernoulli,
}

/// `Queries` are noisy copies of messages.
#[derive(Clone, Debug)]
pub struct Queries {
    /// The queries, one a row.
    pub states: Patterns,
    /// For each query, the row of the message it was made from.
    pub message: Vec<u32>,
    /// For each unit of each query, whether the query does not know it; nothing where all are known. The sign of such
    /// a unit in `states` is a coin's.
    pub unknown: Option<Vec<bool>>,
}

impl Queries {
    /// Makes `count` queries with exactly `flips` flipped bits each, chosen without replacement. Query q
    /// comes from message q mod M, so that every message gets its share.
    ///
    /// # Panics
    /// If there is no message or `flips` exceeds N.
    pub fn exact(messages: &Patterns, flips: usize, count: usize, stream: &mut Stream) -> Self {
        let n = messages.n();
        assert!(flips <= n, "{flips} of {n} bits cannot be flipped");
        Self::chosen(messages, count, stream, |_| flips)
    }

    /// Returns the number of units, of all queries together, that their messages do not have: those that differ, and
    /// those that are unknown.
    ///
    /// # Panics
    /// If these are not their messages.
    pub fn differing(&self, messages: &Patterns) -> u64 {
        let n = messages.n();
        let lost = |at: usize| self.unknown.as_ref().is_some_and(|unknown| unknown[at]);
        let of_query = |(q, (query, &m)): (usize, (&[i8], &u32))| {
            let pairs = query.iter().zip(messages.row(m as usize)).enumerate();
            pairs.filter(|&(unit, (a, b))| a != b || lost(q * n + unit)).count() as u64
        };
        self.states.rows().zip(&self.message).enumerate().map(of_query).sum()
    }

    /// Makes `count` queries whose flips are drawn at the level `noise`. Query q comes from message q mod M.
    pub(crate) fn drawn(
        messages: &Patterns,
        draw: NoiseDraw,
        noise: f64,
        count: usize,
        stream: &mut Stream,
    ) -> Self {
        let n = messages.n();
        let most = (noise * n as f64).round() as u32;
        match draw {
            NoiseDraw::Exact => Self::chosen(messages, count, stream, |_| most as usize),
            NoiseDraw::Uniform => {
                Self::chosen(messages, count, stream, |stream| stream.below(most + 1) as usize)
            }
            NoiseDraw::Bernoulli => Self::flipped(messages, count, |units| {
                units.extend((0..n as u32).filter(|_| stream.unit() < noise));
            }),
        }
    }

    /// Flips as many units of every query as `flips` says, chosen without replacement.
    fn chosen(
        messages: &Patterns,
        count: usize,
        stream: &mut Stream,
        mut flips: impl FnMut(&mut Stream) -> usize,
    ) -> Self {
        let mut order: Vec<u32> = (0..messages.n() as u32).collect();
        Self::flipped(messages, count, |units| {
            let flips = flips(stream);
            stream.choose(&mut order, flips);
            units.extend_from_slice(&order[..flips]);
        })
    }

    /// Flips those units of every query that `units` puts into an empty list.
    pub(crate) fn flipped(messages: &Patterns, count: usize, mut units: impl FnMut(&mut Vec<u32>)) -> Self {
        let n = messages.n();
        let message: Vec<u32> = (0..count).map(|q| (q % messages.count()) as u32).collect();
        let mut signs = Vec::with_capacity(count * n);
        let mut flipped = Vec::new();
        for &m in &message {
            let start = signs.len();
            signs.extend_from_slice(messages.row(m as usize));
            flipped.clear();
            units(&mut flipped);
            for &unit in &flipped {
                signs[start + unit as usize] *= -1;
            }
        }
        Self { states: Patterns::known(n, signs), message, unknown: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_d_bits_differ_and_every_unit_is_hit_alike() {
        let mut stream = Stream::named(1, "test", &[]);
        let messages = Patterns::random(20, 3, &mut stream);
        let queries = Queries::exact(&messages, 5, 6000, &mut stream);
        let mut hits = [0_u32; 20];
        for (query, &m) in queries.states.rows().zip(&queries.message) {
            let flipped: Vec<usize> = (0..20).filter(|&i| query[i] != messages.row(m as usize)[i]).collect();
            assert_eq!(flipped.len(), 5);
            flipped.iter().for_each(|&i| hits[i] += 1);
        }
        // Binomial(6000, 1/4): 1500 with a deviation of 33.5; six deviations.
        assert!(hits.iter().all(|&h| (1299..=1701).contains(&h)), "{hits:?}");
    }
    #[test]
    fn draws_of_noise_flip_as_many_bits_as_they_say() {
        let mut stream = Stream::named(2, "test", &[]);
        let messages = Patterns::random(50, 4, &mut stream);
        let mut flips = |draw| -> Vec<usize> {
            let queries = Queries::drawn(&messages, draw, 0.1, 40_000, &mut stream);
            assert!(queries.message.iter().enumerate().all(|(q, &m)| q % 4 == m as usize));
            let of = |(q, &m): (&[i8], &u32)| {
                q.iter().zip(messages.row(m as usize)).filter(|(a, b)| a != b).count()
            };
            queries.states.rows().zip(&queries.message).map(of).collect()
        };
        assert!(flips(NoiseDraw::Exact).iter().all(|&d| d == 5));
        let uniform = flips(NoiseDraw::Uniform);
        for d in 0..=5 {
            // Binomial(40 000, 1/6): 6667 with a deviation of 74.5; six deviations.
            let count = uniform.iter().filter(|&&x| x == d).count();
            assert!((6220..=7114).contains(&count), "{count} of {d} flips");
        }
        assert!(uniform.iter().all(|&d| d <= 5));
        let bernoulli = flips(NoiseDraw::Bernoulli);
        // Mean 5 and variance 4.5 of Binomial(50, 1/10), with six standard errors: 6 sqrt(4.5/4e4), 6 4.5 sqrt(2/4e4).
        let mean = bernoulli.iter().sum::<usize>() as f64 / 4e4;
        let variance = bernoulli.iter().map(|&d| (d as f64 - mean).powi(2)).sum::<f64>() / 4e4;
        assert!((mean - 5.0).abs() < 0.064 && (variance - 4.5).abs() < 0.19, "{mean} {variance}");
    }
}
