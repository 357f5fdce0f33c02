//! This module checks a bundle that a stranger has made: its files, and a sample of its numbers.

use super::sums::Damage;
use super::{archive, sums};
use crate::outcome::Outcome;
use crate::rerun::Rerunnable;
use crate::verification::{Request, Verification};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use store::runs::list;

/// A `BundleCheck` is what the check of a bundle has shown.
#[derive(Debug, Serialize)]
pub(crate) struct BundleCheck {
    bundle: String,
    /// Files that are as they were when they were bundled.
    files: usize,
    /// Those that are not; where there are some, no cell is computed.
    damage: Vec<Damage>,
    runs: Vec<CheckedRun>,
    /// What all of it comes to.
    pub outcome: Outcome,
}

/// A `CheckedRun` is what the check of a run has shown.
#[derive(Debug, Serialize)]
struct CheckedRun {
    name: String,
    /// Cells of which nothing is computed, since they need a program or a file that is outside of the bundle.
    strange: usize,
    /// What was computed again; absent where the run cannot be read.
    verification: Option<Verification>,
    /// Why the run cannot be read, or none of its cells be computed.
    trouble: Option<String>,
    outcome: Outcome,
}

impl BundleCheck {
    /// Unpacks `bundle` into `folder`, which must be empty, and checks it. Cells are computed as `asked`, whose name
    /// is that of the run in turn.
    ///
    /// # Errors
    /// If it cannot be unpacked, has no list of hashes, or holds no run.
    pub(crate) fn of(bundle: &Path, folder: &Path, asked: &Request<'_>) -> Result<Self> {
        archive::unpack(bundle, folder)?;
        let shown = bundle.display().to_string();
        let damage = sums::check(folder).with_context(|| shown.clone())?;
        let files = archive::files(folder)?.len()
            - damage.iter().filter(|d| !matches!(d, Damage::Missing(_))).count();
        let results = folder.join("results");
        let names = list(&results);
        ensure!(
            !damage.is_empty() || !names.is_empty(),
            "{shown}: holds no run in results/, so nothing can be checked"
        );
        // What is damaged already is not worth an hour of computing.
        let names = if damage.is_empty() { names } else { Vec::new() };
        let runs: Vec<CheckedRun> =
            names.iter().map(|name| CheckedRun::of(&results, &Request { name, ..*asked })).collect();
        let all = |outcome: Outcome| runs.iter().any(|run| run.outcome == outcome);
        let outcome = match (damage.is_empty(), all(Outcome::Differs), all(Outcome::Nothing)) {
            (false, ..) | (_, true, _) => Outcome::Differs,
            (.., true) => Outcome::Nothing,
            _ => Outcome::Agrees,
        };
        Ok(Self { bundle: shown, files, damage, runs, outcome })
    }

    /// Writes what was found; `asked` is what was asked.
    pub(crate) fn text(&self, asked: &Request<'_>) -> String {
        let mut text = String::new();
        let mut line = |words: &str| writeln!(text, "{words}").expect("text can be written to");
        line(&format!("{}: {} files are as they were bundled (SHA-256)", self.bundle, self.files));
        self.damage.iter().for_each(|damage| line(&format!("  {damage}")));
        for run in &self.runs {
            line("");
            match &run.verification {
                Some(found) => line(found.text(&Request { name: &run.name, ..*asked }).trim_end()),
                None => line(&format!("results/{}:", run.name)),
            }
            run.trouble.iter().for_each(|trouble| line(trouble));
            if run.strange > 0 {
                line(&format!(
                    "{} cells of {} need a program or a file of messages that the bundle names and does not hold; they \
                     were not computed. Look at it, and if you trust it: --into FOLDER, then `harness verify` there.",
                    run.strange, run.name
                ));
            }
        }
        line(match self.outcome {
            Outcome::Agrees => {
                "\nThe bundle is whole, and its results agree. Figures and report are as they were bundled: they \
                 were not made anew."
            }
            Outcome::Differs if self.damage.is_empty() => {
                "\nThe bundle is whole, but its results do NOT agree."
            }
            Outcome::Differs => {
                "\nThe bundle is NOT as it was made; no cell was computed. Get it again from where it came."
            }
            Outcome::Nothing => "\nThe bundle is whole; of some results nothing could be compared.",
        });
        text
    }
}

impl CheckedRun {
    fn of(results: &Path, asked: &Request<'_>) -> Self {
        let name = asked.name.to_owned();
        let mut strange = 0;
        let found = Rerunnable::open(results, asked.name).and_then(|mut stored| {
            strange = stored.leave_strangers();
            Verification::of(stored, asked)
        });
        match found {
            Ok(found) => {
                let outcome = found.outcome;
                Self { name, strange, verification: Some(found), trouble: None, outcome }
            }
            Err(error) => {
                let trouble = Some(format!("{error:#}"));
                Self { name, strange, verification: None, trouble, outcome: Outcome::Differs }
            }
        }
    }
}

/// Makes the folder that a bundle is unpacked into, which must be new or empty.
///
/// # Errors
/// If it holds something, or cannot be made.
pub(crate) fn emptied(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("{}: the folder cannot be made", folder.display()))?;
    let is_empty = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    ensure!(is_empty, "{}: holds something already; give --into a new or empty folder", folder.display());
    Ok(())
}
