//! This module makes estimates with intervals. Figures, tables and claims read them instead of records.
//!
//! Estimates are a pure function of the records. The unit is the trial: a share of queries is a ratio of sums
//! over trials, and its interval resamples trials (see [`stats`]), by draws that depend on their number
//! alone, so an estimate does not depend on which others are made.

mod contrast;
mod critical;
mod leaders;
mod radius;
mod ranking;
#[cfg(test)]
mod tests;

pub use contrast::{Contrast, contrasts};
pub use critical::{CriticalLoad, critical_loads};
pub use leaders::{Place, leaders, place};
pub use radius::{NoiseRadius, noise_radii};
pub use ranking::{Rank, rankings};

use indexmap::IndexMap;
use protocols::reading::Reader;
use protocols::{Corruption, Source};
use rayon::prelude::*;
use serde::Serialize;
use stats;
use std::collections::{BTreeSet, HashMap, HashSet};
use study::measure::Measure;
use study::record::Status;
use study::record::{Coordinates, Memory, Recall};
use study::records::Records;

/// An `Estimate` is one estimate over the trials of one condition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The protocol's label.
    pub protocol: String,
    /// Its parameters, canonical JSON.
    pub parameters: String,
    /// Where the messages come from.
    pub source: Source,
    /// Units N.
    pub n: u32,
    /// Messages M.
    pub m: u32,
    /// M/N.
    pub load: f64,
    /// Read dynamics, for measures of reading.
    pub dynamics: Option<Reader>,
    /// Flipped bits, for measures of reading.
    pub flips: Option<Corruption>,
    /// What is estimated.
    pub measure: Measure,
    /// The estimate; absent where every trial failed.
    pub value: Option<f64>,
    /// Lower end of the interval, whose confidence [`Records`] states.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Trials that the estimate rests on.
    pub trials: u32,
    /// Trials that failed.
    pub failed: u32,
    /// The worst status among the failed.
    pub status: Status,
}

impl Estimate {
    /// Returns the noise level d/N, for measures of reading.
    pub fn noise(&self) -> Option<f64> {
        self.flips.map(|d| f64::from(d) / f64::from(self.n))
    }
}

/// Computes the estimates of every measure in `records`. They go by protocol, source, N, M, dynamics and
/// flips in the order they appear.
pub fn summarise(records: &Records) -> Vec<Estimate> {
    let mut estimates = memory_estimates(records, &Measure::OF_MEMORIES);
    estimates.extend(recall_estimates(records, &Measure::OF_RECALLS));
    estimates.extend(timing_estimates(records));
    estimates
}

/// Computes the estimates of one measure, the same as [`summarise`] gives.
pub(crate) fn summarise_measure(records: &Records, measure: Measure) -> Vec<Estimate> {
    match measure {
        Measure::WriteSeconds => timing_estimates(records),
        _ if Measure::OF_MEMORIES.contains(&measure) => memory_estimates(records, &[measure]),
        _ => recall_estimates(records, &[measure]),
    }
}

/// What the trials of one condition have in common.
type ConditionKey<'a> = (&'a str, &'a str, Source, u32, u32);

fn condition(at: &Coordinates) -> ConditionKey<'_> {
    (&at.protocol, &at.parameters, at.source, at.n, at.m)
}

/// Trials that failed in one condition, and the worst way.
#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    worst: Status,
}

fn failures(memories: &[Memory]) -> IndexMap<ConditionKey<'_>, Failures> {
    let mut failures = IndexMap::new();
    for memory in memories {
        let entry = failures.entry(condition(&memory.at)).or_insert(Failures { count: 0, worst: Status::Ok });
        entry.count += u32::from(memory.status != Status::Ok);
        entry.worst = entry.worst.max(memory.status);
    }
    failures
}

fn memory_estimates(records: &Records, measures: &[Measure]) -> Vec<Estimate> {
    let failed = failures(&records.memories);
    let mut groups: IndexMap<ConditionKey<'_>, Vec<&Memory>> = IndexMap::new();
    for memory in &records.memories {
        let group = groups.entry(condition(&memory.at)).or_default();
        group.extend(memory.figures.is_some().then_some(memory));
    }
    // Where all cells failed nobody knows which probes there were.
    let all_failed = groups.values().all(Vec::is_empty);
    let is_taken = |measure: Measure| {
        all_failed || groups.values().flatten().any(|memory| measure.of_memory(memory).is_some())
    };
    let mut estimates = Vec::new();
    for (condition, memories) in &groups {
        for &measure in measures {
            let trials: Vec<(f64, f64)> = memories.iter().filter_map(|m| measure.of_memory(m)).collect();
            // A measure that no probe took is left out; one that every trial failed is not.
            if !trials.is_empty() || memories.is_empty() && is_taken(measure) {
                let failed = failed[condition];
                estimates.push(estimate(condition, None, measure, &trials, failed, records.confidence));
            }
        }
    }
    estimates
}

