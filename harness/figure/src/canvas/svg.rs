//! A canvas is a sheet of paper measured in millimetres, which is drawn as SVG by plotters.
//!
//! Its size is set back to millimetres in the end. Text stays text, in DejaVu Sans, whose metrics are compiled in: no
//! font of the system is read, and the same drawing gives the same bytes everywhere.

use super::geometry::{Place, Rect};
use super::stroke::Stroke;
use super::text::{Type, font, register_fonts};
use super::units::{UNITS_PER_MM, grid, units};
use crate::error::FigureError;
use crate::style::{Colour, Dash, POINT, WHITE};
use plotters::coord::Shift;
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::prelude::{DrawingArea, IntoDrawingArea, SVGBackend, Text};
use plotters::style::{Color, FontTransform, IntoTextStyle, RGBColor, ShapeStyle};
use std::cell::RefCell;

/// A `Painted` is what every stroke of the pen returns.
pub(crate) type Painted = Result<(), FigureError>;

/// A `Canvas` is a sheet being drawn.
pub(crate) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    /// How each line drawn so far is broken: plotters would draw every dash by itself.
    dashes: RefCell<Vec<Dash>>,
}

/// A `Frontmatter` is what is written into an SVG besides the drawing.
pub(crate) struct Frontmatter<'a> {
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
}

/// Paints a sheet of `width` x `height` mm and returns it as SVG.
pub(crate) fn svg(
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

/// Returns the text as XML has it.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

impl Canvas<'_> {
    /// Draws a line through `points`.
    pub(crate) fn line(&self, points: &[Place], stroke: Stroke) -> Painted {
        if points.len() < 2 {
            return Ok(());
        }
        let style =
            ShapeStyle::from(pixel(stroke.colour)).stroke_width(units(stroke.width * POINT).max(1) as u32);
        let points: Vec<(i32, i32)> = points.iter().copied().map(grid).collect();
        self.dashes.borrow_mut().push(stroke.dash);
        self.area.draw(&PathElement::new(points, style)).map_err(failed)
    }

    /// Draws a filled polygon.
    pub(crate) fn fill(&self, corners: &[Place], colour: Colour, opacity: f64) -> Painted {
        if corners.len() < 3 {
            return Ok(());
        }
        let corners: Vec<(i32, i32)> = corners.iter().copied().map(grid).collect();
        self.area.draw(&Polygon::new(corners, pixel(colour).mix(opacity).filled())).map_err(failed)
    }

    /// Draws a filled rectangle with crisp edges.
    pub(crate) fn block(&self, rect: Rect, colour: Colour) -> Painted {
        let corners = [grid((rect.x, rect.y)), grid((rect.right(), rect.bottom()))];
        self.area.draw(&Rectangle::new(corners, pixel(colour).filled())).map_err(failed)
    }

    /// Draws a filled circle.
    pub(super) fn disc(&self, centre: Place, radius: f64, colour: Colour) -> Painted {
        let circle = Circle::new(grid(centre), units(radius), pixel(colour).filled());
        self.area.draw(&circle).map_err(failed)
    }

    /// Draws one line of text.
    pub(crate) fn text(&self, at: Place, text: &str, how: Type) -> Painted {
        if text.is_empty() {
            return Ok(());
        }
        let font = font(how.size, how.bold);
        let font = if how.upwards { font.transform(FontTransform::Rotate270) } else { font };
        let colour = pixel(how.colour);
        let style = font.into_text_style(&self.area).color(&colour).pos(how.anchor());
        self.area.draw(&Text::new(text.to_owned(), grid(at), style)).map_err(failed)
    }
}

/// A colour as the drawing library has it.
fn pixel(Colour(red, green, blue): Colour) -> RGBColor {
    RGBColor(red, green, blue)
}

fn failed<E: std::fmt::Display>(error: E) -> FigureError {
    FigureError::Drawing(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

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
