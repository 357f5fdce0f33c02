//! A definition declares its figures in tables `[[figure]]`, of which this is one.

use super::caption::Caption;
use super::coordinate::Coordinate;
use super::kind::FigureKind;
use super::theory::Theory;
use super::width::PrintWidth;
use crate::label::is_of;
use crate::measure::Measure;
use crate::run_name::LONGEST_NAME;
use protocols::reading::Reader;
use protocols::{Corruption, Source};
use serde::{Deserialize, Serialize};

/// A `FigureSpec` is one `[[figure]]` of a definition; CONTRIBUTING.md explains its keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FigureSpec {
    /// Stem of its files; unique in the definition.
    pub name: String,
    /// What is drawn against what.
    pub kind: FigureKind,
    /// The quantity drawn; each kind has a default.
    pub measure: Option<Measure>,
    /// The quantity along x (kind `scatter`).
    pub against: Option<Measure>,
    /// What runs along x (kinds `curves`, `heat-map`).
    pub x: Option<Coordinate>,
    /// What runs along y (kind `heat-map`).
    pub y: Option<Coordinate>,
    /// What the curves are (kind `curves`); by default one a protocol.
    pub split: Option<Coordinate>,
    /// Only these protocols, by their labels.
    pub protocols: Option<Vec<String>>,
    /// Protocols drawn as horizontal lines, by their labels (kind `curves`).
    pub reference: Option<Vec<String>>,
    /// The protocol that the others are compared with, by its label (kind `difference`).
    pub subject: Option<String>,
    /// Only this message source; by default a panel each.
    pub source: Option<Source>,
    /// Only these dynamics; by default a panel each.
    pub dynamics: Option<Reader>,
    /// Only this N; by default a panel each.
    pub n: Option<u32>,
    /// Only this M; by default a panel each, unless load is an axis.
    pub m: Option<u32>,
    /// Only this number of flipped bits; by default a panel each, unless noise is an axis.
    pub flips: Option<Corruption>,
    /// The theories drawn under the data (kinds of curves); by default those that the kind itself has.
    pub theory: Option<Vec<Theory>>,
    /// The smallest N that the fit counts (kind `cost`); by default the smallest of all.
    pub fit_from: Option<u32>,
    /// Only these loads, M = round(load N).
    pub load: Option<Vec<f64>>,
    /// Only these noise levels, d = round(noise N).
    pub noise: Option<Vec<f64>>,
    /// How many protocols have a row (kind `ranking`).
    pub rows: Option<usize>,
    /// How wide it is printed; by default one column of a journal.
    pub width: Option<PrintWidth>,
    /// What is said of the figure.
    #[serde(default)]
    pub caption: Caption,
}

impl FigureSpec {
    /// Returns a figure with no more than a name and a kind.
    pub fn new(name: impl Into<String>, kind: FigureKind) -> Self {
        Self {
            name: name.into(),
            kind,
            measure: None,
            against: None,
            x: None,
            y: None,
            split: None,
            protocols: None,
            reference: None,
            subject: None,
            source: None,
            dynamics: None,
            n: None,
            m: None,
            flips: None,
            theory: None,
            fit_from: None,
            load: None,
            noise: None,
            rows: None,
            width: None,
            caption: Caption::default(),
        }
    }

    /// Whether its name can be the stem of files, also with the number of a page behind it.
    pub fn names_files(&self) -> bool {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        (1..=LONGEST_NAME).contains(&self.name.len()) && self.name.bytes().all(is_plain)
    }

    /// Returns whether it shows memories of this label, source, N and M.
    pub fn shows(&self, label: &str, source: Source, n: u32, m: u32) -> bool {
        self.shows_place(source, n, m) && self.names(label)
    }

    /// Returns whether it shows the protocol of this label.
    pub fn names(&self, label: &str) -> bool {
        self.protocols.as_ref().is_none_or(|labels| labels.iter().any(|of| is_of(label, of)))
    }

    /// Returns whether it shows memories of this source, N and M.
    pub fn shows_place(&self, source: Source, n: u32, m: u32) -> bool {
        self.source.is_none_or(|only| only == source)
            && self.n.is_none_or(|only| only == n)
            && self.m.is_none_or(|only| only == m)
            && self
                .load
                .as_ref()
                .is_none_or(|loads| loads.iter().any(|&load| of_units(load, n) == f64::from(m)))
    }

    /// Returns whether it shows queries of N units that are corrupted like this.
    pub fn shows_flips(&self, n: u32, flips: Corruption) -> bool {
        let is_at = |&noise: &f64| of_units(noise, n) == f64::from(flips.units);
        self.flips.is_none_or(|only| only == flips)
            && self.noise.as_ref().is_none_or(|levels| levels.iter().any(is_at))
    }

    /// Returns both coordinates of the figure. The first runs along x; the second runs along y (maps) or
    /// tells curves apart (all others).
    pub fn axes(&self) -> (Coordinate, Coordinate) {
        let x = self.x.clone().unwrap_or(Coordinate::Load);
        match self.kind.knows("y") {
            true => (x, self.y.clone().unwrap_or(Coordinate::Noise)),
            false => (x, self.split.clone().unwrap_or(Coordinate::Protocol)),
        }
    }

    /// Returns the keys that some kinds do not have, each with whether it is given. They stand in the order
    /// in which they are checked.
    pub(crate) fn keys_of_kinds(&self) -> [(&'static str, bool); 17] {
        [
            ("against", self.against.is_some()),
            ("x", self.x.is_some()),
            ("y", self.y.is_some()),
            ("split", self.split.is_some()),
            ("reference", self.reference.is_some()),
            ("subject", self.subject.is_some()),
            ("theory", self.theory.is_some()),
            ("fit_from", self.fit_from.is_some()),
            ("measure", self.measure.is_some()),
            ("source", self.source.is_some()),
            ("dynamics", self.dynamics.is_some()),
            ("n", self.n.is_some()),
            ("m", self.m.is_some()),
            ("flips", self.flips.is_some()),
            ("load", self.load.is_some()),
            ("noise", self.noise.is_some()),
            ("rows", self.rows.is_some()),
        ]
    }
}

/// A share of N units, as a whole number: the messages of a load, the flips of a noise level.
fn of_units(share: f64, n: u32) -> f64 {
    (share * f64::from(n)).round()
}
