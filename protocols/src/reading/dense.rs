//! The dense reader is a dense associative memory of the messages themselves, with the energy of a log-sum-exp.
//!
//! s <- sum_m p_m xi^m with p = softmax(beta xi^m . s / sqrt N), from the query x0 (0 where it does not know a unit),
//! for a number of steps; then the signs. It is a ceiling beside the nearest message: it keeps the messages and needs
//! no weights. One step suffices where messages are well apart (theorem 4 of the source), so that is the default;
//! beta = 1 is the scale of attention. Cost: 2 N M multiply-adds a query and step. A state of 0 keeps the query's
//! sign. Source: Ramsauer et al. 2020, arXiv 2008.02217.

use super::about::ReaderAbout;
use super::{Cues, End, Log};
use crate::described::Parameter;
use crate::parallel::{matmul, threads};
use crate::patterns::Patterns;
use crate::protocol::parameter::{Positive, allowed};
use crate::real::vectorised;
use crate::spelling::Pair;
use crate::symmetric::{column, column_mut};
use faer::{Accum, Mat};
use serde::{Deserialize, Serialize};
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

    pub(super) fn pairs(self) -> Vec<Pair> {
        vec![("beta", self.beta.get().to_string()), ("steps", self.steps.to_string())]
    }
}

/// Numbers of a batch: states of N, and a share for every message.
const BATCH: usize = 1 << 20;

/// Reads all queries into `log`.
pub(super) fn read(dense: Dense, messages: &Patterns, cues: Cues<'_>, checkpoints: &[u32], log: &mut Log) {
    let columns = messages.columns::<f32>();
    let count = (BATCH / (messages.n() + messages.count())).max(1);
    for start in (0..cues.count()).step_by(count) {
        let part = cues.slice(start, count.min(cues.count() - start));
        relax(dense, &columns, part, checkpoints, log);
    }
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
        let gain = dense.beta.get() as f32 / (n as f32).sqrt();
        matmul(&mut shares, Accum::Replace, messages.transpose(), &states, gain, threads(n));
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
