//! Noise: queries made from messages by flipping bits.

use crate::patterns::Patterns;
use crate::seed::Stream;

/// Noisy copies of messages.
#[derive(Clone, Debug)]
pub struct Queries {
    /// The queries, one a row.
    pub states: Patterns,
    /// For each query, the row of the message it was made from.
    pub message: Vec<u32>,
}

impl Queries {
    /// `count` queries with exactly `flips` flipped bits each, chosen without replacement. Query q comes from message
    /// q mod M, so that every message gets its share.
    ///
    /// # Panics
    /// If there is no message or `flips` exceeds N.
    pub fn exact(messages: &Patterns, flips: usize, count: usize, stream: &mut Stream) -> Self {
        let n = messages.n();
        assert!(flips <= n, "{flips} of {n} bits cannot be flipped");
        let message: Vec<u32> = (0..count).map(|q| (q % messages.count()) as u32).collect();
        let mut signs = Vec::with_capacity(count * n);
        let mut units: Vec<u32> = (0..n as u32).collect();
        for &m in &message {
            let start = signs.len();
            signs.extend_from_slice(messages.row(m as usize));
            stream.choose(&mut units, flips);
            for &unit in &units[..flips] {
                signs[start + unit as usize] *= -1;
            }
        }
        Self { states: Patterns::known(n, signs), message }
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
}
