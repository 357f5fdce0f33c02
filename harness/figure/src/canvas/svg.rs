//! A sheet of paper measured in millimetres, drawn by plotters' SVG backend.
//!
//! plotters works in whole pixels, so the sheet is drawn on a grid of 20 units a millimetre and its size is then set back
//! to millimetres. Text stays text, in DejaVu Sans, whose metrics are compiled in: no font of the system is read, and the
//! same drawing gives the same bytes everywhere.

use super::FigureError;
use super::style::{self, Dash, HATCH, HATCH_GROUND, INK, Look, Marker, POINT, STRIKE, WHITE};
use plotters::coord::Shift;
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::prelude::{DrawingArea, IntoDrawingArea, SVGBackend, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color, FontDesc, FontFamily, FontStyle, FontTransform, IntoTextStyle, RGBColor, ShapeStyle, register_font,
};
use std::cell::RefCell;
use std::f64::consts::PI;
use std::sync::Once;

/// What every stroke of the pen returns.
pub(super) type Painted = Result<(), FigureError>;
/// A place on the sheet, mm from its upper left corner.
pub(super) type Place = (f64, f64);

/// The name under which text is drawn, with what a reader without the font falls back to.
pub(super) const FONT: &str = "DejaVu Sans, sans-serif";

const UNITS_PER_MM: f64 = 20.0;
/// plotters writes font sizes divided by this.
const PLOTTERS_EM: f64 = 1.24;
/// ab_glyph scales a font to ascent plus descent, DejaVu's being this many em.
const DEJAVU_HEIGHT: f64 = 2384.0 / 2048.0;

/// An upright rectangle on the sheet, mm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Rect {
    pub(super) fn right(self) -> f64 {
        self.x + self.width
    }

    pub(super) fn bottom(self) -> f64 {
        self.y + self.height
    }
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stroke {
    pub(super) colour: RGBColor,
    /// Points.
    pub(super) width: f64,
    pub(super) dash: Dash,
}

impl Stroke {
    pub(super) fn solid(colour: RGBColor, width: f64) -> Self {
        Self { colour, width, dash: Dash::Solid }
    }
}

/// How text is set.
#[derive(Clone, Copy)]
pub(super) struct Type {
    /// Points.
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) colour: RGBColor,
    pub(super) across: HPos,
    pub(super) down: VPos,
    /// Turned to run upwards.
    pub(super) upwards: bool,
}

impl Type {
    /// Dark, regular, its left end and the middle of its height at the place given.
    pub(super) fn of(size: f64) -> Self {
        Self { size, bold: false, colour: INK, across: HPos::Left, down: VPos::Center, upwards: false }
    }
}

/// A sheet being drawn.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    /// How each line drawn so far is broken: plotters would draw every dash by itself.
    dashes: RefCell<Vec<Dash>>,
}

/// What is written into an SVG besides the drawing.
pub(super) struct Frontmatter<'a> {
    pub(super) title: &'a str,
    pub(super) description: &'a str,
}

