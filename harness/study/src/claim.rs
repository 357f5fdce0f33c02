//! This module has the claims that a definition declares. Each is what is said, where, and what decides it,
//! before any number is seen.

use crate::measure::Measure;
use protocols::reading::Reader;
use protocols::{Corruption, Source};
use serde::{Deserialize, Serialize};

/// A `ClaimId` names one of the claims of the paper.
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
    /// Returns the name used in definitions and tables.
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

/// A `ClaimForm` says against whom a claim is decided. A claim may have a verdict in each form, and neither stands for
/// the other: the paper could not know what came after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimForm {
    /// As the paper claims it: against its own baselines.
    #[default]
    Paper,
    /// Against the strongest rule known, whoever found it.
    Field,
}

impl ClaimForm {
    /// Lists the forms, the paper's first.
    pub const ALL: [Self; 2] = [Self::Paper, Self::Field];

    /// Returns the words used in tables.
    pub fn title(self) -> &'static str {
        match self {
            Self::Paper => "as the paper claims it",
            Self::Field => "against the strongest rule known",
        }
    }

    fn is_paper(&self) -> bool {
        *self == Self::Paper
    }
}

/// A `ClaimSpec` is a `[[claim]]` of a definition.
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

/// A `Test` is a `[[claim.test]]`: one kind of measurement with its rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Test {
    /// A measure of one protocol against that of others.
    Difference(Difference),
    /// The loads that protocols bear, against each other.
    Capacity(Capacity),
    /// A measure of one protocol against a bound.
    Property(Property),
    /// How write time grows with N.
    WriteTime(WriteTime),
    /// How the queries that training needs grow with N.
    QueriesNeeded(QueriesNeeded),
    /// How the states within a radius grow with N: arithmetic, no measurement.
    ExhaustiveQueries(ExhaustiveQueries),
}

macro_rules! of_any {
    ($test:expr, $x:ident => $value:expr) => {
        match $test {
            Test::Difference($x) => $value,
            Test::Capacity($x) => $value,
            Test::Property($x) => $value,
            Test::WriteTime($x) => $value,
            Test::QueriesNeeded($x) => $value,
            Test::ExhaustiveQueries($x) => $value,
        }
    };
}

impl Test {
    /// Returns the name of its kind, in definitions and tables.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Difference(_) => "difference",
            Self::Capacity(_) => "capacity",
            Self::Property(_) => "property",
            Self::WriteTime(_) => "write-time",
            Self::QueriesNeeded(_) => "queries-needed",
            Self::ExhaustiveQueries(_) => "exhaustive-queries",
        }
    }

    /// Returns its name.
    pub fn name(&self) -> &str {
        of_any!(self, test => &test.name)
    }

    /// Returns whether its verdict counts for the claim.
    pub fn decides(&self) -> bool {
        of_any!(self, test => test.decides)
    }

    /// Returns the form of the claim that its verdict counts for.
    pub fn form(&self) -> ClaimForm {
        of_any!(self, test => test.form)
    }

    /// Returns the part of the grid that it is about; there is none where it measures nothing.
    pub fn region(&self) -> Option<&Region> {
        match self {
            Self::Difference(test) => Some(&test.region),
            Self::Capacity(test) => Some(&test.region),
            Self::Property(test) => Some(&test.region),
            Self::WriteTime(test) => Some(&test.region),
            Self::QueriesNeeded(test) => Some(&test.region),
            Self::ExhaustiveQueries(_) => None,
        }
    }

    /// Returns the part of the grid that it is about, to be changed.
    pub(crate) fn region_mut(&mut self) -> Option<&mut Region> {
        match self {
            Self::Difference(test) => Some(&mut test.region),
            Self::Capacity(test) => Some(&mut test.region),
            Self::Property(test) => Some(&mut test.region),
            Self::WriteTime(test) => Some(&mut test.region),
            Self::QueriesNeeded(test) => Some(&mut test.region),
            Self::ExhaustiveQueries(_) => None,
        }
    }
}

/// The test `difference` asks whether the subject is better than every rival.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// What is compared, in a few words; once in a claim.
    pub name: String,
    /// Whether it counts for the verdict, or is shown beside it only.
    #[serde(default = "yes")]
    pub decides: bool,
    /// The form of the claim that it decides.
    #[serde(default, skip_serializing_if = "ClaimForm::is_paper")]
    pub form: ClaimForm,
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

/// The test `capacity` asks whether the subject bears a higher load than every rival. Its measure must stay
/// above a level up to a higher load than every rival's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// As in [`Difference`].
    pub name: String,
    /// As in [`Difference`].
    #[serde(default = "yes")]
    pub decides: bool,
    /// As in [`Difference`].
    #[serde(default, skip_serializing_if = "ClaimForm::is_paper")]
    pub form: ClaimForm,
    /// The label of the protocol that is claimed to bear more load.
    pub subject: String,
    /// The labels of those that it is compared with.
    pub rivals: Vec<String>,
    /// The measure that falls with the load: a share.
    pub measure: Measure,
    /// The levels: the critical load at level 0.5, load50, is that at which half is left.
    pub levels: Vec<f64>,
    /// Where the claim is decided; its loads are those that curves run over.
    #[serde(default)]
    pub region: Region,
    /// The least difference of loads that counts.
    #[serde(default)]
    pub threshold: f64,
}

