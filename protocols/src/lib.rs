//! Writing protocols make the matrix W of a Hopfield memory from messages. This crate has the protocols, ways
//! to read a memory, and probes of what a read shows.
//!
//! # The field in a page
//!
//! A *Hopfield memory* (Hopfield 1982) is N units that are each -1 or +1, and a matrix W of N x N weights. It stores M
//! *messages*, rows of N signs, not at addresses but all of them in the one matrix. It is read from a *query*, a
//! message that is damaged: the state of the units is updated, x <- sign(W x + b), until it changes no more. If the
//! memory is good, it comes to rest at the message.
//!
#![doc = include_str!("../doc/memory.svg")]
//!
//! *A message of 64 signs, a query in which twelve are wrong, and where a read of it ends. The pseudo-inverse wrote W
//! from four such bitmaps.*
//!
//! | word | meaning |
//! |---|---|
//! | load | M/N, messages per unit |
//! | field of unit i | h_i = sum_j W_ij x_j + b_i; b_i is its threshold |
//! | margin of a bit | xi_i h_i; the message stays at rest where all its margins are positive |
//! | noise | the share of a query's bits that are flipped |
//! | recovered | a query whose read ends at its message |
//! | dynamics | synchronous: all units at once; asynchronous: one after another |
//! | energy | E(x) = -1/2 x^T W x - b^T x |
//!
//! If W is symmetric and no W_ii is negative, an asynchronous read never raises the energy, so it ends.
//!
//! How to *write* W is the question. The outer product, W = sum_m xi^m xi^mT, is local and made in one pass, and
//! recalls up to 0.138 N random messages. The pseudo-inverse makes every message a fixed point up to M = N. Rules
//! that are optimised make the margins large, so that messages attract. Up to 2 N random messages can be stored by
//! some W (Cover 1965; Gardner 1988), but then they attract nothing. So what counts is how many queries come back, at
//! what load and noise. A diagonal W_ii holds a unit at its present value: it buys fixed points, and with W = I every
//! state is one, and sells recovery.
//!
//! How to *read* matters as much. Graded states, and a query whose field is kept, bring back queries that plain
//! dynamics lose, from the same W. See [`reading`].
//!
//! # Write, read, count
//!
//! ```
//! use protocols::reading::{Reader, Settings, read};
//! use protocols::{Patterns, Queries, Spec, Stream};
//!
//! // All randomness comes from a stream, and a stream from its name.
//! let mut stream = Stream::named(1, "example", &[]);
//! let messages = Patterns::random(64, 16, &mut stream);
//! let queries = Queries::exact(&messages, 6, 100, &mut stream); // each with six wrong signs
//! let recovered = |rule: &str, stream: &mut Stream| {
//!     let rule = Spec::named(rule).expect("it is in the catalogue");
//!     let weights = rule.protocol().write(&messages, stream)?.weights;
//!     let settings = Settings { reader: Reader::Sync, max_steps: 50 };
//!     let states = read(&weights, &queries.states, settings, stream).states;
//!     let right = |q: &usize| states.row(*q) == messages.row(queries.message[*q] as usize);
//!     Ok::<_, protocols::WriteError>((0..100).filter(right).count())
//! };
//! // At a load of a quarter the outer product is beyond its capacity, and probability flow is not.
//! assert!(recovered("hop", &mut stream)? < 50);
//! assert!(recovered("mpf", &mut stream)? > 90);
//! # Ok::<(), protocols::WriteError>(())
//! ```
//!
//! # Where things are
//!
//! | | |
//! |---|---|
//! | [`protocol`] | a type for each rule; [`Spec`] is any of them, [`Rule`] what an author implements |
//! | [`reading`] | [`Reader`](reading::Reader), the ways to read |
//! | [`source`], [`corruption`] | kinds of messages, and ways to damage a query |
//! | [`probe`] | stability, structure, recovery and correction, as counts |
//! | [`laws`] | what every rule obeys; hold your own against them |
//! | [`Patterns`], [`Weights`], [`Stream`] | messages, memories, and named randomness |
//!
//! [`Spec::catalogue`] lists every rule and [`Reader::catalogue`](reading::Reader::catalogue) every reader, with
//! formula and source:
//!
//! ```
//! for rule in protocols::Spec::catalogue() {
//!     println!("{}: {}", rule.about().name, rule.about().formula);
//! }
//! ```
//!
//! The crate is numerics only: it opens no file, reads no clock, starts no thread and keeps no global random state, so
//! that a result depends on the name of its stream and nothing else. The catalogue is the one thing that is global:
//! [`register`] adds a rule to it.

pub mod corruption;
pub mod laws;
pub mod noise;
pub mod parallel;
pub mod patterns;
pub mod probe;
pub mod protocol;
pub mod reading;
pub mod seed;
pub mod source;
pub mod weights;

mod aligned;
mod bands;
mod checked;
mod columns;
mod described;
mod distances;
mod real;
mod sign_product;
mod spelling;
mod symmetric;
mod tiles;

pub use corruption::{Corruption, CorruptionKind};
pub use faer::Mat;
pub use noise::{NoiseDraw, Queries};
pub use patterns::{Patterns, PatternsError};
pub use protocol::{Protocol, RegisterError, Report, Rule, Spec, Stop, Watch, WriteError, Written, register};
pub use seed::Stream;
pub use source::{Source, SourceError, character};
pub use weights::{Weights, WeightsError};
