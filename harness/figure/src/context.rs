//! A figure shows more than estimates: theory, marked loads, facts for the caption.

use crate::style::Width;
use analysis::claim::KStar;
use analysis::margins::Sample;
use analysis::summary::{Contrast, CriticalLoad};
use analysis::trajectory::Trajectory;
use protocols::reading::Reader;
use protocols::{Corruption, Source};
use study::measure::CONFIDENCE;

/// A `Context` is what a figure needs to know besides its estimates.
///
/// Start from [`Context::new`] and fill in what there is.
#[derive(Clone, Debug, PartialEq)]
pub struct Context<'a> {
    /// The experiment's name.
    pub experiment: &'a str,
    /// The command that redraws the figure, for its caption.
    pub command: &'a str,
    /// Facts for the caption that the estimates do not tell, such as `checkpoint L = 3`.
    pub facts: &'a [String],
    /// Confidence of its intervals.
    pub confidence: f64,
    /// How wide it is printed; by default 85 mm for one panel and 180 mm for more.
    pub width: Option<Width>,
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
}

impl<'a> Context<'a> {
    /// Returns the context of an experiment, without theory.
    pub fn new(experiment: &'a str, command: &'a str) -> Self {
        Self {
            experiment,
            command,
            facts: &[],
            confidence: CONFIDENCE,
            width: None,
            marks: &[],
            curves: &[],
            crossings: &[],
            contrasts: &[],
            trajectories: &[],
            samples: &[],
            k_stars: &[],
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
