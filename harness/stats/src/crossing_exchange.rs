//! The exchange test tells whether two crossings differ. Under the null hypothesis both sides of a trial are
//! exchangeable, at all loads together.
//!
//! The two-sided p-value is the share of patterns of exchanged trials whose crossings are as far apart as
//! those observed. Where one side is at least as high as the other in every trial and at every load, each
//! exchange only brings the curves together. A pattern is then as far apart only if each of its exchanges
//! alone is, or each of those that it leaves: mostly none, and nothing but the observed pattern and its
//! opposite counts. That is exact, for any number of trials.

use super::Interval;
use super::crossing::Crossing;
use super::curve_pairs::Pairs;
use super::exchange::{Patterns, count, share_of_patterns};
use pulp::Arch;
use std::ops::RangeInclusive;

/// By so much may two ways to add up a ratio differ.
const ROUNDING: f64 = 1e-9;

/// Exchanges that alone leave the curves as far apart, of which all subsets are tried.
const MOST: usize = 16;

/// Computes the p-value of no difference between the crossings of `pairs`.
pub(super) fn p_value(pairs: &Pairs) -> f64 {
    let exchange = Exchange::of(pairs);
    let observed = exchange.observed();
    if observed <= 0.0 {
        return 1.0;
    }
    let trials = exchange.trials.len();
    let sampled = || share_of_patterns(trials, observed, |patterns| exchange.distances(patterns));
    exchange.nested(observed).unwrap_or_else(sampled)
}

/// What exchanges can change.
struct Exchange<'a> {
    pairs: &'a Pairs,
    /// The trials whose exchange changes anything.
    trials: Vec<usize>,
    /// The loads between which both curves cross, whatever is exchanged.
    loads: RangeInclusive<usize>,
}

impl<'a> Exchange<'a> {
    fn of(pairs: &'a Pairs) -> Self {
        let [a, b] = &pairs.sides;
        let changes = |t: &usize| a.iter().zip(b).any(|(a, b)| a[*t] != b[*t]);
        Self { pairs, trials: (0..pairs.trials).filter(changes).collect(), loads: crossed(pairs) }
    }

    /// How far apart the crossings are, less what rounding may do to it.
    fn observed(&self) -> f64 {
        let nothing = Patterns::subsets(self.trials.len(), &[]).flat_map(|block| self.distances(&block));
        nothing.sum::<f64>() - 1e-9
    }

    /// The p-value where one side is above the other throughout; none where it is not, or too many exchanges
    /// alone change nothing.
    fn nested(&self, observed: f64) -> Option<f64> {
        let [a, b] = &self.pairs.sides;
        let both = || a.iter().flatten().zip(b.iter().flatten());
        let above = both().all(|(a, b)| a.0 >= b.0) || both().all(|(a, b)| a.0 <= b.0);
        if !above || !both().all(|(a, b)| a.1 == b.1) {
            return None;
        }
        let trials = self.trials.len();
        let alone = self.distances(&Patterns::single(trials));
        let far: Vec<usize> = (0..trials).filter(|&t| alone[t] >= observed).collect();
        if far.len() > MOST || far.len() == trials {
            return None;
        }
        // As some exchange is not far, no subset of those that are can turn the difference around.
        let blocks = Patterns::subsets(trials, &far);
        let extreme: usize = blocks.map(|block| count(&self.distances(&block), observed)).sum();
        Some((2.0 * extreme as f64 * 0.5_f64.powf(trials as f64)).max(f64::MIN_POSITIVE))
    }

    /// |a - b| of every pattern, crossings outside the grid at their nearest loads.
    fn distances(&self, patterns: &Patterns) -> Vec<f64> {
        let pairs = self.pairs;
        let mut sides: [Option<Passing>; 2] = [None, None];
        for l in self.loads.clone() {
            let load = pairs.loads[l];
            for (side, values) in sides.iter_mut().zip(self.ratios(patterns, l)) {
                match side {
                    Some(side) => side.pass(load, values, pairs),
                    None => *side = Some(Passing::from(load, values, pairs)),
                }
            }
        }
        let [Some(a), Some(b)] = sides else { return Vec::new() };
        a.crossings.iter().zip(&b.crossings).map(|(a, b)| (a - b).abs()).collect()
    }

