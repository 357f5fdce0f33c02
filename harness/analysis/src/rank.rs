//! This module puts the rules of a study in order under each reading.
//!
//! First stands the rule with the largest share of the study's measure, in the mean over its region. Beside each stand
//! the loads at which half of the queries are recovered ([`critical_loads`]), and what its memory is like at the load
//! nearest to one half. Each rule is compared with the first on the same message sets: the differences are the
//! effects of a study ([`effects`]), so all of one N hold together with the study's confidence. A rule whose
//! interval reaches 0 is level with the first.

use crate::effects::{StudyRun, effects, place};
use crate::summary::{CriticalLoad, critical_loads};
use indexmap::IndexMap;
use protocols::Spec;
use serde::Serialize;
use stats::Crossing;
use study::effects::{EffectSpec, EffectStudy, RuleReading, StudySize};
use study::measure::Measure;
use study::record::Coordinates;
use study::records::Records;

/// The load at which a memory is described.
const DESCRIBED: f64 = 0.5;

/// A `Ranking` has the rules of one N in order, under one reading.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ranking {
    /// Units N.
    pub n: u32,
    /// The reading.
    pub reading: String,
    /// The rules, the first ahead.
    pub rules: Vec<RankedRule>,
}

/// A `RankedRule` is a rule at its best under a reading.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RankedRule {
    /// The rule.
    pub rule: String,
    /// The protocol's label in the runs, and the reader.
    pub entry: RuleReading,
    /// The mean share over the region of the study.
    pub share: f64,
    /// That less the share of the first; absent for the first.
    pub behind: Option<Behind>,
    /// Where half of the queries are recovered, by noise level.
    pub load50: Vec<HalfLoad>,
    /// What its memories are like, at the load nearest to one half.
    pub memory: MemoryTraits,
}

/// A `Behind` is how far a rule is behind the first.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Behind {
    /// The difference of shares, the rule less the first.
    pub value: f64,
    /// The lower end of its interval, simultaneous over all rules and readings of one N.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// A `HalfLoad` is the load at which half of the queries are recovered.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct HalfLoad {
    /// Share of the units that are flipped.
    pub noise: f64,
    /// M over N; absent where the curve does not pass one half within the loads of the run.
    pub load: Option<f64>,
    /// The lower end of its interval over message sets; absent where it lies below the loads of the run.
    pub low: Option<f64>,
    /// The upper end; absent where it lies beyond them.
    pub high: Option<f64>,
    /// Whether half are still recovered at the largest load of the run.
    pub beyond: bool,
    /// The constant c of a diagonal W_ii = c |w_i| by which one step gets most bits right, as theory has it for the
    /// mean margin of the memory ([`stats::theory::best_coupling`]); absent where there is a diagonal already, or no
    /// noise.
    pub one_step_constant: Option<f64>,
}

/// A `MemoryTraits` has the means over message sets at one load. What was not probed is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct MemoryTraits {
    /// That load, M over N.
    pub load: f64,
    /// Mean margin xi h / |w_i| over all bits.
    pub margin: Option<f64>,
    /// |W - W^T| / |W + W^T|: 0 is symmetric.
    pub asymmetry: Option<f64>,
    /// Mean |W_ii| over the root mean square of the other weights.
    pub diagonal: Option<f64>,
    /// Whether W_ij depends on the two units i and j alone, as the rule declares.
    pub local: bool,
    /// Median seconds of a write.
    pub write_seconds: Option<f64>,
    /// Mean steps of a read.
    pub steps: Option<f64>,
}

/// Ranks the rules of a study. `runs` holds the runs of every size, in the order of the study.
pub fn ranking(study: &EffectStudy, runs: &[Vec<StudyRun>]) -> Vec<Ranking> {
    let mut rankings = Vec::new();
    for (size, runs) in study.size.iter().zip(runs) {
        let records = joined(runs);
        let loads = critical_loads(&of_entries(&records, size), Measure::Recovered, 0.5);
        for reading in study.readings() {
            let entries = size.rules.iter().filter_map(|(rule, all)| Some((rule, all.get(reading)?)));
            let mut rules: Vec<RankedRule> = entries
                .filter_map(|(rule, entry)| {
                    let share = share(study, size.n, runs, entry)?;
                    let load50 = loads.iter().filter(|load| is_of(load, entry)).filter_map(half_load);
                    let memory = traits(&records, size.n, entry);
                    Some(RankedRule {
                        rule: rule.clone(),
                        entry: entry.clone(),
                        share,
                        behind: None,
                        load50: load50.map(|load| with_constant(load, &memory)).collect(),
                        memory,
                    })
                })
                .collect();
            rules.sort_by(|a, b| b.share.total_cmp(&a.share));
            rankings.push(Ranking { n: size.n, reading: reading.to_owned(), rules });
        }
    }
    compare(study, runs, &mut rankings);
    rankings
}

