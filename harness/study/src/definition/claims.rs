//! This module checks that claims fit the definition. They name protocols, figures and values that it has,
//! and there is something to compare.

use super::document::KeyPath;
use super::error::{Checked, Fault};
use super::membership::one_of;
use super::problem::Problem;
use super::{Condition, Definition};
use crate::claim::{
    At, Capacity, ClaimSpec, Difference, ExhaustiveQueries, Growth, LoadRange, Property, QueriesNeeded,
    Region, Test, WriteTime,
};
use crate::label::Label;
use crate::measure::Measure;
use crate::measure::Probe;
use indexmap::IndexSet;
use stats::Interval;
use std::collections::HashSet;

/// Returns the places of all tables of `claims`.
pub(super) fn tables(claims: &[ClaimSpec]) -> Vec<KeyPath> {
    let mut places = Vec::new();
    for (i, claim) in claims.iter().enumerate() {
        let place = KeyPath::default().at("claim").at(i);
        for (j, test) in claim.test.iter().enumerate() {
            let test = place.at("test").at(j).at(test.kind());
            places.extend([test.at("region").at("load"), test.at("region"), test.at("growth"), test]);
        }
        places.push(place);
    }
    places
}

/// Checks every claim.
pub(super) fn check(definition: &Definition) -> Checked<()> {
    let mut ids = HashSet::new();
    for (i, claim) in definition.claims.iter().enumerate() {
        let place = KeyPath::default().at("claim").at(i);
        if !ids.insert(claim.id) {
            let name = claim.id.name().to_owned();
            return Err(Fault::new(place.at("id"), Problem::SameClaim { what: "claims", name }));
        }
        let figures: Vec<&str> = definition.figures.iter().map(|figure| figure.name.as_str()).collect();
        known(&place.at("figure"), &claim.figure, &figures)?;
        if claim.test.is_empty() {
            return Err(Fault::missing(place, "test"));
        }
        let mut names = HashSet::new();
        for (j, test) in claim.test.iter().enumerate() {
            let place = place.at("test").at(j).at(test.kind());
            let name = test.name();
            if name.trim().is_empty() || name.contains(char::is_control) {
                return Err(Fault::not_allowed(place.at("name")));
            }
            if !names.insert(name) {
                let (what, name) = ("tests", name.to_owned());
                return Err(Fault::new(place.at("name"), Problem::SameClaim { what, name }));
            }
            match test {
                Test::Difference(test) => difference(definition, test, &place)?,
                Test::Capacity(test) => capacity(definition, test, &place)?,
                Test::Property(test) => property(definition, test, &place)?,
                Test::WriteTime(test) => write_time(definition, test, &place)?,
                Test::QueriesNeeded(test) => queries_needed(definition, test, &place)?,
                Test::ExhaustiveQueries(test) => exhaustive_queries(test, &place)?,
            }
        }
    }
    Ok(())
}

fn difference(definition: &Definition, test: &Difference, place: &KeyPath) -> Checked<()> {
    let Difference { subject, rivals, measure, region, threshold, .. } = test;
    measured(definition, *measure, &place.at("measure"))?;
    if !(0.0..measure.range().width()).contains(threshold) {
        return Err(Fault::not_allowed(place.at("threshold")));
    }
    check_region(definition, region, *measure, &place.at("region"))?;
    sides(definition, (subject, rivals), region, place)
}

fn capacity(definition: &Definition, test: &Capacity, place: &KeyPath) -> Checked<()> {
    let Capacity { subject, rivals, measure, levels, region, threshold, .. } = test;
    measured(definition, *measure, &place.at("measure"))?;
    // The level has to lie between what no memory and what every memory reaches.
    if measure.range() != Interval::PROPORTION || !measure.more_is_better() {
        return Err(Fault::not_allowed(place.at("measure")));
    }
    items(&place.at("levels"), Some(levels), |level, place| {
        if *level > 0.0 && *level < 1.0 { Ok(()) } else { Err(Fault::not_allowed(place.clone())) }
    })?;
    if !(*threshold >= 0.0 && threshold.is_finite()) {
        return Err(Fault::not_allowed(place.at("threshold")));
    }
    check_region(definition, region, *measure, &place.at("region"))?;
    sides(definition, (subject, rivals), region, place)
}

