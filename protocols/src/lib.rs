//! Writing protocols make the matrix W of a Hopfield memory from messages. This crate has the protocols, ways
//! to read a memory, and probes of what a read shows.
//!
//! A Hopfield memory is a matrix W (N x N) and optional thresholds b, read by iterating x <- sign(W x + b) on x in
//! {-1,+1}^N. A [`Protocol`] turns a set of M messages into [`Weights`]; [`read`](reading::read) iterates a batch of
//! queries; the [`probe`]s measure stability, recovery and structure.
//!
//! The crate is numerics only: it opens no file, reads no clock, starts no thread and keeps no global random state. All
//! randomness comes from a [`Stream`] that the caller names, so that a result depends on its name and nothing else.
//!
//! ```
//! use protocols::{Patterns, Protocol, Stream, protocol::Hop};
//! let mut stream = Stream::named(1, "messages", &[("n", 64), ("m", 4)]);
//! let messages = Patterns::random(64, 4, &mut stream);
//! let written = Hop::default().write(&messages, &mut stream)?;
//! assert_eq!(written.weights.n(), 64);
//! # Ok::<(), protocols::WriteError>(())
//! ```

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
