//! This module converts a definition from what its TOML says to what a sweep needs.

use super::document::{Document, KeyPath};
use super::error::{Checked, Fault};
use super::files::{self, Look};
use super::problem::Problem;
use super::section::Section;
use super::variants::{self, Variant};
use super::wire::{File, Grid, Messages, Read};
use super::{Definition, ReadSettings, claims, conditions, figures, readers, sequential};
use crate::budget::Budget;
use crate::label;
use crate::measure::Probe;
use protocols::Spec;
use serde::Deserialize;
use std::collections::HashSet;

/// Returns the definition in `document`.
pub(super) fn definition(name: &str, document: &Document<'_>, look: Look<'_>) -> Checked<Definition> {
    let mut file = read(document)?;
    let seen = files::look(&mut file, look)?;
    let sections = Section::all(&file.grid)?;
    lists(&file, &sections)?;
    let variants: Vec<Vec<_>> =
        sections.iter().map(|section| variants::of_section(&file, section)).collect::<Result<_, _>>()?;
    let protocols = variants::by_label(&file, &variants)?;
    let probes = sorted(file.probes.clone());
    let reads_queries = probes.iter().any(|probe| probe.reads_queries());
    let conditions = conditions::all(&sections, &variants, &protocols, reads_queries)?;
    all_run(&file, &variants)?;
    let reads = reads(file.read.take(), &variants.concat(), probes.contains(&Probe::Recovery))?;
    readers::name(&mut file, &reads.dynamics);
    let sequential = sequential::rule(file.sequential, &conditions, &reads, &probes)?;
    let few = files::few_queries(&conditions);
    let definition = Definition {
        name: name.to_owned(),
        text: document.text.to_owned(),
        question: file.question,
        analysis: file.analysis,
        seed: file.seed,
        stream: file.stream,
        probes,
        protocols,
        conditions,
        reads,
        budget: Budget { seconds_per_cell: file.budget.seconds_per_cell, memory_mib: file.budget.memory_mib },
        sequential,
        figures: file.figure,
        claims: file.claim,
        files: seen.files,
        told: [seen.told, few].concat(),
    };
    figures::check(&definition)?;
    claims::check(&definition)?;
    Ok(definition)
}

/// The wire types. Serde would take a list for a table, its items in the order of the fields: that is refused.
fn read(document: &Document<'_>) -> Checked<File> {
    let file = File::deserialize(toml::Deserializer::from(document.root.clone()))
        .map_err(|error| Fault::from_serde(document, &error))?;
    let root = KeyPath::default();
    let mut tables = vec![root.at("grid"), root.at("read"), root.at("sequential"), root.at("budget")];
    for (label, spec) in &file.protocols {
        parameters(spec, root.at("protocols").at(label.as_str()), &mut tables);
    }
    tables.extend((0..file.figure.len()).map(|i| root.at("figure").at(i)));
    tables.extend(claims::tables(&file.claim));
    for (i, part) in file.grid.part.iter().enumerate() {
        let part_place = root.at("grid").at("part").at(i);
        tables.extend(excluded(part, &part_place));
        tables.push(part_place);
    }
    tables.extend(excluded(&file.grid, &root.at("grid")));
    match tables.into_iter().find(|place| document.is_list(place)) {
        Some(place) => Err(Fault::not_allowed(place)),
        None => Ok(file),
    }
}

/// Adds the places of a protocol's parameters, and of those of the rules among them.
fn parameters(spec: &Spec, place: KeyPath, tables: &mut Vec<KeyPath>) {
    let place = place.at(spec.about().name);
    for (parameter, rule) in spec.rules() {
        parameters(&rule, place.at(parameter), tables);
    }
    tables.push(place);
}

/// The places of the tables that exclude.
fn excluded<'a>(grid: &'a Grid, place: &'a KeyPath) -> impl Iterator<Item = KeyPath> + 'a {
    (0..grid.exclude.as_ref().map_or(0, Vec::len)).map(|i| place.at("exclude").at(i))
}

/// No list is empty or has a value twice, and lists of labels name protocols.
fn lists(file: &File, sections: &[Section]) -> Checked<()> {
    let root = KeyPath::default();
    if file.protocols.is_empty() {
        return Err(Fault::new(root.at("protocols"), Problem::Empty));
    }
    for (label, _) in &file.protocols {
        if label.trim().is_empty() || label.contains(char::is_control) {
            return Err(Fault::new(root.at("protocols").at(label.as_str()), Problem::Label));
        }
        if let Some(reason) = label::hidden(label) {
            return Err(Fault::new(root.at("protocols").at(label.as_str()), Problem::HiddenLabel { reason }));
        }
    }
    unique(root.at("probes"), Some(&file.probes), |x| x.name().to_owned())?;
    let read = file.read.as_ref();
    let dynamics = read.map(|read| &read.dynamics);
    unique(root.at("read").at("dynamics"), dynamics, readers::shown)?;
    readers::described(dynamics)?;
    sections.iter().try_for_each(|section| section_lists(file, section))
}