fn property(definition: &Definition, test: &Property, place: &KeyPath) -> Checked<()> {
    let Property { subject, measure, above, below, region, .. } = test;
    measured(definition, *measure, &place.at("measure"))?;
    match (above, below) {
        (None, None) => return Err(Fault::missing(place.clone(), "above")),
        (Some(_), Some(_)) => {
            let because = "`above` is given, and a property has one bound";
            return Err(Fault::new(place.at("below"), Problem::NoEffect { because }));
        }
        _ => {}
    }
    for (key, bound) in [("above", above), ("below", below)] {
        if bound.is_some_and(|bound| !measure.range().contains(bound)) {
            return Err(Fault::not_allowed(place.at(key)));
        }
    }
    check_region(definition, region, *measure, &place.at("region"))?;
    runs(definition, subject, region, place)
}

fn write_time(definition: &Definition, test: &WriteTime, place: &KeyPath) -> Checked<()> {
    let WriteTime { subject, region, growth, .. } = test;
    check_growth(growth, place)?;
    check_region(definition, region, Measure::WriteSeconds, &place.at("region"))?;
    runs(definition, subject, region, place)?;
    enough_sizes(definition, subject, region, place)
}

fn queries_needed(definition: &Definition, test: &QueriesNeeded, place: &KeyPath) -> Checked<()> {
    let QueriesNeeded { subject, plateau, within, measure, region, growth, .. } = test;
    measured(definition, *measure, &place.at("measure"))?;
    check_growth(growth, place)?;
    if !(*within > 0.0 && *within < 1.0) {
        return Err(Fault::not_allowed(place.at("within")));
    }
    check_region(definition, region, *measure, &place.at("region"))?;
    known(&place.at("plateau"), plateau, &labels(definition))?;
    // The protocols that `k` has varied.
    let of_k = |label: &'_ Label<'_>| label.k.is_some();
    let varied: IndexSet<&str> = definition
        .protocols
        .keys()
        .map(|label| Label::parse(label))
        .filter(of_k)
        .map(|l| l.protocol)
        .collect();
    let varied: Vec<&str> = varied.into_iter().collect();
    if varied.is_empty() {
        let because = "no protocol is varied by the grid's `k`";
        return Err(Fault::new(place.at("subject"), Problem::NoEffect { because }));
    }
    known(&place.at("subject"), subject, &varied)?;
    enough_sizes(definition, plateau, region, place)
}

fn exhaustive_queries(test: &ExhaustiveQueries, place: &KeyPath) -> Checked<()> {
    check_growth(&test.growth, place)?;
    if !(test.noise > 0.0 && test.noise <= 0.5) {
        return Err(Fault::not_allowed(place.at("noise")));
    }
    let mut seen = HashSet::new();
    items(&place.at("n"), Some(&test.n), |n, place| match (2..=1000).contains(n) {
        true if seen.insert(*n) => Ok(()),
        true => Err(Fault::new(place.clone(), Problem::Repeated { value: n.to_string() })),
        false => Err(Fault::not_allowed(place.clone())),
    })?;
    four(test.n.len(), &place.at("n"))
}

fn check_growth(growth: &Growth, place: &KeyPath) -> Checked<()> {
    for (key, value) in [("evidence", growth.evidence), ("exponent", growth.exponent)] {
        if !(value >= 0.0 && value.is_finite()) {
            return Err(Fault::not_allowed(place.at("growth").at(key)));
        }
    }
    Ok(())
}

/// A law of growth is seen over four N at least.
fn enough_sizes(definition: &Definition, label: &str, region: &Region, place: &KeyPath) -> Checked<()> {
    let sizes: HashSet<u32> = places(definition, label, region).map(|at| at.n).collect();
    four(sizes.len(), &place.at("region"))
}

fn four(sizes: usize, place: &KeyPath) -> Checked<()> {
    match sizes {
        0..4 => Err(Fault::new(place.clone(), Problem::FewSizes { sizes })),
        _ => Ok(()),
    }
}

fn labels(definition: &Definition) -> Vec<&str> {
    definition.protocols.keys().map(String::as_str).collect()
}

/// The subject is a protocol of the definition that runs in the region.
fn runs(definition: &Definition, subject: &str, region: &Region, place: &KeyPath) -> Checked<()> {
    known(&place.at("subject"), subject, &labels(definition))?;
    if places(definition, subject, region).next().is_none() {
        let problem = Problem::EmptyRegion { subject: subject.to_owned(), rival: None };
        return Err(Fault::new(place.at("region"), problem));
    }
    Ok(())
}

