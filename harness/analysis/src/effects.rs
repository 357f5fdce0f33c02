//! This module estimates the effects that a study declares, from the records of its runs.
//!
//! What a message set gives to an effect is one number: the share of its queries that the one side gives less that
//! of the other, in the mean over the pairs of the effect and the noise levels of the region. Both sides met the same
//! messages and queries. An estimate is the mean of these numbers, every load weighing the same, the message sets
//! of all root seeds together. Its interval is Student's over message sets within loads
//! ([`stats::StratifiedMean`]), and simultaneous: all intervals of one N hold together with the study's confidence,
//! by Bonferroni's rule. A line in 1/N says what an effect tends to ([`stats::Limit`]), through the sizes at which it
//! is a mean over the same rules, where these are three or more; these limits are as many tests again, and share a
//! confidence in the same way.

use indexmap::IndexMap;
use protocols::Source;
use protocols::reading::Reader;
use rayon::prelude::*;
use serde::Serialize;
use stats::{Interval, Limit, StratifiedMean};
use std::collections::HashMap;
use study::claim::At;
use study::effects::{EffectSpec, EffectStudy, PairedEntries, StudySize};
use study::measure::Measure;
use study::record::Recall;
use study::records::Records;

/// A `StudyRun` is a run of a study: its name and what it recorded.
#[derive(Debug)]
pub struct StudyRun {
    /// Its name, as the study has it.
    pub name: String,
    /// Its records.
    pub records: Records,
}

/// An `EffectRow` is an effect under one reading.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EffectRow {
    /// The effect's name.
    pub effect: String,
    /// The reading of the one side; `best` where two sides bring their own.
    pub reading: String,
    /// What was found at every N, in the order of the study; absent where it has nothing to compare.
    pub sizes: Vec<Option<EffectAt>>,
    /// What it tends to for large N, where three sizes say so.
    pub limit: Option<EffectLimit>,
}

/// An `EffectAt` is an effect at one N.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EffectAt {
    /// Units N.
    pub n: u32,
    /// What is compared.
    pub pairs: Vec<PairedEntries>,
    /// Message sets on which both sides of all pairs are known.
    pub sets: usize,
    /// Message sets on which one of them failed or was not run.
    pub lacking: usize,
    /// The mean of the one side; absent where nothing is known.
    pub with: Option<f64>,
    /// The mean of the other side.
    pub without: Option<f64>,
    /// The difference.
    pub value: Option<f64>,
    /// Its standard error over message sets.
    pub error: Option<f64>,
    /// The lower end of its interval, simultaneous over the rows of this N.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// The difference in every run by itself, in the order of the study.
    pub by_run: Vec<Option<f64>>,
}

/// An `EffectLimit` is what an effect tends to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct EffectLimit {
    /// The line in 1/N at 0.
    pub value: f64,
    /// The lower end of its interval, simultaneous over all rows.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Sum of squared residuals in units of the standard errors.
    pub chi_squared: f64,
}

impl EffectAt {
    /// Returns whether the interval leaves 0 out and every run by itself has the same sign.
    pub fn is_shown(&self) -> bool {
        let (Some(low), Some(high)) = (self.low, self.high) else { return false };
        let same = |sign: f64| self.by_run.iter().all(|run| run.is_some_and(|value| value * sign > 0.0));
        (low > 0.0 && same(1.0)) || (high < 0.0 && same(-1.0))
    }
}

/// Estimates all effects. `runs` holds the runs of every size, in the order of the study.
pub fn effects(study: &EffectStudy, runs: &[Vec<StudyRun>]) -> Vec<EffectRow> {
    let asked: Vec<(&EffectSpec, &str)> = study
        .effect
        .iter()
        .flat_map(|effect| study.readings_of(effect).into_iter().map(move |reading| (effect, reading)))
        .collect();
    let found: Vec<Vec<Option<Found>>> = study
        .size
        .par_iter()
        .zip(runs)
        .map(|(size, runs)| {
            let shares: Vec<Shares<'_>> =
                runs.iter().map(|run| shares(study, size.n, &run.records)).collect();
            asked.iter().map(|&(effect, reading)| Found::of(size, effect, reading, &shares)).collect()
        })
        .collect();
    let together = |known: usize| 1.0 - (1.0 - study.confidence) / known.max(1) as f64;
    let confidences: Vec<f64> = found
        .iter()
        .map(|rows| together(rows.iter().flatten().filter(|row| row.mean.is_some()).count()))
        .collect();
    let limits: Vec<Option<Limit>> = (0..asked.len()).map(|i| limit(study, &found, i)).collect();
    let of_limits = together(limits.iter().flatten().count());
    let row = |(i, &(effect, reading)): (usize, &(&EffectSpec, &str))| EffectRow {
        effect: effect.name.clone(),
        reading: reading.to_owned(),
        sizes: found.iter().zip(&confidences).map(|(rows, &c)| Some(rows[i].as_ref()?.at(c))).collect(),
        limit: limits[i].map(|limit| {
            let Interval { low, high } = limit.interval(of_limits);
            EffectLimit { value: limit.value, low, high, chi_squared: limit.chi_squared }
        }),
    };
    asked.iter().enumerate().map(row).collect()
}

