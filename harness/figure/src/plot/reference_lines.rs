//! Lines that are no curve of the data stand beside it: theory, fits, the diagonal. All are clipped to the
//! frame.

use crate::canvas::{Canvas, Painted, Place, Stroke};
use crate::sheet::Frame;
use crate::style::BAND;

/// A `ReferenceLine` is a line through points in the coordinates of the figure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ReferenceLine {
    pub(crate) points: Vec<(f64, f64)>,
    pub(crate) stroke: Stroke,
}

/// A `Constant` is a horizontal line across the panel with its interval. It is a value that x does not
/// change.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Constant {
    pub(crate) y: f64,
    pub(crate) interval: Option<(f64, f64)>,
    pub(crate) stroke: Stroke,
}

/// Draws a reference line, as far as it lies in the frame.
pub(crate) fn paint_line(canvas: &Canvas<'_>, frame: &Frame<'_>, line: &ReferenceLine) -> Painted {
    let mut run: Vec<Place> = Vec::new();
    for pair in line.points.windows(2) {
        let Some((from, to)) = clipped(frame, pair[0], pair[1]) else { continue };
        if run.last() != Some(&from) {
            canvas.line(&run, line.stroke)?;
            run = vec![from];
        }
        run.push(to);
    }
    canvas.line(&run, line.stroke)
}

/// Draws a constant.
pub(super) fn paint_constant(canvas: &Canvas<'_>, frame: &Frame<'_>, constant: &Constant) -> Painted {
    let (left, right) = (frame.rect.x, frame.rect.right());
    let up = |y: f64| frame.rect.bottom() - frame.y.position(y).clamp(0.0, 1.0) * frame.rect.height;
    if let Some((low, high)) = constant.interval {
        let (low, high) = (up(low), up(high));
        let band = [(left, high), (right, high), (right, low), (left, low)];
        canvas.fill(&band, constant.stroke.colour, BAND)?;
    }
    canvas.line(&[(left, up(constant.y)), (right, up(constant.y))], constant.stroke)
}

/// The part of a segment that lies in the frame, on the sheet (Liang and Barsky, ACM Trans. Graph. 3, 1 (1984)).
fn clipped(frame: &Frame<'_>, from: (f64, f64), to: (f64, f64)) -> Option<(Place, Place)> {
    let unit = |(x, y): (f64, f64)| (frame.x.position(x), frame.y.position(y));
    let (a, b) = (unit(from), unit(to));
    if ![a.0, a.1, b.0, b.1].iter().all(|x| x.is_finite()) {
        return None;
    }
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for (slope, room) in [(-dx, a.0), (dx, 1.0 - a.0), (-dy, a.1), (dy, 1.0 - a.1)] {
        if slope == 0.0 && room < 0.0 {
            return None;
        } else if slope < 0.0 {
            enter = enter.max(room / slope);
        } else if slope > 0.0 {
            leave = leave.min(room / slope);
        }
    }
    let place = |t: f64| {
        let (u, v) = (a.0 + t * dx, a.1 + t * dy);
        (frame.rect.x + u * frame.rect.width, frame.rect.bottom() - v * frame.rect.height)
    };
    (enter <= leave).then(|| (place(enter), place(leave)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::Rect;
    use crate::sheet::Axis;

    #[test]
    fn guides_end_at_the_frame() {
        let (x, y) = (Axis::linear(0.0, 1.0), Axis::linear(0.0, 1.0));
        let frame =
            Frame { rect: Rect { x: 0.0, y: 0.0, width: 10.0, height: 10.0 }, x: &x, y: &y, scale: 1.0 };
        assert_eq!(clipped(&frame, (-1.0, 0.5), (2.0, 0.5)), Some(((0.0, 5.0), (10.0, 5.0))));
        assert_eq!(clipped(&frame, (0.5, 2.0), (0.9, 3.0)), None);
        assert_eq!(clipped(&frame, (0.5, f64::NAN), (0.9, 0.0)), None);
    }
}
