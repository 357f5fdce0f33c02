//! An SVG becomes a PDF by svg2pdf, with text as text in an embedded subset of the font.
//!
//! Two drawings of the same SVG look alike, but svg2pdf numbers its objects as a hash table happens to order them: of a
//! figure's files the PDF alone is not the same to the byte.

use super::raster::tree;
use crate::error::FigureError;
use svg2pdf::{ConversionOptions, PageOptions, to_pdf};

/// CSS pixels an inch: sizes of the PDF are then those of the SVG.
const PIXELS_PER_INCH: f32 = 96.0;

/// Converts an SVG to a PDF of one page of its size, for LaTeX.
///
/// # Errors
/// If the text is no SVG, or svg2pdf refuses it.
pub(crate) fn pdf(svg: &str) -> Result<Vec<u8>, FigureError> {
    let tree = tree(svg)?;
    to_pdf(&tree, ConversionOptions::default(), PageOptions { dpi: PIXELS_PER_INCH })
        .map_err(|error| FigureError::Drawing(format!("PDF: {error}")))
}
