//! This module makes what a run contributes to the page of the report.

use crate::results::warn_of;
use crate::stderr::tell;
use report::verdict::{self, Part};
use report::{Playground, RunReport, interest};
use std::collections::HashMap;
use std::path::Path;
use store::runs::{Run, StoredRun};
use study::purpose::Purpose;

/// A `Contribution` is what a run contributes.
pub(crate) struct Contribution {
    /// Its figures and numbers.
    pub report: RunReport,
    /// What it says of claims.
    pub parts: Vec<Part>,
    /// Why its results cannot be read.
    pub trouble: Option<String>,
}

impl Contribution {
    /// Makes what `run` contributes; `root` is the folder of results. What cannot be read is said where its numbers
    /// would stand: the other runs have their pages all the same.
    pub(crate) fn of(run: &Run, root: &Path) -> Self {
        let (stored, trouble) = match run.read() {
            Ok(stored) => (stored, None),
            Err(error) => (StoredRun::default(), Some(format!("{error:#}"))),
        };
        warn_of(&stored.damaged);
        if let Some(trouble) = &trouble {
            tell(format_args!("warning: {trouble}"));
        }
        let parts = || verdict::parts(run, &stored, root);
        let (parts, mut report) = rayon::join(parts, || RunReport::of(run, &stored, root));
        report.damaged.extend(trouble.clone());
        Self { report, parts, trouble }
    }

    /// Says what it lacks: a run that cannot be read, figures that cannot be drawn.
    pub(crate) fn lacks(&self, run: &Run) -> Vec<String> {
        let told = |error: &str| format!("{}: {error}", self.report.name);
        match &self.trouble {
            Some(trouble) => vec![told(trouble)],
            // Without a folder there is nothing to draw yet.
            None if run.folder.is_none() => Vec::new(),
            None => self.report.undrawn().map(told).collect(),
        }
    }
}

/// Returns the memories to show. They are of the run whose bitmaps are most worth a look, and that is no
/// tuning.
pub(crate) fn stage_of<'s, 'r>(
    runs: impl IntoIterator<Item = &'r Run>,
    root: &Path,
    stages: &'s mut HashMap<String, Option<Playground>>,
) -> Option<&'s Playground> {
    let tells = |run: &&'r Run| run.folder.is_some() && run.definition.stream == Purpose::default();
    let rated = runs.into_iter().filter(tells).filter_map(|run| Some((interest(&run.definition)?, run)));
    // The first of equals.
    let (_, best) = rated.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
    let stage = stages
        .entry(best.definition.text.clone())
        .or_insert_with(|| Playground::of(&best.name(root), &best.definition));
    stage.as_ref()
}
