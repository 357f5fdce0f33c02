//! The effects of a study are drawn as points with intervals: a panel a reading, a row an effect, a mark a size.
//!
//! Effects that stand under one reading only, such as those of the readers themselves, share a last panel of their
//! own, whose rows bear their names. A hollow mark is an effect that is not shown: its interval holds 0, or one root
//! seed by itself has the other sign.

use crate::canvas::{Canvas, Frontmatter, Painted, Place, Stroke};
use crate::data::csv::quoted;
use crate::drawn::Drawn;
use crate::error::FigureError;
use crate::sheet::{Axis, Entry, Frame, Panel, Plot, Sheet, Symbol, Words};
use crate::style::{Colour, HAIR, INK, Look, QUIET, step};
use analysis::effects::{EffectAt, EffectRow};
use base::spreadsheet::text;
use indexmap::IndexSet;
use study::effects::EffectStudy;
use study::figure::PrintWidth;

/// Draws the effects of a study, under the name `name`.
///
/// # Errors
/// If there is no effect with a number.
pub fn draw_effects(name: &str, study: &EffectStudy, rows: &[EffectRow]) -> Result<Drawn, FigureError> {
    let (shared, alone): (Vec<&EffectRow>, Vec<&EffectRow>) =
        rows.iter().partition(|row| rows.iter().filter(|other| other.effect == row.effect).count() > 1);
    let readings: IndexSet<&str> = shared.iter().map(|row| row.reading.as_str()).collect();
    let mut panels: Vec<(String, Vec<&EffectRow>)> = readings
        .into_iter()
        .map(|reading| {
            let of = shared.iter().copied().filter(|row| row.reading == reading).collect();
            (format!("read by {reading}"), of)
        })
        .collect();
    if !alone.is_empty() {
        panels.push(("one reader or best against another".to_owned(), alone));
    }
    let ends =
        rows.iter().flat_map(|row| row.sizes.iter().flatten().flat_map(|at| [at.low, at.high])).flatten();
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), end| (low.min(end), high.max(end)));
    if low == high {
        let why = "no effect has an interval: its runs lack the message sets".to_owned();
        return Err(FigureError::NoQueries { figure: name.to_owned(), why });
    }
    let pad = 0.04 * (high - low);
    let x = Axis::linear(low - pad, high + pad);
    let looks: Vec<Look> = (0..study.size.len()).map(|i| step(i, study.size.len())).collect();
    let panel = |rows: &Vec<&EffectRow>| {
        // The first row stands on top, where the axis ends.
        let names: Vec<String> = rows.iter().rev().map(|row| row.effect.clone()).collect();
        let rows = rows.iter().rev().map(|row| row.sizes.clone()).collect();
        Some(Panel::new(x.clone(), Axis::matrix(names), Dots { rows, looks: looks.clone() }))
    };
    let mut legend: Vec<Entry> = study
        .size
        .iter()
        .zip(&looks)
        .map(|(size, &look)| Entry::new(Symbol::Point(look), format!("N = {}", size.n)))
        .collect();
    legend.push(Entry::new(Symbol::Hollow, "may be chance, or of one root seed alone"));
    let sheet = Sheet {
        width: PrintWidth::PAGE,
        columns: 2,
        headings: vec![None; panels.len().div_ceil(2)],
        titles: panels.iter().map(|(title, _)| vec![title.clone()]).collect(),
        panels: panels.iter().map(|(_, rows)| panel(rows)).collect(),
        bar: None,
        legend,
        x_label: format!("difference in {}", crate::labels::measure(study.measure)),
        y_label: String::new(),
        caption: Words { text: caption(study), drawn: false },
    };
    let alternative = format!("Points with intervals: {}", study.question.trim());
    let svg = sheet.svg(&Frontmatter { title: &alternative, description: &sheet.caption.text.join(" ") })?;
    let csv = csv(rows);
    Ok(Drawn {
        name: name.to_owned(),
        alternative,
        parameters: Vec::new(),
        finding: String::new(),
        caption: sheet.caption.text,
        label: format!("fig:{name}"),
        svg,
        csv,
    })
}

fn caption(study: &EffectStudy) -> Vec<String> {
    let confidence = crate::labels::percent(study.confidence);
    vec![
        study.question.trim().to_owned(),
        format!(
            "Mean paired differences over the loads and noise levels of the study; bars: all intervals of one N hold \
             together with {confidence}."
        ),
    ]
}

