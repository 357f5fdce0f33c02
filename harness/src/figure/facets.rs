//! Panels: estimates that belong together, what sets a panel apart, and how panels fill pages.

use super::words;
use crate::summary::Estimate;
use protocols::Source;
use protocols::reading::Dynamics;
use std::collections::BTreeMap;

/// What the estimates of a panel have in common; ordered as panels are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Facet {
    pub(super) source: Source,
    /// Units, unless they run along an axis.
    pub(super) n: Option<u32>,
    pub(super) dynamics: Option<Dynamics>,
    pub(super) inner: Inner,
}

/// The condition that varies fastest from panel to panel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Inner {
    /// There is none.
    One,
    /// Flipped bits.
    Flips(u32),
    /// Messages.
    Messages(u32),
    /// A load that differs a little between numbers of units: its rank, and how it is called.
    Load(usize, String),
    /// A protocol: its place in legends and its label.
    Protocol(usize, String),
}

/// Panels that stand on one page.
pub(super) struct Page {
    /// Panels in a row.
    pub(super) columns: usize,
    /// Row by row.
    pub(super) panels: Vec<Option<(Facet, Vec<Estimate>)>>,
    /// Whether the panels of a row differ in the fastest condition only.
    pub(super) alike: bool,
}

impl Facet {
    /// Everything but what varies fastest.
    fn outer(&self) -> (Source, Option<u32>, Option<Dynamics>) {
        (self.source, self.n, self.dynamics)
    }
}

impl Page {
    /// A heading for each row that differs from the row above in more than the fastest condition.
    pub(super) fn headings(&self, all: &[Facet]) -> Vec<Option<String>> {
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

/// Estimates by panel.
pub(super) fn grouped(
    found: Vec<Estimate>,
    facet: impl Fn(&Estimate) -> Facet,
) -> BTreeMap<Facet, Vec<Estimate>> {
    let mut groups: BTreeMap<Facet, Vec<Estimate>> = BTreeMap::new();
    for estimate in found {
        groups.entry(facet(&estimate)).or_default().push(estimate);
    }
    groups
}

/// What of the fastest condition sets `facet` apart from the others of its figure.
pub(super) fn title(facet: &Facet, all: &[Facet]) -> Option<String> {
    // A protocol is named even where it is the only one.
    let named = matches!(facet.inner, Inner::Protocol(..));
    if !named && all.iter().all(|other| other.inner == facet.inner) {
        return None;
    }
    match &facet.inner {
        Inner::One => None,
        Inner::Flips(d) => Some(words::noise(*d, facet.n.unwrap_or(1))),
        Inner::Messages(m) => Some(words::load(*m, facet.n.unwrap_or(1))),
        Inner::Load(_, name) | Inner::Protocol(_, name) => Some(name.clone()),
    }
}

/// What of the other conditions sets `facet` apart.
pub(super) fn heading(facet: &Facet, all: &[Facet]) -> Option<String> {
    let varies = |same: &dyn Fn(&Facet) -> bool| all.iter().any(|other| !same(other));
    let mut parts = Vec::new();
    if varies(&|other| other.source == facet.source) {
        parts.push(words::messages(facet.source));
    }
    if varies(&|other| other.n == facet.n) {
        parts.extend(facet.n.map(|n| format!("N = {n}")));
    }
    if varies(&|other| other.dynamics == facet.dynamics) {
        parts.extend(facet.dynamics.map(|dynamics| format!("{} reads", words::reading(dynamics))));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Lays panels out in rows of at most `most_columns` and pages of at most five rows. Panels that differ in the fastest
/// condition only stand side by side; where they fill more than a row, they get a page of their own.
pub(super) fn pages(groups: BTreeMap<Facet, Vec<Estimate>>, most_columns: usize) -> Vec<Page> {
    const ROWS: usize = 5;
    let mut families: Vec<Vec<(Facet, Vec<Estimate>)>> = Vec::new();
    for (facet, estimates) in groups {
        match families.last_mut() {
            Some(family) if family[0].0.outer() == facet.outer() => family.push((facet, estimates)),
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
    use crate::figure::sample;

    fn facets(sources: &[Source], flips: u32) -> BTreeMap<Facet, Vec<Estimate>> {
        let one = sample::estimate();
        let facet =
            |source, d| Facet { source, n: Some(64), dynamics: Some(Dynamics::Sync), inner: Inner::Flips(d) };
        sources
            .iter()
            .flat_map(|&s| (0..flips).map(move |d| (facet(s, d), vec![])))
            .map(|(f, mut e)| {
                e.push(one.clone());
                (f, e)
            })
            .collect()
    }

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

    #[test]
    fn a_title_says_only_what_varies() {
        let all: Vec<Facet> = facets(&[Source::Random, Source::Glyphs], 2).into_keys().collect();
        assert_eq!(title(&all[1], &all).as_deref(), Some("noise 0.016 (d = 1)"));
        assert_eq!(heading(&all[1], &all).as_deref(), Some("random messages"));
        assert_eq!(heading(&all[1], &all[..2]), None);
        assert_eq!(title(&all[1], &all[1..2]), None);
    }
}
