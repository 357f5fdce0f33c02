//! Points, failures and chance have signs of their own, all made of lines and areas.

use super::geometry::{Place, Rect};
use super::stroke::Stroke;
use super::svg::{Canvas, Painted};
use crate::style::{
    Colour, Dash, HAIR, HATCH, HATCH_GROUND, INK, Look, MARKER, Marker, POINT, QUIET, STRIKE, WHITE,
};
use std::f64::consts::PI;

impl Canvas<'_> {
    /// Draws a marker of the usual size times `scale`. A hollow one says that the point rests on fewer trials
    /// than planned.
    pub(crate) fn marker(&self, at: Place, look: &Look, scale: f64, hollow: bool) -> Painted {
        let radius = MARKER * scale;
        self.shape(at, look.marker, radius + 0.13, WHITE)?;
        self.shape(at, look.marker, radius, look.colour)?;
        if hollow { self.shape(at, look.marker, radius * 0.62, WHITE) } else { Ok(()) }
    }

    fn shape(&self, (x, y): Place, marker: Marker, radius: f64, colour: Colour) -> Painted {
        // Corners on a circle whose radius makes all shapes look equally large.
        let regular = |corners: usize, turn: f64, size: f64| -> Vec<Place> {
            (0..corners)
                .map(|k| 2.0 * PI * (k as f64 / corners as f64) + turn)
                .map(|angle| (x + size * radius * angle.sin(), y - size * radius * angle.cos()))
                .collect()
        };
        let star = |tips: usize, hollow: f64| -> Vec<Place> {
            let hollows = regular(tips, PI / tips as f64, hollow);
            regular(tips, 0.0, 1.45)
                .into_iter()
                .zip(hollows)
                .flat_map(|(tip, hollow)| [tip, hollow])
                .collect()
        };
        // Four arms, each of two corners and the hollow after it.
        let plus = |turn: f64| -> Vec<Place> {
            let (left, right, hollows) = (
                regular(4, turn - 0.31, 1.4),
                regular(4, turn + 0.31, 1.4),
                regular(4, turn + PI / 4.0, 0.6),
            );
            let arms = left.into_iter().zip(right).zip(hollows);
            arms.flat_map(|((left, right), hollow)| [left, right, hollow]).collect()
        };
        let placed = |corners: &[Place]| -> Vec<Place> {
            corners.iter().map(|(right, down)| (x + right * radius, y + down * radius)).collect()
        };
        let corners = match marker {
            Marker::Circle => return self.disc((x, y), radius, colour),
            Marker::Square => regular(4, PI / 4.0, 1.25),
            Marker::Triangle => regular(3, 0.0, 1.35),
            Marker::Diamond => regular(4, 0.0, 1.3),
            Marker::Pentagon => regular(5, 0.0, 1.15),
            Marker::DownTriangle => regular(3, PI, 1.35),
            Marker::Star => star(5, 0.65),
            Marker::Hexagon => regular(6, 0.0, 1.1),
            Marker::Octagon => regular(8, PI / 8.0, 1.1),
            Marker::LeftTriangle => regular(3, -PI / 2.0, 1.35),
            Marker::RightTriangle => regular(3, PI / 2.0, 1.35),
            Marker::Plus => plus(0.0),
            Marker::Saltire => plus(PI / 4.0),
            Marker::FourStar => star(4, 0.6),
            Marker::SixStar => star(6, 0.75),
            Marker::Hourglass => {
                placed(&[(-1.0, -1.1), (1.0, -1.1), (0.3, 0.0), (1.0, 1.1), (-1.0, 1.1), (-0.3, 0.0)])
            }
            Marker::BowTie => {
                placed(&[(-1.1, -1.0), (-1.1, 1.0), (0.0, 0.3), (1.1, 1.0), (1.1, -1.0), (0.0, -0.3)])
            }
            Marker::Bar => placed(&[(-1.3, -0.6), (1.3, -0.6), (1.3, 0.6), (-1.3, 0.6)]),
            Marker::Pillar => placed(&[(-0.6, -1.3), (0.6, -1.3), (0.6, 1.3), (-0.6, 1.3)]),
        };
        self.fill(&corners, colour, 1.0)
    }

    /// Draws the sign of a tie: two short level lines.
    pub(crate) fn tie(&self, (x, y): Place) -> Painted {
        for y in [y - 0.32, y + 0.32] {
            self.line(&[(x - 0.7, y), (x + 0.7, y)], Stroke::solid(QUIET, HAIR))?;
        }
        Ok(())
    }

    /// Draws a small cross, which says that there is no value here.
    pub(crate) fn cross(&self, (x, y): Place, colour: Colour) -> Painted {
        let r = 0.65;
        let stroke = Stroke::solid(colour, 0.9);
        self.line(&[(x - r, y - r), (x + r, y + r)], stroke)?;
        self.line(&[(x - r, y + r), (x + r, y - r)], stroke)
    }

    /// Draws a hatched rectangle. Single lines stand for what is missing, crossed ones for what failed.
    pub(crate) fn hatch(&self, rect: Rect, crossed: bool) -> Painted {
        self.block(rect, HATCH_GROUND)?;
        self.strokes(rect, Stroke::solid(HATCH, HAIR), 1.1, crossed)
    }

    /// Draws thin lines over a rectangle whose colour stays seen. They mark what may be chance.
    pub(crate) fn strike(&self, rect: Rect) -> Painted {
        self.strokes(rect, Stroke::solid(STRIKE, HAIR * 0.8), 2.2, false)
    }

    /// Slanted lines from edge to edge, `spacing` mm apart, and those across them where `crossed`.
    fn strokes(&self, rect: Rect, stroke: Stroke, spacing: f64, crossed: bool) -> Painted {
        let (w, h) = (rect.width, rect.height);
        // Lines u + v = s in the coordinates of the rectangle, from edge to edge.
        let mut s = spacing / 2.0;
        while s < w + h {
            let (from, to) = ((s.min(w), s - s.min(w)), (s - s.min(h), s.min(h)));
            let rising = [from, to].map(|(u, v)| (rect.x + u, rect.y + v));
            self.line(&rising, stroke)?;
            if crossed {
                let falling = [from, to].map(|(u, v)| (rect.x + w - u, rect.y + v));
                self.line(&falling, stroke)?;
            }
            s += spacing;
        }
        Ok(())
    }

    /// Draws the edges of a rectangle.
    pub(crate) fn outline(&self, r: Rect, stroke: Stroke) -> Painted {
        let corners = [(r.x, r.y), (r.right(), r.y), (r.right(), r.bottom()), (r.x, r.bottom()), (r.x, r.y)];
        self.line(&corners, stroke)
    }

    /// Draws the mark of a value that rests on fewer trials than planned. It is for where no protocol gives
    /// it a look.
    pub(crate) fn hollow(&self, at: (f64, f64)) -> Painted {
        let look = Look { hue: QUIET, colour: QUIET, marker: Marker::Circle, dash: Dash::Solid };
        self.marker(at, &look, 1.0, true)
    }

    /// Draws a vertical error bar with caps, between two heights.
    pub(crate) fn error_bar(&self, x: f64, (low, high): (f64, f64), colour: Colour) -> Painted {
        let stroke = Stroke::solid(colour, HAIR * 1.4);
        self.line(&[(x, low), (x, high)], stroke)?;
        for y in [low, high] {
            self.line(&[(x - 0.6, y), (x + 0.6, y)], stroke)?;
        }
        Ok(())
    }

    /// Draws a horizontal bar with caps from `ends.0` to `ends.1` and a short upright line at its value.
    pub(crate) fn crossing_bar(&self, ends: (f64, f64), value: f64, y: f64, colour: Colour) -> Painted {
        self.line(&[(ends.0, y), (ends.1, y)], Stroke::solid(colour, 1.4))?;
        for x in [ends.0, ends.1] {
            self.line(&[(x, y - 0.6), (x, y + 0.6)], Stroke::solid(colour, 0.8))?;
        }
        self.line(&[(value, y - 1.2), (value, y + 1.2)], Stroke::solid(colour, 1.4))
    }

    /// Draws the boundary over heat maps, in pieces along edges of cells. It is dark on white, seen on every
    /// colour.
    pub(crate) fn boundary(&self, pieces: &[[(f64, f64); 2]]) -> Painted {
        for stroke in [Stroke::solid(WHITE, 2.2), Stroke::solid(INK, 1.0)] {
            // Half a line's width at both ends closes the corners.
            let more = stroke.width * POINT / 2.0;
            for [(x0, y0), (x1, y1)] in pieces {
                let (dx, dy) = if y0 == y1 { (more, 0.0) } else { (0.0, more) };
                self.line(&[(x0 - dx, y0 - dy), (x1 + dx, y1 + dy)], stroke)?;
            }
        }
        Ok(())
    }
}
