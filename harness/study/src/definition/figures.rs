//! This module checks that figures fit the grid. Each has a file name of its own and draws something that is
//! run.

use super::Definition;
use super::document::KeyPath;
use super::error::{Checked, Fault};
use super::membership::one_of;
use super::problem::Problem;
use crate::claim::Test;
use crate::figure::{FigureKind, FigureSpec, Shown};
use crate::label::is_of;
use indexmap::IndexSet;
use protocols::Corruption;
use std::collections::HashSet;

/// Checks every figure.
pub(super) fn check(definition: &Definition) -> Checked<()> {
    let mut names = HashSet::new();
    let run = &definition.conditions;
    let sources: IndexSet<_> = run.iter().map(|c| c.source.name()).collect();
    let flips: IndexSet<(u32, Corruption)> =
        run.iter().flat_map(|c| c.flips.iter().map(|&flips| (c.n, flips))).collect();
    let messages: IndexSet<u32> = run.iter().map(|c| c.m).collect();
    let units: IndexSet<u32> = run.iter().map(|c| c.n).collect();
    for (i, figure) in definition.figures.iter().enumerate() {
        let place = KeyPath::default().at("figure").at(i);
        if !figure.names_files() {
            return Err(Fault::not_allowed(place.at("name")));
        }
        // File systems may not tell capitals from small letters.
        if !names.insert(figure.name.to_lowercase()) {
            return Err(Fault::new(place.at("name"), Problem::SameFigure { name: figure.name.clone() }));
        }
        one_of(&place.at("source"), figure.source.map(|x| x.name()), sources.iter().copied())?;
        let dynamics = definition.reads.dynamics.iter().map(|x| x.name());
        one_of(&place.at("dynamics"), figure.dynamics.map(|x| x.name()), dynamics)?;
        one_of(&place.at("n"), figure.n, units.iter().copied())?;
        one_of(&place.at("m"), figure.m, messages.iter().copied())?;
        labels(definition, figure, &place)?;
        fits_its_kind(figure, &place)?;
        has_its_test(definition, figure, &place)?;
        let shown = flips.iter().filter(|(n, _)| figure.n.is_none_or(|only| only == *n));
        one_of(&place.at("flips"), figure.flips, shown.clone().map(|&(_, flips)| flips))?;
        let loads = run.iter().map(|c| (c.n, c.m)).filter(|(n, _)| figure.n.is_none_or(|only| only == *n));
        shares(&place.at("load"), figure.load.as_deref(), loads)?;
        shares(&place.at("noise"), figure.noise.as_deref(), shown.map(|&(n, flips)| (n, flips.units)))?;
    }
    Ok(())
}

/// Loads and noise levels are shares of N that are run, of messages or of corrupted bits.
fn shares(
    place: &KeyPath,
    wanted: Option<&[f64]>,
    run: impl Iterator<Item = (u32, u32)> + Clone,
) -> Checked<()> {
    for (i, &share) in wanted.into_iter().flatten().enumerate() {
        let is_run = |(n, count): (u32, u32)| (share * f64::from(n)).round() == f64::from(count);
        if !run.clone().any(is_run) {
            let mut all: Vec<f64> = run.map(|(n, count)| f64::from(count) / f64::from(n)).collect();
            all.sort_by(f64::total_cmp);
            all.dedup();
            let allowed = all.iter().map(|share| format!("{share:.3}")).collect();
            return Err(Fault::new(place.at(i), Problem::NotInGrid { allowed }));
        }
    }
    Ok(())
}

/// Labels are those of protocols, without what `k` and `steps` add to them.
fn labels(definition: &Definition, figure: &FigureSpec, place: &KeyPath) -> Checked<()> {
    let lists = [("protocols", &figure.protocols), ("reference", &figure.reference)];
    let listed = lists.into_iter().flat_map(|(key, list)| {
        let items = list.iter().flatten().enumerate();
        items.map(move |(i, label)| (place.at(key).at(i), label))
    });
    let named = figure.subject.iter().map(|label| (place.at("subject"), label));
    for (place, label) in listed.chain(named) {
        if !definition.protocols.keys().any(|known| is_of(known, label)) {
            let problem = Problem::unknown(label, definition.protocols.keys().map(String::as_str));
            return Err(Fault::new(place, problem));
        }
    }
    Ok(())
}

/// Keys that only some kinds have, and those that a kind needs.
fn fits_its_kind(figure: &FigureSpec, place: &KeyPath) -> Checked<()> {
    let kind = figure.kind;
    let keys = figure.keys_of_kinds();
    if let Some((key, _)) = keys.iter().find(|(key, given)| *given && !kind.knows(key)) {
        let others: Vec<&str> =
            FigureKind::ALL.into_iter().filter(|kind| kind.knows(key)).map(FigureKind::name).collect();
        let problem = Problem::NotOfKind { kind: kind.name(), kinds: others.join(", ") };
        return Err(Fault::new(place.at(*key), problem));
    }
    match keys.iter().find(|(key, given)| !*given && kind.required().contains(key)) {
        Some((key, _)) => Err(Fault::missing(place.clone(), key)),
        None => Ok(()),
    }
}

/// A figure of what a claim's test decides by has such a test.
fn has_its_test(definition: &Definition, figure: &FigureSpec, place: &KeyPath) -> Checked<()> {
    let mut tests = definition.claims.iter().flat_map(|claim| &claim.test);
    let is_shown = |test: &Test| matches!(test, Test::QueriesNeeded(test) if figure.names(&test.subject));
    if figure.kind.shown() == Shown::QueriesNeeded && !tests.any(is_shown) {
        return Err(Fault::new(place.at("kind"), Problem::NoTest { test: figure.kind.name() }));
    }
    Ok(())
}