/// What an effect tends to, by the sizes at which it is a mean over the same rules: those that most sizes share.
fn limit(study: &EffectStudy, found: &[Vec<Option<Found>>], i: usize) -> Option<Limit> {
    let mut alike: IndexMap<Vec<&str>, Vec<(f64, f64, f64)>> = IndexMap::new();
    for (size, rows) in study.size.iter().zip(found) {
        let Some(row) = &rows[i] else { continue };
        let Some(mean) = row.mean else { continue };
        let rules = row.pairs.iter().map(|pair| pair.rule.as_str()).collect();
        alike.entry(rules).or_default().push((f64::from(size.n), mean.value, mean.error));
    }
    // Of equals the first: there the sizes are smaller, and known better.
    let most = alike.values().map(Vec::len).max()?;
    alike.values().find(|means| means.len() == most).and_then(|means| Limit::of(means))
}

/// A message set of a run: its source, M and number.
type Set = (Source, u32, u32);

/// The share of queries that a protocol's memory gives under a reader on a message set, in the mean over the noise
/// levels of the region.
type Shares<'a> = HashMap<(&'a str, Reader), IndexMap<Set, f64>>;

/// A sum of shares and how many they are, by message set.
type Sums = IndexMap<Set, (f64, f64)>;

fn shares<'a>(study: &EffectStudy, n: u32, records: &'a Records) -> Shares<'a> {
    let mut sums: HashMap<(&str, Reader), Sums> = HashMap::new();
    for recall in &records.recalls {
        if recall.at.n != n || !study.region.has(&place(recall)) {
            continue;
        }
        let Some((sum, queries)) = study.measure.of_recall(recall).filter(|pair| pair.1 > 0.0) else {
            continue;
        };
        let set = (recall.at.source, recall.at.m, recall.at.trial);
        let of = sums.entry((recall.at.protocol.as_str(), recall.dynamics)).or_default();
        let mean = of.entry(set).or_insert((0.0, 0.0));
        *mean = (mean.0 + sum / queries, mean.1 + 1.0);
    }
    let mean = |sets: Sums| sets.into_iter().map(|(set, (sum, n))| (set, sum / n)).collect();
    sums.into_iter().map(|(side, sets)| (side, mean(sets))).collect()
}

/// Where a read stands for a region, which does not ask for the reader: an effect says which it is.
pub(super) fn place(recall: &Recall) -> At {
    let (n, m) = (recall.at.n, Some(recall.at.m));
    At { source: recall.at.source, dynamics: None, n, m, flips: Some(recall.flips) }
}

/// What is known of an effect at one N before its confidence is.
struct Found {
    n: u32,
    pairs: Vec<PairedEntries>,
    lacking: usize,
    sets: usize,
    sides: Option<(f64, f64)>,
    mean: Option<StratifiedMean>,
    by_run: Vec<Option<f64>>,
}

