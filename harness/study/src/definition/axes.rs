//! This module has the axes of a section. They are numbers of messages, numbers of flipped bits, and counts
//! that may be formulas.

use super::document::KeyPath;
use super::error::{Checked, Fault};
use super::formula::{Axes, Formula, Variable};
use super::problem::Problem;
use super::section::Section;
use super::wire::{Axis, Count, Messages};
use crate::schema::MOST_MESSAGES;
use protocols::protocol::parameter::{Noise, Positive};
use protocols::{Corruption, CorruptionKind};
use std::collections::HashMap;

/// A `MessageAxis` says how a section sets M.
pub(super) enum MessageAxis<'a> {
    /// Listed.
    Counts(Vec<u32>),
    /// round(load n).
    Loads(&'a [f64]),
    /// A formula of N.
    Formula(Formula, &'a str),
    /// A formula of N and the load.
    OfLoads(Formula, &'a str, &'a [f64]),
}

/// A `Messaged` is a number of messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Messaged {
    /// M.
    pub(super) m: u32,
    /// The load as listed, or M/N.
    pub(super) load: f64,
    /// Its place in the list.
    pub(super) item: usize,
}

impl<'a> MessageAxis<'a> {
    /// Returns the axis of a section.
    pub(super) fn of(section: &'a Section) -> Checked<Self> {
        let fault = |key, problem| Fault::new(section.key(key), problem);
        let loads = section.grid.load.as_deref();
        for (j, &load) in loads.unwrap_or_default().iter().enumerate() {
            Positive::try_from(load).map_err(|_| Fault::not_allowed(section.key("load").at(j)))?;
        }
        match (loads, &section.grid.m) {
            (Some(loads), None) => Ok(Self::Loads(loads)),
            (None, Some(Messages::Listed(m))) => {
                let counts: Vec<u32> = m.iter().map(|m| m.get()).collect();
                match counts.iter().position(|&m| m > MOST_MESSAGES) {
                    Some(j) => Err(Fault::not_allowed(section.key("m").at(j))),
                    None => Ok(Self::Counts(counts)),
                }
            }
            (loads, Some(Messages::Formula(text))) => {
                let available: &[Variable] =
                    if loads.is_some() { &[Variable::N, Variable::Load] } else { &[Variable::N] };
                let formula = Formula::parse(text, available).map_err(|error| {
                    let example = if loads.is_some() { "ceil(load * n)" } else { "round(n / 10)" };
                    fault("m", Problem::Formula { error, example })
                })?;
                match loads {
                    None => Ok(Self::Formula(formula, text)),
                    Some(loads) if formula.reads(Variable::Load) => Ok(Self::OfLoads(formula, text, loads)),
                    Some(_) => {
                        let because = "`m` is a formula that does not read the load";
                        Err(fault("load", Problem::NoEffect { because }))
                    }
                }
            }
            (loads, _) => {
                let problem = Problem::NotExactlyOne { first: "load", second: "m", both: loads.is_some() };
                Err(Fault::new(section.place(), problem))
            }
        }
    }

    /// Returns its key in zipped groups.
    pub(super) fn axis(&self) -> Axis {
        if matches!(self, Self::Loads(_) | Self::OfLoads(..)) { Axis::Load } else { Axis::M }
    }

