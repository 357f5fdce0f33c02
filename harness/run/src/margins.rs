//! This module computes the margins of messages, anew from a definition. They are what histograms of margins
//! show.
//!
//! The memories are those of the sweep's first message sets, so a histogram shows what the smallest and mean
//! margins of the stored tables summarise.

use crate::basins::{BasinsError, asked_for, written};
use crate::rewrite::can_be_rewritten;
use analysis::margins::Sample;
use protocols::probe;
use rayon::prelude::*;
use study::canonical::canonical;
use study::definition::Definition;
use study::figure::FigureSpec;
use study::plan::{Cell, plan};

/// Says how many message sets are pooled.
pub const SETS: u32 = 5;

/// Computes the margins that a figure shows. They are of its source (random where the grid has them), N (the
/// smallest) and M (the smallest), for every protocol that the figure names, over the first [`SETS`] message
/// sets.
///
/// # Errors
/// If the grid has no such cell, or a write fails.
pub fn samples(spec: &FigureSpec, definition: &Definition) -> Result<Vec<Sample>, BasinsError> {
    let wanted = |c: &Cell| c.trial < SETS && can_be_rewritten(c) && spec.shows(&c.label, c.source, c.n, c.m);
    let mut cells: Vec<Cell> = plan(definition).into_iter().filter(wanted).collect();
    let Some(place) = cells.iter().map(|c| (c.source, c.n, c.m)).min() else {
        return Err(BasinsError::NoCell { figure: spec.name.clone(), wanted: asked_for(spec) });
    };
    cells.retain(|c| (c.source, c.n, c.m) == place);
    let margins = |cell: &Cell| -> Result<Vec<f64>, BasinsError> {
        let (messages, weights) = written(cell)?;
        Ok(probe::margins(&weights, &messages).into_iter().flatten().collect())
    };
    // To write them takes a second where a trained rule is among them.
    let margins: Vec<_> = cells.par_iter().with_max_len(1).map(margins).collect();
    let mut samples: Vec<Sample> = Vec::new();
    for (cell, margins) in cells.iter().zip(margins) {
        let found = match samples.iter_mut().find(|sample| cell.label == sample.protocol) {
            Some(sample) => sample,
            None => {
                samples.push(empty(cell));
                samples.last_mut().expect("one was pushed")
            }
        };
        found.sets += 1;
        found.margins.extend(margins?);
    }
    Ok(samples)
}

fn empty(cell: &Cell) -> Sample {
    Sample {
        protocol: cell.label.to_string(),
        parameters: canonical(&cell.spec),
        source: cell.source,
        n: cell.n,
        m: cell.m,
        sets: 0,
        margins: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use study::figure::FigureKind;

    const TEXT: &str = "question = \"?\"\nanalysis = \".\"\n[protocols]\nHOP = { hop = {} }\nPSE = { pse = {} }\n\
         [grid]\nn = [16, 32]\nm = [2, 4]\nflips = [0]\ntrials = 7\nqueries = 4\n";

    #[test]
    fn pools_the_first_message_sets_of_the_smallest_place() {
        let definition = Definition::parse("mine", Path::new("mine.toml"), TEXT).unwrap();
        let all = samples(&FigureSpec::new("margins", FigureKind::Margins), &definition).unwrap();
        let found: Vec<_> = all.iter().map(|s| (s.protocol.as_str(), s.n, s.m, s.sets)).collect();
        assert_eq!(found, [("HOP", 16, 2, SETS), ("PSE", 16, 2, SETS)]);
        assert!(all.iter().all(|s| s.margins.len() == (SETS * 16 * 2) as usize));
        let one = FigureSpec {
            n: Some(32),
            m: Some(4),
            protocols: Some(vec!["PSE".to_owned()]),
            ..FigureSpec::new("margins", FigureKind::Margins)
        };
        let found = samples(&one, &definition).unwrap();
        assert_eq!((found.len(), found[0].n, found[0].load()), (1, 32, 0.125));
        let none = FigureSpec { m: Some(3), ..FigureSpec::new("margins", FigureKind::Margins) };
        let error = samples(&none, &definition).unwrap_err().to_string();
        assert!(error.contains("margins") && error.contains("m = 3"), "{error}");
    }
}
