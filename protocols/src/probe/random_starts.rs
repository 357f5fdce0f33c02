//! This probe asks where reads end that begin at random states. They may end at the messages or at fixed
//! points that nobody stored.

use crate::patterns::Patterns;
use crate::reading::{End, Reader, Settings, read};
use crate::seed::Stream;
use crate::weights::Weights;
use std::collections::HashSet;

/// `RandomStarts` holds counts over reads from random states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RandomStarts {
    /// Reads made.
    pub starts: u32,
    /// Those that settled at a message or its negative.
    pub stored: u32,
    /// Those that settled at another fixed point.
    pub spurious: u32,
    /// Different fixed points among these.
    pub distinct: u32,
}

/// Reads `starts` independent random states one unit at a time, for up to `sweeps` sweeps. What is neither
/// stored nor spurious did not settle.
///
/// # Panics
/// If messages and weights differ in their number of units.
pub fn random_starts(
    weights: &Weights,
    messages: &Patterns,
    starts: u32,
    sweeps: u32,
    stream: &mut Stream,
) -> RandomStarts {
    assert_eq!(weights.n(), messages.n(), "messages and weights differ in their number of units");
    let queries = Patterns::random(weights.n(), starts as usize, stream);
    let settings = Settings { reader: Reader::Async, max_steps: sweeps };
    let reads = read(weights, &queries, settings, stream);
    let stored: HashSet<&[i8]> = messages.rows().collect();
    let mut found = RandomStarts { starts, ..RandomStarts::default() };
    let mut others: HashSet<&[i8]> = HashSet::new();
    for (state, _) in reads.states.rows().zip(&reads.ends).filter(|(_, end)| **end == End::Fixed) {
        let negative: Vec<i8> = state.iter().map(|x| -x).collect();
        if stored.contains(state) || stored.contains(negative.as_slice()) {
            found.stored += 1;
        } else {
            found.spurious += 1;
            others.insert(state);
        }
    }
    found.distinct = others.len() as u32;
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Protocol;
    use crate::protocol::Hop;

    #[test]
    fn a_single_message_attracts_everything() {
        // One message and an odd N: no start is as far from the message as from its negative.
        let mut stream = Stream::named(1, "random starts test", &[]);
        let messages = Patterns::random(63, 1, &mut stream);
        let weights = Hop::default().write(&messages, &mut stream).unwrap().weights;
        let found = random_starts(&weights, &messages, 50, 20, &mut stream);
        assert_eq!(found, RandomStarts { starts: 50, stored: 50, spurious: 0, distinct: 0 });
    }

    #[test]
    fn without_couplings_every_state_is_a_fixed_point_of_its_own() {
        let mut stream = Stream::named(1, "random starts test", &[]);
        let messages = Patterns::random(64, 2, &mut stream);
        let weights = Weights::new(faer::Mat::identity(64, 64)).unwrap();
        let found = random_starts(&weights, &messages, 40, 20, &mut stream);
        assert_eq!(found, RandomStarts { starts: 40, stored: 0, spurious: 40, distinct: 40 });
    }
}