fn section_lists(file: &File, section: &Section) -> Checked<()> {
    let grid = &section.grid;
    let m = match &grid.m {
        Some(Messages::Listed(m)) => Some(m),
        _ => None,
    };
    unique(section.key("protocols"), grid.protocols.as_ref(), String::clone)?;
    unique(section.key("sources"), grid.sources.as_ref(), |x| x.name().to_owned())?;
    unique(section.key("n"), grid.n.as_ref(), u32::to_string)?;
    unique(section.key("load"), grid.load.as_ref(), f64::to_string)?;
    unique(section.key("m"), m, |x| x.to_string())?;
    unique(section.key("noise"), grid.noise.as_ref(), |x| (x + 0.0).to_string())?;
    unique(section.key("flips"), grid.flips.as_ref(), u32::to_string)?;
    unique(section.key("corruptions"), grid.corruptions.as_ref(), |kind| kind.name().to_owned())?;
    unique(section.key("k"), grid.k.as_ref(), |x| x.to_string())?;
    unique(section.key("steps"), grid.steps.as_ref(), |x| x.to_string())?;
    labels(file, section.key("protocols"), grid.protocols.as_ref())?;
    for (i, exclusion) in grid.exclude.iter().flatten().enumerate() {
        let place = section.key("exclude").at(i);
        unique(place.at("protocols"), exclusion.protocols.as_ref(), String::clone)?;
        unique(place.at("sources"), exclusion.sources.as_ref(), |x| x.name().to_owned())?;
        labels(file, place.at("protocols"), exclusion.protocols.as_ref())?;
    }
    Ok(())
}

/// No value of a list stands twice, and it has one.
fn unique<T>(place: KeyPath, list: Option<&Vec<T>>, show: impl Fn(&T) -> String) -> Checked<()> {
    let Some(list) = list else { return Ok(()) };
    if list.is_empty() {
        return Err(Fault::new(place, Problem::Empty));
    }
    let mut seen = HashSet::new();
    for (i, value) in list.iter().map(show).enumerate() {
        if !seen.insert(value.clone()) {
            return Err(Fault::new(place.at(i), Problem::Repeated { value }));
        }
    }
    Ok(())
}

/// Every label of a list is one of `[protocols]`.
fn labels(file: &File, place: KeyPath, list: Option<&Vec<String>>) -> Checked<()> {
    let unknown = |label: &&String| !file.protocols.contains_key(*label);
    let Some((i, name)) = list.into_iter().flatten().enumerate().find(|(_, label)| unknown(label)) else {
        return Ok(());
    };
    let problem = Problem::unknown(name, file.protocols.keys().map(String::as_str));
    Err(Fault::new(place.at(i), problem))
}

/// Every protocol is run by a section.
fn all_run(file: &File, variants: &[Vec<Variant>]) -> Checked<()> {
    let is_run = |label: &&String| variants.iter().flatten().any(|variant| variant.protocol == **label);
    match file.protocols.keys().find(|label| !is_run(label)) {
        Some(label) => {
            Err(Fault::new(KeyPath::default().at("protocols").at(label.as_str()), Problem::NeverRun))
        }
        None => Ok(()),
    }
}
fn reads(read: Option<Read>, protocols: &[Variant], recovery: bool) -> Checked<ReadSettings> {
    let read = read.unwrap_or_default();
    let (max_steps, checkpoint) = (read.max_steps.get(), read.checkpoint.get());
    let place = KeyPath::default().at("read").at("checkpoint");
    let own = protocols
        .iter()
        .filter_map(|v| v.spec.training().map(|training| (training.steps.get(), v.steps_place.clone())));
    let late =
        std::iter::once((checkpoint, place)).chain(own).find(|(steps, _)| recovery && *steps > max_steps);
    if let Some((checkpoint, place)) = late {
        return Err(Fault::new(place, Problem::BeyondMaxSteps { checkpoint, max_steps }));
    }
    let (dynamics, programs) = readers::divided(read.dynamics);
    Ok(ReadSettings { dynamics: sorted(dynamics), programs, max_steps, checkpoint })
}

fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort_unstable();
    list
}
