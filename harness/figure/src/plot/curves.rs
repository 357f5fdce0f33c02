//! Curves are drawn with their intervals, whatever runs along their axes.
//!
//! A curve joins neighbouring estimates and breaks where a value is missing; nothing is drawn across a gap. A point
//! that rests on some of its trials only, because others failed, is hollow; a point without any value is a cross in a
//! strip below the data.

use super::reference_lines::{Constant, ReferenceLine, paint_constant, paint_line};
use crate::canvas::{Across, Canvas, Painted, Place, Stroke, Type};
use crate::sheet::{Frame, Plot};
use crate::style::{BAND, Dash, HAIR, INK, Look, MARKER, QUIET, SMALL};

/// A `Curve` is one protocol's curve.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Curve {
    pub(crate) label: String,
    pub(crate) look: Look,
    /// By rising x.
    pub(crate) points: Vec<Point>,
}

/// A `Point` is an estimate in the coordinates of the figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: Option<f64>,
    pub(crate) interval: Option<(f64, f64)>,
    /// Whether some trials failed.
    pub(crate) partial: bool,
}

/// A `Mark` is a numbered vertical line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    pub(crate) number: String,
    pub(crate) x: f64,
}

/// A `Crossing` is a place where a curve passes a level.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Crossing {
    pub(crate) look: Look,
    pub(crate) level: f64,
    pub(crate) x: f64,
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
}

/// Says how intervals are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intervals {
    /// A band around joined points.
    Band,
    /// A bar at each point; points are not joined.
    Bars,
}

/// Holds all that a panel of curves shows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Curves {
    pub(crate) curves: Vec<Curve>,
    pub(crate) intervals: Intervals,
    pub(crate) lines: Vec<ReferenceLine>,
    pub(crate) constants: Vec<Constant>,
    pub(crate) marks: Vec<Mark>,
    pub(crate) crossings: Vec<Crossing>,
    /// A level that a reader looks for, such as one half.
    pub(crate) level: Option<f64>,
}

/// Height of a row of the strip of crosses, mm.
const STRIP_ROW: f64 = 1.7;

impl Curves {
    /// Returns curves without anything beside them.
    pub(crate) fn new(curves: Vec<Curve>, intervals: Intervals) -> Self {
        Self {
            curves,
            intervals,
            lines: Vec::new(),
            constants: Vec::new(),
            marks: Vec::new(),
            crossings: Vec::new(),
            level: None,
        }
    }
}

impl Plot for Curves {
    fn head(&self) -> f64 {
        if self.marks.is_empty() { 0.0 } else { 2.4 }
    }

    fn foot(&self) -> f64 {
        let failing = self.curves.iter().filter(|curve| curve.points.iter().any(|point| point.y.is_none()));
        match failing.count() {
            0 => 0.0,
            rows => rows as f64 * STRIP_ROW + 0.6,
        }
    }

    fn paint(&self, canvas: &Canvas<'_>, frame: &Frame<'_>) -> Painted {
        let rect = frame.rect;
        if let Some(level) = self.level.filter(|&level| frame.y.contains(level)) {
            let y = frame.at(0.0, level).1;
            let stroke = Stroke { colour: QUIET, width: HAIR, dash: Dash::Dashed };
            canvas.line(&[(rect.x, y), (rect.right(), y)], stroke)?;
        }
        self.paint_marks(canvas, frame)?;
        if self.intervals == Intervals::Band {
            for (i, curve) in self.curves.iter().enumerate() {
                paint_band(canvas, frame, curve, &self.curves[i + 1..])?;
            }
        }
        for line in &self.lines {
            paint_line(canvas, frame, line)?;
        }
        for constant in &self.constants {
            paint_constant(canvas, frame, constant)?;
        }
        if self.intervals == Intervals::Band {
            for curve in &self.curves {
                for run in runs(&curve.points) {
                    let line: Vec<Place> = run.iter().map(|&(x, y, _)| frame.at(x, y)).collect();
                    let stroke = Stroke::curve(&curve.look);
                    canvas.line(&line, Stroke { width: stroke.width * frame.scale.sqrt(), ..stroke })?;
                }
            }
        }
        let room = self.room(frame);
        for i in 0..self.curves.len() {
            self.paint_points(canvas, frame, i, room)?;
        }
        self.paint_crossings(canvas, frame)?;
        self.paint_strip(canvas, frame)
    }
}

