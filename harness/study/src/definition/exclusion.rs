//! This module has the rules for cells that a grid leaves out.

use super::document::KeyPath;
use super::error::{Checked, Fault};
use super::formula::{Axes, Predicate};
use super::problem::Problem;
use super::section::Section;
use super::variants::Variant;
use super::wire::Exclusion;
use protocols::Source;

/// An `ExclusionRule` leaves cells out.
#[derive(Debug)]
pub(super) struct ExclusionRule<'a> {
    exclusion: &'a Exclusion,
    when: Option<Predicate>,
    /// Where it stands.
    pub(super) place: KeyPath,
}

impl<'a> ExclusionRule<'a> {
    /// Returns the rules of a section.
    pub(super) fn all(section: &'a Section) -> Checked<Vec<Self>> {
        let rules = section.grid.exclude.iter().flatten().enumerate();
        rules.map(|(i, exclusion)| Self::new(exclusion, section.key("exclude").at(i))).collect()
    }

    fn new(exclusion: &'a Exclusion, place: KeyPath) -> Checked<Self> {
        if exclusion.protocols.is_none() && exclusion.sources.is_none() && exclusion.when.is_none() {
            let because = "it names no protocols, no sources and no comparison";
            return Err(Fault::new(place, Problem::NoEffect { because }));
        }
        let when = exclusion.when.as_deref().map(Predicate::parse).transpose();
        let when = when
            .map_err(|error| Fault::new(place.at("when"), Problem::Formula { error, example: "n > 256" }))?;
        Ok(Self { exclusion, when, place })
    }

    /// Returns whether it leaves a cell out.
    pub(super) fn applies(&self, variant: &Variant, source: Source, axes: Axes) -> bool {
        let Exclusion { protocols, sources, .. } = self.exclusion;
        protocols.as_ref().is_none_or(|labels| labels.contains(&variant.protocol))
            && sources.as_ref().is_none_or(|sources| sources.contains(&source))
            && self.when.as_ref().is_none_or(|when| when.holds(axes))
    }
}