/// The test `property` asks whether the subject's measure lies at a bound or beyond.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Property {
    /// As in [`Difference`].
    pub name: String,
    /// As in [`Difference`].
    #[serde(default = "yes")]
    pub decides: bool,
    /// As in [`Difference`].
    #[serde(default, skip_serializing_if = "ClaimForm::is_paper")]
    pub form: ClaimForm,
    /// The label of the protocol.
    pub subject: String,
    /// What is bounded.
    pub measure: Measure,
    /// The claim says: this much or more. Either this or `below`.
    pub above: Option<f64>,
    /// The claim says: this much or less.
    pub below: Option<f64>,
    /// Where the claim is decided.
    #[serde(default)]
    pub region: Region,
}

/// The test `write-time` asks whether write time grows exponentially with N, and not as a power of N.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriteTime {
    /// As in [`Difference`].
    pub name: String,
    /// As in [`Difference`].
    #[serde(default = "yes")]
    pub decides: bool,
    /// As in [`Difference`].
    #[serde(default, skip_serializing_if = "ClaimForm::is_paper")]
    pub form: ClaimForm,
    /// The label of the protocol.
    pub subject: String,
    /// Over which N, and at which load.
    #[serde(default)]
    pub region: Region,
    /// What decides between the laws of growth.
    #[serde(default)]
    pub growth: Growth,
}

/// The test `queries-needed` asks whether the fixed queries a message that training needs grow exponentially
/// with N.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueriesNeeded {
    /// As in [`Difference`].
    pub name: String,
    /// As in [`Difference`].
    #[serde(default = "yes")]
    pub decides: bool,
    /// As in [`Difference`].
    #[serde(default, skip_serializing_if = "ClaimForm::is_paper")]
    pub form: ClaimForm,
    /// The label of the protocol whose variants `, K=...` train on K fixed queries a message.
    pub subject: String,
    /// The label of the same protocol with fresh queries: the plateau that more queries cannot exceed.
    pub plateau: String,
    /// How near to the plateau is near enough, as a share of it.
    #[serde(default = "two_percent")]
    pub within: f64,
    /// What is compared.
    pub measure: Measure,
    /// Where: all that it holds at one N is taken together.
    #[serde(default)]
    pub region: Region,
    /// What decides between the laws of growth.
    #[serde(default)]
    pub growth: Growth,
}

/// The test `exhaustive-queries` counts the states within d = round(noise N) flips of a message. Their number
/// grows exponentially with N whatever is measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExhaustiveQueries {
    /// As in [`Difference`].
    pub name: String,
    /// As in [`Difference`].
    #[serde(default = "yes")]
    pub decides: bool,
    /// As in [`Difference`].
    #[serde(default, skip_serializing_if = "ClaimForm::is_paper")]
    pub form: ClaimForm,
    /// The radius over N.
    pub noise: f64,
    /// The sizes, from 2 to 1000.
    pub n: Vec<u32>,
    /// What decides between the laws of growth.
    #[serde(default)]
    pub growth: Growth,
}

/// Says what decides between exponential growth and a power law.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Growth {
    /// The least logarithm of the likelihood ratio that decides: 3 is odds of 20 to 1.
    pub evidence: f64,
    /// The power of N with which the growth is compared. It decides nothing.
    pub exponent: f64,
}

impl Default for Growth {
    fn default() -> Self {
        Self { evidence: 3.0, exponent: 1.0 }
    }
}

/// A `Region` is a part of the grid: where a claim is decided. What is not said is not restricted.
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
    pub dynamics: Option<Vec<Reader>>,
}

/// A `LoadRange` holds the loads from one to another, both included. At an N they are the loads of
/// round(from N) to round(to N) messages.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadRange {
    /// The lowest load.
    pub from: f64,
    /// The highest.
    pub to: f64,
}

/// An `At` says where something was measured. What is pooled, or plays no part, is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct At {
    /// Where the messages come from.
    pub source: Source,
    /// The reader.
    pub dynamics: Option<Reader>,
    /// Units N.
    pub n: u32,
    /// Messages M.
    pub m: Option<u32>,
    /// How queries are corrupted, mostly by d flipped bits.
    pub flips: Option<Corruption>,
}

impl At {
    /// Returns the load M/N.
    pub fn load(&self) -> Option<f64> {
        self.m.map(|m| f64::from(m) / f64::from(self.n))
    }

    /// Returns the noise level d/N.
    pub fn noise(&self) -> Option<f64> {
        self.flips.map(|flips| f64::from(flips) / f64::from(self.n))
    }
}

/// A share of N units, as a whole number: the messages of a load, the flips of a noise level.
fn of_units(share: f64, n: u32) -> f64 {
    (share * f64::from(n)).round()
}

impl LoadRange {
    /// Returns whether M messages of N units lie in it.
    pub fn has(self, n: u32, m: u32) -> bool {
        (of_units(self.from, n)..=of_units(self.to, n)).contains(&f64::from(m))
    }
}

impl Region {
    /// Returns whether `at` lies in it. What `at` pools is not asked.
    pub fn has(&self, at: &At) -> bool {
        let listed = |flips: Corruption, noise: &Vec<f64>| {
            noise.iter().any(|&noise| of_units(noise, at.n) == f64::from(flips))
        };
        self.sources.as_ref().is_none_or(|sources| sources.contains(&at.source))
            && self.n.as_ref().is_none_or(|n| n.contains(&at.n))
            && self.load.zip(at.m).is_none_or(|(load, m)| load.has(at.n, m))
            && self.noise.as_ref().zip(at.flips).is_none_or(|(noise, flips)| listed(flips, noise))
            && self.dynamics.as_ref().zip(at.dynamics).is_none_or(|(all, one)| all.contains(&one))
    }
}

fn yes() -> bool {
    true
}

fn two_percent() -> f64 {
    0.02
}
