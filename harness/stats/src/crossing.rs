//! A crossing is the load at which a falling curve passes a level. An example is the load at which half of
//! the messages are recovered.
//!
//! The crossing is the *last* one downward: between the last load of the grid whose value is at least the level and
//! the next, by linear interpolation; beyond it the curve stays below. A curve that falls for good crosses once, and
//! this is it. Noise can make an estimated curve cross several times near the level; the last crossing is then
//! biased to high loads by about the noise over the slope, for every protocol alike, and the interval shows how much
//! the crossing moves. A curve that recovers at high load (as reads of cycles may) deserves a look rather than this
//! number.
//!
//! The interval resamples trials, trial t jointly at all loads, and takes the quantiles of the resampled crossings
//! (see `bootstrap`), a crossing outside the grid counting as below or above every load of it. It speaks of sampling
//! noise only. How the curve runs between two loads of the grid is not known; what is known without interpolation is
//! the [`cell`](CrossingInterval::cell). Where the resampled crossings do not vary, the cell is the interval.

use super::bootstrap::tail_probability;
use super::draws::Draws;
use super::quantile::neighbours;
use super::ratio::{all_finite, ratio_of_sums};
use super::{Interval, upper_probability};
use std::ops::RangeInclusive;

/// A `Crossing` says where a falling curve passes a level. Ordered: below the grid < every load < above the
/// grid.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub enum Crossing {
    /// Below the smallest load: the curve is under the level everywhere.
    BelowGrid,
    /// At this load.
    At(f64),
    /// Beyond the largest load: there the curve is not under the level yet.
    AboveGrid,
}

impl Crossing {
    /// Returns the load, where it lies within the grid.
    pub fn load(self) -> Option<f64> {
        if let Self::At(load) = self { Some(load) } else { None }
    }

    /// As a number on the line of loads with its ends at infinity.
    fn position(self) -> f64 {
        match self {
            Self::BelowGrid => f64::NEG_INFINITY,
            Self::At(load) => load,
            Self::AboveGrid => f64::INFINITY,
        }
    }

    /// The inverse of `position`.
    fn from_position(position: f64) -> Self {
        if position == f64::NEG_INFINITY {
            Self::BelowGrid
        } else if position == f64::INFINITY {
            Self::AboveGrid
        } else {
            Self::At(position)
        }
    }
}

/// A `CrossingInterval` is a crossing with its interval. An end outside the grid leaves the interval open on
/// that side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CrossingInterval {
    /// The crossing of the ratios over all trials.
    pub value: Crossing,
    /// Lower end.
    pub low: Crossing,
    /// Upper end.
    pub high: Crossing,
    /// The neighbouring loads of the grid between which the curve falls below the level, where there are such.
    pub cell: Option<Interval>,
}

/// Finds where the curve through (`loads`, `values`) falls below `level` for good. None where there is no
/// load or a number is not finite.
///
/// # Panics
/// If `loads` and `values` differ in length or `loads` do not rise.
///
/// ```
/// use stats::{Crossing, crossing};
/// let recovered = [1.0, 0.9, 0.3, 0.0];
/// let Some(Crossing::At(load50)) = crossing(&[0.1, 0.2, 0.3, 0.4], &recovered, 0.5) else { panic!() };
/// assert!((load50 - 0.2667).abs() < 1e-4);
/// ```
pub fn crossing(loads: &[f64], values: &[f64], level: f64) -> Option<Crossing> {
    assert_eq!(loads.len(), values.len(), "every load has a value");
    assert_rising(loads);
    let points: Vec<(f64, f64)> = loads.iter().copied().zip(values.iter().copied()).collect();
    let finite = points.iter().all(|point| point.0.is_finite() && point.1.is_finite());
    (finite && !points.is_empty()).then(|| through(&points, level))
}

