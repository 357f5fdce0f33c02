//! Figures fit the grid: each has a file name of its own and draws something that is run.

use super::Definition;
use super::check::Checked;
use super::document::Place;
use super::error::Fault;
use super::problem::Problem;
use indexmap::IndexSet;
use std::collections::HashSet;

/// Checks every figure.
pub(super) fn check(definition: &Definition) -> Checked<()> {
    let mut names = HashSet::new();
    let run = &definition.conditions;
    let sources: IndexSet<_> = run.iter().map(|c| c.source.name()).collect();
    let flips: IndexSet<(u32, u32)> =
        run.iter().flat_map(|c| c.flips.iter().map(|&flips| (c.n, flips))).collect();
    let units: IndexSet<u32> = run.iter().map(|c| c.n).collect();
    for (i, figure) in definition.figures.iter().enumerate() {
        let place = Place::default().at("figure").at(i);
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if figure.name.is_empty() || !figure.name.bytes().all(is_plain) {
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
        let shown = flips.iter().filter(|(n, _)| figure.n.is_none_or(|only| only == *n));
        one_of(&place.at("flips"), figure.flips, shown.map(|&(_, flips)| flips))?;
    }
    Ok(())
}

/// A value that a figure or rule is restricted to is one that is run.
pub(super) fn one_of<T: PartialEq + ToString>(
    place: &Place,
    value: Option<T>,
    run: impl Iterator<Item = T>,
) -> Checked<()> {
    let Some(value) = value else { return Ok(()) };
    let mut allowed: Vec<String> = Vec::new();
    for candidate in run {
        if candidate == value {
            return Ok(());
        }
        let name = candidate.to_string();
        if !allowed.contains(&name) {
            allowed.push(name);
        }
    }
    Err(Fault::new(place.clone(), Problem::NotInGrid { allowed }))
}
