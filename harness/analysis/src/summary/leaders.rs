//! This module says which protocols lead under a condition: the best, and those that its trials do not tell apart
//! from it.

use super::Estimate;
use indexmap::IndexMap;
use protocols::reading::Reader;
use protocols::{Corruption, Source};
use std::collections::{HashMap, HashSet};
use study::measure::Measure;
use study::record::Coordinates;
use study::records::Records;

/// A `Place` is source, N, M, and how memories were read, where they were.
pub type Place = (Source, u32, u32, Option<Reader>, Option<Corruption>);

/// Returns where an estimate is of.
pub fn place(e: &Estimate) -> Place {
    (e.source, e.n, e.m, e.dynamics, e.flips)
}

/// Numerator and denominator of every trial.
type Shares = HashMap<u32, (f64, f64)>;

/// Returns the leaders at each of the `places`: the protocol that is best in `measure`, and every other whose paired
/// difference from it has an interval with 0 in it. What is measured by the clock has no leaders.
pub fn leaders(records: &Records, measure: Measure, places: &HashSet<Place>) -> HashSet<(Place, String)> {
    let mut found: IndexMap<Place, IndexMap<&str, Shares>> = IndexMap::new();
    let mut add =
        |at: &'_ Coordinates, label, reads: Option<(Reader, Corruption)>, pair: Option<(f64, f64)>| {
            let place = (at.source, at.n, at.m, reads.map(|reads| reads.0), reads.map(|reads| reads.1));
            if let Some(pair) = pair.filter(|_| places.contains(&place)) {
                found.entry(place).or_default().entry(label).or_default().insert(at.trial, pair);
            }
        };
    if Measure::OF_RECALLS.contains(&measure) {
        for recall in &records.recalls {
            let reads = Some((recall.dynamics, recall.flips));
            add(&recall.at, recall.at.protocol.as_str(), reads, measure.of_recall(recall));
        }
    } else if measure != Measure::WriteSeconds {
        for memory in &records.memories {
            add(&memory.at, memory.at.protocol.as_str(), None, measure.of_memory(memory));
        }
    }
    let of_place = |(place, protocols): (Place, IndexMap<&str, Shares>)| {
        let ahead = ahead(&protocols, measure, records.confidence);
        ahead.into_iter().map(|label| (place, label.to_owned())).collect::<Vec<_>>()
    };
    found.into_iter().flat_map(of_place).collect()
}

/// The best, and those that are not told apart from it.
fn ahead<'a>(protocols: &IndexMap<&'a str, Shares>, measure: Measure, confidence: f64) -> Vec<&'a str> {
    let sign = if measure.more_is_better() { 1.0 } else { -1.0 };
    let share = |shares: &Shares| {
        let sum = shares.values().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
        if sum.1 > 0.0 { sign * sum.0 / sum.1 } else { f64::NEG_INFINITY }
    };
    let Some((_, best)) = protocols.iter().max_by(|a, b| share(a.1).total_cmp(&share(b.1))) else {
        return Vec::new();
    };
    let level = |shares: &Shares| {
        if share(shares) == share(best) {
            return true;
        }
        let mut trials: Vec<u32> = best.keys().copied().filter(|trial| shares.contains_key(trial)).collect();
        trials.sort_unstable();
        let side = |of: &Shares| trials.iter().map(|trial| of[trial]).collect::<Vec<_>>();
        let difference = stats::paired_difference(
            &side(best),
            &side(shares),
            measure.range(),
            confidence,
            stats::RESAMPLES,
        );
        difference.is_some_and(|found| found.interval.low <= 0.0 && found.interval.high >= 0.0)
    };
    protocols.iter().filter(|(_, shares)| level(shares)).map(|(label, _)| *label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(counts: &[u32]) -> Shares {
        (0..).zip(counts).map(|(trial, &count)| (trial, (f64::from(count), 20.0))).collect()
    }

    #[test]
    fn who_is_as_good_by_the_paired_interval_leads_too() {
        // B is one ahead in some sets and behind in others; C is always five behind.
        let a = [10, 12, 14, 10, 12, 14, 10, 12];
        let b = [11, 11, 14, 9, 13, 14, 9, 12];
        let c = a.map(|count| count - 5);
        let protocols = IndexMap::from([("C", shares(&c)), ("A", shares(&a)), ("B", shares(&b))]);
        assert_eq!(ahead(&protocols, Measure::Recovered, 0.95), ["A", "B"]);
        // Of errors the fewest are best.
        assert_eq!(ahead(&protocols, Measure::BitErrors, 0.95), ["C"]);
        assert_eq!(ahead(&IndexMap::new(), Measure::Recovered, 0.95), [""; 0]);
    }
}
