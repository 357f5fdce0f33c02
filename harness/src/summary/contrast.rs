//! Contrasts: what one protocol is better or worse than each of the others by, condition by condition, paired over trials.

use super::{CONFIDENCE, Estimate, Measure, Records};
use crate::record::Coordinates;
use crate::stats::{self, Difference};
use indexmap::IndexMap;
use protocols::reading::Dynamics;
use protocols::{Source, Stream};
use std::collections::HashMap;

/// Subject less rival under one condition, over the trials that both have.
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
    pub dynamics: Dynamics,
    /// Flipped bits of the queries.
    pub flips: u32,
    /// What is compared.
    pub measure: Measure,
    /// The difference with its 95 % interval; its p-value is adjusted by Holm over all contrasts made together.
    pub difference: Difference,
    /// Trials that both have.
    pub trials: u32,
}

impl Contrast {
    /// Differences whose adjusted p-value is at most this are more than chance.
    pub const LEVEL: f64 = 0.05;

    /// Whether it belongs to the condition of an estimate.
    pub fn is_at(&self, e: &Estimate) -> bool {
        (self.source, self.n, self.m) == (e.source, e.n, e.m)
            && (Some(self.dynamics), Some(self.flips)) == (e.dynamics, e.flips)
    }

    /// Whether the difference is more than chance.
    pub fn is_significant(&self) -> bool {
        self.difference.p_value <= Self::LEVEL
    }
}

/// Numerator and denominator of every trial.
type Shares = HashMap<u32, (f64, f64)>;

/// Source, N, M, dynamics and flips.
type Place = (Source, u32, u32, Dynamics, u32);

/// The contrasts of `subject` with every other protocol, in the measure of reading `measure`, wherever `wanted` says of label
/// and place. All that are wanted are one family of tests.
pub fn contrasts(
    records: &Records,
    measure: Measure,
    subject: &str,
    wanted: impl Fn(&str, Place) -> bool,
) -> Vec<Contrast> {
    let mut places: IndexMap<Place, IndexMap<&str, Shares>> = IndexMap::new();
    for recall in &records.recalls {
        let Coordinates { protocol, source, n, m, trial, .. } = &recall.at;
        let place = (*source, *n, *m, recall.dynamics, recall.flips);
        if wanted(protocol, place)
            && let Some(pair) = measure.of_recall(recall)
        {
            places.entry(place).or_default().entry(protocol).or_default().insert(*trial, pair);
        }
    }
    let mut found = Vec::new();
    for (&place, protocols) in &places {
        let Some(ours) = protocols.get(subject) else { continue };
        for (rival, theirs) in protocols.iter().filter(|(label, _)| **label != subject) {
            found.extend(contrast((subject, ours), (rival, theirs), place, measure));
        }
    }
    let adjusted = stats::holm(&found.iter().map(|c: &Contrast| c.difference.p_value).collect::<Vec<_>>());
    for (contrast, p) in found.iter_mut().zip(adjusted) {
        contrast.difference.p_value = p;
    }
    found
}

fn contrast(
    (subject, ours): (&str, &Shares),
    (rival, theirs): (&str, &Shares),
    (source, n, m, dynamics, flips): Place,
    measure: Measure,
) -> Option<Contrast> {
    let mut trials: Vec<u32> = ours.keys().copied().filter(|trial| theirs.contains_key(trial)).collect();
    trials.sort_unstable();
    let side = |of: &Shares| trials.iter().map(|trial| of[trial]).collect::<Vec<_>>();
    let name = format!("contrast/{subject}/{rival}/{}/{}/{}", source.name(), dynamics.name(), measure.name());
    let mut stream = Stream::named(0, &name, &[("n", n.into()), ("m", m.into()), ("d", flips.into())]);
    let difference = stats::paired_difference(
        &side(ours),
        &side(theirs),
        measure.range(),
        CONFIDENCE,
        stats::RESAMPLES,
        &mut stream,
    )?;
    let (subject, rival, trials) = (subject.to_owned(), rival.to_owned(), trials.len() as u32);
    Some(Contrast { subject, rival, source, n, m, dynamics, flips, measure, difference, trials })
}
