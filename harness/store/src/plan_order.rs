//! Records are read in the order of the plan of their run.
//!
//! Tables hold cells by id, and ids are hashes. But what is made of records lists protocols and sizes as they
//! come, and resamples trials by their place. So whoever reads a run (see [`runs::read`](crate::runs::read))
//! puts its records in the order of its definition first, wherever they lay.
//!
//! A cell's place is that of its condition, then its trial. Identities do not matter, so that cells which
//! this program would plan under another keep their place. Cells of no condition of the definition, and all
//! cells where it cannot be read, come last, by source, N, M and protocol.

use crate::Manifest;
use crate::provenance::Provenance;
use protocols::reading::Reader;
use protocols::{Corruption, Source};
use std::collections::HashMap;
use std::path::Path;
use study::definition::Definition;
use study::record::Coordinates;
use study::schema::Row;

/// A `PlanOrder` holds the place of every condition of a definition.
#[derive(Debug, Default)]
pub(crate) struct PlanOrder {
    places: HashMap<(Source, u32, u32), HashMap<String, usize>>,
}

impl PlanOrder {
    /// Returns the order of the last run in the `manifest` whose definition this program reads.
    pub(crate) fn of_run(manifest: &Manifest) -> Self {
        let read = |run: &Provenance| run.definition(Path::new("manifest.json")).ok();
        manifest
            .runs
            .iter()
            .rev()
            .find_map(read)
            .map_or_else(Self::default, |definition| Self::of(&definition))
    }

    /// Returns the order of the plan of `definition`.
    pub(crate) fn of(definition: &Definition) -> Self {
        let mut order = Self::default();
        for (place, condition) in definition.conditions.iter().enumerate() {
            let (label, _) =
                definition.protocols.get_index(condition.protocol).expect("conditions number the protocols");
            let size = (condition.source, condition.n, condition.m);
            order.places.entry(size).or_default().insert(label.clone(), place);
        }
        order
    }

    /// Puts rows of a table in this order. Within a cell recalls go by dynamics, then flips.
    pub(crate) fn sort<R: Row>(&self, rows: &mut [R]) {
        // Nearly always place and trial decide, and these lie side by side.
        let mut order: Vec<(usize, u32, usize)> = Vec::with_capacity(rows.len());
        let mut cell: Option<(&Coordinates, usize)> = None;
        for (i, row) in rows.iter().enumerate() {
            let at = row.at();
            let place = match cell {
                Some((before, place)) if before.cell == at.cell => place,
                _ => self.place(at),
            };
            cell = Some((at, place));
            order.push(if place == usize::MAX { (place, 0, i) } else { (place, at.trial, i) });
        }
        order.sort_by(|(p, t, a), (q, u, b)| {
            (p, t).cmp(&(q, u)).then_with(|| key(&rows[*a]).cmp(&key(&rows[*b])))
        });
        let order: Vec<usize> = order.into_iter().map(|(.., row)| row).collect();
        arrange(rows, &order);
    }

    /// Returns the place of the condition of a cell.
    fn place(&self, at: &Coordinates) -> usize {
        let Coordinates { protocol, source, n, m, .. } = at;
        let known = self.places.get(&(*source, *n, *m)).and_then(|labels| labels.get(protocol.as_str()));
        known.copied().unwrap_or(usize::MAX)
    }
}

/// Puts row `order[i]` at place i, for every i. Rows are large, and are moved where they lie.
fn arrange<R>(rows: &mut [R], order: &[usize]) {
    for i in 0..order.len() {
        // What stood at a place before i is by now where the row of that place came from.
        let mut from = order[i];
        while from < i {
            from = order[from];
        }
        rows.swap(i, from);
    }
}

/// Returns where a row stands among those of its place. Among cells of one condition and trial, which are left of
/// several definitions, the id decides.
fn key<R: Row>(row: &R) -> impl Ord + use<'_, R> {
    let Coordinates { cell, protocol, source, n, m, trial, .. } = row.at();
    let rank: Option<(Reader, Corruption)> = row.rank();
    (*source, *n, *m, protocol.as_str(), *trial, cell.as_str(), rank)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RunFolder;
    use crate::runs;
    use study::plan::{Cell, plan};
    use study::record::{Memory, Status};

    const TEXT: &str = r#"question = "Why?"
