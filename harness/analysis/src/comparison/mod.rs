//! This module sets two result sets side by side. It asks which of B's differences from A are more than
//! chance.
//!
//! Message sets are the units. Where both sides drew the same ones (same root seed, stream, source, N, M and
//! trial), they are pairs: what makes a set hard for both cancels, and sets that one side lacks are left out.
//! Otherwise the sides are independent, and as many sets of every size are taken from both. A row is one
//! test; p-values are adjusted by Holm over all rows, so that the chance of any false alarm is 5 % at most.
//! Intervals are 95 % each for itself.
//!
//! Rows pool by protocol (all loads, dynamics and levels of noise that both sides have) or stand for one
//! condition each. Many rows cost power: the sign-flip test of T pairs never goes below 2^(1-T), so that ten
//! pairs cannot show anything among more than 25 rows.

mod join;
#[cfg(test)]
mod tests;

pub use join::{Failure, JoinKey};

use indexmap::IndexMap;
use join::JoinedPair;
use serde::Serialize;
use stats::{self, Interval, RatioDifference};
use study::measure::{CONFIDENCE, Measure};
use study::records::Records;

/// Holds the chance of any false alarm among all rows.
pub const LEVEL: f64 = 0.05;

/// Says what a row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// A protocol on one source and N: everything else is pooled.
    Protocol,
    /// One M, dynamics and number of flips.
    Condition,
}

/// A `Shift` is what a test says of B.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shift {
    /// Better than A.
    Better,
    /// Worse than A.
    Worse,
    /// The difference may be chance.
    Open,
    /// Not one number differs.
    Identical,
}

/// A `ComparisonRow` is one comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparisonRow {
    /// What is compared.
    #[serde(flatten)]
    pub key: JoinKey,
    /// In what.
    pub measure: Measure,
    /// Message sets of each side.
    pub sets: usize,
    /// The share in A; for write times the geometric mean in seconds.
    pub a: f64,
    /// The share in B, likewise.
    pub b: f64,
    /// B less A; for write times B over A.
    pub difference: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// p-value of no difference, adjusted by Holm over all rows.
    pub p_value: f64,
    /// What it says of B.
    pub verdict: Shift,
}

/// A `Comparison` holds two result sets, compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Whether the message sets of both sides are the same.
    pub paired: bool,
    /// The comparisons, in the order of A.
    pub rows: Vec<ComparisonRow>,
    /// Cells that both sides have.
    pub joined: usize,
    /// Cells of A without a counterpart in B.
    pub only_a: usize,
    /// Cells of B without a counterpart in A.
    pub only_b: usize,
    /// Cells that ended well in A and failed in B.
    pub newly_failed: Vec<Failure>,
    /// Protocols that have the same label and other parameters, with those of A and B.
    pub other_parameters: Vec<(String, String, String)>,
}

impl Comparison {
    /// Returns whether B is worse than A. It is worse in a row, or by a cell that fails now.
    pub fn is_worse(&self) -> bool {
        !self.newly_failed.is_empty() || self.rows.iter().any(|row| row.verdict == Shift::Worse)
    }
}

/// Compares `b` with `a` in `measures`. `paired` says whether equal trials have equal messages: equal root
/// seeds, streams and generators.
pub fn compare(a: &Records, b: &Records, paired: bool, measures: &[Measure], by: By) -> Comparison {
    let joined = join::join(a, b, paired, measures);
    let mut groups: IndexMap<(JoinKey, Measure), Sets> = IndexMap::new();
    for set in joined.sets {
        let key = match by {
            By::Protocol => JoinKey { m: None, dynamics: None, flips: None, ..set.key },
            By::Condition => set.key,
        };
        // What one message set gave in several reads is summed: reads are no units of their own.
        let (a, b) = groups.entry((key, set.measure)).or_default().entry(set.set).or_default();
        *a = (a.0 + set.a.0, a.1 + set.a.1);
        *b = (b.0 + set.b.0, b.1 + set.b.1);
    }
    let mut rows: Vec<ComparisonRow> =
        groups.iter().filter_map(|((key, measure), sets)| row(key, *measure, sets, paired)).collect();
    let adjusted = stats::holm(&rows.iter().map(|row| row.p_value).collect::<Vec<_>>());
    for (row, p) in rows.iter_mut().zip(adjusted) {
        row.p_value = p;
        let less = if row.measure == Measure::WriteSeconds { 1.0 } else { 0.0 };
        row.verdict = match row.verdict {
            Shift::Open if p <= LEVEL && (row.difference > less) == row.measure.more_is_better() => {
                Shift::Better
            }
            Shift::Open if p <= LEVEL => Shift::Worse,
            verdict => verdict,
        };
    }
    Comparison { rows, paired, ..joined.rest }
}

/// What A and B gave, by message set.
type Sets = IndexMap<(u32, usize), (JoinedPair, JoinedPair)>;

/// The comparison over `sets`, not adjusted yet.
fn row(key: &JoinKey, measure: Measure, sets: &Sets, paired: bool) -> Option<ComparisonRow> {
    let seconds = measure == Measure::WriteSeconds;
    let range = if seconds { UNBOUNDED } else { measure.range() };
    let (a, b): (Vec<JoinedPair>, Vec<JoinedPair>) = sets.values().copied().unzip();
    let identical = paired && a == b;
    let difference = if paired { stats::paired_difference } else { stats::unpaired_difference };
    let RatioDifference { value, interval, p_value } =
        difference(&b, &a, range, CONFIDENCE, stats::RESAMPLES)?;
    let mean = |pairs: &[JoinedPair]| {
        pairs.iter().map(|pair| pair.0).sum::<f64>() / pairs.iter().map(|pair| pair.1).sum::<f64>()
    };
    // Times were compared by their logarithms.
    let natural = |x: f64| if seconds { x.exp() } else { x };
    let none = Interval { low: value, high: value };
    let interval = if identical { none } else { interval };
    Some(ComparisonRow {
        key: key.clone(),
        measure,
        sets: sets.len(),
        a: natural(mean(&a)),
        b: natural(mean(&b)),
        difference: natural(value),
        low: natural(interval.low),
        high: natural(interval.high),
        p_value,
        verdict: if identical { Shift::Identical } else { Shift::Open },
    })
}

/// Where the logarithm of a time may lie.
const UNBOUNDED: Interval = Interval { low: f64::NEG_INFINITY, high: f64::INFINITY };
