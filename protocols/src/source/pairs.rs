//! Queries of one's own are pairs of a query and the message that it belongs to, by its row in the file of messages. A
//! trial reads those whose message it has drawn.

use crate::noise::Queries;
use crate::patterns::Patterns;
use crate::seed::Stream;
use std::collections::HashMap;

/// The `Pairs` are the queries of a file, each with the row of its message.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairs {
    queries: Patterns,
    unknown: Option<Vec<bool>>,
    targets: Vec<u32>,
    /// The number of units of each that its message does not have.
    distances: Vec<u32>,
    /// The number of queries of each message.
    counts: Vec<u32>,
}

impl Pairs {
    /// Joins queries with the rows of their messages. `unknown` says of each unit of each query whether it is unknown;
    /// the sign of such a unit in `queries` means nothing. `None` where they are not as many, differ in their units
    /// from the messages, or name rows that there are not.
    pub fn new(
        messages: &Patterns,
        queries: Patterns,
        unknown: Option<Vec<bool>>,
        targets: Vec<u32>,
    ) -> Option<Self> {
        let n = messages.n();
        let fits = queries.n() == n
            && queries.count() == targets.len()
            && unknown.as_ref().is_none_or(|unknown| unknown.len() == n * targets.len())
            && targets.iter().all(|&target| (target as usize) < messages.count());
        if !fits {
            return None;
        }
        let lost = |q: usize, unit: usize| unknown.as_ref().is_some_and(|unknown| unknown[q * n + unit]);
        let distance = |(q, (query, &target)): (usize, (&[i8], &u32))| {
            let pairs = query.iter().zip(messages.row(target as usize)).enumerate();
            pairs.filter(|&(unit, (a, b))| a != b || lost(q, unit)).count() as u32
        };
        let distances = queries.rows().zip(&targets).enumerate().map(distance).collect();
        let mut counts = vec![0; messages.count()];
        targets.iter().for_each(|&target| counts[target as usize] += 1);
        Some(Self { queries, unknown, targets, distances, counts })
    }

    /// Returns the number of units of each query that its message does not have: those that differ, and those that are
    /// unknown.
    pub fn distances(&self) -> &[u32] {
        &self.distances
    }

    /// Returns the mean of these numbers, rounded.
    pub fn mean_distance(&self) -> u32 {
        let sum: f64 = self.distances.iter().copied().map(f64::from).sum();
        (sum / self.distances.len() as f64).round() as u32
    }

    /// Returns the number of messages without a query.
    pub fn without(&self) -> usize {
        self.counts.iter().filter(|count| **count == 0).count()
    }

    /// Returns the fewest queries that any `m` of the messages have together.
    pub fn fewest(&self, m: usize) -> u64 {
        let mut counts = self.counts.clone();
        counts.sort_unstable();
        counts.iter().take(m).copied().map(u64::from).sum()
    }

    /// Takes at most `count` queries of the messages that were drawn, whose rows are `drawn`, without replacement. The
    /// sign of a unit that is unknown is a coin's.
    pub(super) fn taken(&self, drawn: &[u32], count: usize, stream: &mut Stream) -> Queries {
        let n = self.queries.n();
        let places: HashMap<u32, u32> = drawn.iter().zip(0..).map(|(&row, place)| (row, place)).collect();
        let is_drawn = |q: &usize| places.contains_key(&self.targets[*q]);
        let mut taken: Vec<usize> = (0..self.targets.len()).filter(is_drawn).collect();
        let count = count.min(taken.len());
        stream.choose(&mut taken, count);
        taken.truncate(count);
        let mut signs: Vec<i8> = taken.iter().flat_map(|&q| self.queries.row(q)).copied().collect();
        let unknown: Option<Vec<bool>> = self
            .unknown
            .as_ref()
            .map(|unknown| taken.iter().flat_map(|&q| &unknown[q * n..][..n]).copied().collect());
        if let Some(unknown) = &unknown {
            let mut coins = vec![0; signs.len()];
            stream.signs(&mut coins);
            let lost = unknown.iter().zip(coins).zip(&mut signs).filter(|((unknown, _), _)| **unknown);
            lost.for_each(|((_, coin), sign)| *sign = coin);
        }
        let message = taken.iter().map(|&q| places[&self.targets[q]]).collect();
        Queries { states: Patterns::known(n, signs), message, unknown }
    }
}
