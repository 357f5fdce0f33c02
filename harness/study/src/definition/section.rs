//! A section is the grid itself, or one of its parts. A part comes with what it takes from the grid around
//! it.

use super::document::KeyPath;
use super::error::{Checked, Fault};
use super::formula::{Formula, Variable};
use super::problem::Problem;
use super::wire::{Grid, Messages};

/// A `Section` is a grid whose product is run, and where its keys stand.
#[derive(Debug)]
pub(super) struct Section {
    /// The keys, those that a part takes from the grid around it included.
    pub(super) grid: Grid,
    /// The part's number; none for the grid itself.
    part: Option<usize>,
    /// The keys that the part gives itself.
    own: Vec<&'static str>,
}

impl Section {
    /// Returns the sections of a grid. They are the grid itself, or its parts where it has any.
    pub(super) fn all(grid: &Grid) -> Checked<Vec<Self>> {
        if grid.part.is_empty() {
            return Ok(vec![Self { grid: grid.clone(), part: None, own: Vec::new() }]);
        }
        grid.part.iter().enumerate().map(|(i, part)| Self::inherited(grid, part, i)).collect()
    }

    fn inherited(around: &Grid, part: &Grid, number: usize) -> Checked<Self> {
        if !part.part.is_empty() {
            let place = KeyPath::default().at("grid").at("part").at(number).at("part");
            return Err(Fault::new(place, Problem::NoEffect { because: "a part has no parts of its own" }));
        }
        let (mut grid, mut own) = (part.clone(), Vec::new());
        macro_rules! inherit {
            ($($key:ident),+) => {$(
                if grid.$key.is_some() { own.push(stringify!($key)) } else { grid.$key = around.$key.clone() }
            )+};
        }
        inherit!(protocols, sources, n, k, steps, corruptions, trials, queries, zip, exclude);
        // Two ways to say one thing: the part's replaces the other of the grid around it.
        if part.noise.is_none() && part.flips.is_none() {
            (grid.noise, grid.flips) = (around.noise.clone(), around.flips.clone());
        }
        if part.m.is_none() && (part.load.is_none() || of_load(around)) {
            grid.m = around.m.clone();
        }
        if part.load.is_none() && (part.m.is_none() || of_load(part)) {
            grid.load = around.load.clone();
        }
        let given = [
            ("noise", part.noise.is_some()),
            ("flips", part.flips.is_some()),
            ("load", part.load.is_some()),
            ("m", part.m.is_some()),
        ];
        own.extend(given.into_iter().filter(|(_, given)| *given).map(|(key, _)| key));
        Ok(Self { grid, part: Some(number), own })
    }

    /// Returns where the section stands.
    pub(super) fn place(&self) -> KeyPath {
        let grid = KeyPath::default().at("grid");
        self.part.map_or(grid.clone(), |part| grid.at("part").at(part))
    }

    /// Returns where its `key` stands. That is in the part, or in the grid around it.
    pub(super) fn key(&self, key: &'static str) -> KeyPath {
        let here = self.part.is_none() || self.own.contains(&key);
        if here { self.place().at(key) } else { KeyPath::default().at("grid").at(key) }
    }

    /// Returns the fault of a key that the section needs and does not have.
    pub(super) fn missing(&self, key: &str) -> Box<Fault> {
        Fault::missing(self.place(), key)
    }
}

/// Whether M is a formula of the load.
fn of_load(grid: &Grid) -> bool {
    let Some(Messages::Formula(text)) = &grid.m else { return false };
    Formula::parse(text, &[Variable::N, Variable::Load]).is_ok_and(|formula| formula.reads(Variable::Load))
}