fn recall_estimates(records: &Records, measures: &[Measure]) -> Vec<Estimate> {
    let failed = failures(&records.memories);
    let mut groups: IndexMap<Read<'_>, Vec<&Recall>> = IndexMap::new();
    for recall in &records.recalls {
        groups.entry((condition(&recall.at), recall.dynamics, recall.flips)).or_default().push(recall);
    }
    for read in unread(&groups, &failed) {
        groups.insert(read, Vec::new());
    }
    let of = |((condition, dynamics, flips), recalls): (&Read<'_>, &Vec<&Recall>)| -> Vec<Estimate> {
        let none = Failures { count: 0, worst: Status::Ok };
        let failed = failed.get(condition).copied().unwrap_or(none);
        let one = |&measure: &Measure| {
            let trials: Vec<(f64, f64)> = recalls.iter().filter_map(|r| measure.of_recall(r)).collect();
            estimate(condition, Some((*dynamics, *flips)), measure, &trials, failed, records.confidence)
        };
        measures.iter().map(one).collect()
    };
    let groups: Vec<_> = groups.iter().collect();
    groups.into_par_iter().flat_map_iter(of).collect()
}

/// A condition under which a memory is read.
type Read<'a> = (ConditionKey<'a>, Reader, Corruption);

/// A memory that was never written leaves no reads behind. Where all trials of a condition failed, its reads
/// are those that other protocols had at the same source, N and M, or at the same source and N.
fn unread<'a>(
    groups: &IndexMap<Read<'a>, Vec<&Recall>>,
    failed: &IndexMap<ConditionKey<'a>, Failures>,
) -> Vec<Read<'a>> {
    /// Source, N and M; without M it stands for all M.
    type SizeRead = (Source, u32, Option<u32>);
    let read: HashSet<&ConditionKey<'_>> = groups.keys().map(|(condition, ..)| condition).collect();
    let mut reads: HashMap<SizeRead, BTreeSet<(Reader, Corruption)>> = HashMap::new();
    for ((.., source, n, m), dynamics, flips) in groups.keys() {
        for m in [Some(*m), None] {
            reads.entry((*source, *n, m)).or_default().insert((*dynamics, *flips));
        }
    }
    let lost = failed.iter().filter(|(condition, f)| f.count > 0 && !read.contains(condition));
    let of = |condition: &ConditionKey<'a>| {
        let (.., source, n, m) = condition;
        let known = reads.get(&(*source, *n, Some(*m))).or_else(|| reads.get(&(*source, *n, None)));
        known.into_iter().flatten().map(|&(dynamics, flips)| (*condition, dynamics, flips)).collect()
    };
    lost.flat_map(|(condition, _)| -> Vec<Read<'a>> { of(condition) }).collect()
}

fn estimate(
    condition: &ConditionKey<'_>,
    read: Option<(Reader, Corruption)>,
    measure: Measure,
    trials: &[(f64, f64)],
    failed: Failures,
    confidence: f64,
) -> Estimate {
    let &(protocol, parameters, source, n, m) = condition;
    let (dynamics, flips) = read.unzip();
    // Queries go round the messages: those that no query reached say nothing.
    let reached = trials.iter().map(|trial| trial.1).fold(f64::INFINITY, f64::min);
    let units = f64::from(m).min(reached).max(1.0) as u32;
    let found = stats::cluster_ratio_of_units(trials, units, measure.range(), confidence, stats::RESAMPLES);
    Estimate {
        protocol: protocol.to_owned(),
        parameters: parameters.to_owned(),
        source,
        n,
        m,
        load: f64::from(m) / f64::from(n),
        dynamics,
        flips,
        measure,
        value: found.map(|(value, _)| value),
        low: found.map(|(_, interval)| interval.low),
        high: found.map(|(_, interval)| interval.high),
        trials: trials.len() as u32,
        failed: failed.count,
        status: failed.worst,
    }
}

/// Median write times; their interval is the range of the middle half, because times are not a sample of anything but
/// this machine's noise.
fn timing_estimates(records: &Records) -> Vec<Estimate> {
    let failed = failures(&records.memories);
    let lost = records.memories.iter().filter(|memory| memory.status != Status::Ok);
    let lost: HashSet<&str> = lost.map(|memory| memory.at.cell.as_str()).collect();
    let mut groups: IndexMap<ConditionKey<'_>, Vec<f64>> = IndexMap::new();
    for timing in &records.timings {
        let group = groups.entry(condition(&timing.at)).or_default();
        // A write that failed took as long as it was let.
        if !lost.contains(timing.at.cell.as_str()) {
            group.push(timing.write_seconds);
        }
    }
    let none = Failures { count: 0, worst: Status::Ok };
    let one = |(condition, seconds): (&ConditionKey<'_>, &Vec<f64>)| {
        let failed = failed.get(condition).copied().unwrap_or(none);
        Estimate {
            value: stats::median(seconds),
            low: stats::quantile(seconds, 0.25),
            high: stats::quantile(seconds, 0.75),
            trials: seconds.len() as u32,
            ..estimate(condition, None, Measure::WriteSeconds, &[], failed, records.confidence)
        }
    };
    groups.iter().map(one).collect()
}
