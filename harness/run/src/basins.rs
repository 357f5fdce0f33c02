//! This module computes reads step by step, anew from a definition. They are what pictures of basins show.
//!
//! The memory, the query and the order of updates are those of the sweep's first message set, so a picture
//! shows what the counts counted.

use crate::rewrite::{can_be_rewritten, rewritten};
use analysis::trajectory::Trajectory;
use protocols::reading::{Reader, Settings, Store, read_with_checkpoints};
use protocols::{Corruption, Patterns, Source, Weights, WriteError};
use study::definition::{Definition, ReadSettings};
use study::figure::FigureSpec;
use study::plan::{Cell, plan};

/// Holds the steps whose states are kept, as far as a read takes them.
const STEPS: [u32; 6] = [1, 2, 3, 4, 5, 6];

/// Says how many queries are shown, each of another message.
const QUERIES: u32 = 3;

/// A `BasinsError` says why there is nothing to show.
#[derive(Debug, thiserror::Error)]
pub enum BasinsError {
    /// No cell of the definition.
    #[error(
        "figure {figure}: no protocol reads squares (n = 64, say) as it wants: {wanted}. \
         Give `source`, `n`, `m`, `flips` and `dynamics` that the grid has together"
    )]
    Nothing {
        /// The figure's name.
        figure: String,
        /// What it asks for.
        wanted: String,
    },
    /// No cell of the definition, whatever its N.
    #[error(
        "figure {figure}: the grid has no cell as it wants: {wanted}. Give `source`, `n` and `m` that it has together"
    )]
    NoCell {
        /// The figure's name.
        figure: String,
        /// What it asks for.
        wanted: String,
    },
    /// A write that failed.
    #[error("figure: {protocol} could not be written: {error}")]
    Write {
        /// The protocol's label.
        protocol: String,
        /// Why.
        error: WriteError,
    },
}

/// Computes the reads that a figure shows. They are of its source (glyphs where the grid has them), N (the
/// smallest square), M (the smallest), flips (the most) and dynamics (the first), for every protocol that the
/// figure names.
///
/// # Errors
/// If the grid has no such cell, or a write fails.
pub fn trajectories(spec: &FigureSpec, definition: &Definition) -> Result<Vec<Trajectory>, BasinsError> {
    let square = |n: u32| n.isqrt() * n.isqrt() == n;
    let wanted = |cell: &Cell| {
        cell.trial == 0
            && can_be_rewritten(cell)
            && spec.dynamics.is_none_or(|reader| !reader.is_program())
            && square(cell.n)
            && !cell.task.flips.is_empty()
            && spec.shows(&cell.label, cell.source, cell.n, cell.m)
            && spec.flips.is_none_or(|flips| cell.task.flips.contains(&flips))
    };
    let mut cells: Vec<Cell> = plan(definition).into_iter().filter(wanted).collect();
    let Some(place) = cells.iter().map(|c| (c.source != Source::Glyphs, c.n, c.m)).min() else {
        return Err(BasinsError::Nothing { figure: spec.name.clone(), wanted: asked_for(spec) });
    };
    cells.retain(|c| (c.source != Source::Glyphs, c.n, c.m) == place);
    let mut found = Vec::new();
    for cell in &cells {
        found.extend(reads(spec, &definition.reads, cell)?);
    }
    Ok(found)
}

/// Returns the conditions that a figure names, in words.
pub(crate) fn asked_for(spec: &FigureSpec) -> String {
    let parts = [
        spec.source.map(|source| format!("source {}", source.name())),
        spec.n.map(|n| format!("n = {n}")),
        spec.m.map(|m| format!("m = {m}")),
        spec.flips.map(|flips| format!("flips = {flips}")),
        spec.protocols.as_ref().map(|labels| format!("protocols {}", labels.join(", "))),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "n a square, a probe that reads queries".to_owned() } else { parts.join(", ") }
}

