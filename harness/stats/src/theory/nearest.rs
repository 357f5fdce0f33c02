//! No reader finds the message of a query more often than one that looks for the nearest message.
//!
//! A query is a message with exactly d flipped bits. Given the query, every other message is a row of N fair signs
//! of its own, so its distance from the query is Binomial(N, 1/2), independent of those of the others. The right
//! message stands at distance d, and is strictly the nearest with probability
//!
//! ```text
//! P[all M-1 others farther than d] = (1 - F(d))^(M-1),  F(d) = P[Binomial(N, 1/2) <= d].
//! ```
//!
//! Where others stand at distance d too, the nearest is not unique. [`nearest_strictly`] counts every tie as a
//! failure. [`nearest_first`] gives it to the message of the lowest index, on average over the index of the right
//! one: of k + 1 messages at distance d each is as likely the first, so the probability is, with p = P[B = d] and
//! g = 1 - F(d),
//!
//! ```text
//! sum_k C(M-1, k) p^k g^(M-1-k) / (k+1) = ((g + p)^M - g^M) / (M p).
//! ```
//!
//! A tie that is broken at random has the same. All messages are as likely and all patterns of d flips too, so the
//! nearest message is the most likely one for d < N/2: this is the ceiling of every reader and every W, as long as
//! the query and the messages are all that is known. Domain: independent messages of fair signs, at any N and M. A
//! message that repeats the right one is no failure of a reader that is judged by what it reads, and counts as a
//! tie here, only where d = 0: it has probability below M/2^N. Cost: O(d).
//!
//! Source: counting; minimum distance is maximum likelihood for flips of equal probability, see R. G. Gallager,
//! Information Theory and Reliable Communication, section 5.1 (1968).

use super::fair_coins;

/// Computes the probability that the right one of `m` messages is nearer to a query than all others. The
/// query has `flips` flipped bits.
///
/// # Panics
/// If there is no message, or `flips` exceeds `n`.
pub fn nearest_strictly(n: u32, m: u32, flips: u32) -> f64 {
    let (_, within) = distances(n, m, flips);
    (f64::from(m - 1) * (-within).ln_1p()).exp()
}

/// Computes the same probability where ties go to the message of the lowest index.
///
/// # Panics
/// If there is no message, or `flips` exceeds `n`.
pub fn nearest_first(n: u32, m: u32, flips: u32) -> f64 {
    let (at, within) = distances(n, m, flips);
    if at == 0.0 {
        return nearest_strictly(n, m, flips);
    }
    // g^M ((1 + p/g)^M - 1)/(M p), which keeps its precision where p is small; without others farther than d
    // nothing but ties is left.
    let (farther, m) = (1.0 - within, f64::from(m));
    if farther == 0.0 {
        return at.powf(m - 1.0) / m;
    }
    (m * (-within).ln_1p()).exp() * (m * (at / farther).ln_1p()).exp_m1() / (m * at)
}

/// P[B = d] and P[B <= d] of the distance of another message.
fn distances(n: u32, m: u32, flips: u32) -> (f64, f64) {
    assert!(m >= 1, "no message to find");
    assert!(flips <= n, "{flips} flipped bits of {n}");
    let (n, flips) = (u64::from(n), u64::from(flips));
    (fair_coins::point(n, flips), fair_coins::at_most(n, flips))
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::{assert_abs_diff_eq, assert_relative_eq};
    use protocols::Stream;

    #[test]
    fn small_networks_counted_by_hand() {
        // N = 2, one other message, d = 0: another query bit pattern in 3 of 4 cases.
        assert_abs_diff_eq!(nearest_strictly(2, 2, 0), 0.75, epsilon = 1e-14);
        // The fourth is a tie, of which half is won.
        assert_abs_diff_eq!(nearest_first(2, 2, 0), 0.875, epsilon = 1e-14);
        // d = 1: farther only at distance 2; at distance 1 half the time, tied.
        assert_abs_diff_eq!(nearest_strictly(2, 3, 1), 0.0625, epsilon = 1e-14);
        assert_abs_diff_eq!(
            nearest_first(2, 3, 1),
            (0.75_f64.powi(3) - 0.25_f64.powi(3)) / 1.5,
            epsilon = 1e-14
        );
        // All bits flipped: the others can be nearer or tied, never farther.
        assert_eq!(nearest_strictly(3, 2, 3), 0.0);
        assert_abs_diff_eq!(nearest_first(3, 2, 3), 1.0 / 16.0, epsilon = 1e-14);
        assert_eq!((nearest_strictly(10, 1, 5), nearest_first(10, 1, 5)), (1.0, 1.0));
    }

    #[test]
    fn rare_failures_keep_their_precision() {
        // scripts/golden/theory.py sums whole numbers exactly.
        assert_relative_eq!(1.0 - nearest_strictly(64, 32, 13), 2.915_450_213_372_87e-5, max_relative = 1e-6);
        assert_relative_eq!(1.0 - nearest_first(64, 32, 13), 1.811_640_154_249_72e-5, max_relative = 1e-6);
        assert_relative_eq!(nearest_strictly(64, 64, 25), 0.035_258_729_944_042_5, max_relative = 1e-11);
        assert_relative_eq!(nearest_first(64, 64, 25), 0.078_484_543_221_251, max_relative = 1e-11);
    }

    /// Messages drawn one by one, and a query with flipped bits: the shares found strictly and by lowest index.
    fn simulated(n: usize, m: usize, flips: usize, sets: u32) -> (f64, f64) {
        let mut stream = Stream::named(18, "nearest message", &[("n", n as u64), ("m", m as u64)]);
        let (mut strictly, mut first) = (0_u32, 0_u32);
        let mut messages = vec![0_i8; n * m];
        for _ in 0..sets {
            stream.signs(&mut messages);
            let right = stream.below(m as u32) as usize;
            let mut query = messages[right * n..(right + 1) * n].to_vec();
            let mut places: Vec<usize> = (0..n).collect();
            stream.choose(&mut places, flips);
            for &place in &places[..flips] {
                query[place] = -query[place];
            }
            let distances: Vec<usize> = messages
                .chunks_exact(n)
                .map(|message| message.iter().zip(&query).filter(|(a, b)| a != b).count())
                .collect();
            let least = *distances.iter().min().unwrap();
            strictly += u32::from(least == flips && distances.iter().filter(|&&d| d == least).count() == 1);
            first += u32::from(distances.iter().position(|&d| d == least) == Some(right));
        }
        (f64::from(strictly) / f64::from(sets), f64::from(first) / f64::from(sets))
    }

    #[test]
    fn drawn_messages_agree() {
        let sets = 20_000;
        for (n, m, flips) in [(12, 4, 3), (16, 9, 5), (10, 20, 2)] {
            let (strictly, first) = simulated(n, m, flips, sets);
            let (n, m, flips) = (n as u32, m as u32, flips as u32);
            for (share, p) in [(strictly, nearest_strictly(n, m, flips)), (first, nearest_first(n, m, flips))]
            {
                // Six standard deviations: once in five hundred million.
                let room = 6.0 * (p * (1.0 - p) / f64::from(sets)).sqrt();
                assert_abs_diff_eq!(share, p, epsilon = room);
            }
        }
    }
}
