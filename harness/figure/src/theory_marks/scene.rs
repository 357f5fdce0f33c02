//! What theory is drawn for: a figure's estimates of random messages, and what its curves run along.

use crate::context::Scope;
use crate::drawing::Abscissa;
use analysis::summary::Estimate;
use protocols::{CorruptionKind, Source};
use std::collections::BTreeMap;
use study::measure::Measure;

/// The parameters of the outer product with zero diagonal.
pub(super) const HOP: &str = r#"{"hop":{"diagonal":"zero"}}"#;
/// The parameters of PSE with its diagonal kept.
pub(super) const KEPT: &str = r#"{"pse":{"diagonal":"kept"}}"#;
/// The parameters of PSE with zero diagonal.
pub(super) const ZERO: &str = r#"{"pse":{"diagonal":"zero"}}"#;

/// What holds of random messages only.
pub(super) const RANDOM: Scope =
    Scope { source: Some(Source::Random), n: None, dynamics: None, flips: None, m: None };

/// A `Scene` is a figure as theory sees it.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub(super) abscissa: Abscissa,
    pub(super) measure: Measure,
    /// Those of random messages.
    pub(super) estimates: Vec<&'a Estimate>,
}

impl Scene<'_> {
    /// The label of the protocol of these parameters.
    pub(super) fn label(&self, parameters: &str) -> Option<String> {
        self.estimates.iter().find(|e| e.parameters == parameters).map(|e| e.protocol.clone())
    }

    /// The sizes, each with its largest load.
    pub(super) fn sizes(&self) -> BTreeMap<u32, f64> {
        let mut sizes: BTreeMap<u32, f64> = BTreeMap::new();
        for e in &self.estimates {
            let most = sizes.entry(e.n).or_default();
            *most = most.max(e.load);
        }
        sizes
    }
}

/// The number of flipped bits of an estimate; none where its queries are corrupted otherwise, of which no theory here
/// speaks.
pub(super) fn flipped(e: &Estimate) -> Option<u32> {
    e.flips.filter(|flips| flips.kind == CorruptionKind::Flips).map(|flips| flips.units)
}
