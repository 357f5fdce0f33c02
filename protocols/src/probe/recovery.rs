//! This probe asks whether reads of noisy queries come back to their message. It looks after one step, after
//! L, and for good.

use crate::noise::Queries;
use crate::patterns::{Patterns, overlap};
use crate::reading::{End, Reads, Settings, Store, read_with_checkpoints};
use crate::seed::Stream;
use crate::weights::Weights;
use std::cell::LazyCell;
use std::collections::HashSet;
use std::ops::Deref;

/// An `Outcome` says what a read arrived at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Settled at the query's message.
    Message,
    /// Settled at the message's negative.
    Negative,
    /// Settled at another message, or its negative.
    OtherMessage,
    /// Settled at a fixed point that is no message.
    Spurious,
    /// Ended in a cycle.
    Cycle,
    /// Not settled within the steps allowed.
    Unsettled,
}

/// A `Recovery` holds counts over a batch of reads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recovery {
    /// Queries read.
    pub queries: u32,
    /// At the message after one step.
    pub first: u32,
    /// At the message after L steps.
    pub at_checkpoint: u32,
    /// Settled at the message: recovered.
    pub recovered: u32,
    /// Settled at its negative.
    pub negative: u32,
    /// Settled at another message or its negative.
    pub other_message: u32,
    /// Settled at another fixed point.
    pub spurious: u32,
    /// Ended in a cycle.
    pub cycle: u32,
    /// Did not settle.
    pub unsettled: u32,
    /// Longest cycle met; 0 for none.
    pub longest_cycle: u32,
    /// Sum of the final overlaps x.xi/N.
    pub overlap_sum: f64,
    /// Sum of the steps taken.
    pub steps_sum: u64,
    /// Units that met a field of exactly 0.
    pub ties: u64,
}

/// Reads `queries` of `messages` and counts where they arrive. L is `checkpoint`.
///
/// # Panics
/// If messages, queries and weights differ in their number of units.
pub fn recovery(
    weights: &Weights,
    messages: &Patterns,
    queries: &Queries,
    settings: Settings,
    checkpoint: u32,
    stream: &mut Stream,
) -> Recovery {
    let reads = read_with_checkpoints(
        Store { weights, messages },
        queries.into(),
        settings,
        &[1, checkpoint],
        stream,
    );
    counted(&reads, messages, queries)
}

/// Counts where reads of `queries` of `messages` arrived: after their first checkpoint, which is one step, after
/// their second, which is L, and for good.
///
/// # Panics
/// If the reads are not those of the queries, or have fewer checkpoints.
pub fn counted(reads: &Reads, messages: &Patterns, queries: &Queries) -> Recovery {
    // Few reads end at another fixed point, and often none does.
    let stored = LazyCell::new(|| messages.rows().collect::<HashSet<&[i8]>>());
    let mut found =
        Recovery { queries: queries.message.len() as u32, ties: reads.ties, ..Recovery::default() };
    for (q, &m) in queries.message.iter().enumerate() {
        let (message, state) = (messages.row(m as usize), reads.states.row(q));
        found.first += u32::from(reads.checkpoints[0].row(q) == message);
        found.at_checkpoint += u32::from(reads.checkpoints[1].row(q) == message);
        found.overlap_sum += overlap(state, message);
        found.steps_sum += u64::from(reads.steps[q]);
        if let End::Cycle { length } = reads.ends[q] {
            found.longest_cycle = found.longest_cycle.max(length);
        }
        found.count(outcome(reads.ends[q], state, message, &stored));
    }
    found
}

impl Recovery {
    fn count(&mut self, outcome: Outcome) {
        *match outcome {
            Outcome::Message => &mut self.recovered,
            Outcome::Negative => &mut self.negative,
            Outcome::OtherMessage => &mut self.other_message,
            Outcome::Spurious => &mut self.spurious,
            Outcome::Cycle => &mut self.cycle,
            Outcome::Unsettled => &mut self.unsettled,
        } += 1;
    }
}

fn outcome<'a>(
    end: End,
    state: &[i8],
    message: &[i8],
    stored: &impl Deref<Target = HashSet<&'a [i8]>>,
) -> Outcome {
    match end {
        End::Cycle { .. } => return Outcome::Cycle,
        End::Unsettled => return Outcome::Unsettled,
        End::Fixed | End::Stopped if state == message => return Outcome::Message,
        End::Fixed | End::Stopped => {}
    }
    let negative: Vec<i8> = state.iter().map(|s| -s).collect();
    if negative == message {
        Outcome::Negative
    } else if stored.contains(state) || stored.contains(negative.as_slice()) {
        Outcome::OtherMessage
    } else {
        Outcome::Spurious
    }
}
