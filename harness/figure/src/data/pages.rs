//! Panels fill pages row by row, so that those that belong together stand side by side.

use super::facets::{Facet, heading};
use analysis::summary::Estimate;
use std::collections::BTreeMap;

/// A `Page` holds panels that stand on one page.
pub(crate) struct Page {
    /// Panels in a row.
    pub(crate) columns: usize,
    /// Row by row.
    pub(crate) panels: Vec<Option<(Facet, Vec<Estimate>)>>,
    /// Whether the panels of a row differ in the fastest condition only.
    pub(crate) alike: bool,
}

impl Page {
    /// Returns a heading for each row. A row has one if it differs from the row above in more than the
    /// fastest condition.
    pub(crate) fn headings(&self, all: &[Facet]) -> Vec<Option<String>> {
        let of_row = |row: &[Option<(Facet, Vec<Estimate>)>]| {
            row.iter().flatten().next().filter(|_| self.alike).and_then(|(facet, _)| heading(facet, all))
        };
        let mut headings: Vec<Option<String>> = self.panels.chunks(self.columns).map(of_row).collect();
        for row in (1..headings.len()).rev() {
            if headings[row] == headings[row - 1] {
                headings[row] = None;
            }
        }
        headings
    }
}

/// Lays panels out in rows of at most `most_columns` and pages of at most five rows. Panels that differ in the fastest
/// condition only stand side by side; where they fill more than a row, they get a page of their own.
pub(crate) fn pages(groups: BTreeMap<Facet, Vec<Estimate>>, most_columns: usize) -> Vec<Page> {
    const ROWS: usize = 5;
    let mut families: Vec<Vec<(Facet, Vec<Estimate>)>> = Vec::new();
    for (facet, estimates) in groups {
        match families.last_mut() {
            Some(family) if family[0].0.is_beside(&facet) => family.push((facet, estimates)),
            _ => families.push(vec![(facet, estimates)]),
        }
    }
    let largest = families.iter().map(Vec::len).max().unwrap_or(0);
    if largest == 1 {
        let columns = balanced(families.len(), most_columns);
        let panels: Vec<_> = families.into_iter().flatten().collect();
        return chunks(panels, columns, ROWS, false);
    }
    if largest > most_columns {
        return families
            .into_iter()
            .flat_map(|family| {
                let columns = balanced(family.len(), most_columns);
                chunks(family, columns, ROWS, true)
            })
            .collect();
    }
    let mut pages = Vec::new();
    while !families.is_empty() {
        let rest = families.split_off(families.len().min(ROWS));
        let rows = std::mem::replace(&mut families, rest);
        let padded = rows
            .into_iter()
            .flat_map(|row| row.into_iter().map(Some).chain(std::iter::repeat(None)).take(largest));
        pages.push(Page { columns: largest, panels: padded.collect(), alike: true });
    }
    pages
}

/// Columns for `count` panels: one row if they fit, else as even as can be.
fn balanced(count: usize, most: usize) -> usize {
    let rows = count.div_ceil(most).max(1);
    count.div_ceil(rows).max(1)
}

fn chunks(panels: Vec<(Facet, Vec<Estimate>)>, columns: usize, rows: usize, alike: bool) -> Vec<Page> {
    let mut panels = panels.into_iter().map(Some).peekable();
    let mut pages = Vec::new();
    while panels.peek().is_some() {
        pages.push(Page { columns, panels: panels.by_ref().take(columns * rows).collect(), alike });
    }
    pages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::facets;
    use protocols::Source;

    #[test]
    fn a_row_a_source() {
        let pages = pages(facets(&[Source::Random, Source::Glyphs], 3), 4);
        assert_eq!((pages.len(), pages[0].columns, pages[0].panels.len()), (1, 3, 6));
    }

    #[test]
    fn many_panels_fill_pages_evenly() {
        let pages = pages(facets(&[Source::Random, Source::Glyphs], 6), 4);
        assert_eq!((pages.len(), pages[0].columns, pages[0].panels.len()), (2, 3, 6));
        let many = super::pages(facets(&[Source::Random], 24), 4);
        assert_eq!(many.iter().map(|page| page.panels.len()).collect::<Vec<_>>(), [20, 4]);
    }
}