    /// The ratios of sums of both sides at load `l`, of every pattern.
    fn ratios(&self, patterns: &Patterns, l: usize) -> [Vec<f64>; 2] {
        let (a, b) = (&self.pairs.sides[0][l], &self.pairs.sides[1][l]);
        // What the first side has more, and the second less, by an exchange.
        let moved =
            |of: fn(&(f64, f64)) -> f64| patterns.sums(self.trials.iter().map(|&t| of(&b[t]) - of(&a[t])));
        let (numerators, denominators) = (moved(|pair| pair.0), moved(|pair| pair.1));
        let sum = |side: &[(f64, f64)]| side.iter().fold((0.0, 0.0), |sum, x| (sum.0 + x.0, sum.1 + x.1));
        let (a, b) = (sum(a), sum(b));
        let (mut first, mut second) = (numerators, denominators);
        Arch::new().dispatch(|| {
            for (first, second) in first.iter_mut().zip(&mut second) {
                let (n, d) = (*first, *second);
                (*first, *second) = ((a.0 + n) / (a.1 + d), (b.0 - n) / (b.1 - d));
            }
        });
        [first, second]
    }
}

/// Returns the loads that decide the crossings of both sides, whatever is exchanged: from the last of the first ones at
/// which no curve is below the level, to the first of the last ones at which none reaches it.
fn crossed(pairs: &Pairs) -> RangeInclusive<usize> {
    let range: Vec<Option<Interval>> = (0..pairs.loads.len()).map(|l| reach(pairs, l)).collect();
    let above = |l: &usize| range[*l].is_some_and(|reach| reach.low > pairs.level + ROUNDING);
    let below = |l: &usize| range[*l].is_some_and(|reach| reach.high < pairs.level - ROUNDING);
    let start = (0..range.len()).take_while(above).last().unwrap_or(0);
    let end = (start..range.len()).rev().take_while(below).last().unwrap_or(range.len() - 1);
    start..=end
}

/// Returns between what the ratios at load `l` lie, whatever is exchanged; none where exchanges change what is divided
/// by, or nothing counts.
fn reach(pairs: &Pairs, l: usize) -> Option<Interval> {
    let trials = || pairs.sides[0][l].iter().zip(&pairs.sides[1][l]);
    let whole: f64 = trials().map(|(a, _)| a.1).sum();
    let alike = trials().all(|(a, b)| a.1 == b.1) && whole > 0.0;
    let share = |of: fn(f64, f64) -> f64| trials().map(|(a, b)| of(a.0, b.0)).sum::<f64>() / whole;
    alike.then(|| Interval { low: share(f64::min), high: share(f64::max) })
}

/// Finds the crossings of many curves at once, load by load. It is `crossing::through` with what lies outside
/// the grid at the nearest load.
struct Passing {
    load: f64,
    /// The values at `load`.
    values: Vec<f64>,
    /// The crossings of the curves up to `load`.
    crossings: Vec<f64>,
}

impl Passing {
    /// Begins at the first load.
    fn from(load: f64, values: Vec<f64>, pairs: &Pairs) -> Self {
        let (below, above) = (pairs.clamped(Crossing::BelowGrid), pairs.clamped(Crossing::AboveGrid));
        let crossings =
            values.iter().map(|&value| if value >= pairs.level { above } else { below }).collect();
        Self { load, values, crossings }
    }

