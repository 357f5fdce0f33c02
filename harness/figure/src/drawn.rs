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
    /// Its caption, which stands apart from the picture: a paragraph each.
    pub caption: Vec<String>,
    /// What LaTeX refers to it by.
    pub(crate) label: String,
    /// The figure; text is text, sizes are in millimetres.
    pub svg: String,
    /// The estimates drawn, exactly.
    pub csv: String,
}

impl Drawn {
    /// Returns its caption as plain text, a paragraph a line.
    pub(crate) fn caption_text(&self) -> String {
        self.caption.iter().map(|paragraph| format!("{paragraph}\n")).collect()
    }

    /// Returns its caption for LaTeX, with a label.
    pub(crate) fn caption_tex(&self) -> String {
        let text: Vec<String> = self.caption.iter().map(|paragraph| tex(paragraph)).collect();
        format!("\\caption{{{}}}\n\\label{{{}}}\n", text.join(" "), self.label)
    }

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

/// Writes text as LaTeX has it.
fn tex(text: &str) -> String {
    let written = |c: char| match c {
        '\\' => "\\textbackslash{}".to_owned(),
        '{' | '}' | '%' | '&' | '#' | '_' | '$' => format!("\\{c}"),
        '^' => "\\^{}".to_owned(),
        '~' => "\\~{}".to_owned(),
        '<' => "$<$".to_owned(),
        '>' => "$>$".to_owned(),
        '|' => "$|$".to_owned(),
        '\u{2080}' => "$_0$".to_owned(),
        '\u{2212}' => "$-$".to_owned(),
        other => other.to_string(),
    };
    text.chars().map(written).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caption_for_latex_has_no_sign_that_latex_would_obey() {
        let drawn = Drawn {
            name: "f".to_owned(),
            alternative: String::new(),
            parameters: Vec::new(),
            finding: String::new(),
            caption: vec!["Up to 5 % of K_1 & {a}.".to_owned(), "N < 3.".to_owned()],
            label: "fig:map-f".to_owned(),
            svg: String::new(),
            csv: String::new(),
        };
        assert_eq!(drawn.caption_text(), "Up to 5 % of K_1 & {a}.\nN < 3.\n");
        let expected = "\\caption{Up to 5 \\% of K\\_1 \\& \\{a\\}. N $<$ 3.}\n\\label{fig:map-f}\n";
        assert_eq!(drawn.caption_tex(), expected);
    }
}