analysis = "Because."
[protocols]
TRN = { trn = {} }
HOP = { hop = {} }
[grid]
n = [64, 16]
m = [8, 4]
flips = [0]
trials = 12
queries = 10
"#;

    fn definition(text: &str) -> Definition {
        Definition::parse("test", Path::new("test.toml"), text).unwrap_or_else(|error| panic!("{error}"))
    }

    fn memory(at: Coordinates) -> Memory {
        Memory { at, status: Status::Panic, message: String::new(), figures: None }
    }

    #[test]
    fn rows_are_moved_to_their_places() {
        for order in [vec![], vec![0], vec![2, 0, 1], vec![1, 2, 0], vec![3, 2, 1, 0], vec![4, 1, 0, 3, 2]] {
            let mut rows: Vec<usize> = (0..order.len()).collect();
            arrange(&mut rows, &order);
            assert_eq!(rows, order);
        }
    }

    /// The planned cells as tables hold them.
    fn stored() -> Vec<Memory> {
        let mut rows: Vec<Memory> =
            plan(&definition(TEXT)).iter().map(|cell| memory(cell.coordinates())).collect();
        rows.sort_by(|a, b| a.at.cell.cmp(&b.at.cell));
        rows
    }

    fn cells(rows: &[Memory]) -> Vec<&str> {
        rows.iter().map(|row| row.at.cell.as_str()).collect()
    }

    #[test]
    fn rows_of_planned_cells_come_in_the_order_of_the_plan() {
        let mut rows = stored();
        PlanOrder::of(&definition(TEXT)).sort(&mut rows);
        let planned: Vec<String> =
            plan(&definition(TEXT)).into_iter().map(|cell: Cell| cell.id.to_string()).collect();
        assert_eq!(cells(&rows), planned);
    }

    #[test]
    fn what_the_definition_does_not_name_comes_last_by_its_coordinates() {
        let mut rows = stored();
        PlanOrder::of(&definition(&TEXT.replace("n = [64, 16]", "n = [16]"))).sort(&mut rows);
        let places: Vec<_> = rows.iter().map(|row| (row.at.n, row.at.m, row.at.protocol.as_str())).collect();
        let blocks: Vec<_> = places.chunks(12).map(|block| block[0]).collect();
        let due = [
            (16, 8, "TRN"),
            (16, 8, "HOP"),
            (16, 4, "TRN"),
            (16, 4, "HOP"),
            (64, 4, "HOP"),
            (64, 4, "TRN"),
            (64, 8, "HOP"),
            (64, 8, "TRN"),
        ];
        assert_eq!(blocks, due);
        assert!(rows.chunks(12).all(|block| block.iter().map(|row| row.at.trial).eq(0..12)));
    }

    /// Whatever the order of the files, which was the plan's before it was that of ids.
    #[test]
    fn a_reference_run_is_read_in_the_order_of_its_plan_however_its_rows_lie() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/reference/quick");
        let folder = RunFolder::new(path);
        let stored = runs::read(&folder).unwrap();
        let order = PlanOrder::of_run(&stored.manifest.unwrap());
        let mut recalls = stored.records.recalls.clone();
        recalls.sort_by(|a, b| (&a.at.cell, a.dynamics, a.flips).cmp(&(&b.at.cell, b.dynamics, b.flips)));
        assert_ne!(recalls, stored.records.recalls);
        order.sort(&mut recalls);
        assert_eq!(recalls, stored.records.recalls);
        let planned: Vec<String> =
            plan(&Definition::load("quick").unwrap()).into_iter().map(|c| c.id.to_string()).collect();
        assert_eq!(cells(&stored.records.memories), planned);
    }

    /// The committed runs are runs of the definitions as they are: the same cells in the same order.
    #[test]
    fn the_shipped_plans_are_those_of_the_reference_runs() {
        let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/reference");
        let entries = std::fs::read_dir(&reference).unwrap().map(|entry| entry.unwrap().path());
        let folders: Vec<_> = entries.filter(|path| path.is_dir()).collect();
        assert!(folders.len() >= 4, "{folders:?}");
        for folder in folders {
            let name = folder.file_name().and_then(|name| name.to_str()).unwrap();
            let cells = plan(&Definition::load(name).unwrap_or_else(|error| panic!("{error}")));
            let stored = runs::read(&RunFolder::new(&folder)).unwrap_or_else(|error| panic!("{error}"));
            let planned: Vec<_> = cells.iter().map(Cell::coordinates).collect();
            let stored: Vec<_> = stored.records.memories.into_iter().map(|memory| memory.at).collect();
            assert!(planned == stored, "{name} plans other cells than results/reference/{name} holds");
        }
    }
}
