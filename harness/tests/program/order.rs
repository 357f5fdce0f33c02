//! No number depends on the order in which cells run, nor on how many run at once.

use crate::scratch;
use protocols::Stream;
use run::cost::{CellCost, Model};
use run::sweep::{self, Ending, Options, Order};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use store::RunWriter;
use store::provenance::Provenance;
use study::definition::Definition;
use study::plan::{Cell, plan};

const DEFINITION: &str = include_str!("small.toml");

/// The bytes of the two deterministic tables after a sweep of `cells` in this order.
fn tables(cells: &[Cell], order: Order, threads: usize) -> [Vec<u8>; 2] {
    let shared: Vec<Arc<Cell>> = cells.iter().cloned().map(Arc::new).collect();
    let folder = tempfile::tempdir().unwrap();
    let mut writer = RunWriter::lock(folder.path(), Provenance::collect("order", DEFINITION, 1)).unwrap();
    let options = Options { order, ..Options::on(NonZeroUsize::new(threads).unwrap()) };
    let costs: Vec<f64> = Model::default().costs(cells).into_iter().map(CellCost::total).collect();
    assert_eq!(sweep::run(&shared, &costs, &options, &writer, |_| {}).unwrap(), Ending::Complete);
    let planned: Vec<String> = cells.iter().map(|cell| cell.id.to_string()).collect();
    writer.consolidate(&planned).unwrap();
    scratch::tables(folder.path())
}

fn shuffled(cells: &[Cell], seed: u64) -> Vec<Cell> {
    let mut places: Vec<u32> = (0..cells.len() as u32).collect();
    Stream::named(seed, "shuffle", &[]).choose(&mut places, cells.len());
    places.into_iter().map(|place| cells[place as usize].clone()).collect()
}

#[test]
fn shuffled_cells_on_any_number_of_threads_give_the_same_bytes() {
    let cells = plan(&Definition::parse("order", Path::new("order.toml"), DEFINITION).unwrap());
    let first = tables(&cells, Order::HeaviestFirst, 2);
    for (seed, threads) in [(1, 1), (2, 2), (3, 8)] {
        let cells = shuffled(&cells, seed);
        assert_eq!(tables(&cells, Order::AsGiven, threads), first, "{threads} threads, shuffle {seed}");
    }
    assert_eq!(tables(&cells, Order::TrialByTrial, 2), first);
}
