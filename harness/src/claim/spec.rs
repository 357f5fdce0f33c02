//! Claims as a definition declares them: what is said, where, and what decides it, before any number is seen.

use crate::summary::Measure;
use protocols::Source;
use protocols::reading::Dynamics;
use serde::{Deserialize, Serialize};

/// The claims of the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ClaimId {
    /// TRN recovers from more noise than the others.
    C1,
    /// TRN stores most.
    C2,
    /// PSE stores more than HOP.
    C3,
    /// PSE loses the good properties of the classical network.
    C4,
    /// MPF keeps them.
    C5,
    /// TRN costs exponentially in N.
    C6,
}

impl ClaimId {
    /// The name used in definitions and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::C1 => "C1",
            Self::C2 => "C2",
            Self::C3 => "C3",
            Self::C4 => "C4",
            Self::C5 => "C5",
            Self::C6 => "C6",
        }
    }
}

/// A `[[claim]]` of a definition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimSpec {
    /// Which claim; once in a definition.
    pub id: ClaimId,
    /// What it says.
    pub statement: String,
    /// Where it is said.
    pub source: String,
    /// What its verdict can and cannot show.
    pub analysis: String,
    /// The figure of this definition that shows it.
    pub figure: String,
    /// What decides it.
    pub test: Vec<Test>,
}

/// A `[[claim.test]]`: one kind of measurement with its rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Test {
    /// A measure of one protocol against that of others.
    Difference(Difference),
}

impl Test {
    /// The name of its kind, in definitions and tables.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Difference(_) => "difference",
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Difference(test) => &test.name,
        }
    }

    /// Whether its verdict counts for the claim.
    pub fn decides(&self) -> bool {
        match self {
            Self::Difference(test) => test.decides,
        }
    }
}

/// `difference`: the subject is better than every rival.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// What is compared, in a few words; once in a claim.
    pub name: String,
    /// Whether it counts for the verdict, or is shown beside it only.
    #[serde(default = "yes")]
    pub decides: bool,
    /// The label of the protocol that is claimed to be better.
    pub subject: String,
    /// The labels of those that it is compared with.
    pub rivals: Vec<String>,
    /// What is compared.
    pub measure: Measure,
    /// Where the claim is decided.
    #[serde(default)]
    pub region: Region,
    /// The least difference that counts, in the unit of the measure.
    #[serde(default)]
    pub threshold: f64,
}

/// A part of the grid: where a claim is decided. What is not said is not restricted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Only messages of these sources.
    pub sources: Option<Vec<Source>>,
    /// Only these N.
    pub n: Option<Vec<u32>>,
    /// Only these loads.
    pub load: Option<LoadRange>,
    /// Only queries at these noise levels, d = round(noise N).
    pub noise: Option<Vec<f64>>,
    /// Only these dynamics.
    pub dynamics: Option<Vec<Dynamics>>,
}

/// Loads from one to another, both included. At an N they are the loads of round(from N) to round(to N) messages.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadRange {
    /// The lowest load.
    pub from: f64,
    /// The highest.
    pub to: f64,
}

fn yes() -> bool {
    true
}