impl Found {
    fn of(size: &StudySize, effect: &EffectSpec, reading: &str, runs: &[Shares<'_>]) -> Option<Self> {
        let pairs = size.pairs(effect, reading);
        if pairs.is_empty() {
            return None;
        }
        let (mut strata, mut sums, mut lacking) = (Strata::new(), (0.0, 0.0), 0);
        let mut by_run = Vec::new();
        for shares in runs {
            let mut of_run = Strata::new();
            let all: indexmap::IndexSet<Set> =
                shares.values().flat_map(|sets| sets.keys().copied()).collect();
            for set in all {
                match sides(&pairs, shares, set) {
                    Some((with, without)) => {
                        of_run.entry((set.0, set.1)).or_default().push(with - without);
                        sums = (sums.0 + with, sums.1 + without);
                    }
                    None => lacking += 1,
                }
            }
            by_run.push(mean(&of_run));
            for (stratum, clusters) in of_run {
                strata.entry(stratum).or_default().extend(clusters);
            }
        }
        let sets = strata.values().map(Vec::len).sum::<usize>();
        let strata: Vec<Vec<f64>> = strata.into_values().collect();
        let sides = (sets > 0).then(|| (sums.0 / sets as f64, sums.1 / sets as f64));
        let mean = StratifiedMean::of(&strata);
        Some(Self { n: size.n, pairs, lacking, sets, sides, mean, by_run })
    }

    fn at(&self, confidence: f64) -> EffectAt {
        let interval = self.mean.map(|mean| mean.interval(confidence));
        EffectAt {
            n: self.n,
            pairs: self.pairs.clone(),
            sets: self.sets,
            lacking: self.lacking,
            with: self.sides.map(|sides| sides.0),
            without: self.sides.map(|sides| sides.1),
            value: self.mean.map(|mean| mean.value),
            error: self.mean.map(|mean| mean.error),
            low: interval.map(|interval| interval.low),
            high: interval.map(|interval| interval.high),
            by_run: self.by_run.clone(),
        }
    }
}

/// Differences by source and M.
type Strata = IndexMap<(Source, u32), Vec<f64>>;

/// The mean over strata, each weighing the same; none where there are none.
fn mean(strata: &Strata) -> Option<f64> {
    let means = strata.values().map(|clusters| clusters.iter().sum::<f64>() / clusters.len() as f64);
    (!strata.is_empty()).then(|| means.sum::<f64>() / strata.len() as f64)
}

/// Both sides of all pairs on one message set; none where one of them is not known.
fn sides(pairs: &[PairedEntries], shares: &Shares<'_>, set: Set) -> Option<(f64, f64)> {
    let of = |label: &str, reader: Reader| shares.get(&(label, reader))?.get(&set).copied();
    let mut sums = (0.0, 0.0);
    for pair in pairs {
        sums.0 += of(&pair.with.0, pair.with.1)?;
        sums.1 += of(&pair.without.0, pair.without.1)?;
    }
    let count = pairs.len() as f64;
    Some((sums.0 / count, sums.1 / count))
}

/// Names of the protocols and readers that a study's entries name and a run has not.
pub fn unknown_entries(study: &EffectStudy, size: &StudySize, records: &Records) -> Vec<String> {
    debug_assert!(Measure::OF_RECALLS.contains(&study.measure));
    let known: std::collections::HashSet<(&str, Reader)> =
        records.recalls.iter().map(|recall| (recall.at.protocol.as_str(), recall.dynamics)).collect();
    let entries = size.rules.values().flat_map(|readings| readings.values()).chain(size.sides.values());
    let unknown = entries.filter(|entry| !known.contains(&(entry.0.as_str(), entry.1)));
    let mut names: Vec<String> = unknown.map(|entry| format!("{:?} read by {}", entry.0, entry.1)).collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocols::Corruption;
    use protocols::probe::Recovery;
    use std::path::Path;
    use study::record::Coordinates;
    use study::record::sample::{coordinates, recall};

    const STUDY: &str = r#"
question = "What does it?"
analysis = "By hand."
measure = "recovered"
region = { noise = [0.1] }

[[size]]
n = 64
runs = ["a", "b"]

[size.rules]
"TRN, trained" = { sync = ["T", "sync"], soft = ["T", "soft"] }
"TRN, zero" = { sync = ["Z", "sync"], soft = ["Z", "soft"] }

[[effect]]
name = "diagonal"
question = "What does it do?"
with = ["trained"]
without = ["zero"]
"#;

    fn study() -> EffectStudy {
        EffectStudy::parse(Path::new("by-hand.toml"), STUDY).expect("a study")
    }

    /// Reads of two protocols on `trials` message sets at M = 8 and 16, with `recovered(label, m, trial)` of 100
    /// queries at 6 flips, and all of them at none.
    fn run(trials: u32, recovered: impl Fn(&str, u32, u32) -> u32) -> StudyRun {
        let mut records = Records::default();
        for (label, m, trial) in ["T", "Z"]
            .into_iter()
            .flat_map(|label| [8, 16].map(|m| (label, m)))
            .flat_map(|(label, m)| (0..trials).map(move |trial| (label, m, trial)))
        {
            let at = Coordinates { trial, ..coordinates(&format!("{label}-{m}-{trial}"), label, m) };
            for (flips, dynamics) in [(0, "sync"), (6, "sync"), (6, "soft")] {
                let recovered = if flips == 0 { 100 } else { recovered(label, m, trial) };
                records.recalls.push(Recall {
                    flips: Corruption::flips(flips),
                    dynamics: dynamics.parse().expect("a reader"),
                    reads: Recovery { queries: 100, recovered, ..Recovery::default() },
                    ..recall(at.clone())
                });
            }
        }
        StudyRun { name: "a".to_owned(), records }
    }

    #[test]
    fn an_effect_is_the_mean_over_loads_of_paired_differences() {
        // 10 of 100 at M = 8 and 20, 24, ... of 100 at M = 16, on top of what differs between message sets.
        let recovered = |label: &str, m: u32, trial: u32| {
            let gain = if m == 8 { 10 } else { 20 + 4 * (trial % 2) };
            30 + 5 * (trial % 3) + u32::from(label == "T") * gain
        };
        let runs = vec![vec![run(6, recovered), run(4, recovered)]];
        let rows = effects(&study(), &runs);
        assert_eq!(rows.iter().map(|row| row.reading.as_str()).collect::<Vec<_>>(), ["sync", "soft"]);
        let found = rows[0].sizes[0].as_ref().expect("something to compare");
        assert!((found.value.unwrap() - (0.10 + 0.22) / 2.0).abs() < 1e-12);
        assert_eq!((found.sets, found.lacking), (20, 0));
        // Within M = 8 nothing varies; within M = 16 ten sets of +-.02: s^2 = 10/9 * .0004.
        let error = (0.0004 / 9.0_f64).sqrt() / 2.0;
        assert!((found.error.unwrap() - error).abs() < 1e-12);
        assert!((found.with.unwrap() - found.without.unwrap() - found.value.unwrap()).abs() < 1e-12);
        assert!(found.is_shown());
        // Two rows share the 5 %: Student's t of 9 degrees of freedom at 1 - .05/4, from tables (2.685).
        let half = found.high.unwrap() - found.value.unwrap();
        assert!((half / error - 2.685).abs() < 0.001, "{}", half / error);
        assert_eq!(rows[0].limit, None);
    }

    #[test]
    fn an_effect_of_one_seed_alone_is_not_shown() {
        let gain = |label: &str, gain: u32, loss: u32| if label == "T" { 50 + gain - loss } else { 50 };
        let (better, worse) = (run(8, |l, _, t| gain(l, 20 + t % 2, 0)), run(8, |l, _, t| gain(l, t % 2, 3)));
        let rows = effects(&study(), &[vec![better, worse]]);
        let found = rows[0].sizes[0].as_ref().unwrap();
        assert!(found.by_run[0].unwrap() > 0.0 && found.by_run[1].unwrap() < 0.0);
        assert!(!found.is_shown());
    }

    #[test]
    fn what_was_not_run_is_counted() {
        let whole = run(4, |_, _, t| 50 + t);
        let mut half = run(4, |_, _, t| 50 + t);
        half.records.recalls.retain(|recall| recall.at.protocol == "T" || recall.at.trial < 3);
        let unknown = unknown_entries(&study(), &study().size[0], &half.records);
        assert!(unknown.is_empty(), "{unknown:?}");
        let rows = effects(&study(), &[vec![whole, half]]);
        let found = rows[0].sizes[0].as_ref().unwrap();
        assert_eq!((found.sets, found.lacking), (14, 2));
        let mut none = run(4, |_, _, _| 1);
        none.records.recalls.retain(|recall| recall.at.protocol == "Z");
        let names = unknown_entries(&study(), &study().size[0], &none.records);
        assert_eq!(names, ["\"T\" read by soft", "\"T\" read by sync"]);
        let rows = effects(&study(), &[vec![none]]);
        let found = rows[0].sizes[0].as_ref().unwrap();
        assert_eq!((found.sets, found.value, found.is_shown()), (0, None, false));
    }

    #[test]
    fn three_sizes_say_what_an_effect_tends_to() {
        let mut study = study();
        let size = study.size[0].clone();
        study.size = [32, 64, 128].map(|n| StudySize { n, ..size.clone() }).to_vec();
        let at = |n: u32| {
            let mut run = run(6, |label, _, trial| 30 + u32::from(label == "T") * (20 + trial % 2 + 640 / n));
            run.records.recalls.iter_mut().for_each(|recall| recall.at.n = n);
            vec![run]
        };
        study.region.noise = None;
        let runs = [32, 64, 128].map(at);
        let rows = effects(&study, &runs);
        // Reads without flips count too by sync: the same on both sides, half of the reads.
        let limit = rows[0].limit.expect("three sizes");
        assert!((limit.value - 0.205 / 2.0).abs() < 1e-9, "{limit:?}");
        assert!(limit.low < limit.value && limit.value < limit.high && limit.chi_squared < 1e-9);
        // Where a size has another rule besides, the means are of different things.
        let more = study.size[1].rules["TRN, zero"].clone();
        study.size[1].rules.insert("TRN, trained, thresholds".to_owned(), more.clone());
        study.size[1].rules.insert("TRN, zero, thresholds".to_owned(), more);
        assert_eq!(effects(&study, &runs)[0].limit, None);
    }
}
