//! A drawn figure is text: SVG with the CSV behind it, from which PNG and PDF are made.

use crate::canvas::{escaped, pdf, png, tree};
use crate::error::FigureError;

/// A `Drawn` is one page of a figure that has been drawn. It has what the page shows in words and numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// Stem of its files: the name of the figure, with `-2`, `-3`, ... for further pages.
    pub name: String,
    /// What it shows, in one sentence, for readers who do not see it.
    pub alternative: String,
    /// The protocols on it by their labels, each with its parameters, in the order of legends.
    pub parameters: Vec<(String, String)>,
    /// What it says, in a sentence, where it shows no estimates; empty elsewhere.
    pub finding: String,
    /// The figure; text is text, sizes are in millimetres.
    pub svg: String,
    /// The estimates drawn, exactly.
    pub csv: String,
}

impl Drawn {
    /// Returns its SVG with `finding` in its title, which screen readers read.
    pub fn telling(&self, finding: &str) -> String {
        let title = format!(" {}</title>", escaped(finding));
        if finding.is_empty() { self.svg.clone() } else { self.svg.replacen("</title>", &title, 1) }
    }

    /// Returns the page as PNG, at 192 pixels an inch.
    ///
    /// # Errors
    /// If its SVG is none, which is a fault of the program.
    pub fn png(&self) -> Result<Vec<u8>, FigureError> {
        png(&tree(&self.svg)?)
    }

    /// Returns the page as PDF, a page of its size.
    ///
    /// # Errors
    /// If its SVG is none, which is a fault of the program.
    pub(crate) fn pdf(&self) -> Result<Vec<u8>, FigureError> {
        pdf(&self.svg)
    }
}