/// Computes the crossing of the ratios of sums over trials, and its interval.
///
/// `trials[l][t]` is the pair (numerator, denominator) of trial t at `loads[l]`, denominator 0 where it failed. A load
/// at which no (drawn) trial counts is left out of the curve. With one trial the interval is open on both sides.
/// None where nothing counts anywhere or a number is not finite.
///
/// # Panics
/// If `loads` do not rise, `trials` has not one row a load and one entry a trial, a denominator is negative, there
/// are no resamples, or `confidence` lies outside (0, 1).
pub fn crossing_interval(
    loads: &[f64],
    trials: &[Vec<(f64, f64)>],
    level: f64,
    confidence: f64,
    resamples: usize,
) -> Option<CrossingInterval> {
    upper_probability(confidence);
    assert_eq!(loads.len(), trials.len(), "every load has its trials");
    assert_rising(loads);
    let width = trials.first()?.len();
    assert!(trials.iter().all(|row| row.len() == width), "every load has the same trials");
    if !trials.iter().all(|row| all_finite(row)) || !loads.iter().all(|load| load.is_finite()) {
        return None;
    }
    // A trial that failed at every load is not one to draw.
    let counted: Vec<usize> = (0..width).filter(|&t| trials.iter().any(|row| row[t].1 > 0.0)).collect();
    let mut points = Vec::with_capacity(loads.len());
    curve(loads, trials, counted.iter().copied(), &mut points);
    if points.is_empty() {
        return None;
    }
    let value = through(&points, level);
    let cell = cell_of(&points, level);
    let (mut low, mut high) = (Crossing::BelowGrid, Crossing::AboveGrid);
    if counted.len() > 1 {
        let resampled = Resampled::of(loads, trials, &counted, level, resamples);
        let mut positions: Vec<f64> =
            (0..resamples).map(|r| through(resampled.curve(r, &mut points), level).position()).collect();
        (low, high) = outer_quantiles(&mut positions, tail_probability(counted.len(), confidence));
        if let (true, Some(cell)) = (low == high, cell) {
            (low, high) = (Crossing::At(cell.low), Crossing::At(cell.high));
        }
    }
    Some(CrossingInterval { value, low, high, cell })
}

/// # Panics
/// If `loads` do not rise.
fn assert_rising(loads: &[f64]) {
    assert!(loads.windows(2).all(|pair| pair[0] < pair[1]), "loads rise: {loads:?}");
}

/// Fills `points` with (load, ratio of sums over the drawn trials), leaving out loads at which nothing counts.
fn curve(
    loads: &[f64],
    trials: &[Vec<(f64, f64)>],
    drawn: impl Iterator<Item = usize> + Clone,
    points: &mut Vec<(f64, f64)>,
) {
    points.clear();
    let ratios = trials.iter().map(|row| ratio_of_sums(drawn.clone().map(|t| row[t])));
    // 0/0, the ratio where nothing counts, is NaN.
    points.extend(loads.iter().copied().zip(ratios).filter(|point| !point.1.is_nan()));
}

/// `Resampled` holds the curves of all resamples, where they can cross.
pub(super) struct Resampled {
    loads: Vec<f64>,
    /// Ratios of sums of every resample, by load.
    ratios: Vec<Vec<f64>>,
}

impl Resampled {
    /// Resamples the trials `counted`. It keeps the loads between which any of the curves crosses (see
    /// [`narrow`]).
    pub(super) fn of(
        loads: &[f64],
        trials: &[Vec<(f64, f64)>],
        counted: &[usize],
        level: f64,
        resamples: usize,
    ) -> Self {
        let range = narrow(loads.len(), level, |l| counted.iter().map(move |&t| trials[l][t]));
        let draws = Draws::of(counted.len(), resamples);
        let ratios = |row: &Vec<(f64, f64)>| draws.ratios(counted.iter().map(|&t| row[t]));
        Self { loads: loads[range.clone()].to_vec(), ratios: trials[range].iter().map(ratios).collect() }
    }

    /// Puts the curve of resample `r` into `points`.
    pub(super) fn curve<'p>(&self, r: usize, points: &'p mut Vec<(f64, f64)>) -> &'p [(f64, f64)] {
        points.clear();
        let all = self.loads.iter().zip(&self.ratios).map(|(&load, ratios)| (load, ratios[r]));
        // 0/0, the ratio where nothing drawn counts, is NaN.
        points.extend(all.filter(|point| !point.1.is_nan()));
        points
    }
}