impl Curves {
    /// How far apart neighbours along x are, mm: their median distance, so that one close pair does not shrink all.
    fn room(&self, frame: &Frame<'_>) -> f64 {
        let gaps = |curve: &Curve| -> Vec<f64> {
            let gap = |pair: &[Point]| frame.at(pair[1].x, 0.0).0 - frame.at(pair[0].x, 0.0).0;
            curve.points.windows(2).map(gap).collect()
        };
        let gaps: Vec<f64> = self.curves.iter().flat_map(gaps).collect();
        stats::median(&gaps).unwrap_or(f64::INFINITY)
    }

    /// How far the marker of a point stands beside it, mm: where several curves meet, theirs stand side by side, so
    /// that all are seen.
    fn aside(&self, frame: &Frame<'_>, curve: usize, at: Place, room: f64) -> f64 {
        let meets = |other: &Curve| {
            let places = other.points.iter().filter_map(|p| p.y.map(|y| frame.at(p.x, y)));
            places.into_iter().any(|(x, y)| (x - at.0).abs() < 0.05 && (y - at.1).abs() < 0.7 * MARKER)
        };
        let meeting: Vec<usize> = (0..self.curves.len()).filter(|&i| meets(&self.curves[i])).collect();
        let place = meeting.iter().position(|&i| i == curve).unwrap_or(0) as f64;
        // Neighbours along x keep theirs, and the frame holds all but half a mark at its ends.
        let step = (1.9 * MARKER * frame.scale).min(0.6 * room / meeting.len().max(1) as f64);
        let half = step * (meeting.len().saturating_sub(1)) as f64 / 2.0;
        let (least, most) = (frame.rect.x - at.0, frame.rect.right() - at.0);
        let middle = if 2.0 * half < most - least { 0.0_f64.clamp(least + half, most - half) } else { 0.0 };
        middle + step * place - half
    }

    /// Markers of one curve. They are smaller where points stand so close along x that they would touch.
    fn paint_points(&self, canvas: &Canvas<'_>, frame: &Frame<'_>, curve: usize, room: f64) -> Painted {
        let crowding = (room / (3.6 * MARKER * frame.scale)).clamp(0.6, 1.0);
        let Curve { look, points, .. } = &self.curves[curve];
        for point in points {
            let Some(y) = point.y else { continue };
            let on_curve = frame.at(point.x, y);
            let at = (on_curve.0 + self.aside(frame, curve, on_curve, room), on_curve.1);
            if let (Intervals::Bars, Some((low, high))) = (self.intervals, point.interval) {
                let ends = (frame.at(point.x, low).1, frame.at(point.x, high).1);
                canvas.error_bar(at.0, ends, look.colour)?;
            }
            canvas.marker(at, look, frame.scale * crowding, point.partial)?;
        }
        Ok(())
    }

    fn paint_marks(&self, canvas: &Canvas<'_>, frame: &Frame<'_>) -> Painted {
        let rect = frame.rect;
        let mut marks: Vec<&Mark> = self.marks.iter().filter(|mark| frame.x.contains(mark.x)).collect();
        marks.sort_by(|a, b| a.x.total_cmp(&b.x));
        let mut free_from = f64::NEG_INFINITY;
        for mark in marks {
            let x = frame.at(mark.x, 0.0).0;
            let stroke = Stroke { colour: QUIET, width: 0.7, dash: Dash::Dotted };
            canvas.line(&[(x, rect.y - 0.4), (x, rect.bottom())], stroke)?;
            // Numbers of close lines stand side by side.
            let number = x.max(free_from);
            let how = Type { across: Across::Center, colour: QUIET, bold: true, ..Type::of(SMALL) };
            canvas.text((number, rect.y - 1.5), &mark.number, how)?;
            free_from = number + 1.9;
        }
        Ok(())
    }

    fn paint_crossings(&self, canvas: &Canvas<'_>, frame: &Frame<'_>) -> Painted {
        for crossing in self.crossings.iter().filter(|crossing| frame.x.contains(crossing.x)) {
            let (x, y) = frame.at(crossing.x, crossing.level);
            let within = |load: f64| frame.at(load, 0.0).0.clamp(frame.rect.x, frame.rect.right());
            let ends =
                (crossing.low.map_or(frame.rect.x, within), crossing.high.map_or(frame.rect.right(), within));
            canvas.crossing_bar(ends, x, y, crossing.look.colour)?;
        }
        Ok(())
    }

    /// Crosses below the data, a row for each protocol that has any.
    fn paint_strip(&self, canvas: &Canvas<'_>, frame: &Frame<'_>) -> Painted {
        let bottom = frame.rect.bottom();
        if self.foot() > 0.0 {
            let ends = [(frame.rect.x, bottom), (frame.rect.right(), bottom)];
            canvas.line(&ends, Stroke::solid(INK, HAIR * 0.6))?;
        }
        let failing = self.curves.iter().filter(|curve| curve.points.iter().any(|point| point.y.is_none()));
        for (row, curve) in failing.enumerate() {
            let y = bottom + 0.3 + (row as f64 + 0.5) * STRIP_ROW;
            for point in curve.points.iter().filter(|point| point.y.is_none()) {
                canvas.cross((frame.at(point.x, 0.0).0, y), curve.look.colour)?;
            }
        }
        Ok(())
    }
}

