//! This module writes tables for papers and pages: in Markdown, in LaTeX with the rules of booktabs, or as CSV.

use crate::stdout::print;
use crate::width::wrapped;
use anyhow::Result;
use base::paint::{head, plain, width};
use base::spreadsheet::text;
use comfy_table::{CellAlignment, Table, presets};

/// A `Typeset` says in which of these forms a command prints its tables.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct Typeset {
    /// The tables in Markdown.
    #[arg(long)]
    pub(crate) markdown: bool,
    /// The tables in LaTeX, with the rules of the package booktabs.
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) latex: bool,
}

impl Typeset {
    /// Prints the sheets in the form that is asked for; returns whether one was.
    ///
    /// # Errors
    /// If standard output cannot be written.
    pub(crate) fn print(self, sheets: impl FnOnce() -> Vec<Sheet>) -> Result<bool> {
        let write: fn(&Sheet) -> String = match self {
            Self { markdown: true, .. } => Sheet::markdown,
            Self { latex: true, .. } => Sheet::latex,
            _ => return Ok(false),
        };
        let texts: Vec<String> = sheets().iter().map(write).collect();
        print(&texts.join("\n"))?;
        Ok(true)
    }
}

/// A `Sheet` is a table under a title. Its cells may have the marks of [`base::paint`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Sheet {
    /// What it shows.
    pub(crate) title: String,
    /// What its columns hold; a column of numbers is aligned at the right.
    pub(crate) heads: Vec<(String, Kind)>,
    /// Its rows.
    pub(crate) rows: Vec<Vec<String>>,
}

/// A `Kind` says what a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Words.
    Words,
    /// Numbers.
    Numbers,
}

impl Sheet {
    /// Makes a table whose first column has words, and whose others have numbers.
    pub(crate) fn of_numbers<H: Into<String>>(
        title: String,
        heads: impl IntoIterator<Item = H>,
        rows: impl IntoIterator<Item = Vec<String>>,
    ) -> Self {
        let kind = |i| if i == 0 { Kind::Words } else { Kind::Numbers };
        let heads = heads.into_iter().enumerate().map(|(i, head)| (head.into(), kind(i))).collect();
        Self { title, heads, rows: rows.into_iter().collect() }
    }