/// Returns the loads, out of `count`, that decide where a curve falls below `level` for good. The curve is
/// one of sums over any of the trials. There are none below one at which every trial is at the level or
/// above, and none above one at which every trial is below it, as all are from there on that count for
/// anything. `trials` gives the pairs (numerator, denominator) at a load.
pub(super) fn narrow<I: Iterator<Item = (f64, f64)>>(
    count: usize,
    level: f64,
    trials: impl Fn(usize) -> I,
) -> RangeInclusive<usize> {
    let above = |l: &usize| trials(*l).all(|(a, b)| b > 0.0 && a / b >= level);
    let below = |l: &usize| trials(*l).all(|(a, b)| b == 0.0 || a / b < level);
    let low = (0..count).rev().find(above).unwrap_or(0);
    let from = (0..count).rev().take_while(below).last().unwrap_or(count);
    let high = (from..count).find(|&l| trials(l).all(|(_, b)| b > 0.0));
    low..=high.unwrap_or(count - 1).max(low)
}

/// Returns the crossing of a curve of one point or more.
pub(super) fn through(points: &[(f64, f64)], level: f64) -> Crossing {
    match points.iter().rposition(|point| point.1 >= level) {
        None => Crossing::BelowGrid,
        Some(last) if last + 1 == points.len() => Crossing::AboveGrid,
        Some(last) => {
            let ((load, value), (next_load, next_value)) = (points[last], points[last + 1]);
            Crossing::At(load + (value - level) / (value - next_value) * (next_load - load))
        }
    }
}

/// Returns the loads between which the curve crosses.
pub(super) fn cell_of(points: &[(f64, f64)], level: f64) -> Option<Interval> {
    let last = points.iter().rposition(|point| point.1 >= level)?;
    Some(Interval { low: points[last].0, high: points.get(last + 1)?.0 })
}

