//! Margins of messages, computed anew from a definition: what histograms of margins show.
//!
//! The memories are those of the sweep's first message sets, so a histogram shows what the smallest and mean margins of the
//! stored tables summarise.

use crate::basins::{BasinsError, asked_for, written};
use crate::definition::Definition;
use crate::figure::FigureSpec;
use crate::plan::{Cell, canonical, plan};
use protocols::{Source, probe};

/// Message sets that are pooled.
pub const SETS: u32 = 5;

/// All margins of one protocol at one load.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The protocol's label.
    pub protocol: String,
    /// Its parameters, canonical JSON.
    pub parameters: String,
    /// Where the messages come from.
    pub source: Source,
    /// Units N.
    pub n: u32,
    /// Messages M of a set.
    pub m: u32,
    /// Message sets pooled.
    pub sets: u32,
    /// kappa_i^m of every bit of every message; fewer where a memory has a row of zeros.
    pub margins: Vec<f64>,
}

/// The margins that a figure shows: of its source (random where the grid has them), N (the smallest) and M (the smallest), for
/// every protocol that the figure names, over the first [`SETS`] message sets.
///
/// # Errors
/// If the grid has no such cell, or a write fails.
pub fn samples(spec: &FigureSpec, definition: &Definition) -> Result<Vec<Sample>, BasinsError> {
    let wanted = |c: &Cell| c.trial < SETS && spec.shows(&c.label, c.source, c.n, c.m);
    let mut cells: Vec<Cell> = plan(definition).into_iter().filter(wanted).collect();
    let Some(place) = cells.iter().map(|c| (c.source, c.n, c.m)).min() else {
        return Err(BasinsError::NoCell { figure: spec.name.clone(), wanted: asked_for(spec) });
    };
    cells.retain(|c| (c.source, c.n, c.m) == place);
    let mut samples: Vec<Sample> = Vec::new();
    for cell in &cells {
        let (messages, weights) = written(cell)?;
        let found = match samples.iter_mut().find(|sample| sample.protocol == cell.label) {
            Some(sample) => sample,
            None => {
                samples.push(Sample::empty(cell));
                samples.last_mut().expect("one was pushed")
            }
        };
        found.sets += 1;
        found.margins.extend(probe::margins(&weights, &messages).into_iter().flatten());
    }
    Ok(samples)
}

impl Sample {
    fn empty(cell: &Cell) -> Self {
        Self {
            protocol: cell.label.clone(),
            parameters: canonical(&cell.spec),
            source: cell.source,
            n: cell.n,
            m: cell.m,
            sets: 0,
            margins: Vec::new(),
        }
    }

    /// M/N.
    pub fn load(&self) -> f64 {
        f64::from(self.m) / f64::from(self.n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::FigureKind;
    use std::path::Path;

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
