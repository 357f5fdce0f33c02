//! The one place that decides what figures look like: sizes in millimetres and points, colours, markers, dashes.
//!
//! Colours are of the Okabe-Ito palette, which readers with any of the common colour deficiencies can tell apart, minus
//! those that vanish on white. A protocol has one colour and one marker in every figure. With its default parameters it
//! always looks the same; its other settings get a darker and a lighter shade, another dash and another marker, in the
//! order of their labels.
//!
//! Source: M. Okabe and K. Ito, Color Universal Design (2008), <https://jfly.uni-koeln.de/color/>.

use analysis::summary::Estimate;
use plotters::style::RGBColor;
use protocols::Spec;
use std::collections::{BTreeMap, BTreeSet};
use study::label::Label;

/// How wide a figure is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// One column of a journal, 85 mm.
    Column,
    /// Both columns, 180 mm.
    Page,
}

impl Width {
    /// In millimetres.
    pub fn millimetres(self) -> f64 {
        match self {
            Self::Column => 85.0,
            Self::Page => 180.0,
        }
    }

    /// Panels side by side at most.
    pub(super) fn columns(self) -> usize {
        match self {
            Self::Column => 2,
            Self::Page => 4,
        }
    }
}

/// Paper, and what parts one thing from another.
pub(super) const WHITE: RGBColor = RGBColor(255, 255, 255);
/// Text and spines.
pub(super) const INK: RGBColor = RGBColor(34, 34, 34);
/// Captions, theory, reference lines.
pub(super) const QUIET: RGBColor = RGBColor(96, 96, 96);
/// Grid lines.
pub(super) const GRID: RGBColor = RGBColor(230, 230, 230);
/// The ground of a hatched cell.
pub(super) const HATCH_GROUND: RGBColor = RGBColor(242, 242, 242);
/// The lines of a hatch; no other element has this colour.
pub(super) const HATCH: RGBColor = RGBColor(121, 121, 122);
/// The lines over a difference that may be chance.
pub(super) const STRIKE: RGBColor = RGBColor(171, 171, 171);
/// A pixel of a state that is +1 and should be -1, and a frame of what failed.
pub(super) const WRONG_ON: RGBColor = RGBColor(213, 94, 0);
/// A pixel that is -1 and should be +1.
pub(super) const WRONG_OFF: RGBColor = RGBColor(246, 205, 173);
/// The frame of what succeeded.
pub(super) const RIGHT: RGBColor = RGBColor(0, 114, 178);

/// Millimetres in a typographic point.
pub(super) const POINT: f64 = 25.4 / 72.0;
/// Numbers at ticks, captions, keys; points.
pub(super) const SMALL: f64 = 6.0;
/// Axis labels, titles, legends; points.
pub(super) const NORMAL: f64 = 7.0;
/// From one line of text to the next, in units of its size.
pub(super) const LEADING: f64 = 1.3;
/// Data; points.
pub(super) const CURVE: f64 = 1.1;
/// Spines and ticks; points.
pub(super) const SPINE: f64 = 0.6;
/// Grids, hatches, error bars; points.
pub(super) const HAIR: f64 = 0.5;
/// Opacity of interval bands.
pub(super) const BAND: f64 = 0.18;
/// Half the size of a marker, mm.
pub(super) const MARKER: f64 = 0.85;
/// Length of a major tick, mm.
pub(super) const TICK: f64 = 1.0;

/// The shape that marks a measured point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    Circle,
    Square,
    Triangle,
    Diamond,
    Pentagon,
    DownTriangle,
    Star,
}

/// How a line is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dash {
    Solid,
    Dashed,
    Dotted,
    Long,
}

impl Dash {
    /// Lengths of a dash and of the gap after it, mm.
    pub(super) fn lengths(self) -> Option<(f64, f64)> {
        match self {
            Self::Solid => None,
            Self::Dashed => Some((1.2, 0.7)),
            Self::Dotted => Some((0.35, 0.55)),
            Self::Long => Some((2.4, 0.8)),
        }
    }
}

/// What a protocol looks like in every figure of an experiment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Look {
    pub(super) colour: RGBColor,
    pub(super) marker: Marker,
    pub(super) dash: Dash,
}

/// The families of protocols, by their tag in the parameters, in the order of legends, with the markers that variants have in turn:
/// others than that of the family, and where families are most often drawn together, others than theirs.
const FAMILIES: [(&str, RGBColor, Marker, [Marker; 3]); 7] = [
    ("hop", RGBColor(0, 114, 178), Marker::Circle, OTHER_MARKERS),
    ("pse", RGBColor(204, 121, 167), Marker::Square, [Marker::Star, Marker::DownTriangle, Marker::Pentagon]),
    ("mpf", RGBColor(0, 158, 115), Marker::Triangle, OTHER_MARKERS),
    (
        "margin",
        RGBColor(86, 180, 233),
        Marker::DownTriangle,
        [Marker::Pentagon, Marker::Star, Marker::Diamond],
    ),
    ("mcf", RGBColor(117, 112, 179), Marker::Pentagon, [Marker::Star, Marker::DownTriangle, Marker::Circle]),
    ("trn", RGBColor(213, 94, 0), Marker::Diamond, OTHER_MARKERS),
    (
        "trn-literal",
        RGBColor(230, 159, 0),
        Marker::Star,
        [Marker::Pentagon, Marker::DownTriangle, Marker::Circle],
    ),
];

