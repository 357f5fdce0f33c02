//! This module makes the conditions that a grid describes. They are the product of its lists section by
//! section, as far as zipped lists join their values, without what is excluded. Where sections meet they must
//! agree, and the condition runs once.

use super::Condition;
use super::axes::{Amount, MessageAxis, Messaged, NoiseAxis, without_queries};
use super::error::{Checked, Fault};
use super::exclusion::ExclusionRule;
use super::formula::Axes;
use super::problem::Problem;
use super::section::Section;
use super::variants::Variant;
use super::wire::{Axis, Count};
use super::zip::Zip;
use crate::schema::{MOST_MESSAGES, MOST_UNITS};
use indexmap::IndexMap;
use protocols::{Source, SourceError, Spec};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

const UNITS: std::ops::RangeInclusive<u32> = 2..=MOST_UNITS;

/// The most cells a sweep may have: more than anyone has asked for, and still a plan of less than 1 GB.
const MOST_CELLS: u64 = 1_000_000;

/// Points of a grid that are looked at, those that zipping leaves out included.
const MOST_POINTS: u64 = 100 * MOST_CELLS;

/// Returns all conditions. They go by section, source, N, M and protocol, each as the definition orders it.
pub(super) fn all(
    sections: &[Section],
    variants: &[Vec<Variant>],
    protocols: &IndexMap<String, Spec>,
    reads_queries: bool,
) -> Checked<Vec<Condition>> {
    let mut found = Found { protocols, conditions: Vec::new(), index: HashMap::new(), cells: 0 };
    let (mut rules, mut applied) = (Vec::new(), HashSet::new());
    for (section, variants) in sections.iter().zip(variants) {
        let before = found.conditions.len();
        let expansion = Expansion::new(section, variants, reads_queries)?;
        expansion.run(&mut found, &mut applied)?;
        if found.conditions.len() == before && !expansion.rules.is_empty() {
            return Err(Fault::new(section.key("exclude"), Problem::NothingLeft));
        }
        rules.extend(expansion.rules.into_iter().map(|rule| rule.place));
    }
    if let Some(place) = rules.into_iter().find(|place| !applied.contains(&place.to_string())) {
        return Err(Fault::new(place, Problem::ExcludesNothing));
    }
    Ok(found.conditions)
}

/// The conditions so far.
struct Found<'a> {
    protocols: &'a IndexMap<String, Spec>,
    conditions: Vec<Condition>,
    index: HashMap<(usize, Source, u32, u32), usize>,
    cells: u64,
}

impl Found<'_> {
    /// Takes a condition in. Met before, it must ask for the same queries, and runs the more trials of both.
    fn add(&mut self, section: &Section, condition: Condition) -> Checked<()> {
        let Condition { protocol, source, n, m, .. } = condition;
        let next = self.conditions.len();
        let index = *self.index.entry((protocol, source, n, m)).or_insert(next);
        let Some(known) = self.conditions.get_mut(index) else {
            self.cells += u64::from(condition.trials);
            self.conditions.push(condition);
            return self.check_size(section);
        };
        if (&known.flips, known.queries) != (&condition.flips, condition.queries) {
            let (label, _) = self.protocols.get_index(protocol).expect("conditions number the protocols");
            let problem = Problem::Disagree { protocol: label.clone(), source_name: source.name(), n, m };
            return Err(Fault::new(section.place(), problem));
        }
        self.cells -= u64::from(known.trials);
        known.trials = known.trials.max(condition.trials);
        self.cells += u64::from(known.trials);
        self.check_size(section)
    }

    /// The sweep has a size that can be meant.
    fn check_size(&self, section: &Section) -> Checked<()> {
        if self.cells > MOST_CELLS { Err(too_many(section, self.cells)) } else { Ok(()) }
    }
}

/// A section on its way to conditions.
struct Expansion<'a> {
    section: &'a Section,
    variants: &'a [Variant],
    sources: &'a [Source],
    units: &'a [u32],
    messages: MessageAxis<'a>,
    noise: NoiseAxis<'a>,
    trials: Amount<'a>,
    /// None where no probe reads queries.
    queries: Option<Amount<'a>>,
    zip: Zip,
    rules: Vec<ExclusionRule<'a>>,
}

