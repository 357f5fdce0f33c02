//! Histograms show the margins kappa_i^m = xi_i^m h_i^m / |W_i| of all bits of all messages. There is a panel
//! a protocol.
//!
//! All have the same bins; what theory says of the margins are vertical lines.
//!
//! Bits left of 0 are wrong. Where the smallest margin of a protocol comes close to Gardner's line, no matrix could
//! do much better; what a histogram does not tell is how margins help against noise.

use crate::canvas::{Canvas, Painted, Rect, Stroke};
use crate::context::{Context, TheoryCurve};
use crate::data::csv;
use crate::drawing::{Drawer, Paper, Task, caption};
use crate::error::FigureError;
use crate::labels;
use crate::plot::{ReferenceLine, paint_line};
use crate::sheet::{Axis, Entry, Frame, Panel, Plot, Sheet, Symbol};
use crate::style::{Dash, HAIR, INK, Look, QUIET};
use analysis::margins::Sample;
use analysis::summary::Estimate;
use base::spreadsheet::text;
use study::figure::{FigureKind, FigureSpec};
use study::measure::Measure;
use study::record::Status;

/// Draws the kind `margins`.
pub(super) struct Margins;

impl Drawer for Margins {
    fn kind(&self) -> FigureKind {
        FigureKind::Margins
    }

    fn measures(&self, _spec: &FigureSpec) -> (Measure, &'static [Measure]) {
        (Measure::FixedPoints, &[Measure::FixedPoints])
    }

    fn draw(&self, task: &Task<'_>) -> Result<Vec<Paper>, FigureError> {
        let mut samples: Vec<&Sample> =
            task.context.samples.iter().filter(|s| !s.margins.is_empty()).collect();
        let Some(first) = samples.first().copied() else {
            return Err(FigureError::NoReads { figure: task.spec.name.clone() });
        };
        samples.sort_by_key(|s| task.looks.rank(&s.protocol));
        let shares: Vec<Vec<f64>> = samples.iter().map(|s| Bins::of(&samples).shares(s)).collect();
        let highest = shares.iter().flatten().copied().fold(0.0, f64::max);
        let bins = Bins::of(&samples);
        let x = Axis::linear(bins.low, bins.edge(bins.count));
        let y = Axis::linear(0.0, 1.05 * highest);
        let panel = |(sample, shares): (&&Sample, &Vec<f64>)| {
            let look = task.looks.get(&sample.protocol);
            let lines = task.context.curves.iter().filter(|c| is_of(c, sample)).map(line).collect();
            let plot = Bars { look, bins: Bins::of(&samples), shares: shares.clone(), lines };
            Some(Panel { look: Some(look), ..Panel::new(x.clone(), y.clone(), plot) })
        };
        let columns = samples.len().min(3);
        let found: Vec<Estimate> = samples.iter().map(|s| estimate(s)).collect();
        let facts = [
            labels::load(first.m, first.n),
            format!("the bits of the sweep's first {} message sets pooled", first.sets),
            format!("bins of {}", labels::short(bins.width)),
        ];
        let sheet = Sheet {
            width: task.width(),
            columns,
            headings: vec![None; samples.len().div_ceil(columns)],
            titles: samples.iter().map(|s| vec![task.looks.name(&s.protocol).to_owned()]).collect(),
            panels: samples.iter().zip(&shares).map(panel).collect(),
            bar: None,
            legend: legend(task.context.curves),
            x_label: "margin \u{03ba} = \u{03be} h / |W| of a bit".to_owned(),
            y_label: "share of the bits".to_owned(),
            caption: caption(task.spec, task.context, &found, "", &facts),
        };
        Ok(vec![Paper { sheet, found, csv: Some(table(&samples, &bins, &shares)) }])
    }

    fn subject(&self, _measure: Measure, _sheet: &Sheet) -> String {
        "histograms of the margins of all bits".to_owned()
    }

    fn finding(&self, context: &Context<'_>) -> String {
        smallest(context.samples)
    }
}

/// The smallest margin of each protocol, and the share of bits whose margin is negative.
fn smallest(samples: &[Sample]) -> String {
    let part = |sample: &Sample| {
        let least = sample.margins.iter().copied().min_by(f64::total_cmp)?;
        let wrong = sample.margins.iter().filter(|&&margin| margin < 0.0).count();
        let share = 100.0 * wrong as f64 / sample.margins.len() as f64;
        let wrong = if wrong == 0 { String::new() } else { format!(", {share:.1} % of the bits wrong") };
        Some(format!("{} {least:.2}{wrong}", sample.protocol))
    };
    let parts: Vec<String> = samples.iter().filter_map(part).collect();
    if parts.is_empty() { String::new() } else { format!("Smallest margin: {}.", parts.join("; ")) }
}

/// About so many bins.
const BINS: f64 = 80.0;

/// Bins of one width, from the lowest on.
struct Bins {
    low: f64,
    width: f64,
    count: usize,
}

/// A panel: shares of the margins by bin.
struct Bars {
    look: Look,
    bins: Bins,
    shares: Vec<f64>,
    lines: Vec<ReferenceLine>,
}

