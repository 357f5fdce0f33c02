//! The dense reader is a dense associative memory of the messages themselves, with the energy of a log-sum-exp.
//!
//! s <- sum_m p_m xi^m with p = softmax(beta xi^m . s / sqrt N), from the query x0 (0 where it does not know a unit),
//! for a number of steps; then the signs. It is a ceiling beside the nearest message: it keeps the messages and needs
//! no weights. One step suffices where messages are well apart (theorem 4 of the source), so that is the default;
//! beta = 1 is the scale of attention. Cost: 2 N M multiply-adds a query and step; a single step from a query that is
//! known throughout takes N M bits where one message has more than half of the shares. A state of 0 keeps the query's
//! sign. Source: Ramsauer et al. 2020, arXiv 2008.02217.

use super::about::ReaderAbout;
use super::{Cues, End, Log};
use crate::described::Parameter;
use crate::distances::{Distances, first_least};
use crate::parallel::{matmul, threads};
use crate::patterns::Patterns;
use crate::protocol::parameter::{Positive, allowed};
use crate::real::vectorised;
use crate::spelling::Pair;
use crate::symmetric::{column, column_mut};
use faer::{Accum, Mat};
use serde::{Deserialize, Serialize};
use std::cell::OnceCell;
use std::num::NonZeroU32;

/// `Dense` has the parameters of the dense reader.
///
/// ```
/// use protocols::protocol::Mpf;
/// use protocols::reading::{Reader, Settings, Store, read_with_checkpoints};
/// use protocols::{Patterns, Protocol, Queries, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let queries = Queries::exact(&messages, 4, 6, &mut stream); // one of each message, with four wrong signs
/// let weights = Mpf::default().write(&messages, &mut stream)?.weights;
/// let settings = Settings { reader: "dense".parse()?, max_steps: 50 };
/// let store = Store { weights: &weights, messages: &messages };
/// let reads = read_with_checkpoints(store, (&queries.states).into(), settings, &[], &mut stream);
/// assert!(reads.states.rows().zip(&queries.message).all(|(state, &m)| state == messages.row(m as usize)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dense {
    /// The gain, in units of 1/sqrt N.
    pub beta: Positive,
    /// Steps of a read.
    pub steps: NonZeroU32,
}

impl Default for Dense {
    fn default() -> Self {
        Self { beta: allowed(1.0), steps: NonZeroU32::MIN }
    }
}

impl Dense {
    pub(super) const ABOUT: ReaderAbout = ReaderAbout {
        name: "dense",
        title: "dense associative memory",
        formula: "s <- sum_m p_m xi^m, p = softmax(beta xi^m . s / sqrt N); sign(s) at the end",
        cost: "2 N M multiply-adds a step; it keeps the messages",
        ends: "after its steps",
        source: "Ramsauer et al. 2020, arXiv 2008.02217",
        parameters: &[
            Parameter::new("beta", Positive::ALLOWED, "the gain, in units of 1/sqrt N"),
            Parameter::new("steps", "a whole number of at least 1", "steps of a read"),
        ],
    };

    /// What overlaps of states of n units are multiplied by.
    fn gain(self, n: usize) -> f32 {
        self.beta.get() as f32 / (n as f32).sqrt()
    }

    pub(super) fn pairs(self) -> Vec<Pair> {
        vec![("beta", self.beta.get().to_string()), ("steps", self.steps.to_string())]
    }
}

/// Numbers of a batch: states of N, and a share for every message.
const BATCH: usize = 1 << 20;

/// Reads all queries into `log`.
pub(super) fn read(dense: Dense, messages: &Patterns, cues: Cues<'_>, checkpoints: &[u32], log: &mut Log) {
    let columns = OnceCell::new();
    let distances = (dense.steps.get() == 1 && !cues.has_unknown()).then(|| Distances::new(messages));
    let count = (BATCH / (messages.n() + messages.count())).max(1);
    for start in (0..cues.count()).step_by(count) {
        let part = cues.slice(start, count.min(cues.count() - start));
        match distances.as_ref().and_then(|distances| winners(dense, messages.count(), distances, part)) {
            Some(winners) => {
                let reads = part.rows().zip(winners);
                reads.for_each(|(query, m)| log.push_at_once(query, messages.row(m), checkpoints));
            }
            None => relax(dense, columns.get_or_init(|| messages.columns()), part, checkpoints, log),
        }
    }
}

/// Finds for each query the message that has more than half of all shares after a step: it alone decides every sign.
/// Overlaps are counted in bits, and no share is multiplied out. None where there is a query of which no message is
/// sure to have as much: products are for all queries of a batch, since their last bits hang on how many there are.
fn winners(dense: Dense, count: usize, messages: &Distances, cues: Cues<'_>) -> Option<Vec<usize>> {
    // What the sum of so many shares may lose by rounding, and shares themselves.
    let most = 1.0 - (2.0 * count as f64 * f64::from(f32::EPSILON) + 1e-2);
    // Of a difference in distance comes twice as much in overlap.
    let gain = 2.0 * f64::from(dense.gain(cues.n()));
    messages.of_each(
        cues.rows(),
        #[inline(always)]
        |distances| winner(distances, gain, most),
    )
}

