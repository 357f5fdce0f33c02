//! The fixed queries a message that training needs, K*, are drawn against N, both logarithmic.
//!
//! It is what the test `queries-needed` of a claim decides by.
//!
//! Both laws of growth are drawn through it, as the test fits them: on these axes a power law is a straight line and
//! an exponential bends upwards. A third line, through the middle of the points, rises as the power of N below which
//! the test calls no growth exponential. A page a test.

use crate::canvas::Stroke;
use crate::context::Context;
use crate::data::csv;
use crate::drawing::{Drawer, Paper, Task, caption};
use crate::error::FigureError;
use crate::labels;
use crate::plot::{Curve, Curves, Intervals, Point, ReferenceLine};
use crate::sheet::{Axis, Entry, Panel, Sheet, Symbol};
use crate::style::{CURVE, Dash, HAIR, INK, Look, QUIET};
use analysis::claim::{EvidenceRow, KStar};
use analysis::summary::Estimate;
use base::spreadsheet::text;
use stats::Line;
use study::figure::{FigureKind, FigureSpec};
use study::label::is_of;
use study::measure::Measure;
use study::record::Status;

/// Draws the kind `queries-needed`.
pub(super) struct QueriesNeeded;

impl Drawer for QueriesNeeded {
    fn kind(&self) -> FigureKind {
        FigureKind::QueriesNeeded
    }

    fn measures(&self, _spec: &FigureSpec) -> (Measure, &'static [Measure]) {
        (Measure::Recovered, &[Measure::Recovered])
    }

    fn draw(&self, task: &Task<'_>) -> Result<Vec<Paper>, FigureError> {
        let shown: Vec<&KStar> =
            task.context.k_stars.iter().filter(|found| task.spec.names(&found.test.subject)).collect();
        if shown.is_empty() {
            let why = "no claim of the definition has a test of kind queries-needed of these protocols";
            return Err(FigureError::NoQueries { figure: task.spec.name.clone(), why: why.to_owned() });
        }
        shown.into_iter().map(|found| page(task, found)).collect()
    }

    fn subject(&self, _measure: Measure, sheet: &Sheet) -> String {
        format!("fixed queries a message that training needs, K*, against {}", sheet.x_label)
    }

    fn finding(&self, context: &Context<'_>) -> String {
        growth(context.k_stars)
    }
}

/// The queries that training needs at the smallest and the largest N, and how they grow.
fn growth(k_stars: &[KStar]) -> String {
    let part = |found: &KStar| {
        let (first, last) = (found.sizes.first()?, found.sizes.last()?);
        let (least, most, exponent) = (first.subject?, last.subject?, found.fit?.power);
        let (slope, ends) = (exponent.slope, exponent.slope_interval);
        Some(format!(
            "{} needs {least:.0} queries a message at N = {} and {most:.0} at N = {}, which grow as N to the power \
             {slope:.2} ({:.2} to {:.2}).",
            found.test.subject, first.at.n, last.at.n, ends.low, ends.high
        ))
    };
    k_stars.iter().filter_map(part).collect::<Vec<_>>().join(" ")
}

/// The page of one test.
fn page(task: &Task<'_>, found: &KStar) -> Result<Paper, FigureError> {
    let ends = found.sizes.iter().flat_map(|row| [row.subject, row.low, row.high]).flatten();
    let (low, high) = ends.fold((f64::INFINITY, 0.0_f64), |(low, high), k| (low.min(k), high.max(k)));
    if high <= 0.0 {
        return Err(FigureError::NoQueries { figure: task.spec.name.clone(), why: notes(found).join("; ") });
    }
    let sizes: Vec<f64> = found.sizes.iter().map(|row| f64::from(row.at.n)).collect();
    let look = look(task, &found.test.subject);
    let lines = lines(found);
    let plot = Curves {
        lines: lines.iter().map(|(line, _)| line.clone()).collect(),
        ..Curves::new(vec![curve(found, look)], Intervals::Bars)
    };
    let (x, y) = (Axis::log_at(sizes), Axis::log(low, high));
    let panel = Panel::new(x, y, plot);
    let estimates: Vec<Estimate> = found.sizes.iter().map(|row| estimate(found, row)).collect();
    let sheet = Sheet {
        width: task.width(),
        columns: 1,
        headings: vec![None],
        titles: vec![Vec::new()],
        panels: vec![Some(panel)],
        bar: None,
        legend: legend(found, &name_of(task, &found.test.subject), look, &lines),
        x_label: labels::UNITS.to_owned(),
        y_label: "K* (fixed queries a message)".to_owned(),
        caption: caption(task.spec, task.context, &estimates, "points and bars", &facts(found)),
    };
    Ok(Paper { sheet, found: estimates, csv: Some(table(found)) })
}

