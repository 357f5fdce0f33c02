//! A ranking orders protocols by their paired difference to one of them, in the mean over all conditions.

use indexmap::IndexMap;
use protocols::Source;
use protocols::reading::Reader;
use rayon::prelude::*;
use stats::{self, RatioDifference};
use std::collections::BTreeMap;
use study::measure::Measure;
use study::record::{Coordinates, Recall};
use study::records::Records;

/// A `Rank` is one protocol's mean over all loads and noise levels of a source, N and reader, less that of the
/// protocol that all are compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Rank {
    /// The protocol's label.
    pub protocol: String,
    /// Its parameters, canonical JSON.
    pub parameters: String,
    /// The protocol that it is compared with, by its label: the best, or the subject.
    pub against: String,
    /// Where the messages come from.
    pub source: Source,
    /// Units N.
    pub n: u32,
    /// The reader.
    pub dynamics: Reader,
    /// What is compared.
    pub measure: Measure,
    /// Its mean over conditions and trials.
    pub mean: f64,
    /// The difference with its interval; none for the protocol that all are compared with.
    pub difference: Option<RatioDifference>,
    /// Conditions of load and noise that the mean is over: those that every protocol has.
    pub conditions: usize,
    /// Trials that both have in all of these.
    pub trials: u32,
}

/// Messages and corruption.
type Condition = (u32, protocols::Corruption);

/// The share of every condition, by trial.
type Shares = BTreeMap<u32, BTreeMap<Condition, f64>>;

/// The shares of protocols, by their labels and parameters.
type ByProtocol<'a> = IndexMap<(&'a str, &'a str), Shares>;

/// Ranks protocols, the best first, in every source, N and reader that `recalls` of the records have.
///
/// All are compared with `subject`, or where it is none or was not run, with the best. The mean is over the conditions
/// that every protocol has, and over the trials that have all of these.
pub fn rankings(
    records: &Records,
    measure: Measure,
    subject: Option<&str>,
    is_shown: impl Fn(&Recall) -> bool,
) -> Vec<Rank> {
    let mut panels: IndexMap<(Source, u32, Reader), ByProtocol<'_>> = IndexMap::new();
    for recall in records.recalls.iter().filter(|recall| is_shown(recall)) {
        let Coordinates { protocol, parameters, source, n, m, trial, .. } = &recall.at;
        let Some((part, whole)) = measure.of_recall(recall).filter(|pair| pair.1 > 0.0) else { continue };
        let of = panels.entry((*source, *n, recall.dynamics)).or_default();
        let shares = of.entry((protocol, parameters)).or_default();
        shares.entry(*trial).or_default().insert((*m, recall.flips), part / whole);
    }
    let ranked = panels
        .into_iter()
        .map(|(place, protocols)| ranked(place, &protocols, measure, subject, records.confidence));
    ranked.flatten().collect()
}

fn ranked(
    (source, n, dynamics): (Source, u32, Reader),
    protocols: &ByProtocol<'_>,
    measure: Measure,
    subject: Option<&str>,
    confidence: f64,
) -> Vec<Rank> {
    let has = |shares: &Shares, at: &Condition| shares.values().any(|of| of.contains_key(at));
    let of_first = protocols.values().flat_map(|shares| shares.values().flat_map(|of| of.keys().copied()));
    let mut conditions: Vec<Condition> =
        of_first.filter(|at| protocols.values().all(|shares| has(shares, at))).collect();
    conditions.sort_unstable();
    conditions.dedup();
    if conditions.is_empty() {
        return Vec::new();
    }
    // A trial that lacks a condition would shift the mean.
    let mean_of = |of: &BTreeMap<Condition, f64>| -> Option<f64> {
        let sum = conditions.iter().map(|at| of.get(at).copied()).sum::<Option<f64>>()?;
        Some(sum / conditions.len() as f64)
    };
    let means: Vec<BTreeMap<u32, f64>> = protocols
        .values()
        .map(|shares| shares.iter().filter_map(|(&trial, of)| Some((trial, mean_of(of)?))).collect())
        .collect();
    let mean = |of: &BTreeMap<u32, f64>| of.values().sum::<f64>() / of.len() as f64;
    let mut order: Vec<usize> = (0..means.len()).filter(|&i| !means[i].is_empty()).collect();
    order.sort_by(|&a, &b| mean(&means[b]).total_cmp(&mean(&means[a])).then(a.cmp(&b)));
    let label = |i: usize| *protocols.get_index(i).expect("one of them").0;
    let Some(&best) = order.first() else { return Vec::new() };
    let against = order.iter().copied().find(|&i| Some(label(i).0) == subject).unwrap_or(best);
    let rank = |&i: &usize| {
        let both: Vec<u32> = means[i].keys().copied().filter(|t| means[against].contains_key(t)).collect();
        let side = |of: &BTreeMap<u32, f64>| both.iter().map(|t| (of[t], 1.0)).collect::<Vec<_>>();
        let (ours, theirs) = (side(&means[i]), side(&means[against]));
        let compared =
            || stats::paired_difference(&ours, &theirs, measure.range(), confidence, stats::RESAMPLES);
        Rank {
            protocol: label(i).0.to_owned(),
            parameters: label(i).1.to_owned(),
            against: label(against).0.to_owned(),
            source,
            n,
            dynamics,
            measure,
            mean: mean(&means[i]),
            difference: if i == against { None } else { compared() },
            conditions: conditions.len(),
            trials: both.len() as u32,
        }
    };
    order.par_iter().map(rank).collect()
}
