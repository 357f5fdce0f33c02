//! A ranking is a row of points with intervals: protocols by their paired difference to one of them, in the mean over
//! all conditions, the best on top.
//!
//! A panel is one source, N and reader. A hollow point is a protocol that may be as good as the one that all are
//! compared with: its interval holds 0. Rows beyond those asked for stand in the CSV.

use crate::canvas::{Canvas, Painted, Stroke};
use crate::context::Context;
use crate::data::csv::quoted;
use crate::data::{By, Facet, grouped};
use crate::drawing::{Drawer, Paper, Surroundings, Task, caption, papers};
use crate::error::FigureError;
use crate::labels;
use crate::plot::fates;
use crate::sheet::{Axis, Entry, Frame, Panel, Plot, Sheet, Symbol};
use crate::style::{GRID, HAIR, INK, Look, family_look};
use analysis::summary::{Estimate, Rank};
use base::spreadsheet::text;
use study::figure::{FigureKind, FigureSpec};
use study::measure::Measure;
use study::record::Status;

/// Draws the kind `ranking`.
pub(super) struct Ranking;

/// How many protocols have a row where a definition does not say.
const ROWS: usize = 40;

impl Drawer for Ranking {
    fn kind(&self) -> FigureKind {
        FigureKind::Ranking
    }

    fn measures(&self, _spec: &FigureSpec) -> (Measure, &'static [Measure]) {
        (Measure::Recovered, &Measure::OF_RECALLS)
    }

    fn draw(&self, task: &Task<'_>) -> Result<Vec<Paper>, FigureError> {
        let ranks = task.context.ranks;
        if ranks.is_empty() {
            let why = "no two of its protocols have a condition in common".to_owned();
            return Err(FigureError::NoQueries { figure: task.spec.name.clone(), why });
        }
        let rows = task.spec.rows.unwrap_or(ROWS).max(1);
        let found: Vec<Estimate> = ranks.iter().map(estimate).collect();
        let groups = grouped(&found, &[By::Source, By::Units, By::Reader], &task.looks);
        let longest = groups.values().map(Vec::len).max().unwrap_or(0);
        let shown = |estimates: &[Estimate]| -> Vec<Row> { rows_of(task, estimates, rows) };
        let ends = groups.values().flat_map(|of| shown(of)).flat_map(|row| [row.value, row.low, row.high]);
        let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), end| (low.min(end), high.max(end)));
        let pad = 0.04 * (high - low).max(0.01);
        let x = Axis::linear(low - pad, high + pad);
        let panel = |_: &Facet, estimates: &[Estimate]| {
            let mut rows = shown(estimates);
            // The first row stands on top, where the axis ends.
            rows.reverse();
            let names = rows.iter().map(|row| row.name.clone()).collect();
            Panel::new(x.clone(), Axis::matrix(names), Rows(rows))
        };
        let against = task.looks.name(&ranks[0].against).to_owned();
        let mut facts = vec![format!(
            "mean over the {} conditions of load and noise that all have, differences paired over trials, each \
             interval by itself",
            ranks[0].conditions
        )];
        if longest > rows {
            facts.push(format!("the {} protocols below these are in the CSV alone", longest - rows));
        }
        let mut papers = papers(task, groups, panel, |_, found| {
            let mut legend = vec![Entry::new(Symbol::Hollow, "may be as good: the interval holds 0")];
            legend.extend(fates(&task.found, Symbol::None));
            Surroundings {
                bar: None,
                legend,
                x_label: format!("mean of {}, less that of {against}", labels::measure(task.measure)),
                y_label: String::new(),
                caption: caption(task.spec, task.context, found, "bars", &facts),
            }
        });
        for paper in &mut papers {
            paper.csv = Some(table(ranks));
        }
        Ok(papers)
    }

    fn subject(&self, measure: Measure, _sheet: &Sheet) -> String {
        format!("differences in {} to one protocol, ranked,", labels::measure(measure))
    }

    fn finding(&self, context: &Context<'_>) -> String {
        let Some(first) = context.ranks.first() else { return String::new() };
        let same =
            |rank: &&Rank| (rank.source, rank.n, rank.dynamics) == (first.source, first.n, first.dynamics);
        let here: Vec<&Rank> = context.ranks.iter().filter(same).collect();
        let named = |rank: &&Rank| format!("{} ({:.3})", rank.protocol, rank.mean);
        let best: Vec<String> = here.iter().take(3).map(named).collect();
        let equal = |rank: &&&Rank| {
            rank.difference.as_ref().is_some_and(|d| d.interval.low <= 0.0 && 0.0 <= d.interval.high)
        };
        format!(
            "The mean is highest for {}; of {} protocols, {} may be as good as {}.",
            best.join(", then "),
            here.len(),
            here.iter().filter(equal).count(),
            first.against
        )
    }
}

