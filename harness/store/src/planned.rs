//! What a plan says of the rows that a folder may keep: which cells there are, and what their protocols are called.

use std::collections::{HashMap, HashSet};
use study::cell_id::CellId;
use study::record::SharedText;

/// Holds the ids of all planned cells.
pub(super) type Planned<'a> = HashSet<&'a str>;

/// `Labels` say what the plan calls the protocols of cells.
#[derive(Debug, Default)]
pub(super) struct Labels {
    /// They are few, and cells may be a million.
    labels: Vec<SharedText>,
    /// The place of each cell's.
    places: HashMap<CellId, u32>,
}

impl Labels {
    /// Takes the cells of a plan, each with its label.
    pub(super) fn of(cells: impl IntoIterator<Item = (CellId, SharedText)>) -> Self {
        let (mut labels, mut known): (Vec<SharedText>, HashMap<SharedText, u32>) = Default::default();
        let place = |(cell, label): (CellId, SharedText)| {
            let place = *known.entry(label).or_insert_with_key(|label| {
                labels.push(label.clone());
                labels.len() as u32 - 1
            });
            (cell, place)
        };
        let places = cells.into_iter().map(place).collect();
        Self { labels, places }
    }

    /// Returns the label of a cell, if it is planned.
    pub(super) fn get(&self, cell: &str) -> Option<&SharedText> {
        self.places.get(cell).map(|&place| &self.labels[place as usize])
    }
}

/// Returns the ids of a plan, to be looked up.
pub(super) fn planned(plan: &[impl AsRef<str>]) -> Planned<'_> {
    plan.iter().map(AsRef::as_ref).collect()
}
