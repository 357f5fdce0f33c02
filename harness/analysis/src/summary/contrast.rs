//! A contrast says by what one protocol is better or worse than another. There is one with each of the
//! others, condition by condition, paired over trials.

use super::Estimate;
use indexmap::IndexMap;
use protocols::reading::Reader;
use protocols::{Corruption, Source};
use rayon::prelude::*;
use stats::{self, RatioDifference};
use std::collections::HashMap;
use study::measure::Measure;
use study::record::Coordinates;
use study::records::Records;

/// A `Contrast` is the subject less a rival under one condition, over the trials that both have.
#[derive(Clone, Debug, PartialEq)]
pub struct Contrast {
    /// The protocol in question, by its label.
    pub subject: String,
    /// The other one.
    pub rival: String,
    /// Where the messages come from.
    pub source: Source,
    /// Units N.
    pub n: u32,
    /// Messages M.
    pub m: u32,
    /// Read dynamics.
    pub dynamics: Reader,
    /// Flipped bits of the queries.
    pub flips: Corruption,
    /// What is compared.
    pub measure: Measure,
    /// The difference with its interval; its p-value is adjusted by Holm over its family, all contrasts of
    /// the same source and N.
    pub difference: RatioDifference,
    /// Trials that both have.
    pub trials: u32,
    /// Contrasts of the family.
    pub family: usize,
}

impl Contrast {
    /// Holds the level of tests: differences whose adjusted p-value is at most this are more than chance.
    pub const LEVEL: f64 = 0.05;

    /// Returns whether it belongs to the condition of an estimate.
    pub fn is_at(&self, e: &Estimate) -> bool {
        (self.source, self.n, self.m) == (e.source, e.n, e.m)
            && (Some(self.dynamics), Some(self.flips)) == (e.dynamics, e.flips)
    }

    /// Returns whether the difference is more than chance.
    pub fn is_significant(&self) -> bool {
        self.difference.p_value <= Self::LEVEL
    }
}

/// Numerator and denominator of every trial.
type Shares = HashMap<u32, (f64, f64)>;

/// Source, N, M, dynamics and flips.
type Setting = (Source, u32, u32, Reader, Corruption);

/// Computes the contrasts of `subject` with every other protocol that `is_rival` names. They are in the
/// measure of reading `measure`, wherever both were read. All of one source and N are one family of tests, as
/// on the maps of claims, whatever part of them a figure shows: so that both say the same of a place.
pub fn contrasts(
    records: &Records,
    measure: Measure,
    subject: &str,
    is_rival: impl Fn(&str) -> bool,
) -> Vec<Contrast> {
    let mut places: IndexMap<Setting, IndexMap<&str, Shares>> = IndexMap::new();
    for recall in &records.recalls {
        let Coordinates { protocol, source, n, m, trial, .. } = &recall.at;
        let place = (*source, *n, *m, recall.dynamics, recall.flips);
        if (protocol == subject || is_rival(protocol))
            && let Some(pair) = measure.of_recall(recall)
        {
            places.entry(place).or_default().entry(protocol).or_default().insert(*trial, pair);
        }
    }
    let of_place = |(&place, protocols): (&Setting, &IndexMap<&str, Shares>)| -> Vec<Contrast> {
        let Some(ours) = protocols.get(subject) else { return Vec::new() };
        let rivals = protocols.iter().filter(|(label, _)| **label != subject);
        let sides = rivals.map(|(rival, theirs)| ((subject, ours), (*rival, theirs)));
        sides.filter_map(|(a, b)| contrast(a, b, place, measure, records.confidence)).collect()
    };
    let places: Vec<_> = places.iter().collect();
    let mut found: Vec<Contrast> = places.into_par_iter().flat_map_iter(of_place).collect();
    let mut families: IndexMap<(Source, u32), Vec<&mut Contrast>> = IndexMap::new();
    for contrast in &mut found {
        families.entry((contrast.source, contrast.n)).or_default().push(contrast);
    }
    for mut family in families.into_values() {
        let adjusted = stats::holm(&family.iter().map(|c| c.difference.p_value).collect::<Vec<_>>());
        let size = family.len();
        for (contrast, p) in family.iter_mut().zip(adjusted) {
            (contrast.difference.p_value, contrast.family) = (p, size);
        }
    }
    found
}

fn contrast(
    (subject, ours): (&str, &Shares),
    (rival, theirs): (&str, &Shares),
    (source, n, m, dynamics, flips): Setting,
    measure: Measure,
    confidence: f64,
) -> Option<Contrast> {
    let mut trials: Vec<u32> = ours.keys().copied().filter(|trial| theirs.contains_key(trial)).collect();
    trials.sort_unstable();
    let side = |of: &Shares| trials.iter().map(|trial| of[trial]).collect::<Vec<_>>();
    let (ours, theirs) = (side(ours), side(theirs));
    let difference = stats::paired_difference(&ours, &theirs, measure.range(), confidence, stats::RESAMPLES)?;
    let (subject, rival, trials) = (subject.to_owned(), rival.to_owned(), trials.len() as u32);
    Some(Contrast { subject, rival, source, n, m, dynamics, flips, measure, difference, trials, family: 1 })
}
