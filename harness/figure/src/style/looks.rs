//! A protocol looks the same in every figure of an experiment.
//!
//! Colours are of the Okabe-Ito palette, which readers with any of the common colour deficiencies can tell apart, minus
//! those that vanish on white, and beyond it of Tol's muted palette. A protocol has one colour and one marker in
//! every figure. With its default parameters it always looks the same; its other settings get a darker and a lighter
//! shade, another dash and another marker, in the order of their labels.
//!
//! Sources: M. Okabe and K. Ito, Color Universal Design (2008), <https://jfly.uni-koeln.de/color/>; P. Tol, Colour
//! Schemes (2021), SRON technical note.

use super::colour::{Colour, mixed};
use super::look::{Dash, Look, Marker};
use analysis::summary::Estimate;
use protocols::Spec;
use std::collections::{BTreeMap, BTreeSet};
use study::label::Label;

/// The families of protocols, by their tag in the parameters, in the order of legends, with the markers that variants
/// have in turn: others than that of the family, and where families are most often drawn together, others than
/// theirs.
const FAMILIES: [(Colour, Marker, [Marker; 3]); 19] = [
    (Colour(0, 114, 178), Marker::Circle, OTHER_MARKERS),
    (Colour(204, 121, 167), Marker::Square, [Marker::Star, Marker::DownTriangle, Marker::Pentagon]),
    (Colour(0, 158, 115), Marker::Triangle, OTHER_MARKERS),
    (Colour(86, 180, 233), Marker::DownTriangle, [Marker::Pentagon, Marker::Star, Marker::Diamond]),
    (Colour(117, 112, 179), Marker::Pentagon, [Marker::Star, Marker::DownTriangle, Marker::Circle]),
    (Colour(51, 34, 136), Marker::Hexagon, OTHER_MARKERS),
    (Colour(136, 34, 85), Marker::LeftTriangle, OTHER_MARKERS),
    (Colour(153, 153, 51), Marker::Plus, OTHER_MARKERS),
    (Colour(17, 119, 51), Marker::RightTriangle, OTHER_MARKERS),
    (Colour(68, 170, 153), Marker::FourStar, OTHER_MARKERS),
    (Colour(170, 68, 153), Marker::Saltire, OTHER_MARKERS),
    (Colour(204, 102, 119), Marker::SixStar, OTHER_MARKERS),
    (Colour(136, 30, 20), Marker::Hourglass, OTHER_MARKERS),
    (Colour(140, 180, 40), Marker::Bar, OTHER_MARKERS),
    (Colour(90, 130, 150), Marker::BowTie, OTHER_MARKERS),
    (Colour(230, 80, 130), Marker::Pillar, OTHER_MARKERS),
    (Colour(213, 94, 0), Marker::Diamond, OTHER_MARKERS),
    (Colour(230, 159, 0), Marker::Star, [Marker::Pentagon, Marker::DownTriangle, Marker::Circle]),
    (Colour(200, 60, 40), Marker::Octagon, OTHER_MARKERS),
];

/// The markers of variants of most families.
const OTHER_MARKERS: [Marker; 3] = [Marker::DownTriangle, Marker::Pentagon, Marker::Star];

/// For families beyond the table above: those that a program registered, and then, in the order of their tags, those
/// of stored results that the catalogue does not have.
const SPARE: [(Colour, Marker); 2] =
    [(Colour(68, 68, 68), Marker::Pentagon), (Colour(166, 86, 40), Marker::Star)];

/// Holds the look of every protocol of an experiment, by its label.
#[derive(Clone, Debug)]
pub(crate) struct Looks {
    labels: Vec<String>,
    looks: BTreeMap<String, Look>,
}

impl Looks {
    /// Returns the looks of all protocols in `estimates`. Give the whole experiment, so that a protocol looks
    /// the same in figures that show different parts of it.
    pub(crate) fn of(estimates: &[Estimate]) -> Self {
        // There are thousands of estimates and a few protocols: parameters are taken apart once each.
        let protocols: BTreeSet<(&str, &str)> =
            estimates.iter().map(|e| (e.protocol.as_str(), e.parameters.as_str())).collect();
        let catalogue = Spec::names();
        let families: BTreeSet<String> = protocols.iter().map(|(_, parameters)| family(parameters)).collect();
        let spare: Vec<&String> =
            families.iter().filter(|family| !catalogue.contains(&family.as_str())).collect();
        let rank = |family: &str| match catalogue.iter().position(|known| *known == family) {
            Some(rank) => rank,
            None => catalogue.len() + spare.iter().position(|f| f.as_str() == family).unwrap_or(0),
        };
        let mut variants: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for (label, parameters) in &protocols {
            variants.entry(rank(&family(parameters))).or_default().insert(label);
        }
        let mut found = Self { labels: Vec::new(), looks: BTreeMap::new() };
        let default: BTreeSet<&str> = protocols
            .iter()
            .filter(|(_, parameters)| is_default(parameters))
            .map(|(label, _)| *label)
            .collect();
        for (rank, labels) in variants {
            // The look of the defaults stays free where they do not take part.
            let (plain, mut others): (Vec<&str>, Vec<&str>) =
                labels.into_iter().partition(|label| default.contains(label));
            // The steps of a quantity are mostly drawn as one curve, that of the first: so one protocol takes one look.
            others.sort_by_key(|label| Label::parse(label).is_variant());
            let known = rank < catalogue.len();
            let others = others.into_iter().enumerate().map(|(i, label)| (i + usize::from(known), label));
            for (variant, label) in plain.into_iter().map(|label| (0, label)).chain(others) {
                if found.looks.insert(label.to_owned(), look(rank, variant)).is_none() {
                    found.labels.push(label.to_owned());
                }
            }
        }
        found
    }

