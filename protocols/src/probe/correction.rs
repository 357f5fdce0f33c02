//! This probe asks whether one step puts a single flipped bit of a message right.
//!
//! Flipping bit j of message xi changes the field of unit j to h_j - 2 W_jj xi_j: the bit is put right if and
//! only if xi_j h_j > 2 W_jj. Where the fields of the messages do not vary, as xi_j h_j = 1 of the
//! pseudo-inverse, the diagonal alone decides: W_jj < 1/2. In general it predicts that the bits of unit j are
//! corrected if 2 W_jj lies below the mean of xi_j h_j over the messages. A coupling U of the query counts
//! with W, as a flipped query drives with the flipped bit.

use crate::patterns::Patterns;
use crate::weights::Weights;

/// A `Correction` holds counts over all N M states one flip away from a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Correction {
    /// Those whose flipped unit is put right in one step.
    pub corrected: u64,
    /// Those for which the diagonal predicts it.
    pub predicted: u64,
    /// Those for which it predicts rightly, that it is or that it is not.
    pub agreeing: u64,
    /// Those that one synchronous step brings to the message, all units together.
    pub returned: u64,
}

/// Counts the single flips of `messages` that one step corrects. N^2 M operations.
///
/// # Panics
/// If messages and weights differ in their number of units.
pub fn correction(weights: &Weights, messages: &Patterns) -> Correction {
    let (n, fields) = (weights.n(), weights.fields(messages));
    let (w, u) = (weights.matrix(), weights.input());
    let coupling = |i: usize, j: usize| w[(i, j)] + u.map_or(0.0, |u| u[(i, j)]);
    let mut found = Correction::default();
    for j in 0..n {
        let column: Vec<f32> = (0..n).map(|i| 2.0 * coupling(i, j)).collect();
        let aligned = |(k, message): (usize, &[i8])| f64::from(message[j]) * f64::from(fields[(j, k)]);
        let mean = messages.rows().enumerate().map(aligned).sum::<f64>() / messages.count() as f64;
        let predicted = f64::from(column[j]) < mean;
        for (k, message) in messages.rows().enumerate() {
            let flipped = f32::from(message[j]);
            // A field of 0 keeps the state: right for the other units, wrong for the one that was flipped.
            let corrected = flipped * fields[(j, k)] - column[j] > 0.0;
            let stays = |(i, &x): (usize, &i8)| f32::from(x) * (fields[(i, k)] - flipped * column[i]) >= 0.0;
            found.corrected += u64::from(corrected);
            found.predicted += u64::from(predicted);
            found.agreeing += u64::from(corrected == predicted);
            found.returned += u64::from(corrected && message.iter().enumerate().all(stays));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Pse, PseDiagonal};
    use crate::reading::{Reader, Settings, read};
    use crate::{Protocol, Stream};

    fn stream(name: &str) -> Stream {
        Stream::named(1, &format!("correction test/{name}"), &[])
    }

    #[test]
    fn counts_what_a_synchronous_step_does() {
        // Weights of whole numbers, so that fields do not depend on the order of sums and some are 0.
        let mut rng = stream("weights");
        let n = 12;
        let mut matrix = || faer::Mat::from_fn(n, n, |_, _| rng.below(5) as f32 - 2.0);
        let (w, u) = (matrix(), matrix());
        let weights = Weights::new(w).and_then(|weights| weights.with_input(u)).unwrap();
        let messages = Patterns::random(n, 9, &mut rng);
        let found = correction(&weights, &messages);
        let (mut corrected, mut returned) = (0, 0);
        for message in messages.rows() {
            for j in 0..n {
                let mut state = message.to_vec();
                state[j] = -state[j];
                let query = Patterns::known(n, state);
                let settings = Settings { reader: Reader::Sync, max_steps: 1 };
                let after = read(&weights, &query, settings, &mut rng).states;
                corrected += u64::from(after.row(0)[j] == message[j]);
                returned += u64::from(after.row(0) == message);
            }
        }
        assert_eq!((found.corrected, found.returned), (corrected, returned));
        assert!(corrected > 0 && corrected < 12 * 9);
    }

    #[test]
    fn the_projector_corrects_exactly_the_bits_whose_diagonal_is_below_one_half() {
        for m in [8, 24, 32, 40, 56] {
            let messages = Patterns::random(64, m, &mut stream("messages"));
            let kept = Pse { diagonal: PseDiagonal::Kept }.write(&messages, &mut stream("write")).unwrap();
            let below = (0..64).filter(|&j| kept.weights.matrix()[(j, j)] < 0.5).count();
            let found = correction(&kept.weights, &messages);
            assert_eq!((found.corrected, found.agreeing), ((below * m) as u64, (64 * m) as u64), "M = {m}");
            assert_eq!(found.predicted, found.corrected);
            // With the diagonal cleared the field of a flipped bit is 1 - P_jj, which is positive.
            let zero = Pse { diagonal: PseDiagonal::Zero }.write(&messages, &mut stream("write")).unwrap();
            assert_eq!(correction(&zero.weights, &messages).corrected, (64 * m) as u64);
        }
    }
}