impl<'a> Expansion<'a> {
    fn new(section: &'a Section, variants: &'a [Variant], reads_queries: bool) -> Checked<Self> {
        let grid = &section.grid;
        let units = grid.n.as_deref().ok_or_else(|| section.missing("n"))?;
        let trials = grid.trials.as_ref().ok_or_else(|| section.missing("trials"))?;
        let messages = MessageAxis::of(section)?;
        let expansion = Self {
            section,
            variants,
            sources: grid.sources.as_deref().unwrap_or(&[Source::Random]),
            units,
            messages,
            noise: NoiseAxis::of(section, reads_queries)?,
            trials: Amount::of(trials, &section.key("trials"))?,
            queries: queries(section, reads_queries)?,
            zip: Zip::of(section)?,
            rules: ExclusionRule::all(section)?,
        };
        let lengths =
            [expansion.sources.len(), units.len(), expansion.messages.len(), expansion.variants.len()];
        let points =
            lengths.into_iter().fold(1, |product: u64, length| product.saturating_mul(length as u64));
        if points > MOST_POINTS {
            return Err(too_many(section, points));
        }
        Ok(expansion)
    }

    /// Adds every condition of the section; the places of the exclusions that applied go to `applied`.
    fn run(&self, found: &mut Found<'_>, applied: &mut HashSet<String>) -> Checked<()> {
        for (s, &source) in self.sources.iter().enumerate() {
            for (i, &n) in self.units.iter().enumerate() {
                if !UNITS.contains(&n) {
                    return Err(Fault::not_allowed(self.section.key("n").at(i)));
                }
                let at = |item| [(Axis::Sources, s), (Axis::N, i), (self.messages.axis(), item)];
                for messages in self.messages.at(self.section, n, |item| self.zip.joins(&at(item)))? {
                    let axes = Axes { n: n.into(), m: messages.m.into(), load: messages.load };
                    let excluded = |variant: &Variant| {
                        self.rules.iter().find(|rule| rule.applies(variant, source, axes))
                    };
                    for variant in self.variants {
                        let mut at = at(messages.item).to_vec();
                        at.extend(variant.k.map(|k| (Axis::K, k)));
                        at.extend(variant.steps.map(|steps| (Axis::Steps, steps)));
                        if !self.zip.joins(&at) {
                            continue;
                        }
                        if let Some(rule) = excluded(variant) {
                            applied.insert(rule.place.to_string());
                            continue;
                        }
                        self.check_source(source, n, i, messages)?;
                        found.add(self.section, self.condition(found, variant, source, axes, &at)?)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The source has that many messages of that many units.
    fn check_source(&self, source: Source, n: u32, unit: usize, messages: Messaged) -> Checked<()> {
        source.check(n as usize, messages.m as usize).map_err(|error| {
            let place = match error {
                SourceError::Units { .. } | SourceError::Parameter { .. } | SourceError::FileUnits { .. } => {
                    self.section.key("n").at(unit)
                }
                _ => self.messages.place(self.section, messages.item),
            };
            Fault::new(place, Problem::Source(error))
        })
    }

    fn condition(
        &self,
        found: &Found<'_>,
        variant: &Variant,
        source: Source,
        axes: Axes,
        at: &[(Axis, usize)],
    ) -> Checked<Condition> {
        let (n, m) = (axes.n as u32, axes.m as u32);
        let joins = |axis, item| self.zip.joins(&[at, &[(axis, item)]].concat());
        let own = self.queries.as_ref().and_then(|_| source.own_queries());
        let flips = self.noise.at(self.section, n, own, joins)?;
        let queries = self.queries.as_ref().map(|queries| queries.at(axes, &self.section.key("queries")));
        let protocol = found.protocols.get_index_of(&variant.label).expect("every variant is a protocol");
        // Neighbours mostly have the same flips: they share one list.
        let shared = found.conditions.last().map(|last| &last.flips).filter(|list| ***list == *flips);
        Ok(Condition {
            protocol,
            source,
            n,
            m,
            flips: shared.map_or_else(|| flips.as_slice().into(), Arc::clone),
            queries: queries.transpose()?.unwrap_or(0),
            trials: self.trials.at(axes, &self.section.key("trials"))?,
        })
    }
}

/// Queries a trial: needed where a probe reads them, refused where none does.
fn queries(section: &Section, reads_queries: bool) -> Checked<Option<Amount<'_>>> {
    let place = section.key("queries");
    match (&section.grid.queries, reads_queries) {
        (Some(Count::Number(queries)), true) if queries.get() > MOST_MESSAGES => {
            Err(Fault::not_allowed(place))
        }
        (Some(queries), true) => Amount::of(queries, &place).map(Some),
        (None, true) => Err(section.missing("queries")),
        (Some(_), false) => Err(without_queries(place)),
        (None, false) => Ok(None),
    }
}

fn too_many(section: &Section, cells: u64) -> Box<Fault> {
    Fault::new(section.key("trials"), Problem::TooManyCells { cells, most: MOST_CELLS })
}