    /// Goes on to the next load.
    fn pass(&mut self, load: f64, values: Vec<f64>, pairs: &Pairs) {
        let (level, above, step) = (pairs.level, pairs.clamped(Crossing::AboveGrid), load - self.load);
        Arch::new().dispatch(|| {
            for ((crossing, &value), &next) in self.crossings.iter_mut().zip(&self.values).zip(&values) {
                let between = self.load + (value - level) / (value - next) * step;
                let fallen = if value >= level { between } else { *crossing };
                *crossing = if next >= level { above } else { fallen };
            }
        });
        (self.load, self.values) = (load, values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crossing::through;
    use crate::crossing_difference;
    use protocols::Stream;

    const LOADS: [f64; 4] = [0.1, 0.2, 0.3, 0.4];

    /// Counts out of 20 that fall about `middle`, `spread` apart between trials.
    fn curves(trials: usize, middle: f64, spread: f64, stream: &mut Stream) -> Vec<Vec<(f64, f64)>> {
        let middles: Vec<f64> = (0..trials).map(|_| middle + spread * stream.normal()).collect();
        let share = |load: f64, middle: f64| ((middle + 0.1 - load) / 0.2).clamp(0.0, 1.0);
        let row = |load: f64| middles.iter().map(|&m| ((20.0 * share(load, m)).round(), 20.0)).collect();
        LOADS.iter().map(|&load| row(load)).collect()
    }

    #[test]
    fn many_crossings_are_those_of_each_curve() {
        let mut stream = Stream::named(1, "passing test", &[]);
        let curve: Vec<(f64, f64)> = (0..5).map(|_| (1.0, 2.0)).collect();
        let pairs = Pairs::new(&LOADS, &vec![curve.clone(); 4], &vec![curve; 4], 0.5).unwrap();
        let values: Vec<Vec<f64>> =
            (0..4).map(|_| (0..500).map(|_| f64::from(stream.below(5)) / 4.0).collect()).collect();
        let mut passing = Passing::from(LOADS[0], values[0].clone(), &pairs);
        (1..4).for_each(|l| passing.pass(LOADS[l], values[l].clone(), &pairs));
        for (r, crossing) in passing.crossings.into_iter().enumerate() {
            let points: Vec<(f64, f64)> = (0..4).map(|l| (LOADS[l], values[l][r])).collect();
            assert_eq!(crossing, pairs.clamped(through(&points, 0.5)));
        }
    }

    #[test]
    fn loads_that_no_exchange_lets_cross_do_not_matter() {
        let mut stream = Stream::named(1, "crossed test", &[]);
        let (mut narrowed, patterns) =
            (0, Patterns::subsets(8, &[0, 1, 2, 3, 4, 5, 6, 7]).collect::<Vec<_>>());
        for _ in 0..40 {
            let mut side = || curves(8, 0.25, 0.03, &mut stream);
            let (a, b) = (side(), side());
            let pairs = Pairs::new(&LOADS, &a, &b, 0.5).unwrap();
            let trials = (0..8).collect();
            let all = Exchange { pairs: &pairs, trials, loads: 0..=pairs.loads.len() - 1 };
            let some = Exchange { loads: crossed(&pairs), trials: all.trials.clone(), ..all };
            narrowed += usize::from(some.loads != all.loads);
            for block in &patterns {
                assert_eq!(all.distances(block), some.distances(block));
            }
        }
        assert!(narrowed > 10, "{narrowed}");
    }

    #[test]
    fn a_side_above_the_other_throughout_needs_no_patterns() {
        // Against the plain count over all patterns, of ten trials.
        let mut stream = Stream::named(1, "crossing exchange test", &[]);
        let mut compared = 0;
        for _ in 0..60 {
            let lower = curves(10, 0.22, 0.03, &mut stream);
            // More in some trials, the same in others.
            let more: Vec<f64> = (0..10).map(|_| f64::from(stream.below(3))).collect();
            let raise = |row: &Vec<(f64, f64)>| -> Vec<(f64, f64)> {
                row.iter().zip(&more).map(|(pair, more)| ((pair.0 + more).min(20.0), pair.1)).collect()
            };
            let upper: Vec<Vec<(f64, f64)>> = lower.iter().map(raise).collect();
            let pairs = Pairs::new(&LOADS, &upper, &lower, 0.5).unwrap();
            let exchange = Exchange::of(&pairs);
            let observed = exchange.observed();
            let all =
                share_of_patterns(exchange.trials.len(), observed, |patterns| exchange.distances(patterns));
            if let Some(found) = exchange.nested(observed).filter(|_| observed > 0.0) {
                compared += 1;
                assert_eq!(found, all);
            }
        }
        assert!(compared > 20, "{compared}");
    }

    #[test]
    fn of_many_trials_it_goes_below_what_random_patterns_can_show() {
        let mut stream = Stream::named(1, "crossing exchange test", &[]);
        let (high, low) = (curves(30, 0.33, 0.005, &mut stream), curves(30, 0.2, 0.005, &mut stream));
        let found = crossing_difference(&LOADS, (&high, &low), 0.5, 0.95, 100).unwrap();
        assert_eq!(found.p_value, 0.5_f64.powi(29));
    }
}
