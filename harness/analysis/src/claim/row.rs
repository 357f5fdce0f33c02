//! A row of evidence is one comparison. It has its interval, its p-value and what it says.

use super::trial::Lacking;
use serde::Serialize;
use stats::{Interval, holm};
use study::claim::At;

/// Holds the chance of any false row among those that are corrected together.
pub const LEVEL: f64 = 0.05;

/// A `Role` is the part that a row plays in the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The claim holds only if it speaks for it.
    Required,
    /// The claim fails if it speaks against it.
    Guard,
    /// Shown beside the verdict: where the claim holds and where not.
    Map,
}

/// A `Bearing` is what a row says of the claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Bearing {
    /// It speaks for it, beyond chance.
    For,
    /// It speaks against it, beyond chance.
    Against,
    /// The difference may be chance, or is none.
    Open,
    /// Trials failed or are missing.
    Lacking,
}

/// An `EvidenceRow` is one comparison, or one number that has none.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EvidenceRow {
    /// Its part in the verdict.
    pub role: Role,
    /// What is measured, such as `recovered`.
    pub quantity: String,
    /// The protocol compared with, or the bound.
    pub against: Option<String>,
    /// Where.
    #[serde(flatten)]
    pub at: At,
    /// Message sets that it rests on.
    pub trials: usize,
    /// The subject's value.
    pub subject: Option<f64>,
    /// The rival's, or the bound.
    pub rival: Option<f64>,
    /// By how much the subject is better.
    pub effect: Option<f64>,
    /// Lower end of its interval; absent, as the upper end, where it is open.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// The p-value of no effect, adjusted by Holm; absent where nothing is tested.
    pub p: Option<f64>,
    /// What it says.
    pub outcome: Bearing,
    /// What its numbers cannot say: a load beyond the grid, a law of growth.
    pub note: Option<String>,
    /// Trials that gave nothing.
    #[serde(flatten)]
    pub lacking: Lacking,
}

impl EvidenceRow {
    /// Returns a row without numbers. It stands for a test whose trials lack, until it is told otherwise.
    pub(super) fn empty(role: Role, quantity: impl Into<String>, at: At) -> Self {
        Self {
            role,
            quantity: quantity.into(),
            against: None,
            at,
            trials: 0,
            subject: None,
            rival: None,
            effect: None,
            low: None,
            high: None,
            p: Some(1.0),
            outcome: Bearing::Lacking,
            note: None,
            lacking: Lacking::default(),
        }
    }

    /// Returns a row that shows a number without a test.
    pub(super) fn shown(role: Role, quantity: impl Into<String>, at: At) -> Self {
        Self { p: None, outcome: Bearing::Open, ..Self::empty(role, quantity, at) }
    }

    /// Sets the interval. An infinite end is open.
    pub(super) fn with_interval(mut self, interval: Interval) -> Self {
        let finite = |x: f64| x.is_finite().then_some(x);
        (self.low, self.high) = (finite(interval.low), finite(interval.high));
        self
    }
}

/// Corrects the p-values of `rows` together and says what each row says. Rows without a test are left as they are.
pub(super) fn adjust<'a>(rows: impl Iterator<Item = &'a mut EvidenceRow>) {
    let mut tested: Vec<&mut EvidenceRow> = rows.filter(|row| row.p.is_some()).collect();
    let adjusted = holm(&tested.iter().filter_map(|row| row.p).collect::<Vec<_>>());
    for (row, p) in tested.iter_mut().zip(adjusted) {
        row.p = Some(p);
        row.outcome = match row.effect {
            _ if !row.lacking.is_none() => Bearing::Lacking,
            Some(effect) if p <= LEVEL && effect > 0.0 => Bearing::For,
            Some(effect) if p <= LEVEL && effect < 0.0 => Bearing::Against,
            _ => Bearing::Open,
        };
    }
}
