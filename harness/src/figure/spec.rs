//! Figures as a definition declares them.

use crate::summary::Measure;
use protocols::Source;
use protocols::reading::Dynamics;
use serde::{Deserialize, Serialize};

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
    /// Only this message source; by default a panel each.
    pub source: Option<Source>,
    /// Only these dynamics; by default a panel each.
    pub dynamics: Option<Dynamics>,
    /// Only this N; by default a panel each.
    pub n: Option<u32>,
    /// Only this number of flipped bits (kind `load`); by default a panel each.
    pub flips: Option<u32>,
    /// One sentence under the figure.
    #[serde(default)]
    pub caption: String,
}

/// The kinds of figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FigureKind {
    /// A measure against load, a curve a protocol, theory under it.
    Load,
    /// A measure against noise d/N, a curve a protocol, a panel a load.
    Noise,
    /// A measure over load x noise, a heat map a protocol.
    HeatMap,
    /// Write time against N, both logarithmic.
    Cost,
}
