//! The test `queries-needed` asks how the number of queries that training needs, K*(N), grows with N. K* is
//! the fewest fixed queries a message with which training comes within a share of the plateau that it reaches
//! with fresh queries.
//!
//! The curve over K, interpolated in ln K, crosses (1 - within) times the plateau; K* is the smallest such K
//! ([`stats::crossing()`]). Plateau and curve rest on the same trials, and are resampled together. Where even
//! the largest K of the grid falls short, or the smallest suffices, K* is not known, and nothing is decided.

use super::evidence::Evidence;
use super::growth::{self, GrowthPoint};
use super::row::EvidenceRow;
use super::trial::{Lacking, Trial};
use protocols::Stream;
use stats::{self, Crossing, GrowthFit};
use std::collections::BTreeMap;
use study::claim::{At, QueriesNeeded};

/// Resamples of the trials of an N.
const RESAMPLES: usize = 1000;

/// A message set: M and the number of its trial.
type Set = (Option<u32>, usize);

/// What every message set gave, over the dynamics and noise levels of the region.
type Sets = BTreeMap<Set, Trial>;

/// The message sets of every N.
type Sizes = BTreeMap<u32, (At, Sets)>;

/// A `KStar` holds K*(N), as figures show it.
#[derive(Clone, Debug, PartialEq)]
pub struct KStar {
    /// What it is the number of.
    pub test: QueriesNeeded,
    /// A row for every N, from small to large: K* with its interval, as evidence of the claim has it.
    pub sizes: Vec<EvidenceRow>,
    /// Both laws of growth through the numbers; none where one is not known.
    pub fit: Option<GrowthFit>,
}

impl KStar {
    /// Computes the numbers that `test` is decided by.
    pub fn of(test: &QueriesNeeded, evidence: &Evidence<'_>) -> Self {
        let points = points(test, evidence);
        let row = |point| growth::shown(QUANTITY, point, evidence.confidence());
        Self { test: test.clone(), sizes: points.iter().map(row).collect(), fit: growth::fit(&points) }
    }
}

const QUANTITY: &str = "K*";

/// Returns all rows of the test, p-values not adjusted.
pub(super) fn rows(test: &QueriesNeeded, evidence: &Evidence<'_>) -> Vec<EvidenceRow> {
    growth::rows(QUANTITY, &points(test, evidence), &test.growth, evidence.confidence())
}

/// K* at every N, from small to large.
fn points(test: &QueriesNeeded, evidence: &Evidence<'_>) -> Vec<GrowthPoint> {
    let plateau = by_size(test, &test.plateau, evidence);
    let variants = evidence.variants(&test.subject);
    let variants: Vec<(u32, Sizes)> =
        variants.into_iter().map(|(k, label)| (k, by_size(test, label, evidence))).collect();
    let point = |(n, (at, plateau)): (&u32, &(At, Sets))| {
        let curve = variants.iter().filter_map(|(k, sizes)| Some((*k, &sizes.get(n)?.1))).collect();
        Needed::of(test, plateau, curve).point(*at, test)
    };
    plateau.iter().map(point).collect()
}

/// The message sets of a protocol in the region, by N.
fn by_size(test: &QueriesNeeded, label: &str, evidence: &Evidence<'_>) -> Sizes {
    let mut sizes = Sizes::new();
    let trials = evidence.trials(label, test.measure);
    for (at, trials) in trials.iter().filter(|(at, _)| test.region.has(at)) {
        let pooled = At { m: None, flips: None, dynamics: None, ..*at };
        let sets = &mut sizes.entry(at.n).or_insert_with(|| (pooled, Sets::new())).1;
        for (t, &trial) in trials.iter().enumerate() {
            let sum = sets.entry((at.m, t)).or_insert(Trial::Value((0.0, 0.0)));
            *sum = sum.plus(trial);
        }
    }
    sizes
}

/// The curve of one N, over message sets that count for all K and for the plateau.
struct Needed {
    /// K, ascending.
    k: Vec<u32>,
    /// For every message set what the plateau and then every K gave.
    sets: Vec<Vec<(f64, f64)>>,
    within: f64,
    lacking: Lacking,
}

impl Needed {
    fn of(test: &QueriesNeeded, plateau: &Sets, curve: Vec<(u32, &Sets)>) -> Self {
        let mut lacking = Lacking::default();
        let mut sets = Vec::new();
        for (set, trial) in plateau {
            let of = |(_, sets): &(u32, &Sets)| sets.get(set).copied().unwrap_or(Trial::Missing);
            let all: Vec<Trial> = std::iter::once(*trial).chain(curve.iter().map(of)).collect();
            all.iter().for_each(|&trial| lacking.count(trial));
            let pairs = all.iter().map(|trial| match trial {
                Trial::Value(pair) if pair.1 > 0.0 => Some(*pair),
                _ => None,
            });
            sets.extend(pairs.collect::<Option<Vec<_>>>());
        }
        Self { k: curve.into_iter().map(|(k, _)| k).collect(), sets, within: test.within, lacking }
    }

    /// Where the curve of the drawn sets crosses; none where nothing is left, or the plateau is 0.
    fn crossing(&self, drawn: &[u32]) -> Option<Crossing> {
        let share = |i: usize| {
            let pairs = drawn.iter().map(|&set| self.sets[set as usize][i]);
            let (sum, count) = pairs.fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
            sum / count
        };
        let level = (1.0 - self.within) * share(0);
        // With -ln K rising the curve falls.
        let (x, y): (Vec<f64>, Vec<f64>) =
            self.k.iter().enumerate().rev().map(|(i, &k)| (-f64::from(k).ln(), share(i + 1))).unzip();
        if level > 0.0 { stats::crossing(&x, &y, level) } else { None }
    }

    fn point(&self, at: At, test: &QueriesNeeded) -> GrowthPoint {
        let all: Vec<u32> = (0..self.sets.len() as u32).collect();
        let (least, most) = (self.k.first().copied().unwrap_or(1), self.k.last().copied().unwrap_or(1));
        let (value, note) = match self.crossing(&all) {
            Some(Crossing::At(x)) => (Some((-x).exp()), None),
            Some(Crossing::AboveGrid) => (None, Some(format!("at N = {} K = {least} suffices", at.n))),
            Some(Crossing::BelowGrid) => (None, Some(format!("at N = {} K = {most} falls short", at.n))),
            None => (None, Some(format!("at N = {} nothing is known of the plateau", at.n))),
        };
        let name = format!("claim/queries-needed/{}/{}", test.subject, test.measure.name());
        let mut stream = Stream::named(0, &name, &[("n", at.n.into())]);
        // Outside of the grid a resample is taken at its end.
        let resampled =
            stats::resampled(self.sets.len(), RESAMPLES, &mut stream, |drawn| match self.crossing(drawn) {
                Some(Crossing::At(x)) => (-x).exp(),
                Some(Crossing::AboveGrid) => least.into(),
                _ => most.into(),
            });
        GrowthPoint { at, value, resampled, trials: self.sets.len(), note, lacking: self.lacking }
    }
}
