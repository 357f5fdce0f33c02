//! Reading turns a memory and a query into a message; a [`Reader`] says how.
//!
//! The plain readers iterate x <- sign(W x + U p + b) from each query p until it settles: all units at once or one
//! after another. Others keep the query's field, relax graded states, or keep the messages themselves as ceilings.
//! sign(0) keeps the unit's present state. A read ends at a fixed point, in a cycle (synchronous reads only), at
//! `max_steps`, or where the reader stops by itself, and says which. Ties, units that meet a field of exactly 0, are
//! counted.

mod about;
mod asynchronous;
mod cues;
mod dense;
mod fields;
mod held;
mod nearest;
mod program;
mod reader;
mod soft;
mod synchronous;

pub use about::ReaderAbout;
pub use cues::Cues;
pub use dense::Dense;
pub use held::{Held, UpdateOrder};
pub use program::ReaderProgram;
pub use reader::{Reader, ReaderError, ReaderOr};
pub use soft::{Soft, SoftDiagonal};

use crate::patterns::Patterns;
use crate::seed::Stream;
use crate::weights::Weights;

/// The `Settings` say how to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The reader.
    pub reader: Reader,
    /// Steps at most, where the reader has no number of its own.
    pub max_steps: u32,
}

/// A `Store` is what a reader may read: the weights, and the messages for those that keep them.
#[derive(Clone, Copy, Debug)]
pub struct Store<'a> {
    /// The written memory.
    pub weights: &'a Weights,
    /// The messages that were written.
    pub messages: &'a Patterns,
}

/// An `End` says how a read ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// No unit wants to change.
    Fixed,
    /// The states repeat with this period, at least 2.
    Cycle {
        /// Its period.
        length: u32,
    },
    /// `max_steps` were taken and nothing repeated.
    Unsettled,
    /// The reader took its own number of steps.
    Stopped,
}

/// `Reads` says where a batch of reads ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Reads {
    /// Final states, in the order of the queries; for a cycle the state after `max_steps` steps.
    pub states: Patterns,
    /// How each read ended.
    pub ends: Vec<End>,
    /// Steps until the fixed point or the first state of the cycle was reached; else `max_steps`. Where the reader
    /// stopped by itself, the step at which a sign changed last.
    pub steps: Vec<u32>,
    /// Units that met a field of exactly 0, over all states visited; or ended at exactly 0, where states are graded.
    pub ties: u64,
    /// For each checkpoint asked for, the states after that many steps.
    pub checkpoints: Vec<Patterns>,
}

impl Reads {
    /// Returns reads of `queries` that ended in one step, at these states. A state of 0 is no sign: the unit keeps
    /// that of its query, and is counted as a tie.
    ///
    /// # Panics
    /// If there are other numbers of states than the queries have units.
    pub fn at_once(queries: &Patterns, mut states: Vec<i8>, checkpoints: usize) -> Self {
        assert_eq!(states.len(), queries.signs().len(), "states and queries differ in their number of units");
        let mut ties = 0;
        for (state, &sign) in states.iter_mut().zip(queries.signs()).filter(|(state, _)| **state == 0) {
            (*state, ties) = (sign, ties + 1);
        }
        let states = Patterns::known(queries.n(), states);
        let steps = states.rows().zip(queries.rows()).map(|(state, query)| u32::from(state != query));
        Self {
            steps: steps.collect(),
            ends: vec![End::Stopped; queries.count()],
            ties,
            checkpoints: vec![states.clone(); checkpoints],
            states,
        }
    }
}

/// Reads every query, N units each, from the weights alone. `stream` orders the units of asynchronous reads and is not
/// touched by others. Readers that keep the messages have none here, and return the query, as programs do.
///
/// # Panics
/// If the queries have another number of units than the weights.
pub fn read(weights: &Weights, queries: &Patterns, settings: Settings, stream: &mut Stream) -> Reads {
    let none = Patterns::known(queries.n(), Vec::new());
    read_with_checkpoints(Store { weights, messages: &none }, queries.into(), settings, &[], stream)
}

/// Reads every cue and keeps the states after each number of steps in `checkpoints`.
///
/// # Panics
/// If cues, messages and weights differ in their number of units.
pub fn read_with_checkpoints(
    store: Store<'_>,
    cues: Cues<'_>,
    settings: Settings,
    checkpoints: &[u32],
    stream: &mut Stream,
) -> Reads {
    let Store { weights, messages } = store;
    assert_eq!(weights.n(), cues.n(), "weights and queries differ in their number of units");
    assert_eq!(messages.n(), cues.n(), "messages and queries differ in their number of units");
    let max_steps = settings.max_steps;
    let mut log = Log::new(cues, checkpoints);
    // Fields of a batch in f32 stay below 32 MiB, whatever the number of queries.
    let batch = ((8 << 20) / cues.n()).max(1);
    for start in (0..cues.count()).step_by(batch) {
        let part = cues.slice(start, batch.min(cues.count() - start));
        match settings.reader {
            Reader::Sync => synchronous::read(weights, part, None, max_steps, checkpoints, &mut log),
            Reader::Async => {
                asynchronous::read(weights, part, None, max_steps, checkpoints, stream, &mut log);
            }
            Reader::Held(held) if held.order == UpdateOrder::Sync => {
                synchronous::read(weights, part, Some(held), max_steps, checkpoints, &mut log);
            }
            Reader::Held(held) => {
                asynchronous::read(weights, part, Some(held), max_steps, checkpoints, stream, &mut log);
            }
            Reader::Soft(soft) => soft::read(soft, weights, part, checkpoints, &mut log),
            Reader::Nearest => nearest::read(messages, part, checkpoints, &mut log),
            Reader::Dense(dense) => dense::read(dense, messages, part, checkpoints, &mut log),
            Reader::External(_) => program::read(part, &mut log),
        }
    }
    log.finish(cues.n())
}

/// The reads so far, in the order of the queries.
struct Log {
    states: Vec<i8>,
    ends: Vec<End>,
    steps: Vec<u32>,
    ties: u64,
    checkpoints: Vec<Vec<i8>>,
}

impl Log {
    fn new(cues: Cues<'_>, checkpoints: &[u32]) -> Self {
        let numbers = cues.count() * cues.n();
        Self {
            states: Vec::with_capacity(numbers),
            ends: Vec::with_capacity(cues.count()),
            steps: Vec::with_capacity(cues.count()),
            ties: 0,
            checkpoints: checkpoints.iter().map(|_| Vec::with_capacity(numbers)).collect(),
        }
    }

    fn push(&mut self, state: &[i8], end: End, steps: u32, ties: u64) {
        self.states.extend_from_slice(state);
        self.ends.push(end);
        self.steps.push(steps);
        self.ties += ties;
    }

    /// Adds a read that came from the query to this state in its only step, with no tie.
    fn push_at_once(&mut self, query: &[i8], state: &[i8], checkpoints: &[u32]) {
        for (&wanted, kept) in checkpoints.iter().zip(&mut self.checkpoints) {
            kept.extend_from_slice(if wanted == 0 { query } else { state });
        }
        self.push(state, End::Stopped, u32::from(state != query), 0);
    }

    fn finish(self, n: usize) -> Reads {
        let patterns = |signs| Patterns::known(n, signs);
        Reads {
            states: patterns(self.states),
            ends: self.ends,
            steps: self.steps,
            ties: self.ties,
            checkpoints: self.checkpoints.into_iter().map(patterns).collect(),
        }
    }
}