fn csv(rows: &[EffectRow]) -> String {
    let mut csv = "effect,reading,n,value,low,high,error,sets,lacking,with,without,shown\n".to_owned();
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    for row in rows {
        for at in row.sizes.iter().flatten() {
            let names = [&row.effect, &row.reading].map(|name| text(name).into_owned());
            let numbers = [at.value, at.low, at.high, at.error].map(number);
            let counts = [at.sets, at.lacking].map(|count| count.to_string());
            let sides = [at.with, at.without].map(number);
            let fields =
                names.into_iter().chain([at.n.to_string()]).chain(numbers).chain(counts).chain(sides);
            let fields = fields.chain([at.is_shown().to_string()]);
            csv += &fields.map(quoted).collect::<Vec<_>>().join(",");
            csv.push('\n');
        }
    }
    csv
}

/// The effects of a panel, from the lowest row.
struct Dots {
    rows: Vec<Vec<Option<EffectAt>>>,
    looks: Vec<Look>,
}

/// The share of a row that its marks take.
const SPREAD: f64 = 0.72;

impl Plot for Dots {
    fn paint(&self, canvas: &Canvas<'_>, frame: &Frame<'_>) -> Painted {
        let zero = [frame.at(0.0, -0.5), frame.at(0.0, self.rows.len() as f64 - 0.5)];
        canvas.line(&zero, Stroke::solid(INK, 1.6 * HAIR))?;
        for (i, sizes) in self.rows.iter().enumerate() {
            if i > 0 {
                let y = i as f64 - 0.5;
                let (left, right) = (frame.rect.x, frame.rect.right());
                let height = frame.at(0.0, y).1;
                canvas.line(&[(left, height), (right, height)], Stroke::solid(QUIET, 0.4 * HAIR))?;
            }
            for (k, at) in sizes.iter().enumerate() {
                let Some(at) = at else { continue };
                let (Some(value), Some(low), Some(high)) = (at.value, at.low, at.high) else { continue };
                let step = SPREAD / self.looks.len().max(2) as f64;
                let y = i as f64 + step * ((self.looks.len() - 1) as f64 / 2.0 - k as f64);
                let ends = (frame.at(low, y), frame.at(high, y));
                bar(canvas, ends, self.looks[k].colour)?;
                canvas.marker(frame.at(value, y), &self.looks[k], frame.scale, !at.is_shown())?;
            }
        }
        Ok(())
    }
}

/// Draws a level error bar.
fn bar(canvas: &Canvas<'_>, (from, to): (Place, Place), colour: Colour) -> Painted {
    canvas.line(&[from, to], Stroke::solid(colour, 1.4 * HAIR))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn study() -> EffectStudy {
        let text = r#"
question = "What does it?"
analysis = "By hand."
measure = "recovered"
region = {}

[[size]]
n = 64
runs = ["a"]

[size.rules]
"TRN, trained" = { sync = ["T", "sync"], soft = ["T", "soft"] }
"TRN, zero" = { sync = ["Z", "sync"], soft = ["Z", "soft"] }

[[effect]]
name = "diagonal"
question = "?"
with = ["trained"]
without = ["zero"]
"#;
        EffectStudy::parse(Path::new("by-hand.toml"), text).expect("a study")
    }

    fn row(reading: &str, value: Option<f64>) -> EffectRow {
        let at = EffectAt {
            n: 64,
            pairs: Vec::new(),
            sets: 4,
            lacking: 0,
            with: value,
            without: value.map(|_| 0.0),
            value,
            error: value.map(|_| 0.01),
            low: value.map(|value| value - 0.02),
            high: value.map(|value| value + 0.02),
            by_run: vec![value],
        };
        let (effect, reading) = ("diagonal".to_owned(), reading.to_owned());
        EffectRow { effect, reading, sizes: vec![Some(at)], limit: None }
    }

    #[test]
    fn every_reading_has_a_panel_and_every_number_a_row() {
        let drawn =
            draw_effects("effects", &study(), &[row("sync", Some(0.1)), row("soft", Some(-0.01))]).unwrap();
        for words in ["read by sync", "read by soft", "diagonal", "N = 64"] {
            assert!(drawn.svg.contains(words), "{words}");
        }
        let lines: Vec<&str> = drawn.csv.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[1].starts_with("diagonal,sync,64,0.1,") && lines[1].ends_with(",true"), "{}", lines[1]);
        assert!(lines[2].ends_with(",false"), "{}", lines[2]);
    }

    #[test]
    fn effects_without_a_number_are_no_figure() {
        let error = draw_effects("effects", &study(), &[row("sync", None)]).unwrap_err();
        assert!(error.to_string().contains("effects"), "{error}");
    }
}
