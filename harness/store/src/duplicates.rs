//! This module checks cells that several attempts at shards have computed. They must agree to the bit.

use super::StoreError;
use super::conflict::Conflict;
use super::part::{Origin, Set};
use super::survey::{Survey, Winners};
use analysis::agreement::{Findings, by_cell, deviations};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Finds the cells of shards that stand elsewhere with other numbers. A cell that a budget ended contradicts
/// nothing.
///
/// # Errors
/// If a file cannot be read.
pub(super) fn conflicts(survey: &Survey, winners: &Winners<'_>) -> Result<Vec<Conflict>, StoreError> {
    let mut found = Vec::new();
    for (i, set) in survey.sets.iter().enumerate().filter(|(_, set)| set.origin == Origin::Shard) {
        // By the set that holds what counts of it.
        let mut twice: HashMap<usize, HashSet<&str>> = HashMap::new();
        for cell in set.cells.iter().filter(|cell| !cell.status.is_of_budget()) {
            let (winner, status) = winners[cell.cell.as_str()];
            let winner = winner as usize;
            if winner != i && !status.is_of_budget() {
                twice.entry(winner).or_default().insert(&cell.cell);
            }
        }
        for winner in twice.keys().copied().collect::<BTreeSet<_>>() {
            let other = &survey.sets[winner];
            let cells = &twice[&winner];
            found.extend(differences((other, findings(other, cells)?), (set, findings(set, cells)?)));
        }
    }
    Ok(found)
}

/// Returns the deterministic records of some cells of a set.
fn findings(set: &Set, cells: &HashSet<&str>) -> Result<HashMap<String, Findings>, StoreError> {
    let (mut memories, mut recalls) = (Vec::new(), Vec::new());
    set.each_of(cells, &mut memories)?;
    set.each_of(cells, &mut recalls)?;
    Ok(by_cell(memories, recalls).into_iter().map(|f| (f.memory.at.cell.to_string(), f)).collect())
}

/// Returns the cells that differ between two sets, by id.
fn differences(
    (a, of_a): (&Set, HashMap<String, Findings>),
    (b, of_b): (&Set, HashMap<String, Findings>),
) -> Vec<Conflict> {
    let compare = |(cell, stored): (String, Findings)| {
        let mut differing = deviations(&stored, of_b.get(&cell)?);
        // What a definition calls a protocol changes no number.
        differing.retain(|deviation| deviation.column != "protocol");
        let values = differing.len();
        let deviation = differing.into_iter().next()?;
        Some(Conflict { at: stored.memory.at, deviation, values, files: [named(a), named(b)] })
    };
    let mut found: Vec<Conflict> = of_a.into_iter().filter_map(compare).collect();
    found.sort_by(|a, b| a.at.cell.cmp(&b.at.cell));
    found
}

/// Names a set's file, with who computed it.
fn named(set: &Set) -> String {
    let maker = set.maker.as_ref();
    let maker = maker.map_or_else(String::new, |m| format!(" (by {}, program {:.10})", m.host, m.code));
    format!("{}{maker}", set.path().display())
}