    /// Returns the look of one protocol.
    pub(crate) fn get(&self, label: &str) -> Look {
        self.looks.get(label).copied().unwrap_or_else(|| look(FAMILIES.len(), 0))
    }

    /// Makes `label` look like one that is known, and gives it that one's place in legends.
    pub(crate) fn alias(&mut self, label: &str, known: &str) {
        if !self.looks.contains_key(label) {
            let (look, place) = (self.get(known), self.rank(known));
            self.looks.insert(label.to_owned(), look);
            self.labels.insert(place, label.to_owned());
        }
    }

    /// Returns the place of a protocol in legends.
    pub(crate) fn rank(&self, label: &str) -> usize {
        self.labels.iter().position(|known| known == label).unwrap_or(self.labels.len())
    }
}

/// Whether these are the default parameters of a protocol of the catalogue. Keys that a stored result lacks, because
/// it is older than they are, count as their defaults.
fn is_default(parameters: &str) -> bool {
    serde_json::from_str::<Spec>(parameters).is_ok_and(|spec| Spec::catalogue().contains(&spec))
}

/// The tag of a protocol's parameters: `trn` of `{"trn":{"steps":3}}`. A rule over a rule is of the family of the rule
/// beneath.
fn family(parameters: &str) -> String {
    if let Some(rule) = serde_json::from_str::<Spec>(parameters).ok().and_then(|spec| beneath(&spec)) {
        return rule.about().name.to_owned();
    }
    match serde_json::from_str(parameters) {
        Ok(serde_json::Value::Object(tagged)) => tagged.keys().next().cloned().unwrap_or_default(),
        Ok(serde_json::Value::String(tag)) => tag,
        _ => parameters.to_owned(),
    }
}

/// Returns the place of a protocol's family in the catalogue.
pub(crate) fn family_rank(parameters: &str) -> usize {
    let family = family(parameters);
    Spec::names().iter().position(|known| *known == family).unwrap_or(usize::MAX)
}

/// The rule that this one is over, if it is over any: what it writes is that rule's, changed.
fn beneath(spec: &Spec) -> Option<Spec> {
    spec.rules().into_iter().find(|(parameter, _)| *parameter == "rule").map(|(_, rule)| rule)
}

fn look(rank: usize, variant: usize) -> Look {
    const DASHES: [Dash; 4] = [Dash::Solid, Dash::Dashed, Dash::Dotted, Dash::Long];
    let (colour, marker, others) = match FAMILIES.get(rank) {
        Some(&(colour, marker, others)) => (colour, marker, others),
        None => {
            let (colour, marker) = SPARE[(rank - FAMILIES.len()) % SPARE.len()];
            (colour, marker, OTHER_MARKERS)
        }
    };
    let marker = if variant == 0 { marker } else { others[(variant - 1) % others.len()] };
    let colour = match variant % 3 {
        0 => colour,
        1 => mixed(colour, Colour(0, 0, 0), 0.4),
        _ => mixed(colour, Colour(255, 255, 255), 0.4),
    };
    Look { colour, marker, dash: DASHES[variant % DASHES.len()] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn labelled(protocols: &[(&str, &str)]) -> Vec<Estimate> {
        let one = sample::estimate();
        let with = |&(label, parameters): &(&str, &str)| Estimate {
            protocol: label.to_owned(),
            parameters: parameters.to_owned(),
            ..one.clone()
        };
        protocols.iter().map(with).collect()
    }

    #[test]
    fn a_family_keeps_its_colour_whatever_else_is_drawn() {
        let alone = Looks::of(&labelled(&[("TRN", r#"{"trn":{}}"#)]));
        let among = Looks::of(&labelled(&[
            ("MY", r#"{"abc":{}}"#),
            ("TRN", r#"{"trn":{}}"#),
            ("HOP", r#"{"hop":{}}"#),
        ]));
        assert_eq!(alone.get("TRN"), among.get("TRN"));
        assert_eq!(["HOP", "TRN", "MY"].map(|label| among.rank(label)), [0, 1, 2]);
    }

    #[test]
    fn every_protocol_of_the_catalogue_has_a_colour_and_a_marker_of_its_own() {
        for (rank, spec) in Spec::catalogue().into_iter().enumerate() {
            let name = spec.about().name;
            if beneath(&spec).is_some() {
                continue;
            }
            let Some((colour, marker, _)) = FAMILIES.get(rank) else { panic!("{name} has none") };
            let same = FAMILIES.iter().filter(|other| other.0 == *colour || other.1 == *marker);
            assert_eq!(same.count(), 1, "{name}");
        }
    }

    #[test]
    fn variants_differ_in_all_but_hue() {
        let looks = Looks::of(&labelled(&[
            ("A TRN", r#"{"trn":{"coupling":"symmetric"}}"#),
            ("TRN", r#"{"trn":{}}"#),
        ]));
        let (base, variant) = (looks.get("TRN"), looks.get("A TRN"));
        let trn = Spec::names().iter().position(|name| *name == "trn").expect("it is there");
        assert_eq!(base.colour, FAMILIES[trn].0);
        assert!(base.colour != variant.colour && base.marker != variant.marker && base.dash != variant.dash);
        let alone = Looks::of(&labelled(&[("A TRN", r#"{"trn":{"coupling":"symmetric"}}"#)]));
        assert_eq!(alone.get("A TRN"), variant, "the look of the defaults stays free");
    }

    #[test]
    fn twelve_variants_of_a_family_are_all_distinct() {
        for (family, name) in Spec::names().into_iter().enumerate() {
            let looks: Vec<Look> = (0..12).map(|variant| look(family, variant)).collect();
            for (i, a) in looks.iter().enumerate() {
                assert!(looks[..i].iter().all(|b| a != b), "variant {i} of {name}");
            }
        }
    }
}
