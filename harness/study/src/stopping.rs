//! A stopping rule says when the trials of a condition are enough. A definition declares the rule, and a run
//! says where it stopped by it.
//!
//! How the rule is applied, and why its intervals are as wide as they are, stands in `analysis::sequential`.

use crate::measure::{CONFIDENCE, Measure};
use indexmap::IndexMap;
use protocols::Source;
use protocols::reading::Reader;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// A `StoppingRule` says when trials are enough.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoppingRule {
    /// The deciding measure; deterministic.
    pub measure: Measure,
    /// Only these reads decide; by default all.
    pub dynamics: Option<Reader>,
    /// The width that every interval must go below, in the unit of the measure.
    pub width: f64,
    /// Trials at which intervals are looked at, rising; the last look is at the grid's `trials`.
    pub looks: Vec<u32>,
}

impl StoppingRule {
    /// Returns the confidence of every interval. It is Bonferroni's over all looks, the last included.
    pub fn confidence(&self) -> f64 {
        1.0 - (1.0 - CONFIDENCE) / (self.looks.len() + 1) as f64
    }
}

/// A `StoppedSize` says where one size stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoppedSize {
    /// Where the messages come from.
    pub source: Source,
    /// Units N.
    pub n: u32,
    /// Messages M.
    pub m: u32,
    /// Looks taken, the one that decided included.
    pub looks: u32,
    /// Trials of every protocol that has as many.
    pub trials: u32,
    /// The widest interval at the last look, to nine digits; absent where no trial gave a number.
    pub width: Option<f64>,
    /// Whether it was narrow enough, and not the trials at an end.
    pub narrow: bool,
}

/// A `Stopping` is what a finished sequential run keeps of its rule. It is a part of the manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stopping {
    /// The rule; it gives the confidence of all intervals of the run.
    pub rule: StoppingRule,
    /// Where every size ended.
    pub stops: Vec<StoppedSize>,
}

/// Rounds a number to nine digits after the point, which JSON keeps exactly. Readers may miss longer ones by
/// their last bit.
pub fn nine_digits(x: f64) -> f64 {
    (x * 1e9).round() / 1e9
}

impl Stopping {
    /// Describes the run in words: how many sizes stopped when, and which stayed wide.
    pub fn text(&self) -> String {
        let StoppingRule { measure, dynamics, width, .. } = &self.rule;
        let reads = dynamics.map_or(String::new(), |dynamics| format!(", {}", dynamics.name()));
        let mut text = format!(
            "Sequential: intervals of {:.2} % (95 % over {} looks), until those of {}{reads} are narrower than \
             {width}\n",
            100.0 * self.rule.confidence(),
            self.rule.looks.len() + 1,
            measure.name()
        );
        let mut ends: IndexMap<u32, u32> = IndexMap::new();
        for stop in self.stops.iter().filter(|stop| stop.narrow) {
            *ends.entry(stop.trials).or_default() += 1;
        }
        ends.sort_keys();
        let mut line = |words: String| writeln!(text, "  {words}").expect("text can be written to");
        for (trials, sizes) in ends {
            line(format!("{sizes} sizes after {trials} trials"));
        }
        for StoppedSize { source, n, m, trials, width, .. } in self.stops.iter().filter(|stop| !stop.narrow) {
            let width = width.map_or(String::new(), |width| format!(": still {width:.3} wide"));
            line(format!("{} messages, N = {n}, M = {m} after all {trials} trials{width}", source.name()));
        }
        text
    }
}
