//! This module holds memories to play with. They are message sets of bitmaps and what each protocol makes of
//! them, for the page to read step by step.
//!
//! They are those of the first message set of a sweep, written anew as the sweep wrote them, so what a reader
//! sees fall into its attractor is what the counts counted. W goes to the page as it is, in f32, so the fixed
//! points are the same; which messages are fixed goes along, and the page's test computes it again.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use indexmap::IndexMap;
use protocols::{Patterns, Source, Weights, character};
use run::rewrite::{messages_at_hand, rewritten};
use serde::Serialize;
use std::collections::BTreeSet;
use study::definition::Definition;
use study::plan::{Cell, plan};

/// Says how many message sets are shown.
const SCENES: usize = 3;
/// Says how many units a bitmap has at most. Larger bitmaps would make the page heavy.
const MOST_UNITS: u32 = 256;

/// A `Playground` holds the memories of one run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Playground {
    /// The run that they are of.
    pub run: String,
    /// One a message set.
    pub scenes: Vec<Scene>,
}

/// A `Scene` is one message set and its memories.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scene {
    source: &'static str,
    n: u32,
    m: u32,
    /// Each message as a text of 0 (-1) and 1 (+1), row by row.
    messages: Vec<String>,
    /// The character that each message draws; empty where it draws none.
    characters: Vec<String>,
    memories: Vec<Memory>,
    /// Steps after which a read ends unsettled.
    max_steps: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Memory {
    protocol: String,
    /// W as base64 of f32, little endian, row by row.
    w: String,
    /// b, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    b: Option<String>,
    /// U, as W.
    #[serde(skip_serializing_if = "Option::is_none")]
    u: Option<String>,
    /// Whether W equals its transpose: then asynchronous reads never raise the energy.
    symmetric: bool,
    /// For each message, 1 where it is a fixed point.
    fixed: String,
    /// Why it could not be written; empty where it could.
    error: String,
}

/// Returns the source and N of the square bitmaps that a definition shows. Glyphs go first, then the most
/// labels that are written there.
fn shown(cells: &[Cell]) -> Option<(Source, u32)> {
    let mut labels: IndexMap<(Source, u32), BTreeSet<&str>> = IndexMap::new();
    let bitmap = |c: &&Cell| c.trial == 0 && c.n.isqrt().pow(2) == c.n && c.n <= MOST_UNITS;
    // Messages of a file that is not there any more cannot be shown.
    for cell in cells.iter().filter(bitmap).filter(|c| messages_at_hand(c)) {
        labels.entry((cell.source, cell.n)).or_default().insert(&cell.label);
    }
    labels
        .into_iter()
        .max_by_key(|((source, _), labels)| (*source == Source::Glyphs, labels.len()))
        .map(|(at, _)| at)
}

/// Returns how good the memories of a definition would be to look at. Glyphs go before random messages, then
/// the more protocols the better; none where it has no bitmaps.
pub fn interest(definition: &Definition) -> Option<(bool, usize)> {
    let cells = plan(definition);
    let (source, n) = shown(&cells)?;
    let labels: BTreeSet<&str> =
        cells.iter().filter(|c| (c.source, c.n) == (source, n)).map(|c| c.label.as_str()).collect();
    Some((source == Source::Glyphs, labels.len()))
}

impl Playground {
    /// Writes the memories of `definition`, whose run is `run`. They are those of its smallest, a middle and
    /// its largest M. None where it has no bitmaps.
    pub fn of(run: &str, definition: &Definition) -> Option<Self> {
        let cells = plan(definition);
        let place = shown(&cells)?;
        let here: Vec<&Cell> = cells.iter().filter(|c| c.trial == 0 && (c.source, c.n) == place).collect();
        let sizes: Vec<u32> = here.iter().map(|c| c.m).collect::<BTreeSet<_>>().into_iter().collect();
        let chosen: BTreeSet<u32> =
            (0..SCENES).filter_map(|i| sizes.get(i * (sizes.len() - 1) / (SCENES - 1)).copied()).collect();
        let scene = |m: u32| {
            let cells: Vec<&Cell> = here.iter().copied().filter(|c| c.m == m).collect();
            scene(&cells, definition.reads.max_steps)
        };
        let scenes: Vec<Scene> = chosen.into_iter().filter_map(scene).collect();
        (!scenes.is_empty()).then(|| Self { run: run.to_owned(), scenes })
    }
}