/// The markers of variants of most families.
const OTHER_MARKERS: [Marker; 3] = [Marker::DownTriangle, Marker::Pentagon, Marker::Star];

/// For families without a line in the table above, in the order of their tags.
const SPARE: [(RGBColor, Marker); 2] =
    [(RGBColor(68, 68, 68), Marker::Pentagon), (RGBColor(166, 86, 40), Marker::Star)];

/// The look of every protocol of an experiment, by its label.
#[derive(Clone, Debug)]
pub(super) struct Looks {
    labels: Vec<String>,
    looks: BTreeMap<String, Look>,
}

impl Looks {
    /// Of all protocols in `estimates`. Give the whole experiment, so that a protocol looks the same in figures that
    /// show different parts of it.
    pub(super) fn of(estimates: &[Estimate]) -> Self {
        // There are thousands of estimates and a few protocols: parameters are taken apart once each.
        let protocols: BTreeSet<(&str, &str)> =
            estimates.iter().map(|e| (e.protocol.as_str(), e.parameters.as_str())).collect();
        let families: BTreeSet<String> = protocols.iter().map(|(_, parameters)| family(parameters)).collect();
        let spare: Vec<&String> =
            families.iter().filter(|&f| FAMILIES.iter().all(|known| known.0 != f.as_str())).collect();
        let rank = |family: &str| match FAMILIES.iter().position(|known| known.0 == family) {
            Some(rank) => rank,
            None => FAMILIES.len() + spare.iter().position(|f| f.as_str() == family).unwrap_or(0),
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
            let known = rank < FAMILIES.len();
            let others = others.into_iter().enumerate().map(|(i, label)| (i + usize::from(known), label));
            for (variant, label) in plain.into_iter().map(|label| (0, label)).chain(others) {
                if found.looks.insert(label.to_owned(), look(rank, variant)).is_none() {
                    found.labels.push(label.to_owned());
                }
            }
        }
        found
    }

    /// Of one protocol.
    pub(super) fn get(&self, label: &str) -> Look {
        self.looks.get(label).copied().unwrap_or_else(|| look(FAMILIES.len(), 0))
    }

    /// Makes `label` look like one that is known, and gives it that one's place in legends.
    pub(super) fn alias(&mut self, label: &str, known: &str) {
        if !self.looks.contains_key(label) {
            let (look, place) = (self.get(known), self.rank(known));
            self.looks.insert(label.to_owned(), look);
            self.labels.insert(place, label.to_owned());
        }
    }

    /// Place of a protocol in legends.
    pub(super) fn rank(&self, label: &str) -> usize {
        self.labels.iter().position(|known| known == label).unwrap_or(self.labels.len())
    }
}

/// Whether these are the default parameters of a protocol of the catalogue. Keys that a stored result lacks, because it is
/// older than they are, count as their defaults.
fn is_default(parameters: &str) -> bool {
    serde_json::from_str::<Spec>(parameters).is_ok_and(|spec| Spec::catalogue().contains(&spec))
}

/// The tag of a protocol's parameters: `trn` of `{"trn":{"steps":3}}`.
fn family(parameters: &str) -> String {
    match serde_json::from_str(parameters) {
        Ok(serde_json::Value::Object(tagged)) => tagged.keys().next().cloned().unwrap_or_default(),
        Ok(serde_json::Value::String(tag)) => tag,
        _ => parameters.to_owned(),
    }
}

fn look(rank: usize, variant: usize) -> Look {
    const DASHES: [Dash; 4] = [Dash::Solid, Dash::Dashed, Dash::Dotted, Dash::Long];
    let (colour, marker, others) = match FAMILIES.get(rank) {
        Some(&(_, colour, marker, others)) => (colour, marker, others),
        None => {
            let (colour, marker) = SPARE[(rank - FAMILIES.len()) % SPARE.len()];
            (colour, marker, OTHER_MARKERS)
        }
    };
    let marker = if variant == 0 { marker } else { others[(variant - 1) % others.len()] };
    let colour = match variant % 3 {
        0 => colour,
        1 => mixed(colour, RGBColor(0, 0, 0), 0.4),
        _ => mixed(colour, RGBColor(255, 255, 255), 0.4),
    };
    Look { colour, marker, dash: DASHES[variant % DASHES.len()] }
}

