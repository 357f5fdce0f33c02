//! Basins are shown as bitmaps. They show a message, a query made from it, and the states that each protocol
//! leads it through.
//!
//! Pixels that differ from the message are red, so that a read that recovers loses its red step by step. The frame of
//! the last state says whether the read settled at the message.

use crate::canvas::{Canvas, Painted, Rect, Stroke};
use crate::context::Context;
use crate::data::csv;
use crate::drawing::{Drawer, Paper, Task, caption};
use crate::error::FigureError;
use crate::labels;
use crate::sheet::{Axis, Entry, Frame, Panel, Plot, Sheet, Symbol};
use crate::style::{GRID, INK, RIGHT, WHITE, WRONG_OFF, WRONG_ON};
use analysis::summary::Estimate;
use analysis::trajectory::Trajectory;
use base::spreadsheet::text;
use indexmap::IndexMap;
use protocols::reading::End;
use study::figure::{FigureKind, FigureSpec};
use study::measure::Measure;
use study::record::Status;

/// Draws the kind `basins`.
pub(super) struct Basins;

impl Drawer for Basins {
    fn kind(&self) -> FigureKind {
        FigureKind::Basins
    }

    fn measures(&self, _spec: &FigureSpec) -> (Measure, &'static [Measure]) {
        (Measure::Overlap, &[Measure::Overlap])
    }

    fn draw(&self, task: &Task<'_>) -> Result<Vec<Paper>, FigureError> {
        let all = task.context.trajectories;
        let Some(first) = all.first() else {
            return Err(FigureError::NoReads { figure: task.spec.name.clone() });
        };
        let mut queries: Vec<u32> = all.iter().map(|t| t.query).collect();
        queries.sort_unstable();
        queries.dedup();
        let mut steps: Vec<u32> = all.iter().flat_map(|t| t.states.iter().map(|(step, _)| *step)).collect();
        steps.sort_unstable();
        steps.dedup();
        let panel = |query: &u32| {
            let mut rows: Vec<Trajectory> = all.iter().filter(|t| t.query == *query).cloned().collect();
            rows.sort_by_key(|t| task.looks.rank(&t.protocol));
            let labels = rows.iter().rev().map(|t| task.looks.name(&t.protocol).to_owned()).collect();
            let columns = ["message", "query"].map(str::to_owned).into_iter();
            let columns = columns.chain(steps.iter().map(u32::to_string)).chain(["end".to_owned()]);
            let (x, y) = (Axis::matrix(columns.collect()), Axis::matrix(labels));
            let plot = Strips { rows, steps: steps.clone() };
            Some(Panel::new(x, y, plot))
        };
        let found: Vec<Estimate> = all.iter().map(estimate).collect();
        let facts = [labels::load(first.m, first.n), "the sweep's first message set".to_owned()];
        let columns = queries.len().min(3);
        let sheet = Sheet {
            width: task.width(),
            columns,
            headings: vec![None; queries.len().div_ceil(columns)],
            titles: queries.iter().map(|query| vec![format!("message {}", query + 1)]).collect(),
            panels: queries.iter().map(panel).collect(),
            bar: None,
            legend: legend(),
            x_label: "steps of the read".to_owned(),
            y_label: String::new(),
            caption: caption(task.spec, task.context, &found, "", &facts),
        };
        Ok(vec![Paper { sheet, found, csv: Some(table(all)) }])
    }

    fn subject(&self, _measure: Measure, _sheet: &Sheet) -> String {
        "messages, noisy queries and the states of their reads as bitmaps".to_owned()
    }

    fn finding(&self, context: &Context<'_>) -> String {
        recoveries(context.trajectories)
    }
}

/// How many of the queries of a picture of basins each protocol leads to their message.
fn recoveries(trajectories: &[Trajectory]) -> String {
    let mut counts: IndexMap<&str, (usize, usize)> = IndexMap::new();
    for read in trajectories {
        let (settled, all) = counts.entry(&read.protocol).or_default();
        *settled += usize::from(read.end == End::Fixed && read.last == read.stored);
        *all += 1;
    }
    let parts: Vec<String> =
        counts.iter().map(|(label, (settled, all))| format!("{label} {settled} of {all}")).collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!("Queries that settle at their message: {}.", parts.join("; "))
    }
}

/// A panel: a row a protocol, a column a step.
struct Strips {
    /// Top row first.
    rows: Vec<Trajectory>,
    /// Steps with a column of their own.
    steps: Vec<u32>,
}

/// The overlap in the end, for caption and alternative text.
fn estimate(t: &Trajectory) -> Estimate {
    Estimate {
        protocol: t.protocol.clone(),
        parameters: t.parameters.clone(),
        source: t.source,
        n: t.n,
        m: t.m,
        load: f64::from(t.m) / f64::from(t.n),
        dynamics: Some(t.dynamics),
        flips: Some(t.flips),
        measure: Measure::Overlap,
        value: Some(overlap(&t.last, &t.stored)),
        low: None,
        high: None,
        trials: 1,
        failed: 0,
        status: Status::Ok,
    }
}

