//! Cues are what a reader is given: states to start from, and which of their units are unknown.

use crate::noise::Queries;
use crate::patterns::{Patterns, PatternsError, check, words};

/// `Cues` are queries as a reader sees them, side by side. A unit that is unknown is 0 in the cue; its sign is what
/// the unit falls back to where a field or a state is exactly 0.
#[derive(Clone, Copy, Debug)]
pub struct Cues<'a> {
    n: usize,
    signs: &'a [i8],
    unknown: Option<&'a [bool]>,
}

impl<'a> From<&'a Patterns> for Cues<'a> {
    fn from(states: &'a Patterns) -> Self {
        Self { n: states.n(), signs: states.signs(), unknown: None }
    }
}

impl<'a> From<&'a Queries> for Cues<'a> {
    fn from(queries: &'a Queries) -> Self {
        Self { unknown: queries.unknown.as_deref(), ..Self::from(&queries.states) }
    }
}

impl<'a> Cues<'a> {
    /// Takes `signs` where they lie, row after row of `n` units each, all of them known.
    ///
    /// ```
    /// use protocols::reading::Cues;
    /// assert_eq!(Cues::new(2, &[1, -1, -1, -1])?.count(), 2);
    /// assert!(Cues::new(2, &[1, 0]).is_err());
    /// # Ok::<(), protocols::PatternsError>(())
    /// ```
    ///
    /// # Errors
    /// If `n` is 0, the rows are ragged, or a value is neither -1 nor +1.
    pub fn new(n: usize, signs: &'a [i8]) -> Result<Self, PatternsError> {
        check(n, signs)?;
        Ok(Self { n, signs, unknown: None })
    }

    /// Returns the number of units.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Returns the number of cues.
    pub fn count(&self) -> usize {
        self.signs.len() / self.n
    }

    pub(super) fn signs(&self) -> &'a [i8] {
        self.signs
    }

    pub(super) fn row(&self, cue: usize) -> &'a [i8] {
        &self.signs[cue * self.n..][..self.n]
    }

    pub(super) fn rows(&self) -> std::slice::ChunksExact<'a, i8> {
        self.signs.chunks_exact(self.n)
    }

    /// Returns whether a unit of any cue is unknown.
    pub(super) fn has_unknown(&self) -> bool {
        self.unknown.is_some()
    }

    /// Returns whether each unit of a cue is unknown; nothing where all are known.
    pub(super) fn unknown(&self, cue: usize) -> Option<&'a [bool]> {
        self.unknown.map(|unknown| &unknown[cue * self.n..][..self.n])
    }

    /// Returns `count` cues from `start` on.
    pub(super) fn slice(&self, start: usize, count: usize) -> Self {
        let part = start * self.n..(start + count) * self.n;
        let unknown = self.unknown.map(|unknown| &unknown[part.clone()]);
        Self { n: self.n, signs: &self.signs[part], unknown }
    }

    /// Returns the units of a cue as numbers, 0 where they are unknown.
    pub(super) fn values(&self, cue: usize) -> impl Iterator<Item = f32> + use<'a> {
        let unknown = self.unknown(cue);
        let value = move |(i, &sign): (usize, &i8)| match unknown {
            Some(unknown) if unknown[i] => 0.0,
            _ => f32::from(sign),
        };
        self.row(cue).iter().enumerate().map(value)
    }

    /// Returns a bit for every unit of a cue, set where it is known.
    pub(super) fn known_bits(&self, cue: usize) -> Vec<u64> {
        match self.unknown(cue) {
            None => vec![u64::MAX; self.n.div_ceil(64)],
            Some(unknown) => {
                let signs: Vec<i8> = unknown.iter().map(|&unknown| if unknown { 1 } else { -1 }).collect();
                words(&signs).collect()
            }
        }
    }
}
