//! This module has the protocols as the sweep runs them. It has every variant that `k` and `steps` make,
//! under a label of its own.

use super::document::KeyPath;
use super::error::{Checked, Fault};
use super::problem::Problem;
use super::section::Section;
use super::wire::File;
use crate::label::{self, Label};
use indexmap::IndexMap;
use protocols::Spec;
use std::collections::HashMap;
use std::num::NonZeroU32;

/// A `Variant` is a protocol of the sweep.
#[derive(Clone, Debug)]
pub(super) struct Variant {
    /// Its label.
    pub(super) label: String,
    /// Its parameters.
    pub(super) spec: Spec,
    /// Label of the protocol that it is a variant of.
    pub(super) protocol: String,
    /// Its place in the list `k`, where that varies it.
    pub(super) k: Option<usize>,
    /// Its place in the list `steps`, where that varies it.
    pub(super) steps: Option<usize>,
    /// Where it is defined.
    place: KeyPath,
    /// Where its `steps` are set, if it has any.
    pub(super) steps_place: KeyPath,
}

/// Returns the protocols that a section runs, in the order of the file. Variants stand where their protocol
/// stands.
pub(super) fn of_section(file: &File, section: &Section) -> Checked<Vec<Variant>> {
    let grid = &section.grid;
    let runs = |label: &String| grid.protocols.as_ref().is_none_or(|labels| labels.contains(label));
    let protocols = || file.protocols.iter().filter(|(label, _)| runs(label));
    let any_trained = protocols().any(|(_, spec)| spec.training().is_some());
    for (key, list) in [("k", &grid.k), ("steps", &grid.steps)] {
        if list.is_some() && !any_trained {
            let problem = Problem::NothingTrained { trained: trained_protocols() };
            return Err(Fault::new(section.key(key), problem));
        }
    }
    let mut variants = Vec::new();
    for (label, spec) in protocols() {
        let place = KeyPath::default().at("protocols").at(label.as_str());
        let steps_place = trained(place.at(spec.about().name), spec).at("steps");
        let plain = Variant {
            label: label.clone(),
            spec: spec.clone(),
            protocol: label.clone(),
            k: None,
            steps: None,
            place,
            steps_place,
        };
        for k in axis(spec, grid.k.as_deref()) {
            for steps in axis(spec, grid.steps.as_deref()) {
                variants.push(plain.varied(k, steps, section));
            }
        }
    }
    Ok(variants)
}

/// The place of the rule that is trained: the protocol's own, or that of a rule among its parameters.
fn trained(place: KeyPath, spec: &Spec) -> KeyPath {
    match spec.rules().into_iter().find(|(_, rule)| rule.training().is_some()) {
        Some((parameter, rule)) => trained(place.at(parameter).at(rule.about().name), &rule),
        None => place,
    }
}

/// The protocols of the catalogue that are trained: `trn` and `trn-literal`.
fn trained_protocols() -> String {
    let catalogue = Spec::catalogue().into_iter().filter(|spec| spec.training().is_some());
    let names: Vec<String> = catalogue.map(|spec| format!("`{}`", spec.about().name)).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// The values that vary `spec` with their places in the list; one `None` where nothing does.
fn axis(spec: &Spec, values: Option<&[NonZeroU32]>) -> Vec<Option<(usize, NonZeroU32)>> {
    match (spec.training(), values) {
        (Some(_), Some(values)) => values.iter().copied().enumerate().map(Some).collect(),
        _ => vec![None],
    }
}

impl Variant {
    fn varied(
        &self,
        k: Option<(usize, NonZeroU32)>,
        steps: Option<(usize, NonZeroU32)>,
        section: &Section,
    ) -> Self {
        let mut variant = self.clone();
        let Some(mut training) = variant.spec.training() else { return variant };
        if let Some((i, k)) = k {
            training.queries = k;
            variant.k = Some(i);
        }
        if let Some((i, steps)) = steps {
            training.steps = steps;
            variant.steps = Some(i);
            variant.steps_place = section.key("steps").at(i);
        }
        variant.spec = variant.spec.with_training(training);
        let value = |of: Option<(usize, NonZeroU32)>| of.map(|(_, value)| value.get());
        variant.label = Label { protocol: &self.protocol, k: value(k), steps: value(steps) }.to_string();
        variant
    }
}

/// Returns all variants by label, in the order of the file. Sections may share a variant; but no two variants
/// share a label, or all parameters.
pub(super) fn by_label(file: &File, sections: &[Vec<Variant>]) -> Checked<IndexMap<String, Spec>> {
    let (mut all, mut parameters): (IndexMap<String, Spec>, HashMap<String, &str>) = Default::default();
    let mut origins = HashMap::new();
    for protocol in file.protocols.keys() {
        for variant in sections.iter().flatten().filter(|variant| variant.protocol == *protocol) {
            let Variant { label, spec, place, .. } = variant;
            if all.contains_key(label) {
                if origins[label] == protocol {
                    continue;
                }
                let place = KeyPath::default().at("protocols").at(label.as_str());
                return Err(Fault::new(place, Problem::LabelTaken { label: label.clone() }));
            }
            if let Some(first) = parameters.insert(crate::canonical::canonical(spec), label) {
                let problem = Problem::SameParameters { first: first.to_owned(), second: label.clone() };
                return Err(Fault::new(place.clone(), problem));
            }
            origins.insert(label, protocol);
            all.insert(label.clone(), spec.clone());
        }
    }
    told_apart(file)?;
    Ok(all)
}

/// A reader tells all labels from each other.
fn told_apart(file: &File) -> Checked<()> {
    let mut looks: HashMap<String, &String> = HashMap::new();
    for label in file.protocols.keys() {
        for look in label::look(label) {
            if let Some(first) = looks.insert(look, label).filter(|first| *first != label) {
                let place = KeyPath::default().at("protocols").at(label.as_str());
                let problem = Problem::LabelsAlike { first: first.clone(), second: label.clone() };
                return Err(Fault::new(place, problem));
            }
        }
    }
    Ok(())
}
