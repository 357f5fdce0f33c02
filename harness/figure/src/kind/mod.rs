//! Every kind of figure has a file of its own here, which draws what `study::figure` declares.
//!
//! To add a kind, declare it there, copy `noise.rs`, fill it in and list it below.

mod basins;
mod capacity;
mod cost;
mod curves;
mod difference;
mod heat_map;
mod load;
mod margins;
mod noise;
mod queries_needed;
mod ranking;
mod retrieval;
mod scatter;

use crate::drawing::Drawer;
use study::figure::FigureKind;

/// All drawers, each of another kind.
const DRAWERS: [&dyn Drawer; FigureKind::ALL.len()] = [
    &load::Load,
    &noise::Noise,
    &curves::Curves,
    &retrieval::Retrieval,
    &heat_map::HeatMap,
    &difference::Difference,
    &capacity::Capacity,
    &ranking::Ranking,
    &scatter::Scatter,
    &basins::Basins,
    &margins::Margins,
    &cost::Cost,
    &queries_needed::QueriesNeeded,
];

/// Returns the drawer of a kind.
pub(crate) fn drawer(kind: FigureKind) -> &'static dyn Drawer {
    let found = DRAWERS.into_iter().find(|drawer| drawer.kind() == kind);
    found.expect("a test holds that every kind has a drawer")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_declared_kind_has_a_drawer_and_every_drawer_a_kind() {
        assert_eq!(DRAWERS.map(|drawer| drawer.kind()), FigureKind::ALL);
    }
}
