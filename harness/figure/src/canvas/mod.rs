//! A canvas takes lines, areas and text in millimetres and makes SVG, PNG and PDF of them.
//!
//! No other module knows the libraries that draw.

mod geometry;
mod marks;
mod nested;
mod pdf;
mod raster;
mod stroke;
mod svg;
mod text;
mod units;

pub(crate) use geometry::{Place, Rect};
pub(crate) use nested::{nested, size};
pub(crate) use pdf::pdf;
pub(crate) use raster::{png, tree};
pub(crate) use stroke::Stroke;
pub(crate) use svg::{Canvas, Frontmatter, Painted, escaped, svg};
pub(crate) use text::{Across, Down, Type, line_height, text_width, wrapped};
