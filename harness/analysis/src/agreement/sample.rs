//! This module chooses which cells are computed again.

use indexmap::IndexMap;
use protocols::Stream;
use std::fmt;
use std::str::FromStr;
use study::record::Coordinates;

/// A `SampleSize` says how many cells are taken. It is a share of every protocol's, `5%`, or a number in all,
/// `20`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SampleSize {
    /// A share of the cells, in (0, 1].
    Share(f64),
    /// So many cells, at least 1.
    Cells(usize),
}

/// A `ParseSampleError` says that a text names no sample.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sample is a share such as `5%` (above 0, at most 100 %) or a number of cells such as `20`")]
pub struct ParseSampleError;

impl FromStr for SampleSize {
    type Err = ParseSampleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_suffix('%') {
            Some(percent) => {
                let share = percent.trim().parse::<f64>().map_err(|_| ParseSampleError)? / 100.0;
                (share > 0.0 && share <= 1.0).then_some(Self::Share(share)).ok_or(ParseSampleError)
            }
            None => match text.trim().parse() {
                Ok(cells) if cells > 0 => Ok(Self::Cells(cells)),
                _ => Err(ParseSampleError),
            },
        }
    }
}

impl fmt::Display for SampleSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Share(share) => write!(f, "{}%", share * 100.0),
            Self::Cells(cells) => write!(f, "{cells}"),
        }
    }
}

impl SampleSize {
    /// Returns the places in `cells` to take, ascending. It takes every protocol's share rounded up, so that
    /// no protocol is left out, or a number of cells dealt to the protocols in turn. The choice depends on
    /// the seed and on nothing that is computed.
    pub fn pick(self, cells: &[&Coordinates], seed: u64) -> Vec<usize> {
        let mut protocols: IndexMap<&str, Vec<usize>> = IndexMap::new();
        for (i, at) in cells.iter().enumerate() {
            protocols.entry(&at.protocol).or_default().push(i);
        }
        let mut picked = Vec::new();
        let groups = protocols.len();
        for (turn, (protocol, mut places)) in protocols.into_iter().enumerate() {
            let due = match self {
                Self::Share(share) => (share * places.len() as f64 - 1e-9).ceil() as usize,
                Self::Cells(all) => all / groups + usize::from(turn < all % groups),
            };
            let count = due.min(places.len());
            Stream::named(seed, &format!("verify/{protocol}"), &[]).choose(&mut places, count);
            picked.extend_from_slice(&places[..count]);
        }
        picked.sort_unstable();
        picked
    }
}