/// A protocol's mean difference as what figures group by.
fn estimate(rank: &Rank) -> Estimate {
    Estimate {
        protocol: rank.protocol.clone(),
        parameters: rank.parameters.clone(),
        source: rank.source,
        n: rank.n,
        m: 0,
        load: 0.0,
        dynamics: Some(rank.dynamics),
        flips: None,
        measure: rank.measure,
        value: Some(rank.difference.as_ref().map_or(0.0, |d| d.value)),
        low: rank.difference.as_ref().map(|d| d.interval.low),
        high: rank.difference.as_ref().map(|d| d.interval.high),
        trials: rank.trials,
        failed: 0,
        status: Status::Ok,
    }
}

/// One row: a protocol with its difference and the ends of its interval.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    name: String,
    look: Look,
    value: f64,
    low: f64,
    high: f64,
    /// Whether it is the protocol that all are compared with.
    is_origin: bool,
}

/// The best rows of a panel, from the best on.
fn rows_of(task: &Task<'_>, estimates: &[Estimate], most: usize) -> Vec<Row> {
    let row = |e: &Estimate| {
        let value = e.value.unwrap_or(0.0);
        Row {
            name: task.looks.name(&e.protocol).to_owned(),
            look: family_look(&e.parameters),
            value,
            low: e.low.unwrap_or(value),
            high: e.high.unwrap_or(value),
            is_origin: e.low.is_none(),
        }
    };
    let mut rows: Vec<Row> = estimates.iter().map(row).collect();
    rows.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.name.cmp(&b.name)));
    rows.truncate(most);
    rows
}

/// The rows of a panel, from the lowest.
struct Rows(Vec<Row>);

impl Plot for Rows {
    fn paint(&self, canvas: &Canvas<'_>, frame: &Frame<'_>) -> Painted {
        for i in 0..self.0.len() {
            let ends =
                [(frame.rect.x, frame.at(0.0, i as f64).1), (frame.rect.right(), frame.at(0.0, i as f64).1)];
            canvas.line(&ends, Stroke::solid(GRID, HAIR))?;
        }
        let zero = [frame.at(0.0, -0.5), frame.at(0.0, self.0.len() as f64 - 0.5)];
        canvas.line(&zero, Stroke::solid(INK, 1.6 * HAIR))?;
        for (i, row) in self.0.iter().enumerate() {
            let y = i as f64;
            let bar = [frame.at(row.low, y), frame.at(row.high, y)];
            canvas.line(&bar, Stroke::solid(row.look.colour, 1.8 * HAIR))?;
            let hollow = !row.is_origin && row.low <= 0.0 && 0.0 <= row.high;
            canvas.marker(frame.at(row.value, y), &row.look, frame.scale, hollow)?;
        }
        Ok(())
    }
}

/// Every protocol, a row each.
fn table(ranks: &[Rank]) -> String {
    let mut csv = "source,n,dynamics,protocol,measure,mean,against,".to_owned()
        + "difference,low,high,p,conditions,trials,parameters\n";
    for rank in ranks {
        let of = |number: Option<f64>| number.map_or_else(String::new, |number| number.to_string());
        let difference = rank.difference.as_ref();
        let fields = [
            rank.source.name().to_owned(),
            rank.n.to_string(),
            rank.dynamics.name().to_owned(),
            text(&rank.protocol).into_owned(),
            labels::name(&rank.measure),
            rank.mean.to_string(),
            text(&rank.against).into_owned(),
            of(difference.map(|d| d.value)),
            of(difference.map(|d| d.interval.low)),
            of(difference.map(|d| d.interval.high)),
            of(difference.map(|d| d.p_value)),
            rank.conditions.to_string(),
            rank.trials.to_string(),
            text(&rank.parameters).into_owned(),
        ];
        csv += &fields.map(quoted).join(",");
        csv.push('\n');
    }
    csv
}
