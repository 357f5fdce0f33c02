//! Figures as a definition declares them. CONTRIBUTING.md has a table of their kinds and keys.

use crate::label::is_of;
use crate::measure::Measure;
use protocols::Source;
use protocols::Spec;
use protocols::reading::Dynamics;
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// A `[[figure]]` of a definition.
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
    pub dynamics: Option<Dynamics>,
    /// Only this N; by default a panel each.
    pub n: Option<u32>,
    /// Only this M; by default a panel each, unless load is an axis.
    pub m: Option<u32>,
    /// Only this number of flipped bits; by default a panel each, unless noise is an axis.
    pub flips: Option<u32>,
    /// The smallest N that the fit counts (kind `cost`); by default the smallest of all.
    pub fit_from: Option<u32>,
    /// One sentence under the figure.
    #[serde(default)]
    pub caption: String,
}

impl FigureSpec {
    /// A figure with no more than a name and a kind.
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
            fit_from: None,
            caption: String::new(),
        }
    }
}

impl FigureSpec {
    /// Whether it shows memories of this label, source, N and M.
    pub fn shows(&self, label: &str, source: Source, n: u32, m: u32) -> bool {
        self.shows_place(source, n, m) && self.names(label)
    }

    /// Whether it shows the protocol of this label.
    pub fn names(&self, label: &str) -> bool {
        self.protocols.as_ref().is_none_or(|labels| labels.iter().any(|of| is_of(label, of)))
    }

    /// Whether it shows memories of this source, N and M.
    pub fn shows_place(&self, source: Source, n: u32, m: u32) -> bool {
        self.source.is_none_or(|only| only == source)
            && self.n.is_none_or(|only| only == n)
            && self.m.is_none_or(|only| only == m)
    }

    /// What runs along x, and what runs along y (maps) or tells curves apart (all others).
    pub fn axes(&self) -> (Coordinate, Coordinate) {
        let x = self.x.clone().unwrap_or(Coordinate::Load);
        match self.kind {
            FigureKind::HeatMap | FigureKind::Difference => (x, self.y.clone().unwrap_or(Coordinate::Noise)),
            _ => (x, self.split.clone().unwrap_or(Coordinate::Protocol)),
        }
    }
}

/// The kinds of figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FigureKind {
    /// A measure against load, a curve a protocol, theory under it.
    Load,
    /// A measure against noise d/N, a curve a protocol, a panel a load.
    Noise,
    /// A measure against whatever `x` says, a curve for whatever `split` says.
    Curves,
    /// The overlap at the end of a read against that of its query, a curve a protocol, a panel a load.
    Retrieval,
    /// A measure over load x noise, or whatever `x` and `y` say, a heat map a protocol.
    HeatMap,
    /// What a protocol is better or worse than the best of the others by, over load x noise.
    Difference,
    /// One measure against another, a point a condition.
    Scatter,
    /// Bitmaps of a message, a query, and the states of its read by each protocol.
    Basins,
    /// Histograms of the messages' margins, a panel a protocol.
    Margins,
    /// Write time against N, both logarithmic.
    Cost,
    /// The fixed queries a message that training needs against N, both logarithmic: what a claim's test of that kind decides by.
    QueriesNeeded,
}

impl FigureKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Load,
        Self::Noise,
        Self::Curves,
        Self::Retrieval,
        Self::HeatMap,
        Self::Difference,
        Self::Scatter,
        Self::Basins,
        Self::Margins,
        Self::Cost,
        Self::QueriesNeeded,
    ];

    /// The name used in definitions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Noise => "noise",
            Self::Curves => "curves",
            Self::Retrieval => "retrieval",
            Self::HeatMap => "heat-map",
            Self::Difference => "difference",
            Self::Scatter => "scatter",
            Self::Basins => "basins",
            Self::Margins => "margins",
            Self::Cost => "cost",
            Self::QueriesNeeded => "queries-needed",
        }
    }
}

/// A coordinate of estimates, named in definitions `load`, `noise`, `n`, `protocol`, or by a protocol and its parameter as
/// `trn.queries`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coordinate {
    /// M/N.
    Load,
    /// d/N.
    Noise,
    /// N.
    Units,
    /// The protocol's label.
    Protocol,
    /// A parameter; protocols of other families have no value.
    Parameter {
        /// The protocol's name in the catalogue.
        protocol: String,
        /// The parameter's key.
        parameter: String,
    },
}

impl Coordinate {
    const PLAIN: [(&'static str, Self); 4] =
        [("load", Self::Load), ("noise", Self::Noise), ("n", Self::Units), ("protocol", Self::Protocol)];

    /// The coordinate of a name.
    ///
    /// # Errors
    /// The names that there are, if it is none of them.
    pub fn named(name: &str) -> Result<Self, Vec<String>> {
        if let Some((_, plain)) = Self::PLAIN.iter().find(|(known, _)| *known == name) {
            return Ok(plain.clone());
        }
        let parameters = |spec: &Spec| {
            let about = spec.about();
            about.parameters.iter().map(move |parameter| (about.name, parameter.name)).collect::<Vec<_>>()
        };
        let all: Vec<(&str, &str)> = Spec::catalogue().iter().flat_map(parameters).collect();
        let is_named = |(protocol, parameter): &&(&str, &str)| name == format!("{protocol}.{parameter}");
        if let Some((protocol, parameter)) = all.iter().find(is_named) {
            let (protocol, parameter) = ((*protocol).to_owned(), (*parameter).to_owned());
            return Ok(Self::Parameter { protocol, parameter });
        }
        let plain = Self::PLAIN.iter().map(|(name, _)| (*name).to_owned());
        // All parameters of all protocols would be many; those of the protocol meant are enough.
        let family = name.split_once('.').map(|(family, _)| family).filter(|f| all.iter().any(|p| p.0 == *f));
        let of = all.iter().filter(|parameter| parameter.0 == family.unwrap_or("trn"));
        Err(plain.chain(of.map(|(protocol, parameter)| format!("{protocol}.{parameter}"))).collect())
    }
}

impl fmt::Display for Coordinate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter { protocol, parameter } => write!(f, "{protocol}.{parameter}"),
            plain => {
                let name = Self::PLAIN.iter().find(|(_, known)| known == plain);
                f.write_str(name.map_or("", |(name, _)| name))
            }
        }
    }
}

impl Serialize for Coordinate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Coordinate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).map_err(|allowed| {
            // In the words of serde for names that do not exist, so that it is told like them.
            let allowed: Vec<String> = allowed.iter().map(|name| format!("`{name}`")).collect();
            D::Error::custom(format!("unknown variant `{name}`, expected one of {}", allowed.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_serde() {
        for kind in FigureKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }

    #[test]
    fn names_of_all_coordinates_read_back() {
        for name in ["load", "noise", "n", "protocol", "trn.queries", "mpf.l2"] {
            assert_eq!(Coordinate::named(name).unwrap().to_string(), name);
        }
        let allowed = Coordinate::named("mpf.l3").unwrap_err();
        assert!(
            allowed.contains(&"load".to_owned()) && allowed.contains(&"mpf.l2".to_owned()),
            "{allowed:?}"
        );
        assert!(!allowed.contains(&"trn.queries".to_owned()));
    }
}