    /// Lays it out for a terminal, without its title. Where its columns have no room, each row is a list of its cells.
    pub(crate) fn text(&self, room: usize) -> String {
        let mut table = Table::new();
        table.load_preset(presets::NOTHING);
        table.set_header(self.heads.iter().map(|(name, _)| head(name)));
        for row in &self.rows {
            table.add_row(row);
        }
        for (column, (_, kind)) in table.column_iter_mut().zip(&self.heads) {
            if *kind == Kind::Numbers {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let text = table.trim_fmt();
        if text.lines().all(|line| width(line) <= room) { text } else { self.listed(room) }
    }

    /// Writes each row as a line or more: its first cell, and the others by their heads.
    fn listed(&self, room: usize) -> String {
        let row = |row: &Vec<String>| {
            let cells = row
                .iter()
                .zip(&self.heads)
                .enumerate()
                .filter(|(_, (cell, _))| !plain(cell).trim().is_empty());
            let joined =
                |text: &str| text.trim_end().replace("-\n", "").replace("\n ", " ").replace('\n', " ");
            let words = cells.map(|(i, (cell, (head, _)))| {
                let (cell, head) = (joined(cell), joined(head));
                if i == 0 || head.is_empty() { cell } else { format!("{head} {cell}") }
            });
            wrapped(&words.collect::<Vec<_>>().join("; "), room, 4)
        };
        self.rows.iter().map(row).collect::<Vec<_>>().join("\n")
    }

    fn markdown(&self) -> String {
        let escaped =
            |text: &str| plain(text).trim_end().replace('\\', "\\\\").replace('|', "\\|").replace('*', "\\*");
        let line = |cells: &mut dyn Iterator<Item = String>| {
            format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
        };
        let mut text = format!("{}\n\n", escaped(&self.title));
        text += &line(&mut self.heads.iter().map(|(head, _)| escaped(head)));
        text += &line(&mut self.heads.iter().map(|(_, kind)| match kind {
            Kind::Words => "---".to_owned(),
            Kind::Numbers => "---:".to_owned(),
        }));
        for row in &self.rows {
            text += &line(&mut row.iter().map(|cell| escaped(cell)));
        }
        text
    }

    fn latex(&self) -> String {
        let line = |cells: &mut dyn Iterator<Item = String>| {
            format!("{} \\\\\n", cells.collect::<Vec<_>>().join(" & "))
        };
        let columns: String =
            self.heads.iter().map(|(_, kind)| if *kind == Kind::Words { 'l' } else { 'r' }).collect();
        let mut text = format!("% \\usepackage{{booktabs}}\n\\begin{{tabular}}{{{columns}}}\n\\toprule\n");
        let title = latex_text(&self.title);
        text += &format!("\\multicolumn{{{}}}{{l}}{{{title}}} \\\\\n\\midrule\n", self.heads.len());
        text += &line(&mut self.heads.iter().map(|(head, _)| latex_text(head)));
        text += "\\midrule\n";
        for row in &self.rows {
            text += &line(&mut row.iter().map(|cell| latex_text(cell)));
        }
        text + "\\bottomrule\n\\end{tabular}\n"
    }

    /// Writes it as CSV, with the title in a first column so that several sheets can stand in one file.
    pub(crate) fn csv(sheets: &[Self]) -> String {
        let quoted = |cell: &str, kind: Kind| {
            let cell = plain(cell);
            let cell = if kind == Kind::Words { text(cell.trim_end()) } else { cell.trim_end().into() };
            if cell.contains(['"', ',', '\n']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.to_string()
            }
        };
        let mut csv = String::new();
        let mut heads: Option<&Vec<(String, Kind)>> = None;
        for sheet in sheets {
            if heads != Some(&sheet.heads) {
                let names: Vec<String> =
                    sheet.heads.iter().map(|(head, _)| quoted(head, Kind::Words)).collect();
                csv += &format!("table,{}\n", names.join(","));
                heads = Some(&sheet.heads);
            }
            for row in &sheet.rows {
                let cells: Vec<String> =
                    row.iter().zip(&sheet.heads).map(|(cell, (_, kind))| quoted(cell, *kind)).collect();
                csv += &format!("{},{}\n", quoted(&sheet.title, Kind::Words), cells.join(","));
            }
        }
        csv
    }
}

/// Escapes what LaTeX would read as a command. A bracket at the beginning of a row would be an option of the row
/// before.
fn latex_text(text: &str) -> String {
    let mut out = String::new();
    for c in plain(text).trim_end().chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => out.extend(['\\', c]),
            '\\' => out += "\\textbackslash{}",
            '~' => out += "\\textasciitilde{}",
            '^' => out += "\\textasciicircum{}",
            '<' => out += "$<$",
            '>' => out += "$>$",
            '[' => out += "{[}",
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        Sheet {
            title: "Recovered, 10 %".to_owned(),
            heads: vec![("rule".to_owned(), Kind::Words), ("value".to_owned(), Kind::Numbers)],
            rows: vec![
                vec!["A|B_1".to_owned(), "-.93 [.90 .95]*".to_owned()],
                vec!["=1".to_owned(), "< .1".to_owned()],
            ],
        }
    }

    #[test]
    fn what_has_no_room_is_a_list() {
        assert_eq!(sheet().text(80).lines().count(), 3);
        assert_eq!(sheet().text(20), "A|B_1; value -.93\n    [.90 .95]*\n=1; value < .1");
    }

    #[test]
    fn a_table_in_every_form() {
        assert_eq!(
            sheet().markdown(),
            "Recovered, 10 %\n\n| rule | value |\n| --- | ---: |\n| A\\|B_1 | -.93 [.90 .95]\\* |\n| =1 | < .1 |\n"
        );
        let latex = sheet().latex();
        assert!(latex.contains("\\begin{tabular}{lr}\n\\toprule\n"), "{latex}");
        assert!(
            latex.contains("A|B\\_1 & -.93 {[}.90 .95]* \\\\\n=1 & $<$ .1 \\\\\n\\bottomrule"),
            "{latex}"
        );
        assert_eq!(
            Sheet::csv(&[sheet()]),
            "table,rule,value\n\"Recovered, 10 %\",A|B_1,-.93 [.90 .95]*\n\"Recovered, 10 %\",'=1,< .1\n"
        );
    }
}
