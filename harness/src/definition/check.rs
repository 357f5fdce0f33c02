//! The conversion of a definition from what its TOML says to what a sweep needs.

use super::document::{Document, Place};
use super::error::Fault;
use super::problem::Problem;
use super::wire::{File, Grid, Read};
use super::{Definition, Probe, Reads, axes, figures, variants};
use protocols::Spec;
use serde::Deserialize;
use std::collections::HashSet;

/// What a check gives.
pub(super) type Checked<T> = Result<T, Box<Fault>>;

/// The most cells a sweep may have: more than anyone has asked for, and still a plan of less than 1 GB.
const MOST_CELLS: u64 = 1_000_000;

/// The definition in `document`.
pub(super) fn definition(name: &str, document: &Document<'_>) -> Checked<Definition> {
    let file = read(document)?;
    lists(&file)?;
    count(&file)?;
    let protocols = variants::all(&file)?;
    let sizes = axes::sizes(&file.grid)?;
    let probes = sorted(file.probes);
    let reads_queries = probes.iter().any(|probe| probe.reads_queries());
    let noise = axes::noise(&file.grid, reads_queries)?;
    let queries = queries(&file.grid, reads_queries)?;
    let reads = reads(file.read, &protocols, probes.contains(&Probe::Recovery))?;
    let definition = Definition {
        name: name.to_owned(),
        text: document.text.to_owned(),
        question: file.question,
        analysis: file.analysis,
        seed: file.seed,
        probes,
        protocols: protocols.into_iter().map(|variant| (variant.label, variant.spec)).collect(),
        sources: file.grid.sources,
        sizes,
        noise,
        trials: file.grid.trials.get(),
        queries,
        reads,
        figures: file.figure,
    };
    figures::check(&definition)?;
    Ok(definition)
}

/// The wire types. Serde would take a list for a table, its items in the order of the fields: that is refused.
fn read(document: &Document<'_>) -> Checked<File> {
    let file = File::deserialize(toml::Deserializer::from(document.root.clone()))
        .map_err(|error| Fault::from_serde(document, &error))?;
    let root = Place::default();
    let mut tables = vec![root.at("grid"), root.at("read")];
    tables.extend(
        file.protocols
            .iter()
            .map(|(label, spec)| root.at("protocols").at(label.as_str()).at(spec.about().name)),
    );
    tables.extend((0..file.figure.len()).map(|i| root.at("figure").at(i)));
    match tables.into_iter().find(|place| document.is_list(place)) {
        Some(place) => Err(Fault::not_allowed(place)),
        None => Ok(file),
    }
}

/// No list is empty or has a value twice.
fn lists(file: &File) -> Checked<()> {
    let root = Place::default();
    if file.protocols.is_empty() {
        return Err(Fault::new(root.at("protocols"), Problem::Empty));
    }
    let grid = &file.grid;
    let show = |list: &Option<Vec<_>>| {
        list.as_ref().map(|l: &Vec<std::num::NonZeroU32>| strings(l, |x| x.to_string()))
    };
    let lists = [
        (root.at("probes"), Some(strings(&file.probes, |x| x.name().to_owned()))),
        (root.at("grid").at("sources"), Some(strings(&grid.sources, |x| x.name().to_owned()))),
        (root.at("grid").at("n"), Some(strings(&grid.n, u32::to_string))),
        (root.at("grid").at("load"), grid.load.as_ref().map(|l| strings(l, f64::to_string))),
        (root.at("grid").at("m"), show(&grid.m)),
        (root.at("grid").at("noise"), grid.noise.as_ref().map(|l| strings(l, |x| (x + 0.0).to_string()))),
        (root.at("grid").at("flips"), grid.flips.as_ref().map(|l| strings(l, u32::to_string))),
        (root.at("grid").at("k"), show(&grid.k)),
        (root.at("grid").at("steps"), show(&grid.steps)),
        (
            root.at("read").at("dynamics"),
            file.read.as_ref().map(|read| strings(&read.dynamics, |x| x.name().to_owned())),
        ),
    ];
    lists.into_iter().filter_map(|(place, list)| list.map(|list| (place, list))).try_for_each(unique)
}

fn strings<T>(list: &[T], show: impl Fn(&T) -> String) -> Vec<String> {
    list.iter().map(show).collect()
}

fn unique((place, list): (Place, Vec<String>)) -> Checked<()> {
    if list.is_empty() {
        return Err(Fault::new(place, Problem::Empty));
    }
    let mut seen = HashSet::new();
    match list.iter().position(|value| !seen.insert(value)) {
        Some(i) => Err(Fault::new(place.at(i), Problem::Repeated { value: list[i].clone() })),
        None => Ok(()),
    }
}

/// The sweep has a size that can be meant; checked before anything of that size is made.
fn count(file: &File) -> Checked<()> {
    let grid = &file.grid;
    let len = |list: &Option<Vec<_>>| list.as_ref().map_or(1, |l: &Vec<std::num::NonZeroU32>| l.len() as u64);
    let trained = file.protocols.values().filter(|spec| matches!(spec, Spec::Trn(_))).count() as u64;
    let protocols = file.protocols.len() as u64 - trained + trained * len(&grid.k) * len(&grid.steps);
    let messages = grid.load.as_ref().map_or(len(&grid.m), |loads| loads.len() as u64);
    let factors =
        [grid.sources.len() as u64, grid.n.len() as u64, messages, protocols, u64::from(grid.trials.get())];
    let cells = factors.into_iter().fold(1, u64::saturating_mul);
    if cells > MOST_CELLS {
        let place = Place::default().at("grid").at("trials");
        return Err(Fault::new(place, Problem::TooManyCells { cells, most: MOST_CELLS }));
    }
    Ok(())
}

/// Queries a trial: needed where a probe reads them, refused where none does.
fn queries(grid: &Grid, reads_queries: bool) -> Checked<u32> {
    let place = Place::default().at("grid");
    match (grid.queries, reads_queries) {
        (Some(queries), true) if queries.get() > axes::MOST_MESSAGES => {
            Err(Fault::not_allowed(place.at("queries")))
        }
        (Some(queries), true) => Ok(queries.get()),
        (None, true) => Err(Fault::missing(place, "queries")),
        (Some(_), false) => Err(axes::without_queries("queries")),
        (None, false) => Ok(0),
    }
}

fn reads(read: Option<Read>, protocols: &[variants::Variant], recovery: bool) -> Checked<Reads> {
    let read = read.unwrap_or_default();
    let (max_steps, checkpoint) = (read.max_steps.get(), read.checkpoint.get());
    let place = Place::default().at("read").at("checkpoint");
    let own = protocols.iter().filter_map(|v| match &v.spec {
        Spec::Trn(trn) => Some((trn.steps.get(), v.steps_place.clone())),
        _ => None,
    });
    let late =
        std::iter::once((checkpoint, place)).chain(own).find(|(steps, _)| recovery && *steps > max_steps);
    if let Some((checkpoint, place)) = late {
        return Err(Fault::new(place, Problem::BeyondMaxSteps { checkpoint, max_steps }));
    }
    Ok(Reads { dynamics: sorted(read.dynamics), max_steps, checkpoint })
}

fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort_unstable();
    list
}
