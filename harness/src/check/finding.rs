//! A finding is a line of a check: whether it is well, what was found, and what to do where it is not.

use std::fmt::Write as _;

/// A `Mark` says how a finding is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// It is well.
    Well,
    /// It may be meant so.
    Perhaps,
    /// Its numbers could not be trusted.
    Wrong,
}

/// A `Checked` is a rule or a reader with all that was found of it.
#[derive(Debug)]
pub(crate) struct Checked {
    title: String,
    findings: Vec<(Mark, String)>,
}

impl Checked {
    /// Begins a check of what the title names.
    pub(crate) fn of(title: String) -> Self {
        Self { title, findings: Vec::new() }
    }

    /// Adds a finding.
    pub(crate) fn add(&mut self, mark: Mark, found: impl Into<String>) {
        self.findings.push((mark, found.into()));
    }

    /// Adds what is well if it holds, and else what is wrong with what to do.
    pub(crate) fn hold(&mut self, holds: bool, well: &str, otherwise: (Mark, &str)) {
        let (mark, found) = if holds { (Mark::Well, well) } else { otherwise };
        self.add(mark, found);
    }

    /// Returns how many findings have a mark.
    pub(crate) fn count(&self, mark: Mark) -> usize {
        self.findings.iter().filter(|(of, _)| *of == mark).count()
    }

    /// Returns it as lines.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("{}\n", self.title);
        for (mark, found) in &self.findings {
            let sign = match mark {
                Mark::Well => '✓',
                Mark::Perhaps => '~',
                Mark::Wrong => '✗',
            };
            let _ = writeln!(text, "  {sign} {}", found.replace('\n', "\n    "));
        }
        text
    }
}
