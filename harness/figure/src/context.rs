//! A figure shows more than estimates: theory, marked loads, facts for the caption.

use analysis::claim::KStar;
use analysis::margins::Sample;
use analysis::summary::{Contrast, CriticalLoad, Rank};
use analysis::trajectory::Trajectory;
use protocols::reading::Reader;
use protocols::{Corruption, Source};
use study::claim::Region;
use study::measure::CONFIDENCE;

/// A `Context` is what a figure needs to know besides its estimates.
///
/// Start from [`Context::new`] and fill in what there is.
#[derive(Clone, Debug, PartialEq)]
pub struct Context<'a> {
    /// The experiment's name.
    pub experiment: &'a str,
    /// Facts for the caption that the estimates do not tell, such as `checkpoint L = 3`.
    pub facts: &'a [String],
    /// Confidence of its intervals.
    pub confidence: f64,
    /// Loads that theory singles out, for figures over load.
    pub marks: &'a [TheoryMark],
    /// Curves of theory, in the coordinates of the figure.
    pub curves: &'a [TheoryCurve],
    /// Loads at which curves pass a level, for figures over load.
    pub crossings: &'a [CriticalLoad],
    /// Contrasts of the subject with the others, for figures of differences.
    pub contrasts: &'a [Contrast],
    /// Reads step by step, for pictures of basins.
    pub trajectories: &'a [Trajectory],
    /// Margins of the messages, for their histograms.
    pub samples: &'a [Sample],
    /// The queries that training needs, for figures of them.
    pub k_stars: &'a [KStar],
    /// Protocols by their mean difference to one of them, for rankings.
    pub ranks: &'a [Rank],
    /// Where a claim about the figure's subject is decided: outlined on maps, whose colours cover it.
    pub region: Option<&'a Region>,
}

impl<'a> Context<'a> {
    /// Returns the context of an experiment, without theory.
    pub fn new(experiment: &'a str) -> Self {
        Self {
            experiment,
            facts: &[],
            confidence: CONFIDENCE,
            marks: &[],
            curves: &[],
            crossings: &[],
            contrasts: &[],
            trajectories: &[],
            samples: &[],
            k_stars: &[],
            ranks: &[],
            region: None,
        }
    }
}

/// A `Scope` names the panels in which a theory holds: those that agree with every condition given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Message source.
    pub source: Option<Source>,
    /// Units N.
    pub n: Option<u32>,
    /// Read dynamics.
    pub dynamics: Option<Reader>,
    /// Flipped bits d.
    pub flips: Option<Corruption>,
    /// Messages M.
    pub m: Option<u32>,
}

/// A `TheoryMark` is a load that theory singles out, drawn as a numbered vertical line.
#[derive(Clone, Debug, PartialEq)]
pub struct TheoryMark {
    /// What it is, for the legend.
    pub label: String,
    /// The load M/N.
    pub load: f64,
    /// Where it is drawn.
    pub scope: Scope,
}

/// A `TheoryCurve` is a curve that theory predicts, drawn under the data.
#[derive(Clone, Debug, PartialEq)]
pub struct TheoryCurve {
    /// What it is, for the legend.
    pub label: String,
    /// The label of the protocol that it is about, which lends its colour.
    pub protocol: Option<String>,
    /// Points in the figure's coordinates, such as (load, share), close enough to look like a curve.
    pub points: Vec<(f64, f64)>,
    /// Where it is drawn.
    pub scope: Scope,
}
