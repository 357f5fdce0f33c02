//! A task is all that a figure is drawn from. It is what its definition declares, the estimates, and what
//! stands beside them.

use crate::context::Context;
use crate::style::Looks;
use analysis::summary::Estimate;
use std::collections::BTreeSet;
use study::figure::{FigureSpec, PrintWidth};
use study::label::is_of;
use study::measure::Measure;

/// A `Task` says what is to be drawn, of what, and with what beside it.
pub(crate) struct Task<'a> {
    pub(crate) spec: &'a FigureSpec,
    pub(crate) context: &'a Context<'a>,
    pub(crate) measure: Measure,
    /// The estimates that the figure shows; none where its kind shows something else.
    pub(crate) found: Vec<Estimate>,
    /// Those of the whole experiment.
    pub(crate) all: &'a [Estimate],
    pub(crate) looks: Looks,
}

impl Task<'_> {
    /// Returns how wide the figure is printed.
    pub(crate) fn width(&self) -> PrintWidth {
        self.spec.width.unwrap_or(PrintWidth::COLUMN)
    }

    /// Returns the protocols among `shown` by their labels. Each comes with its parameters, in the order of
    /// legends.
    pub(crate) fn parameters(&self, shown: &[Estimate]) -> Vec<(String, String)> {
        let shown: BTreeSet<&str> = shown.iter().map(|e| e.protocol.as_str()).collect();
        let all: BTreeSet<(&str, &str)> =
            self.all.iter().map(|e| (e.protocol.as_str(), e.parameters.as_str())).collect();
        let mut of: Vec<(String, String)> = all
            .into_iter()
            .filter(|(label, _)| shown.iter().any(|protocol| is_of(label, protocol)))
            .map(|(label, parameters)| (label.to_owned(), parameters.to_owned()))
            .collect();
        of.sort_by_key(|(label, _)| self.looks.rank(label));
        of
    }
}
