//! This module holds the lattice of sizes and loads at which probes measure. It interpolates between the
//! points.

/// Holds the units N of the lattice.
pub(super) const UNITS: [u32; 5] = [16, 32, 64, 128, 256];

/// Holds the loads M/N of the lattice. They are closer where memories fill up, because optimisers slow down
/// there by orders of magnitude.
pub(super) const LOADS: [f64; 6] = [0.1, 0.4, 0.8, 1.0, 1.2, 1.5];

/// Holds the noise levels d/N of the queries.
pub(super) const NOISE: [f64; 3] = [0.0, 0.1, 0.3];

/// A `LatticePoint` is a point of the lattice, by the positions of its N and load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct LatticePoint {
    pub(super) units: usize,
    pub(super) load: usize,
}

impl LatticePoint {
    /// Returns the N of the point.
    pub(super) fn n(self) -> u32 {
        UNITS[self.units]
    }

    /// Returns the load of the point.
    pub(super) fn load(self) -> f64 {
        LOADS[self.load]
    }

    /// Returns the M of the point.
    pub(super) fn m(self) -> u32 {
        (self.load() * f64::from(self.n())).round().max(1.0) as u32
    }
}

/// Returns the points around N and M with their weights, which add up to 1. The weights are linear in the
/// logarithms of N and load.
pub(super) fn around(n: f64, m: f64) -> Vec<(LatticePoint, f64)> {
    let mut points = Vec::with_capacity(4);
    for (units, a) in bracket(&UNITS.map(f64::from), n, f64::ln) {
        for (load, b) in bracket(&LOADS, m / n, f64::ln) {
            points.push((LatticePoint { units, load }, a * b));
        }
    }
    points
}

/// Returns the two positions around `x` in an ascending list with their weights, linear in `scale`. There is
/// one where `x` is met or at an end.
pub(super) fn bracket(list: &[f64], x: f64, scale: fn(f64) -> f64) -> Vec<(usize, f64)> {
    let above = list.partition_point(|&value| value < x);
    match (above, list.get(above)) {
        (0, _) => vec![(0, 1.0)],
        (_, None) => vec![(list.len() - 1, 1.0)],
        (_, Some(&next)) if next == x => vec![(above, 1.0)],
        (_, Some(&next)) => {
            let (low, high) = (scale(list[above - 1]), scale(next));
            let share = (scale(x) - low) / (high - low);
            vec![(above - 1, 1.0 - share), (above, share)]
        }
    }
}