/// x, y and the ends of the interval of y.
type Located = (f64, f64, Option<(f64, f64)>);

/// Neighbouring points that all have a value.
fn runs(points: &[Point]) -> Vec<Vec<Located>> {
    let valued = |point: &Point| point.y.map(|y| (point.x, y, point.interval));
    points
        .split(|point| point.y.is_none())
        .map(|run| run.iter().filter_map(valued).collect::<Vec<_>>())
        .filter(|run| !run.is_empty())
        .collect()
}

/// The band of one curve, except where one of the `later` curves has the same: several translucent bands in one place
/// would mix to a colour that belongs to none.
fn paint_band(canvas: &Canvas<'_>, frame: &Frame<'_>, curve: &Curve, later: &[Curve]) -> Painted {
    for run in runs(&curve.points).iter().flat_map(|run| uncovered(run, later)) {
        let bounded: Vec<(f64, (f64, f64))> =
            run.iter().map(|&(x, y, interval)| (x, interval.unwrap_or((y, y)))).collect();
        let upper = bounded.iter().map(|&(x, (_, high))| frame.at(x, high));
        let lower = bounded.iter().rev().map(|&(x, (low, _))| frame.at(x, low));
        let outline: Vec<Place> = upper.chain(lower).collect();
        canvas.fill(&outline, curve.look.colour, BAND)?;
    }
    Ok(())
}

/// The parts of a run of joined points that no other curve covers with the same values and intervals from one point
/// to the next.
fn uncovered(run: &[Located], others: &[Curve]) -> Vec<Vec<Located>> {
    let same = |point: &Point, &(x, y, interval): &Located| {
        let close = |a: f64, b: f64| (a - b).abs() < 1e-3;
        let ends = point.interval.zip(interval).is_none_or(|(a, b)| close(a.0, b.0) && close(a.1, b.1));
        point.x == x && point.y.is_some_and(|at| close(at, y)) && ends
    };
    let covers = |curve: &Curve, pair: &[Located]| {
        curve.points.windows(2).any(|points| same(&points[0], &pair[0]) && same(&points[1], &pair[1]))
    };
    let mut parts: Vec<Vec<Located>> = Vec::new();
    let mut joined = false;
    for pair in run.windows(2) {
        let covered = others.iter().any(|curve| covers(curve, pair));
        match parts.last_mut().filter(|_| joined) {
            Some(part) if !covered => part.push(pair[1]),
            _ if !covered => parts.push(pair.to_vec()),
            _ => {}
        }
        joined = !covered;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::style::Looks;

    #[test]
    fn a_gap_breaks_a_curve() {
        let point = |x: f64, y: Option<f64>| Point { x, y, interval: None, partial: false };
        let points = [point(0.0, Some(1.0)), point(1.0, None), point(2.0, Some(0.5)), point(3.0, Some(0.0))];
        let lengths: Vec<usize> = runs(&points).iter().map(Vec::len).collect();
        assert_eq!(lengths, [1, 2]);
    }

    #[test]
    fn equal_bands_are_drawn_once() {
        let point = |x: f64, y: f64| Point { x, y: Some(y), interval: Some((y - 0.1, y)), partial: false };
        let curve = |ys: [f64; 4]| Curve {
            label: String::new(),
            look: Looks::of(&[]).get(""),
            points: (0..4).map(f64::from).zip(ys).map(|(x, y)| point(x, y)).collect(),
        };
        let (under, over) = (curve([1.0, 1.0, 0.8, 0.5]), curve([1.0, 1.0, 1.0, 0.5]));
        let lengths = |curve: &Curve, later: &[Curve]| -> Vec<usize> {
            runs(&curve.points).iter().flat_map(|run| uncovered(run, later)).map(|part| part.len()).collect()
        };
        // The first segment is the same on both sides, the others are not.
        assert_eq!(lengths(&under, std::slice::from_ref(&over)), [3]);
        assert_eq!(lengths(&over, &[]), [4]);
        assert_eq!(lengths(&over, std::slice::from_ref(&over)), [0; 0]);
        let middle = curve([1.0, 0.9, 1.0, 0.5]);
        assert_eq!(lengths(&middle, &[over, curve([0.0, 0.9, 1.0, 0.0])]), [2]);
    }
}