impl Bins {
    /// Bins that hold all margins.
    fn of(samples: &[&Sample]) -> Self {
        let all = samples.iter().flat_map(|s| s.margins.iter().copied());
        let (low, high) = all.fold((0.0_f64, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
        let least = ((high - low) / BINS).max(1e-3);
        let decade = 10.0_f64.powf(least.log10().floor());
        let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|step| step * decade);
        // 10 is never too small; rounding may make it look so.
        let width = steps.into_iter().find(|&step| step >= least).unwrap_or(10.0 * decade);
        let first = (low / width).floor();
        Self { low: first * width, width, count: ((high / width).floor() - first) as usize + 1 }
    }

    /// The lower edge of a bin.
    fn edge(&self, bin: usize) -> f64 {
        self.low + bin as f64 * self.width
    }

    /// The share of the margins in every bin.
    fn shares(&self, sample: &Sample) -> Vec<f64> {
        let mut counts = vec![0_u32; self.count];
        for kappa in &sample.margins {
            let bin = ((kappa - self.low) / self.width).floor().max(0.0) as usize;
            counts[bin.min(self.count - 1)] += 1;
        }
        counts.into_iter().map(|count| f64::from(count) / sample.margins.len() as f64).collect()
    }
}

/// Whether a line of theory belongs into the panel of a sample.
fn is_of(curve: &TheoryCurve, sample: &Sample) -> bool {
    curve.protocol.as_ref().is_none_or(|label| *label == sample.protocol)
}

fn stroke(curve: &TheoryCurve) -> Stroke {
    let dash = if curve.protocol.is_some() { Dash::Dotted } else { Dash::Dashed };
    Stroke { colour: INK, width: 2.0 * HAIR, dash }
}

fn line(curve: &TheoryCurve) -> ReferenceLine {
    ReferenceLine { points: curve.points.clone(), stroke: stroke(curve) }
}

fn legend(curves: &[TheoryCurve]) -> Vec<Entry> {
    let mut legend: Vec<Entry> = Vec::new();
    for curve in curves {
        if legend.iter().all(|entry| entry.label != curve.label) {
            legend.push(Entry::new(Symbol::Line(stroke(curve)), &curve.label));
        }
    }
    legend.push(Entry::new(Symbol::Line(Stroke::solid(QUIET, HAIR)), "0: bits left of it are wrong"));
    legend
}

/// The share of bits that are right, for caption and alternative text.
fn estimate(s: &Sample) -> Estimate {
    let right = s.margins.iter().filter(|&&kappa| kappa > 0.0).count();
    Estimate {
        protocol: s.protocol.clone(),
        parameters: s.parameters.clone(),
        source: s.source,
        n: s.n,
        m: s.m,
        load: s.load(),
        dynamics: None,
        flips: None,
        measure: Measure::FixedPoints,
        value: Some(right as f64 / s.margins.len() as f64),
        low: None,
        high: None,
        trials: s.sets,
        failed: 0,
        status: Status::Ok,
    }
}

/// Every bar, a row each.
fn table(samples: &[&Sample], bins: &Bins, shares: &[Vec<f64>]) -> String {
    let mut csv = "source,n,m,protocol,sets,bits,smallest,from,to,share\n".to_owned();
    for (s, shares) in samples.iter().zip(shares) {
        let label = csv::quoted(text(&s.protocol).into_owned());
        let smallest = s.margins.iter().copied().fold(f64::INFINITY, f64::min);
        for (bin, share) in shares.iter().enumerate() {
            let (from, to) = (labels::short(bins.edge(bin)), labels::short(bins.edge(bin + 1)));
            let (source, bits) = (s.source.name(), s.margins.len());
            csv += &format!(
                "{source},{},{},{label},{},{bits},{smallest:.4},{from},{to},{share:.6}\n",
                s.n, s.m, s.sets
            );
        }
    }
    csv
}

impl Plot for Bars {
    fn paint(&self, canvas: &Canvas<'_>, frame: &Frame<'_>) -> Painted {
        for (bin, &share) in self.shares.iter().enumerate().filter(|(_, share)| **share > 0.0) {
            let (left, top) = frame.at(self.bins.edge(bin), share);
            let (right, bottom) = frame.at(self.bins.edge(bin + 1), 0.0);
            canvas.block(
                Rect { x: left, y: top, width: right - left, height: bottom - top },
                self.look.colour,
            )?;
        }
        let zero = Stroke::solid(QUIET, HAIR);
        paint_line(canvas, frame, &ReferenceLine { points: vec![(0.0, 0.0), (0.0, 1.0)], stroke: zero })?;
        self.lines.iter().try_for_each(|line| paint_line(canvas, frame, line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocols::Source;

    #[test]
    fn bins_hold_every_margin_once() {
        let sample = |margins: Vec<f64>| Sample {
            protocol: "HOP".to_owned(),
            parameters: "{}".to_owned(),
            source: Source::Random,
            n: 4,
            m: 1,
            sets: 1,
            margins,
        };
        for margins in [vec![-1.3, 0.0, 0.2, 2.7], vec![1.0; 4], vec![-0.5, -0.1, -0.1, 0.0], vec![0.0; 4]] {
            let sample = sample(margins);
            let bins = Bins::of(&[&sample]);
            let shares = bins.shares(&sample);
            assert_eq!(shares.iter().sum::<f64>(), 1.0);
            for kappa in &sample.margins {
                // On an edge rounding may choose either side.
                let around = |bin: usize| (bins.edge(bin) - 1e-9..=bins.edge(bin + 1) + 1e-9).contains(kappa);
                assert!(
                    (0..bins.count).any(|bin| around(bin) && shares[bin] > 0.0),
                    "{kappa} of {:?}",
                    sample.margins
                );
            }
        }
    }

    #[test]
    fn margins_are_told_by_the_smallest_and_by_those_below_zero() {
        let sample = |protocol: &str, margins: &[f64]| Sample {
            protocol: protocol.to_owned(),
            parameters: "{}".to_owned(),
            source: Source::Random,
            n: 64,
            m: 16,
            sets: 1,
            margins: margins.to_vec(),
        };
        let found = smallest(&[sample("A", &[0.5, 0.25]), sample("B", &[-0.1, 1.0])]);
        assert_eq!(found, "Smallest margin: A 0.25; B -0.10, 50.0 % of the bits wrong.");
        assert_eq!(smallest(&[]), "");
    }
}