/// The place of the least distance, where the shares of all others, as parts of its own, sum to less than `most`.
#[inline(always)]
fn winner(distances: &mut [u64], gain: f64, most: f64) -> Option<usize> {
    let (winner, least) = first_least(distances)?;
    distances[winner] = u64::MAX;
    let share = |distance: u64| (-gain * (distance - least) as f64).exp();
    let bound = first_least(distances).map_or(0.0, |(_, next)| (distances.len() - 1) as f64 * share(next));
    let others = distances.iter().enumerate().filter(|(m, _)| *m != winner);
    (bound < most || others.map(|(_, &distance)| share(distance)).sum::<f64>() < most).then_some(winner)
}

fn relax(dense: Dense, messages: &Mat<f32>, cues: Cues<'_>, checkpoints: &[u32], log: &mut Log) {
    let (n, count) = (cues.n(), cues.count());
    let mut states = Mat::zeros(n, count);
    for q in 0..count {
        column_mut(states.as_mut(), q).iter_mut().zip(cues.values(q)).for_each(|(s, x)| *s = x);
    }
    let mut shares = Mat::zeros(messages.ncols(), count);
    let mut now: Vec<Vec<i8>> = cues.rows().map(<[i8]>::to_vec).collect();
    let mut turned = vec![0; count];
    keep(0, &now, checkpoints, log);
    // No message has a share in the state of no messages.
    let steps = if messages.ncols() == 0 { 0 } else { dense.steps.get() };
    for step in 1..=steps {
        matmul(&mut shares, Accum::Replace, messages.transpose(), &states, dense.gain(n), threads(n));
        shares
            .col_iter_mut()
            .for_each(|column| softmax(column.try_as_col_major_mut().expect("columns").as_slice_mut()));
        matmul(&mut states, Accum::Replace, messages, &shares, 1.0, threads(n));
        for (q, (now, turned)) in now.iter_mut().zip(&mut turned).enumerate() {
            if take_signs(column(states.as_ref(), q), now) {
                *turned = step;
            }
        }
        keep(step, &now, checkpoints, log);
    }
    for (&wanted, kept) in checkpoints.iter().zip(&mut log.checkpoints) {
        if wanted > steps {
            kept.extend(now.iter().flatten());
        }
    }
    for (q, (now, turned)) in now.iter().zip(turned).enumerate() {
        let ties = column(states.as_ref(), q).iter().filter(|&&s| s == 0.0).count() as u64;
        log.push(now, End::Stopped, turned, ties);
    }
}

/// Sets the signs of a state, but where it is 0; tells whether any changed.
fn take_signs(state: &[f32], signs: &mut [i8]) -> bool {
    vectorised(
        #[inline(always)]
        move || {
            let mut changed = 0_u32;
            for (sign, &s) in signs.iter_mut().zip(state) {
                let next = i8::from(s > 0.0) - i8::from(s < 0.0);
                let next = if next == 0 { *sign } else { next };
                changed += u32::from(next != *sign);
                *sign = next;
            }
            changed > 0
        },
    )
}

fn keep(step: u32, now: &[Vec<i8>], checkpoints: &[u32], log: &mut Log) {
    for (&wanted, kept) in checkpoints.iter().zip(&mut log.checkpoints) {
        if wanted == step {
            kept.extend(now.iter().flatten());
        }
    }
}

/// Makes shares of overlaps. The largest is taken off first, so that nothing overflows.
fn softmax(x: &mut [f32]) {
    let most = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0_f64;
    for x in &mut *x {
        *x = (*x - most).exp();
        sum += f64::from(*x);
    }
    x.iter_mut().for_each(|x| *x = (f64::from(*x) / sum) as f32);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::Queries;
    use crate::seed::Stream;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_message_that_wins_is_what_the_product_has(
            n in 1_usize..300, count in 1_usize..40, queries in 1_usize..30, flips in 0.0..0.5_f64,
            beta in 0.05..20_f64, twins: bool, seed: u64,
        ) {
            let mut stream = Stream::named(seed, "test", &[]);
            let mut messages = Patterns::random(n, count, &mut stream);
            if twins {
                messages = Patterns::known(n, messages.signs().repeat(2));
            }
            let queries = Queries::exact(&messages, (flips * n as f64) as usize, queries, &mut stream).states;
            let (cues, dense) = (Cues::from(&queries), Dense { beta: allowed(beta), ..Dense::default() });
            let checkpoints = [0, 1, 5];
            let [mut log, mut slow] = [(); 2].map(|()| Log::new(cues, &checkpoints));
            read(dense, &messages, cues, &checkpoints, &mut log);
            relax(dense, &messages.columns(), cues, &checkpoints, &mut slow);
            prop_assert_eq!(log.finish(n), slow.finish(n));
        }
    }

    #[test]
    fn only_more_than_half_of_all_shares_wins() {
        let half = std::f64::consts::LN_2;
        // Three others have a quarter of its share each.
        assert_eq!(winner(&mut [5, 3, 5, 5], half, 0.99), Some(1));
        assert_eq!(winner(&mut [4, 3, 5, 5], half, 0.99), None);
        // Two at one distance have half of all shares each at most.
        assert_eq!(winner(&mut [3, 3], 50.0, 0.99), None);
        assert_eq!(winner(&mut [4, 4, 3], half, 0.99), None);
        assert_eq!(winner(&mut [7], half, 0.99), Some(0));
        assert_eq!(winner(&mut [], half, 0.99), None);
    }
}
