//! Which places lie in a region.

use super::evidence::At;
use super::spec::{LoadRange, Region};

/// A share of N units, as a whole number: the messages of a load, the flips of a noise level.
fn of_units(share: f64, n: u32) -> f64 {
    (share * f64::from(n)).round()
}

impl LoadRange {
    /// Whether M messages of N units lie in it.
    pub fn has(self, n: u32, m: u32) -> bool {
        (of_units(self.from, n)..=of_units(self.to, n)).contains(&f64::from(m))
    }
}

impl Region {
    /// Whether `at` lies in it; what `at` pools is not asked.
    pub fn has(&self, at: &At) -> bool {
        let listed = |flips: u32, noise: &Vec<f64>| {
            noise.iter().any(|&noise| of_units(noise, at.n) == f64::from(flips))
        };
        self.sources.as_ref().is_none_or(|sources| sources.contains(&at.source))
            && self.n.as_ref().is_none_or(|n| n.contains(&at.n))
            && self.load.zip(at.m).is_none_or(|(load, m)| load.has(at.n, m))
            && self.noise.as_ref().zip(at.flips).is_none_or(|(noise, flips)| listed(flips, noise))
            && self.dynamics.as_ref().zip(at.dynamics).is_none_or(|(all, one)| all.contains(&one))
    }
}
