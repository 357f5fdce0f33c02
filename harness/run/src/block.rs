//! A block is as many trials of a condition as the programs that write or recall them need together.
//!
//! A program works on batches of T trials, always k T to (k + 1) T - 1, whichever of them a sweep lacks: see
//! [`worker::External`]. A rule and readers may have batches of different sizes; the least common multiple of these is
//! a block, in which every batch is whole.

use std::collections::HashMap;
use std::num::NonZeroU32;
use study::measure::Probe;
use study::plan::Cell;
use worker::{External, ExternalReader};

/// Returns the programs that recall what a cell writes.
pub(crate) fn readers(cell: &Cell) -> &[ExternalReader] {
    let reads = cell.task.probes.contains(&Probe::Recovery) && !cell.task.flips.is_empty();
    if reads { &cell.task.programs } else { &[] }
}

/// Returns the trials of a cell's block; `None` where no program has to do with it. A block that is too long to be
/// counted holds all trials.
pub(crate) fn block(cell: &Cell) -> Option<NonZeroU32> {
    let rule = cell.spec.downcast_ref::<External>().map(|external| external.batch);
    let readers = readers(cell).iter().map(|reader| reader.program().batch);
    rule.into_iter().chain(readers).reduce(least_common_multiple)
}

fn least_common_multiple(a: NonZeroU32, b: NonZeroU32) -> NonZeroU32 {
    let (mut x, mut y) = (a.get(), b.get());
    while y > 0 {
        (x, y) = (y, x % y);
    }
    a.checked_mul(NonZeroU32::new(b.get() / x).unwrap_or(NonZeroU32::MIN)).unwrap_or(NonZeroU32::MAX)
}

/// Returns the cell of another trial of the same condition.
pub(crate) fn at(cell: &Cell, trial: u32) -> Cell {
    Cell { trial, ..cell.clone() }
}

/// Returns the groups of cells, each by the places of its cells, in the order of their first cells: the cells of a
/// block, or one cell where no program has to do with it.
pub fn groups<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut blocks = HashMap::new();
    for (place, cell) in cells.into_iter().enumerate() {
        let Some(block) = block(cell) else {
            groups.push(vec![place]);
            continue;
        };
        let first = at(cell, cell.trial - cell.trial % block).identity();
        let group = *blocks.entry(first).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(group) => group.push(place),
            None => groups.push(vec![place]),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_holds_whole_batches_of_all() {
        let of = |a, b| {
            let [a, b] = [a, b].map(|batch| NonZeroU32::new(batch).expect("not 0"));
            least_common_multiple(a, b).get()
        };
        assert_eq!([of(1, 1), of(4, 6), of(50, 1), of(7, 5), of(3, 3)], [1, 12, 50, 35, 3]);
        assert_eq!(of(u32::MAX, u32::MAX - 1), u32::MAX);
    }
}