/// The look of the subject: that of its first variant, as where all are one curve.
fn look(task: &Task<'_>, subject: &str) -> Look {
    let labels = task.all.iter().map(|e| e.protocol.as_str()).filter(|label| is_of(label, subject));
    task.looks.get(labels.min_by_key(|label| task.looks.rank(label)).unwrap_or(subject))
}

/// The name of the subject, which stands for all variants that differ in K.
fn name_of(task: &Task<'_>, subject: &str) -> String {
    let labels = task.all.iter().map(|e| e.protocol.as_str()).filter(|label| is_of(label, subject));
    let first = labels.min_by_key(|label| task.looks.rank(label)).unwrap_or(subject);
    match task.looks.name(first) {
        name if name == first => subject.to_owned(),
        name => name.to_owned(),
    }
}

fn curve(found: &KStar, look: Look) -> Curve {
    let point = |row: &EvidenceRow| Point {
        x: f64::from(row.at.n),
        y: row.subject,
        interval: row.low.zip(row.high),
        partial: !row.lacking.is_none(),
    };
    Curve { label: found.test.subject.clone(), look, points: found.sizes.iter().map(point).collect() }
}

/// The power law, the exponential, and the slowest growth that could be called exponential, each with its meaning.
fn lines(found: &KStar) -> Vec<(ReferenceLine, String)> {
    let Some(fit) = found.fit else { return Vec::new() };
    let n: Vec<f64> = found.sizes.iter().map(|row| f64::from(row.at.n)).collect();
    let (first, last) = (n[0], n[n.len() - 1]);
    /// Enough for an exponential to look like a curve.
    const STEPS: u32 = 64;
    let along = |step: u32| first * (last / first).powf(f64::from(step) / f64::from(STEPS));
    let line = |law: &dyn Fn(f64) -> f64, colour, width, dash| ReferenceLine {
        points: (0..=STEPS).map(along).map(|n| (n, law(n).exp())).collect(),
        stroke: Stroke { colour, width, dash },
    };
    let slope = |line: &Line, digits: usize| {
        let ends = line.slope_interval;
        let [slope, low, high] = [line.slope, ends.low, ends.high].map(|x| rounded(x, digits));
        format!("{slope} ({low} to {high})")
    };
    let (power, exponential) = (fit.power, fit.exponential);
    let exponent = found.test.growth.exponent;
    // The line of least squares passes through the middle of the points.
    let middle = n.iter().map(|n| n.ln()).sum::<f64>() / n.len() as f64;
    let height = power.intercept + power.slope * middle;
    let mean = n.iter().sum::<f64>() / n.len() as f64;
    let (fastest, centre) =
        (exponential.slope_interval.high, exponential.intercept + exponential.slope * mean);
    vec![
        (
            line(&|n| power.intercept + power.slope * n.ln(), INK, 0.8 * CURVE, Dash::Solid),
            format!("power law: exponent {}", slope(&power, 2)),
        ),
        (
            line(&|n| exponential.intercept + exponential.slope * n, INK, 0.8 * CURVE, Dash::Dashed),
            format!("exponential: rate {} per unit", slope(&exponential, 3)),
        ),
        (
            line(&|n| height + exponent * (n.ln() - middle), QUIET, 2.0 * HAIR, Dash::Dotted),
            format!("{}, for comparison", as_power(exponent)),
        ),
        (
            line(&|n| centre + fastest * (n - mean), QUIET, 2.0 * HAIR, Dash::Long),
            format!("fastest exponential that is not excluded: rate {}", rounded(fastest, 3)),
        ),
    ]
}

/// With so many digits after the point, and a minus sign that is one.
fn rounded(x: f64, digits: usize) -> String {
    let scale = 10_f64.powi(digits as i32);
    // Adding 0 makes 0 of -0.
    format!("{:.digits$}", (x * scale).round() / scale + 0.0).replace('-', "\u{2212}")
}

fn as_power(exponent: f64) -> String {
    if exponent == 1.0 { "as N".to_owned() } else { format!("as N to the power {}", labels::short(exponent)) }
}