/// Paints a sheet of `width` x `height` mm and returns it as SVG.
pub(super) fn svg(
    (width, height): (f64, f64),
    about: &Frontmatter<'_>,
    paint: impl FnOnce(&Canvas<'_>) -> Painted,
) -> Result<String, FigureError> {
    register_fonts();
    let size = (units(width) as u32, units(height) as u32);
    let mut drawing = String::new();
    let dashes = {
        let area = SVGBackend::with_string(&mut drawing, size).into_drawing_area();
        let canvas = Canvas { area, dashes: RefCell::default() };
        canvas.block(Rect { x: 0.0, y: 0.0, width, height }, WHITE)?;
        paint(&canvas)?;
        canvas.area.present().map_err(failed)?;
        canvas.dashes.into_inner()
    };
    Ok(finished(&drawing, size, about, &dashes))
}

/// Sets the size to millimetres, adds title and description, breaks lines into dashes, keeps their joins round and the
/// edges of blocks crisp: without the last, thin seams appear between the cells of a heat map.
fn finished(drawing: &str, size: (u32, u32), about: &Frontmatter<'_>, dashes: &[Dash]) -> String {
    let mut svg = format!(
        "<svg width=\"{}mm\" height=\"{}mm\" viewBox=\"0 0 {} {}\" role=\"img\" \
         xmlns=\"http://www.w3.org/2000/svg\">
<title>{}</title>
<desc>{}</desc>
",
        f64::from(size.0) / UNITS_PER_MM,
        f64::from(size.1) / UNITS_PER_MM,
        size.0,
        size.1,
        escaped(about.title),
        escaped(about.description),
    );
    let body = drawing.split_once('\n').map_or("", |(_, body)| body);
    let body = body.replace("<rect ", "<rect shape-rendering=\"crispEdges\" ");
    let mut lines = body.split("<polyline ");
    svg += lines.next().unwrap_or("");
    for (line, dash) in lines.zip(dashes) {
        svg += "<polyline stroke-linejoin=\"round\" ";
        if let Some((dash, gap)) = dash.lengths() {
            svg += &format!("stroke-dasharray=\"{} {}\" ", units(dash), units(gap));
        }
        svg += line;
    }
    svg
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

impl Canvas<'_> {
    /// A line through `points`.
    pub(super) fn line(&self, points: &[Place], stroke: Stroke) -> Painted {
        if points.len() < 2 {
            return Ok(());
        }
        let style = ShapeStyle::from(stroke.colour).stroke_width(units(stroke.width * POINT).max(1) as u32);
        let points: Vec<(i32, i32)> = points.iter().copied().map(grid).collect();
        self.dashes.borrow_mut().push(stroke.dash);
        self.area.draw(&PathElement::new(points, style)).map_err(failed)
    }

    /// A filled polygon.
    pub(super) fn fill(&self, corners: &[Place], colour: RGBColor, opacity: f64) -> Painted {
        if corners.len() < 3 {
            return Ok(());
        }
        let corners: Vec<(i32, i32)> = corners.iter().copied().map(grid).collect();
        self.area.draw(&Polygon::new(corners, colour.mix(opacity).filled())).map_err(failed)
    }

    /// A filled rectangle with crisp edges.
    pub(super) fn block(&self, rect: Rect, colour: RGBColor) -> Painted {
        let corners = [grid((rect.x, rect.y)), grid((rect.right(), rect.bottom()))];
        self.area.draw(&Rectangle::new(corners, colour.filled())).map_err(failed)
    }

    /// One line of text.
    pub(super) fn text(&self, at: Place, text: &str, how: Type) -> Painted {
        if text.is_empty() {
            return Ok(());
        }
        let font = font(how.size, how.bold);
        let font = if how.upwards { font.transform(FontTransform::Rotate270) } else { font };
        let style = font.into_text_style(&self.area).color(&how.colour).pos(Pos::new(how.across, how.down));
        self.area.draw(&Text::new(text.to_owned(), grid(at), style)).map_err(failed)
    }

    /// A marker of the usual size times `scale`; hollow says that the point rests on fewer trials than planned.
    pub(super) fn marker(&self, at: Place, look: &Look, scale: f64, hollow: bool) -> Painted {
        let radius = style::MARKER * scale;
        self.shape(at, look.marker, radius + 0.13, WHITE)?;
        self.shape(at, look.marker, radius, look.colour)?;
        if hollow { self.shape(at, look.marker, radius * 0.62, WHITE) } else { Ok(()) }
    }

    fn shape(&self, (x, y): Place, marker: Marker, radius: f64, colour: RGBColor) -> Painted {
        // Corners on a circle whose radius makes all shapes look equally large.
        let regular = |corners: usize, turn: f64, size: f64| -> Vec<Place> {
            (0..corners)
                .map(|k| 2.0 * PI * (k as f64 / corners as f64) + turn)
                .map(|angle| (x + size * radius * angle.sin(), y - size * radius * angle.cos()))
                .collect()
        };
        let corners = match marker {
            Marker::Circle => {
                let circle = Circle::new(grid((x, y)), units(radius), colour.filled());
                return self.area.draw(&circle).map_err(failed);
            }
            Marker::Square => regular(4, PI / 4.0, 1.25),
            Marker::Triangle => regular(3, 0.0, 1.35),
            Marker::Diamond => regular(4, 0.0, 1.3),
            Marker::Pentagon => regular(5, 0.0, 1.15),
            Marker::DownTriangle => regular(3, PI, 1.35),
            Marker::Star => {
                let (tips, hollows) = (regular(5, 0.0, 1.45), regular(5, PI / 5.0, 0.65));
                tips.into_iter().zip(hollows).flat_map(|(tip, hollow)| [tip, hollow]).collect()
            }
        };
        self.fill(&corners, colour, 1.0)
    }

    /// A small cross: no value here.
    pub(super) fn cross(&self, (x, y): Place, colour: RGBColor) -> Painted {
        let r = 0.65;
        let stroke = Stroke::solid(colour, 0.9);
        self.line(&[(x - r, y - r), (x + r, y + r)], stroke)?;
        self.line(&[(x - r, y + r), (x + r, y - r)], stroke)
    }

    /// A hatched rectangle: single lines for what is missing, crossed ones for what failed.
    pub(super) fn hatch(&self, rect: Rect, crossed: bool) -> Painted {
        self.block(rect, HATCH_GROUND)?;
        self.strokes(rect, Stroke::solid(HATCH, style::HAIR), 1.1, crossed)
    }

    /// Thin lines over a rectangle whose colour stays seen: what may be chance.
    pub(super) fn strike(&self, rect: Rect) -> Painted {
        self.strokes(rect, Stroke::solid(STRIKE, style::HAIR * 0.8), 1.8, false)
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
}

/// Width of a line of text, mm.
pub(super) fn text_width(text: &str, size: f64, bold: bool) -> f64 {
    register_fonts();
    let measured = font(size, bold).box_size(text).map_or(0, |(width, _)| width);
    f64::from(measured) / UNITS_PER_MM * (DEJAVU_HEIGHT / PLOTTERS_EM)
}

/// Height of a line of text with its leading, mm.
pub(super) fn line_height(size: f64) -> f64 {
    size * POINT * style::LEADING
}

/// Breaks `text` between words into lines no wider than `width` mm; a longer word keeps a line to itself.
pub(super) fn wrapped(text: &str, size: f64, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if text_width(&format!("{line} {word}"), size, false) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn font(size: f64, bold: bool) -> FontDesc<'static> {
    let style = if bold { FontStyle::Bold } else { FontStyle::Normal };
    FontDesc::new(FontFamily::Name(FONT), size * POINT * UNITS_PER_MM * PLOTTERS_EM, style)
}

fn register_fonts() {
    static REGISTER: Once = Once::new();
    REGISTER.call_once(|| {
        for (style, bytes) in
            [(FontStyle::Normal, dejavu::sans::regular()), (FontStyle::Bold, dejavu::sans::bold())]
        {
            assert!(register_font(FONT, style, bytes).is_ok(), "the embedded font is a font");
        }
    });
}

fn units(mm: f64) -> i32 {
    (mm * UNITS_PER_MM).round() as i32
}

fn grid((x, y): Place) -> (i32, i32) {
    (units(x), units(y))
}

fn failed<E: std::fmt::Display>(error: E) -> FigureError {
    FigureError::Drawing(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_measured_as_it_is_drawn() {
        // Advances of DejaVu Sans in 1/2048 em: H 1540, O 1612, P 1235, without kerning between them.
        let em = 7.0 * POINT;
        let exact = em * (1540.0 + 1612.0 + 1235.0) / 2048.0;
        assert!((text_width("HOP", 7.0, false) - exact).abs() < 0.1, "{}", text_width("HOP", 7.0, false));
    }

    #[test]
    fn wrapping_keeps_every_word_and_the_width() {
        let text = "recovered queries against load for four protocols and two sources of messages";
        let lines = wrapped(text, 7.0, 30.0);
        assert_eq!(lines.join(" "), text);
        assert!(lines.len() > 2 && lines.iter().all(|line| text_width(line, 7.0, false) <= 30.0));
    }

    #[test]
    fn special_characters_stay_readable_xml() {
        let about = Frontmatter { title: "a < b & c", description: "" };
        let drawn =
            svg((20.0, 10.0), &about, |canvas| canvas.text((1.0, 5.0), "M/N < 1 & d > 0", Type::of(7.0)));
        let drawn = drawn.unwrap();
        assert!(drawn.contains("a &lt; b &amp; c") && drawn.contains("M/N &lt; 1 &amp; d &gt; 0"), "{drawn}");
        assert!(drawn.starts_with("<svg width=\"20mm\" height=\"10mm\" viewBox=\"0 0 400 200\""));
    }
}