/// The quantiles at `tail` and 1 - `tail`, each rounded outward to one of the values: between a load and infinity
/// there is nothing to interpolate.
fn outer_quantiles(positions: &mut [f64], tail: f64) -> (Crossing, Crossing) {
    let (low, _, _) = neighbours(positions, tail);
    let (_, high, _) = neighbours(positions, 1.0 - tail);
    (Crossing::from_position(low), Crossing::from_position(high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RESAMPLES;
    use approx::assert_abs_diff_eq;
    use proptest::prelude::*;
    use protocols::Stream;

    const LOADS: [f64; 4] = [0.1, 0.2, 0.3, 0.4];

    fn half(trials: &[Vec<(f64, f64)>]) -> Option<CrossingInterval> {
        crossing_interval(&LOADS[..trials.len()], trials, 0.5, 0.95, RESAMPLES)
    }

    #[test]
    fn the_curve_crosses_where_it_falls_for_good() {
        let at = |values: [f64; 4]| crossing(&LOADS, &values, 0.5).unwrap();
        assert_eq!(at([1.0, 0.9, 0.8, 0.5]), Crossing::AboveGrid);
        assert_eq!(at([0.49, 0.3, 0.2, 0.0]), Crossing::BelowGrid);
        assert_eq!(at([1.0, 0.5, 0.2, 0.0]), Crossing::At(0.2));
        assert_abs_diff_eq!(at([1.0, 0.75, 0.25, 0.0]).load().unwrap(), 0.25, epsilon = 1e-15);
        // Three crossings: at 0.15 down, at 0.25 up, at 0.35 down.
        assert_abs_diff_eq!(at([1.0, 0.0, 1.0, 0.0]).load().unwrap(), 0.35, epsilon = 1e-15);
        assert_eq!(crossing(&[], &[], 0.5), None);
        assert_eq!(crossing(&[0.1], &[f64::NAN], 0.5), None);
    }

    #[test]
    fn below_loads_above_are_ordered() {
        assert!(Crossing::BelowGrid < Crossing::At(0.1) && Crossing::At(0.1) < Crossing::At(0.2));
        assert!(Crossing::At(1e9) < Crossing::AboveGrid);
    }

    #[test]
    fn trials_without_spread_give_the_cell() {
        let found = half(&[vec![(9.0, 9.0); 5], vec![(9.0, 9.0); 5], vec![(0.0, 9.0); 5]]).unwrap();
        assert_abs_diff_eq!(found.value.load().unwrap(), 0.25, epsilon = 1e-15);
        assert_eq!((found.low, found.high), (Crossing::At(0.2), Crossing::At(0.3)));
        assert_eq!(found.cell, Some(Interval { low: 0.2, high: 0.3 }));
    }

    #[test]
    fn ends_outside_the_grid_are_said_to_be() {
        let found = half(&[vec![(9.0, 9.0); 5], vec![(8.0, 9.0); 5]]).unwrap();
        assert_eq!((found.value, found.low, found.cell), (Crossing::AboveGrid, Crossing::AboveGrid, None));
        // At the last load the trials straddle the level: some resamples cross, some do not.
        let last = vec![(0.0, 9.0), (9.0, 9.0), (0.0, 9.0), (9.0, 9.0), (3.0, 9.0)];
        let found = half(&[vec![(9.0, 9.0); 5], last]).unwrap();
        assert!(found.low.load().is_some_and(|load| (0.1..=0.2).contains(&load)), "{found:?}");
        assert_eq!(found.high, Crossing::AboveGrid);
        let found = half(&[vec![(9.0, 9.0)], vec![(0.0, 9.0)]]).unwrap();
        assert_eq!((found.low, found.high), (Crossing::BelowGrid, Crossing::AboveGrid));
    }

    #[test]
    fn failed_trials_and_empty_loads_are_left_out() {
        let failed = (0.0, 0.0);
        let rows = [vec![(9.0, 9.0), failed, (9.0, 9.0)], vec![failed; 3], vec![(0.0, 9.0), failed, failed]];
        let found = half(&rows).unwrap();
        assert_abs_diff_eq!(found.value.load().unwrap(), 0.2, epsilon = 1e-15);
        assert_eq!(found.cell, Some(Interval { low: 0.1, high: 0.3 }));
        assert_eq!(half(&[vec![failed; 3]]), None);
        assert_eq!(half(&[]), None);
    }

    #[test]
    fn covers_the_truth_in_simulation() {
        // Recovery falls as 1.1 - 2 load, shifted by a normal number per trial: it crosses 1/2 at load 0.3. 20 trials
        // of 50 queries; the curve is a line, so that interpolation is exact.
        let loads = [0.15, 0.2, 0.25, 0.35, 0.4, 0.45];
        let mut stream = Stream::named(1, "crossing coverage", &[]);
        let covered = (0..400).filter(|_| {
            let shifts: Vec<f64> = (0..20).map(|_| 0.05 * stream.normal()).collect();
            let mut row = |load: f64| -> Vec<(f64, f64)> {
                let share = |shift: &f64| 1.1 - 2.0 * load + shift;
                shifts
                    .iter()
                    .map(|shift| ((0..50).filter(|_| stream.unit() < share(shift)).count() as f64, 50.0))
                    .collect()
            };
            let trials: Vec<Vec<(f64, f64)>> = loads.iter().map(|&load| row(load)).collect();
            let found = crossing_interval(&loads, &trials, 0.5, 0.95, 500).unwrap();
            found.low <= Crossing::At(0.3) && Crossing::At(0.3) <= found.high
        });
        let covered = covered.count();
        assert!((360..=392).contains(&covered), "{covered} of 400");
    }

    proptest! {
        #[test]
        fn loads_that_are_left_out_do_not_decide(
            counts in prop::collection::vec(prop::collection::vec((0_u32..=4, 0_u32..=4), 3), 4)
        ) {
            // Steep enough that some loads have all trials on one side; denominators of 0 are trials that failed.
            let fall = |l: usize, hits: u32, n: u32| f64::from((hits + 4).saturating_sub(2 * l as u32).min(n));
            let trials: Vec<Vec<(f64, f64)>> = counts.iter().enumerate()
                .map(|(l, row)| row.iter().map(|&(hits, n)| (fall(l, hits, n), f64::from(n))).collect())
                .collect();
            let all: Vec<usize> = (0..3).collect();
            let narrowed = Resampled::of(&LOADS, &trials, &all, 0.5, 200);
            let draws = Draws::of(3, 200);
            let whole: Vec<Vec<f64>> = trials.iter().map(|row| draws.ratios(row.iter().copied())).collect();
            let mut points = Vec::new();
            for r in 0..200 {
                let found = through(narrowed.curve(r, &mut points), 0.5);
                let curve: Vec<(f64, f64)> =
                    LOADS.iter().zip(&whole).map(|(&l, row)| (l, row[r])).filter(|p| !p.1.is_nan()).collect();
                prop_assert_eq!(found, through(&curve, 0.5));
            }
        }
    }
}