fn legend(found: &KStar, name: &str, look: Look, lines: &[(ReferenceLine, String)]) -> Vec<Entry> {
    let mut legend = vec![Entry::new(Symbol::Point(look), format!("K* of {}", name))];
    legend.extend(lines.iter().map(|(line, meaning)| Entry::new(Symbol::Line(line.stroke), meaning)));
    if found.sizes.iter().any(|row| row.subject.is_none()) {
        legend.push(Entry::new(Symbol::Cross, "K* beyond the K that were run"));
    }
    if found.sizes.iter().any(|row| row.subject.is_some() && !row.lacking.is_none()) {
        legend.push(Entry::new(Symbol::Hollow, "some trials lack"));
    }
    legend
}

/// What the test is, and what it found besides.
fn facts(found: &KStar) -> Vec<String> {
    let test = &found.test;
    let share = labels::percent(test.within);
    let measure = labels::measure(test.measure);
    let mut facts = vec![format!("at K* {measure} come within {share} of {}", test.plateau)];
    let noise = test.region.noise.iter().flatten().map(|&noise| labels::short(noise)).collect::<Vec<_>>();
    if !noise.is_empty() {
        facts.push(format!("queries with a share {} of the bits flipped, rounded", noise.join(" and ")));
    }
    if let Some(fit) = found.fit {
        facts.push("lines: least squares of ln K* on ln N and on N, slopes with 95 % intervals".to_owned());
        facts.push(format!(
            "ln likelihood ratio of the exponential to the power law {}, where {} would decide",
            rounded(fit.evidence, 1),
            labels::short(test.growth.evidence)
        ));
    }
    facts.extend(notes(found));
    facts
}

/// What numbers cannot say.
fn notes(found: &KStar) -> Vec<String> {
    found.sizes.iter().filter_map(|row| row.note.clone()).collect()
}

/// A number for caption and alternative text.
fn estimate(found: &KStar, row: &EvidenceRow) -> Estimate {
    let dynamics = match found.test.region.dynamics.as_deref() {
        Some(&[only]) => Some(only),
        _ => None,
    };
    Estimate {
        protocol: found.test.subject.clone(),
        parameters: String::new(),
        source: row.at.source,
        n: row.at.n,
        // All messages and noise levels of the region count together.
        m: 0,
        load: 0.0,
        dynamics,
        flips: None,
        measure: found.test.measure,
        value: row.subject,
        low: row.low,
        high: row.high,
        trials: row.trials as u32,
        failed: row.lacking.failed as u32,
        status: Status::Ok,
    }
}

/// Every number, a row each: K* by N, then both laws.
fn table(found: &KStar) -> String {
    let mut csv = "source,subject,plateau,measure,within,quantity,n,value,low,high,trials,note\n".to_owned();
    let number = |x: Option<f64>| x.map_or_else(String::new, |x| x.to_string());
    let test = &found.test;
    let source = found.sizes.first().map_or("", |row| row.at.source.name());
    let mut line = |quantity: &str, n: String, numbers: [Option<f64>; 3], trials: String, note: &str| {
        let what =
            [source, &test.subject, &test.plateau, test.measure.name()].map(|it| text(it).into_owned());
        let fields = what.into_iter().chain([test.within.to_string(), quantity.to_owned(), n]);
        let fields = fields.chain(numbers.map(number)).chain([trials, note.to_owned()]);
        csv += &fields.map(csv::quoted).collect::<Vec<_>>().join(",");
        csv.push('\n');
    };
    for row in &found.sizes {
        let numbers = [row.subject, row.low, row.high];
        line("K*", row.at.n.to_string(), numbers, row.trials.to_string(), row.note.as_deref().unwrap_or(""));
    }
    for (law, fit) in
        found.fit.iter().flat_map(|fit| [("power law", fit.power), ("exponential", fit.exponential)])
    {
        let slope = if law == "power law" { "exponent" } else { "rate" };
        let (Line { slope: value, slope_interval: ends, .. }, none) = (fit, String::new);
        line(&format!("{slope} of the {law}"), none(), [value, ends.low, ends.high].map(Some), none(), "");
        line(&format!("factor of the {law}"), none(), [Some(fit.intercept.exp()), None, None], none(), "");
    }
    csv
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_leaves_no_minus_at_zero() {
        assert_eq!([rounded(-0.004, 2), rounded(-0.95, 1), rounded(1.0, 0)], ["0.00", "\u{2212}1.0", "1"]);
    }
}