/// Writes the cells of one message set.
fn scene(cells: &[&Cell], max_steps: u32) -> Option<Scene> {
    let first = cells.first()?;
    let (n, m) = (first.n, first.m);
    let messages = first.source.draw(n as usize, m as usize, &mut first.messages_stream()).ok()?;
    let text = |row: &[i8]| row.iter().map(|&s| if s > 0 { '1' } else { '0' }).collect();
    let drawn = |row: &[i8]| character(row).map_or(String::new(), String::from);
    Some(Scene {
        source: first.source.name(),
        n,
        m,
        messages: messages.rows().map(text).collect(),
        characters: messages.rows().map(drawn).collect(),
        memories: cells.iter().map(|cell| memory(cell, &messages)).collect(),
        max_steps,
    })
}

fn memory(cell: &Cell, messages: &Patterns) -> Memory {
    let blank = Memory {
        protocol: cell.label.to_string(),
        w: String::new(),
        b: None,
        u: None,
        symmetric: false,
        fixed: String::new(),
        error: String::new(),
    };
    let weights = match rewritten(cell, messages) {
        Ok(weights) => weights,
        Err(error) => return Memory { error: error.to_string(), ..blank },
    };
    let rows = |of: faer::MatRef<'_, f32>| {
        encoded((0..of.nrows()).flat_map(|i| (0..of.ncols()).map(move |j| (i, j))).map(|(i, j)| of[(i, j)]))
    };
    Memory {
        w: rows(weights.matrix()),
        b: weights.thresholds().map(|b| encoded(b.iter().copied())),
        u: weights.input().map(rows),
        symmetric: weights.is_symmetric(),
        fixed: fixed(&weights, messages),
        ..blank
    }
}

/// Returns for each message 1 where no unit wants to change.
fn fixed(weights: &Weights, messages: &Patterns) -> String {
    let fields = weights.fields(messages);
    let holds =
        |(k, row): (usize, &[i8])| row.iter().enumerate().all(|(i, &x)| f32::from(x) * fields[(i, k)] >= 0.0);
    messages.rows().enumerate().map(|at| if holds(at) { '1' } else { '0' }).collect()
}

fn encoded(values: impl Iterator<Item = f32>) -> String {
    STANDARD.encode(values.flat_map(f32::to_le_bytes).collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn definition(grid: &str) -> Definition {
        let text = format!(
            "question = \"?\"\nanalysis = \".\"\n[protocols]\nHOP = {{ hop = {{}} }}\nPSE = {{ pse = {{}} }}\n\
             [grid]\n{grid}\nflips = [0, 6]\ntrials = 2\nqueries = 20\n"
        );
        Definition::parse("test", Path::new("test.toml"), &text).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn glyphs_come_first_and_the_extreme_loads_are_among_them() {
        let definition = definition("n = [64]\nm = [3, 5, 9, 12]\nsources = [\"random\", \"glyphs\"]");
        let stage = Playground::of("test", &definition).unwrap();
        assert_eq!(
            stage.scenes.iter().map(|s| (s.source, s.m)).collect::<Vec<_>>(),
            [("glyphs", 3), ("glyphs", 5), ("glyphs", 12)]
        );
        let scene = &stage.scenes[0];
        assert!(scene.characters.iter().all(|c| c.chars().count() == 1));
        // Every message of three is in the span that the projector keeps.
        let pse = scene.memories.iter().find(|memory| memory.protocol == "PSE").unwrap();
        assert_eq!((pse.fixed.as_str(), pse.symmetric), ("111", true));
    }

    #[test]
    fn weights_reach_the_page_bit_by_bit() {
        let definition = definition("n = [16]\nm = [2]");
        let stage = Playground::of("test", &definition).unwrap();
        let bytes = STANDARD.decode(&stage.scenes[0].memories[0].w).unwrap();
        let (values, _) = bytes.as_chunks::<4>();
        let w: Vec<f32> = values.iter().map(|b| f32::from_le_bytes(*b)).collect();
        // The outer product from its formula.
        let x: Vec<Vec<f32>> = stage.scenes[0]
            .messages
            .iter()
            .map(|text| text.chars().map(|c| if c == '1' { 1.0 } else { -1.0 }).collect())
            .collect();
        for i in 0..16 {
            for j in 0..16 {
                let due = if i == j { 0.0 } else { x.iter().map(|x: &Vec<f32>| x[i] * x[j]).sum::<f32>() };
                assert_eq!(w[i * 16 + j], due);
            }
        }
    }

    #[test]
    fn without_bitmaps_there_is_nothing_to_see() {
        assert_eq!(Playground::of("test", &definition("n = [32]\nm = [3]")), None);
        assert_eq!(interest(&definition("n = [32]\nm = [3]")), None);
        assert_eq!(interest(&definition("n = [64]\nm = [3]")), Some((false, 2)));
    }
}
