//! Protocols as the sweep runs them: every variant that `k` and `steps` make, under a label of its own.

use super::check::Checked;
use super::document::Place;
use super::error::Fault;
use super::problem::Problem;
use super::wire::File;
use protocols::Spec;
use std::collections::{HashMap, HashSet};
use std::num::NonZeroU32;

/// A protocol of the sweep.
#[derive(Clone, Debug)]
pub(super) struct Variant {
    /// Its label.
    pub(super) label: String,
    /// Its parameters.
    pub(super) spec: Spec,
    /// Where it is defined.
    place: Place,
    /// Where its `steps` are set, if it has any.
    pub(super) steps_place: Place,
}

/// All protocols in the order of the file, variants where their protocol stands.
pub(super) fn all(file: &File) -> Checked<Vec<Variant>> {
    let grid = Place::default().at("grid");
    let trained = file.protocols.values().any(|spec| matches!(spec, Spec::Trn(_)));
    for (key, list) in [("k", &file.grid.k), ("steps", &file.grid.steps)] {
        if list.is_some() && !trained {
            let because = "it varies `trn`, and no protocol is one";
            return Err(Fault::new(grid.at(key), Problem::NoEffect { because }));
        }
    }
    let mut variants = Vec::new();
    for (label, spec) in &file.protocols {
        let place = Place::default().at("protocols").at(label.as_str());
        if label.trim().is_empty() || label.contains(char::is_control) {
            return Err(Fault::new(place, Problem::Label));
        }
        let steps_place = place.at(spec.about().name).at("steps");
        let plain = Variant { label: label.clone(), spec: spec.clone(), place, steps_place };
        for k in axis(spec, file.grid.k.as_deref()) {
            for (i, steps) in axis(spec, file.grid.steps.as_deref()).into_iter().enumerate() {
                variants.push(plain.varied(k, steps.map(|steps| (steps, grid.at("steps").at(i)))));
            }
        }
    }
    distinct(&variants)?;
    Ok(variants)
}

/// The values that vary `spec`; one `None` where nothing does.
fn axis(spec: &Spec, values: Option<&[NonZeroU32]>) -> Vec<Option<NonZeroU32>> {
    match (spec, values) {
        (Spec::Trn(_), Some(values)) => values.iter().copied().map(Some).collect(),
        _ => vec![None],
    }
}

impl Variant {
    fn varied(&self, k: Option<NonZeroU32>, steps: Option<(NonZeroU32, Place)>) -> Self {
        let mut variant = self.clone();
        let Spec::Trn(trn) = &mut variant.spec else { return variant };
        if let Some(k) = k {
            trn.queries = k;
            variant.label += &format!(", K={k}");
        }
        if let Some((steps, place)) = steps {
            trn.steps = steps;
            variant.label += &format!(", L={steps}");
            variant.steps_place = place;
        }
        variant
    }
}

/// No two variants share a label, or all parameters.
fn distinct(variants: &[Variant]) -> Checked<()> {
    let (mut labels, mut parameters) = (HashSet::new(), HashMap::new());
    for variant in variants {
        if !labels.insert(&variant.label) {
            let label = variant.label.clone();
            let place = Place::default().at("protocols").at(label.as_str());
            return Err(Fault::new(place, Problem::LabelTaken { label }));
        }
        let json = crate::plan::canonical(&variant.spec);
        if let Some(first) = parameters.insert(json, &variant.label) {
            let problem = Problem::SameParameters { first: first.clone(), second: variant.label.clone() };
            return Err(Fault::new(variant.place.clone(), problem));
        }
    }
    Ok(())
}
