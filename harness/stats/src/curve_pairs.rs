//! This module puts the trials of two curves side by side. Of these, crossings are taken, resampled and
//! exchanged.

use super::Interval;
use super::bootstrap::tail_probability;
use super::crossing::{Crossing, Resampled, cell_of, narrow, through};
use super::quantile::neighbours;
use super::ratio::ratio_of_sums;

/// This interval says that nothing is known.
pub(super) const OPEN: Interval = Interval { low: f64::NEG_INFINITY, high: f64::INFINITY };

/// A `Curve` holds the pairs (numerator, denominator) of a curve. `[l][t]` is trial t at load l.
pub(super) type Curve = [Vec<(f64, f64)>];

/// `Pairs` holds the trials of two curves, without trials and loads that cannot matter.
pub(super) struct Pairs {
    pub(super) loads: Vec<f64>,
    /// The first and the last load at which anything counts.
    ends: Interval,
    pub(super) level: f64,
    pub(super) trials: usize,
    /// Of both sides, `[l][t]`; (0, 0) on both where either lacks.
    pub(super) sides: [Vec<Vec<(f64, f64)>>; 2],
}

impl Pairs {
    /// Pairs the trials of both curves at these loads. None where nothing is left.
    pub(super) fn new(loads: &[f64], a: &Curve, b: &Curve, level: f64) -> Option<Self> {
        let counts = |l: usize, t: usize| a[l][t].1 > 0.0 && b[l][t].1 > 0.0;
        let width = a[0].len();
        let used: Vec<usize> = (0..loads.len()).filter(|&l| (0..width).any(|t| counts(l, t))).collect();
        let ends = Interval { low: loads[*used.first()?], high: loads[*used.last()?] };
        // A trial that lacks at every load is not one to draw.
        let drawn: Vec<usize> = (0..width).filter(|&t| used.iter().any(|&l| counts(l, t))).collect();
        let pair = |side: &Curve, l: usize, t: usize| if counts(l, t) { side[l][t] } else { (0.0, 0.0) };
        // Loads at which no curve can cross for good, whatever trials are drawn or exchanged, are left out.
        let both = |i: usize| {
            let l = used[i];
            drawn.iter().flat_map(move |&t| [pair(a, l, t), pair(b, l, t)])
        };
        let used = &used[narrow(used.len(), level, both)];
        let side = |side: &Curve| -> Vec<Vec<(f64, f64)>> {
            used.iter().map(|&l| drawn.iter().map(|&t| pair(side, l, t)).collect()).collect()
        };
        let loads = used.iter().map(|&l| loads[l]).collect();
        Some(Self { loads, ends, level, trials: drawn.len(), sides: [side(a), side(b)] })
    }

    /// Returns the curve of a side.
    pub(super) fn curve(&self, side: usize) -> Vec<(f64, f64)> {
        let ratios = self.sides[side].iter().map(|row| ratio_of_sums(row.iter().copied()));
        // 0/0, the ratio where nothing counts, is NaN.
        self.loads.iter().copied().zip(ratios).filter(|point| !point.1.is_nan()).collect()
    }

    /// The loads that a crossing may have.
    fn bounds(&self, crossing: Crossing) -> Interval {
        match crossing {
            Crossing::BelowGrid => Interval { low: 0.0, high: self.ends.low },
            Crossing::At(load) => Interval { low: load, high: load },
            Crossing::AboveGrid => Interval { low: self.ends.high, high: f64::INFINITY },
        }
    }

    pub(super) fn difference(&self, a: Crossing, b: Crossing) -> Interval {
        let (a, b) = (self.bounds(a), self.bounds(b));
        Interval { low: a.low - b.high, high: a.high - b.low }
    }

    /// Returns the load of a crossing; one outside the grid is put at its nearest load.
    pub(super) fn clamped(&self, crossing: Crossing) -> f64 {
        match crossing {
            Crossing::BelowGrid => self.ends.low,
            Crossing::At(load) => load,
            Crossing::AboveGrid => self.ends.high,
        }
    }

    pub(super) fn interval(&self, confidence: f64, resamples: usize) -> Interval {
        let all: Vec<usize> = (0..self.trials).collect();
        let of = |side: usize| Resampled::of(&self.loads, &self.sides[side], &all, self.level, resamples);
        let (a, b) = (of(0), of(1));
        let mut points = Vec::with_capacity(self.loads.len());
        let mut crossing = |side: &Resampled, r| through(side.curve(r, &mut points), self.level);
        let ends = (0..resamples).map(|r| {
            let Interval { low, high } = self.difference(crossing(&a, r), crossing(&b, r));
            (low, high)
        });
        let (mut lows, mut highs): (Vec<f64>, Vec<f64>) = ends.unzip();
        let tail = tail_probability(self.trials, confidence);
        // Between a load and infinity there is nothing to interpolate: quantiles are rounded outward.
        let (low, _, _) = neighbours(&mut lows, tail);
        let (_, high, _) = neighbours(&mut highs, 1.0 - tail);
        if low < high {
            return Interval { low, high };
        }
        let cell = |side| cell_of(&self.curve(side), self.level).unwrap_or(OPEN);
        let (a, b) = (cell(0), cell(1));
        Interval { low: a.low - b.high, high: a.high - b.low }
    }
}