/// Subject and rivals are protocols of the definition, and each rival runs where the subject does.
fn sides(
    definition: &Definition,
    (subject, rivals): (&str, &[String]),
    region: &Region,
    place: &KeyPath,
) -> Checked<()> {
    let labels = labels(definition);
    runs(definition, subject, region, place)?;
    if rivals.is_empty() {
        return Err(Fault::new(place.at("rivals"), Problem::Empty));
    }
    let ours: HashSet<At> = places(definition, subject, region).collect();
    let mut seen = HashSet::new();
    for (i, rival) in rivals.iter().enumerate() {
        let place_of = place.at("rivals").at(i);
        known(&place_of, rival, &labels)?;
        if rival == subject {
            return Err(Fault::new(place_of, Problem::OwnRival { label: rival.clone() }));
        }
        if !seen.insert(rival) {
            return Err(Fault::new(place_of, Problem::Repeated { value: rival.clone() }));
        }
        if !places(definition, rival, region).any(|at| ours.contains(&at)) {
            let problem = Problem::EmptyRegion { subject: subject.to_owned(), rival: Some(rival.clone()) };
            return Err(Fault::new(place.at("region"), problem));
        }
    }
    Ok(())
}

/// Where a protocol runs within a region; flips are left to the noise levels of the region, which every N has.
fn places<'a>(
    definition: &'a Definition,
    label: &'a str,
    region: &'a Region,
) -> impl Iterator<Item = At> + 'a {
    let number = definition.protocols.get_index_of(label);
    let of = move |condition: &&Condition| Some(condition.protocol) == number;
    let place = |c: &Condition| At { source: c.source, dynamics: None, n: c.n, m: Some(c.m), flips: None };
    definition.conditions.iter().filter(of).map(place).filter(|at| region.has(at))
}

/// A name is one of those that there are.
fn known(place: &KeyPath, name: &str, allowed: &[&str]) -> Checked<()> {
    if allowed.contains(&name) {
        return Ok(());
    }
    Err(Fault::new(place.clone(), Problem::unknown(name, allowed.iter().copied())))
}

/// A probe measures it.
fn measured(definition: &Definition, measure: Measure, place: &KeyPath) -> Checked<()> {
    match measure.probe() {
        None => Err(Fault::not_allowed(place.clone())),
        Some(probe) if definition.probes.contains(&probe) => Ok(()),
        Some(_) => {
            let because = "none of the probes measures it";
            Err(Fault::new(place.clone(), Problem::NoEffect { because }))
        }
    }
}

/// The values of a region are values of the grid, and those of reads are asked of reads only.
fn check_region(definition: &Definition, region: &Region, measure: Measure, place: &KeyPath) -> Checked<()> {
    let Region { sources, n, load, noise, dynamics } = region;
    let run = &definition.conditions;
    let because = "the measure is none of reading";
    let reads = measure.probe() == Some(Probe::Recovery);
    for (key, given) in [("noise", noise.is_some()), ("dynamics", dynamics.is_some())] {
        if given && !reads {
            return Err(Fault::new(place.at(key), Problem::NoEffect { because }));
        }
    }
    items(&place.at("sources"), sources.as_ref(), |source, place| {
        one_of(place, Some(source.name()), run.iter().map(|c| c.source.name()))
    })?;
    items(&place.at("n"), n.as_ref(), |n, place| one_of(place, Some(*n), run.iter().map(|c| c.n)))?;
    items(&place.at("dynamics"), dynamics.as_ref(), |dynamics, place| {
        one_of(place, Some(dynamics.name()), definition.reads.dynamics.iter().map(|x| x.name()))
    })?;
    if let Some(LoadRange { from, to }) = *load {
        if !(from >= 0.0 && from.is_finite()) {
            return Err(Fault::not_allowed(place.at("load").at("from")));
        }
        if !(to >= from && to.is_finite()) {
            return Err(Fault::not_allowed(place.at("load").at("to")));
        }
    }
    let here: Vec<&Condition> = run.iter().filter(|c| n.as_ref().is_none_or(|n| n.contains(&c.n))).collect();
    items(&place.at("noise"), noise.as_ref(), |level, place| {
        let lacks =
            |c: &&&Condition| !c.flips.iter().any(|&d| f64::from(d) == (level * f64::from(c.n)).round());
        match here.iter().find(lacks) {
            None => Ok(()),
            Some(condition) => {
                let levels = condition.flips.iter().map(|&d| f64::from(d) / f64::from(condition.n));
                let allowed = levels.map(|level| format!("{level:.4}")).collect();
                Err(Fault::new(place.clone(), Problem::NotInGrid { allowed }))
            }
        }
    })
}

/// Checks every item of a list that has one.
fn items<T>(
    place: &KeyPath,
    list: Option<&Vec<T>>,
    mut check: impl FnMut(&T, &KeyPath) -> Checked<()>,
) -> Checked<()> {
    let Some(list) = list else { return Ok(()) };
    if list.is_empty() {
        return Err(Fault::new(place.clone(), Problem::Empty));
    }
    list.iter().enumerate().try_for_each(|(i, item)| check(item, &place.at(i)))
}