    /// Returns the number of its values.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Counts(counts) => counts.len(),
            Self::Loads(loads) | Self::OfLoads(_, _, loads) => loads.len(),
            Self::Formula(..) => 1,
        }
    }

    /// Returns where the value number `item` stands.
    pub(super) fn place(&self, section: &Section, item: usize) -> KeyPath {
        match self {
            Self::Formula(..) => section.key("m"),
            _ => section.key(self.axis().name()).at(item),
        }
    }

    /// Returns the numbers of messages at N = `n` of the values that `runs` accepts. Every one is different.
    pub(super) fn at(
        &self,
        section: &Section,
        n: u32,
        runs: impl Fn(usize) -> bool,
    ) -> Checked<Vec<Messaged>> {
        let mut all = Vec::new();
        for item in (0..self.len()).filter(|&item| runs(item)) {
            let (m, load) = self.value(section, n, item)?;
            all.push(Messaged { m, load, item });
        }
        if let Self::Loads(loads) | Self::OfLoads(_, _, loads) = self {
            let values = all.iter().map(|messages| (messages.item, messages.m));
            distinct(&section.key("load"), 'm', |j| loads[j], values, n)?;
        }
        Ok(all)
    }

    fn value(&self, section: &Section, n: u32, item: usize) -> Checked<(u32, f64)> {
        let units = f64::from(n);
        let (formula, text, load) = match self {
            Self::Counts(counts) => return Ok((counts[item], f64::from(counts[item]) / units)),
            Self::Loads(loads) => {
                return Ok((rounded(loads[item], n, section.key("load").at(item))?, loads[item]));
            }
            Self::Formula(formula, text) => (formula, text, None),
            Self::OfLoads(formula, text, loads) => (formula, text, Some(loads[item])),
        };
        let axes = Axes { n: units, m: f64::NAN, load: load.unwrap_or(f64::NAN) };
        let at = load.map_or(format!("n = {n}"), |load| format!("n = {n}, load = {load:?}"));
        let m = whole(formula.at(axes), text, at, &section.key("m"))?;
        Ok((m, load.unwrap_or(f64::from(m) / units)))
    }
}

/// m = round(load n): at least 1, and not too many.
fn rounded(load: f64, n: u32, place: KeyPath) -> Checked<u32> {
    let m = (load * f64::from(n)).round();
    if m < 1.0 {
        return Err(Fault::new(place, Problem::NoMessage { load, n }));
    }
    if m > f64::from(MOST_MESSAGES) {
        return Err(Fault::new(place, Problem::TooManyMessages { load, n, most: MOST_MESSAGES }));
    }
    Ok(m as u32)
}

/// What a formula gives, as a count.
fn whole(value: f64, formula: &str, at: String, place: &KeyPath) -> Checked<u32> {
    if value.fract() == 0.0 && (1.0..=f64::from(MOST_MESSAGES)).contains(&value) {
        return Ok(value as u32);
    }
    let problem = Problem::NoCount { formula: formula.to_owned(), at, value, most: MOST_MESSAGES };
    Err(Fault::new(place.clone(), problem))
}

/// An `Amount` is a number of trials or queries. It stands as a number, or as a formula of N, M and the load.
pub(super) enum Amount<'a> {
    /// A number.
    Number(u32),
    /// A formula.
    Formula(Formula, &'a str),
}

impl<'a> Amount<'a> {
    /// Reads the amount that stands at `place`.
    pub(super) fn of(count: &'a Count, place: &KeyPath) -> Checked<Self> {
        match count {
            Count::Number(number) => Ok(Self::Number(number.get())),
            Count::Formula(text) => match Formula::parse(text, &[Variable::N, Variable::M, Variable::Load]) {
                Ok(formula) => Ok(Self::Formula(formula, text)),
                Err(error) => Err(Fault::new(place.clone(), Problem::Formula { error, example: "2 * m" })),
            },
        }
    }

    /// Returns its value at a point of the grid.
    pub(super) fn at(&self, axes: Axes, place: &KeyPath) -> Checked<u32> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Formula(formula, text) => {
                let at = format!("n = {}, m = {}, load = {:?}", axes.n, axes.m, axes.load);
                whole(formula.at(axes), text, at, place)
            }
        }
    }
}

/// A `NoiseAxis` says how noisy the queries of a section are, besides those that sources have of their own.
pub(super) enum NoiseAxis<'a> {
    /// No probe reads queries, or all sources have queries of their own.
    None,
    /// Shares of the units: d = round(noise N), at most half of them.
    Levels(Vec<f64>),
    /// Numbers of units d.
    Flips(&'a [u32]),
}