/// `colour` with a share of another.
fn mixed(colour: RGBColor, other: RGBColor, share: f64) -> RGBColor {
    let mix = |a: u8, b: u8| (f64::from(a) * (1.0 - share) + f64::from(b) * share).round() as u8;
    RGBColor(mix(colour.0, other.0), mix(colour.1, other.1), mix(colour.2, other.2))
}

/// The look of curve `rank` of `count` that are the steps of a quantity, not protocols: darker to lighter, and a marker
/// each.
pub(super) fn step(rank: usize, count: usize) -> Look {
    const MARKERS: [Marker; 7] = [
        Marker::Circle,
        Marker::Square,
        Marker::Triangle,
        Marker::Diamond,
        Marker::DownTriangle,
        Marker::Pentagon,
        Marker::Star,
    ];
    // The bright end of the scale vanishes on white.
    let share = 0.85 * rank as f64 / (count.max(2) - 1) as f64;
    Look { colour: viridis(share), marker: MARKERS[rank % MARKERS.len()], dash: Dash::Solid }
}

/// The colour scale of differences at `share` in [-1, 1]: blue for -1, white at 0, vermilion for 1, of which readers with
/// any of the common colour deficiencies can tell the ends apart. Linear in between, so that equal steps look alike on
/// both sides.
pub(super) fn diverging(share: f64) -> RGBColor {
    let end = if share < 0.0 { RGBColor(0, 84, 150) } else { RGBColor(190, 62, 0) };
    mixed(RGBColor(247, 247, 247), end, share.abs().min(1.0))
}

/// The colour scale of heat maps at `share` in [0, 1]: viridis, perceptually uniform and readable with colour
/// deficiencies and in grey print. Seventeen of matplotlib's 256 colours (`matplotlib.colormaps["viridis"]`, every
/// sixteenth and the last), mixed in between.
pub(super) fn viridis(share: f64) -> RGBColor {
    const STOPS: [(u8, u8, u8); 17] = [
        (68, 1, 84),
        (72, 24, 106),
        (71, 45, 123),
        (66, 64, 134),
        (59, 82, 139),
        (51, 99, 141),
        (44, 114, 142),
        (38, 130, 142),
        (33, 145, 140),
        (31, 160, 136),
        (40, 174, 128),
        (63, 188, 115),
        (94, 201, 98),
        (132, 212, 75),
        (173, 220, 48),
        (216, 226, 25),
        (253, 231, 37),
    ];
    let at = share.clamp(0.0, 1.0) * (STOPS.len() - 1) as f64;
    let below = (at.floor() as usize).min(STOPS.len() - 2);
    let colour = |(r, g, b): (u8, u8, u8)| RGBColor(r, g, b);
    mixed(colour(STOPS[below]), colour(STOPS[below + 1]), at - below as f64)
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
        for spec in Spec::catalogue() {
            let family = FAMILIES.iter().find(|family| family.0 == spec.about().name);
            let Some((_, colour, marker, _)) = family else { panic!("{} has none", spec.about().name) };
            let same = FAMILIES.iter().filter(|other| other.1 == *colour || other.2 == *marker);
            assert_eq!(same.count(), 1, "{}", spec.about().name);
        }
    }

    #[test]
    fn variants_differ_in_all_but_hue() {
        let looks = Looks::of(&labelled(&[
            ("A TRN", r#"{"trn":{"coupling":"symmetric"}}"#),
            ("TRN", r#"{"trn":{}}"#),
        ]));
        let (base, variant) = (looks.get("TRN"), looks.get("A TRN"));
        assert_eq!(base.colour, FAMILIES[5].1);
        assert!(base.colour != variant.colour && base.marker != variant.marker && base.dash != variant.dash);
        let alone = Looks::of(&labelled(&[("A TRN", r#"{"trn":{"coupling":"symmetric"}}"#)]));
        assert_eq!(alone.get("A TRN"), variant, "the look of the defaults stays free");
    }

    #[test]
    fn twelve_variants_of_a_family_are_all_distinct() {
        for (family, (name, ..)) in FAMILIES.iter().enumerate() {
            let looks: Vec<Look> = (0..12).map(|variant| look(family, variant)).collect();
            for (i, a) in looks.iter().enumerate() {
                assert!(looks[..i].iter().all(|b| a != b), "variant {i} of {name}");
            }
        }
    }

    #[test]
    fn the_colour_scale_rises_in_lightness() {
        let lightness =
            |c: RGBColor| 0.2126 * f64::from(c.0) + 0.7152 * f64::from(c.1) + 0.0722 * f64::from(c.2);
        let scale: Vec<f64> = (0..=64).map(|i| lightness(viridis(f64::from(i) / 64.0))).collect();
        assert!(scale.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
