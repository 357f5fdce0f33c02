//! The axes of the grid: sizes of memory and numbers of flipped bits.

use super::check::Checked;
use super::document::Place;
use super::error::Fault;
use super::problem::Problem;
use super::wire::Grid;
use super::{NoiseAxis, Size};
use protocols::protocol::parameter::{Noise, Positive};
use std::collections::HashMap;

const UNITS: std::ops::RangeInclusive<u32> = 2..=65_536;

/// The largest M, and the most queries a trial: beyond it nobody has the memory.
pub(super) const MOST_MESSAGES: u32 = 10_000_000;

fn grid_at(key: &str, item: usize) -> Place {
    Place::default().at("grid").at(key).at(item)
}

/// Every N with every M, as the sources can give them.
pub(super) fn sizes(grid: &Grid) -> Checked<Vec<Size>> {
    if grid.load.is_some() == grid.m.is_some() {
        let problem = Problem::NotExactlyOne { first: "load", second: "m", both: grid.m.is_some() };
        return Err(Fault::new(Place::default().at("grid"), problem));
    }
    let mut sizes = Vec::new();
    for (i, &n) in grid.n.iter().enumerate() {
        if !UNITS.contains(&n) {
            return Err(Fault::not_allowed(grid_at("n", i)));
        }
        if let Some(source) = grid.sources.iter().find(|source| source.check(n as usize, 1).is_err()) {
            let error = source.check(n as usize, 1).expect_err("it was found by its error");
            return Err(Fault::new(grid_at("n", i), Problem::Source(error)));
        }
        let (key, counts) = match &grid.m {
            Some(m) => ("m", m.iter().map(|m| m.get()).collect()),
            None => ("load", messages(grid, n)?),
        };
        for (j, &m) in counts.iter().enumerate() {
            if m > MOST_MESSAGES {
                return Err(Fault::not_allowed(grid_at(key, j)));
            }
            for source in &grid.sources {
                let refused = |error| Fault::new(grid_at(key, j), Problem::Source(error));
                source.check(n as usize, m as usize).map_err(refused)?;
            }
            sizes.push(Size { n, m });
        }
    }
    Ok(sizes)
}

/// m = round(load n) for every load: at least 1, not too many, and every one different.
fn messages(grid: &Grid, n: u32) -> Checked<Vec<u32>> {
    let loads = grid.load.as_deref().unwrap_or_default();
    let mut counts = Vec::with_capacity(loads.len());
    for (j, &load) in loads.iter().enumerate() {
        Positive::try_from(load).map_err(|_| Fault::not_allowed(grid_at("load", j)))?;
        let m = (load * f64::from(n)).round();
        if m < 1.0 {
            return Err(Fault::new(grid_at("load", j), Problem::NoMessage { load, n }));
        }
        if m > f64::from(MOST_MESSAGES) {
            let problem = Problem::TooManyMessages { load, n, most: MOST_MESSAGES };
            return Err(Fault::new(grid_at("load", j), problem));
        }
        counts.push(m as u32);
    }
    distinct("load", 'm', loads, &counts, n)?;
    Ok(counts)
}

/// The noise of queries: needed where a probe reads them, refused where none does.
pub(super) fn noise(grid: &Grid, reads_queries: bool) -> Checked<NoiseAxis> {
    let axis = match (&grid.noise, &grid.flips) {
        (None, None) if !reads_queries => return Ok(NoiseAxis::Flips(Vec::new())),
        (Some(_), _) if !reads_queries => return Err(without_queries("noise")),
        (_, Some(_)) if !reads_queries => return Err(without_queries("flips")),
        (Some(levels), None) => {
            let level = |(j, &x)| Noise::try_from(x).map_err(|_| Fault::not_allowed(grid_at("noise", j)));
            NoiseAxis::Levels(levels.iter().enumerate().map(level).collect::<Result<_, _>>()?)
        }
        (None, Some(flips)) => NoiseAxis::Flips(flips.clone()),
        (noise, _) => {
            let problem = Problem::NotExactlyOne { first: "noise", second: "flips", both: noise.is_some() };
            return Err(Fault::new(Place::default().at("grid"), problem));
        }
    };
    for &n in &grid.n {
        let flips = axis.flips(n);
        match &axis {
            NoiseAxis::Levels(levels) => {
                let levels: Vec<f64> = levels.iter().map(|level| level.get()).collect();
                distinct("noise", 'd', &levels, &flips, n)?;
            }
            NoiseAxis::Flips(_) => {
                if let Some(j) = flips.iter().position(|&d| d > n / 2) {
                    let problem = Problem::TooManyFlips { flips: flips[j], n };
                    return Err(Fault::new(grid_at("flips", j), problem));
                }
            }
        }
    }
    Ok(axis)
}

/// A key of the grid that only matters to probes that read queries.
pub(super) fn without_queries(key: &str) -> Box<Fault> {
    let because = "none of the probes reads queries";
    Fault::new(Place::default().at("grid").at(key), Problem::NoEffect { because })
}

/// Shares that round to one number would be one condition under two names.
fn distinct(key: &str, symbol: char, shares: &[f64], counts: &[u32], n: u32) -> Checked<()> {
    let mut seen = HashMap::new();
    for (j, &value) in counts.iter().enumerate() {
        if let Some(i) = seen.insert(value, j) {
            let problem = Problem::Coincide { first: shares[i], second: shares[j], symbol, value, n };
            return Err(Fault::new(grid_at(key, j), problem));
        }
    }
    Ok(())
}