/// Puts beside every rule how far it is behind the first of its reading.
fn compare(study: &EffectStudy, runs: &[Vec<StudyRun>], rankings: &mut [Ranking]) {
    for (size, runs) in study.size.iter().zip(runs) {
        let mut of_size: Vec<&mut Ranking> =
            rankings.iter_mut().filter(|ranking| ranking.n == size.n).collect();
        let side = |ranking: &Ranking, rule: &RankedRule| format!("{} {}", ranking.reading, rule.rule);
        let (mut sides, mut asked) = (IndexMap::new(), Vec::new());
        for ranking in &of_size {
            for rule in &ranking.rules {
                sides.insert(side(ranking, rule), rule.entry.clone());
                let pair = [side(ranking, rule), side(ranking, &ranking.rules[0])];
                asked.push(EffectSpec { name: pair[0].clone(), sides: Some(pair), ..EffectSpec::default() });
            }
        }
        asked.retain(|effect| effect.sides.as_ref().is_some_and(|[rule, first]| rule != first));
        let size = StudySize { sides, ..size.clone() };
        let pairs = EffectStudy { size: vec![size], effect: asked, ..study.clone() };
        let rows = effects(&pairs, std::slice::from_ref(runs));
        for ranking in &mut of_size {
            let reading = ranking.reading.clone();
            for rule in &mut ranking.rules {
                let name = format!("{reading} {}", rule.rule);
                let at = rows.iter().find(|row| row.effect == name).and_then(|row| row.sizes[0].as_ref());
                rule.behind =
                    at.and_then(|at| Some(Behind { value: at.value?, low: at.low?, high: at.high? }));
            }
        }
    }
}

/// The records of all runs of a size, the message sets of each under numbers of their own.
fn joined(runs: &[StudyRun]) -> Records {
    let mut all = Records::default();
    let mut next = 0;
    for StudyRun { records, .. } in runs {
        let after = next + records.memories.iter().map(|memory| memory.at.trial + 1).max().unwrap_or(0);
        let moved = |at: &Coordinates| Coordinates { trial: at.trial + next, ..at.clone() };
        all.memories.extend(records.memories.iter().cloned().map(|mut row| {
            row.at = moved(&row.at);
            row
        }));
        all.recalls.extend(records.recalls.iter().cloned().map(|mut row| {
            row.at = moved(&row.at);
            row
        }));
        all.timings.extend(records.timings.iter().cloned().map(|mut row| {
            row.at = moved(&row.at);
            row
        }));
        next = after;
    }
    all
}

/// The reads of the entries alone: curves that nobody asks for cost as much as the others.
fn of_entries(records: &Records, size: &StudySize) -> Records {
    let entries: Vec<&RuleReading> = size.rules.values().flat_map(|all| all.values()).collect();
    let asked = |label: &str, reader| entries.iter().any(|entry| entry.0 == label && entry.1 == reader);
    let reads =
        records.recalls.iter().filter(|read| asked(&read.at.protocol, read.dynamics) && read.at.n == size.n);
    Records { recalls: reads.cloned().collect(), confidence: records.confidence, ..Records::default() }
}

fn share(study: &EffectStudy, n: u32, runs: &[StudyRun], entry: &RuleReading) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for read in runs.iter().flat_map(|run| &run.records.recalls) {
        let is_here = read.at.n == n && read.at.protocol == entry.0 && read.dynamics == entry.1;
        if !is_here || !study.region.has(&place(read)) {
            continue;
        }
        if let Some((part, whole)) = study.measure.of_recall(read).filter(|pair| pair.1 > 0.0) {
            (sum, count) = (sum + part / whole, count + 1.0);
        }
    }
    (count > 0.0).then(|| sum / count)
}

fn is_of(load: &CriticalLoad, entry: &RuleReading) -> bool {
    load.protocol == entry.0 && load.dynamics == Some(entry.1)
}

fn half_load(critical: &CriticalLoad) -> Option<HalfLoad> {
    let crossing = critical.crossing;
    Some(HalfLoad {
        noise: f64::from(critical.flips?) / f64::from(critical.n),
        load: crossing.value.load(),
        low: crossing.low.load(),
        high: crossing.high.load(),
        beyond: crossing.value == Crossing::AboveGrid,
        one_step_constant: None,
    })
}