impl<'a> NoiseAxis<'a> {
    /// Returns the axis of a section. It is needed where a probe reads queries that a source does not have, refused
    /// where none does.
    pub(super) fn of(section: &'a Section, reads_queries: bool) -> Checked<Self> {
        let kinds = section.grid.corruptions.iter().flatten();
        if let Some(j) = kinds.into_iter().position(|kind| *kind == CorruptionKind::Own) {
            return Err(Fault::not_allowed(section.key("corruptions").at(j)));
        }
        let sources = section.grid.sources.as_deref().unwrap_or_default();
        let own = !sources.is_empty() && sources.iter().all(|source| source.own_queries().is_some());
        let needed = reads_queries && !own;
        match (&section.grid.noise, &section.grid.flips) {
            (None, None) if !needed && section.grid.corruptions.is_none() => Ok(Self::None),
            (Some(_), _) if !reads_queries => Err(without_queries(section.key("noise"))),
            (_, Some(_)) if !reads_queries => Err(without_queries(section.key("flips"))),
            _ if !reads_queries && section.grid.corruptions.is_some() => {
                Err(without_queries(section.key("corruptions")))
            }
            (Some(levels), None) => {
                let not_allowed = |j| Fault::not_allowed(section.key("noise").at(j));
                match levels.iter().position(|&level| Noise::try_from(level).is_err()) {
                    Some(j) => Err(not_allowed(j)),
                    None => Ok(Self::Levels(levels.clone())),
                }
            }
            (None, Some(flips)) => Ok(Self::Flips(flips)),
            (noise, _) => {
                let both = noise.is_some();
                let problem = Problem::NotExactlyOne { first: "noise", second: "flips", both };
                Err(Fault::new(section.place(), problem))
            }
        }
    }

    /// Returns the corruptions at N = `n`, by numbers of units d, of the values that `runs` accepts, and `own`. They
    /// are distinct and ascending.
    pub(super) fn at(
        &self,
        section: &Section,
        n: u32,
        own: Option<Corruption>,
        runs: impl Fn(Axis, usize) -> bool,
    ) -> Checked<Vec<Corruption>> {
        let flips: Vec<(usize, u32)> = match self {
            Self::None => Vec::new(),
            Self::Levels(levels) => {
                let count = |x: f64| ((x * f64::from(n)).round() as u32).min(n / 2);
                levels.iter().map(|&x| count(x)).enumerate().filter(|&(j, _)| runs(Axis::Noise, j)).collect()
            }
            Self::Flips(flips) => {
                flips.iter().copied().enumerate().filter(|&(j, _)| runs(Axis::Flips, j)).collect()
            }
        };
        if let Self::Levels(levels) = self {
            distinct(&section.key("noise"), 'd', |j| levels[j], flips.iter().copied(), n)?;
        } else if let Some(&(j, flips)) = flips.iter().find(|&&(_, d)| d > n / 2) {
            return Err(Fault::new(section.key("flips").at(j), Problem::TooManyFlips { flips, n }));
        }
        let kinds = section.grid.corruptions.as_deref().unwrap_or(&[CorruptionKind::Flips]);
        let of = |kind| flips.iter().map(move |&(_, units)| Corruption { kind, units });
        let mut corruptions: Vec<Corruption> = kinds.iter().flat_map(|&kind| of(kind)).collect();
        corruptions.extend(own);
        corruptions.sort_unstable();
        Ok(corruptions)
    }
}

/// Returns the fault of a key of the grid that only matters to probes that read queries.
pub(super) fn without_queries(place: KeyPath) -> Box<Fault> {
    Fault::new(place, Problem::NoEffect { because: "none of the probes reads queries" })
}

/// Shares that round to one number would be one condition under two names.
fn distinct(
    place: &KeyPath,
    symbol: char,
    share: impl Fn(usize) -> f64,
    counts: impl Iterator<Item = (usize, u32)>,
    n: u32,
) -> Checked<()> {
    let mut seen = HashMap::new();
    for (j, value) in counts {
        if let Some(i) = seen.insert(value, j) {
            let problem = Problem::Coincide { first: share(i), second: share(j), symbol, value, n };
            return Err(Fault::new(place.at(j), problem));
        }
    }
    Ok(())
}