fn reads(spec: &FigureSpec, how: &ReadSettings, cell: &Cell) -> Result<Vec<Trajectory>, BasinsError> {
    let (messages, weights) = written(cell)?;
    let flips = spec.flips.or(cell.task.flips.last().copied()).unwrap_or(Corruption::flips(0));
    let dynamics = spec
        .dynamics
        .or(how.dynamics.iter().find(|reader| !reader.is_program()).copied())
        .unwrap_or(Reader::Sync);
    let count = cell.task.queries.min(QUERIES).min(cell.m);
    let queries = cell.queries(&messages, flips, count);
    let count = queries.message.len();
    let settings = Settings { reader: dynamics, max_steps: how.max_steps };
    let store = Store { weights: &weights, messages: &messages };
    let kept: Vec<u32> = STEPS.into_iter().filter(|step| *step <= how.max_steps).collect();
    let mut order = cell.order_stream(flips);
    let reads = read_with_checkpoints(store, (&queries).into(), settings, &kept, &mut order);
    let one = |q: usize| {
        let taken = kept.iter().zip(&reads.checkpoints).take_while(|(step, _)| **step <= reads.steps[q]);
        Trajectory {
            protocol: cell.label.to_string(),
            parameters: study::canonical::canonical(&cell.spec),
            source: cell.source,
            n: cell.n,
            m: cell.m,
            dynamics,
            flips,
            query: q as u32,
            stored: messages.row(queries.message[q] as usize).to_vec(),
            offered: queries.states.row(q).to_vec(),
            states: taken.map(|(step, states)| (*step, states.row(q).to_vec())).collect(),
            last: reads.states.row(q).to_vec(),
            end: reads.ends[q],
        }
    };
    Ok((0..count).map(one).collect())
}

/// Returns the messages of a cell and the memory that its protocol writes of them.
pub(crate) fn written(cell: &Cell) -> Result<(Patterns, Weights), BasinsError> {
    let failed = |error: WriteError| BasinsError::Write { protocol: cell.label.to_string(), error };
    let messages = cell
        .source
        .draw(cell.n as usize, cell.m as usize, &mut cell.messages_stream())
        .map_err(|error| failed(error.into()))?;
    let weights = rewritten(cell, &messages).map_err(failed)?;
    Ok((messages, weights))
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocols::reading::End;
    use std::path::Path;
    use study::figure::FigureKind;

    fn definition(grid: &str) -> Definition {
        let text = format!(
            "question = \"?\"\nanalysis = \".\"\n[protocols]\nHOP = {{ hop = {{}} }}\nPSE = {{ pse = {{}} }}\n\
             [grid]\n{grid}\nflips = [0, 6]\ntrials = 2\nqueries = 20\n"
        );
        Definition::parse("test", Path::new("test.toml"), &text).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn states_lead_from_the_query_to_the_end() {
        let definition = definition("n = [64]\nm = [3, 9]\nsources = [\"random\", \"glyphs\"]");
        let spec = FigureSpec::new("basins", FigureKind::Basins);
        let found = trajectories(&spec, &definition).unwrap();
        assert_eq!(found.len(), 2 * 3, "two protocols, three queries");
        for t in &found {
            assert_eq!((t.source, t.m, t.flips), (Source::Glyphs, 3, Corruption::flips(6)));
            let distance = |a: &[i8], b: &[i8]| a.iter().zip(b).filter(|(a, b)| a != b).count();
            assert_eq!(distance(&t.stored, &t.offered), 6);
            if let (End::Fixed, Some((_, state))) = (t.end, t.states.last()) {
                assert!(t.states.len() == STEPS.len() || *state == t.last);
            }
        }
        // Three messages are few: the projector recovers all of these.
        assert!(found.iter().filter(|t| t.protocol == "PSE").all(Trajectory::is_recovered));
        assert_eq!(trajectories(&spec, &definition).unwrap(), found);
    }

    #[test]
    fn what_is_not_in_the_grid_is_said() {
        let spec = FigureSpec { m: Some(7), ..FigureSpec::new("basins", FigureKind::Basins) };
        let error = trajectories(&spec, &definition("n = [64]\nm = [3]")).unwrap_err().to_string();
        assert!(error.contains("m = 7"), "{error}");
        let oblong = FigureSpec { m: None, ..spec };
        assert!(trajectories(&oblong, &definition("n = [32]\nm = [3]")).is_err());
    }
}