fn with_constant(load: HalfLoad, memory: &MemoryTraits) -> HalfLoad {
    let kappa = memory.margin.filter(|&margin| memory.diagonal == Some(0.0) && margin > 0.0);
    let constant = kappa.filter(|_| load.noise > 0.0 && load.noise < 0.5);
    let constant = constant.and_then(|kappa| stats::theory::best_coupling(kappa, 1.0 - 2.0 * load.noise));
    HalfLoad { one_step_constant: constant, ..load }
}

/// What the memories of a label are like at the load nearest to one half.
fn traits(records: &Records, n: u32, entry: &RuleReading) -> MemoryTraits {
    let is_of = |at: &Coordinates| at.n == n && at.protocol == entry.0;
    let distance = |m: u32| (f64::from(m) / f64::from(n) - DESCRIBED).abs();
    let counts = records.memories.iter().filter(|memory| is_of(&memory.at)).map(|memory| memory.at.m);
    let Some(m) = counts.min_by(|&a, &b| distance(a).total_cmp(&distance(b))) else {
        return MemoryTraits::default();
    };
    let here = |at: &Coordinates| is_of(at) && at.m == m;
    let memories: Vec<_> = records.memories.iter().filter(|memory| here(&memory.at)).collect();
    let figures = || memories.iter().filter_map(|memory| memory.figures.as_ref());
    let parameters = memories.first().map(|memory| memory.at.parameters.as_str());
    let rule = parameters.and_then(|parameters| serde_json::from_str::<Spec>(parameters).ok());
    let mut seconds: Vec<f64> =
        records.timings.iter().filter(|timing| here(&timing.at)).map(|timing| timing.write_seconds).collect();
    seconds.sort_by(f64::total_cmp);
    let reads = records.recalls.iter().filter(|read| here(&read.at) && read.dynamics == entry.1);
    let steps = reads.filter(|read| read.reads.queries > 0);
    MemoryTraits {
        load: f64::from(m) / f64::from(n),
        margin: mean(figures().filter_map(|figures| figures.margin_mean)),
        asymmetry: mean(figures().filter_map(|figures| figures.asymmetry)),
        diagonal: mean(figures().filter_map(|figures| figures.diagonal_ratio)),
        local: rule.is_some_and(|rule| rule.nature().local),
        write_seconds: (!seconds.is_empty()).then(|| seconds[seconds.len() / 2]),
        steps: mean(steps.map(|read| read.reads.steps_sum as f64 / f64::from(read.reads.queries))),
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocols::Corruption;
    use protocols::probe::Recovery;
    use std::path::Path;
    use study::record::sample::{coordinates, figures, memory, recall};
    use study::record::{MemoryFigures, Recall};

    const STUDY: &str = r#"
question = "Which is first?"
analysis = "By hand."
measure = "recovered"
region = { noise = [0.125] }

[[size]]
n = 64
runs = ["a"]

[size.rules]
"HOP" = { sync = ["H", "sync"] }
"PSE" = { sync = ["P", "sync"] }
"level" = { sync = ["L", "sync"] }
"#;

    /// Ten message sets of three protocols at M = 16, 32 and 48, queries with 8 of 64 flipped and with none.
    fn runs() -> Vec<Vec<StudyRun>> {
        let mut records = Records::default();
        for (label, parameters, shares) in [
            ("H", r#"{"hop":{}}"#, [60, 20, 0]),
            ("P", r#"{"pse":{}}"#, [90, 70, 30]),
            ("L", r#"{"pse":{}}"#, [90, 70, 30]),
        ] {
            for (m, share) in [16, 32, 48].into_iter().zip(shares) {
                for trial in 0..10 {
                    let at = Coordinates {
                        trial,
                        parameters: parameters.into(),
                        ..coordinates(&format!("{label}-{m}-{trial}"), label, m)
                    };
                    let figures = MemoryFigures { margin_mean: Some(f64::from(m)), ..figures() };
                    records.memories.push(memory(at.clone(), figures));
                    // The sets differ alike for all; the one that is level is ahead on four of ten, behind on five.
                    let own = if label == "L" && trial < 9 { trial % 2 * 2 } else { 1 };
                    let recovered = share + if share > 0 { trial % 3 + own } else { 0 };
                    for (flips, recovered) in [(8, recovered), (0, 100)] {
                        records.recalls.push(Recall {
                            flips: Corruption::flips(flips),
                            reads: Recovery {
                                queries: 100,
                                recovered,
                                steps_sum: 250,
                                ..Recovery::default()
                            },
                            ..recall(at.clone())
                        });
                    }
                }
            }
        }
        vec![vec![StudyRun { name: "a".to_owned(), records }]]
    }

    #[test]
    fn rules_stand_in_the_order_of_their_means() {
        let study = EffectStudy::parse(Path::new("by-hand.toml"), STUDY).expect("a study");
        let rankings = ranking(&study, &runs());
        let [ranking] = &rankings[..] else { panic!("one reading") };
        let names: Vec<&str> = ranking.rules.iter().map(|rule| rule.rule.as_str()).collect();
        assert_eq!(names, ["PSE", "level", "HOP"]);
        let [first, level, last] = &ranking.rules[..] else { panic!("three rules") };
        // 0.9 of the mean of 0, 1, 2, 0, ... over ten sets, and one more.
        assert!((first.share - (0.9 + 0.7 + 0.3) / 3.0 - 0.019).abs() < 1e-12, "{}", first.share);
        assert_eq!(first.behind, None);
        let behind = level.behind.expect("a difference");
        assert!((behind.value + 0.001).abs() < 1e-12 && behind.low < 0.0 && behind.high > 0.0);
        let behind = last.behind.expect("a difference");
        assert!(behind.high < 0.0 && (behind.value - (last.share - first.share)).abs() < 1e-12);
    }

    #[test]
    fn half_is_recovered_at_a_load_by_interpolation() {
        let study = EffectStudy::parse(Path::new("by-hand.toml"), STUDY).expect("a study");
        let ranking = ranking(&study, &runs()).remove(0);
        let [first, _, last] = &ranking.rules[..] else { panic!("three rules") };
        let at = |rule: &RankedRule, noise: f64| {
            *rule.load50.iter().find(|load| load.noise == noise).expect("such a noise level")
        };
        // From .719 at load 1/2 to .319 at 3/4, and from .619 at 1/4 to .219 at 1/2.
        for (rule, load) in [(first, 0.5 + 0.25 * 0.219 / 0.4), (last, 0.25 + 0.25 * 0.119 / 0.4)] {
            let half = at(rule, 0.125);
            assert!((half.load.expect("within the grid") - load).abs() < 1e-12, "{half:?}");
            assert!(half.low <= half.load && half.load <= half.high && !half.beyond);
        }
        let clean = at(first, 0.0);
        assert!(clean.load.is_none() && clean.beyond);
        // Nothing is known of the diagonal.
        assert_eq!(at(first, 0.125).one_step_constant, None);
    }

    #[test]
    fn theory_names_a_constant_where_there_is_no_diagonal() {
        // (1 - m^2) ln((1 - q) / q) / (2 kappa m) at q = 1/8, m = 3/4, kappa = 1.5.
        let memory = MemoryTraits { margin: Some(1.5), diagonal: Some(0.0), ..MemoryTraits::default() };
        let load = HalfLoad {
            noise: 0.125,
            load: None,
            low: None,
            high: None,
            beyond: false,
            one_step_constant: None,
        };
        let found = with_constant(load, &memory).one_step_constant.expect("a margin above 0");
        assert!((found - (7.0 / 16.0) * 7.0_f64.ln() / 2.25).abs() < 1e-9, "{found}");
        let kept = MemoryTraits { diagonal: Some(0.3), ..memory };
        assert_eq!(with_constant(load, &kept).one_step_constant, None);
    }

    #[test]
    fn a_memory_is_described_at_half_load() {
        let study = EffectStudy::parse(Path::new("by-hand.toml"), STUDY).expect("a study");
        let ranking = ranking(&study, &runs()).remove(0);
        let [first, _, last] = &ranking.rules[..] else { panic!("three rules") };
        assert_eq!((first.memory.load, first.memory.margin, first.memory.asymmetry), (0.5, Some(32.0), None));
        assert_eq!((first.memory.local, last.memory.local), (false, true));
        assert_eq!((first.memory.steps, first.memory.write_seconds), (Some(2.5), None));
    }

    #[test]
    fn message_sets_of_two_runs_are_not_the_same() {
        let study = EffectStudy::parse(Path::new("by-hand.toml"), STUDY).expect("a study");
        let mut runs = runs();
        let again = runs[0].iter().map(|run| StudyRun { name: "b".to_owned(), records: run.records.clone() });
        let again: Vec<StudyRun> = again.collect();
        runs[0].extend(again);
        let twice = joined(&runs[0]);
        let sets = |records: &Records| -> std::collections::BTreeSet<u32> {
            records.recalls.iter().map(|read| read.at.trial).collect()
        };
        assert_eq!(sets(&twice).len(), 20);
        assert_eq!(ranking(&study, &runs)[0].rules[0].rule, "PSE");
    }
}
