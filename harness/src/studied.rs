//! This module reads a study of effects together with the runs that it names.

use crate::results::records;
use analysis::effects::{StudyRun, unknown_entries};
use anyhow::{Result, bail};
use std::path::Path;
use study::effects::EffectStudy;

/// Reads the study `name`, shipped or a file, and the records of its runs in the folder `results`: those of every size,
/// in the order of the study.
///
/// # Errors
/// If one of them cannot be read, or a run lacks what the study names.
pub(crate) fn studied(name: &str, results: &Path) -> Result<(EffectStudy, Vec<Vec<StudyRun>>)> {
    let study = EffectStudy::load(name)?;
    let mut runs = Vec::new();
    for size in &study.size {
        let mut of_size = Vec::new();
        for run in &size.runs {
            let records = records(results, run)?;
            if let Some(first) = unknown_entries(&study, size, &records).first() {
                let remedy = "sweep the definition that the study is about, or mend the study";
                bail!("the run {run:?} has no {first}, which the study {name:?} names\nremedy: {remedy}");
            }
            of_size.push(StudyRun { name: run.clone(), records });
        }
        runs.push(of_size);
    }
    Ok((study, runs))
}