fn overlap(a: &[i8], b: &[i8]) -> f64 {
    let agreeing = a.iter().zip(b).filter(|(a, b)| a == b).count();
    2.0 * agreeing as f64 / a.len() as f64 - 1.0
}

fn legend() -> Vec<Entry> {
    let square = |colour| Symbol::Square { fill: Some(colour), frame: GRID };
    let frame = |colour| Symbol::Square { fill: None, frame: colour };
    vec![
        Entry::new(square(INK), "+1"),
        Entry::new(square(WHITE), "\u{2212}1"),
        Entry::new(square(WRONG_ON), "+1, wrong"),
        Entry::new(square(WRONG_OFF), "\u{2212}1, wrong"),
        Entry::new(frame(RIGHT), "settled at the message"),
        Entry::new(frame(WRONG_ON), "ended elsewhere"),
    ]
}

/// Every state drawn, a row each.
fn table(all: &[Trajectory]) -> String {
    let mut csv = "source,n,m,dynamics,flips,query,protocol,step,overlap,end,bits\n".to_owned();
    for t in all {
        let end = match t.end {
            End::Fixed | End::Stopped if t.is_recovered() => "message".to_owned(),
            End::Fixed => "fixed point".to_owned(),
            End::Cycle { length } => format!("cycle of {length}"),
            End::Unsettled => "unsettled".to_owned(),
            End::Stopped => "stopped".to_owned(),
        };
        let message = [("message".to_owned(), &t.stored), ("0".to_owned(), &t.offered)];
        let states = t.states.iter().map(|(step, state)| (step.to_string(), state));
        for (step, state) in message.into_iter().chain(states).chain([("end".to_owned(), &t.last)]) {
            let bits: String = state.iter().map(|&s| if s > 0 { '1' } else { '0' }).collect();
            let overlap = overlap(state, &t.stored);
            let label = csv::quoted(text(&t.protocol).into_owned());
            csv += &format!(
                "{},{},{},{},{},{},{label},{step},{overlap},{end},{bits}\n",
                t.source.name(),
                t.n,
                t.m,
                t.dynamics.name(),
                t.flips,
                t.query,
            );
        }
    }
    csv
}

impl Plot for Strips {
    fn paint(&self, canvas: &Canvas<'_>, frame: &Frame<'_>) -> Painted {
        let count = self.rows.len();
        for (row, t) in self.rows.iter().enumerate() {
            let up = (count - 1 - row) as f64;
            let square = |column: usize| square(frame, column as f64, up);
            bitmap(canvas, square(0), &t.stored, &t.stored)?;
            bitmap(canvas, square(1), &t.offered, &t.stored)?;
            for (step, state) in &t.states {
                let place = self.steps.iter().position(|known| known == step).unwrap_or(0);
                bitmap(canvas, square(2 + place), state, &t.stored)?;
            }
            let last = square(2 + self.steps.len());
            bitmap(canvas, last, &t.last, &t.stored)?;
            let colour = if t.is_recovered() { RIGHT } else { WRONG_ON };
            canvas.outline(last, Stroke::solid(colour, 1.2))?;
        }
        Ok(())
    }
}

/// The largest square in a cell, with room around it.
fn square(frame: &Frame<'_>, column: f64, up: f64) -> Rect {
    let (left, top) = frame.at(column - 0.5, up + 0.5);
    let (right, bottom) = frame.at(column + 0.5, up - 0.5);
    let side = 0.88 * (right - left).min(bottom - top);
    Rect { x: (left + right - side) / 2.0, y: (top + bottom - side) / 2.0, width: side, height: side }
}

/// A state as a square of pixels, row by row.
fn bitmap(canvas: &Canvas<'_>, rect: Rect, state: &[i8], message: &[i8]) -> Painted {
    let side = (state.len() as u32).isqrt().max(1) as usize;
    let pixel = rect.width / side as f64;
    canvas.block(rect, WHITE)?;
    for (i, (&s, &xi)) in state.iter().zip(message).enumerate() {
        let colour = match (s > 0, s == xi) {
            (true, true) => INK,
            (false, true) => continue,
            (true, false) => WRONG_ON,
            (false, false) => WRONG_OFF,
        };
        let (x, y) = (rect.x + (i % side) as f64 * pixel, rect.y + (i / side) as f64 * pixel);
        canvas.block(Rect { x, y, width: pixel, height: pixel }, colour)?;
    }
    canvas.outline(rect, Stroke::solid(GRID, 0.5))
}
