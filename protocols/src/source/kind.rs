//! The author of a kind of source states all that others need to know about it: a description, what N and M
//! it has, and how messages are drawn.

use super::error::Misfit;
use crate::described::Parameter;
use crate::seed::Stream;
use serde::Serialize;

/// An `SourceAbout` holds what the catalogue says of a kind of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SourceAbout {
    /// The name in definitions: lower-case letters and hyphens.
    pub name: &'static str,
    /// The messages in the plural, such as `biased messages`.
    pub title: &'static str,
    /// How they come about.
    pub formula: &'static str,
    /// The N that there are.
    pub units: &'static str,
    /// Where it comes from, with the licence of data.
    pub source: &'static str,
    /// Its parameters, in order.
    pub parameters: &'static [Parameter],
}

/// A `Kind` is a kind of source with its parameters.
pub(super) trait Kind {
    /// Returns what the catalogue says of it.
    fn about(&self) -> &'static SourceAbout;

    /// Lists its parameters with their values.
    fn parameters(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Checks that there are `m` messages of `n` units. By default there are.
    fn check(&self, _n: usize, _m: usize) -> Result<(), Misfit> {
        Ok(())
    }

    /// Draws as many, all N signs of the first message and so on, once they are known to exist.
    fn draw(&self, n: usize, m: usize, stream: &mut Stream) -> Vec<i8>;
}

/// Draws `m` of these messages without replacement, in random order.
pub(super) fn choose<T: AsRef<[i8]>>(mut messages: Vec<T>, m: usize, stream: &mut Stream) -> Vec<i8> {
    stream.choose(&mut messages, m);
    messages[..m].iter().flat_map(|message| message.as_ref()).copied().collect()
}

/// Unpacks a bitmap whose rows are bytes, the lowest bit leftmost. Set pixels are +1.
pub(super) fn pixels(rows: &[u8], width: usize) -> Vec<i8> {
    rows.iter().flat_map(|row| (0..width).map(move |i| if row >> i & 1 == 1 { 1 } else { -1 })).collect()
}
